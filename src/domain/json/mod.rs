//! JSON as it stands in its text: a flat list of where each key, text, number, list and object is
//! ([`Doc`]), without a copy of any of them. A quick reader for the usual; whatever is unusual (halves of
//! characters, numbers beyond a double, nesting beyond [`MAX_DEPTH`]) it hands over, and
//! [`lenient`] has the slow way for that.

#[cfg(test)]
pub(crate) mod any;
mod doc;
pub mod lenient;
mod parse;
mod repeats;
mod scan;
#[cfg(test)]
mod tests;

pub use doc::{Doc, Kind, Val};
pub(in crate::domain) use doc::{Form, Node};

/// Containers within each other that are read; `serde_json` takes as many.
pub const MAX_DEPTH: usize = 127;
