//! What kind of failure an exception is: by its type and the words of its message.

mod javascript;
mod others;
mod python;
mod words;

use crate::domain::frames::Language;
use crate::source::script::failing::Wanted;

/// What an exception says.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Class {
    /// Its name in lists and measurements: `key_error`.
    pub(super) word: &'static str,
    /// What happened, with the names of the message: the beginning of a sentence.
    pub(super) what: String,
    /// What that means and where to look, in a sentence.
    pub(super) why: &'static str,
    /// The expression to look for.
    pub(super) wanted: Wanted,
    /// The attribute or key that was not there.
    pub(super) missing: Option<String>,
    /// The class of the object that the message names.
    pub(super) of_class: Option<String>,
    /// Whether the cause may lie before: where the value was made or passed on.
    pub(super) upstream: bool,
    /// Whether there was nothing (`None`, `undefined`, `null`) where something was expected.
    pub(super) nothing: bool,
}

impl Class {
    fn new(word: &'static str, what: impl Into<String>, why: &'static str) -> Self {
        Self {
            word,
            what: what.into(),
            why,
            wanted: Wanted::Anything,
            missing: None,
            of_class: None,
            upstream: true,
            nothing: false,
        }
    }

    fn wants(mut self, wanted: Wanted) -> Self {
        self.wanted = wanted;
        self
    }

    fn lacks(mut self, name: Option<String>) -> Self {
        self.missing = name;
        self
    }

    fn of(mut self, class: Option<String>) -> Self {
        self.of_class = class;
        self
    }

    fn here(mut self) -> Self {
        self.upstream = false;
        self
    }
}

/// The class of an exception.
pub(super) fn classify(language: Language, ty: &str, value: &str) -> Class {
    let value = &value[..value.floor_char_boundary(words::MAX_BYTES)];
    let (mut class, nothing): (Class, &[&str]) = match language {
        Language::Python => (python::classify(ty, value), &["NoneType"]),
        // What is no function, or cannot be run over, mostly is nothing at all.
        Language::JavaScript => (
            javascript::classify(ty, value),
            &["undefined", "null", "is not a function", "is not iterable"],
        ),
        other => (others::classify(other, ty, value), &[]),
    };
    class.nothing = nothing.iter().any(|word| value.contains(word));
    class
}
