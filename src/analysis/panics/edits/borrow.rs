//! A RefCell borrowed while borrowed: end the first borrow earlier; else pass the refusal on.

use syn::Expr;

use super::returns::{Returns, pass_on, returns};
use super::{Edit, Place};
use crate::analysis::panics::borrows::{self, HeadOf, Held, HeldBorrow};
use crate::source::rust::file::{RustFile, range_of};
use crate::source::rust::functions::functions;

/// Names tried for a new variable.
const MAX_NAMES_TRIED: u32 = 100;
/// Methods that return `Option<&T>` out of a borrowed collection.
const LOOKUPS: &[&str] = &[
    "get",
    "first",
    "last",
    "find",
    "next",
    "nth",
    "min",
    "max",
    "min_by",
    "max_by",
    "min_by_key",
    "max_by_key",
    "peek",
    "front",
    "back",
    "reduce",
];
/// Methods whose result holds nothing of the borrowed collection.
const OWNED: &[&str] = &[
    "cloned",
    "copied",
    "clone",
    "to_owned",
    "to_vec",
    "collect",
    "len",
    "is_empty",
    "contains",
    "contains_key",
    "count",
    "sum",
    "product",
    "position",
    "any",
    "all",
    "pop",
    "pop_front",
    "pop_back",
    "remove",
    "take",
    "is_some",
    "is_none",
    "to_string",
];

pub(super) fn edit(place: &Place<'_>) -> Result<Edit, String> {
    let cell = borrows::cell_name(&place.failing.expr).ok_or("the borrowed cell has no name.")?;
    let held = borrows::held_borrow(&cell, &place.failing.range, place.sites, place.library);
    if let Some(held) = held
        && let Some(edit) = end_earlier(&held)
    {
        return Ok(edit);
    }
    refuse(place)
}

fn end_earlier(held: &HeldBorrow) -> Option<Edit> {
    let file = &held.file;
    let title = format!("End the first borrow earlier in {}", held.function);
    let of = |replacements, explanation: &str| Edit {
        path: held.path.clone(),
        replacements,
        title: title.clone(),
        explanation: explanation.to_owned(),
    };
    match &held.held {
        Held::Let { name } => {
            let all = functions(file);
            let function = all
                .iter()
                .filter(|one| one.range.contains(&held.place.start))
                .min_by_key(|one| one.range.len())?;
            let statement = statement_start(file, function, held.place.start)?;
            if borrows::is_used_after(function, name, statement) {
                return None;
            }
            Some(of(
                vec![(statement..statement, format!("drop({name});\n{}", indent(file, statement)))],
                &format!(
                    "`{name}` is not used any more when the second borrow comes, so it is dropped before. A reviewer should look at whether the statements in between relied on the first borrow."
                ),
            ))
        }
        Held::Head { head, head_range, of: construct, whole } => {
            let text = file.slice(head_range.clone());
            let name = free_name(file, "held");
            match construct {
                HeadOf::WhileLet => {
                    if !is_owned(head) {
                        return None;
                    }
                    Some(of(
                        vec![(head_range.clone(), format!("{{ let {name} = {text}; {name} }}"))],
                        "The value is taken in a block of its own, so that the borrow ends before the loop's body runs.",
                    ))
                }
                HeadOf::For => {
                    let Expr::MethodCall(iter) = &**head else { return None };
                    if iter.method != "iter" || range_of(&*iter.receiver) != held.borrow {
                        return None;
                    }
                    let start = statement_of(file, whole.start)?;
                    let borrow = file.slice(held.borrow.clone());
                    Some(of(
                        vec![
                            (
                                start..start,
                                format!("let {name} = {borrow}.clone();\n{}", indent(file, start)),
                            ),
                            (held.borrow.clone(), name),
                        ],
                        "The loop runs over a copy, so that the borrow ends before the loop's body runs. Changes that the body makes are not seen by the loop; a reviewer has to decide whether that is right, and whether the copy is too dear.",
                    ))
                }
                HeadOf::Match | HeadOf::IfLet => {
                    let start = statement_of(file, whole.start)?;
                    let (value, scrutinee) = if is_owned(head) {
                        (text.to_owned(), name.clone())
                    } else if is_lookup(head) {
                        // Matching on a reference keeps the types in the arms as they are.
                        (format!("{text}.cloned()"), format!("&{name}"))
                    } else {
                        return None;
                    };
                    Some(of(
                        vec![
                            (
                                start..start,
                                format!("let {name} = {value};\n{}", indent(file, start)),
                            ),
                            (head_range.clone(), scrutinee),
                        ],
                        "What is found is copied out of the RefCell first, so that the borrow ends with that statement and not with the whole construct. The arms work on the copy; a reviewer should look at whether they must see later changes.",
                    ))
                }
            }
        }
        Held::SameStatement => arguments_first(held, of),
    }
}

