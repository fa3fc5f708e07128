//! Amounts of the new interface.

/// Reads an amount with an optional sign.
pub fn parse(text: &str) -> i64 {
    text.trim().parse().unwrap()
}
