//! A guard before the failing statement: where nothing can stand in for the failing expression itself, the
//! function is left, or its loop ended, before it fails. That hides the cause more than it mends it, and the
//! explanation says so.

use std::ops::Range;

use syn::visit::{self, Visit};
use syn::{BinOp, Expr};

use super::borrow::free_name;
use super::leave::{Leave, leave, refuse};
use super::{Edit, Place};
use crate::domain::panic::PanicKind as K;
use crate::source::rust::calls::call_sites;
use crate::source::rust::extent::range_of_expr;
use crate::source::rust::failing::operator;

/// What a guard is made of.
enum Guard {
    /// Leaves if this is true.
    If(String),
    /// `let Some(name) = … else { leave };` before, and the name in the failing expression's place.
    Let { pattern: &'static str, value: String },
    /// The failing macro itself gives way to this condition, or to leaving at once.
    Instead(Option<String>),
}

pub(super) fn edit(place: &Place<'_>) -> Option<Edit> {
    let what = "the input is not what this function can work on";
    let guard = guard(place)?;
    let leave = match guard {
        Guard::Instead(_) => refuse(place, what)?,
        _ => leave(place, what)?,
    };
    let failing = place.failing.range.clone();
    let statement = place.failing.statement()?.range.clone();
    let line_start = place.code.file.text()[..statement.start].rfind('\n').map_or(0, |at| at + 1);
    let indent: String = place.slice(line_start..statement.start).to_owned();
    // A statement in the middle of a line has its guard in the same line.
    let gap = if indent.trim().is_empty() { format!("\n{indent}") } else { " ".to_owned() };
    let replacements = match guard {
        Guard::If(condition) => {
            let text = format!("if {condition} {{ {}; }}{gap}", leave.text);
            vec![(statement.start..statement.start, text)]
        }
        Guard::Let { pattern, value } => {
            let name = free_name(&place.code.file, "value");
            let text = format!("let {pattern}({name}) = {value} else {{ {} }};{gap}", leave.text);
            vec![(statement.start..statement.start, text), (failing, name)]
        }
        Guard::Instead(Some(condition)) => {
            vec![(failing, format!("if {condition} {{ {}; }}", leave.text))]
        }
        Guard::Instead(None) => vec![(failing, leave.text.clone())],
    };
    Some(place.edit(
        replacements,
        format!("Leave {} instead of panicking", place.function.name),
        explanation(place, &leave),
    ))
}

fn explanation(place: &Place<'_>, leave: &Leave) -> String {
    format!(
        "Before it fails, {} now {}. This ends the panic and not its cause: a reviewer has to decide whether that is right for the callers, and should look at the other candidates for where the wrong value comes from.",
        place.function.name,
        leave.says.trim_end_matches('.')
    )
}

fn guard(place: &Place<'_>) -> Option<Guard> {
    if let Expr::Macro(one) = &place.failing.expr {
        return instead(place, one);
    }
    let statement = place.failing.statement()?;
    if !is_unconditional(place, &statement.range) {
        return None;
    }
    match place.findings.class.kind {
        K::IndexOutOfBounds
        | K::MissingKey
        | K::SliceEndOutOfRange
        | K::SliceStartOutOfRange
        | K::SliceStartAfterEnd
        | K::StrIndexOutOfRange
        | K::StrNotCharBoundary
        | K::LengthMismatch => outside(place).map(Guard::If),
        K::ArithmeticOverflow | K::DivideByZero => out_of_range(place).map(Guard::If),
        _ => taken_out(place, &statement.range),
    }
}

/// When an index or a range finds nothing.
fn outside(place: &Place<'_>) -> Option<String> {
    match &place.failing.expr {
        Expr::Index(index) if is_pure(&index.expr) && is_pure(&index.index) => {
            let (base, key) = (place.text_of(&index.expr), place.text_of(&index.index));
            let is_const = place.function.signature.constness.is_some();
            match (&*index.index, is_const) {
                (Expr::Range(_), true) => None,
                (_, true) => Some(format!("{key} >= {base}.len()")),
                _ => Some(format!("{base}.get({key}).is_none()")),
            }
        }
        Expr::MethodCall(call) if is_pure(&call.receiver) && call.args.iter().all(is_pure) => {
            let base = place.text_of(&call.receiver);
            let first = place.text_of(call.args.first()?);
            let by_character =
                matches!(place.findings.class.kind, K::StrNotCharBoundary | K::StrIndexOutOfRange);
            match call.method.to_string().as_str() {
                "split_at" | "split_at_mut" | "split_off" | "insert_str" if by_character => {
                    Some(format!("!{base}.is_char_boundary({first})"))
                }
                "split_at" | "split_at_mut" | "split_off" | "insert" => {
                    Some(format!("{first} > {base}.len()"))
                }
                "remove" | "swap_remove" => Some(format!("{first} >= {base}.len()")),
                "copy_from_slice" | "clone_from_slice" => {
                    Some(format!("{base}.len() != {first}.len()"))
                }
                "swap" if call.args.len() == 2 => {
                    let second = place.text_of(call.args.last()?);
                    Some(format!("{first} >= {base}.len() || {second} >= {base}.len()"))
                }
                _ => None,
            }
        }
        _ => None,
    }
}

/// When an operation has no result.
fn out_of_range(place: &Place<'_>) -> Option<String> {
    let Expr::Binary(binary) = &place.failing.expr else { return None };
    if !is_pure(&binary.left) || !is_pure(&binary.right) {
        return None;
    }
    let (left, right) = (place.text_of(&binary.left), place.text_of(&binary.right));
    let sign = operator(binary);
    match (sign.trim_end_matches('='), place.findings.class.kind) {
        ("/" | "%", K::DivideByZero) => Some(format!("{right} == 0")),
        ("-", _) => Some(format!("{left} < {right}")),
        _ => None,
    }
}

/// `x.unwrap()`: what is unwrapped, taken out before. Only where nothing else runs before it.
fn taken_out(place: &Place<'_>, statement: &Range<usize>) -> Option<Guard> {
    let Expr::MethodCall(call) = &place.failing.expr else { return None };
    if call.method != "unwrap" && call.method != "expect" {
        return None;
    }
    let parsed = parse_statement(place, statement)?;
    let runs_before = call_sites(&parsed)
        .iter()
        .any(|site| site.at < place.failing.range.start && site.receiver.is_none());
    if runs_before {
        return None;
    }
    let pattern = match place.findings.class.kind {
        K::UnwrapNone => "Some",
        // Of words of the program's own it is not certain which of the two they are said of.
        K::Custom | K::ExpectFailed => {
            let message = place.findings.class.value("message").unwrap_or_default();
            let Some(Expr::Lit(literal)) = call.args.first() else { return None };
            let syn::Lit::Str(said) = &literal.lit else { return None };
            if said.value().trim() == message.trim() { "Some" } else { "Ok" }
        }
        _ => "Ok",
    };
    Some(Guard::Let { pattern, value: place.text_of(&call.receiver).to_owned() })
}

/// `assert!(…)` and `unreachable!()` in functions that can say that something went wrong.
fn instead(place: &Place<'_>, one: &syn::ExprMacro) -> Option<Guard> {
    let name = one.mac.path.segments.last()?.ident.to_string();
    let arguments = crate::source::rust::failing::macro_arguments(&one.mac);
    let text = |at: usize| arguments.get(at).map(|argument| place.text_of(argument).to_owned());
    match (place.findings.class.kind, name.trim_start_matches("debug_")) {
        (K::AssertFailed, "assert") => Some(Guard::Instead(Some(format!("!({})", text(0)?)))),
        (K::AssertFailed, "assert_eq") => {
            Some(Guard::Instead(Some(format!("{} != {}", text(0)?, text(1)?))))
        }
        (K::AssertFailed, "assert_ne") => {
            Some(Guard::Instead(Some(format!("{} == {}", text(0)?, text(1)?))))
        }
        (K::Unreachable, "unreachable") => Some(Guard::Instead(None)),
        _ => None,
    }
}

/// Whether the failing expression runs whenever its statement does, and once.
fn is_unconditional(place: &Place<'_>, statement: &Range<usize>) -> bool {
    struct Always {
        wanted: Range<usize>,
        found: bool,
    }
    impl<'ast> Visit<'ast> for Always {
        fn visit_expr(&mut self, expr: &'ast Expr) {
            if range_of_expr(expr) == self.wanted {
                self.found = true;
                return;
            }
            match expr {
                Expr::Binary(one) if matches!(one.op, BinOp::And(_) | BinOp::Or(_)) => {
                    self.visit_expr(&one.left);
                }
                Expr::If(one) => self.visit_expr(&one.cond),
                Expr::Match(one) => self.visit_expr(&one.expr),
                Expr::ForLoop(one) => self.visit_expr(&one.expr),
                Expr::While(_)
                | Expr::Loop(_)
                | Expr::Closure(_)
                | Expr::Async(_)
                | Expr::Block(_)
                | Expr::Unsafe(_)
                | Expr::Const(_) => {}
                other => visit::visit_expr(self, other),
            }
        }
    }
    let Some(found) = find_statement(place, statement) else { return false };
    let mut always = Always { wanted: place.failing.range.clone(), found: false };
    match &found {
        syn::Stmt::Local(local) => {
            if let Some(init) = &local.init {
                always.visit_expr(&init.expr);
            }
        }
        syn::Stmt::Expr(expr, _) => always.visit_expr(expr),
        _ => {}
    }
    always.found
}

fn find_statement(place: &Place<'_>, range: &Range<usize>) -> Option<syn::Stmt> {
    struct Statements<'r> {
        range: &'r Range<usize>,
        found: Option<syn::Stmt>,
    }
    impl<'ast> Visit<'ast> for Statements<'_> {
        fn visit_stmt(&mut self, statement: &'ast syn::Stmt) {
            if crate::source::rust::extent::range_of_statement(statement) == *self.range {
                self.found = Some(statement.clone());
            } else if self.found.is_none() {
                visit::visit_stmt(self, statement);
            }
        }
    }
    let mut statements = Statements { range, found: None };
    statements.visit_block(place.function.block);
    statements.found
}

