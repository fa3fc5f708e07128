//! What `andon heal` did, for people as it happens or as one JSON object at the end.

use std::path::{Path, PathBuf};

use std::io::Write;

use serde::Serialize;

use crate::domain::fix::{ClaimedClass, IssueType, ProvedClass, Severity, SuggestionStatus};
use crate::domain::healing::HealingStep;
use crate::domain::suggestion::Suggestion;
use crate::domain::verification::Verification;
use crate::healing::journal::{HealEvent, HealObserver};
use crate::healing::prove::Verified;
use crate::healing::recover::RecoveryReport;

/// What became of a fix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Healed,
    WouldHeal,
    Pending,
    Failed,
}

#[derive(Debug, Default, Serialize)]
struct Json {
    dry_run: bool,
    healed: Vec<Entry>,
    would_heal: Vec<Entry>,
    pending: Vec<Entry>,
    failed: Vec<Entry>,
    recovered: Vec<RecoveredEntry>,
    notes: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Entry {
    /// The suggestion's number; none in a dry run, which stores nothing.
    id: Option<i64>,
    title: String,
    issue_type: IssueType,
    severity: Severity,
    claimed_class: ClaimedClass,
    proved_class: Option<ProvedClass>,
    status: SuggestionStatus,
    files: Vec<String>,
    reason: String,
    diff: String,
    verification: Option<Verification>,
}

#[derive(Debug, Serialize)]
struct RecoveredEntry {
    suggestion: i64,
    interrupted_in: HealingStep,
    ended_as: HealingStep,
    reason: String,
}

/// Collects, and talks meanwhile unless it is to be JSON.
#[derive(Debug)]
pub(super) struct Report {
    json: bool,
    /// For the command that takes a fix back.
    data: PathBuf,
    said: Json,
}

impl Report {
    pub(super) fn new(dry_run: bool, json: bool, data: &Path) -> Self {
        Self { json, data: data.to_owned(), said: Json { dry_run, ..Json::default() } }
    }

    /// Something that takes a while begins.
    pub(super) fn progress(&self, what: &str) {
        if !self.json {
            eprintln!("{what}");
        }
    }

    pub(super) fn note(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        self.progress(&format!("  {text}"));
        self.said.notes.push(text.to_owned());
    }

    pub(super) fn recovered(&mut self, report: &RecoveryReport) {
        for one in &report.recovered {
            self.progress(&format!(
                "An interrupted healing of suggestion {} ({}) ended as {}: {}",
                one.suggestion_id, one.repo, one.ended_as, one.reason
            ));
            self.said.recovered.push(RecoveredEntry {
                suggestion: one.suggestion_id,
                interrupted_in: one.interrupted_in,
                ended_as: one.ended_as,
                reason: one.reason.clone(),
            });
        }
        for (repo, why) in &report.postponed {
            self.note(&format!("an interrupted healing in {repo} was not looked at: {why}"));
        }
    }

    /// For the healer: shows each step after it was done.
    pub(super) fn step_display(&self) -> StepDisplay {
        StepDisplay { silent: self.json }
    }

    pub(super) fn add(
        &mut self,
        outcome: Outcome,
        suggestion: &Suggestion,
        verified: Option<&Verified>,
        reason: &str,
    ) {
        let proposal = &suggestion.proposal;
        let patch = verified.map_or(&proposal.patch, Verified::patch);
        let proved = verified.map(|v| v.verdict().proved_class);
        let stored = (suggestion.id > 0).then_some(suggestion.id);
        if !self.json {
            let (word, hint) = match outcome {
                Outcome::Healed => ("HEALED", format!("andon rollback {}", suggestion.id)),
                Outcome::WouldHeal => ("WOULD HEAL", String::new()),
                Outcome::Pending => ("FOR A PERSON", String::new()),
                Outcome::Failed => ("FAILED", String::new()),
            };
            let number = stored.map(|id| format!(" [{id}]")).unwrap_or_default();
            println!("  {word}{number}: {}", proposal.title);
            if let Some(verified) = verified {
                println!("    proved {}", verified.verdict().proved_class);
                for run in &verified.verification().runs {
                    println!("    {}: {} ({})", run.name, run.outcome, run.summary);
                }
            }
            println!("    {reason}");
            if !hint.is_empty() {
                println!("    To take it back: {hint} --data {}", self.data.display());
            }
            for line in patch.unified_diff().lines() {
                println!("    {line}");
            }
        }
        let status = match outcome {
            Outcome::Healed => SuggestionStatus::Applied,
            Outcome::WouldHeal | Outcome::Pending => SuggestionStatus::Pending,
            Outcome::Failed => SuggestionStatus::Failed,
        };
        let entry = Entry {
            id: stored,
            title: proposal.title.clone(),
            issue_type: proposal.issue_type,
            severity: proposal.severity,
            claimed_class: proposal.claimed_class,
            proved_class: proved,
            status,
            files: patch.paths(),
            reason: reason.to_owned(),
            diff: patch.unified_diff(),
            verification: verified.map(|v| v.verification().clone()),
        };
        match outcome {
            Outcome::Healed => self.said.healed.push(entry),
            Outcome::WouldHeal => self.said.would_heal.push(entry),
            Outcome::Pending => self.said.pending.push(entry),
            Outcome::Failed => self.said.failed.push(entry),
        }
    }

    pub(super) fn has_failures(&self) -> bool {
        !self.said.failed.is_empty()
    }

    /// The last words.
    pub(super) fn finish(&self) -> anyhow::Result<()> {
        let said = &self.said;
        let mut out = std::io::stdout().lock();
        if self.json {
            serde_json::to_writer(&mut out, said)?;
            writeln!(out)?;
            return Ok(());
        }
        if said.dry_run {
            writeln!(
                out,
                "{} would be healed, {} wait for a person. Nothing was changed.",
                said.would_heal.len(),
                said.pending.len()
            )?;
        } else {
            writeln!(
                out,
                "{} healed, {} wait for a person, {} failed.",
                said.healed.len(),
                said.pending.len(),
                said.failed.len()
            )?;
        }
        Ok(())
    }
}

/// Prints the healer's steps.
#[derive(Clone, Copy, Debug)]
pub(super) struct StepDisplay {
    silent: bool,
}

impl HealObserver for StepDisplay {
    fn carried_out(&self, event: &HealEvent<'_>) {
        if self.silent {
            return;
        }
        match (event.step, event.path) {
            (HealingStep::Applying, Some(path)) => eprintln!("  replaced {path}"),
            (HealingStep::RollingBack, Some(path)) => eprintln!("  gave back {path}"),
            (HealingStep::BackedUp, None) => eprintln!("  backed up"),
            (HealingStep::Verifying, None) => eprintln!("  checked in place"),
            _ => {}
        }
    }
}
