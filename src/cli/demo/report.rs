//! What the demo found, as one JSON object.

use serde_json::{Map, Value, json};

use crate::domain::analysis::RootCause;
use crate::domain::fix::SuggestionStatus;
use crate::domain::suggestion::Suggestion;

/// What the report is made of.
pub(super) struct Report<'a> {
    pub(super) case: &'a str,
    pub(super) event_id: &'a str,
    pub(super) issue_id: i64,
    pub(super) root_cause: Option<&'a RootCause>,
    pub(super) suggestions: &'a [Suggestion],
    pub(super) timings: &'a Map<String, Value>,
}

impl Report<'_> {
    /// The object. `healed`, `rolled_back` and `pending` are the numbers of suggestions.
    pub(super) fn json(&self) -> Value {
        let with = |wanted: &[SuggestionStatus]| -> Vec<i64> {
            let kept = self.suggestions.iter().filter(|s| wanted.contains(&s.status));
            kept.map(|s| s.id).collect()
        };
        let suggestions: Vec<Value> = self.suggestions.iter().map(suggestion).collect();
        json!({
            "case": self.case,
            "event_id": self.event_id,
            "issue_id": self.issue_id,
            "root_cause": self.root_cause,
            "suggestions": suggestions,
            "healed": with(&[SuggestionStatus::Applied]),
            "rolled_back": with(&[SuggestionStatus::RolledBack]),
            "pending": with(&[SuggestionStatus::Pending, SuggestionStatus::Approved]),
            "timings": self.timings,
        })
    }
}

fn suggestion(suggestion: &Suggestion) -> Value {
    let proposal = &suggestion.proposal;
    json!({
        "id": suggestion.id,
        "title": proposal.title,
        "issue_type": proposal.issue_type,
        "severity": proposal.severity,
        "claimed_class": proposal.claimed_class,
        "proved_class": suggestion.verdict.as_ref().map(|v| v.proved_class),
        "reason": suggestion.verdict.as_ref().map(|v| v.reason.as_str()),
        "status": suggestion.status,
        "status_reason": suggestion.status_reason,
        "files": proposal.patch.paths(),
        "diff": proposal.patch.unified_diff(),
        "verification": suggestion.verification,
    })
}
