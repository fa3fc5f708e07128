//! Functions of the types whose methods are on the stack: who makes such a value, and who changes it. They are
//! named where little else is known: a value that is wrong was made wrong or made so later.

use std::rc::Rc;

use super::writers::Stack;
use crate::analysis::board::{Board, Place};
use crate::source::rust::file::{RustFile, range_of};
use crate::source::rust::functions::{Function, functions};

/// Functions given for one type.
const MAX_KIN: usize = 8;

/// The part of a frame's weight that each of them has: who makes a value, and who changes one.
const MAKES: f64 = 0.05;
const CHANGES: f64 = 0.04;

/// How much more one counts whose name something on the stack calls.
const CALLED: f64 = 1.5;

/// How much less the second, third, … of a type count.
const LATER: f64 = 0.85;

/// Adds those of the type of `failed`, a method in `file`.
pub(super) fn add(
    board: &mut Board,
    file: &Rc<RustFile>,
    path: &str,
    failed: &Function<'_>,
    weight: f64,
    stack: &Stack,
) {
    let Some(ty) = failed.self_type.as_deref() else { return };
    let mut found: Vec<(f64, u32, String)> = Vec::new();
    for function in functions(file) {
        if function.self_type.as_deref() != Some(ty) || function.name == failed.name {
            continue;
        }
        let part = match function.signature.receiver() {
            None if gives(file, &function, ty) => MAKES,
            Some(receiver)
                if matches!(receiver.kind, syn::ReceiverKind::Reference(_, _, Some(_))) =>
            {
                CHANGES
            }
            _ => continue,
        };
        let is_called = stack.called.contains(&function.short_name());
        let part = part * if is_called { CALLED } else { 1.0 };
        found.push((part, function.line, function.name));
    }
    found.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut later = 1.0;
    for (part, line, name) in found.into_iter().take(MAX_KIN) {
        let place = Place { file: path, line, function: Some(&name) };
        let why = format!("Makes or changes the `{ty}` whose method failed.");
        board.add(place, weight * part * later, why);
        later *= LATER;
    }
}

/// Whether a function gives a value of the type, as far as its head says.
fn gives(file: &RustFile, function: &Function<'_>, ty: &str) -> bool {
    let syn::ReturnType::Type(_, given) = &function.signature.output else { return false };
    let text = file.slice(range_of(given));
    text.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == "Self" || word == ty)
}
