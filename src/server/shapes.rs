//! How suggestions look outside: in the API, and in the demo's report.

use serde_json::{Value, json};

use crate::domain::suggestion::Suggestion;

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
