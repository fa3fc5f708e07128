// The client from before `@sentry/node`, which applications still have: it posts to /store/.

const Raven = require("raven");

Raven.config(process.env.SENTRY_DSN, { autoBreadcrumbs: false, captureUnhandledRejections: false });
Raven.install();
Raven.setContext({ user: { id: "ü-17", username: "Zoë" }, tags: { till: "3" } });
Raven.captureBreadcrumb({ category: "cart", message: "opened 🛒", level: "info", data: { lines: 3 } });
Raven.captureException(new Error("Bestellung unlesbar"));
Raven.captureMessage("Das Lager ist leer 🦀", { level: "warning" });
