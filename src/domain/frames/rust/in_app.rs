//! Whether a frame is the application's own code. Where the file lies decides; then what the function
//! is called; then what the sender says.

use std::borrow::Cow;

use crate::domain::event::Frame;

/// Crates that are machinery of the language, of panicking or of reporting, never the application.
const MACHINERY: &[&str] = &[
    "std",
    "core",
    "alloc",
    "proc_macro",
    "test",
    "__rustc",
    "std_detect",
    "panic_unwind",
    "panic_abort",
    "rustc_demangle",
    "backtrace",
    "backtrace_rs",
    "sentry",
    "sentry_core",
    "sentry_backtrace",
    "sentry_panic",
    "sentry_tracing",
    "sentry_anyhow",
    "sentry_contexts",
    "color_eyre",
    "human_panic",
    "failure",
    "anyhow",
    "eyre",
    "tokio",
    "futures_core",
    "futures_util",
];

/// Symbols without a crate that the runtime contributes.
const RUNTIME_SYMBOLS: &[&str] = &[
    "rust_begin_unwind",
    "rust_panic",
    "__rust_try",
    "__rust_maybe_catch_panic",
    "__rust_start_panic",
    "_start",
    "start_thread",
    "clone",
    "clone3",
    "__clone",
    "__libc_start_main",
    "__libc_start_main_impl",
    "__libc_start_call_main",
    "BaseThreadInitThunk",
    "RtlUserThreadStart",
    "invoke_main",
    "__scrt_common_main_seh",
    "<unknown>",
];

/// The standard library's crates, for paths like `…/library/core/src/…` of a compiler built elsewhere.
const STANDARD_CRATES: &[&str] =
    &["std", "core", "alloc", "proc_macro", "test", "panic_unwind", "panic_abort", "backtrace"];

/// Folders without one of which (or of `.cargo`) no path is foreign.
const TELLING_FOLDERS: &[&str] =
    &["rustc", "rustlib", "registry", "checkouts", "library", "sysdeps", "csu"];

/// Whether `frame` is the application's own code.
pub fn is_in_app(frame: &Frame) -> bool {
    if frame.path().is_some_and(is_foreign_path)
        || frame.filename.as_deref().is_some_and(is_foreign_path)
    {
        return false;
    }
    if let Some(function) = frame.function.as_deref()
        && is_machinery(function)
    {
        return false;
    }
    match frame.in_app {
        Some(said) => said,
        // A frame with neither a Rust file nor a Rust name is the loader, libc or another language.
        None => {
            frame.path().is_some_and(|path| path.ends_with(".rs"))
                || frame.function.as_deref().is_some_and(|function| function.contains("::"))
        }
    }
}

/// Whether a source path belongs to the toolchain or to a dependency.
pub fn is_foreign_path(path: &str) -> bool {
    // Nearly all paths have no such folder; looking at each folder once is all that they cost.
    let telling = |folder: &str| TELLING_FOLDERS.contains(&folder) || folder.ends_with(".cargo");
    if !path.split(['/', '\\']).any(telling) {
        return false;
    }
    let path = match path.contains('\\') {
        true => Cow::Owned(path.replace('\\', "/")),
        false => Cow::Borrowed(path),
    };
    let has = |part: &str| path.contains(part);
    if path.starts_with("/rustc/")
        || has("/rustlib/")
        || has("/rustc/") && has("/library/")
        || has(".cargo/registry/")
        || has(".cargo/git/")
        || has("/registry/src/")
        || has("/git/checkouts/")
    {
        return true;
    }
    // `library/std/src/…` is how the toolchain names itself when its paths are remapped; a project's
    // own folder of that name would have to lie at the very root to be taken for it.
    let standard = |rest: &str| {
        STANDARD_CRATES
            .iter()
            .any(|name| rest.strip_prefix(name).is_some_and(|tail| tail.starts_with("/src/")))
    };
    path.strip_prefix("library/").is_some_and(standard)
        || path.rfind("/library/").is_some_and(|at| standard(&path[at + "/library/".len()..]))
        || path.contains("/sysdeps/")
        || path.starts_with("./csu/")
}

/// Whether a function belongs to the standard library, the panic runtime or the reporting SDK.
pub fn is_machinery(function: &str) -> bool {
    let name = function.trim();
    if RUNTIME_SYMBOLS.contains(&name) {
        return true;
    }
    match crate_of(name) {
        Some(krate) => MACHINERY.contains(&krate),
        None => name.starts_with('_') && !name.contains("::"),
    }
}

/// The crate in which a function is written, as far as its name tells: `orders` of
/// `orders::cart::Cart::total` and of `<u8 as orders::Price>::of`. `None` if the name has none.
pub fn crate_of(function: &str) -> Option<&str> {
    crate_within(function, MAX_NESTED_ANGLES)
}

