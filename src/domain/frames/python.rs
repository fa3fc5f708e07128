//! Python: CPython, PyPy, notebooks.

use std::borrow::Cow;

use super::text::components;
use super::{Dialect, Origin};
use crate::domain::event::Frame;

pub(super) struct Python;

/// Modules of the standard library that carry calls: threads, event loops, the importer.
const CARRIERS: &[&str] =
    &["threading", "asyncio", "concurrent", "importlib", "runpy", "multiprocessing", "contextlib"];

/// Comprehensions were functions of their own before Python 3.12, always within the one that counts.
const COMPREHENSIONS: &[&str] = &["<listcomp>", "<dictcomp>", "<setcomp>", "<genexpr>"];

/// What a nested function's qualified name has between the functions.
const LOCALS: &str = ".<locals>";

impl Dialect for Python {
    fn by_path(&self, path: &str) -> Option<Origin> {
        if path.starts_with("<frozen") || path.starts_with("/var/runtime/") {
            return Some(Origin::Machinery);
        }
        // `lib/python3.12/site-packages` is decided by what follows.
        let standard = !path.contains("-packages");
        let mut before = "";
        for part in components(path) {
            match part {
                "site-packages" | "dist-packages" => return Some(Origin::Library),
                _ if standard && before.eq_ignore_ascii_case("lib") && is_interpreter(part) => {
                    return Some(Origin::Library);
                }
                // `C:\Python312\Lib\asyncio`
                "Lib" if standard && is_interpreter(before) => return Some(Origin::Library),
                _ if is_interpreter(part) && part.ends_with(".zip") => {
                    return Some(Origin::Library);
                }
                _ => {}
            }
            before = part;
        }
        None
    }

    fn by_place(&self, frame: &Frame) -> Option<Origin> {
        let whole = frame.abs_path.as_deref();
        let short = frame.filename.as_deref().filter(|short| whole != Some(*short));
        let place = whole.and_then(|path| self.by_path(path)).or_else(|| self.by_path(short?));
        match place {
            // Within foreign code, what carries every call says less than the rest.
            Some(Origin::Library) if is_carrier(frame) => Some(Origin::Machinery),
            place => place,
        }
    }

    fn by_name(&self, frame: &Frame) -> Option<Origin> {
        let comprehension = frame.function.as_deref().is_some_and(|name| {
            name.ends_with('>') && COMPREHENSIONS.iter().any(|made_up| name.ends_with(made_up))
        });
        (comprehension || is_carrier(frame)).then_some(Origin::Machinery)
    }

    fn function<'a>(&self, name: &'a str) -> Cow<'a, str> {
        if name == "<unknown>" || name == "?" {
            return Cow::Borrowed("");
        }
        let mut name = name;
        while let Some(outer) = COMPREHENSIONS.iter().find_map(|made_up| {
            name.strip_suffix(made_up)?.strip_suffix('.').filter(|outer| !outer.is_empty())
        }) {
            name = outer.strip_suffix(LOCALS).unwrap_or(outer);
        }
        if name.contains(LOCALS) {
            Cow::Owned(name.replace(LOCALS, ""))
        } else {
            Cow::Borrowed(name)
        }
    }

    fn module<'a>(&self, name: &'a str) -> Cow<'a, str> {
        // Every script's module is called that; its file tells which one it is.
        Cow::Borrowed(if name == "__main__" { "" } else { name })
    }
}

/// `python3.12`, `Python312`, `pypy3.10`, `python312.zip`
fn is_interpreter(part: &str) -> bool {
    let lower = part.as_bytes();
    let version = |prefix: &[u8]| {
        lower.len() > prefix.len()
            && lower[..prefix.len()].eq_ignore_ascii_case(prefix)
            && lower[prefix.len()].is_ascii_digit()
    };
    version(b"python") || version(b"pypy")
}

fn is_carrier(frame: &Frame) -> bool {
    let Some(module) = frame.module.as_deref() else { return false };
    let root = module.split('.').next().unwrap_or_default();
    root == "sentry_sdk" || CARRIERS.contains(&root)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::frames::tests::{differ, frame, functions, origins, same};

    #[test]
    fn names_lose_what_the_interpreter_made_up() {
        functions(
            &Python,
            &[
                ("total", "total"),
                ("Cart.total", "Cart.total"),
                ("retry.<locals>.wrapper", "retry.wrapper"),
                ("Cart.total.<locals>.<listcomp>", "Cart.total"),
                ("Cart.total.<locals>.<lambda>", "Cart.total.<lambda>"),
                ("<lambda>", "<lambda>"),
                ("<module>", "<module>"),
                ("<unknown>", ""),
            ],
        );
    }

    #[test]
    fn the_place_tells_whose_code_it_is() {
        origins(
            "python",
            &[
                (frame("total", "shop.cart", "/srv/shop/cart.py"), Origin::App),
                (frame("total", "shop.cart", "C:\\shop\\cart.py"), Origin::App),
                (
                    frame(
                        "send",
                        "requests.adapters",
                        "/srv/venv/lib/python3.12/site-packages/requests/adapters.py",
                    ),
                    Origin::Library,
                ),
                (
                    frame("get", "django.db", "/usr/lib/python3/dist-packages/django/db.py"),
                    Origin::Library,
                ),
                (frame("loads", "json", "/usr/lib/python3.12/json/__init__.py"), Origin::Library),
                (frame("loads", "json", "C:\\Python312\\Lib\\json\\__init__.py"), Origin::Library),
                (frame("run", "threading", "/usr/lib/python3.12/threading.py"), Origin::Machinery),
                (frame("_find_and_load", "", "<frozen importlib._bootstrap>"), Origin::Machinery),
                (
                    frame("capture", "sentry_sdk.hub", "/x/site-packages/sentry_sdk/hub.py"),
                    Origin::Machinery,
                ),
                (frame("<module>", "", "<string>"), Origin::App),
                (frame("python", "shop.lib", "/srv/lib/pythonic/shop.py"), Origin::App),
                (frame("<listcomp>", "shop.cart", "/srv/shop/cart.py"), Origin::Machinery),
            ],
        );
    }

    #[test]
    fn machines_and_deploys_make_no_difference() {
        same(
            "python",
            &[
                frame("total", "", "/home/a/app/cart.py"),
                frame("total", "", "/var/task/cart.py"),
                frame("total", "", "/srv/releases/20261121/cart.py"),
                frame("total", "", "C:\\apps\\shop\\cart.py"),
            ],
        );
        same(
            "python",
            &[
                frame("total", "", "<ipython-input-12-3f9a1c2e>"),
                frame("total", "", "<ipython-input-7-aa0b1c2d>"),
            ],
        );
        differ("python", &frame("main", "__main__", "a.py"), &frame("main", "__main__", "b.py"));
        differ("python", &frame("total", "shop.cart", "a.py"), &frame("total", "shop.tax", "a.py"));
        differ("python", &frame("total", "", "/srv/cart.py"), &frame("total", "", "/srv/tax.py"));
        differ("python", &frame("load", "shop.cart", "a.py"), &frame("save", "shop.cart", "a.py"));
    }
}
