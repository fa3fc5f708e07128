// What a page reports. The test serves `config.js`, which sets `window.andon`, and calls `window.shop`.

import * as Sentry from "@sentry/browser";

Sentry.init({ release: "shop@0123abc", environment: "test", ...window.andon });

class OrderError extends Error {
  name = "OrderError";
}

function total(order) {
  try {
    return order.map((article) => article.price.cents);
  } catch (cause) {
    throw new OrderError("Bestellung unlesbar: 🥨 ‘naïve’", { cause });
  }
}

window.shop = {
  setScope() {
    Sentry.setUser({ id: "ü-17", username: "Zoë" });
    Sentry.setTag("till", 3);
    Sentry.setContext("order", { lines: ["naïve-1"], gift: null });
    console.warn("few left: brötchen");
    const bytes = Uint8Array.from({ length: 258 }, (_, i) => (i < 256 ? i : 10));
    Sentry.getIsolationScope().addAttachment({ filename: "alle bytes.bin", data: bytes });
  },
  caught() {
    try {
      total([{}]);
    } catch (error) {
      Sentry.captureException(error);
    }
  },
  message() {
    Sentry.captureMessage("Das Lager ist leer 🦀", "warning");
  },
  rejected() {
    Promise.reject(new OrderError("nobody waits for this"));
  },
  async flush() {
    return Sentry.flush(60_000);
  },
};

document.getElementById("buy").addEventListener("click", function buy() {
  throw new OrderError("nobody catches this");
});
