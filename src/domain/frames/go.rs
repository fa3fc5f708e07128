//! Go.

use std::borrow::Cow;

use super::text::{components, is_number, is_within, without_brackets};
use super::{Dialect, Origin};
use crate::domain::event::Frame;

pub(super) struct Go;

/// First parts of the standard library's packages. None has a dot; what is hosted somewhere does.
const STANDARD: &[&str] = &[
    "archive", "bufio", "bytes", "cmp", "compress", "container", "context", "crypto", "database",
    "debug", "embed", "encoding", "errors", "expvar", "flag", "fmt", "go", "hash", "html", "image",
    "index", "internal", "io", "iter", "log", "maps", "math", "mime", "net", "os", "path", "plugin",
    "reflect", "regexp", "runtime", "slices", "sort", "strconv", "strings", "structs", "sync",
    "syscall", "testing", "text", "time", "unicode", "unique", "unsafe", "weak",
];

/// Those of them that carry every call.
const CARRIERS: &[&str] = &["runtime", "reflect", "sync", "testing", "internal", "syscall"];

impl Dialect for Go {
    fn by_path(&self, path: &str) -> Option<Origin> {
        let mut before = ["", ""];
        for part in components(path) {
            match (before, part) {
                ([_, "pkg"], "mod") | (_, "vendor") => return Some(Origin::Library),
                // `/usr/local/go/src/net/http`, but not `/go/src/shop` or `/go/src/example.org/shop`
                ([root, "src"], package)
                    if is_go_root(root) && STANDARD.contains(&package) =>
                {
                    return Some(standard(package));
                }
                _ => {}
            }
            before = [before[1], part];
        }
        None
    }

    fn by_name(&self, frame: &Frame) -> Option<Origin> {
        let module = frame.module.as_deref().filter(|name| !name.is_empty());
        let name = module.or(frame.function.as_deref())?;
        if is_within(name, "github.com/getsentry/sentry-go", "/") || name.starts_with("github.com/getsentry/sentry-go.") {
            return Some(Origin::Machinery);
        }
        if name.contains("/vendor/") || name.starts_with("vendor/") {
            return Some(Origin::Library);
        }
        let (root, rest) = match name.find(['/', '.']) {
            Some(at) => name.split_at(at),
            None => (name, ""),
        };
        // `log.Print` and `net/http` are the standard library's; `log` alone may be anybody's method.
        let is_package = module.is_some() || !rest.is_empty();
        (is_package && STANDARD.contains(&root)).then(|| standard(root))
    }

    fn function<'a>(&self, name: &'a str) -> Cow<'a, str> {
        if matches!(name, "<unknown>" | "?" | "unknown") {
            return Cow::Borrowed("");
        }
        let generic = name.contains('[');
        let base = name.rfind('/').map_or(0, |at| at + 1);
        if !generic && base == 0 && !name.contains(['.', '(', '-']) {
            return Cow::Borrowed(if is_made_up(name) { "func" } else { name });
        }
        let name = if generic { without_brackets(name, '[', ']') } else { name.to_owned() };
        let base = name.rfind('/').map_or(0, |at| at + 1);
        let mut out = package(&name[..base]);
        let mut first = true;
        for part in name[base..].split('.') {
            // `(*Cart)` is `Cart`; `Total-fm` is `Total` taken as a value.
            let part = part.trim_start_matches(['(', '*']).trim_end_matches(')');
            let part = part.split_once('-').map_or(part, |(own, made)| match made {
                "fm" => own,
                _ if made.starts_with("range") => own,
                _ => part,
            });
            if is_made_up(part) {
                continue;
            }
            if !first {
                out.push('.');
            }
            out.push_str(part);
            first = false;
        }
        if first {
            out.push_str("func");
        }
        Cow::Owned(out)
    }

    fn module<'a>(&self, name: &'a str) -> Cow<'a, str> {
        Cow::Owned(package(name))
    }

    fn is_qualified(&self, function: &str) -> bool {
        function.contains('.')
    }
}

fn standard(package: &str) -> Origin {
    if CARRIERS.contains(&package) { Origin::Machinery } else { Origin::Library }
}

/// `go`, `go1.22.1`, `libexec`: folders that hold a Go of one's own under `src`.
fn is_go_root(folder: &str) -> bool {
    folder == "libexec" || folder.strip_prefix("go").is_some_and(|rest| {
        rest.is_empty() || rest.starts_with(|c: char| c.is_ascii_digit() || c == '@' || c == '-')
    })
}

