//! `/gui/agents`: which agents there are, whether each can run, what it may use, and the ways to models.

use askama::Template;
use jiff::Timestamp;

use super::parts::chrome::Chrome;
use super::parts::limits::{LimitRow, limits};
use super::parts::when::{When, duration};
use super::parts::words::{Badge, Tone};
use crate::domain::execution::TaskType;
use crate::orchestrator::files::{Need, Origin};
use crate::orchestrator::model::RouteStanding;
use crate::orchestrator::{AgentFile, AgentKind};
use crate::store::agent_settings::AgentSettings;

/// What the page needs of one agent.
#[derive(Clone, Copy, Debug)]
pub struct AgentInput<'a> {
    /// Its file, with what was set for it.
    pub file: &'a AgentFile,
    /// Its file, as it is written.
    pub written: &'a AgentFile,
    /// Where it comes from.
    pub origin: &'a Origin,
    /// What was set for it.
    pub settings: Option<&'a AgentSettings>,
    /// Why it cannot run now although it is switched on.
    pub why_not: Option<&'a str>,
}

/// A name and what stands for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// `order`, `tools`, …
    pub name: &'static str,
    /// One word or several.
    pub values: Vec<String>,
    /// Whether they are names of code.
    pub is_code: bool,
}

/// One agent, ready to print.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentCard {
    /// Its name.
    pub name: String,
    /// One sentence on what it does.
    pub description: String,
    /// `rules` or `model`.
    pub kind: Badge,
    /// Whether it runs.
    pub state: Badge,
    /// Why not.
    pub why_not: Option<String>,
    /// Whether it is switched on.
    pub enabled: bool,
    /// What it is made of and needs.
    pub facts: Vec<Fact>,
    /// What it may use.
    pub limits: Vec<LimitRow>,
    /// Whether something was set beyond its file.
    pub changed: bool,
}

/// The agents of one task, in the order in which they run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskGroup {
    /// `error analysis`
    pub task: String,
    /// For the heading's id.
    pub word: &'static str,
    /// Rules agents first.
    pub agents: Vec<AgentCard>,
}

/// A way to a model, ready to print.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteRow {
    /// Its name.
    pub name: String,
    /// The model's name.
    pub model: String,
    /// Scheme, host and port.
    pub server: String,
    /// `$0.15 in, $0.60 out`
    pub price: String,
    /// Whether it is asked.
    pub state: Badge,
    /// More on that.
    pub note: String,
    /// What it last failed with, and when.
    pub last_error: Option<(String, When)>,
}

/// What the page is made from.
#[derive(Clone, Debug)]
pub struct AgentsInput<'a> {
    /// In the order in which they run.
    pub agents: Vec<AgentInput<'a>>,
    /// In the order in which they are asked.
    pub routes: Vec<RouteStanding>,
    /// Why there is no model to ask, if there is none.
    pub why_no_model: Option<&'a str>,
}

/// The agents and the ways to models.
#[derive(Clone, Debug, Template)]
#[template(path = "agents.html")]
pub struct AgentsPage {
    /// Header.
    pub chrome: Chrome,
    /// By task.
    pub groups: Vec<TaskGroup>,
    /// In the order in which they are asked.
    pub routes: Vec<RouteRow>,
    /// Why there is no model to ask, if there is none.
    pub why_no_model: Option<String>,
}

impl AgentsPage {
    /// Builds the page.
    pub fn new(chrome: Chrome, input: &AgentsInput<'_>, now: Timestamp) -> Self {
        let mut groups: Vec<TaskGroup> = Vec::new();
        for task in TaskType::ALL {
            let of_task = input.agents.iter().filter(|agent| agent.file.task == *task);
            let agents: Vec<AgentCard> = of_task.map(AgentCard::new).collect();
            if !agents.is_empty() {
                let task_words = task.as_str().replace('_', " ");
                groups.push(TaskGroup { task: task_words, word: task.as_str(), agents });
            }
        }
        let routes = input.routes.iter().map(|route| RouteRow::new(route, now)).collect();
        let why_no_model = input.why_no_model.map(str::to_owned);
        Self { chrome, groups, routes, why_no_model }
    }
}

