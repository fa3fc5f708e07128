//! What is known of the language and its standard library: lists, nothing else.

/// Macros of the standard library that never see the white space between the tokens of their input:
/// they parse it as expressions, patterns or types (so a gap cannot reach `stringify!`) and print only
/// values. Checked against the standard library: `dbg!` is missing because it prints the tokens of its
/// argument; `assert!` has a rule of its own; `stringify!`, `line!` and `column!` see everything.
pub(super) const OPEN_MACROS: &[&str] = &[
    "assert_eq",
    "assert_ne",
    "cfg",
    "compile_error",
    "concat",
    "debug_assert_eq",
    "debug_assert_ne",
    "env",
    "eprint",
    "eprintln",
    "file",
    "format",
    "format_args",
    "include",
    "include_bytes",
    "include_str",
    "macro_rules",
    "matches",
    "module_path",
    "option_env",
    "panic",
    "print",
    "println",
    "thread_local",
    "todo",
    "unimplemented",
    "unreachable",
    "vec",
    "write",
    "writeln",
];

/// Of those, the ones whose arguments are expressions with a trailing comma that means nothing.
pub(super) const LIST_MACROS: &[&str] = &[
    "assert_eq",
    "assert_ne",
    "debug_assert_eq",
    "debug_assert_ne",
    "eprint",
    "eprintln",
    "format",
    "panic",
    "print",
    "println",
    "todo",
    "unimplemented",
    "unreachable",
    "vec",
    "write",
    "writeln",
];

/// Macros of the standard library that drop gaps too, but that a file has to import.
pub(super) const IMPORTED_OPEN_MACROS: &[&str] =
    &["addr_of", "addr_of_mut", "offset_of", "pin", "ready"];

/// Macros that print their first argument when no message is given.
pub(super) const ASSERT_MACROS: &[&str] = &["assert", "debug_assert"];

/// Macros whose input is compared byte for byte; among them those of other crates that are known to look
/// at the places of their tokens.
pub(super) const EXACT_MACROS: &[&str] =
    &["stringify", "line", "column", "python", "ct_python", "lua", "chunk", "js"];

/// Of the open macros, those that are one expression wherever they stand.
pub(super) const EXPRESSION_MACROS: &[&str] = &[
    "assert",
    "assert_eq",
    "assert_ne",
    "debug_assert",
    "debug_assert_eq",
    "debug_assert_ne",
    "eprint",
    "eprintln",
    "format",
    "matches",
    "panic",
    "print",
    "println",
    "todo",
    "unimplemented",
    "unreachable",
    "vec",
    "write",
    "writeln",
];

/// Crates whose logging and error macros only format, if the first argument is a string literal; with
/// their macros. A crate is known by its name.
pub(super) const FORMATTING_CRATES: &[(&str, &[&str])] = &[
    ("log", &["trace", "debug", "info", "warn", "error"]),
    ("tracing", &["trace", "debug", "info", "warn", "error"]),
    ("anyhow", &["anyhow", "bail"]),
    ("eyre", &["eyre", "bail"]),
];

/// Crates whose twins of standard macros print values only, like the standard ones.
pub(super) const TWIN_CRATES: &[&str] = &["pretty_assertions"];

/// Crates that export no macro with the name of a standard one, so that a glob over them, or
/// `#[macro_use]`, shadows none.
pub(super) const HARMLESS_GLOBS: &[&str] = &[
    "alloc",
    "core",
    "crate",
    "self",
    "std",
    "super",
    "rayon",
    "proptest",
    "futures",
    "serde",
    "syn",
    "libc",
    "tokio",
    "log",
    "tracing",
    "lazy_static",
    "bitflags",
    "serde_derive",
    "serde_json",
    "quickcheck",
    "clap",
    "nom",
    "error_chain",
    "anyhow",
    "rand",
    "regex",
    "proc_macro2",
];

/// Attributes that the compiler itself reads; white space in them is invisible.
pub(super) const BUILTIN_ATTRIBUTES: &[&str] = &[
    "allow",
    "automatically_derived",
    "bench",
    "cfg",
    "cfg_attr",
    "cold",
    "crate_name",
    "crate_type",
    "deny",
    "deprecated",
    "derive",
    "doc",
    "expect",
    "export_name",
    "feature",
    "forbid",
    "ignore",
    "inline",
    "link",
    "link_name",
    "link_section",
    "macro_export",
    "macro_use",
    "must_use",
    "naked",
    "no_implicit_prelude",
    "no_link",
    "no_main",
    "no_mangle",
    "no_std",
    "non_exhaustive",
    "path",
    "recursion_limit",
    "repr",
    "should_panic",
    "target_feature",
    "test",
    "track_caller",
    "type_length_limit",
    "unsafe",
    "used",
    "warn",
    "rustfmt",
    "clippy",
    "default",
    "global_allocator",
    "panic_handler",
    "proc_macro",
    "proc_macro_derive",
    "proc_macro_attribute",
    "debugger_visualizer",
    "diagnostic",
    "windows_subsystem",
    "rustdoc",
    "miri",
    "no_core",
];

