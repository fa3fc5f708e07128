//! Suggested changes: whole lines before and after, given only if the code still parses with them.

use std::cell::Cell;

use super::language::Language;
use super::report::SuggestedChange;
use super::rules::Edit;
use crate::domain::facts::RunOutcome;

/// How much text is parsed again for all changes to one piece of code, in bytes. syn is slower.
const MAX_REPARSED_BYTES: usize = 4 * 1024 * 1024;
const MAX_REPARSED_RUST_BYTES: usize = 2 * 1024 * 1024;

/// Longer changes are not suggested: they are for reading.
const MAX_LINES: usize = 40;
const MAX_BYTES: usize = 4 * 1024;

/// Makes suggestions of edits.
pub(super) struct Changes<'a> {
    reparses: &'a dyn Fn(&str) -> bool,
    /// Bytes that may still be parsed.
    left: Cell<usize>,
}

impl<'a> Changes<'a> {
    /// `reparses` says whether a whole text parses.
    pub(super) fn new(language: Language, reparses: &'a dyn Fn(&str) -> bool) -> Self {
        let left =
            if language == Language::Rust { MAX_REPARSED_RUST_BYTES } else { MAX_REPARSED_BYTES };
        Self { reparses, left: Cell::new(left) }
    }

    /// `None` if it is too long, does not fit the text, or leaves something that does not parse.
    pub(super) fn suggest(&self, text: &str, edit: &Edit) -> Option<SuggestedChange> {
        let (first, last) = (edit.parts.first()?, edit.parts.last()?);
        let from = text.get(..first.0.start)?.rfind('\n').map_or(0, |at| at + 1);
        let to = text.get(last.0.end..)?.find('\n').map_or(text.len(), |at| last.0.end + at + 1);
        if to - from > MAX_BYTES || text.get(from..to)?.lines().count() > MAX_LINES {
            return None;
        }
        let mut after = String::new();
        let mut at = from;
        for (range, new) in &edit.parts {
            after.push_str(text.get(at..range.start)?);
            after.push_str(new);
            at = range.end;
        }
        after.push_str(text.get(at..to)?);
        let length = text.len() - (to - from) + after.len();
        let left = self.left.get().checked_sub(length)?;
        self.left.set(left);
        let whole = format!("{}{after}{}", &text[..from], &text[to..]);
        if !(self.reparses)(&whole) {
            return None;
        }
        let line = memchr::memchr_iter(b'\n', &text.as_bytes()[..from]).count() + 1;
        Some(SuggestedChange {
            title: edit.title.clone(),
            line: u32::try_from(line).unwrap_or(u32::MAX),
            before: text[from..to].to_owned(),
            after,
            claimed_class: edit.class,
            verification: RunOutcome::NotRun,
            can_apply: false,
        })
    }
}
