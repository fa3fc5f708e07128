
window.shop = { flush: () => Sentry.flush(60_000) };
