//! A patch as rows to read: numbered lines, and the words that differ inside a changed line.

mod words;

use std::ops::Range;
use std::time::Duration;

use similar::{DiffOp, TextDiff, TextDiffConfig};

use self::words::word_pieces;
use crate::domain::patch::{FileChange, Patch};

/// Unchanged lines around a changed place.
const CONTEXT_LINES: usize = 3;
/// How long finding the changed lines of one file may take; after that the diff is right but coarser.
const LINE_DIFF_TIMEOUT: Duration = Duration::from_millis(500);
/// Bytes of one file's changed places inside which words are compared, so that a file that changed
/// everywhere cannot keep a page waiting.
const MAX_WORD_DIFF_BYTES_A_FILE: usize = 64 * 1024;

/// A patch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DiffView {
    /// In the patch's order.
    pub files: Vec<FileDiff>,
    /// Lines added in all.
    pub added: usize,
    /// Lines removed in all.
    pub removed: usize,
    /// Rows that were left out because of the limit.
    pub rows_left_out: usize,
}

/// One file's change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileDiff {
    /// Path below the repository root.
    pub path: String,
    /// Lines added.
    pub added: usize,
    /// Lines removed.
    pub removed: usize,
    /// The changed places.
    pub hunks: Vec<Hunk>,
}

/// One changed place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hunk {
    /// `@@ -1,3 +1,4 @@`
    pub header: String,
    /// In reading order.
    pub rows: Vec<Row>,
}

/// What a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowKind {
    /// The same on both sides.
    Context,
    /// Only before.
    Removed,
    /// Only after.
    Added,
}

impl RowKind {
    /// The class that colours the row.
    pub const fn class(self) -> &'static str {
        match self {
            Self::Context => "same",
            Self::Removed => "del",
            Self::Added => "ins",
        }
    }

    /// The sign before the text.
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Context => "",
            Self::Removed => "−",
            Self::Added => "+",
        }
    }

    /// Whether the line is only in the text after.
    pub const fn is_added(self) -> bool {
        matches!(self, Self::Added)
    }
}

/// One line of a diff.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// What it is.
    pub kind: RowKind,
    /// Its number before, from 1.
    pub old_line: Option<usize>,
    /// Its number after, from 1.
    pub new_line: Option<usize>,
    /// Its text, without the line end, in pieces.
    pub pieces: Vec<Piece>,
    /// What is special about its end, e.g. that the file ends here without a line end.
    pub end_note: Option<&'static str>,
}

/// A stretch of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The text.
    pub text: String,
    /// Whether it is what differs.
    pub differs: bool,
}

impl DiffView {
    /// The whole patch.
    pub fn whole(patch: &Patch) -> Self {
        Self::with_limit(patch, usize::MAX)
    }

    /// At most `max_rows` rows, for pages that show many patches.
    pub fn with_limit(patch: &Patch, max_rows: usize) -> Self {
        let mut view = Self::default();
        let mut left = max_rows;
        for change in &patch.files {
            let mut file = FileDiff::of(change);
            view.added += file.added;
            view.removed += file.removed;
            for hunk in &mut file.hunks {
                let kept = hunk.rows.len().min(left);
                view.rows_left_out += hunk.rows.len() - kept;
                hunk.rows.truncate(kept);
                left -= kept;
            }
            file.hunks.retain(|hunk| !hunk.rows.is_empty());
            view.files.push(file);
        }
        view
    }

    /// Whether there is nothing to apply.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }
}

