//! Import fixes, made of what rustc itself says: names that it cannot find and knows where to import
//! from, and imports that it calls unused.

mod candidates;
mod edits;

use std::collections::{BTreeMap, BTreeSet};

use crate::checks::{CheckError, Checked, PrivateCopy};
use crate::domain::diagnostic::{Diagnostic, DiagnosticLevel};
use crate::domain::facts::{CheckWay, RunOutcome};
use crate::domain::fix::{ClaimedClass, IssueType, Severity};
use crate::domain::patch::{FileChange, Patch};
use crate::domain::suggestion::{Mends, Proposal};

use candidates::{Candidate, Ranking};
use edits::Edits;

/// The agent's name.
pub const AGENT: &str = "compiler";

/// How often the code is checked again after imports were added: each import may lay open another
/// name that is missing.
const ROUNDS_MAX: usize = 8;

/// What rustc calls an import that nothing uses.
const UNUSED_IMPORTS: &str = "unused_imports";

/// What the compiler's words led to.
#[derive(Clone, Debug)]
pub struct CompilerReport {
    /// Fixes, in the order in which they are to be applied: each text before is the one after the
    /// earlier ones of the same file. Those with several candidates (claimed as logic) come last, and
    /// each of them stands for itself: its text before has all import fixes and none of the other
    /// logic ones.
    pub proposals: Vec<Proposal>,
    /// Errors that are left when all import fixes are in, wherever they are.
    pub remaining: Vec<Diagnostic>,
    /// How the last check ended.
    pub outcome: RunOutcome,
    /// What the last check says in a sentence; why, if it was not run.
    pub summary: String,
}

/// Proposes fixes of missing and unused imports in the files of `focus` (none: in all). Tries them on
/// the copy, and leaves it as it was when it was made.
pub async fn propose_import_fixes(
    copy: &mut PrivateCopy,
    focus: &[String],
) -> Result<CompilerReport, CheckError> {
    let found =
        Search { copy, focus, proposals: Vec::new(), imported: BTreeSet::new() }.run().await;
    copy.reset()?;
    found
}

struct Search<'a> {
    copy: &'a mut PrivateCopy,
    focus: &'a [String],
    proposals: Vec<Proposal>,
    /// Files and what was imported there.
    imported: BTreeSet<(String, String)>,
}

