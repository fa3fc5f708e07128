//! Amounts as the forms send them.

/// Reads an amount.
pub fn parse(text: &str) -> u64 {
    text.trim().parse().unwrap()
}
