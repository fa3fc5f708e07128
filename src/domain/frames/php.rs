//! PHP.

use std::borrow::Cow;

use super::text::{components, is_hex};
use super::{Dialect, Origin};
use crate::domain::event::Frame;

pub(super) struct Php;

/// What a function without a name is called.
const CLOSURE: &str = "{closure}";

/// What an anonymous class is called; the rest of its name is a file and a number.
const ANONYMOUS: &str = "@anonymous";

/// The namespace of an entity's proxy, before the entity's own name.
const PROXY: &str = "__CG__\\";

impl Dialect for Php {
    fn by_path(&self, path: &str) -> Option<Origin> {
        if path.starts_with("[internal]") || path.starts_with("<internal") {
            return Some(Origin::Machinery);
        }
        if path.starts_with("phar://") || path.starts_with("/usr/share/php") {
            return Some(Origin::Library);
        }
        let mut place = None;
        for part in components(path) {
            match (place, part) {
                (None, "vendor" | "wp-includes" | "wp-admin") => place = Some(Origin::Library),
                (Some(_), "sentry") => return Some(Origin::Machinery),
                _ => {}
            }
        }
        place
    }

    fn by_name(&self, frame: &Frame) -> Option<Origin> {
        let name = frame.function.as_deref()?.trim_start_matches('\\');
        (name.starts_with("Sentry\\")).then_some(Origin::Machinery)
    }

    fn function<'a>(&self, name: &'a str) -> Cow<'a, str> {
        let name = name.trim_start_matches('\\');
        if matches!(name, "<unknown>" | "?") {
            return Cow::Borrowed("");
        }
        if !name.contains(['{', '@', '_', '\0']) && !name.starts_with("Container") {
            return Cow::Borrowed(name);
        }
        if let Some(enclosing) = enclosing(name) {
            return Cow::Owned(self.function(enclosing).into_owned());
        }
        let (class, method) = match name.rsplit_once("::") {
            Some((class, method)) => (Some(class), method),
            None => (None, name),
        };
        // A closure is named with its namespace: `App\Cart::App\{closure}`.
        let method = if method.ends_with(CLOSURE) { CLOSURE } else { method };
        match class {
            Some(class) => Cow::Owned([&*clean_class(class), "::", method].concat()),
            None if method == CLOSURE => Cow::Owned(name.to_owned()),
            None => Cow::Owned(clean_class(method).into_owned()),
        }
    }

    fn error_type<'a>(&self, name: &'a str) -> Cow<'a, str> {
        clean_class(name)
    }

    fn is_qualified(&self, function: &str) -> bool {
        // What lies in no class and no namespace may be in any file.
        (function.contains("::") || function.contains('\\')) && !function.starts_with(CLOSURE)
    }

    fn joint(&self) -> &'static str {
        "::"
    }
}

/// Since PHP 8.4 a closure's name says where it is: `{closure:App\Cart::total():12}`.
fn enclosing(name: &str) -> Option<&str> {
    let inner = &name[name.rfind("{closure:")? + "{closure:".len()..];
    let inner = inner.strip_suffix('}').unwrap_or(inner);
    let own = inner.rsplit_once(':').map_or(inner, |(own, line)| {
        if line.bytes().all(|b| b.is_ascii_digit()) { own } else { inner }
    });
    // A closure at the top of a file is named by the file alone.
    let own = own.strip_suffix("()").unwrap_or(own).trim_end_matches(':');
    (!own.starts_with('/') && !own.is_empty() && !own.contains('{')).then_some(own)
}

/// A class without the file of an anonymous one, proxies and hashes.
fn clean_class(name: &str) -> Cow<'_, str> {
    let mut name = name.trim_start_matches('\\');
    if let Some(at) = name.find(ANONYMOUS) {
        name = &name[..at + ANONYMOUS.len()];
    }
    if let Some(at) = name.find(PROXY) {
        name = &name[at + PROXY.len()..];
    }
    name = name.split('\0').next().unwrap_or_default();
    // `ContainerAbc12De\getCartService`: a compiled container is named anew at every deploy.
    if let Some((container, rest)) = name.split_once('\\')
        && container.len() == "Container".len() + 7
        && container.starts_with("Container")
    {
        return Cow::Owned(["Container\\", rest].concat());
    }
    // `__TwigTemplate_3f9a1c2e…`
    if let Some((template, hash)) = name.rsplit_once('_')
        && is_hex(hash, 16)
    {
        return Cow::Borrowed(template);
    }
    Cow::Borrowed(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::frames::tests::{differ, frame, functions, origins, same};

    #[test]
    fn functions_lose_what_was_made_up() {
        functions(
            &Php,
            &[
                ("App\\Cart::total", "App\\Cart::total"),
                ("\\App\\Cart::total", "App\\Cart::total"),
                ("App\\Cart::App\\{closure}", "App\\Cart::{closure}"),
                ("App\\{closure}", "App\\{closure}"),
                ("{closure}", "{closure}"),
                ("{closure:App\\Cart::total():12}", "App\\Cart::total"),
                ("App\\Cart::{closure:App\\Cart::total():12}", "App\\Cart::total"),
                ("class@anonymous\0/var/www/cart.php:12$0::handle", "class@anonymous::handle"),
                ("App\\Job@anonymous /var/www/cart.php:12$0::handle", "App\\Job@anonymous::handle"),
                ("Proxies\\__CG__\\App\\Entity\\User::getName", "App\\Entity\\User::getName"),
                ("ContainerAbc12De\\getCartService::do", "Container\\getCartService::do"),
                ("__TwigTemplate_3f9a1c2e00aa11bb22cc::doDisplay", "__TwigTemplate::doDisplay"),
                ("array_map", "array_map"),
            ],
        );
    }

    #[test]
    fn the_place_tells_whose_code_it_is() {
        origins(
            "php",
            &[
                (frame("App\\Cart::total", "", "/var/www/shop/src/Cart.php"), Origin::App),
                (
                    frame("handle", "", "/var/www/shop/vendor/laravel/framework/Pipeline.php"),
                    Origin::Library,
                ),
                (frame("do_action", "", "/var/www/wp-includes/plugin.php"), Origin::Library),
                (frame("array_map", "", "[internal]"), Origin::Machinery),
                (
                    frame("capture", "", "/var/www/vendor/sentry/sentry/src/Hub.php"),
                    Origin::Machinery,
                ),
                (frame("App\\Cart::total", "", "/srv/vendors/src/Cart.php"), Origin::App),
            ],
        );
    }

    #[test]
    fn deploys_make_no_difference() {
        same(
            "php",
            &[
                frame(
                    "",
                    "",
                    "/var/www/storage/framework/views/3f9a1c2e00aa11bb22cc33dd44ee55ff66778899.php",
                ),
                frame(
                    "",
                    "",
                    "/srv/storage/framework/views/0f9a1c2e00aa11bb22cc33dd44ee55ff66778800.php",
                ),
            ],
        );
        same(
            "php",
            &[
                frame("render", "", "/var/www/releases/12/cart.php"),
                frame("render", "", "/home/a/shop/cart.php"),
            ],
        );
        differ("php", &frame("App\\Cart::total", "", ""), &frame("App\\Cart::tax", "", ""));
        differ("php", &frame("render", "", "/a/cart.php"), &frame("render", "", "/a/tax.php"));
    }
}
