//! A person's decisions about suggestions: the same for the API and the GUI.

use std::sync::Arc;

use super::app::App;
use super::learning;
use crate::domain::facts::RunOutcome;
use crate::domain::fix::SuggestionStatus;
use crate::domain::job::Job;
use crate::domain::pattern::PatternVerdict;
use crate::domain::suggestion::Suggestion;
use crate::healing::healer::HealError;
use crate::healing::journal::Unwatched;
use crate::healing::rollback::RollbackError;
use crate::store::StoreError;
use crate::store::suggestions::{Decision, OnRecord};

/// Characters of a reason at most.
const MAX_REASON_CHARS: usize = 2_000;

/// What a person wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    /// Yes; it is then applied.
    Approve,
    /// No, and why.
    Reject {
        /// Why.
        reason: String,
    },
    /// Put it in, although it was taken back or failed before.
    Apply,
    /// Take it back.
    RollBack,
}

/// How far a decision has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decided {
    /// It is done.
    Done,
    /// The healer has it; the suggestion's status tells when it is done.
    UnderWay,
}

/// Why a decision has no effect.
#[derive(Debug, thiserror::Error)]
pub(super) enum DecisionError {
    /// What was sent is not enough.
    #[error("{0}")]
    Invalid(String),
    /// The suggestion, or its files, are not in a state for it.
    #[error("{0}")]
    Refused(String),
    /// The database says no.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Carries out what a person wants, in the person's name. It is carried through even if the asker hangs
/// up: half a roll-back would wait for the next start.
pub(super) async fn decide(
    app: &Arc<App>,
    id: i64,
    wish: &Wish,
    who: &str,
) -> Result<Decided, DecisionError> {
    let (app, wish, who) = (Arc::clone(app), wish.clone(), who.to_owned());
    match tokio::spawn(async move { carry_out(&app, id, &wish, &who).await }).await {
        Ok(result) => result,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_) => Err(DecisionError::Refused("the server is stopping; try again".into())),
        },
    }
}

async fn carry_out(app: &App, id: i64, wish: &Wish, who: &str) -> Result<Decided, DecisionError> {
    let suggestion = app
        .store
        .suggestion(id)
        .await?
        .ok_or_else(|| StoreError::NotFound(format!("suggestion {id}")))?;
    match wish {
        Wish::Approve | Wish::Apply => approve(app, &suggestion, who).await,
        Wish::Reject { reason } => reject(app, &suggestion, reason, who).await,
        Wish::RollBack => roll_back(app, id, who).await,
    }
}

async fn approve(app: &App, suggestion: &Suggestion, who: &str) -> Result<Decided, DecisionError> {
    if suggestion.status == SuggestionStatus::Applied {
        return Ok(Decided::Done);
    }
    if suggestion.proposal.patch.files.is_empty() {
        return Err(DecisionError::Refused(
            "this is advice without a patch; nothing can be applied".into(),
        ));
    }
    // Nobody says yes to what was not tried.
    match &suggestion.verification {
        Some(tried) if tried.applied => {}
        Some(tried) => {
            let why = tried.runs.iter().find(|run| run.outcome == RunOutcome::Failed);
            let why = why.map_or("the patch does not fit the code as it is now", |r| &r.summary);
            return Err(DecisionError::Refused(format!("{why}; a new analysis is needed")));
        }
        None => {
            return Err(DecisionError::Refused(
                "it has not been verified yet; try again in a moment".into(),
            ));
        }
    }
    let job = Job::Apply { suggestion_id: suggestion.id, by: who.to_owned() };
    let now = app.clock.now();
    if suggestion.status == SuggestionStatus::Approved {
        app.store.enqueue(&job, now).await?;
    } else {
        let decision = Decision { status: SuggestionStatus::Approved, reason: None, by: Some(who) };
        let record = OnRecord { job: Some(&job), ..OnRecord::default() };
        app.store.decide_on_record(suggestion.id, decision, record, now).await?;
    }
    app.wake.notify_one();
    Ok(Decided::UnderWay)
}

async fn reject(
    app: &App,
    suggestion: &Suggestion,
    reason: &str,
    who: &str,
) -> Result<Decided, DecisionError> {
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(DecisionError::Invalid("say why it is rejected; the reason is kept".into()));
    }
    if reason.chars().count() > MAX_REASON_CHARS {
        return Err(DecisionError::Invalid(format!(
            "the reason has more than {MAX_REASON_CHARS} characters"
        )));
    }
    let decision =
        Decision { status: SuggestionStatus::Rejected, reason: Some(reason), by: Some(who) };
    let (record, now) = (OnRecord::default(), app.clock.now());
    app.store.decide_on_record(suggestion.id, decision, record, now).await?;
    // What is learnt of it is a help; the decision stands without it.
    if let Err(error) =
        learning::learn(app, suggestion, PatternVerdict::Rejected, Some(reason), who).await
    {
        tracing::warn!(%error, suggestion = suggestion.id, "nothing was learnt from a decision");
    }
    Ok(Decided::Done)
}

async fn roll_back(app: &App, id: i64, who: &str) -> Result<Decided, DecisionError> {
    match app.healer.rollback(id, who, &Unwatched).await {
        Ok(_) => Ok(Decided::Done),
        Err(RollbackError::Heal(HealError::Store(error))) => Err(error.into()),
        Err(error) => Err(DecisionError::Refused(error.to_string())),
    }
}

/// Has an issue analysed anew, from its latest event and over the code as it is now.
pub(super) async fn analyse_again(app: &App, issue_id: i64, who: &str) -> Result<(), StoreError> {
    let event = app
        .store
        .latest_event(issue_id)
        .await?
        .ok_or_else(|| StoreError::NotFound(format!("issue {issue_id}")))?;
    let job = Job::Analyse { issue_id, event_row: event.row };
    app.store.enqueue_on_record(&job, who, &format!("issue:{issue_id}"), app.clock.now()).await?;
    app.wake.notify_one();
    Ok(())
}