fn crate_within(function: &str, levels: usize) -> Option<&str> {
    let levels = levels.checked_sub(1)?;
    let mut name = function.trim();
    // `<T as Trait>::f` is written in the crate of T or of Trait: the one that is not the toolchain's.
    if let Some(inner) = name.strip_prefix('<') {
        if let Some((own, of_trait)) = split_as(inner) {
            let own = crate_within(own, levels);
            let of_trait = crate_within(of_trait, levels);
            return match (own, of_trait) {
                (Some(a), Some(b)) if STANDARD_CRATES.contains(&a) => Some(b),
                (None, other) | (other, None) => other,
                (a, _) => a,
            };
        }
        name = inner;
    }
    loop {
        let before = name;
        for prefix in ["&", "*const ", "*mut ", "mut ", "dyn ", "impl ", "[", "("] {
            name = name.strip_prefix(prefix).unwrap_or(name).trim_start();
        }
        if name == before {
            break;
        }
    }
    if name.starts_with('<') {
        return crate_within(name, levels);
    }
    let end = name.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(name.len());
    let (krate, rest) = name.split_at(end);
    // Verbose backtraces write `std[e28293b1aa0f68bd]::io`.
    let rest = match rest.strip_prefix('[') {
        Some(hash) => hash.split_once(']').map_or("", |(_, tail)| tail),
        None => rest,
    };
    (!krate.is_empty() && rest.starts_with("::")).then_some(krate)
}

/// Names nested deeper than this in angle brackets are not looked through.
const MAX_NESTED_ANGLES: usize = 16;

/// Splits `T as Trait>::f` at the ` as ` that belongs to the outermost bracket.
fn split_as(inner: &str) -> Option<(&str, &str)> {
    let mut depth = 0usize;
    for (at, c) in inner.char_indices() {
        match c {
            '<' | '(' | '[' => depth += 1,
            '>' if inner[..at].ends_with('-') => {}
            '>' | ')' | ']' => depth = depth.checked_sub(1)?,
            ' ' if depth == 0 && inner[at..].starts_with(" as ") => {
                return Some((&inner[..at], &inner[at + 4..]));
            }
            _ => {}
        }
        if depth > MAX_NESTED_ANGLES {
            return None;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(function: &str, path: &str, said: Option<bool>) -> Frame {
        Frame {
            function: Some(function.into()),
            abs_path: (!path.is_empty()).then(|| path.into()),
            in_app: said,
            ..Frame::default()
        }
    }

    #[test]
    fn where_the_file_lies_beats_what_the_sender_says() {
        for path in [
            "/rustc/59807616e1fa2540724bfbac14d7976d7e4a3860/library/core/src/panicking.rs",
            "/home/u/.cargo/registry/src/github.com-1ecc6299db9ec823/serde-1.0.0/src/lib.rs",
            "/home/u/.cargo/git/checkouts/x-1/abc/src/lib.rs",
            "C:\\Users\\u\\.cargo\\registry\\src\\x\\y-1.0\\src\\lib.rs",
            "/home/u/.rustup/toolchains/stable/lib/rustlib/src/rust/library/core/src/option.rs",
            "/build/Documents/own-toolchain/library/std/src/rt.rs",
        ] {
            assert!(!is_in_app(&frame("orders::cart::total", path, Some(true))), "{path}");
        }
        assert!(is_in_app(&frame("orders::cart::total", "/srv/orders/src/cart.rs", None)));
        assert!(!is_in_app(&frame("orders::cart::total", "/srv/orders/src/cart.rs", Some(false))));
        assert!(is_in_app(&frame("orders::x", "/srv/library/cards/src/lib.rs", None)));
    }

    #[test]
    fn names_of_the_machinery_are_not_the_application() {
        for name in [
            "core::option::Option<T>::unwrap",
            "<alloc::vec::Vec<T,A> as core::ops::index::Index<I>>::index",
            "<usize as core::slice::index::SliceIndex<[T]>>::index",
            "<&mut core::slice::iter::Iter<T> as core::iter::Iterator>::next",
            "__rustc::rust_begin_unwind",
            "std[e28293b1aa0f68bd]::io::default_write_fmt",
            "sentry_panic::panic_handler",
            "_start",
            "<unknown>",
        ] {
            assert!(!is_in_app(&frame(name, "", None)), "{name}");
        }
        for name in [
            "orders::cart::Cart::total",
            "<orders::Cart as core::fmt::Display>::fmt",
            "<alloc::vec::Vec<T> as orders::Ext>::sum",
            "orders::inner::<impl core::str::traits::FromStr for orders::Cart>::from_str",
        ] {
            assert!(is_in_app(&frame(name, "", None)), "{name}");
        }
    }

    #[test]
    fn absurd_names_end() {
        let name = "<".repeat(100_000);
        assert!(!is_in_app(&frame(&name, "", None)));
        let name = format!("{}a::b", "<&".repeat(50_000));
        let _ = is_in_app(&frame(&name, "", None));
        let _ = crate_of(&"< as ".repeat(20_000));
    }
}
