//! Statements over many rows at once: `… (VALUES (…), (…), …) …`. A database prepares each text once, so
//! that rows are sent in chunks of a few fixed sizes.

use std::ops::Range;
use std::sync::OnceLock;

/// The sizes of chunks, in rows, the largest first. The largest keeps the binds of a statement well
/// below what the databases take (32,766 and 65,535).
const SIZES: [usize; 4] = [64, 16, 4, 1];

/// A statement over rows of binds.
pub(crate) struct RowStatement {
    head: &'static str,
    columns: usize,
    tail: &'static str,
    texts: [OnceLock<&'static str>; SIZES.len()],
}

impl RowStatement {
    /// `head (…), (…) tail`, each row with so many binds.
    pub(crate) const fn new(head: &'static str, columns: usize, tail: &'static str) -> Self {
        Self { head, columns, tail, texts: [const { OnceLock::new() }; SIZES.len()] }
    }

    /// The chunks that `rows` rows are sent in, each with its text.
    pub(crate) fn chunks(
        &'static self,
        rows: usize,
    ) -> impl Iterator<Item = (Range<usize>, &'static str)> {
        let mut sent = 0;
        std::iter::from_fn(move || {
            let left = rows - sent;
            let (size, text) =
                SIZES.iter().zip(&self.texts).find(|(size, _)| **size <= left && left > 0)?;
            let range = sent..sent + size;
            sent += size;
            Some((range, *text.get_or_init(|| self.text(*size))))
        })
    }

    /// Leaked on purpose: there are only so many, and they live as long as the program.
    fn text(&self, rows: usize) -> &'static str {
        let mut text = self.head.to_owned();
        for row in 0..rows {
            text.push_str(if row == 0 { "(" } else { ", (" });
            for column in 1..=self.columns {
                if column > 1 {
                    text.push_str(", ");
                }
                text.push('$');
                text.push_str(&(row * self.columns + column).to_string());
            }
            text.push(')');
        }
        text.push_str(self.tail);
        text.leak()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_in_one_chunk_and_the_binds_are_counted_through() {
        static PAIRS: RowStatement = RowStatement::new("VALUES ", 2, " END");
        for rows in [0, 1, 3, 4, 63, 64, 150] {
            let mut next = 0;
            for (range, text) in PAIRS.chunks(rows) {
                assert_eq!(range.start, next);
                assert_eq!(text.matches('$').count(), range.len() * 2);
                next = range.end;
            }
            assert_eq!(next, rows);
        }
        let (_, text) = PAIRS.chunks(5).next().unwrap();
        assert_eq!(text, "VALUES ($1, $2), ($3, $4), ($5, $6), ($7, $8) END");
    }
}
