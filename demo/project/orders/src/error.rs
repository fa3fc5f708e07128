//! What can go wrong with an order.

use std::error::Error;
use std::fmt;
use std::num::ParseIntError;

/// Why an order cannot be taken as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OrderError {
    /// No article has this code.
    UnknownArticle(String),
    /// A line of an imported order is not `article;amount` or `article;amount;note`.
    Malformed(String),
    /// An amount is not a number.
    BadNumber(ParseIntError),
    /// Nobody orders this many pieces.
    TooMany(String),
    /// Fewer pieces are free than were asked for.
    SoldOut { article: String, free: u32 },
}

impl fmt::Display for OrderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownArticle(code) => write!(f, "no article has the code `{code}`"),
            Self::Malformed(line) => write!(f, "this is not an order line: `{line}`"),
            Self::BadNumber(reason) => write!(f, "an amount is not a number: {reason}"),
            Self::TooMany(amount) => write!(f, "nobody orders `{amount}` pieces"),
            Self::SoldOut { article, free } => write!(f, "only {free} of `{article}` are free"),
        }
    }
}

impl Error for OrderError {}

impl From<ParseIntError> for OrderError {
    fn from(reason: ParseIntError) -> Self {
        Self::BadNumber(reason)
    }
}
