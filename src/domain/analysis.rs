//! What an analysis says: the cause, and the code that it points at.

use serde::{Deserialize, Serialize};

/// A line of code that supports a claim. `quote` is the line byte for byte, without its line end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// Path below the repository root.
    pub file: String,
    /// From 1.
    pub line: u32,
    /// The line, byte for byte, without its line end.
    pub quote: String,
    /// What it shows.
    pub why: String,
}

/// A place that may have to change, best first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// Path below the repository root.
    pub file: String,
    /// From 1.
    pub line: u32,
    /// The enclosing function, qualified as far as known (`Cart::total`).
    pub function: Option<String>,
    /// Why here.
    pub why: String,
}

/// Why it failed, as far as it can be shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RootCause {
    /// One or two sentences. "No root cause, because …" is an answer.
    pub summary: String,
    /// Path below the repository root.
    pub file: Option<String>,
    /// From 1.
    pub line: Option<u32>,
    /// The enclosing function.
    pub function: Option<String>,
    /// The kind of failure, e.g. `index_out_of_bounds`; `unknown` if it has no name.
    pub class: String,
    /// Between 0 and 1, measured on real cases; `None` until it has been measured for this class.
    pub confidence: Option<f64>,
    /// What supports it.
    pub evidence: Vec<Evidence>,
    /// At most five, best first.
    pub candidates: Vec<Candidate>,
    /// Caveats: which revision was read and why, what could not be read.
    pub notes: Vec<String>,
}
