//! `andon heal`: finds what the compiler and rustfmt would mend in a repository, proves and verifies each
//! fix, heals what is proved harmless and leaves the rest as suggestions for a person.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;

use super::heal_report::{Outcome, Report};
use crate::analysis::compiler::propose_import_fixes;
use crate::analysis::style::propose_formatting;
use crate::checks::{CheckError, Checker, CheckerSettings, PrivateCopy};
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::facts::{CheckWay, RunOutcome};
use crate::domain::fix::SuggestionStatus;
use crate::domain::healing::HealingMode;
use crate::domain::patch::{FileChange, PatchError};
use crate::domain::suggestion::{Proposal, Suggestion};
use crate::healing::group::join_missing_imports;
use crate::healing::healer::{Authority, HealError, Healed, Healer};
use crate::healing::policy::{PolicyDecision, PolicySettings, decide};
use crate::healing::prove::{ProveError, Verified, prove_and_verify_after};
use crate::repo::Repository;
use crate::store::Store;
use crate::store::suggestions::{Decision, OnRecord, SuggestionOrigin};

/// Suggestions read at a time when one is looked for that says the same.
const PAGE_SUGGESTIONS: u32 = 200;

/// Mends imports and formatting of a repository's working tree, as far as that is proved harmless.
#[derive(Args, Clone, Debug)]
pub struct HealArgs {
    /// A folder in the git repository to heal
    #[arg(long, value_name = "PATH")]
    pub repo: PathBuf,
    /// Andon's data folder (backups, journal, suggestions); it is created if it is not there
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Say what would be done, and change nothing in the repository
    #[arg(long)]
    pub dry_run: bool,
    /// Format every Rust file, not only those that the compiler has something to say about
    #[arg(long)]
    pub all: bool,
    /// Heal files with changes that are not committed, too
    #[arg(long)]
    pub allow_dirty: bool,
    /// Heal again what was rejected or rolled back before
    #[arg(long)]
    pub again: bool,
    /// Print one JSON object instead of sentences
    #[arg(long)]
    pub json: bool,
}

