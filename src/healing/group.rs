//! Fixes that only compile together. Pure.

use crate::domain::fix::ClaimedClass;
use crate::domain::patch::FileChange;
use crate::domain::suggestion::Proposal;

/// How compiler errors' codes begin; lints have names.
const ERROR_CODE_START: &str = "E0";

/// Joins proposals that each add a missing import into one, in the place of the first: as long as one name
/// is missing nothing compiles, so that each alone could never be verified. `proposals` must be in the
/// order in which they are to be applied, each made for the text that the earlier ones leave.
pub fn join_missing_imports(proposals: Vec<Proposal>) -> Vec<Proposal> {
    if proposals.iter().filter(|p| adds_missing_import(p)).count() < 2 {
        return proposals;
    }
    let mut joined: Vec<Proposal> = Vec::with_capacity(proposals.len());
    let mut first: Option<usize> = None;
    for proposal in proposals {
        match first {
            Some(index) if adds_missing_import(&proposal) => join(&mut joined[index], proposal),
            _ => {
                if first.is_none() && adds_missing_import(&proposal) {
                    first = Some(joined.len());
                }
                joined.push(proposal);
            }
        }
    }
    joined
}

fn adds_missing_import(proposal: &Proposal) -> bool {
    proposal.claimed_class == ClaimedClass::Import
        && proposal.mends.as_ref().is_some_and(|mends| mends.code.starts_with(ERROR_CODE_START))
}

fn join(into: &mut Proposal, next: Proposal) {
    for file in next.patch.files {
        match into.patch.files.iter_mut().find(|known| known.path == file.path) {
            Some(known) => follow(known, &file),
            None => into.patch.files.push(file),
        }
    }
    into.title = format!("{}; {}", into.title, next.title);
    into.explanation = format!("{}\n\n{}", into.explanation, next.explanation);
    into.severity = into.severity.max(next.severity);
}

/// `next` was made for what `known` leaves; where it was not, it is carried over, and left out (to come
/// back when the code is looked at again) if it does not fit.
fn follow(known: &mut FileChange, next: &FileChange) {
    if let Ok(next) = next.rebase(&known.after) {
        known.after = next.after;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fix::{IssueType, Severity};
    use crate::domain::patch::Patch;
    use crate::domain::suggestion::Mends;

    fn proposal(title: &str, code: &str, path: &str, before: &str, after: &str) -> Proposal {
        let change = FileChange { path: path.into(), before: before.into(), after: after.into() };
        Proposal {
            agent: "compiler".into(),
            title: title.into(),
            explanation: String::new(),
            issue_type: IssueType::ImportOptimization,
            severity: Severity::Medium,
            claimed_class: ClaimedClass::Import,
            patch: Patch { files: vec![change] },
            mends: Some(Mends { code: code.into(), message: title.into(), file: path.into() }),
        }
    }

    #[test]
    fn missing_imports_go_together_and_others_stay_alone() {
        let joined = join_missing_imports(vec![
            proposal("Import A", "E0433", "a.rs", "x\n", "A\nx\n"),
            proposal("Remove C", "unused_imports", "c.rs", "C\n", "\n"),
            proposal("Import B", "E0412", "a.rs", "A\nx\n", "A\nB\nx\n"),
            proposal("Import D", "E0433", "d.rs", "y\n", "D\ny\n"),
        ]);
        let titles: Vec<_> = joined.iter().map(|p| p.title.as_str()).collect();
        assert_eq!(titles, ["Import A; Import B; Import D", "Remove C"]);
        let files = &joined[0].patch.files;
        assert_eq!(files.len(), 2);
        assert_eq!((files[0].before.as_str(), files[0].after.as_str()), ("x\n", "A\nB\nx\n"));
    }

    #[test]
    fn a_single_missing_import_stays_as_it_is() {
        let one = vec![proposal("Import A", "E0433", "a.rs", "x\n", "A\nx\n")];
        assert_eq!(join_missing_imports(one.clone()), one);
    }
}
