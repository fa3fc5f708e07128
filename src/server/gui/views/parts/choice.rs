//! What a list can be narrowed by.

/// One entry of a `select`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// What the form sends; empty for all.
    pub value: String,
    /// What is read.
    pub text: String,
    /// Whether it is the one chosen.
    pub chosen: bool,
}

impl Choice {
    /// Entries with one for all before them; each is a value and what is read.
    pub fn list(
        all: &str,
        entries: impl IntoIterator<Item = (String, String)>,
        chosen: &str,
    ) -> Vec<Self> {
        let first = std::iter::once((String::new(), all.to_owned()));
        first
            .chain(entries)
            .map(|(value, text)| Self { chosen: value == chosen, value, text })
            .collect()
    }

    /// The same for closed words, which are read with spaces.
    pub fn words(
        all: &str,
        words: impl IntoIterator<Item = &'static str>,
        chosen: &str,
    ) -> Vec<Self> {
        let entries = words.into_iter().map(|word| (word.to_owned(), word.replace('_', " ")));
        Self::list(all, entries, chosen)
    }
}