impl FileDiff {
    fn of(change: &FileChange) -> Self {
        // Lines as editors and compilers count them: a lone carriage return does not end one.
        let old: Vec<&str> = change.before.split_inclusive('\n').collect();
        let new: Vec<&str> = change.after.split_inclusive('\n').collect();
        let diff = TextDiffConfig::default().timeout(LINE_DIFF_TIMEOUT).diff_slices(&old, &new);
        let mut word_bytes_left = MAX_WORD_DIFF_BYTES_A_FILE;
        let hunks: Vec<Hunk> = diff
            .grouped_ops(CONTEXT_LINES)
            .iter()
            .map(|ops| Hunk::of(&diff, ops, &mut word_bytes_left))
            .collect();
        let count = |kind| {
            hunks.iter().flat_map(|hunk| &hunk.rows).filter(|row: &&Row| row.kind == kind).count()
        };
        Self {
            path: change.path.clone(),
            added: count(RowKind::Added),
            removed: count(RowKind::Removed),
            hunks,
        }
    }
}

impl Hunk {
    fn of(diff: &TextDiff<'_, '_, str>, ops: &[DiffOp], word_bytes_left: &mut usize) -> Self {
        let old = span(ops, DiffOp::old_range);
        let new = span(ops, DiffOp::new_range);
        let mut rows = Vec::new();
        for op in ops {
            push_rows(&mut rows, diff, op, word_bytes_left);
        }
        let header = format!("@@ -{} +{} @@", numbered(&old), numbered(&new));
        Self { header, rows }
    }
}

fn span(ops: &[DiffOp], range: fn(&DiffOp) -> Range<usize>) -> Range<usize> {
    let start = ops.first().map_or(0, |op| range(op).start);
    start..ops.last().map_or(start, |op| range(op).end)
}

/// A range as a hunk header writes it: an empty one names the line before it.
fn numbered(range: &Range<usize>) -> String {
    match range.len() {
        0 => format!("{},0", range.start),
        1 => format!("{}", range.start + 1),
        len => format!("{},{len}", range.start + 1),
    }
}

fn push_rows(
    rows: &mut Vec<Row>,
    diff: &TextDiff<'_, '_, str>,
    op: &DiffOp,
    word_bytes_left: &mut usize,
) {
    let old: Vec<&str> = op.old_range().filter_map(|line| diff.old_slice(line)).collect();
    let new: Vec<&str> = op.new_range().filter_map(|line| diff.new_slice(line)).collect();
    if let DiffOp::Equal { old_index, new_index, .. } = *op {
        for (at, line) in old.iter().enumerate() {
            let mut row = Row::plain(RowKind::Context, line);
            row.old_line = Some(old_index + at + 1);
            row.new_line = Some(new_index + at + 1);
            rows.push(row);
        }
        return;
    }
    let (old_pieces, new_pieces) = word_pieces(&old, &new, word_bytes_left);
    let ends_differ = !old.is_empty() && !new.is_empty() && {
        let has_return = |line: &&str| line.ends_with("\r\n");
        old.iter().any(has_return) != new.iter().any(has_return)
    };
    let sides = [
        (RowKind::Removed, op.old_range().start, &old, old_pieces),
        (RowKind::Added, op.new_range().start, &new, new_pieces),
    ];
    for (kind, start, lines, mut pieces) in sides {
        for (at, line) in lines.iter().enumerate() {
            let mut row = Row::plain(kind, line);
            if let Some(pieces) = pieces.get_mut(at) {
                row.pieces = std::mem::take(pieces);
            }
            if ends_differ && row.end_note.is_none() {
                let note = if line.ends_with("\r\n") { "line end CR LF" } else { "line end LF" };
                row.end_note = Some(note);
            }
            let number = Some(start + at + 1);
            match kind {
                RowKind::Removed => row.old_line = number,
                _ => row.new_line = number,
            }
            rows.push(row);
        }
    }
}

impl Row {
    fn plain(kind: RowKind, line: &str) -> Self {
        let text = without_line_end(line);
        Self {
            kind,
            old_line: None,
            new_line: None,
            pieces: vec![Piece { text: text.to_owned(), differs: false }],
            end_note: (!line.ends_with('\n')).then_some("no line end at the end of the file"),
        }
    }
}

fn without_line_end(line: &str) -> &str {
    let line = line.strip_suffix('\n').unwrap_or(line);
    line.strip_suffix('\r').unwrap_or(line)
}

#[cfg(test)]
mod tests;
