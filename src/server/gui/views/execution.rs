//! `/gui/executions/{id}`: what was run, by which agents, and what each did step by step.

use askama::Template;
use jiff::Timestamp;

use super::parts::amount;
use super::parts::chrome::Chrome;
use super::parts::prose::Prose;
use super::parts::step::{StepDetail, StepView};
use super::parts::when::{When, duration};
use super::parts::words::Badge;
use crate::domain::execution::{Execution, ExecutionStatus, Step};

/// One agent's part, as it is loaded.
#[derive(Clone, Debug)]
pub struct AgentInput {
    /// Its execution.
    pub execution: Execution,
    /// What it did, in order; not all of it on a whole run's page.
    pub steps: Vec<Step>,
    /// Whether there are more.
    pub more_steps: bool,
}

/// What the page is made from.
#[derive(Clone, Debug)]
pub struct ExecutionInput {
    /// The execution that was asked for.
    pub execution: Execution,
    /// Its agents in order; itself, if it is one agent's.
    pub agents: Vec<AgentInput>,
    /// The run that does the work, if that is another: its issue's analysis.
    pub working_run: Option<i64>,
    /// The project's name.
    pub project: Option<String>,
    /// The issue that it is about.
    pub issue_id: Option<i64>,
    /// Whether the work is under way still.
    pub is_running: bool,
    /// Whether somebody asked that it stop.
    pub was_cancelled: bool,
    /// What changes while it is at work, as one word.
    pub seen: String,
    /// The step that those shown come after, on an agent's own page.
    pub after: i64,
}

/// One agent's part, ready to print.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentRun {
    /// Its execution's number.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub status: Badge,
    /// How long it took, once it has ended.
    pub seconds: Option<String>,
    /// What it used of models; empty if it asked none.
    pub usage: Vec<(&'static str, String)>,
    /// Why it failed.
    pub error: Option<Prose>,
    /// What it has to say.
    pub notes: Vec<Prose>,
    /// What it proposed.
    pub proposals: Vec<Prose>,
    /// Claims that were not believed, and why.
    pub struck_out: Vec<(Prose, Prose)>,
    /// Its whole answer, where that has a shape of its own.
    pub results: Option<String>,
    /// What it did.
    pub steps: Vec<StepView>,
    /// The address of the rest.
    pub more: Option<String>,
}

/// One execution.
#[derive(Clone, Debug, Template)]
#[template(path = "execution.html")]
pub struct ExecutionPage {
    /// Header.
    pub chrome: Chrome,
    /// What is looked at.
    pub run: RunView,
}

/// The part of the page that changes while the run is at work.
#[derive(Clone, Debug, Template)]
#[template(path = "parts/run.html")]
pub struct RunFragment {
    /// For the form.
    pub chrome: Chrome,
    /// What is looked at.
    pub run: RunView,
}

/// An execution, ready to print.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunView {
    /// Its number.
    pub id: i64,
    /// `error analysis`, or the agent's name with it.
    pub title: String,
    /// The run that it is part of.
    pub parent_id: Option<i64>,
    /// The run that does the work, if that is another.
    pub working_run: Option<i64>,
    /// Where it stands.
    pub status: Badge,
    /// Why it failed.
    pub error: Option<Prose>,
    /// The project's name.
    pub project: Option<String>,
    /// The issue that it is about.
    pub issue_id: Option<i64>,
    /// Who asked for it, if an application did.
    pub asked_by: Option<String>,
    /// When it began.
    pub started: When,
    /// How long it took, once it has ended.
    pub seconds: Option<String>,
    /// What all its agents used of models; empty if they asked none.
    pub usage: Vec<(&'static str, String)>,
    /// The agents.
    pub agents: Vec<AgentRun>,
    /// Whether it is under way.
    pub is_running: bool,
    /// Whether somebody asked that it stop.
    pub was_cancelled: bool,
    /// What changes while it is at work, as one word.
    pub seen: String,
    /// The step that those shown come after.
    pub after: i64,
}

