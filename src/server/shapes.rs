//! How suggestions look outside: in the API, and in the demo's report.

use serde_json::{Value, json};

use crate::domain::pattern::Pattern;
use crate::domain::suggestion::Suggestion;

/// What was mended and came back.
pub fn came_back(pattern: &Pattern) -> Value {
    json!({
        "pattern_id": pattern.id,
        "suggestion_id": pattern.suggestion_id,
        "times": pattern.recurrences,
        "mended_at": pattern.mended_at,
        "commit": pattern.fix_commit,
        "at": pattern.recurred_at,
        "release": pattern.recurred_in,
        "why": pattern.recurred_why,
    })
}

/// The same in a sentence.
pub fn came_back_sentence(pattern: &Pattern) -> String {
    let times = match pattern.recurrences {
        1 => String::new(),
        times => format!(" ({times} times)"),
    };
    let at = pattern.recurred_at.map(|at| at.strftime(" on %Y-%m-%d %H:%M UTC").to_string());
    let why = pattern.recurred_why.as_deref().unwrap_or("nobody noted how that is known");
    format!(
        "It was mended (pattern {}) and came back{}{times}: {why}.",
        pattern.id,
        at.unwrap_or_default()
    )
}

/// A suggestion with its verdict, its verification and its diff.
pub fn suggestion(suggestion: &Suggestion) -> Value {
    let proposal = &suggestion.proposal;
    json!({
        "id": suggestion.id,
        "project_id": suggestion.project_id,
        "issue_id": suggestion.issue_id,
        "analysis_id": suggestion.analysis_id,
        "agent": proposal.agent,
        "title": proposal.title,
        "explanation": proposal.explanation,
        "issue_type": proposal.issue_type,
        "severity": proposal.severity,
        "claimed_class": proposal.claimed_class,
        "proved_class": suggestion.verdict.as_ref().map(|v| v.proved_class),
        "verdict": suggestion.verdict,
        "status": suggestion.status,
        "status_reason": suggestion.status_reason,
        "decided_by": suggestion.decided_by,
        "files": proposal.patch.paths(),
        "diff": proposal.patch.unified_diff(),
        "verification": suggestion.verification,
        "created_at": suggestion.created_at,
        "updated_at": suggestion.updated_at,
    })
}
