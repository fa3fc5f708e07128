"""What a Python application reports. `app.py CASE` runs one of the functions below."""

import logging
import sys
import threading

import sentry_sdk

# DSN, release and environment come from SENTRY_DSN, SENTRY_RELEASE and SENTRY_ENVIRONMENT.
# The last one is how long it may take at the end, on a busy machine.
sentry_sdk.init(server_name="till-3", attach_stacktrace=True, shutdown_timeout=60)


class OrderError(Exception):
    pass


def price(articles, name):
    return articles[name]


def total(order):
    articles = {"apfel": 30, "brötchen 🥨": 45}
    try:
        return sum(price(articles, name) for name in order)
    except KeyError as missing:
        try:
            # Raised while another is handled, and not because of it.
            int("zwölf")
        except ValueError as number:
            raise OrderError("Bestellung unlesbar: 🥨 ‘naïve’ \u202e\t") from number


def set_scope():
    scope = sentry_sdk.get_isolation_scope()
    scope.set_user({"id": "ü-17", "username": "Zoë", "shop": {"city": "Köln"}})
    sentry_sdk.set_tag("till", 3)
    sentry_sdk.set_tag("größe", "groß 🦀")
    sentry_sdk.set_context("order", {"lines": [{"sku": "naïve-1", "count": 2}], "gift": None})
    sentry_sdk.set_extra("raw", {"deep": [1, 2.5, "三", None, True, {"a": []}]})
    sentry_sdk.add_breadcrumb(
        category="cart", message="opened 🛒", level="info", data={"lines": 3, "ok": True}
    )
    logging.getLogger("shop.stock").warning("few left: %s", "brötchen")
    scope.add_attachment(bytes=bytes(range(256)) + b"\n\n", filename="alle bytes.bin")
    scope.add_attachment(bytes="Grüße 🦀\n".encode(), filename="gruß.txt", content_type="text/plain")


def everything():
    set_scope()
    try:
        total(["apfel", "birne"])
    except OrderError:
        sentry_sdk.capture_exception()
    sentry_sdk.capture_message("Das Lager ist leer 🦀", level="warning")
    logging.getLogger("shop.orders").error("order %s has no address", "A-7")


def group():
    try:
        raise ExceptionGroup("two at once", [ValueError("eins"), OrderError("zwei")])
    except ExceptionGroup:
        sentry_sdk.capture_exception()


def secrets():
    sentry_sdk.set_tag("auth", "Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxNyJ9.c2lnbmF0dXJlLXNpZ25hdHVyZQ")
    sentry_sdk.set_extra("form", {"name": "Zoë", "iban_password": "hunter" + "2", "count": 2})
    sentry_sdk.capture_message("Zoë paid with 4111 1111 1111 1111 at till 3")


def threads():
    def pick():
        sentry_sdk.add_breadcrumb(category="pick", message="started")
        raise RuntimeError("the shelf is empty")

    picker = threading.Thread(target=pick, name="picker")
    picker.start()
    picker.join()


def session():
    scope = sentry_sdk.get_isolation_scope()
    scope.start_session(session_mode="application")
    scope.end_session()
    with sentry_sdk.start_transaction(op="task", name="count the stock"):
        pass


def unhandled():
    set_scope()
    sentry_sdk.get_isolation_scope().start_session(session_mode="application")
    total(["apfel", "birne"])


def flask():
    from flask import Flask, request

    shop = Flask("shop")

    @shop.post("/orders/<number>")
    def order(number):
        return {"total": total(request.get_json()["articles"])}

    @shop.get("/")
    def index():
        return "open"

    client = shop.test_client()
    client.get("/")
    client.post(
        "/orders/7?from=küche",
        json={"articles": ["birne"]},
        headers={"X-Till": "3", "Cookie": "a=b"},
    )


globals()[sys.argv[1]]()
