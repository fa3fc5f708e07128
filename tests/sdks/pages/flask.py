
app.test_client().get("/andon-test")
sentry_sdk.flush(timeout=60)
