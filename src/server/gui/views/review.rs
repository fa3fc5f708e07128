//! `/gui/review`: what waits for a person.

use askama::Template;
use jiff::Timestamp;

use super::issues::Pager;
use super::parts::chrome::Chrome;
use super::parts::fix::{CameFrom, SuggestionView};
use crate::domain::suggestion::Suggestion;

/// A suggestion in the queue, and the issue that it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReviewItem {
    /// The suggestion.
    pub suggestion: SuggestionView,
    /// The issue's title, if it came from one.
    pub issue_title: Option<String>,
}

/// The review queue.
#[derive(Clone, Debug, Template)]
#[template(path = "review.html")]
pub struct ReviewPage {
    /// Header.
    pub chrome: Chrome,
    /// Oldest first.
    pub items: Vec<ReviewItem>,
    /// Other pages of the queue.
    pub pager: Pager,
}

impl ReviewPage {
    /// `items`: pending and approved suggestions, oldest first, each with its issue's title.
    pub fn new<'a>(
        chrome: Chrome,
        items: impl IntoIterator<Item = (&'a Suggestion, Option<String>)>,
        pager: Pager,
        now: Timestamp,
    ) -> Self {
        let items = items
            .into_iter()
            .map(|(suggestion, issue_title)| ReviewItem {
                suggestion: SuggestionView::among_others(suggestion, CameFrom::Review, now),
                issue_title,
            })
            .collect();
        Self { chrome, items, pager }
    }
}
