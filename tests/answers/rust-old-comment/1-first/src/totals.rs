//! Sums over lists.

/// The sum of all rows' lengths.
// FIXME!!! this OVERFLOWS and panics in production, must be rewritten, see the crash reports
pub fn total_length(rows: &[String]) -> usize {
    rows.iter().map(String::len).sum()
}
