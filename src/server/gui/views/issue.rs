//! `/gui/issues/{id}`: what broke, why, and what would mend it.

use askama::Template;
use jiff::Timestamp;

use super::issues::{IssueFacts, IssueRow};
use super::parts::amount;
use super::parts::chart::{Chart, Series};
use super::parts::chrome::Chrome;
use super::parts::excerpt::{Excerpt, clip};
use super::parts::fix::{CameFrom, SuggestionView};
use super::parts::merging::Merging;
use super::parts::prose::Prose;
use super::parts::stack::{FrameGroup, StackView};
use super::parts::when::{When, duration};
use crate::domain::analysis::{Candidate, Evidence, RootCause};
use crate::domain::event::{Event, Frame};
use crate::domain::suggestion::Suggestion;
use crate::source::Revision;

/// Breadcrumbs that are shown, the latest ones.
const MAX_BREADCRUMBS: usize = 50;
/// Tags that are shown.
const MAX_TAGS: usize = 60;
/// Characters of a breadcrumb or tag that are shown.
const MAX_VALUE_CHARS: usize = 1_000;
/// Hexadecimal digits of a commit, for people.
const COMMIT_DIGITS: usize = 12;

/// How far the analysis of an issue is.
#[derive(Clone, Debug, PartialEq)]
pub enum Analysis<'a> {
    /// None was asked for.
    None,
    /// Waits in the queue.
    Queued,
    /// Under way.
    Running,
    /// Could not be done.
    Failed {
        /// One sentence for a reader.
        reason: &'a str,
    },
    /// Done.
    Done {
        /// What it says.
        cause: &'a RootCause,
        /// When it ended.
        finished_at: Timestamp,
        /// Which agents took part.
        agents: &'a [AgentFacts],
    },
}

/// One agent's run.
#[derive(Clone, Debug, PartialEq)]
pub struct AgentFacts {
    /// The agent's name.
    pub name: String,
    /// What came of it, in a few words.
    pub outcome: String,
    /// Wall-clock seconds.
    pub seconds: f64,
}

/// Who took part, ready to print.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentView {
    /// The agent's name.
    pub name: String,
    /// What came of it.
    pub outcome: String,
    /// How long it took.
    pub seconds: String,
}

/// The state of the analysis, ready to print.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AnalysisView {
    /// One sentence: there is no result (yet).
    Nothing {
        /// The sentence.
        sentence: String,
        /// Whether one is on its way.
        under_way: bool,
        /// Whether it went wrong.
        failed: bool,
    },
    /// A result.
    Cause(Box<CauseView>),
}

/// A root cause, ready to print.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CauseView {
    /// One or two sentences.
    pub summary: Prose,
    /// The kind of failure.
    pub class: String,
    /// `83 %`, or that it has not been measured.
    pub confidence: String,
    /// `src/cart.rs:42`
    pub location: Option<String>,
    /// The enclosing function.
    pub function: Option<String>,
    /// What supports it.
    pub evidence: Vec<EvidenceView>,
    /// Best first.
    pub candidates: Vec<CandidateView>,
    /// Caveats.
    pub notes: Vec<Prose>,
    /// When the analysis ended.
    pub finished: When,
    /// Who took part.
    pub agents: Vec<AgentView>,
}

impl AnalysisView {
    /// Ready to print.
    pub fn new(analysis: &Analysis<'_>, now: Timestamp) -> Self {
        let nothing = |sentence: &str, under_way, failed| Self::Nothing {
            sentence: sentence.to_owned(),
            under_way,
            failed,
        };
        match analysis {
            Analysis::None => nothing("This issue has not been analysed.", false, false),
            Analysis::Queued => nothing("The analysis waits in the queue.", true, false),
            Analysis::Running => nothing("The analysis is running.", true, false),
            Analysis::Failed { reason } => nothing(reason, false, true),
            Analysis::Done { cause, finished_at, agents } => {
                Self::Cause(Box::new(CauseView::new(cause, *finished_at, agents, now)))
            }
        }
    }

    /// Whether a result is on its way.
    pub fn under_way(&self) -> bool {
        matches!(self, Self::Nothing { under_way: true, .. })
    }
}

impl CauseView {
    fn new(cause: &RootCause, finished: Timestamp, agents: &[AgentFacts], now: Timestamp) -> Self {
        let location = cause.file.as_ref().map(|file| match cause.line {
            Some(line) => format!("{file}:{line}"),
            None => file.clone(),
        });
        Self {
            summary: Prose::new(&cause.summary),
            class: cause.class.replace('_', " "),
            confidence: match cause.confidence {
                Some(share) => format!("{:.0} %", share.clamp(0.0, 1.0) * 100.0),
                None => "not measured yet".to_owned(),
            },
            location,
            function: cause.function.clone(),
            evidence: cause.evidence.iter().map(EvidenceView::new).collect(),
            candidates: cause.candidates.iter().map(CandidateView::new).collect(),
            notes: cause.notes.iter().map(|note| Prose::new(note)).collect(),
            finished: When::new(finished, now),
            agents: agents
                .iter()
                .map(|agent| AgentView {
                    name: agent.name.clone(),
                    outcome: agent.outcome.clone(),
                    seconds: duration(agent.seconds),
                })
                .collect(),
        }
    }
}

