//! Who did what.

/// One line of the audit.
pub fn line(who: &str, what: &str) -> String {
    format!("{who}: {what}")
}
