//! How far a function is a contract: one that fails because of what it was given.

use crate::analysis::panics::findings::Code;
use crate::domain::panic::{PanicClass, PanicKind as K};
use crate::source::rust::calls::call_sites;
use crate::source::rust::facts::BindingKind;
use crate::source::rust::file::{RustFile, range_of};
use crate::source::rust::functions::Function;

/// From here on the caller is more likely to be to blame.
pub(super) const MOVES_ON: f64 = 0.45;

/// Nothing is known to be a contract beyond all doubt.
const MOST: f64 = 0.85;

/// Lines of a body that is short.
const SHORT_LINES: usize = 6;

/// Operators: their callers write no call, and their panics are what they promise.
const OPERATORS: &[&str] = &[
    "Add",
    "AddAssign",
    "Sub",
    "SubAssign",
    "Mul",
    "MulAssign",
    "Div",
    "DivAssign",
    "Rem",
    "RemAssign",
    "Neg",
    "Shl",
    "Shr",
    "Index",
    "IndexMut",
    "Deref",
    "DerefMut",
    "From",
    "Into",
    "Sum",
    "Product",
];

/// Between 0 and [`MOST`]. `failed` is whether this is the function that failed; the others only called.
pub(super) fn strength(code: &Code, class: &PanicClass, failed: bool) -> f64 {
    let given = only_given(code);
    code.with_function(|function| {
        let mut sum = 0.0;
        let is_operator = is_operator(function);
        if is_operator {
            sum += 0.35;
        }
        let lines = code.file.line_at(function.range.end - 1) as usize
            - code.file.line_at(function.range.start) as usize
            + 1;
        let is_short = lines <= SHORT_LINES;
        if !failed {
            // It passes on what it was given.
            return match (is_operator, is_short && given) {
                (true, _) => 0.6,
                (false, true) => 0.5,
                _ => 0.0,
            };
        }
        let docs = head_of(&code.file, function);
        if docs.contains("# Panics") || docs.contains("track_caller") {
            sum += 0.35;
        }
        let is_unsafe = matches!(function.signature.safety, syn::Safety::Unsafe(_));
        if is_unsafe || function.short_name().contains("unchecked") {
            sum += 0.25;
        }
        if given && (checks(code) || !looks(code)) {
            sum += match class.kind {
                // A check of what it was given.
                K::AssertFailed | K::Explicit | K::Custom if checks(code) => 0.5,
                K::AssertFailed | K::Explicit | K::Custom => 0.35,
                // Arithmetic has to be ready for whatever is given.
                K::ArithmeticOverflow | K::DivideByZero => 0.05,
                K::IndexOutOfBounds
                | K::SliceEndOutOfRange
                | K::SliceStartOutOfRange
                | K::SliceStartAfterEnd
                | K::StrNotCharBoundary
                | K::StrIndexOutOfRange => 0.25,
                _ => 0.1,
            };
            if is_short {
                sum += 0.15;
            }
        }
        f64::min(sum, MOST)
    })
    .unwrap_or(0.0)
}

/// Whether a function can say that it could not do what it was asked: it gives a `Result` or an `Option`, or
/// something that does. What only writes text out has a `Result` of its own, which is not about its input.
pub(super) fn can_refuse(code: &Code) -> bool {
    code.with_function(|function| {
        let syn::ReturnType::Type(_, ty) = &function.signature.output else { return false };
        let given = code.file.slice(range_of(ty));
        ["Result<", "Option<"].iter().any(|name| given.contains(name))
    })
    .unwrap_or(false)
}

/// Whether a function only runs in tests.
pub(super) fn is_of_a_test(code: &Code, path: &str) -> bool {
    is_named_a_test(path, &code.function_name)
        || code.with_function(|function| head_of(&code.file, function).contains("#[test]"))
            == Some(true)
}

/// Whether a file's path, or the modules in a function's name, say that it is there for tests.
pub(super) fn is_named_a_test(path: &str, function: &str) -> bool {
    let names = path.split('/').chain(function.split("::"));
    names.into_iter().any(|part| matches!(part, "tests" | "test" | "tests.rs" | "test.rs"))
}

/// Calls that give what they were called on, or a part of it.
const PASSING: &[&str] = &[
    "as_bytes", "as_mut", "as_ref", "as_slice", "as_str", "borrow", "clone", "cloned", "copied",
    "end", "get", "into", "is_empty", "iter", "len", "start", "to_owned",
];

/// Whether all that the failing expression works on are parameters, `self` among them, or parts of these.
fn only_given(code: &Code) -> bool {
    let given = code.origins.iter().all(|origin| {
        let passes = |value: &syn::Expr| {
            call_sites(value).iter().all(|site| PASSING.contains(&site.call.name.as_str()))
        };
        match (origin.binding.kind, &origin.binding.value) {
            (BindingKind::Parameter, _) => true,
            // What a closure gets of what its function works on is not given from outside.
            (BindingKind::ClosureParameter, value) => value.is_none(),
            (BindingKind::Let | BindingKind::Pattern, Some(value)) => passes(value),
            _ => false,
        }
    });
    code.failing.is_some() && given && (!code.origins.is_empty() || !code.names.is_empty())
}

/// Whether it failed by a check of nothing but what it was given.
pub(super) fn checks_what_was_given(code: &Code) -> bool {
    checks(code) && only_given(code)
}

/// Whether it looks at the values before it fails on them: then it took it upon itself to see to them.
fn looks(code: &Code) -> bool {
    let place = code.failing.as_ref().map_or(0, |failing| failing.range.start);
    !code.facts.guards_of(&code.all_names(), place).is_empty()
}

/// Whether it fails by a check of its own.
fn checks(code: &Code) -> bool {
    code.failing.as_ref().is_some_and(|failing| matches!(failing.expr, syn::Expr::Macro(_)))
}

fn is_operator(function: &Function<'_>) -> bool {
    let Some((_, of_trait)) = function.name.split_once(" as ") else { return false };
    let name: &str = of_trait.split(['<', '>', ':']).next().unwrap_or_default();
    OPERATORS.contains(&name.trim())
}

/// The comments and attributes before a function.
fn head_of(file: &RustFile, function: &Function<'_>) -> String {
    let mut lines = Vec::new();
    let mut line = function.line;
    while line > 1 {
        line -= 1;
        let text = file.line(line).unwrap_or_default().trim();
        let is_head = text.starts_with("//") || text.starts_with('#') || text.ends_with(']');
        if !is_head {
            break;
        }
        lines.push(text.to_owned());
    }
    lines.join("\n")
}