impl ExecutionPage {
    /// Builds the page.
    pub fn new(mut chrome: Chrome, input: &ExecutionInput, now: Timestamp) -> Self {
        chrome.live |= input.is_running;
        Self { chrome, run: RunView::new(input, now) }
    }
}

impl RunView {
    /// Ready to print.
    pub fn new(input: &ExecutionInput, now: Timestamp) -> Self {
        let execution = &input.execution;
        let task = execution.task.as_str().replace('_', " ");
        let title = match execution.parent_id {
            Some(_) => format!("{} in {task}", execution.agent),
            None => capitalised(&task),
        };
        let agents: Vec<AgentRun> =
            input.agents.iter().map(|agent| AgentRun::new(agent, input, now)).collect();
        let has_ended = execution.status != ExecutionStatus::Running;
        Self {
            id: execution.id,
            title,
            parent_id: execution.parent_id,
            working_run: input.working_run,
            status: execution.status.into(),
            error: execution.error.as_deref().map(Prose::new),
            project: input.project.clone(),
            issue_id: input.issue_id,
            asked_by: execution.input["asked_by"].as_str().map(str::to_owned),
            started: When::new(execution.started_at, now),
            seconds: has_ended.then(|| duration(execution.seconds)),
            usage: usage(input.agents.iter().map(|agent| &agent.execution)),
            agents,
            is_running: input.is_running,
            was_cancelled: input.was_cancelled,
            seen: input.seen.clone(),
            after: input.after,
        }
    }
}

impl AgentRun {
    fn new(agent: &AgentInput, page: &ExecutionInput, now: Timestamp) -> Self {
        let execution = &agent.execution;
        let output = &execution.output;
        let prose = |texts: &[String]| texts.iter().map(|text| Prose::new(text)).collect();
        let own_page = page.execution.id == execution.id;
        let last = agent.steps.last().map_or(page.after, |step| step.id);
        let more = format!("/gui/executions/{}", execution.id);
        let has_ended = execution.status != ExecutionStatus::Running;
        Self {
            id: execution.id,
            name: execution.agent.clone(),
            status: execution.status.into(),
            seconds: has_ended.then(|| duration(execution.seconds)),
            usage: usage(std::iter::once(execution)),
            error: execution.error.as_deref().map(Prose::new),
            notes: prose(&output.notes),
            proposals: prose(&output.proposals),
            struck_out: output
                .struck_out
                .iter()
                .map(|one| (Prose::new(&one.claim), Prose::new(&one.why)))
                .collect(),
            results: (!output.results.is_null()).then(|| format!("{:#}", output.results)),
            steps: agent.steps.iter().map(|step| StepView::new(step, now)).collect(),
            more: agent
                .more_steps
                .then(|| if own_page { format!("{more}?after={last}") } else { more }),
        }
    }
}

/// What was used of models, in words.
fn usage<'a>(executions: impl Iterator<Item = &'a Execution>) -> Vec<(&'static str, String)> {
    let (mut questions, mut sent, mut received, mut cost) = (0_u64, 0_u64, 0_u64, 0_u64);
    let (mut models, mut routes, mut cached) = (Vec::new(), Vec::new(), false);
    for one in executions.map(|execution| &execution.usage) {
        questions += u64::from(one.steps);
        sent = sent.saturating_add(one.tokens_in);
        received = received.saturating_add(one.tokens_out);
        cost = cost.saturating_add(one.cost_micros);
        cached |= one.cached;
        for (list, name) in [(&mut models, &one.model), (&mut routes, &one.route)] {
            if let Some(name) = name
                && !list.contains(name)
            {
                list.push(name.clone());
            }
        }
    }
    let mut said = Vec::new();
    if cached {
        said.push(("answer", "known from before".to_owned()));
    }
    if questions == 0 {
        return said;
    }
    let tokens = format!("{} sent, {} received", amount::number(sent), amount::number(received));
    said.push(("questions", amount::number(questions)));
    said.push(("tokens", tokens));
    said.push(("cost", amount::dollars(cost)));
    if !models.is_empty() {
        said.push(("model", format!("{} (route {})", models.join(", "), routes.join(", "))));
    }
    said
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    first + letters.as_str()
}
