//! Amounts as people read them.

/// An amount.
pub fn amount(cents: u64) -> String {
    cents.to_string()
}