impl AgentCard {
    fn new(agent: &AgentInput<'_>) -> Self {
        let file = agent.file;
        let badge = |text: &str, tone| Badge { text: text.to_owned(), tone };
        let state = match (file.enabled, agent.why_not) {
            (false, _) => badge("switched off", Tone::Neutral),
            (true, Some(_)) => badge("cannot run now", Tone::Warn),
            (true, None) => badge("ready", Tone::Good),
        };
        Self {
            name: file.name.clone(),
            description: file.description.clone(),
            kind: match file.kind {
                AgentKind::Rules => badge("rules", Tone::Neutral),
                AgentKind::Model => badge("model", Tone::Info),
            },
            state,
            why_not: agent.why_not.filter(|_| file.enabled).map(sentence),
            enabled: file.enabled,
            facts: facts(agent),
            limits: limits(file, agent.written, agent.settings),
            changed: agent.settings.is_some_and(|set| {
                AgentSettings { file: None, ..set.clone() } != AgentSettings::default()
            }),
        }
    }
}

fn facts(agent: &AgentInput<'_>) -> Vec<Fact> {
    let file = agent.file;
    let code = |name, value: &Option<String>| {
        let value = value.as_ref()?.clone();
        Some(Fact { name, values: vec![value], is_code: true })
    };
    let words = |name, values: Vec<String>| {
        (!values.is_empty()).then_some(Fact { name, values, is_code: false })
    };
    let need = |need: &Need| match need {
        Need::Repository => "a repository".to_owned(),
        Need::Proposals => "fixes that agents before it proposed".to_owned(),
    };
    let from = match agent.origin {
        Origin::Binary => Fact {
            name: "from",
            values: vec![format!("agents/{}.toml in the binary", file.name)],
            is_code: false,
        },
        Origin::Folder(path) => {
            Fact { name: "from", values: vec![path.display().to_string()], is_code: true }
        }
        Origin::Added => {
            Fact { name: "from", values: vec!["added through the API".to_owned()], is_code: false }
        }
    };
    let output = file.output.as_ref().map(|output| format!("{}.json", output.schema));
    let facts = [
        words("order", vec![file.order.to_string()]),
        words("needs", file.needs.iter().map(need).collect()),
        code("analyser", &file.analyser),
        code("prompt", &file.prompt),
        code("answer", &output),
        code("fallback", &file.fallback),
        (!file.tools.is_empty()).then(|| Fact {
            name: "tools",
            values: file.tools.clone(),
            is_code: true,
        }),
        Some(from),
    ];
    facts.into_iter().flatten().collect()
}

impl RouteRow {
    fn new(route: &RouteStanding, now: Timestamp) -> Self {
        let (price_in, price_out) = route.dollars;
        let (state, note) = match (route.rests_for, route.failures) {
            (Some(rest), _) => {
                let badge = Badge { text: "rests".to_owned(), tone: Tone::Warn };
                let seconds = duration(rest.as_secs_f64().ceil());
                (badge, format!("{} failures in a row; asked again in {seconds}", route.failures))
            }
            (None, 0) => (Badge { text: "asked".to_owned(), tone: Tone::Good }, String::new()),
            (None, failures) => (
                Badge { text: "asked".to_owned(), tone: Tone::Info },
                format!("{failures} of {} failures in a row", route.failures_allowed),
            ),
        };
        Self {
            name: route.name.clone(),
            model: route.model.clone(),
            server: route.server.clone(),
            price: format!("{} in, {} out", price(price_in), price(price_out)),
            state,
            note,
            last_error: route
                .last_error
                .as_ref()
                .map(|last| (last.text.clone(), When::new(last.at, now))),
        }
    }
}

/// Dollars as they are written, with cents: `$0.60`, `$0.075`.
fn price(dollars: f64) -> String {
    let (exact, cents) = (dollars.to_string(), format!("{dollars:.2}"));
    format!("${}", if exact.len() > cents.len() { exact } else { cents })
}

/// A reason, as a sentence of its own.
fn sentence(reason: &str) -> String {
    let mut letters = reason.chars();
    let first = letters.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str().trim_end_matches('.'))
}
