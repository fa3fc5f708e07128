//! What failed, in plain words, with the message's values. One file a family of classes.

mod arithmetic;
mod indexing;
mod state;
mod values;

use crate::domain::panic::{PanicClass, PanicKind as K};

/// Characters quoted of anything from the message.
const MAX_QUOTED_CHARS: usize = 160;

/// One sentence without its full stop: what happened at `expr` (source text), by the message's values.
pub(super) fn what(class: &PanicClass, expr: Option<&str>) -> String {
    let expr = expr.map_or_else(|| "the failing expression".to_owned(), quoted_code);
    match class.kind {
        K::IndexOutOfBounds
        | K::MissingKey
        | K::SliceEndOutOfRange
        | K::SliceStartOutOfRange
        | K::SliceStartAfterEnd
        | K::StrNotCharBoundary
        | K::StrIndexOutOfRange
        | K::LengthMismatch => indexing::what(class, &expr),
        K::ArithmeticOverflow | K::DivideByZero | K::CapacityOverflow | K::ConversionError => {
            arithmetic::what(class, &expr)
        }
        K::UnwrapNone
        | K::UnwrapErr
        | K::UnwrapOk
        | K::ExpectFailed
        | K::ParseError
        | K::IoError
        | K::EnvMissing
        | K::Utf8Error
        | K::ChannelClosed
        | K::Timeout
        | K::JoinError
        | K::Custom => values::what(class, &expr),
        _ => state::what(class, &expr),
    }
}

/// Whether the place that reports the failure is often not the place that caused it.
pub(super) fn cause_may_be_upstream(class: &PanicClass) -> bool {
    matches!(
        class.kind,
        K::UnwrapNone
            | K::UnwrapErr
            | K::UnwrapOk
            | K::ExpectFailed
            | K::ParseError
            | K::AssertFailed
            | K::Unreachable
            | K::Custom
            | K::Explicit
            | K::PoisonedLock
            | K::JoinError
            | K::InvalidArgument
    )
}

/// Source text on one line, in backticks, shortened.
pub(super) fn quoted_code(code: &str) -> String {
    let line = code.split_whitespace().collect::<Vec<_>>().join(" ");
    // A chain broken over lines reads better without the gaps.
    format!("`{}`", shortened(&line.replace(" .", ".")))
}

/// Text from the message, shortened.
pub(super) fn shortened(text: &str) -> String {
    let mut short: String = text.chars().take(MAX_QUOTED_CHARS).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}
