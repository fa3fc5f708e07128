//! Amounts of money, in cents.

pub mod legacy;
pub mod modern;
pub mod show;

/// Shows an amount and reads it again, as the form does.
pub fn through_the_form(cents: u64) -> u64 {
    legacy::parse(&show::amount(cents))
}
