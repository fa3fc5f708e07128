//! Results that do not fit, and divisions without one.

use crate::domain::panic::{PanicClass, PanicKind as K};

pub(super) fn what(class: &PanicClass, expr: &str) -> String {
    match class.kind {
        K::DivideByZero => match class.value("operation") {
            Some("remainder") => format!("{expr} took a remainder by zero"),
            _ => format!("{expr} divided by zero"),
        },
        K::ArithmeticOverflow => match class.value("operation") {
            Some("subtract") => format!(
                "{expr} subtracted more than there was, and the result does not fit its type"
            ),
            Some("add") => format!("{expr} added up to more than its type can hold"),
            Some("multiply") => format!("{expr} multiplied to more than its type can hold"),
            Some("negate") => {
                format!(
                    "{expr} negated the smallest number of its type, which has no positive twin"
                )
            }
            Some(operation @ ("shift left" | "shift right")) => {
                format!("{expr} did a {operation} by as many bits as its type has, or more")
            }
            Some("exponentiate") => format!("{expr} raised to more than its type can hold"),
            _ => format!("{expr} gave a result that does not fit its type"),
        },
        K::CapacityOverflow => {
            format!("{expr} asked for a collection larger than memory can address")
        }
        _ => format!("{expr} converted a number that does not fit the target type"),
    }
}