/// A line of code that supports the cause, ready to print.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvidenceView {
    /// `src/cart.rs:42`
    pub location: String,
    /// The line, byte for byte.
    pub quote: String,
    /// What it shows.
    pub why: Prose,
}

impl EvidenceView {
    fn new(evidence: &Evidence) -> Self {
        Self {
            location: format!("{}:{}", evidence.file, evidence.line),
            quote: evidence.quote.clone(),
            why: Prose::new(&evidence.why),
        }
    }
}

/// A place that may have to change, ready to print.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CandidateView {
    /// `src/cart.rs:42`
    pub location: String,
    /// The enclosing function.
    pub function: Option<String>,
    /// Why here.
    pub why: Prose,
}

impl CandidateView {
    fn new(candidate: &Candidate) -> Self {
        Self {
            location: format!("{}:{}", candidate.file, candidate.line),
            function: candidate.function.clone(),
            why: Prose::new(&candidate.why),
        }
    }
}

/// A name and its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// What it is.
    pub name: String,
    /// What it says.
    pub value: String,
}

/// Something that happened before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BreadcrumbView {
    /// When, if known.
    pub when: Option<When>,
    /// `http`, `query`, …
    pub category: String,
    /// How bad.
    pub level: String,
    /// What happened.
    pub message: String,
}

/// One event, ready to print.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventView {
    /// 32 hexadecimal digits.
    pub id: String,
    /// When it happened.
    pub when: When,
    /// The whole message, if it says more than the title does.
    pub message: Option<String>,
    /// Release, environment, transaction and the like; only what is known.
    pub facts: Vec<Fact>,
    /// The commit that was read.
    pub commit: Option<String>,
    /// Why it is not the release's own, if it is not.
    pub commit_note: Option<String>,
    /// The sender's tags.
    pub tags: Vec<Fact>,
    /// Tags left out.
    pub tags_left_out: usize,
    /// Latest last.
    pub breadcrumbs: Vec<BreadcrumbView>,
    /// Breadcrumbs left out, the oldest ones.
    pub breadcrumbs_left_out: usize,
    /// What could not be read of it.
    pub dropped: Vec<Fact>,
}

impl EventView {
    /// `revision` is the state of the code that was read for it, if any.
    pub fn new(event: &Event, revision: Option<&Revision>, now: Timestamp) -> Self {
        let fact = |name: &str, value: &Option<String>| {
            let value = value.as_deref().filter(|value| !value.is_empty())?;
            Some(Fact { name: name.to_owned(), value: clip(value, MAX_VALUE_CHARS) })
        };
        let platform = Some(event.platform.clone());
        let facts = [
            fact("release", &event.release),
            fact("environment", &event.environment),
            fact("transaction", &event.transaction),
            fact("server", &event.server_name),
            fact("logger", &event.logger),
            fact("platform", &platform),
        ];
        let skipped = event.breadcrumbs.len().saturating_sub(MAX_BREADCRUMBS);
        let title = event.title();
        let message = event.message.as_deref().or_else(|| event.exception()?.value.as_deref());
        Self {
            id: event.event_id.clone(),
            when: When::new(event.timestamp, now),
            message: message
                .map(str::trim)
                .filter(|message| !title.ends_with(message))
                .map(|message| clip(message, 10 * MAX_VALUE_CHARS)),
            facts: facts.into_iter().flatten().collect(),
            commit: revision
                .and_then(|revision| revision.commit.as_deref())
                .map(|commit| {
                    commit
                        .char_indices()
                        .nth(COMMIT_DIGITS)
                        .map_or(commit, |(end, _)| &commit[..end])
                })
                .map(str::to_owned),
            commit_note: revision.and_then(|revision| revision.note.clone()),
            tags: event
                .tags
                .iter()
                .take(MAX_TAGS)
                .map(|(name, value)| Fact {
                    name: clip(name, MAX_VALUE_CHARS),
                    value: clip(value, MAX_VALUE_CHARS),
                })
                .collect(),
            tags_left_out: event.tags.len().saturating_sub(MAX_TAGS),
            breadcrumbs: event.breadcrumbs[skipped..]
                .iter()
                .map(|crumb| BreadcrumbView {
                    when: crumb.timestamp.map(|at| When::new(at, now)),
                    category: crumb.category.clone().unwrap_or_default(),
                    level: crumb.level.clone().unwrap_or_default(),
                    message: clip(crumb.message.as_deref().unwrap_or_default(), MAX_VALUE_CHARS),
                })
                .collect(),
            breadcrumbs_left_out: skipped,
            dropped: event
                .dropped
                .iter()
                .map(|part| Fact { name: part.field.clone(), value: part.reason.clone() })
                .collect(),
        }
    }
}

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
