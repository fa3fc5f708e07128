//! Learning: what people decide about one error is shown, and given to models, at the next like it; what
//! they decide alike again and again is proposed as a rule ([`rules`]); whether it lasted is looked at
//! ([`outcome`]).

pub(super) mod outcome;
pub(super) mod rules;

use serde_json::{Value, json};

use super::app::App;
use crate::domain::analysis::Classification;
use crate::domain::event::Event;
use crate::domain::issue::Issue;
use crate::domain::pattern::{Likeness, Pattern, PatternVerdict};
use crate::domain::shape::shape as shape_of;
use crate::domain::suggestion::Suggestion;
use crate::store::StoreError;
use crate::store::audit::AuditEntry;
use crate::store::patterns::{FoundBy, FoundPattern};

/// Characters of a lesson that are kept.
const MAX_CHARS: usize = 4_000;

/// Earlier errors like this one, best first; each is counted as found.
pub(super) async fn similar(
    app: &App,
    issue: &Issue,
    event: &Event,
) -> Result<Vec<FoundPattern>, StoreError> {
    let likeness = Likeness::of(event, None);
    let found = app.store.similar_patterns(issue.project_id, &issue.fingerprint, &likeness).await?;
    let ids: Vec<i64> = found.iter().map(|one| one.pattern.id).collect();
    app.store.count_pattern_hits(&ids).await?;
    Ok(found)
}

/// A pattern as agents and readers are shown it.
pub(super) fn shape(found: &FoundPattern) -> Value {
    let pattern = &found.pattern;
    json!({
        "pattern_id": pattern.id,
        "alike_by": found.by,
        "error": pattern.title,
        "class": pattern.class,
        "cause": pattern.cause,
        "fix": pattern.fix,
        "verdict": pattern.verdict,
        "classification": pattern.classification,
        "came_back": pattern.recurred,
        "came_back_in": pattern.recurred_in,
        "commit": pattern.fix_commit,
    })
}

/// One sentence for a reader of the next issue like it.
pub(super) fn sentence(found: &FoundPattern) -> String {
    let pattern = &found.pattern;
    let how = match found.by {
        FoundBy::Fingerprint => "the same error",
        FoundBy::Frames => "the same place",
        FoundBy::Words => "a similar error",
    };
    let commit = match pattern.fix_commit.as_deref() {
        Some(commit) => format!(" (commit {})", commit.get(..12).unwrap_or(commit)),
        None => String::new(),
    };
    let came_back = match (pattern.recurred, &pattern.recurred_in) {
        (true, Some(release)) => format!(" It came back after that, with {}.", one_line(release)),
        (true, None) => " It came back after that.".to_owned(),
        (false, _) => String::new(),
    };
    let what = match pattern.verdict {
        PatternVerdict::Accepted => format!("mended by: {}", one_line(&pattern.fix)),
        PatternVerdict::Rejected => format!("rejected then: {}", one_line(&pattern.fix)),
        PatternVerdict::Corrected if pattern.fix.is_empty() => {
            format!("explained by a person: {}", one_line(&pattern.cause))
        }
        PatternVerdict::Corrected => format!(
            "explained by a person: {} Mended by: {}",
            one_line(&pattern.cause),
            one_line(&pattern.fix)
        ),
    };
    format!("Seen before ({how}, pattern {}); {what}{commit}{came_back}", pattern.id)
}

fn one_line(text: &str) -> String {
    let line: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars().take(300).collect()
}

/// Learns from what somebody decided about a suggestion. One that came from no issue teaches nothing.
pub(super) async fn learn(
    app: &App,
    suggestion: &Suggestion,
    verdict: PatternVerdict,
    reason: Option<&str>,
    who: &str,
) -> Result<(), StoreError> {
    let Some(issue) = suggestion.issue_id else { return Ok(()) };
    let Some(issue) = app.store.issue(issue).await? else { return Ok(()) };
    let why = reason.map(|reason| format!(" ({reason})")).unwrap_or_default();
    let patch = &suggestion.proposal.patch;
    let fix = format!(
        "{}{why}\n{}\n{}",
        suggestion.proposal.title,
        suggestion.proposal.explanation,
        patch.unified_diff()
    );
    let lesson = Lesson {
        suggestion: Some(suggestion.id),
        fix,
        shape: shape_of(patch),
        path: patch.files.first().map(|file| file.path.clone()),
        ..Lesson::of(verdict, who)
    };
    keep(app, &issue, lesson).await?;
    Ok(())
}

