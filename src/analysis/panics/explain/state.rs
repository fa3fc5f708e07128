//! Borrows, locks, assertions and exhausted resources.

use super::shortened;
use crate::domain::panic::{PanicClass, PanicKind as K};

pub(super) fn what(class: &PanicClass, expr: &str) -> String {
    let value = |name| class.value(name);
    let said = value("said").map(|said| format!(" (\"{}\")", shortened(said))).unwrap_or_default();
    match class.kind {
        K::RefcellAlreadyBorrowed => {
            format!("{expr} asked for a mutable borrow of a RefCell that was already borrowed")
        }
        K::RefcellAlreadyMutablyBorrowed => {
            format!("{expr} asked for a borrow of a RefCell that was already mutably borrowed")
        }
        K::AssertFailed => match (value("left"), value("right"), value("condition")) {
            (Some(left), Some(right), _) => format!(
                "{expr} did not hold: left was {}, right was {}{said}",
                shortened(left),
                shortened(right)
            ),
            (_, _, Some(condition)) => {
                format!("{expr} did not hold: {} was false{said}", shortened(condition))
            }
            _ => format!("{expr} did not hold{said}"),
        },
        K::Unreachable => format!("{expr} was reached, which its author took for impossible{said}"),
        K::Todo => format!("{expr} was reached; this part has not been written{said}"),
        K::Explicit => format!("{expr} stopped the program without a message"),
        K::StackOverflow => "The stack is full".to_owned(),
        K::OutOfMemory => {
            format!("The allocation of {} bytes failed", value("bytes").unwrap_or("many"))
        }
        K::PoisonedLock => {
            format!("{expr} met a lock or lazy value that an earlier panic had left poisoned{said}")
        }
        K::NoReactor => format!("{expr} needed an asynchronous runtime, and none was running"),
        K::NestedRuntime => {
            format!("{expr} started or blocked on a runtime from inside a runtime")
        }
        K::InconsistentOrder => format!("{expr} sorted with a comparison that contradicts itself"),
        _ => format!("{expr} was given an argument that it forbids"),
    }
}
