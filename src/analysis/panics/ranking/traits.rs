//! Contracts that the standard library relies on without a call in the crate's own code being on the stack:
//! an iterator whose `size_hint` lies, an order that contradicts itself, a hash that changes. Where the
//! panic is inside such code, the crate's implementations of what was relied on may be to blame.

use crate::analysis::board::{Board, Place};
use crate::domain::event::Frame;
use crate::domain::in_app;
use crate::domain::panic::{PanicClass, PanicKind as K};
use crate::source::rust::callees::Library;
use crate::source::rust::facts::names_in;
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
            let all = functions(&file);
            for function in all.iter().filter(|one| one.signature.ident == *method) {
                if !function.name.contains(" as ") || delegates(function, method) {
                    continue;
                }
                let ty = function.self_type.as_deref().unwrap_or_default();
                let is_seen = frames
                    .iter()
                    .any(|frame| frame.function.as_deref().is_some_and(|name| mentions(name, ty)));
                let part = if is_seen { 3.0 } else { 1.0 } / (1 + place) as f64;
                let mut add = |part: f64, function: &Function<'_>| {
                    let line = line_of_body(&file, function);
                    found.push((part, path.to_owned(), line, function.name.clone()));
                };
                add(part, function);
                if *method == "size_hint" {
                    for stepping in all.iter().filter(|one| forgets(one, function)) {
                        // A length that is kept, and not kept up, is the likelier fault.
                        add(part * 1.5, stepping);
                    }
                }
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
    let [syn::Stmt::Expr(syn::Expr::MethodCall(call), None)] = function.block.stmts.as_slice()
    else {
        return false;
    };
    call.method == method
}

/// Whether a function takes items from an iterator and leaves a field alone of which the iterator's
/// `size_hint` says that it is how many are left.
fn forgets(stepping: &Function<'_>, size_hint: &Function<'_>) -> bool {
    if stepping.self_type != size_hint.self_type
        || !matches!(stepping.short_name().as_str(), "next" | "next_back")
    {
        return false;
    }
    let kept = fields_of_self(size_hint);
    let touched = fields_of_self(stepping);
    !kept.is_empty() && kept.iter().all(|field| !touched.contains(field))
}

fn fields_of_self(function: &Function<'_>) -> Vec<String> {
    let whole = syn::Expr::Block(syn::ExprBlock {
        attrs: Vec::new(),
        label: None,
        block: function.block.clone(),
    });
    names_in(&whole).into_iter().filter(|name| name.starts_with("self.")).collect()
}

fn mentions(name: &str, ty: &str) -> bool {
    !ty.is_empty() && name.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == ty)
}

fn line_of_body(file: &RustFile, function: &Function<'_>) -> u32 {
    let first = function.block.stmts.first();
    first.map_or(function.line, |one| {
        file.line_at(crate::source::rust::extent::range_of_statement(one).start)
    })
}
