//! JavaScript and TypeScript: browsers, Node, Deno, bundlers.
//!
//! Browsers name one and the same function `OrderService.load`, `load`, `load/<` or `async load`, so
//! only the last part of a name counts.

use std::borrow::Cow;

use super::text::{components, without_count};
use super::{Dialect, Origin};
use crate::domain::event::Frame;

pub(super) struct JavaScript;

/// What stands for a function without a name.
const NAMELESS: &[&str] = &[
    "?",
    "<anonymous>",
    "anonymous",
    "(anonymous)",
    "(anonymous function)",
    "Anonymous function",
    "{anonymous}",
    "global code",
    "module code",
    "eval code",
    "eval",
    "default",
    "<unknown>",
    "null",
    "undefined",
];

/// What engines write before a name.
const BEFORE: &[&str] = &["async ", "new ", "get ", "set ", "bound ", "static ", "function ", "*"];

/// Functions of bundlers and transpilers, wherever they lie.
const HELPERS: &[&str] = &[
    "__webpack_require__",
    "__webpack_modules__",
    "__awaiter",
    "__generator",
    "asyncGeneratorStep",
    "processTicksAndRejections",
    "processImmediate",
    "runMicrotasks",
    "tryCatch",
    "fulfilled",
    "rejected",
    "sentryWrapped",
];

/// Shorter names are a minifier's and change with every build.
const MIN_NAME_BYTES: usize = 3;

impl Dialect for JavaScript {
    fn by_path(&self, path: &str) -> Option<Origin> {
        if path.starts_with("node:")
            || path.starts_with("internal/")
            || path.starts_with("ext:")
            || matches!(path, "<anonymous>" | "native" | "[native code]" | "native code")
            || path.starts_with("webpack")
                && (path.contains("webpack/bootstrap") || path.contains("webpack/runtime/"))
        {
            return Some(Origin::Machinery);
        }
        let mut place = None;
        for (index, part) in components(path).enumerate() {
            match part {
                scheme if index == 0 && scheme.ends_with("-extension:") => {
                    return Some(Origin::Library);
                }
                "@sentry" | "@sentry-internal" => return Some(Origin::Machinery),
                "node_modules" | "~" | "bower_components" | ".yarn" | "__virtual__"
                | "jspm_packages" => {
                    place = Some(Origin::Library);
                }
                "(webpack)" => return Some(Origin::Machinery),
                _ => {}
            }
        }
        place
    }

    fn by_name(&self, frame: &Frame) -> Option<Origin> {
        let name = frame.function.as_deref()?;
        let name = name.strip_prefix("async ").unwrap_or(name);
        let last = name.rsplit('.').next().unwrap_or(name);
        HELPERS.contains(&last).then_some(Origin::Machinery)
    }

    fn function<'a>(&self, name: &'a str) -> Cow<'a, str> {
        Cow::Borrowed(last_name(name))
    }

    fn module<'a>(&self, name: &'a str) -> Cow<'a, str> {
        // Senders make modules from file names: the same hashes are in them.
        let base = name.rfind(['/', ':']).map_or(0, |at| at + 1);
        if name[base..].contains(['.', '-', '~']) {
            let mut out = name[..base].to_owned();
            super::path::write_bundled(&name[base..], &mut out);
            return Cow::Owned(out);
        }
        Cow::Borrowed(name)
    }
}

