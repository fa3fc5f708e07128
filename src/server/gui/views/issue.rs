//! `/gui/issues/{id}`: what broke, why, and what would mend it.

use askama::Template;
use jiff::Timestamp;

use super::issues::{IssueFacts, IssueRow};
use super::parts::amount;
use super::parts::cause::{Analysis, AnalysisView};
use super::parts::chart::{Chart, Series};
use super::parts::chrome::Chrome;
use super::parts::event::EventView;
use super::parts::excerpt::Excerpt;
use super::parts::fix::{CameFrom, SuggestionView};
use super::parts::merging::Merging;
use super::parts::stack::{FrameGroup, StackView};
use crate::domain::event::{Event, Frame};
use crate::domain::suggestion::Suggestion;
use crate::source::Revision;

/// What the issue's page is made from.
pub struct IssueInput<'a> {
    /// The issue.
    pub facts: IssueFacts,
    /// Its latest event, if one is stored still.
    pub event: Option<&'a Event>,
    /// Its last hours and days.
    pub series: [Series; 2],
    /// How it belongs together with others.
    pub merging: Merging,
    /// The state of the code that was read, if any.
    pub revision: Option<&'a Revision>,
    /// How far the analysis is.
    pub analysis: Analysis<'a>,
    /// The run in which its agents did that.
    pub run: Option<i64>,
    /// Its suggestions, in the order to show.
    pub suggestions: &'a [Suggestion],
    /// Finds the lines around an in-app frame in the repository; `&|_| None` without one.
    pub source: &'a dyn Fn(&Frame) -> Option<Excerpt>,
}

/// One issue.
#[derive(Clone, Debug, Template)]
#[template(path = "issue.html")]
pub struct IssuePage {
    /// Header.
    pub chrome: Chrome,
    /// The issue.
    pub issue: IssueRow,
    /// `123 events, 40 stored`
    pub counted: String,
    /// Its last hours and days.
    pub charts: [Chart; 2],
    /// How it belongs together with others.
    pub merging: Merging,
    /// Its latest event, if one is stored still.
    pub event: Option<EventView>,
    /// The calls.
    pub stack: StackView,
    /// Why it broke.
    pub analysis: AnalysisView,
    /// The run in which its agents found that.
    pub run: Option<i64>,
    /// What would mend it.
    pub suggestions: Vec<SuggestionView>,
}

impl IssuePage {
    /// Builds the page.
    pub fn new(mut chrome: Chrome, input: IssueInput<'_>, now: Timestamp) -> Self {
        let cause = match input.analysis {
            Analysis::Done { cause, .. } => Some(cause),
            _ => None,
        };
        let analysis = AnalysisView::new(&input.analysis, now);
        chrome.live |= analysis.under_way();
        let [hours, days] = &input.series;
        Self {
            chrome,
            counted: counted(&input.facts),
            charts: [Chart::new("hours", hours), Chart::new("days", days)],
            merging: input.merging,
            event: input.event.map(|event| EventView::new(event, input.revision, now)),
            stack: input
                .event
                .map(|event| StackView::new(event, cause, input.source))
                .unwrap_or_default(),
            analysis,
            run: input.run,
            suggestions: input
                .suggestions
                .iter()
                .map(|s| SuggestionView::among_others(s, CameFrom::Issue, now))
                .collect(),
            issue: IssueRow::new(input.facts, now),
        }
    }

    fn has_breadcrumbs(&self) -> bool {
        self.event.as_ref().is_some_and(|event| !event.breadcrumbs.is_empty())
    }
}

/// How many events there were, and how many of them are left.
fn counted(facts: &IssueFacts) -> String {
    let all = amount::events(facts.events);
    match facts.stored {
        stored if stored == facts.events => all,
        0 => format!("{all}, none stored"),
        stored => format!("{all}, {stored} stored"),
    }
}
