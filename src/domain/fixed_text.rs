//! What a fix leaves in the files: enough to tell whether a commit has it.

use similar::{DiffOp, TextDiff};

use super::patch::Patch;

/// Lines around a changed place that are compared with it, so that a lone brace is not taken for the fix.
const CONTEXT_LINES: usize = 1;

/// Changed places that are compared.
const MAX_BLOCKS: usize = 20;

/// One changed place.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Block {
    path: String,
    old: String,
    new: String,
}

/// The changed places of a fix, each with the lines next to it, before and after.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FixedText(Vec<Block>);

impl FixedText {
    /// Of a patch.
    pub fn of(patch: &Patch) -> Self {
        let mut blocks = Vec::new();
        for file in &patch.files {
            let lines = |text: &str| -> Vec<String> {
                text.split_inclusive('\n').map(str::to_owned).collect()
            };
            let (before, after) = (lines(&file.before), lines(&file.after));
            let diff = TextDiff::from_lines(&file.before, &file.after);
            for op in diff.ops().iter().filter(|op| !matches!(op, DiffOp::Equal { .. })) {
                let around = |range: std::ops::Range<usize>, lines: &[String]| {
                    let from = range.start.saturating_sub(CONTEXT_LINES);
                    lines[from..(range.end + CONTEXT_LINES).min(lines.len())].concat()
                };
                blocks.push(Block {
                    path: file.path.clone(),
                    old: around(op.old_range(), &before),
                    new: around(op.new_range(), &after),
                });
                if blocks.len() == MAX_BLOCKS {
                    return Self(blocks);
                }
            }
        }
        Self(blocks)
    }

    /// Whether there is nothing to compare.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The files concerned, each once.
    pub fn paths(&self) -> Vec<&str> {
        let mut paths: Vec<&str> = self.0.iter().map(|block| block.path.as_str()).collect();
        paths.dedup();
        paths
    }

    /// Whether files, read by their paths, hold all that the fix put in.
    pub fn is_in<T: AsRef<str>>(&self, read: impl Fn(&str) -> Option<T>) -> bool {
        !self.0.is_empty()
            && self.0.iter().all(|block| {
                read(&block.path).is_some_and(|text| text.as_ref().contains(&block.new))
            })
    }

    /// Whether files hold anything that the fix took out.
    pub fn is_to_do<T: AsRef<str>>(&self, read: impl Fn(&str) -> Option<T>) -> bool {
        self.0.iter().any(|block| {
            block.old != block.new
                && read(&block.path).is_some_and(|text| text.as_ref().contains(&block.old))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::patch::FileChange;

    #[test]
    fn a_file_has_the_fix_if_the_changed_lines_stand_in_their_place() {
        let before = "fn a() {\n    list[0]\n}\n\nfn b() {\n    list[1]\n}\n";
        let after = before.replace("list[0]", "list.get(0)?");
        let files =
            vec![FileChange { path: "a.rs".into(), before: before.into(), after: after.clone() }];
        let fixed = FixedText::of(&Patch { files });
        let one = |text: &str| {
            let text = text.to_owned();
            move |_: &str| Some(text.clone())
        };
        assert!(fixed.is_in(one(&after)) && !fixed.is_in(one(before)));
        assert!(fixed.is_to_do(one(before)) && !fixed.is_to_do(one(&after)));
        // Moved along with its neighbours.
        assert!(fixed.is_in(one(&format!("// more\n{after}"))));
        // The same words at another place are not the fix.
        assert!(!fixed.is_in(one("fn c() {\n    x();\n    list.get(0)?\n}\n")));
        assert!(!fixed.is_in(|_: &str| None::<String>));
        assert!(!FixedText::default().is_in(one(&after)));
    }
}