fn last_name(name: &str) -> &str {
    // Nearly all names are letters and dots.
    if name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.') {
        let last = name.rsplit('.').next().unwrap_or_default();
        return if last.len() < MIN_NAME_BYTES || NAMELESS.contains(&last) { "" } else { last };
    }
    let mut name = name;
    loop {
        let before = name;
        // `Object.load [as handler]`
        name = name.split(" [as ").next().unwrap_or_default().trim();
        for prefix in BEFORE {
            name = name.strip_prefix(prefix).unwrap_or(name).trim_start();
        }
        // Firefox: `load/<` is a function without a name in `load`, `a/b</<` one in it.
        if let Some(at) = name.find("/<").or_else(|| name.find("</")) {
            name = &name[..at];
        }
        if !name.starts_with('<') {
            name = name.trim_end_matches('<');
        }
        name = name.split(" (").next().unwrap_or_default().trim();
        // `Module../src/cart.js` is a module's own function, `eval at run` what was evaluated.
        if name.contains('/') || name.starts_with("eval at ") || NAMELESS.contains(&name) {
            return "";
        }
        name = name.rsplit('.').next().unwrap_or_default();
        name = without_count(name, "$");
        if name == before {
            break;
        }
    }
    // `_callee2$` is what a transpiled generator calls every function.
    let callee = name
        .strip_prefix("_callee")
        .is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit() || b == b'$'));
    if name.len() < MIN_NAME_BYTES || callee { "" } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::frames::tests::{differ, frame, functions, modules, origins, same};

    #[test]
    fn one_function_has_one_name_in_every_engine() {
        functions(
            &JavaScript,
            &[
                ("load", "load"),
                ("async load", "load"),
                ("OrderService.load", "load"),
                ("Object.load [as handler]", "load"),
                ("async OrderService.load", "load"),
                ("OrderService.prototype.load", "load"),
                ("new OrderService", "OrderService"),
                ("load/<", "load"),
                ("load/</<", "load"),
                ("load$1", "load"),
                ("#load", "#load"),
                ("Object.<anonymous>", ""),
                ("<anonymous>", ""),
                ("?", ""),
                ("eval", ""),
                ("eval at run (app.js:1:2)", ""),
                ("Module../src/cart.js", ""),
                ("./src/cart.js/__webpack_exports__.default", ""),
                ("_callee2$", ""),
                ("t", ""),
                ("Xe", ""),
            ],
        );
    }

    #[test]
    fn modules_lose_what_bundlers_made_up() {
        modules(
            &JavaScript,
            &[
                ("app.orders:cart", "app.orders:cart"),
                ("static/js/main.3f9a1c2e", "static/js/main"),
                ("chunk-ABC123", "chunk"),
                ("cart", "cart"),
            ],
        );
    }

    #[test]
    fn the_place_tells_whose_code_it_is() {
        origins(
            "node",
            &[
                (frame("load", "", "/srv/shop/src/cart.js"), Origin::App),
                (frame("load", "", "webpack:///./src/cart.ts"), Origin::App),
                (frame("load", "", "https://shop.example/static/js/main.3f9a1c2e.js"), Origin::App),
                (
                    frame("handle", "", "/srv/shop/node_modules/express/lib/router.js"),
                    Origin::Library,
                ),
                (
                    frame("handle", "", "webpack:///./node_modules/react-dom/index.js"),
                    Origin::Library,
                ),
                (frame("handle", "", "webpack:///./~/react/index.js"), Origin::Library),
                (frame("handle", "", "chrome-extension://abcdef/inject.js"), Origin::Library),
                (
                    frame("wrap", "", "/srv/shop/node_modules/@sentry/node/index.js"),
                    Origin::Machinery,
                ),
                (
                    frame("Module._compile", "", "node:internal/modules/cjs/loader"),
                    Origin::Machinery,
                ),
                (frame("emit", "", "internal/process/promises.js"), Origin::Machinery),
                (frame("Array.map", "", "<anonymous>"), Origin::Machinery),
                (
                    frame("__webpack_require__", "", "webpack:///webpack/bootstrap"),
                    Origin::Machinery,
                ),
                (
                    frame("process.processTicksAndRejections", "", "task_queues.js"),
                    Origin::Machinery,
                ),
            ],
        );
    }

    #[test]
    fn builds_and_hosts_make_no_difference() {
        for bundles in [
            &[
                "https://a.example/js/main.3f9a1c2e.js",
                "https://cdn.b.example/v7/main.00ffee11.js?v=3",
            ][..],
            &["app:///chunk-ABC123.js", "app:///chunk-5OBPVDLE.js", "app:///chunk-QWERTYUI.js"],
            &[
                "https://a.example/assets/index-BdH3f9Qx.js",
                "https://a.example/assets/index-D-k_7wQp.js",
            ],
            &["https://a.example/123.a1b2c3d4.chunk.js", "https://a.example/7.00b2c3d4.chunk.js"],
            &[
                "https://a.example/_next/static/chunks/4bd1b696-f785427dddbba9fb.js",
                "https://a.example/_next/static/chunks/9ad1b6a6-0785427dddbba9fb.js",
            ],
            &[
                "https://a.example/_next/static/chunks/pages/_app-3f9a1c2e5b.js",
                "https://a.example/_next/static/chunks/pages/_app-00aa1c2e5b.js",
            ],
            &[
                "webpack:///./src/cart.vue?a1b2",
                "webpack:///./src/cart.vue",
                "webpack:///src/cart.vue?77",
            ],
            &["webpack://shop/./src/cart.ts", "webpack:///src/cart.ts", "./src/cart.ts"],
            &["/home/a/app/server.js", "/var/task/server.js", "file:///C:/shop/server.js"],
        ] {
            let frames: Vec<_> = bundles.iter().map(|path| frame("load", "", path)).collect();
            same("javascript", &frames);
        }
        for (a, b) in [
            ("app:///main.js", "app:///vendor.js"),
            ("webpack:///./src/orders/index.js", "webpack:///./src/users/index.js"),
            ("https://a.example/order-list.js", "https://a.example/order-view.js"),
            ("https://a.example/checkout.js", "https://a.example/overview.js"),
            ("https://a.example/orderListView.js", "https://a.example/orderEditView.js"),
        ] {
            differ("javascript", &frame("load", "", a), &frame("load", "", b));
        }
        differ("javascript", &frame("load", "", "a.js"), &frame("save", "", "a.js"));
    }
}
