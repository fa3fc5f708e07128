"""The client from before `sentry-sdk`, which applications still have: it posts to /store/."""

import os

from raven import Client
from raven.transport.http import HTTPTransport

# One after the other, and with more patience than its one second.
client = Client(os.environ["SENTRY_DSN"] + "?timeout=60", transport=HTTPTransport)
client.user_context({"id": "ü-17", "username": "Zoë"})
client.tags_context({"till": "3"})
client.extra_context({"lines": [1, "三", None]})
client.captureBreadcrumb(category="cart", message="opened 🛒", level="info", data={"lines": 3})
try:
    int("zwölf")
except ValueError:
    client.captureException()
client.captureMessage("Das Lager ist leer 🦀", level="warning")
