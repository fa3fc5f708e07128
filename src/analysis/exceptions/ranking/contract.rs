//! How far a function is a contract: one that fails because of what it was given.

use crate::analysis::exceptions::findings::{Code, only_given};

/// From here on the caller is more likely to be to blame.
pub(super) const MOVES_ON: f64 = 0.45;

/// Nothing is known to be a contract beyond all doubt.
const MOST: f64 = 0.85;

/// Lines of a body that is short.
const SHORT_LINES: u32 = 6;

/// Parts of names of functions that check.
const CHECKS: &[&str] = &[
    "check", "valid", "assert", "require", "ensure", "expect", "raise", "throw", "error", "fail",
    "verify",
];

/// Between 0 and [`MOST`]. `failed` is whether this is the function that failed; the others only called.
pub(super) fn strength(code: &Code, failed: bool) -> f64 {
    let Some(function) = code.function() else { return 0.0 };
    let given = only_given(code);
    let lines = code.file.line_at(function.range.end) - function.line + 1;
    let is_short = lines <= SHORT_LINES;
    if !failed {
        // It passes on what it was given.
        return if is_short && given { 0.5 } else { 0.0 };
    }
    let mut sum = 0.0;
    if code.failing.as_ref().is_some_and(|failing| failing.raises) {
        sum += 0.3;
        if given {
            sum += 0.15;
        }
    }
    if given {
        sum += 0.2;
        if is_short {
            sum += 0.15;
        }
    }
    let name = function.short.to_lowercase();
    if CHECKS.iter().any(|word| name.contains(word)) {
        sum += 0.2;
    }
    if name.starts_with("__get") || name == "__call__" {
        sum += 0.2;
    }
    f64::min(sum, MOST)
}
