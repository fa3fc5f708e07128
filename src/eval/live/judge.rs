//! Judging an answer by what is expected of it.

use serde::Serialize;

use super::answer::{Cause, Expected, Fix, Limits, Pattern};
use crate::domain::analysis::RootCause;
use crate::domain::execution::{Execution, ExecutionStatus, Usage};

/// What came back.
#[derive(Clone, Debug, Default)]
pub struct Given {
    /// The model's root cause, if it gave one.
    pub opinion: Option<RootCause>,
    /// The executions of the model agents.
    pub executions: Vec<Execution>,
    /// The changed files and the diff of each edit that a model proposed.
    pub fixes: Vec<(Vec<String>, String)>,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What was to hold.
    pub what: String,
    /// Whether it does.
    pub held: bool,
    /// What there was instead.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub instead: String,
}

/// Looks at everything that is expected.
pub fn judge(expected: &Expected, given: &Given) -> Vec<Check> {
    let mut checks = vec![ran(given)];
    match &given.opinion {
        Some(opinion) => cause(&expected.cause, opinion, &mut checks),
        None => checks.push(check("a root cause is given", false, "none")),
    }
    if let Some(opinion) = &given.opinion {
        for place in &expected.evidence {
            let held = opinion.evidence.iter().any(|e| place.holds(&e.file, Some(e.line)));
            let cited: Vec<String> =
                opinion.evidence.iter().map(|e| format!("{}:{}", e.file, e.line)).collect();
            checks.push(check(&format!("evidence from {place}"), held, &cited.join(", ")));
        }
        for herring in &expected.red_herrings {
            let there = herring.place.as_ref().is_some_and(|place| {
                opinion.file.as_ref().is_some_and(|file| place.holds(file, opinion.line))
            });
            let said = herring.words.iter().any(|word| word.is_in(&opinion.summary));
            let what = format!("not led astray by {}", herring.what);
            checks.push(check(&what, !there && !said, &opinion.summary));
        }
    }
    if let Some(fix) = &expected.fix {
        fixes(fix, &given.fixes, &mut checks);
    }
    limits(&expected.limits, &total(&given.executions), &mut checks);
    checks
}

/// What all executions together used.
pub fn total(executions: &[Execution]) -> Usage {
    let mut all = Usage::default();
    for one in executions {
        all.steps += one.usage.steps;
        all.tools.extend(one.usage.tools.iter().cloned());
        all.tokens_in += one.usage.tokens_in;
        all.tokens_out += one.usage.tokens_out;
        all.cost_micros += one.usage.cost_micros;
    }
    all
}

fn check(what: &str, held: bool, instead: &str) -> Check {
    let instead = if held { String::new() } else { instead.to_owned() };
    Check { what: what.to_owned(), held, instead }
}

fn ran(given: &Given) -> Check {
    let failed: Vec<String> = given
        .executions
        .iter()
        .filter(|one| one.status == ExecutionStatus::Failed)
        .map(|one| format!("{}: {}", one.agent, one.error.as_deref().unwrap_or("it failed")))
        .collect();
    let asked = given.executions.iter().any(|one| one.usage.steps > 0);
    let instead = if asked { failed.join("; ") } else { "no model was asked".to_owned() };
    check("the model's agents answered", asked && failed.is_empty(), &instead)
}

fn cause(expected: &Cause, given: &RootCause, checks: &mut Vec<Check>) {
    let found = !given.summary.to_lowercase().starts_with("no root cause");
    let what = if expected.found { "a cause is named" } else { "it says that none can be known" };
    checks.push(check(what, found == expected.found, &given.summary));
    let Some(opinion) = &given.opinion else { return };
    let allowed: Vec<String> = expected.classification.iter().map(ToString::to_string).collect();
    let held = expected.classification.contains(&opinion.classification);
    let what = format!("classified as {}", allowed.join(" or "));
    checks.push(check(&what, held, &opinion.classification.to_string()));
    if let Some(place) = &expected.place {
        let held = given.file.as_ref().is_some_and(|file| place.holds(file, given.line));
        let line = given.line.map(|line| format!(":{line}")).unwrap_or_default();
        let instead = format!("{}{line}", given.file.as_deref().unwrap_or("no place"));
        checks.push(check(&format!("the cause is in {place}"), held, &instead));
    }
    let said = format!("{}\n{}", given.summary, opinion.five_whys.join("\n"));
    for any in &expected.words {
        let held = any.iter().any(|word| word.is_in(&said));
        checks.push(check(&format!("it says {}", one_of(any)), held, &given.summary));
    }
    if !expected.forbidden.is_empty() {
        let held = !expected.forbidden.iter().any(|word| word.is_in(&given.summary));
        let what = format!("it does not say {}", one_of(&expected.forbidden));
        checks.push(check(&what, held, &given.summary));
    }
}

fn one_of(patterns: &[Pattern]) -> String {
    patterns.iter().map(|one| format!("`{one}`")).collect::<Vec<_>>().join(" or ")
}

fn fixes(expected: &Fix, given: &[(Vec<String>, String)], checks: &mut Vec<Check>) {
    let what = if expected.wanted { "an edit is proposed" } else { "no edit is proposed" };
    let number = format!("{} edits", given.len());
    checks.push(check(what, given.is_empty() != expected.wanted, &number));
    if let Some(file) = &expected.file {
        let changed: Vec<&str> = given.iter().flat_map(|(f, _)| f).map(String::as_str).collect();
        let held = changed.contains(&file.as_str());
        checks.push(check(&format!("an edit changes {file}"), held, &changed.join(", ")));
    }
    if !expected.forbidden.is_empty() {
        let hides = given
            .iter()
            .flat_map(|(_, diff)| diff.lines())
            .filter(|line| line.starts_with('+') && !line.starts_with("+++"))
            .find(|line| expected.forbidden.iter().any(|word| word.is_in(line)));
        let what = format!("no edit adds {}", one_of(&expected.forbidden));
        checks.push(check(&what, hides.is_none(), hides.unwrap_or_default()));
    }
}

fn limits(limits: &Limits, used: &Usage, checks: &mut Vec<Check>) {
    let tokens = used.tokens_in + used.tokens_out;
    let tools = used.tools.len();
    let mut bound = |name: &str, limit: Option<u64>, used: u64| {
        if let Some(limit) = limit {
            checks.push(check(
                &format!("at most {limit} {name}"),
                used <= limit,
                &used.to_string(),
            ));
        }
    };
    bound("questions", limits.steps.map(u64::from), u64::from(used.steps));
    bound("tool calls", limits.tools.map(|n| n as u64), tools as u64);
    bound("tokens", limits.tokens, tokens);
}
