//! What came of all cases: a table for people, JSON for programs.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;
use serde_json::{Value, json};

use super::panics::{Outcome, Ranks};

/// How many of some cases were hit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Hits {
    /// All of them.
    pub cases: usize,
    /// Where a function that was mended came first.
    pub function_at_1: usize,
    /// Where one came among the first three.
    pub function_at_3: usize,
    /// Where one came among the first five.
    pub function_at_5: usize,
    /// Where a file that was mended came first.
    pub file_at_1: usize,
}

impl Hits {
    fn of(ranks: impl Iterator<Item = Ranks>) -> Self {
        ranks.fold(Self::default(), |sum, one| {
            let within = |rank: Option<usize>, most| usize::from(rank.is_some_and(|r| r <= most));
            Self {
                cases: sum.cases + 1,
                function_at_1: sum.function_at_1 + within(one.function, 1),
                function_at_3: sum.function_at_3 + within(one.function, 3),
                function_at_5: sum.function_at_5 + within(one.function, 5),
                file_at_1: sum.file_at_1 + within(one.file, 1),
            }
        })
    }

    fn row(self, name: &str) -> String {
        let Self { cases, function_at_1, function_at_3, function_at_5, file_at_1 } = self;
        format!(
            "| {name} | {cases} | {function_at_1} | {function_at_3} | {function_at_5} | {file_at_1} |"
        )
    }
}

/// The agent's hits by class.
fn by_class(outcomes: &[Outcome]) -> BTreeMap<&str, Hits> {
    let mut classes = BTreeMap::<&str, Vec<Ranks>>::new();
    for one in outcomes {
        classes.entry(&one.class).or_default().push(one.agent);
    }
    classes.into_iter().map(|(class, ranks)| (class, Hits::of(ranks.into_iter()))).collect()
}

/// What the rows of a table are called.
#[derive(Clone, Copy, Debug)]
pub struct Titles {
    /// The agent.
    pub agent: &'static str,
    /// What it is compared with.
    pub baseline: &'static str,
}

/// As Markdown.
pub fn markdown(outcomes: &[Outcome], titles: Titles) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail, here and below.
    let _ = writeln!(text, "| | cases | function at 1 | at 3 | at 5 | file at 1 |");
    let _ = writeln!(text, "|---|---|---|---|---|---|");
    let agent = Hits::of(outcomes.iter().map(|one| one.agent));
    let _ = writeln!(text, "{}", agent.row(&format!("**{}**", titles.agent)));
    let baseline = Hits::of(outcomes.iter().map(|one| one.baseline));
    let _ = writeln!(text, "{}", baseline.row(titles.baseline));
    for (class, hits) in by_class(outcomes) {
        let _ = writeln!(text, "{}", hits.row(&format!("agent, {class}")));
    }
    let seconds = |one: &Outcome| one.took.as_secs_f64();
    let most = outcomes.iter().map(seconds).fold(0.0, f64::max);
    let mean = outcomes.iter().map(seconds).sum::<f64>() / outcomes.len().max(1) as f64;
    let _ = writeln!(text, "\n{mean:.3} s a case, at most {most:.3} s.");
    text
}

/// As JSON.
pub fn json(outcomes: &[Outcome]) -> Value {
    let cases: Vec<Value> = outcomes
        .iter()
        .map(|one| {
            json!({
                "id": one.id,
                "function_rank": one.agent.function,
                "file_rank": one.agent.file,
                "baseline_function_rank": one.baseline.function,
                "seconds": one.took.as_secs_f64(),
                "candidates": one.named,
            })
        })
        .collect();
    json!({
        "total": Hits::of(outcomes.iter().map(|one| one.agent)),
        "baseline": Hits::of(outcomes.iter().map(|one| one.baseline)),
        "by_class": by_class(outcomes),
        "cases": cases,
    })
}
