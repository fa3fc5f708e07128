// What a Node application reports. `app.mjs CASE` runs one of the functions below.

import * as Sentry from "@sentry/node";

// DSN, release and environment come from SENTRY_DSN, SENTRY_RELEASE and SENTRY_ENVIRONMENT.
// The last one is how long it may take at the end, on a busy machine.
Sentry.init({ serverName: "till-3", attachStacktrace: true, shutdownTimeout: 60_000 });

class OrderError extends Error {
  name = "OrderError";
}

function price(name) {
  const article = { apfel: { cents: 30 } }[name];
  return article.cents;
}

function total(order) {
  try {
    return order.reduce((sum, name) => sum + price(name), 0);
  } catch (cause) {
    throw new OrderError("Bestellung unlesbar: 🥨 ‘naïve’ \u202e\t", {
      cause: new TypeError("kein Preis", { cause }),
    });
  }
}

function setScope() {
  Sentry.setUser({ id: "ü-17", username: "Zoë", shop: { city: "Köln" } });
  Sentry.setTag("till", 3);
  Sentry.setTag("größe", "groß 🦀");
  Sentry.setContext("order", { lines: ["naïve-1"], gift: null });
  Sentry.setExtra("raw", [1, 2.5, "三", null, true]);
  Sentry.addBreadcrumb({
    category: "cart",
    message: "opened 🛒",
    level: "info",
    data: { lines: 3, ok: true },
  });
  console.log("few left: %s", "brötchen");
  const scope = Sentry.getIsolationScope();
  const bytes = Uint8Array.from({ length: 258 }, (_, i) => (i < 256 ? i : 10));
  scope.addAttachment({ filename: "alle bytes.bin", data: bytes });
  scope.addAttachment({ filename: "gruß.txt", data: "Grüße 🦀\n", contentType: "text/plain" });
}

const cases = {
  async everything() {
    setScope();
    try {
      total(["apfel", "birne"]);
    } catch (error) {
      Sentry.captureException(error);
    }
    Sentry.captureMessage("Das Lager ist leer 🦀", "warning");
    const many = [new RangeError("eins"), new OrderError("zwei")];
    Sentry.captureException(new AggregateError(many, "two at once"));
    await Sentry.flush(60_000);
  },

  async secrets() {
    Sentry.setTag("auth", "Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxNyJ9.c2lnbmF0dXJlLXNpZ25hdHVyZQ");
    Sentry.setExtra("form", { name: "Zoë", iban_password: "hunter" + 2, count: 2 });
    Sentry.captureMessage("Zoë paid with 4111 1111 1111 1111 at till 3");
    await Sentry.flush(60_000);
  },

  unhandled() {
    setScope();
    setTimeout(() => total(["birne"]));
  },

  rejection() {
    setScope();
    Promise.reject(new OrderError("nobody waits for this"));
  },
};

await cases[process.argv[2]]();
