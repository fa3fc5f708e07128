//! Which expressions can fail in which way.

use crate::domain::panic::{PanicClass, PanicKind as K};
use crate::source::rust::failing::Shape;

const UNWRAPS: &[&str] = &["unwrap", "expect"];
const INDEXING_METHODS: &[&str] = &[
    "remove",
    "swap_remove",
    "insert",
    "split_at",
    "split_at_mut",
    "split_off",
    "swap",
    "drain",
    "copy_within",
    "rotate_left",
    "rotate_right",
    "replace_range",
    "truncate",
    "insert_str",
    "extend_from_within",
    "splice",
    "select_nth_unstable",
];
const ARITHMETIC_METHODS: &[&str] = &[
    "abs",
    "pow",
    "sum",
    "product",
    "neg",
    "add",
    "sub",
    "mul",
    "div",
    "elapsed",
    "next_power_of_two",
];
const COPYING_METHODS: &[&str] = &["copy_from_slice", "clone_from_slice", "swap_with_slice"];
const ASSERTIONS: &[&str] =
    &["assert", "assert_eq", "assert_ne", "debug_assert", "debug_assert_eq", "debug_assert_ne"];
const ANYTHING: &[Shape<'static>] =
    &[Shape::Method(&[]), Shape::Macro(&[]), Shape::Call, Shape::Index];

/// The shapes to look for, the likely ones; then [`ANYTHING`] if none of them is there.
pub(super) fn shapes(class: &PanicClass) -> Vec<Shape<'static>> {
    match class.kind {
        K::IndexOutOfBounds
        | K::SliceEndOutOfRange
        | K::SliceStartOutOfRange
        | K::SliceStartAfterEnd
        | K::StrNotCharBoundary
        | K::StrIndexOutOfRange => {
            vec![Shape::Index, Shape::Method(INDEXING_METHODS)]
        }
        K::MissingKey => vec![Shape::Index],
        K::LengthMismatch => vec![Shape::Method(COPYING_METHODS)],
        K::UnwrapNone
        | K::UnwrapErr
        | K::ParseError
        | K::IoError
        | K::EnvMissing
        | K::Utf8Error
        | K::ConversionError
        | K::ChannelClosed
        | K::Timeout
        | K::JoinError => {
            vec![Shape::Method(UNWRAPS)]
        }
        K::PoisonedLock => vec![Shape::Method(UNWRAPS), Shape::Method(&[])],
        K::UnwrapOk => vec![Shape::Method(&["unwrap_err", "expect_err"])],
        K::ArithmeticOverflow | K::DivideByZero => arithmetic(class),
        K::RefcellAlreadyBorrowed => {
            vec![Shape::Method(&["borrow_mut", "replace", "replace_with", "swap", "take"])]
        }
        K::RefcellAlreadyMutablyBorrowed => vec![Shape::Method(&["borrow", "clone"])],
        K::AssertFailed => vec![Shape::Macro(ASSERTIONS)],
        K::Unreachable => vec![Shape::Macro(&["unreachable"])],
        K::Todo => vec![Shape::Macro(&["todo", "unimplemented"])],
        K::Explicit => vec![Shape::Macro(&["panic"])],
        K::ExpectFailed | K::Custom => vec![
            Shape::Method(&["expect"]),
            Shape::Macro(&["panic", "assert", "assert_eq", "assert_ne", "debug_assert"]),
        ],
        _ => ANYTHING.to_vec(),
    }
}

/// What to look for if none of the likely shapes is on the line.
pub(super) fn anything() -> &'static [Shape<'static>] {
    ANYTHING
}

fn arithmetic(class: &PanicClass) -> Vec<Shape<'static>> {
    let operators: &'static [&'static str] = match class.value("operation") {
        Some("add") => &["+"],
        Some("subtract") => &["-"],
        Some("multiply") => &["*"],
        Some("divide" | "divid") => &["/"],
        Some("remainder") => &["%"],
        Some("shift left") => &["<<"],
        Some("shift right") => &[">>"],
        Some("negate") => return vec![Shape::Negation, Shape::Method(ARITHMETIC_METHODS)],
        _ => &["+", "-", "*", "/", "%"],
    };
    vec![Shape::Binary(operators), Shape::Method(ARITHMETIC_METHODS)]
}
