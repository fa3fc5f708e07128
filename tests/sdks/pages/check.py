
sentry_sdk.flush(timeout=60)