fn parse_statement(place: &Place<'_>, range: &Range<usize>) -> Option<Expr> {
    match find_statement(place, range)? {
        syn::Stmt::Local(local) => local.init.map(|init| *init.expr),
        syn::Stmt::Expr(expr, _) => Some(expr),
        _ => None,
    }
}

/// Whether an expression can be written a second time: it reads, and changes nothing.
fn is_pure(expr: &Expr) -> bool {
    match expr {
        Expr::Path(_) | Expr::Lit(_) => true,
        Expr::Field(field) => is_pure(&field.base),
        Expr::Paren(inner) => is_pure(&inner.expr),
        Expr::Reference(inner) => inner.mutability.is_none() && is_pure(&inner.expr),
        Expr::Unary(inner) => is_pure(&inner.expr),
        Expr::Cast(inner) => is_pure(&inner.expr),
        Expr::Index(index) => is_pure(&index.expr) && is_pure(&index.index),
        Expr::Binary(binary) => {
            !crate::source::rust::failing::is_assignment(&binary.op)
                && is_pure(&binary.left)
                && is_pure(&binary.right)
        }
        Expr::Range(range) => {
            range.start.iter().chain(range.end.iter()).all(|bound| is_pure(bound))
        }
        Expr::MethodCall(call) => {
            let reads =
                ["len", "as_bytes", "as_str", "as_ref", "as_slice", "start", "end", "min", "max"];
            reads.contains(&call.method.to_string().as_str())
                && is_pure(&call.receiver)
                && call.args.iter().all(is_pure)
        }
        _ => false,
    }
}