/// `cell.borrow_mut().push(self.total())` → `let argument = self.total(); cell.borrow_mut().push(argument)`.
fn arguments_first(
    held: &HeldBorrow,
    of: impl Fn(Vec<(std::ops::Range<usize>, String)>, &str) -> Edit,
) -> Option<Edit> {
    let file = &held.file;
    let start = statement_of(file, held.borrow.start)?;
    let all = functions(file);
    let function =
        all.iter().filter(|one| one.range.contains(&start)).min_by_key(|one| one.range.len())?;
    let call = call_on(function, &held.borrow)?;
    if call.args.len() != 1 {
        return None;
    }
    let argument = range_of(call.args.first()?);
    let name = free_name(file, "argument");
    let text = file.slice(argument.clone());
    Some(of(
        vec![
            (start..start, format!("let {name} = {text};\n{}", indent(file, start))),
            (argument, name),
        ],
        "The argument is computed before the RefCell is borrowed, instead of while it is borrowed.",
    ))
}

/// The method call whose receiver is the borrow.
fn call_on(
    function: &crate::source::rust::functions::Function<'_>,
    borrow: &std::ops::Range<usize>,
) -> Option<syn::ExprMethodCall> {
    struct Calls<'b> {
        borrow: &'b std::ops::Range<usize>,
        found: Option<syn::ExprMethodCall>,
    }
    impl<'ast> syn::visit::Visit<'ast> for Calls<'_> {
        fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
            if range_of(&*call.receiver) == *self.borrow {
                self.found = Some(call.clone());
            }
            syn::visit::visit_expr_method_call(self, call);
        }
    }
    let mut calls = Calls { borrow, found: None };
    syn::visit::Visit::visit_block(&mut calls, function.block);
    calls.found
}

/// The failing borrow asks instead of insisting, where its refusal can be returned.
fn refuse(place: &Place<'_>) -> Result<Edit, String> {
    let Expr::MethodCall(call) = &place.failing.expr else {
        return Err("the failing borrow is not a method call.".to_owned());
    };
    let Returns::Result(style) = returns(place) else {
        return Err(
            "the borrow that is held too long is needed to the end, or was not found, and the function cannot return an error."
                .to_owned(),
        );
    };
    let error = if call.method == "borrow" { "BorrowError" } else { "BorrowMutError" };
    let made = pass_on(place, &style, Some(error))
        .ok_or("the function's error type has no variant that fits.")?;
    let name = call.method.span().byte_range();
    let end = place.failing.range.end;
    Ok(place.edit(
        vec![(name, format!("try_{}", call.method)), (end..end, made.text)],
        format!("Return an error from {} while the RefCell is borrowed", place.function.name),
        format!("{} now returns an error to its caller when the RefCell is already borrowed.{} The cause, a borrow that is held for too long, is still there: a reviewer should look for it.", place.function.name, made.note),
    ))
}

fn is_owned(head: &Expr) -> bool {
    matches!(head, Expr::MethodCall(call) if OWNED.contains(&call.method.to_string().as_str()))
}

fn is_lookup(head: &Expr) -> bool {
    matches!(head, Expr::MethodCall(call) if LOOKUPS.contains(&call.method.to_string().as_str()))
}

/// The start of the innermost statement around a position.
fn statement_start(
    file: &RustFile,
    function: &crate::source::rust::functions::Function<'_>,
    position: usize,
) -> Option<usize> {
    struct Statements {
        position: usize,
        best: Option<std::ops::Range<usize>>,
    }
    impl<'ast> syn::visit::Visit<'ast> for Statements {
        fn visit_stmt(&mut self, statement: &'ast syn::Stmt) {
            let range = range_of(statement);
            if range.contains(&self.position) {
                self.best = Some(range);
                syn::visit::visit_stmt(self, statement);
            }
        }
    }
    let mut statements = Statements { position, best: None };
    syn::visit::Visit::visit_block(&mut statements, function.block);
    let start = statements.best?.start;
    // Something before it on the same line would end up before the new line too: leave that alone.
    let line = file.line_start(file.line_at(start))?;
    file.slice(line..start).trim().is_empty().then_some(start)
}

fn statement_of(file: &RustFile, position: usize) -> Option<usize> {
    let all = functions(file);
    let function =
        all.iter().filter(|one| one.range.contains(&position)).min_by_key(|one| one.range.len())?;
    statement_start(file, function, position)
}

/// The white space before a position on its line.
fn indent(file: &RustFile, position: usize) -> String {
    let start = file.line_start(file.line_at(position)).unwrap_or(position);
    file.slice(start..position).to_owned()
}

/// A name that the file does not use.
pub(super) fn free_name(file: &RustFile, wish: &str) -> String {
    let mut name = wish.to_owned();
    let mut number = 2;
    while is_used(file.text(), &name) && number < MAX_NAMES_TRIED {
        name = format!("{wish}_{number}");
        number += 1;
    }
    name
}

/// Whether a word stands in the text, in code or not.
fn is_used(text: &str, word: &str) -> bool {
    let part_of_name = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word).any(|(at, _)| {
        !text[..at].ends_with(part_of_name) && !text[at + word.len()..].starts_with(part_of_name)
    })
}
