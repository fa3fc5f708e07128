//! `verify` and `apply`: from a suggestion to a verdict, a verification, and a healed file.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;

use crate::checks::PrivateCopy;
use crate::domain::fix::SuggestionStatus;
use crate::domain::healing::HealingMode;
use crate::domain::patch::{FileChange, PatchError};
use crate::domain::pattern::PatternVerdict;
use crate::domain::suggestion::Suggestion;
use crate::healing::healer::{Authority, HealError, Healed};
use crate::healing::journal::Unwatched;
use crate::healing::policy::{PolicyDecision, PolicySettings, decide};
use crate::healing::prove::{ProveError, Verified, prove_and_verify_after};
use crate::repo::Repository;
use crate::server::app::App;
use crate::server::learning;
use crate::store::StoreError;
use crate::store::suggestions::{Decision, OnRecord};

/// What the audit trail and the suggestions call the healer.
const HEALER: &str = "andon";

/// Proves and verifies the suggestions of an analysis in their order, each over the files as the ones
/// before it left them, and heals what the project's policy lets go.
pub(super) async fn verify(app: &Arc<App>, analysis_id: i64) -> anyhow::Result<()> {
    let suggestions: Vec<Suggestion> = app
        .store
        .suggestions_of_analysis(analysis_id)
        .await?
        .into_iter()
        .filter(|s| s.status == SuggestionStatus::Pending)
        .collect();
    let Some(root) = suggestions.first().and_then(|s| s.repo.clone()) else { return Ok(()) };
    let mode = match suggestions.first().and_then(|s| s.project_id) {
        Some(id) => match app.store.project(id).await? {
            Some(project) => project.healing,
            None => return Ok(()),
        },
        None => HealingMode::Off,
    };
    let repository = Repository::open(Path::new(&root))?;
    app.healer.recover_repository(repository.root()).await?;
    let mut copy = app.checker.private_copy(&repository).await?;
    // What only would be healed counts as healed for what comes after it, or nothing after a missing
    // import could ever be tried.
    let mut earlier: Vec<FileChange> = Vec::new();
    for suggestion in &suggestions {
        if suggestion.proposal.patch.files.is_empty() {
            continue;
        }
        let proved = prove(app, &mut copy, &repository, suggestion, &earlier).await?;
        let Some(verified) = proved else { continue };
        let settings = PolicySettings { mode, allow_dirty: false, again: false };
        let decision = decide(&app.store, &repository, suggestion, &verified, settings).await?;
        let waits_for = match &decision {
            PolicyDecision::Go { .. } => None,
            PolicyDecision::WouldGo { reason } => {
                Some(format!("would be healed by itself in the mode in_place: {reason}"))
            }
            PolicyDecision::Wait { reason, .. } => Some(format!("waits for a person: {reason}")),
        };
        record(app, &verified, waits_for.as_deref()).await?;
        let would_go = matches!(decision, PolicyDecision::WouldGo { .. });
        if let PolicyDecision::Go { permission, .. } = decision {
            heal(app, &mut copy, &verified, &Authority::Policy(permission)).await?;
            copy.refresh().await?;
        } else if would_go {
            earlier.extend(verified.patch().files.iter().cloned());
        }
    }
    Ok(())
}

/// Applies a suggestion that a person approved: proved and verified anew, over the files as they are.
pub(super) async fn apply(app: &Arc<App>, id: i64, by: &str) -> anyhow::Result<()> {
    let suggestion =
        app.store.suggestion(id).await?.with_context(|| format!("suggestion {id} is gone"))?;
    if suggestion.status != SuggestionStatus::Approved {
        // Decided otherwise in the meantime, or done by a try of this job that broke off after it.
        return Ok(());
    }
    if let Some(project) = suggestion.project_id
        && app.store.project(project).await?.is_none()
    {
        return fail(app, id, "the project was deleted").await;
    }
    let Some(root) = suggestion.repo.clone() else {
        return fail(app, id, "the project has no repository").await;
    };
    let repository = match Repository::open(Path::new(&root)) {
        Ok(repository) => repository,
        Err(error) => return fail(app, id, &error.to_string()).await,
    };
    // A try that broke off half way may have left its fix in the files.
    app.healer.recover_repository(repository.root()).await?;
    let mut copy = app.checker.private_copy(&repository).await?;
    let Some(verified) = prove(app, &mut copy, &repository, &suggestion, &[]).await? else {
        return Ok(());
    };
    record(app, &verified, None).await?;
    heal(app, &mut copy, &verified, &Authority::Person { name: by.to_owned() }).await
}