/// Words that start an item, after its visibility.
pub(super) const ITEM_WORDS: &[&str] = &[
    "async",
    "const",
    "enum",
    "extern",
    "fn",
    "impl",
    "macro_rules",
    "mod",
    "static",
    "struct",
    "trait",
    "type",
    "union",
    "unsafe",
    "use",
];

/// Tools whose attributes are paths that the compiler leaves alone.
pub(super) const TOOL_ATTRIBUTES: &[&str] = &["clippy", "diagnostic", "miri", "rustdoc", "rustfmt"];

/// Attributes that may stand in `unsafe(…)`.
pub(super) const UNSAFE_ATTRIBUTES: &[&str] =
    &["export_name", "link_section", "naked", "no_mangle"];

/// Attributes of well-known derives, read as nested lists of words, literals and expressions that are
/// never printed. Known by name, as [`FORMATTING_CRATES`] are.
pub(super) const TAME_HELPERS: &[&str] = &["arg", "clap", "command", "error", "serde", "structopt"];

/// Of those, the ones that hold a list, in which a trailing comma means nothing.
pub(super) const LIST_ATTRIBUTES: &[&str] =
    &["allow", "cfg", "deny", "derive", "expect", "feature", "forbid", "repr", "warn"];

/// Attribute macros that parse what they stand on as Rust and are indifferent to trailing commas, to
/// braces around a single expression and to the order of imports. Known by their first segment.
pub(super) const TAME_ATTRIBUTES: &[&str] = &[
    "tokio",
    "async_std",
    "async_trait",
    "instrument",
    "tracing",
    "actix_web",
    "rstest",
    "wasm_bindgen",
];

/// Names that every module sees without an import.
pub(super) const PRELUDE_NAMES: &[&str] = &[
    "AsMut",
    "AsRef",
    "Box",
    "Clone",
    "Copy",
    "Debug",
    "Default",
    "DoubleEndedIterator",
    "Drop",
    "Eq",
    "Err",
    "ExactSizeIterator",
    "Extend",
    "Fn",
    "FnMut",
    "FnOnce",
    "From",
    "Hash",
    "Into",
    "IntoIterator",
    "Iterator",
    "None",
    "Ok",
    "Option",
    "Ord",
    "PartialEq",
    "PartialOrd",
    "Result",
    "Send",
    "Sized",
    "Some",
    "String",
    "Sync",
    "ToOwned",
    "ToString",
    "Unpin",
    "Vec",
    "drop",
    "align_of",
    "align_of_val",
    "size_of",
    "size_of_val",
    "bool",
    "char",
    "f32",
    "f64",
    "i8",
    "i16",
    "i32",
    "i64",
    "i128",
    "isize",
    "str",
    "u8",
    "u16",
    "u32",
    "u64",
    "u128",
    "usize",
    "std",
    "core",
    "alloc",
    "self",
    "Self",
    "super",
    "crate",
    "test",
    "derive",
    "global_allocator",
    "bench",
];

/// Prelude names that are also ordinary standard items under another path. Importing those is common
/// (`std::fmt::Debug` the trait); they are told apart by what rustc says.
pub(super) const PRELUDE_TWINS: &[&str] = &["Debug", "Hash"];

/// Names of macros and attributes that every module sees without an import.
pub(super) fn is_builtin_macro(name: &str) -> bool {
    [OPEN_MACROS, ASSERT_MACROS, EXACT_MACROS, BUILTIN_ATTRIBUTES]
        .iter()
        .any(|list| list.contains(&name))
        || matches!(name, "dbg" | "try" | "concat_idents" | "asm" | "global_asm" | "include")
}

/// Whether an identifier is a keyword that can stand before `!` without making it a macro call.
pub(super) fn is_keyword(word: &str) -> bool {
    matches!(
        word,
        "as" | "async"
            | "await"
            | "break"
            | "const"
            | "continue"
            | "do"
            | "dyn"
            | "else"
            | "enum"
            | "extern"
            | "fn"
            | "for"
            | "if"
            | "impl"
            | "in"
            | "let"
            | "loop"
            | "match"
            | "mod"
            | "move"
            | "mut"
            | "pub"
            | "ref"
            | "return"
            | "static"
            | "struct"
            | "trait"
            | "type"
            | "unsafe"
            | "use"
            | "where"
            | "while"
            | "yield"
    )
}

/// Whether two neighbouring characters of punctuation may be read as one operator.
pub(super) fn glues(first: u8, second: u8) -> bool {
    matches!(
        (first, second),
        (b'&', b'&')
            | (b'|', b'|')
            | (b'<', b'<')
            | (b'>', b'>')
            | (b':', b':')
            | (b'.', b'.')
            | (b'-', b'>')
            | (b'=', b'>')
            | (b'<', b'-')
            | (b'$', _)
            | (_, b'$')
            | (
                b'=' | b'!'
                    | b'<'
                    | b'>'
                    | b'+'
                    | b'-'
                    | b'*'
                    | b'/'
                    | b'%'
                    | b'^'
                    | b'&'
                    | b'|'
                    | b'.',
                b'='
            )
    )
}
