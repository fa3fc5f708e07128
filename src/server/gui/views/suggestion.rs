//! `/gui/suggestions/{id}`: one suggestion with its whole diff.

use askama::Template;
use jiff::Timestamp;

use super::parts::chrome::Chrome;
use super::parts::fix::SuggestionView;
use crate::domain::fix::SuggestionStatus;
use crate::domain::suggestion::Suggestion;

/// One suggestion.
#[derive(Clone, Debug, Template)]
#[template(path = "suggestion.html")]
pub struct SuggestionPage {
    /// Header.
    pub chrome: Chrome,
    /// The suggestion.
    pub suggestion: SuggestionView,
    /// The issue's title, if it came from one.
    pub issue_title: Option<String>,
    /// The patch as `git apply` takes it; empty for advice.
    pub patch_text: String,
}

impl SuggestionPage {
    /// Builds the page.
    pub fn new(
        mut chrome: Chrome,
        suggestion: &Suggestion,
        issue_title: Option<String>,
        now: Timestamp,
    ) -> Self {
        chrome.live |= suggestion.status == SuggestionStatus::Approved;
        Self {
            chrome,
            suggestion: SuggestionView::alone(suggestion, now),
            issue_title,
            patch_text: suggestion.proposal.patch.unified_diff(),
        }
    }
}