/// What a person says of an issue.
#[derive(Clone, Debug, Default)]
pub(super) struct Correction {
    /// Why it really happened.
    pub(super) cause: String,
    /// What was done about it; empty if nothing.
    pub(super) fix: String,
    /// The commit that mended it.
    pub(super) commit: Option<String>,
    /// What should be done about such errors.
    pub(super) classification: Option<Classification>,
}

/// Learns what a person says of an issue; says the pattern's number.
pub(super) async fn correct(
    app: &App,
    issue_id: i64,
    said: Correction,
    who: &str,
) -> Result<i64, StoreError> {
    let missing = || StoreError::NotFound(format!("issue {issue_id}"));
    let issue = app.store.issue(issue_id).await?.ok_or_else(missing)?;
    let detail = json!({ "cause": said.cause, "classification": said.classification });
    let lesson = Lesson {
        cause: Some(said.cause),
        fix: said.fix,
        commit: said.commit,
        classification: said.classification,
        ..Lesson::of(PatternVerdict::Corrected, who)
    };
    let id = keep(app, &issue, lesson).await?;
    let subject = format!("issue:{issue_id}");
    let detail = json!({ "pattern": id, "said": detail });
    let entry = AuditEntry {
        actor: who,
        action: "issue.cause_corrected",
        subject: &subject,
        detail: &detail,
    };
    app.store.audit(entry, app.clock.now()).await?;
    Ok(id)
}

struct Lesson<'a> {
    suggestion: Option<i64>,
    /// The analysis's own if nobody says better.
    cause: Option<String>,
    fix: String,
    shape: String,
    path: Option<String>,
    commit: Option<String>,
    classification: Option<Classification>,
    verdict: PatternVerdict,
    who: &'a str,
}

impl<'a> Lesson<'a> {
    fn of(verdict: PatternVerdict, who: &'a str) -> Self {
        Self {
            suggestion: None,
            cause: None,
            fix: String::new(),
            shape: String::new(),
            path: None,
            commit: None,
            classification: None,
            verdict,
            who,
        }
    }

    /// Whether something was done about the error.
    fn mends(&self) -> bool {
        match self.verdict {
            PatternVerdict::Accepted => true,
            PatternVerdict::Rejected => false,
            PatternVerdict::Corrected => !self.fix.is_empty() || self.commit.is_some(),
        }
    }
}

async fn keep(app: &App, issue: &Issue, lesson: Lesson<'_>) -> Result<i64, StoreError> {
    let now = app.clock.now();
    let analysis = app.store.latest_analysis(issue.id).await?;
    let root_cause = analysis.and_then(|analysis| analysis.root_cause);
    let event = app.store.latest_event(issue.id).await?.map(|stored| stored.event);
    let likeness = event.as_ref().map(|event| Likeness::of(event, None)).unwrap_or_default();
    let user = event.and_then(|event| event.user);
    let summary = root_cause.as_ref().map(|cause| cause.summary.clone());
    let failed_in = root_cause.as_ref().and_then(|cause| cause.file.clone());
    let cut = |text: String| text.chars().take(MAX_CHARS).collect::<String>();
    let mended_at = lesson.mends().then_some(now);
    let pattern = Pattern {
        issue_id: Some(issue.id),
        suggestion_id: lesson.suggestion,
        fingerprint: issue.fingerprint.clone(),
        class: root_cause.map_or_else(|| "unknown".to_owned(), |cause| cause.class),
        title: issue.title.clone(),
        cause: cut(lesson.cause.or(summary).unwrap_or_default()),
        fix: cut(lesson.fix),
        frames: likeness.frames.clone(),
        decided_by: lesson.who.to_owned(),
        classification: lesson.classification,
        shape: lesson.shape,
        path: lesson.path.or(failed_in).unwrap_or_default(),
        mended_at,
        fix_commit: lesson.commit,
        ..Pattern::new(issue.project_id, lesson.verdict, now)
    };
    let id = app.store.learn_pattern(&pattern, &likeness, user.as_deref(), now).await?;
    rules::propose(app, &Pattern { id, ..pattern }).await?;
    Ok(id)
}
