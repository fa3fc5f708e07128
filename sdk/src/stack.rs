//! The way that led here. Where an error is captured only addresses are taken, which costs microseconds;
//! what functions and lines they are is looked up later, on the SDK's own thread, and remembered.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::protocol::{Frame, Stacktrace};

/// Calls of a stack that are kept, the innermost ones.
const MAX_FRAMES: usize = 128;

/// Addresses whose names are remembered. Beyond that all are forgotten and looked up anew.
const MAX_KNOWN: usize = 20_000;

/// Return addresses, the innermost call first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct RawStack(Vec<usize>);

impl RawStack {
    /// The stack of this thread, now.
    #[inline(never)]
    pub(crate) fn of_here() -> Self {
        let mut addresses = Vec::with_capacity(48);
        walk(|address| {
            addresses.push(address);
            addresses.len() < MAX_FRAMES
        });
        Self(addresses)
    }
}

/// Calls with each return address until told to stop.
#[cfg(unix)]
fn walk(mut take: impl FnMut(usize) -> bool) {
    #[expect(
        unsafe_code,
        reason = "the unwinder of Unix systems needs no lock; the locked way would wait for the thread \
                  that looks names up, for a tenth of a second the first time"
    )]
    // SAFETY: it is unsafe because nothing keeps two threads from walking at once, which only Windows'
    // dbghelp cannot bear: here it is `_Unwind_Backtrace`, which keeps no state between calls.
    unsafe {
        backtrace::trace_unsynchronized(|frame| take(frame.ip() as usize));
    }
}

#[cfg(not(unix))]
fn walk(mut take: impl FnMut(usize) -> bool) {
    backtrace::trace(|frame| take(frame.ip() as usize));
}

/// Stacks that are remembered as they are sent: an error that comes again and again comes from one place.
/// Beyond that all are forgotten and made anew.
const MAX_STACKS: usize = 64;

/// Names of addresses.
#[derive(Debug, Default)]
pub(crate) struct Names {
    known: Mutex<HashMap<usize, Arc<[Frame]>>>,
    stacks: Mutex<HashMap<RawStack, Arc<[u8]>>>,
}

impl Names {
    /// The calls of a stack as JSON.
    pub(crate) fn json(&self, raw: RawStack) -> serde_json::Result<Arc<[u8]>> {
        let stacks = || self.stacks.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(json) = stacks().get(&raw) {
            return Ok(Arc::clone(json));
        }
        let json: Arc<[u8]> = serde_json::to_vec(&self.resolve(&raw))?.into();
        let mut stacks = stacks();
        if stacks.len() >= MAX_STACKS {
            stacks.clear();
        }
        stacks.insert(raw, Arc::clone(&json));
        Ok(json)
    }

    /// The calls of a stack, the outermost first, without those of the SDK and of what a panic calls.
    pub(crate) fn resolve(&self, raw: &RawStack) -> Stacktrace {
        let mut frames = Vec::with_capacity(raw.0.len());
        for address in &raw.0 {
            frames.extend(self.frames_at(*address).iter().cloned());
        }
        frames.drain(..machinery(&frames));
        frames.reverse();
        Stacktrace { frames }
    }

    fn frames_at(&self, address: usize) -> Arc<[Frame]> {
        let known = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(frames) = known().get(&address) {
            return Arc::clone(frames);
        }
        let frames = look_up(address);
        let mut known = known();
        if known.len() >= MAX_KNOWN {
            known.clear();
        }
        known.insert(address, Arc::clone(&frames));
        frames
    }
}

/// The calls at an address, the innermost first: one, and what was inlined into it.
fn look_up(address: usize) -> Arc<[Frame]> {
    let mut frames = Vec::new();
    backtrace::resolve(address as *mut _, |symbol| {
        // Without the hash at its end.
        let function = symbol.name().map(|name| format!("{name:#}"));
        let path = symbol.filename().map(|path| path.to_string_lossy().into_owned());
        frames.push(Frame {
            in_app: in_app(function.as_deref(), path.as_deref()),
            filename: path.as_deref().map(|path| Arc::from(last_part(path))),
            function: function.map(Arc::from),
            abs_path: path.map(Arc::from),
            lineno: symbol.lineno().filter(|line| *line > 0),
            colno: symbol.colno().filter(|column| *column > 0),
            instruction_addr: None,
        });
    });
    if frames.is_empty() {
        frames.push(Frame {
            instruction_addr: Some(format!("{address:#x}").into()),
            ..Frame::default()
        });
    }
    frames.into()
}

