//! Marks: what stands where something was removed. Only the exact texts that this scrubber writes
//! count as marks, so that nobody hides a secret in a text that merely looks like one.

use super::{keys, numbers, shapes, text};

/// How every mark begins.
const BEGIN: &str = "[scrubbed: ";

/// The rule of values under a key that the operator named.
pub(super) const OWN_KEY: &str = "own-key";

/// The rule of what stands at a path that the operator named.
pub(super) const OWN_PATH: &str = "path";

/// All marks that may stand in an event.
#[derive(Debug)]
pub(super) struct Marks {
    known: Vec<String>,
}

impl Marks {
    /// The built-in rules' and those of `own` patterns.
    pub(super) fn new<'a>(own: impl Iterator<Item = &'a str>) -> Self {
        let built_in = [OWN_KEY, OWN_PATH]
            .into_iter()
            .chain(keys::RULES.iter().copied())
            .chain(shapes::RULES.iter().copied())
            .chain(numbers::RULES.iter().copied())
            .chain(text::RULES.iter().copied());
        let mut known: Vec<String> = built_in.chain(own).map(of).collect();
        known.sort_unstable();
        known.dedup();
        Self { known }
    }

    /// Whether the text is a mark and nothing else.
    pub(super) fn is_mark(&self, text: &str) -> bool {
        text.starts_with(BEGIN) && self.known.iter().any(|known| known == text)
    }

    /// Whether the text begins with a mark.
    pub(super) fn begins(&self, text: &[u8]) -> bool {
        self.length_at(text, 0).is_some()
    }

    /// The marks of a text, as start and end, in order.
    pub(super) fn find(&self, text: &str) -> Vec<(usize, usize)> {
        text.match_indices(BEGIN)
            .filter_map(|(at, _)| Some((at, at + self.length_at(text.as_bytes(), at)?)))
            .collect()
    }

    fn length_at(&self, text: &[u8], at: usize) -> Option<usize> {
        let rest = text.get(at..)?;
        if !rest.starts_with(BEGIN.as_bytes()) {
            return None;
        }
        self.known.iter().find(|known| rest.starts_with(known.as_bytes())).map(String::len)
    }
}

/// Whether a mark may stand in this key.
pub(super) fn mentions(key: &[u8]) -> bool {
    key.windows(BEGIN.len()).any(|window| window == BEGIN.as_bytes())
}

/// The mark of a rule.
pub(super) fn of(rule: &str) -> String {
    format!("{BEGIN}{rule}]")
}
