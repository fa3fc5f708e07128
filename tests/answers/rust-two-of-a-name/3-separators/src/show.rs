//! Amounts as people read them.

/// An amount, with a separator at thousands.
pub fn amount(cents: u64) -> String {
    let digits = cents.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
