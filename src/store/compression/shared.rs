//! What several events have in common: one of them, without every word that only it has. Such a text
//! makes a dictionary that compresses as well as the whole event would, and holds nothing that is
//! one user's: a word stays only if another user's event has it too.

use std::collections::{HashMap, HashSet};

/// One event that a dictionary is made from.
#[derive(Clone, Debug)]
pub(super) struct Sample {
    /// Its payload.
    pub(super) bytes: Vec<u8>,
    /// Its user's hash, if it has a user.
    pub(super) user: Option<String>,
}

/// The words that events of more than one user have; events without a user are everybody's own.
pub(super) fn common_words(samples: &[Sample]) -> HashSet<&[u8]> {
    let mut seen = HashMap::<&[u8], usize>::new();
    let mut common = HashSet::new();
    for (index, sample) in samples.iter().enumerate() {
        for word in Pieces(&sample.bytes).filter(|piece| is_word(piece)) {
            let first = &samples[*seen.entry(word).or_insert(index)];
            let same =
                std::ptr::eq(first, sample) || first.user.is_some() && first.user == sample.user;
            if !same {
                common.insert(word);
            }
        }
    }
    common
}

/// An event without the words that are not common.
pub(super) fn only_common(event: &Sample, common: &HashSet<&[u8]>) -> Vec<u8> {
    let mut out = Vec::with_capacity(event.bytes.len());
    for piece in Pieces(&event.bytes) {
        if !is_word(piece) || common.contains(piece) {
            out.extend_from_slice(piece);
        }
    }
    out
}

fn is_word(piece: &[u8]) -> bool {
    piece.first().is_some_and(|byte| in_word(*byte))
}

/// Letters, digits and everything beyond ASCII: what a name, a number, an id is made of.
fn in_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || !byte.is_ascii()
}

/// Words, and what stands between them, in turn.
struct Pieces<'a>(&'a [u8]);

impl<'a> Iterator for Pieces<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let word = in_word(*self.0.first()?);
        let end = self.0.iter().position(|b| in_word(*b) != word).unwrap_or(self.0.len());
        let (piece, rest) = self.0.split_at(end);
        self.0 = rest;
        Some(piece)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(text: &str, user: Option<&str>) -> Sample {
        Sample { bytes: text.as_bytes().to_vec(), user: user.map(str::to_owned) }
    }

    #[test]
    fn what_only_one_user_has_is_in_no_dictionary() {
        let model = sample(r#"{"user":"ada@example.org","at":"cart.py","id":"7f3a"}"#, Some("a"));
        let same_user = sample(r#"{"user":"ada@example.org","id":"7f3a"}"#, Some("a"));
        let other = sample(r#"{"user":"bob@example.org","at":"cart.py","id":"99"}"#, Some("b"));
        let samples = [model, same_user, other];
        let text = only_common(&samples[0], &common_words(&samples));
        let text = String::from_utf8(text).unwrap();
        assert_eq!(text, r#"{"user":"@example.org","at":"cart.py","id":""}"#);
    }

    #[test]
    fn nothing_is_shared_with_nobody() {
        let model = sample(r#"{"a":"b c"}"#, None);
        let samples = [model];
        assert_eq!(only_common(&samples[0], &common_words(&samples)), br#"{"":" "}"#);
    }
}