impl Search<'_> {
    async fn run(mut self) -> Result<CompilerReport, CheckError> {
        let mut checked = self.check().await?;
        for _ in 0..ROUNDS_MAX {
            if checked.run.outcome == RunOutcome::NotRun || !self.add_imports(&checked)? {
                break;
            }
            checked = self.check().await?;
        }
        for _ in 0..ROUNDS_MAX {
            let before = errors(&checked).len();
            let kept = self.proposals.len();
            if checked.run.outcome == RunOutcome::NotRun || !self.remove_unused(&checked)? {
                break;
            }
            let after = self.check().await?;
            if after.run.outcome == RunOutcome::NotRun || errors(&after).len() > before {
                // Unused for one target and needed by another: not ours to remove.
                self.take_back(kept)?;
                break;
            }
            checked = after;
        }
        self.offer_choices(&checked)?;
        Ok(CompilerReport {
            proposals: self.proposals,
            remaining: errors(&checked).into_iter().cloned().collect(),
            outcome: checked.run.outcome,
            summary: checked.summary,
        })
    }

    async fn check(&self) -> Result<Checked, CheckError> {
        self.copy.check(self.focus, CheckWay::Plain).await
    }

    fn in_focus(&self, file: &str) -> bool {
        self.focus.is_empty() || self.focus.iter().any(|path| path == file)
    }

    /// Adds to the copy what rustc knows one place for. `false`: there is none.
    fn add_imports(&mut self, checked: &Checked) -> Result<bool, CheckError> {
        // Several errors about one name lead to one fix: one import in each module that lacks it.
        let mut fixes: Vec<(&Diagnostic, String, Vec<Candidate>)> = Vec::new();
        for error in errors(checked).into_iter().filter(|error| candidates::is_settled(error)) {
            let found = candidates::of(error);
            let Some(file) = found.first().map(|c| c.replacement.span.file.clone()) else {
                continue;
            };
            if !self.in_focus(&file) {
                continue;
            }
            let no_std = candidates::may_lack_std(self.copy, &file);
            let mut found = candidates::without_twins(found, no_std);
            let (Some(only), true) = (found.pop(), found.is_empty()) else { continue };
            // It is there already and did not help.
            if self.imported.contains(&(file.clone(), only.path.clone())) {
                continue;
            }
            match fixes.iter_mut().find(|(_, f, places)| *f == file && places[0].path == only.path)
            {
                Some((_, _, places)) if places.contains(&only) => {}
                Some((_, _, places)) => places.push(only),
                None => fixes.push((error, file, vec![only])),
            }
        }
        let mut edits = Edits::default();
        for (error, file, places) in fixes {
            let held = edits.text(self.copy, &file)?;
            let Some(after) = edits.insert(&file, &held, &places) else { continue };
            let path = &places[0].path;
            self.proposals.push(Proposal {
                agent: AGENT.into(),
                title: format!("Import {path} in {file}"),
                explanation: format!(
                    "rustc: {}. It knows one place to import it from: {path}.",
                    error.message
                ),
                severity: Severity::Medium,
                claimed_class: ClaimedClass::Import,
                ..proposal(error, &file, held, after)
            });
            self.imported.insert((file, path.clone()));
        }
        edits.write(self.copy)
    }

    /// Removes from the copy what rustc calls unused. `false`: there is nothing.
    fn remove_unused(&mut self, checked: &Checked) -> Result<bool, CheckError> {
        let mut edits = Edits::default();
        let unused = |said: &&Diagnostic| said.code.as_deref() == Some(UNUSED_IMPORTS);
        for said in checked.run.diagnostics.iter().filter(unused) {
            let Some(place) = said.primary() else { continue };
            let file = place.file.clone();
            // `use` lines that a macro wrote have a place but no suggestion.
            let Some(removal) = said.suggestions.iter().find(|offer| {
                offer.replacements.iter().all(|part| part.text.is_empty() && part.span.file == file)
            }) else {
                continue;
            };
            if !self.in_focus(&file) {
                continue;
            }
            let held = edits.text(self.copy, &file)?;
            let Some(after) = edits.remove(&file, &held, &removal.replacements) else { continue };
            let names =
                said.message.split_once(':').map_or(said.message.as_str(), |(_, n)| n.trim());
            self.proposals.push(Proposal {
                agent: AGENT.into(),
                title: format!("Remove the unused {} in {file}", imports(names)),
                explanation: format!("rustc: {}. Nothing in the file uses it.", said.message),
                severity: Severity::Low,
                claimed_class: ClaimedClass::Import,
                ..proposal(said, &file, held, after)
            });
        }
        edits.write(self.copy)
    }

    /// Takes the proposals from number `kept` on back, and out of the copy.
    fn take_back(&mut self, kept: usize) -> Result<(), CheckError> {
        let mut texts = BTreeMap::new();
        for dropped in self.proposals.drain(kept..) {
            for change in dropped.patch.files {
                texts.entry(change.path).or_insert(change.before);
            }
        }
        for (path, text) in texts {
            self.copy.write(&path, &text)?;
        }
        Ok(())
    }

    /// Names that rustc knows several places for: a person chooses, the likeliest is in the patch.
    fn offer_choices(&mut self, checked: &Checked) -> Result<(), CheckError> {
        let mut ranking: Option<Ranking> = None;
        let mut offered: Vec<(String, Vec<String>)> = Vec::new();
        for error in errors(checked) {
            let found = candidates::of(error);
            let Some(first) = found.first() else { continue };
            let file = first.replacement.span.file.clone();
            if !self.in_focus(&file) {
                continue;
            }
            let no_std = candidates::may_lack_std(self.copy, &file);
            let mut found: Vec<Candidate> = candidates::without_twins(found, no_std);
            if ranking.is_none() {
                ranking = Some(Ranking::read(self.copy));
            }
            if let Some(ranking) = &ranking {
                ranking.sort(&mut found);
            }
            let paths: Vec<String> = found.iter().map(|c| c.path.clone()).collect();
            let choice = (file.clone(), paths.clone());
            // A single sure one is in already, or was tried and did not help.
            if offered.contains(&choice)
                || self.imported.contains(&(file.clone(), paths[0].clone()))
            {
                continue;
            }
            offered.push(choice);
            let held = self.copy.read(&file)?;
            let Some(after) = Edits::default().insert(&file, &held, &found[..1]) else { continue };
            let imports = paths.iter().map(|path| format!("import {path}"));
            let list: Vec<String> = imports
                .chain(candidates::other_offers(error))
                .enumerate()
                .map(|(at, offer)| format!("{}. {offer}", at + 1))
                .collect();
            self.proposals.push(Proposal {
                agent: AGENT.into(),
                title: format!("Import {} in {file}, if it is what is meant", paths[0]),
                explanation: format!(
                    "rustc: {}. What is meant is for a person to say; the patch takes the first of:\n{}",
                    error.message,
                    list.join("\n")
                ),
                severity: Severity::Medium,
                claimed_class: ClaimedClass::Logic,
                ..proposal(error, &file, held, after)
            });
        }
        Ok(())
    }
}

/// What all proposals here have in common.
fn proposal(said: &Diagnostic, file: &str, before: String, after: String) -> Proposal {
    Proposal {
        agent: String::new(),
        title: String::new(),
        explanation: String::new(),
        issue_type: IssueType::ImportOptimization,
        severity: Severity::Low,
        claimed_class: ClaimedClass::Logic,
        patch: Patch { files: vec![FileChange { path: file.to_owned(), before, after }] },
        mends: said.code.clone().map(|code| Mends {
            code,
            message: said.message.clone(),
            file: said.primary().map_or_else(|| file.to_owned(), |span| span.file.clone()),
        }),
    }
}

fn errors(checked: &Checked) -> Vec<&Diagnostic> {
    let is_error = |said: &&Diagnostic| said.level == DiagnosticLevel::Error;
    checked.run.diagnostics.iter().filter(is_error).collect()
}

/// "`a` and `b`" → "imports a and b".
fn imports(names: &str) -> String {
    let several = names.matches('`').count() > 2;
    format!("import{} {}", if several { "s" } else { "" }, names.replace('`', ""))
}