/// Whether a part of a name is the compiler's: `func1`, `2`, `gowrap1`, `deferwrap2`, `glob`.
fn is_made_up(part: &str) -> bool {
    part.is_empty()
        || is_number(part)
        || ["func", "gowrap", "deferwrap"]
            .iter()
            .any(|word| part.strip_prefix(word).is_some_and(is_number))
}

/// A package's path without versions: `example.org/shop` of `example.org/shop@v1.2.3/v2`.
fn package(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for (index, part) in path.split('/').enumerate() {
        let major = part.strip_prefix('v').is_some_and(is_number);
        if index > 0 && major {
            continue;
        }
        if index > 0 {
            out.push('/');
        }
        out.push_str(part.split('@').next().unwrap_or_default());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::frames::tests::{differ, frame, functions, modules, origins, same};

    #[test]
    fn functions_lose_what_the_compiler_made_up() {
        functions(
            &Go,
            &[
                ("Total", "Total"),
                ("(*Cart).Total", "Cart.Total"),
                ("Cart.Total", "Cart.Total"),
                ("Total.func1", "Total"),
                ("Total.func1.2", "Total"),
                ("Total.func2.Round.func1", "Total.Round"),
                ("Total.gowrap1", "Total"),
                ("Total.deferwrap2", "Total"),
                ("(*Cart).Total-fm", "Cart.Total"),
                ("Total-range1", "Total"),
                ("Map[...]", "Map"),
                ("Map[go.shape.int].func1", "Map"),
                ("glob..func1", "glob"),
                ("init.0", "init"),
                ("func1", "func"),
                ("main.main.func1", "main.main"),
                ("github.com/acme/shop/v2/cart.(*Cart).Total.func1", "github.com/acme/shop/cart.Cart.Total"),
                ("github.com/acme/shop@v1.2.3/cart.Total", "github.com/acme/shop/cart.Total"),
            ],
        );
        modules(
            &Go,
            &[
                ("github.com/acme/shop/v2/cart", "github.com/acme/shop/cart"),
                ("github.com/acme/shop@v1.2.3", "github.com/acme/shop"),
                ("main", "main"),
            ],
        );
    }

    #[test]
    fn place_and_package_tell_whose_code_it_is() {
        origins(
            "go",
            &[
                (frame("Total", "github.com/acme/shop/cart", "/srv/shop/cart/cart.go"), Origin::App),
                (frame("main", "main", "/go/src/app/main.go"), Origin::App),
                (frame("Total", "example.org/shop", "/home/a/go/src/example.org/shop/cart.go"), Origin::App),
                (frame("Total", "shop/log", "/srv/shop/log/log.go"), Origin::App),
                (frame("Query", "github.com/lib/pq", "/go/pkg/mod/github.com/lib/pq@v1.10.9/conn.go"), Origin::Library),
                (frame("Query", "github.com/lib/pq", "/srv/shop/vendor/github.com/lib/pq/conn.go"), Origin::Library),
                (frame("Serve", "net/http", "/usr/local/go/src/net/http/server.go"), Origin::Library),
                (frame("Serve", "net/http", ""), Origin::Library),
                (frame("gopanic", "runtime", "/usr/local/go1.22.1/src/runtime/panic.go"), Origin::Machinery),
                (frame("runtime.goexit", "", ""), Origin::Machinery),
                (frame("Recover", "github.com/getsentry/sentry-go", ""), Origin::Machinery),
            ],
        );
    }

    #[test]
    fn versions_and_closures_make_no_difference() {
        same(
            "go",
            &[
                frame("(*Cart).Total.func1", "github.com/acme/shop/cart", "/a/cart.go"),
                frame("(*Cart).Total", "github.com/acme/shop/v3/cart", "/b/cart.go"),
                frame("github.com/acme/shop/cart.(*Cart).Total.func2.1", "", "/c/cart.go"),
            ],
        );
        differ("go", &frame("Load", "main", ""), &frame("Save", "main", ""));
        differ(
            "go",
            &frame("Get", "github.com/acme/shop/cart", ""),
            &frame("Get", "github.com/acme/shop/tax", ""),
        );
    }
}
