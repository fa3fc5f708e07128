//! Arithmetic that does not fit: the checked operation where an error can be returned, the saturating
//! one where not.

use syn::Expr;

use super::errors::error_elsewhere;
use super::index::{lazily, no_error};
use super::returns::{Returns, missing, returns};
use super::{Edit, Place, is_simple_receiver};
use crate::domain::panic::PanicKind as K;
use crate::source::rust::failing::{is_assignment, operator};
use crate::source::rust::types::is_number;

pub(super) fn edit(place: &Place<'_>) -> Result<Edit, String> {
    if let Expr::Unary(unary) = &place.failing.expr
        && matches!(unary.op, syn::UnOp::Neg(_))
    {
        return negated(place, &unary.expr);
    }
    let Expr::Binary(binary) = &place.failing.expr else {
        return Err("the failing operation is not written as an operator here.".to_owned());
    };
    let sign = operator(binary);
    let assigns = is_assignment(&binary.op);
    let sign = if assigns { sign.trim_end_matches('=') } else { sign.as_str() };
    let name = match sign {
        "+" => "add",
        "-" => "sub",
        "*" => "mul",
        "/" => "div",
        "%" => "rem",
        "<<" => "shl",
        ">>" => "shr",
        _ => return Err("the operator has no checked form.".to_owned()),
    };
    let left = place.text_of(&*binary.left);
    let right = place.text_of(&*binary.right);
    let receiver = match &*binary.left {
        Expr::Lit(literal) => {
            // The type of a bare number is not known where a method is called on it.
            let syn::Lit::Int(number) = &literal.lit else { return Err(untyped()) };
            if !number.suffix().is_empty() {
                left.to_owned()
            } else {
                let ty = place.type_of(&binary.right).filter(is_number).ok_or_else(untyped)?;
                format!("{left}_{}", quote::ToTokens::to_token_stream(&ty))
            }
        }
        expr if is_bare_number(place, expr) => return Err(untyped()),
        expr if is_simple_receiver(expr) => left.to_owned(),
        _ => format!("({left})"),
    };
    // A reference as the right operand works for `-`, but not for a method.
    let right_is_reference = matches!(place.type_of(&binary.right), Some(syn::Type::Reference(_)));
    let argument = match &*binary.right {
        Expr::Paren(inner) => place.text_of(&*inner.expr).to_owned(),
        expr if right_is_reference && is_simple_receiver(expr) => format!("*{right}"),
        _ => right.to_owned(),
    };
    // Shifts take an u32, whatever they shift.
    let argument = match name {
        "shl" | "shr" => format!("({argument}) as u32"),
        _ => argument,
    };
    let checked = format!("{receiver}.checked_{name}({argument})");
    let range = place.failing.range.clone();
    let put = |value: String| {
        let text = if assigns { format!("{left} = {value}") } else { value };
        vec![(range.clone(), text)]
    };
    if assigns && !matches!(&*binary.left, Expr::Path(_) | Expr::Field(_) | Expr::Unary(_)) {
        return Err("the target of the operation is computed in place.".to_owned());
    }
    let title =
        format!("Handle the overflow of `{sign}` in {} instead of panicking", place.function.name);
    let title = match place.findings.class.kind {
        K::DivideByZero => {
            format!("Handle a divisor of zero in {} instead of panicking", place.function.name)
        }
        _ => title,
    };
    match returns(place) {
        Returns::Option => Ok(place.edit(
            put(format!("{checked}?")),
            title,
            format!(
                "checked_{name} gives None where the operator panicked, and `?` returns it: {} already returns an Option. A reviewer should look at why the operands are what they are.",
                place.function.name
            ),
        )),
        Returns::Result(style)
            if let Some(error) =
                missing(place, &style, "the result of a calculation does not fit")
                    .or_else(|| error_elsewhere(place)) =>
        {
            Ok(place.edit(
                put(format!("{checked}{}?", lazily(&style, &error.text))),
                title,
                format!(
                    "checked_{name} gives None where the operator panicked; {} then returns an error to its caller.{} A reviewer should look at why the operands are what they are.",
                    place.function.name, error.note
                ),
            ))
        }
        Returns::Result(_) | Returns::Unit | Returns::Value(_) | Returns::Closure => {
            let (value, says) = match (place.findings.class.kind, name) {
                (K::DivideByZero, _) => (
                    format!("{checked}.unwrap_or_default()"),
                    "a division by zero now gives 0".to_owned(),
                ),
                (_, "add" | "sub" | "mul") => (
                    format!("{receiver}.saturating_{name}({argument})"),
                    "the result now stops at the end of its type's range (at 0, for an unsigned number that would fall below it)".to_owned(),
                ),
                (_, "shl" | "shr") => (
                    format!("{checked}.unwrap_or_default()"),
                    "a shift by more bits than there are now gives 0".to_owned(),
                ),
                _ => return Err(no_error()),
            };
            Ok(place.edit(
                put(value),
                title,
                format!(
                    "{} cannot return an error here, so {says}. This can hide wrong operands: a reviewer has to decide whether that value is right, or whether the function should return an Option or a Result.",
                    place.function.name
                ),
            ))
        }
    }
}

/// Whether the edit may stand in a const function: `?` and traits may not.
pub(super) fn is_const(place: &Place<'_>) -> bool {
    let Expr::Binary(binary) = &place.failing.expr else { return false };
    let saturates = matches!(operator(binary).trim_end_matches('='), "+" | "-" | "*");
    let kind = place.findings.class.kind == K::ArithmeticOverflow;
    kind && saturates && !matches!(returns(place), Returns::Option | Returns::Result(_))
}

fn untyped() -> String {
    "the type of the left operand is not stated.".to_owned()
}

/// `-x` of the smallest number.
fn negated(place: &Place<'_>, operand: &Expr) -> Result<Edit, String> {
    let text = place.text_of(operand);
    let receiver = if is_simple_receiver(operand) { text.to_owned() } else { format!("({text})") };
    let title =
        format!("Handle the overflow of `-` in {} instead of panicking", place.function.name);
    let (value, says) = match returns(place) {
        Returns::Option => (format!("{receiver}.checked_neg()?"), "it now returns None"),
        _ => (
            format!("{receiver}.saturating_neg()"),
            "the result now stops at the largest number, one less than it should be",
        ),
    };
    Ok(place.edit(
        vec![(place.failing.range.clone(), value)],
        title,
        format!(
            "The smallest number has no positive counterpart: {says}. A reviewer has to decide whether that is right in {}.",
            place.function.name
        ),
    ))
}

/// A variable that is only known to be some number: no method can be called on it.
fn is_bare_number(place: &Place<'_>, expr: &Expr) -> bool {
    let Expr::Path(path) = expr else { return false };
    let Some(name) = path.path.get_ident().map(ToString::to_string) else { return false };
    let bound = place.code.facts.binding(&name, place.failing.range.start);
    bound.is_some_and(|one| {
        let is_bare = |value: &Expr| {
            matches!(value, Expr::Lit(literal) if matches!(&literal.lit, syn::Lit::Int(number) if number.suffix().is_empty()))
        };
        one.ty.is_none() && one.value.as_ref().is_some_and(is_bare)
    })
}