/// Proves and verifies; `None` if the suggestion cannot be tried, which is then stored with it.
async fn prove(
    app: &App,
    copy: &mut PrivateCopy,
    repository: &Repository,
    suggestion: &Suggestion,
    earlier: &[FileChange],
) -> anyhow::Result<Option<Verified>> {
    let error = match prove_and_verify_after(copy, repository, suggestion, earlier).await {
        Ok(verified) => return Ok(Some(verified)),
        Err(error) => error,
    };
    let (verdict, verification) = error.as_result();
    let patch = &suggestion.proposal.patch;
    let now = app.clock.now();
    let reason = error.to_string();
    app.store
        .record_proof(suggestion.id, patch, &verdict, &verification, Some(&reason), now)
        .await?;
    let gone = matches!(error, ProveError::Patch(PatchError::AlreadyThere { .. }));
    let status = match (suggestion.status, gone) {
        (_, true) => SuggestionStatus::Superseded,
        (SuggestionStatus::Approved, false) => SuggestionStatus::Failed,
        // It stays in the queue: what it says may be right although its patch does not fit.
        _ => return Ok(None),
    };
    let decision = Decision { status, reason: Some(&reason), by: Some(HEALER) };
    decide_waiting(app, suggestion.id, decision).await?;
    Ok(None)
}

async fn record(app: &App, verified: &Verified, waits_for: Option<&str>) -> Result<(), StoreError> {
    app.store
        .record_proof(
            verified.suggestion_id(),
            verified.patch(),
            verified.verdict(),
            verified.verification(),
            waits_for,
            app.clock.now(),
        )
        .await
}

/// Applies; what stands in the way ends on the suggestion, only a broken store fails the job.
async fn heal(
    app: &App,
    copy: &mut PrivateCopy,
    verified: &Verified,
    authority: &Authority,
) -> anyhow::Result<()> {
    let id = verified.suggestion_id();
    match app.healer.heal(copy, verified, authority, &Unwatched).await {
        Ok(Healed::Kept { healing_id }) => {
            tracing::info!(suggestion = id, healing = healing_id, "healed");
            // What a person wanted is a lesson; what was proved harmless teaches nothing of errors.
            if let Authority::Person { name } = authority
                && let Some(suggestion) = app.store.suggestion(id).await?
                && let Err(error) =
                    learning::learn(app, &suggestion, PatternVerdict::Accepted, None, name).await
            {
                tracing::warn!(%error, suggestion = id, "nothing was learnt from a fix");
            }
            Ok(())
        }
        Ok(Healed::TakenBack { healing_id, reason }) => {
            tracing::warn!(suggestion = id, healing = healing_id, %reason, "taken back");
            Ok(())
        }
        // Somebody decided otherwise before anything was touched.
        Err(HealError::Store(StoreError::IllegalTransition { .. })) => Ok(()),
        Err(HealError::Store(error)) => Err(error.into()),
        Err(error) => fail(app, id, &error.to_string()).await,
    }
}

/// The fix was not put in, and why.
pub(super) async fn fail(app: &App, id: i64, reason: &str) -> anyhow::Result<()> {
    tracing::warn!(suggestion = id, %reason, "not applied");
    let decision =
        Decision { status: SuggestionStatus::Failed, reason: Some(reason), by: Some(HEALER) };
    Ok(decide_waiting(app, id, decision).await?)
}

/// Says on what was to be verified that it will not be.
pub(super) async fn give_up_verifying(
    app: &App,
    analysis_id: i64,
    reason: &str,
) -> anyhow::Result<()> {
    let (verdict, verification) = ProveError::GivenUp(reason.to_owned()).as_result();
    for suggestion in app.store.suggestions_of_analysis(analysis_id).await? {
        let patch = &suggestion.proposal.patch;
        if suggestion.verification.is_none() && !patch.files.is_empty() {
            let now = app.clock.now();
            app.store
                .record_proof(suggestion.id, patch, &verdict, &verification, Some(reason), now)
                .await?;
        }
    }
    Ok(())
}

/// Decides on a suggestion that still waits; a decision that came before, or the journal's end, stays.
async fn decide_waiting(app: &App, id: i64, decision: Decision<'_>) -> Result<(), StoreError> {
    let record = OnRecord { only_waiting: true, ..OnRecord::default() };
    match app.store.decide_on_record(id, decision, record, app.clock.now()).await {
        Ok(()) | Err(StoreError::IllegalTransition { .. }) => Ok(()),
        Err(error) => Err(error),
    }
}
