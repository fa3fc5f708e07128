//! `/gui/executions`: what was run, the newest first.

use askama::Template;
use jiff::Timestamp;

use super::parts::amount;
use super::parts::choice::Choice;
use super::parts::chrome::Chrome;
use super::parts::when::{When, duration};
use super::parts::words::Badge;
use crate::domain::execution::{ExecutionStatus, RUN};
use crate::store::executions::ExecutionLine;

/// Characters of an error that a list shows.
const MAX_ERROR_CHARS: usize = 300;

/// One execution, ready to print.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExecutionRow {
    /// Its number.
    pub id: i64,
    /// What was asked.
    pub task: String,
    /// The agent's name, if it is one agent's part.
    pub agent: Option<String>,
    /// Its project's name.
    pub project: Option<String>,
    /// The issue that it is about.
    pub issue_id: Option<i64>,
    /// Where it stands.
    pub status: Badge,
    /// The status as it is stored, for who looks whether it changed.
    pub status_word: &'static str,
    /// Why it failed.
    pub error: Option<String>,
    /// `12,345`; nothing if no model was asked.
    pub tokens: Option<String>,
    /// `$0.0123`
    pub cost: Option<String>,
    /// How long it took, once it has ended.
    pub seconds: Option<String>,
    /// When it began.
    pub started: When,
}

impl ExecutionRow {
    /// A row; `project` is its project's name.
    pub fn new(line: &ExecutionLine, project: Option<String>, now: Timestamp) -> Self {
        let usage = &line.usage;
        let asked = usage.steps > 0;
        let tokens = usage.tokens_in.saturating_add(usage.tokens_out);
        let has_ended = line.status != ExecutionStatus::Running;
        Self {
            id: line.id,
            task: line.task.as_str().replace('_', " "),
            agent: (line.agent != RUN).then(|| line.agent.clone()),
            project,
            issue_id: line.issue_id,
            status: line.status.into(),
            status_word: line.status.as_str(),
            error: line.error.as_deref().map(|text| amount::shortened(text, MAX_ERROR_CHARS)),
            tokens: asked.then(|| amount::number(tokens)),
            cost: asked.then(|| amount::dollars(usage.cost_micros)),
            seconds: has_ended.then(|| duration(line.seconds)),
            started: When::new(line.started_at, now),
        }
    }
}

/// What the list is narrowed by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filters {
    /// Where they stand.
    pub status: Vec<Choice>,
    /// Whose.
    pub agent: Vec<Choice>,
    /// What was asked.
    pub task: Vec<Choice>,
    /// For which project; empty for who sees only one.
    pub project: Vec<Choice>,
}

impl Filters {
    /// Whether anything is left out.
    pub fn any(&self) -> bool {
        [&self.status, &self.agent, &self.task, &self.project]
            .iter()
            .any(|choices| choices.iter().any(|choice| choice.chosen && !choice.value.is_empty()))
    }

    /// The rest of an address that keeps them: `&status=done&agent=style`.
    pub fn query(&self) -> String {
        let lists = [
            ("status", &self.status),
            ("agent", &self.agent),
            ("task", &self.task),
            ("project", &self.project),
        ];
        let chosen = lists.iter().filter_map(|(name, choices)| {
            let choice = choices.iter().find(|choice| choice.chosen && !choice.value.is_empty())?;
            Some((*name, choice.value.as_str()))
        });
        amount::query(chosen)
    }
}

/// The list of executions.
#[derive(Clone, Debug, Template)]
#[template(path = "executions.html")]
pub struct ExecutionsPage {
    /// Header.
    pub chrome: Chrome,
    /// The newest first.
    pub executions: Vec<ExecutionRow>,
    /// What the list is narrowed by.
    pub filters: Filters,
    /// The address of the older ones, if there are any to look through.
    pub older: Option<String>,
    /// Whether newer ones were left out.
    pub is_first: bool,
}

impl ExecutionsPage {
    /// `executions` the newest first; `next` is the number to go on before.
    pub fn new(
        mut chrome: Chrome,
        executions: Vec<ExecutionRow>,
        filters: Filters,
        next: Option<i64>,
        is_first: bool,
    ) -> Self {
        let running = ExecutionStatus::Running.as_str();
        chrome.live |= executions.iter().any(|row| row.status_word == running);
        let older = next.map(|next| format!("?before={next}{}", filters.query()));
        Self { chrome, executions, filters, older, is_first }
    }
}
