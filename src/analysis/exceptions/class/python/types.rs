//! Python's TypeError: by the words of its message.

use super::operators;
use crate::analysis::exceptions::class::Class;
use crate::analysis::exceptions::class::words::{before, between, shown};
use crate::source::script::failing::Wanted as W;

pub(super) fn type_error(value: &str) -> Class {
    let none = value.contains("NoneType");
    let kind = |word, what: String, why: &'static str, wanted: W| {
        Class::new(word, what, why).wants(wanted)
    };
    const NONE: &str = "A value is None where something else was expected: a function returned nothing, a lookup found nothing, or a default was never replaced.";
    const TYPE: &str =
        "A value is of another type than the code expects; where it was made is what matters.";
    let why = if none { NONE } else { TYPE };
    if value.contains("not subscriptable") || value.contains("does not support item") {
        return kind(
            "not_subscriptable",
            format!("something is indexed that cannot be ({})", shown(value)),
            why,
            W::Subscript(None),
        );
    }
    if value.contains("is not callable") {
        return kind(
            "not_callable",
            format!("something is called that is no function ({})", shown(value)),
            "A name holds a value where a function was expected: it was assigned over, or brackets are too many.",
            W::Call(None),
        );
    }
    if value.contains("not iterable")
        || value.contains("cannot unpack")
        || value.contains("non-iterable")
    {
        return kind(
            "not_iterable",
            format!("something is run over or taken apart that cannot be ({})", shown(value)),
            why,
            W::Iterate,
        );
    }
    if value.contains("unsupported operand") || value.contains("not supported between") {
        let operator = between(value, "for ", ":").or_else(|| between(value, "'", "'"));
        let operator = operator.map(|op| {
            op.split(" or ")
                .next()
                .unwrap_or_default()
                .trim_end_matches('=')
                .trim_matches('\'')
                .to_owned()
        });
        return kind(
            "operand_types",
            format!("an operator got values that do not go together ({})", shown(value)),
            why,
            W::Operator(operator.into_iter().collect()),
        );
    }
    if value.contains("can only concatenate")
        || value.contains("must be str, not")
        || value.contains("can't concat")
    {
        return kind(
            "operand_types",
            format!("a text is joined with something that is none ({})", shown(value)),
            why,
            operators(&["+"]),
        );
    }
    if value.contains("required positional argument")
        || value.contains("positional argument")
        || value.contains("unexpected keyword argument")
        || value.contains("multiple values for argument")
        || value.contains("required keyword-only")
    {
        let function =
            before(value, "(").map(|name| name.rsplit('.').next().unwrap_or(&name).to_owned());
        return kind(
            "arguments",
            format!("a function is called with arguments that it does not take ({})", shown(value)),
            "The call and the function's head do not fit: one of them was changed without the other, or another function is called than meant.",
            W::Call(function.filter(|name| name != "__init__")),
        )
        .lacks(between(value, "keyword argument '", "'"));
    }
    if value.contains("unhashable") {
        return kind(
            "unhashable",
            format!("something serves as a key that cannot be one ({})", shown(value)),
            why,
            W::Subscript(None),
        );
    }
    if value.contains("indices must be") {
        return kind(
            "index_type",
            format!("an index is of the wrong type ({})", shown(value)),
            "Either the index is wrong, or what is indexed is another kind of collection than thought: a list for a mapping, a text for an object.",
            W::Subscript(None),
        );
    }
    if value.contains("has no len()") {
        return kind(
            "no_length",
            format!("the length is taken of something that has none ({})", shown(value)),
            why,
            W::CallOf(&["len"]),
        );
    }
    if value.contains("JSON serializable") {
        return kind(
            "not_serializable",
            format!("a value cannot be written as JSON ({})", shown(value)),
            "Something of the value is no plain data; turn it into plain data where it is put together.",
            W::CallOf(&["dumps", "dump"]),
        );
    }
    if value.contains("sequence item") {
        return kind(
            "join",
            format!("a list that is joined holds something that is no text ({})", shown(value)),
            why,
            W::CallOf(&["join"]),
        );
    }
    if value.contains("() argument must be") {
        return kind(
            "conversion",
            format!("a value cannot be converted ({})", shown(value)),
            why,
            W::CallOf(&["int", "float", "complex", "bytes", "str"]),
        );
    }
    if value.contains("string formatting")
        || value.contains("format requires")
        || value.contains("format string")
    {
        return kind(
            "formatting",
            format!("a text is put together from values that do not fit it ({})", shown(value)),
            "The placeholders and the values differ in number or type.",
            operators(&["%"]),
        );
    }
    kind("type_error", format!("a value is of the wrong type ({})", shown(value)), why, W::Anything)
}
