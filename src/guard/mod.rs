//! The guard: proves what kind of change a change is. Pure: `(before, after, compiler facts) → verdict`.

use crate::domain::facts::CompilerFacts;
use crate::domain::fix::ClaimedClass;
use crate::domain::verdict::Verdict;

/// A change to one file, as the guard is asked about it.
#[derive(Clone, Copy, Debug)]
pub struct Change<'a> {
    /// Path below the repository root, with `/`.
    pub path: &'a str,
    /// The file's bytes before.
    pub before: &'a [u8],
    /// The file's bytes after.
    pub after: &'a [u8],
    /// What the author says that it is. Can only make the answer stricter.
    pub claimed: Option<ClaimedClass>,
    /// What the compiler said before and after; without it, what needs it is not proved.
    pub facts: Option<&'a CompilerFacts>,
}

/// Proves the class of one file's change.
pub fn judge(change: &Change<'_>) -> Verdict {
    let _ = change;
    Verdict::not_proved("not built yet")
}
