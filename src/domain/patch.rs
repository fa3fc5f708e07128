//! A change to files, and how to carry it over to a file that moved on.

use serde::{Deserialize, Serialize};
use similar::{DiffOp, TextDiff};

use super::hash::ContentHash;

/// Lines of unchanged text on each side of a changed place that must be unchanged in the current file
/// too, for the change to be carried over.
const REBASE_CONTEXT_LINES: usize = 1;

/// Lines of context in a unified diff.
const DIFF_CONTEXT_LINES: usize = 3;

/// One file's change: whole texts, so that it can be proved, shown and carried over without guessing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileChange {
    /// Path below the repository root, with `/`.
    pub path: String,
    /// The text that the fix was made for.
    pub before: String,
    /// The text with the fix.
    pub after: String,
}

/// A set of file changes that belong together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Patch {
    /// At most one a path.
    pub files: Vec<FileChange>,
}

/// Why a change does not fit a file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PatchError {
    /// The lines that the fix changes are no longer what it was made for.
    #[error(
        "{path} has changed where the fix applies (near line {line} of the version it was made for)"
    )]
    Moved {
        /// Path below the repository root.
        path: String,
        /// Line of the text before, from 1.
        line: usize,
    },
    /// The file already reads as the fix wants it.
    #[error("{path} already has this change")]
    AlreadyThere {
        /// Path below the repository root.
        path: String,
    },
}

impl FileChange {
    /// The hash of the text that the fix was made for.
    pub fn before_hash(&self) -> ContentHash {
        ContentHash::of(self.before.as_bytes())
    }

    /// The change as a unified diff with `a/` and `b/` paths.
    pub fn unified_diff(&self) -> String {
        TextDiff::from_lines(&self.before, &self.after)
            .unified_diff()
            .context_radius(DIFF_CONTEXT_LINES)
            .header(&format!("a/{}", self.path), &format!("b/{}", self.path))
            .to_string()
    }

    /// The same change for `current`: exact if the file is as it was; otherwise each changed place must
    /// lie, with a line of context, in text that did not change, and is moved along with it.
    pub fn rebase(&self, current: &str) -> Result<Self, PatchError> {
        if current == self.before {
            return Ok(self.clone());
        }
        if current == self.after {
            return Err(PatchError::AlreadyThere { path: self.path.clone() });
        }
        let drift = TextDiff::from_lines(self.before.as_str(), current);
        let fix = TextDiff::from_lines(self.before.as_str(), self.after.as_str());
        let current_lines: Vec<&str> = current.split_inclusive('\n').collect();
        let after_lines: Vec<&str> = self.after.split_inclusive('\n').collect();
        let before_len = self.before.split_inclusive('\n').count();

        let mut merged = String::with_capacity(current.len());
        let mut copied = 0;
        for op in fix.ops() {
            if matches!(op, DiffOp::Equal { .. }) {
                continue;
            }
            let (old, new) = (op.old_range(), op.new_range());
            let from = old.start.saturating_sub(REBASE_CONTEXT_LINES);
            let to = (old.end + REBASE_CONTEXT_LINES).min(before_len);
            let shift = drift
                .ops()
                .iter()
                .find_map(|d| match *d {
                    DiffOp::Equal { old_index, new_index, len }
                        if old_index <= from && to <= old_index + len =>
                    {
                        Some((old_index, new_index))
                    }
                    _ => None,
                })
                .ok_or_else(|| PatchError::Moved {
                    path: self.path.clone(),
                    line: old.start + 1,
                })?;
            let start = old.start - shift.0 + shift.1;
            let end = old.end - shift.0 + shift.1;
            merged.extend(current_lines[copied..start].iter().copied());
            merged.extend(after_lines[new].iter().copied());
            copied = end;
        }
        merged.extend(current_lines[copied..].iter().copied());
        if merged == current {
            return Err(PatchError::AlreadyThere { path: self.path.clone() });
        }
        Ok(Self { path: self.path.clone(), before: current.to_owned(), after: merged })
    }
}

impl Patch {
    /// All files' diffs, one after the other.
    pub fn unified_diff(&self) -> String {
        self.files.iter().map(FileChange::unified_diff).collect()
    }

    /// The paths that the patch touches.
    pub fn paths(&self) -> Vec<String> {
        self.files.iter().map(|f| f.path.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(before: &str, after: &str) -> FileChange {
        FileChange { path: "src/a.rs".into(), before: before.into(), after: after.into() }
    }

    #[test]
    fn a_change_follows_its_lines_when_others_were_added_above() {
        let fix = change("a\nb\nc\nd\n", "a\nb\nC\nd\n");
        let moved = fix.rebase("new\na\nb\nc\nd\n").unwrap();
        assert_eq!(moved.after, "new\na\nb\nC\nd\n");
    }

    #[test]
    fn a_change_whose_neighbour_changed_is_refused() {
        let fix = change("a\nb\nc\nd\n", "a\nb\nC\nd\n");
        assert_eq!(
            fix.rebase("a\nB\nc\nd\n"),
            Err(PatchError::Moved { path: "src/a.rs".into(), line: 3 })
        );
    }

    #[test]
    fn a_change_that_is_there_already_is_said_to_be() {
        let fix = change("a\nb\n", "a\nB\n");
        assert!(matches!(fix.rebase("a\nB\n"), Err(PatchError::AlreadyThere { .. })));
    }

    #[test]
    fn two_places_move_independently() {
        let fix = change("1\n2\n3\n4\n5\n6\n7\n8\n", "1\nX\n3\n4\n5\n6\nY\n8\n");
        let moved = fix.rebase("0\n1\n2\n3\n4\nnew\n5\n6\n7\n8\n").unwrap();
        assert_eq!(moved.after, "0\n1\nX\n3\n4\nnew\n5\n6\nY\n8\n");
    }
}
