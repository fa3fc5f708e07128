//! Contracts that the standard library relies on without a call in the crate's own code being on the stack:
//! an iterator whose `size_hint` lies, an order that contradicts itself, a hash that changes. Where the
//! panic is inside such code, the crate's implementations of what was relied on may be to blame.

use super::board::{Board, Place};
use crate::domain::event::Frame;
use crate::domain::in_app;
use crate::domain::panic::{PanicClass, PanicKind as K};
use crate::source::rust::callees::Library;
use crate::source::rust::file::RustFile;
use crate::source::rust::functions::{Function, functions};

/// What a frame's function says, and the methods that code there relies on; the likeliest first.
const CONTRACTS: &[(&str, &[&str])] = &[
    ("iter::adapters::zip::", &["size_hint", "len", "next_back"]),
    ("ExactSizeIterator>", &["size_hint", "len"]),
    ("DoubleEndedIterator>", &["size_hint", "len", "next_back"]),
    ("TrustedLen", &["size_hint"]),
    ("slice::sort", &["cmp", "partial_cmp", "lt"]),
    ("slice::<impl [T]>::sort", &["cmp", "partial_cmp", "lt"]),
    ("binary_heap", &["cmp", "partial_cmp"]),
    ("collections::btree", &["cmp", "partial_cmp", "borrow"]),
    ("collections::hash", &["hash", "eq", "borrow"]),
    ("hashbrown::", &["hash", "eq", "borrow"]),
    ("std::io::buffered", &["read", "fill_buf", "write"]),
    ("std::io::Read::", &["read"]),
    ("std::io::default_read", &["read"]),
    ("std::io::copy", &["read", "write"]),
];

/// Files looked through for a method.
const MAX_FILES: usize = 20;

/// Functions given.
const MAX_GIVEN: usize = 6;

/// Adds them, with `weight` in all. `frames` are all frames, the innermost first.
pub(super) fn add(
    board: &mut Board,
    class: &PanicClass,
    frames: &[Frame],
    library: &Library<'_>,
    weight: f64,
) {
    let Some(methods) = relied_on(class, frames) else { return };
    let mut found: Vec<(f64, String, u32, String)> = Vec::new();
    for (place, method) in methods.iter().enumerate() {
        for path in library.files_with(&format!("fn {method}"), "").into_iter().take(MAX_FILES) {
            let Some(Ok(file)) = library.file(path) else { continue };
            for function in functions(&file) {
                let is_implementation =
                    function.signature.ident == *method && function.name.contains(" as ");
                if !is_implementation || delegates(&function, method) {
                    continue;
                }
                let mut part = 1.0 / (1 + place) as f64;
                let ty = function.self_type.as_deref().unwrap_or_default();
                let is_seen = frames.iter().any(|frame| {
                    frame.function.as_deref().is_some_and(|name| mentions(name, ty))
                });
                if is_seen {
                    part *= 3.0;
                }
                found.push((part, path.to_owned(), line_of_body(&file, &function), function.name.clone()));
            }
        }
    }
    found.sort_by(|a, b| b.0.total_cmp(&a.0));
    found.truncate(MAX_GIVEN);
    let all: f64 = found.iter().map(|one| one.0).sum();
    for (part, path, line, name) in found {
        let place = Place { file: &path, line, function: Some(&name) };
        board.add(
            place,
            weight * part / all,
            "What failed relies on implementations of this to be right.".to_owned(),
        );
    }
}

/// What the code between the panic and the first frame of the application relies on.
fn relied_on(class: &PanicClass, frames: &[Frame]) -> Option<&'static [&'static str]> {
    if class.kind == K::InconsistentOrder {
        return Some(&["cmp", "partial_cmp", "lt"]);
    }
    let between = frames.iter().take_while(|frame| !in_app::is_in_app(frame));
    let names: Vec<&str> = between.filter_map(|frame| frame.function.as_deref()).collect();
    if class.kind == K::CapacityOverflow
        && names.iter().any(|name| name.contains("FromIterator") || name.contains("Extend"))
    {
        return Some(&["size_hint"]);
    }
    names.iter().find_map(|name| {
        CONTRACTS.iter().find(|(part, _)| name.contains(part)).map(|(_, methods)| *methods)
    })
}

/// Whether a function only asks another of the same name: then it cannot be wrong by itself.
fn delegates(function: &Function<'_>, method: &str) -> bool {
    let [syn::Stmt::Expr(syn::Expr::MethodCall(call), None)] = function.block.stmts.as_slice() else {
        return false;
    };
    call.method == method
}

fn mentions(name: &str, ty: &str) -> bool {
    !ty.is_empty()
        && name.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == ty)
}

fn line_of_body(file: &RustFile, function: &Function<'_>) -> u32 {
    let first = function.block.stmts.first();
    first.map_or(function.line, |one| file.line_at(crate::source::rust::extent::range_of_statement(one).start))
}
