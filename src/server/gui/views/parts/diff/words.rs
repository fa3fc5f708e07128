//! The words that differ inside changed lines.

use std::ops::Range;

use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::{Piece, without_line_end};

/// Bytes of a changed place, old and new together, inside which words are compared.
const MAX_WORD_DIFF_BYTES: usize = 8 * 1024;

/// The share of the text that must be the same for words to be picked out. Below it, whole lines are
/// easier to read.
const MIN_SAME_SHARE: f64 = 0.35;

/// Signs and blanks between two differing words that are shown as differing too.
const MAX_GAP_TOKENS: usize = 3;

/// The pieces of each old and each new line. Both are empty where words are not worth comparing: one
/// side has no lines, there is too much text, or too little of it is the same.
pub(super) fn word_pieces(
    old: &[&str],
    new: &[&str],
    bytes_left: &mut usize,
) -> (Vec<Vec<Piece>>, Vec<Vec<Piece>>) {
    let bytes = |lines: &[&str]| lines.iter().map(|line| line.len()).sum::<usize>();
    let size = bytes(old) + bytes(new);
    if old.is_empty() || new.is_empty() || size > MAX_WORD_DIFF_BYTES.min(*bytes_left) {
        return Default::default();
    }
    *bytes_left -= size;
    let (old_words, new_words) = (words(old), words(new));
    let ops = capture_diff_slices(Algorithm::Patience, &old_words, &new_words);
    let same: usize = ops
        .iter()
        .filter(|op| matches!(op, DiffOp::Equal { .. }))
        .flat_map(|op| &old_words[op.old_range()])
        .filter(|word| !word.trim().is_empty())
        .map(|word| word.len())
        .sum();
    let visible = |words: &[&str]| {
        words.iter().filter(|word| !word.trim().is_empty()).map(|word| word.len()).sum::<usize>()
    };
    let most = visible(&old_words).max(visible(&new_words)).max(1);
    if (same as f64) < MIN_SAME_SHARE * (most as f64) {
        return Default::default();
    }
    let side = |words: &[&str], range: fn(&DiffOp) -> Range<usize>| {
        let mut lines = vec![Vec::new()];
        for (at, op) in ops.iter().enumerate() {
            let between = at > 0 && at + 1 < ops.len();
            let differs = match op {
                DiffOp::Equal { .. } => between && is_gap(&old_words[op.old_range()]),
                _ => true,
            };
            for word in &words[range(op)] {
                push_word(&mut lines, word, differs);
            }
        }
        lines
    };
    (side(&old_words, DiffOp::old_range), side(&new_words, DiffOp::new_range))
}

/// Whether what is the same between two differences is too little to be worth showing as the same.
fn is_gap(words: &[&str]) -> bool {
    words.len() <= MAX_GAP_TOKENS
        && words.iter().all(|word| *word != "\n" && !word.contains(char::is_alphanumeric))
}

/// The words of some lines, with a `\n` after each line, whatever ends it: line ends do not count as
/// words that differ.
fn words<'a>(lines: &[&'a str]) -> Vec<&'a str> {
    lines.iter().flat_map(|line| tokens(without_line_end(line)).chain(["\n"])).collect()
}

fn push_word(lines: &mut Vec<Vec<Piece>>, word: &str, differs: bool) {
    if word == "\n" {
        lines.push(Vec::new());
        return;
    }
    let Some(line) = lines.last_mut() else { return };
    match line.last_mut() {
        Some(last) if last.differs == differs => last.text.push_str(word),
        _ => line.push(Piece { text: word.to_owned(), differs }),
    }
}

/// Words, runs of blanks, and every other character by itself.
fn tokens(line: &str) -> impl Iterator<Item = &str> {
    #[derive(PartialEq)]
    enum Kind {
        Word,
        Blank,
        Other,
    }
    let kind = |c: char| match c {
        c if c.is_alphanumeric() || c == '_' => Kind::Word,
        c if c.is_whitespace() => Kind::Blank,
        _ => Kind::Other,
    };
    let mut rest = line;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let first_kind = kind(first);
        let end = if first_kind == Kind::Other {
            first.len_utf8()
        } else {
            rest.find(|c| kind(c) != first_kind).unwrap_or(rest.len())
        };
        let (token, tail) = rest.split_at(end);
        rest = tail;
        Some(token)
    })
}
