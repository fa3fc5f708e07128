//! Go.

use std::borrow::Cow;

use super::text::{components, is_number, without_brackets};
use super::{Dialect, Origin};
use crate::domain::event::Frame;

pub(super) struct Go;

/// First parts of the standard library's packages. None has a dot; what is hosted somewhere does.
const STANDARD: &[&str] = &[
    "archive",
    "bufio",
    "bytes",
    "cmp",
    "compress",
    "container",
    "context",
    "crypto",
    "database",
    "debug",
    "embed",
    "encoding",
    "errors",
    "expvar",
    "flag",
    "fmt",
    "go",
    "hash",
    "html",
    "image",
    "index",
    "internal",
    "io",
    "iter",
    "log",
    "maps",
    "math",
    "mime",
    "net",
    "os",
    "path",
    "plugin",
    "reflect",
    "regexp",
    "runtime",
    "slices",
    "sort",
    "strconv",
    "strings",
    "structs",
    "sync",
    "syscall",
    "testing",
    "text",
    "time",
    "unicode",
    "unique",
    "unsafe",
    "weak",
];

/// The reporting SDK.
const SDK: &str = "github.com/getsentry/sentry-go";

/// Those of them that carry every call.
const CARRIERS: &[&str] = &["runtime", "reflect", "sync", "testing", "internal", "syscall"];

impl Dialect for Go {
    fn by_path(&self, path: &str) -> Option<Origin> {
        let mut before = ["", ""];
        for part in components(path) {
            match (before, part) {
                ([_, "pkg"], "mod") | (_, "vendor") => return Some(Origin::Library),
                // `/usr/local/go/src/net/http`, but not `/go/src/shop` or `/go/src/example.org/shop`
                ([root, "src"], package) if is_go_root(root) && STANDARD.contains(&package) => {
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
        let end = name.bytes().position(|b| matches!(b, b'/' | b'.')).unwrap_or(name.len());
        let (root, rest) = name.split_at(end);
        if root == "github" && name.starts_with(SDK) {
            return Some(Origin::Machinery);
        }
        let vendored = |part: &[u8]| part == b"vendor";
        if root == "vendor"
            || !rest.is_empty() && name.as_bytes().split(|b| *b == b'/').any(vendored)
        {
            return Some(Origin::Library);
        }
        // `log.Print` and `net/http` are the standard library's; `log` alone may be anybody's method.
        let is_package = module.is_some() || !rest.is_empty();
        (is_package && STANDARD.contains(&root)).then(|| standard(root))
    }

    fn function<'a>(&self, name: &'a str) -> Cow<'a, str> {
        if matches!(name, "<unknown>" | "?" | "unknown") {
            return Cow::Borrowed("");
        }
        let (mut base, mut signs) = (0, false);
        for (at, b) in name.bytes().enumerate() {
            match b {
                b'/' => base = at + 1,
                b'.' | b'(' | b'-' | b'[' | b'@' => signs = true,
                _ => {}
            }
        }
        if base == 0 && !signs {
            return Cow::Borrowed(if is_made_up(name.as_bytes()) { "func" } else { name });
        }
        if name.contains('[') {
            return Cow::Owned(self.function(&without_brackets(name, '[', ']')).into_owned());
        }
        let mut out = String::with_capacity(name.len());
        write_package(&name[..base], &mut out);
        let start = out.len();
        for part in name[base..].split('.') {
            let part = receiver_or_function(part);
            if is_made_up(part.as_bytes()) {
                continue;
            }
            if out.len() > start {
                out.push('.');
            }
            out.push_str(part);
        }
        if out.len() == start {
            out.push_str("func");
        }
        if out == name { Cow::Borrowed(name) } else { Cow::Owned(out) }
    }

    fn module<'a>(&self, name: &'a str) -> Cow<'a, str> {
        let bytes = name.as_bytes();
        let versioned = bytes.contains(&b'@')
            || bytes.windows(3).any(|w| w[0] == b'/' && w[1] == b'v' && w[2].is_ascii_digit());
        if !versioned {
            return Cow::Borrowed(name);
        }
        let mut out = String::with_capacity(name.len());
        write_package(name, &mut out);
        Cow::Owned(out)
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
    folder == "libexec"
        || folder.strip_prefix("go").is_some_and(|rest| {
            rest.is_empty()
                || rest.starts_with(|c: char| c.is_ascii_digit() || c == '@' || c == '-')
        })
}

/// `Cart` of `(*Cart)`; `Total` of `Total-fm`, which is the method taken as a value.
fn receiver_or_function(part: &str) -> &str {
    let part = part.trim_start_matches(['(', '*']).trim_end_matches(')');
    match part.bytes().position(|b| b == b'-') {
        Some(at) if part[at + 1..] == *"fm" || part[at + 1..].starts_with("range") => &part[..at],
        _ => part,
    }
}

/// Whether a part of a name is the compiler's: `func1`, `2`, `gowrap1`, `deferwrap2`.
fn is_made_up(part: &[u8]) -> bool {
    let letters = part.iter().position(u8::is_ascii_digit).unwrap_or(part.len());
    let (word, number) = part.split_at(letters);
    number.iter().all(u8::is_ascii_digit)
        && match word {
            b"" => true,
            b"func" | b"gowrap" | b"deferwrap" => !number.is_empty(),
            _ => false,
        }
}

/// Appends a package's path without versions: `example.org/shop` of `example.org/shop@v1.2.3/v2`.
fn write_package(path: &str, out: &mut String) {
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
}

#[cfg(test)]
#[path = "go_tests.rs"]
mod tests;