/// Runs the command. Fails (exit code 1) if a fix that was let go did not survive, or nothing could be checked.
pub async fn run(args: HealArgs, config: Config) -> anyhow::Result<ExitCode> {
    super::log(&config);
    let clock = Clock::system();
    let repository = Repository::open(&args.repo)?;
    let database = config.database();
    let store = Store::connect(&args.data.unwrap_or(config.data), &database).await?;
    let healer = Healer::new(store.clone(), clock.clone());
    let mut report = Report::new(args.dry_run, args.json, store.folder());
    if !args.dry_run {
        report.recovered(&healer.recover().await?);
    }
    let checker = Checker::new(CheckerSettings {
        timeout_seconds: config.checks.timeout_seconds,
        ..CheckerSettings::new(store.folder())
    });
    report.progress("Copying the working tree and asking the compiler …");
    let copy = checker.private_copy(&repository).await?;
    let settings = PolicySettings {
        mode: if args.dry_run { HealingMode::Observe } else { HealingMode::InPlace },
        allow_dirty: args.allow_dirty,
        again: args.again,
    };
    let mut round =
        Round { store, healer, clock, repository, copy, settings, earlier: Vec::new(), report };

    let mut files = round.files_with_diagnostics().await?;
    let mut checked = false;
    let imports = match propose_import_fixes(&mut round.copy, &[]).await {
        Ok(found) => {
            checked = found.outcome != RunOutcome::NotRun;
            round.report.note(&format!("With every import fix in: {}", found.summary));
            join_missing_imports(found.proposals)
        }
        Err(error @ CheckError::NoManifest) => {
            round.report.note(&error.to_string());
            Vec::new()
        }
        Err(error) => return Err(error.into()),
    };
    for proposal in imports {
        files.extend(proposal.patch.paths());
        round.take(proposal).await?;
    }

    if args.all {
        files = round.rust_files().into_iter().collect();
    }
    for file in &round.earlier {
        round.copy.write(&file.path, &file.after)?;
    }
    let files: Vec<String> = files.into_iter().collect();
    let style = propose_formatting(&round.copy, &files).await?;
    round.copy.reset()?;
    for note in &style.notes {
        round.report.note(note);
    }
    for proposal in style.proposals {
        round.take(proposal).await?;
    }
    let failed = round.report.has_failures();
    round.report.finish()?;
    round.store.close().await;
    if !checked {
        eprintln!("error: nothing was checked; the note above says why");
    }
    Ok(if failed || !checked { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// One run over one repository.
struct Round {
    store: Store,
    healer: Healer,
    clock: Clock,
    repository: Repository,
    copy: PrivateCopy,
    settings: PolicySettings,
    /// In a dry run, what would be in the working tree by now.
    earlier: Vec<FileChange>,
    report: Report,
}

impl Round {
    fn dry(&self) -> bool {
        self.settings.mode == HealingMode::Observe
    }

    fn rust_files(&self) -> Vec<String> {
        self.copy.files().iter().filter(|path| path.ends_with(".rs")).cloned().collect()
    }

    /// Files that the compiler names now, before anything is mended.
    async fn files_with_diagnostics(&self) -> anyhow::Result<BTreeSet<String>> {
        let all = self.rust_files();
        if all.is_empty() {
            return Ok(BTreeSet::new());
        }
        match self.copy.check(&all, CheckWay::Plain).await {
            Ok(checked) => Ok(checked
                .run
                .diagnostics
                .iter()
                .filter_map(|diagnostic| diagnostic.primary())
                .map(|span| span.file.clone())
                .filter(|file| all.binary_search(file).is_ok())
                .collect()),
            Err(CheckError::NoManifest | CheckError::NoPackage { .. }) => Ok(BTreeSet::new()),
            Err(error) => Err(error.into()),
        }
    }

    /// Stores, proves and verifies a proposal, and heals it if the policy lets it go.
    async fn take(&mut self, proposal: Proposal) -> anyhow::Result<()> {
        self.report.progress(&format!("Proving and verifying: {}", proposal.title));
        let suggestion = self.suggestion_for(proposal).await?;
        let proved =
            prove_and_verify_after(&mut self.copy, &self.repository, &suggestion, &self.earlier)
                .await;
        let verified = match proved {
            Ok(verified) => verified,
            Err(error) => return self.not_tried(&suggestion, &error).await,
        };
        let decision =
            decide(&self.store, &self.repository, &suggestion, &verified, self.settings).await?;
        let reason = decision.reason().to_owned();
        if !self.dry() {
            self.store
                .record_proof(
                    suggestion.id,
                    verified.patch(),
                    verified.verdict(),
                    verified.verification(),
                    Some(&reason),
                    self.clock.now(),
                )
                .await?;
        }
        let outcome = match decision {
            PolicyDecision::Wait { .. } => Outcome::Pending,
            PolicyDecision::WouldGo { .. } => {
                self.earlier.extend(verified.patch().files.iter().cloned());
                Outcome::WouldHeal
            }
            PolicyDecision::Go { permission, .. } => {
                return self.heal(&suggestion, &verified, Authority::Policy(permission)).await;
            }
        };
        self.report.add(outcome, &suggestion, Some(&verified), &reason);
        Ok(())
    }

    async fn heal(
        &mut self,
        suggestion: &Suggestion,
        verified: &Verified,
        authority: Authority,
    ) -> anyhow::Result<()> {
        let display = self.report.step_display();
        let healed = self.healer.heal(&mut self.copy, verified, &authority, &display).await;
        self.copy.refresh().await?;
        let (outcome, reason) = match healed {
            Ok(Healed::Kept { .. }) => {
                (Outcome::Healed, "applied, verified in place and kept".to_owned())
            }
            Ok(Healed::TakenBack { reason, .. }) => (Outcome::Failed, reason),
            Err(HealError::Store(error)) => return Err(error.into()),
            Err(error) => (Outcome::Failed, error.to_string()),
        };
        self.report.add(outcome, suggestion, Some(verified), &reason);
        Ok(())
    }

    async fn not_tried(
        &mut self,
        suggestion: &Suggestion,
        error: &ProveError,
    ) -> anyhow::Result<()> {
        let reason = error.to_string();
        let there = matches!(error, ProveError::Patch(PatchError::AlreadyThere { .. }));
        if !self.dry() {
            let (verdict, verification) = error.as_result();
            let (id, now) = (suggestion.id, self.clock.now());
            let patch = &suggestion.proposal.patch;
            self.store.record_proof(id, patch, &verdict, &verification, Some(&reason), now).await?;
            if there {
                let decision = Decision {
                    status: SuggestionStatus::Superseded,
                    reason: Some(&reason),
                    by: Some("andon"),
                };
                self.store.decide_on_record(id, decision, OnRecord::default(), now).await?;
            }
        }
        if !there {
            self.report.add(Outcome::Pending, suggestion, None, &reason);
        }
        Ok(())
    }

    /// The stored suggestion for a proposal: the one that waits already, if it says the same. A dry run
    /// stores nothing.
    async fn suggestion_for(&self, proposal: Proposal) -> anyhow::Result<Suggestion> {
        let root = self.repository.root().to_str().context("the repository's path is not UTF-8")?;
        let now = self.clock.now();
        if self.dry() {
            return Ok(Suggestion {
                id: 0,
                project_id: None,
                issue_id: None,
                analysis_id: None,
                repo: Some(root.to_owned()),
                proposal,
                status: SuggestionStatus::Pending,
                verdict: None,
                verification: None,
                status_reason: None,
                decided_by: None,
                created_at: now,
                updated_at: now,
            });
        }
        let mut after = 0;
        loop {
            let page = self
                .store
                .suggestions(Some(SuggestionStatus::Pending), after, PAGE_SUGGESTIONS)
                .await?;
            let Some(last) = page.last() else { break };
            after = last.id;
            let same = page.into_iter().find(|known| {
                known.issue_id.is_none()
                    && known.repo.as_deref() == Some(root)
                    && known.proposal == proposal
            });
            if let Some(known) = same {
                return Ok(known);
            }
        }
        let origin = SuggestionOrigin { repo: Some(root), ..SuggestionOrigin::default() };
        let id = self.store.create_suggestion(&proposal, origin, now).await?;
        self.store.suggestion(id).await?.context("the suggestion was stored and is gone")
    }
}
