//! Learning: what people decide about one error is shown, and given to models, at the next like it.

use serde_json::{Value, json};

use super::app::App;
use crate::domain::event::Event;
use crate::domain::issue::Issue;
use crate::domain::pattern::{Likeness, Pattern, PatternVerdict};
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
        "came_back": pattern.recurred,
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
    let came_back = if pattern.recurred { " It came back after that." } else { "" };
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
    format!("Seen before ({how}, pattern {}); {what}{came_back}", pattern.id)
}

fn one_line(text: &str) -> String {
    let line: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars().take(300).collect()
}

/// Learns from what was decided about a suggestion. One that came from no issue teaches nothing.
pub(super) async fn learn(
    app: &App,
    suggestion: &Suggestion,
    verdict: PatternVerdict,
    reason: Option<&str>,
) -> Result<(), StoreError> {
    let Some(issue) = suggestion.issue_id else { return Ok(()) };
    let Some(issue) = app.store.issue(issue).await? else { return Ok(()) };
    let why = reason.map(|reason| format!(" ({reason})")).unwrap_or_default();
    let fix = format!(
        "{}{why}\n{}\n{}",
        suggestion.proposal.title,
        suggestion.proposal.explanation,
        suggestion.proposal.patch.unified_diff()
    );
    keep(
        app,
        &issue,
        Lesson { suggestion: Some(suggestion.id), cause: None, fix, commit: None, verdict },
    )
    .await?;
    Ok(())
}

/// Learns what a person says of an issue; says the pattern's number.
pub(super) async fn correct(
    app: &App,
    issue_id: i64,
    cause: &str,
    fix: &str,
    commit: Option<String>,
    who: &str,
) -> Result<i64, StoreError> {
    let missing = || StoreError::NotFound(format!("issue {issue_id}"));
    let issue = app.store.issue(issue_id).await?.ok_or_else(missing)?;
    let lesson = Lesson {
        suggestion: None,
        cause: Some(cause.to_owned()),
        fix: fix.to_owned(),
        commit,
        verdict: PatternVerdict::Corrected,
    };
    let id = keep(app, &issue, lesson).await?;
    let subject = format!("issue:{issue_id}");
    let detail = json!({ "pattern": id, "cause": cause });
    let entry = AuditEntry {
        actor: who,
        action: "issue.cause_corrected",
        subject: &subject,
        detail: &detail,
    };
    app.store.audit(entry, app.clock.now()).await?;
    Ok(id)
}

struct Lesson {
    suggestion: Option<i64>,
    /// The analysis's own if nobody says better.
    cause: Option<String>,
    fix: String,
    commit: Option<String>,
    verdict: PatternVerdict,
}

async fn keep(app: &App, issue: &Issue, lesson: Lesson) -> Result<i64, StoreError> {
    let now = app.clock.now();
    let analysis = app.store.latest_analysis(issue.id).await?;
    let root_cause = analysis.and_then(|analysis| analysis.root_cause);
    let event = app.store.latest_event(issue.id).await?.map(|stored| stored.event);
    let likeness = event.map(|event| Likeness::of(&event, None)).unwrap_or_default();
    let summary = root_cause.as_ref().map(|cause| cause.summary.clone());
    let cut = |text: String| text.chars().take(MAX_CHARS).collect::<String>();
    let pattern = Pattern {
        id: 0,
        project_id: issue.project_id,
        issue_id: Some(issue.id),
        suggestion_id: lesson.suggestion,
        fingerprint: issue.fingerprint.clone(),
        class: root_cause.map_or_else(|| "unknown".to_owned(), |cause| cause.class),
        title: issue.title.clone(),
        cause: cut(lesson.cause.or(summary).unwrap_or_default()),
        fix: cut(lesson.fix),
        frames: likeness.frames.clone(),
        verdict: lesson.verdict,
        fix_commit: lesson.commit,
        recurred: false,
        hits: 0,
        pinned: false,
        created_at: now,
        updated_at: now,
    };
    app.store.learn_pattern(&pattern, &likeness, now).await
}