fn last_part(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

/// Where code lies that is not the application's.
const FOREIGN_FOLDERS: [&str; 5] =
    ["/rustc/", "/.cargo/registry/", "/.cargo/git/", "/.rustup/", "/rust/deps/"];

/// Crates whose code is not the application's, for programs without debug information.
const FOREIGN_CRATES: [&str; 23] = [
    "std",
    "__rustc",
    "core",
    "alloc",
    "andon_sdk",
    "backtrace",
    "tokio",
    "tokio_util",
    "futures",
    "futures_util",
    "futures_core",
    "hyper",
    "hyper_util",
    "h2",
    "axum",
    "axum_core",
    "tonic",
    "tower",
    "tower_http",
    "tracing",
    "tracing_core",
    "tracing_subscriber",
    "rayon_core",
];

fn in_app(function: Option<&str>, path: Option<&str>) -> bool {
    let Some(function) = function else { return false };
    if let Some(path) = path {
        let path = path.replace('\\', "/");
        if FOREIGN_FOLDERS.iter().any(|folder| path.contains(folder)) {
            return false;
        }
        // The application's own implementation for a type that is not.
        if function.starts_with('<') {
            return true;
        }
    }
    function.contains("::") && !FOREIGN_CRATES.contains(&crate_of(function))
}

/// The crate that a function belongs to: of `<alloc::vec::Vec<T> as shop::Total>::total` the first.
fn crate_of(function: &str) -> &str {
    let begin = function.trim_start_matches(['<', '&', '*', '(', '[']);
    let begin = ["dyn ", "mut ", "const ", "impl "]
        .iter()
        .fold(begin, |rest, word| rest.trim_start_matches(word));
    begin.split("::").next().unwrap_or(begin)
}

/// Functions that a panic goes through before the hook is called.
const PANIC_FUNCTIONS: [&str; 6] = [
    "core::panicking::",
    "std::panicking::",
    "std::panic::panic_any",
    "rust_begin_unwind",
    "core::option::",
    "core::result::",
];

/// Of those the ones that stand around code which may panic.
const CATCHING: [&str; 3] = ["catch_unwind", "do_call", "try"];

/// How many of the innermost calls are not the application's doing: the SDK's own and what a panic calls, up
/// to the first call of the application's. What was inlined there may have names without a path, so that only
/// the last that is known to belong to it can be told.
fn machinery(frames: &[Frame]) -> usize {
    let is_machinery = |frame: &Frame| {
        let name = frame.function.as_deref().unwrap_or_default();
        let of = crate_of(name);
        if of == "andon_sdk" || of == "backtrace" {
            return true;
        }
        let name = name.strip_prefix("__rustc::").unwrap_or(name);
        let last = name.rsplit("::").next().unwrap_or(name);
        PANIC_FUNCTIONS.iter().any(|begin| name.starts_with(begin)) && !CATCHING.contains(&last)
    };
    let before = frames.iter().position(|frame| frame.in_app).unwrap_or(frames.len());
    frames[..before].iter().rposition(is_machinery).map_or(0, |last| last + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[inline(never)]
    fn a_function_of_the_test() -> RawStack {
        RawStack::of_here()
    }

    #[test]
    fn addresses_become_names_with_lines_the_innermost_last() {
        let names = Names::default();
        let raw = a_function_of_the_test();
        let stack = names.resolve(&raw);
        assert_eq!(stack, names.resolve(&raw), "what is remembered is the same");
        for _ in 0..2 {
            assert_eq!(*names.json(raw.clone()).unwrap(), serde_json::to_vec(&stack).unwrap());
        }
        let all: Vec<_> = raw.0.iter().flat_map(|address| look_up(*address).to_vec()).collect();
        let found = all.iter().find(|frame| {
            frame.function.as_deref().is_some_and(|f| f.ends_with("a_function_of_the_test"))
        });
        let found = found.unwrap_or_else(|| panic!("{all:#?}"));
        assert_eq!(found.filename.as_deref(), Some("stack.rs"));
        assert!(found.lineno.is_some());
    }

    #[test]
    fn whose_code_it_is() {
        for (function, path, own) in [
            ("shop::cart::total", Some("/srv/shop/src/cart.rs"), true),
            ("shop::cart::total", None, true),
            ("<shop::cart::Cart as core::ops::Drop>::drop", None, true),
            ("<alloc::vec::Vec<T> as shop::Total>::total", None, false),
            ("<alloc::vec::Vec<T> as shop::Total>::total", Some("/srv/shop/src/cart.rs"), true),
            ("serde_json::de::from_str", Some("/root/.cargo/registry/src/x/de.rs"), false),
            ("core::panicking::panic", Some("/rustc/0123/library/core/src/panicking.rs"), false),
            ("tokio::runtime::park", None, false),
            ("__libc_start_main", None, false),
            ("main", None, false),
        ] {
            assert_eq!(in_app(Some(function), path), own, "{function}");
        }
        assert!(!in_app(None, None));
    }

    #[test]
    fn what_a_panic_calls_is_left_out() {
        let frame = |name: &str| Frame {
            function: Some(name.into()),
            in_app: in_app(Some(name), None),
            ..Frame::default()
        };
        let panic: Vec<_> = [
            "andon_sdk::stack::RawStack::of_here",
            "andon_sdk::panics::hook",
            "<alloc::boxed::Box<F,A> as core::ops::function::Fn<Args>>::call",
            "std::panicking::panic_with_hook",
            "std::panicking::panic_handler::{{closure}}",
            "__rustc::rust_begin_unwind",
            "core::panicking::panic_fmt",
            "core::option::unwrap_failed",
            "shop::total",
            "std::panicking::catch_unwind",
        ]
        .map(frame)
        .into();
        assert_eq!(machinery(&panic), 8);
        let error: Vec<_> =
            ["andon_sdk::capture_error", "shop::total", "andon_sdk::with_scope", "shop::main"]
                .map(frame)
                .into();
        assert_eq!(machinery(&error), 1);
        assert_eq!(machinery(&[]), 0);
    }
}
