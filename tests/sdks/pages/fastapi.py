
import asyncio


async def visit(path):
    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message):
        pass

    await app(
        {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "root_path": "",
            "query_string": b"",
            "headers": [(b"host", b"shop.example")],
            "client": ("127.0.0.1", 1),
            "server": ("shop.example", 80),
        },
        receive,
        send,
    )


try:
    asyncio.run(visit("/andon-test"))
except RuntimeError:
    # A server would answer 500.
    pass
sentry_sdk.flush(timeout=60)
