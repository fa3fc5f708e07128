//! How often what was learnt of an error is found again for another error with the same cause.
//!
//! A case's folder holds `bug.json`, the first report (`backtrace.txt` or `traceback.txt`) and, where the same
//! fault was reached by other ways, `again-1.txt` and so on. Every case is learnt, with its first report, in
//! one project of a fresh store; then the first other report whose fingerprint differs is asked about, by the
//! store's own search. All other cases' patterns, of the same package too, are there to be taken for it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::case::folders;
use crate::domain::event::Event;
use crate::domain::fingerprint::fingerprint;
use crate::domain::healing::HealingMode;
use crate::domain::pattern::{Likeness, Pattern, PatternVerdict};
use crate::domain::scrub::{ScrubRules, Scrubber};
use crate::ingest::plain;
use crate::store::Store;
use crate::store::projects::NewProject;

/// Other reports of a case that are looked at.
const MAX_AGAIN: usize = 9;

/// Who does what has to be recorded.
const ACTOR: &str = "eval";

/// What came of a pair.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// The case's name.
    pub id: String,
    /// Whether the innermost function of the application is another one, too.
    pub elsewhere: bool,
    /// Whether the case belongs to the half that was looked at while the search was made.
    pub seen: bool,
    /// Where the right pattern came, from 1; `None` if it is not among those given.
    pub rank: Option<usize>,
    /// Where it came by the words of the message alone.
    pub baseline: Option<usize>,
}

/// What came of all.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// Cases that were learnt.
    pub learnt: usize,
    /// The pairs.
    pub pairs: Vec<Pair>,
}

/// A case: its reports as the server would have stored them.
struct Case {
    id: String,
    class: String,
    first: Event,
    again: Option<Event>,
}

/// Learns all cases below the folders in a fresh store and asks about those that have another report.
pub async fn run(folders_of_cases: &[PathBuf]) -> anyhow::Result<Outcome> {
    let data = tempfile::tempdir()?;
    let store = Store::open(data.path()).await?;
    let outcome = run_in(&store, folders_of_cases).await;
    store.close().await;
    outcome
}

/// The same in a store that knows none of the projects `whole` and `messages`.
pub async fn run_in(store: &Store, folders_of_cases: &[PathBuf]) -> anyhow::Result<Outcome> {
    let mut cases = Vec::new();
    for folder in folders_of_cases {
        for folder in folders(folder)? {
            cases.push(open(&folder)?);
        }
    }
    let (whole, messages) = (project(store, "whole").await?, project(store, "messages").await?);
    let (mut ids, mut by_message) = (Vec::new(), Vec::new());
    for case in &cases {
        ids.push(learn(store, whole, case, &Likeness::of(&case.first, None)).await?);
        let message = Likeness::of_message(&case.first);
        by_message.push(learn(store, messages, case, &message).await?);
    }
    let mut outcome = Outcome { learnt: cases.len(), pairs: Vec::new() };
    for (index, case) in cases.iter().enumerate() {
        let Some(again) = &case.again else { continue };
        let likeness = Likeness::of(again, None);
        let found = store.similar_patterns(whole, &fingerprint(again), &likeness).await?;
        let message = Likeness::of_message(again);
        let ranked = store.patterns_by_words(messages, &message).await?;
        let first = Likeness::of(&case.first, None);
        outcome.pairs.push(Pair {
            id: case.id.clone(),
            elsewhere: likeness.frames.first() != first.frames.first(),
            seen: Sha256::digest(case.id.as_bytes())[0] % 2 == 0,
            rank: found.iter().position(|one| one.pattern.id == ids[index]).map(|at| at + 1),
            baseline: ranked.iter().position(|(id, _)| *id == by_message[index]).map(|at| at + 1),
        });
    }
    anyhow::ensure!(
        !outcome.pairs.is_empty(),
        "no case has another report with another fingerprint"
    );
    Ok(outcome)
}

async fn project(store: &Store, name: &str) -> anyhow::Result<i64> {
    let new = NewProject { name, public_key: name, repo: None, healing: HealingMode::Off };
    Ok(store.create_project(&new, ACTOR, Timestamp::UNIX_EPOCH).await?.id)
}

async fn learn(
    store: &Store,
    project_id: i64,
    case: &Case,
    likeness: &Likeness,
) -> anyhow::Result<i64> {
    let mut pattern = Pattern::new(project_id, PatternVerdict::Corrected, Timestamp::UNIX_EPOCH);
    pattern.fingerprint = fingerprint(&case.first);
    pattern.class.clone_from(&case.class);
    pattern.title = case.first.title();
    pattern.cause.clone_from(&case.id);
    pattern.fix.clone_from(&case.id);
    Ok(store.learn_pattern(&pattern, likeness, None, Timestamp::UNIX_EPOCH).await?)
}

fn open(folder: &Path) -> anyhow::Result<Case> {
    let read = |name: &str| {
        let path = folder.join(name);
        let text = std::fs::read(&path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        text.with_context(|| format!("{} cannot be read", path.display()))
    };
    let bug: Value = serde_json::from_str(&read("bug.json")?)
        .with_context(|| format!("{}/bug.json is not a case", folder.display()))?;
    let text = |key: &str| bug[key].as_str().unwrap_or_default().to_owned();
    let first = match read("backtrace.txt") {
        Ok(trace) => format!("{}\n{trace}", text("panic").trim_end()),
        Err(_) => read("traceback.txt")?,
    };
    let first = event(&first)?;
    let known = fingerprint(&first);
    let mut again = None;
    for number in 1..=MAX_AGAIN {
        let Ok(other) = read(&format!("again-{number}.txt")) else { break };
        let other = event(&other)?;
        if fingerprint(&other) != known {
            again = Some(other);
            break;
        }
    }
    Ok(Case { id: text("id"), class: text("class"), first, again })
}

/// A report as it comes in.
fn event(report: &str) -> anyhow::Result<Event> {
    let scrubber = Scrubber::new(&ScrubRules::default())?;
    let body = json!({ "stack_trace": report }).to_string();
    let parsed = plain::parse(body.as_bytes(), &scrubber, Timestamp::UNIX_EPOCH)?;
    Ok(parsed.event)
}

/// How many of some pairs were found.
struct Hits {
    pairs: usize,
    at_1: usize,
    at_3: usize,
    baseline_at_1: usize,
    baseline_at_3: usize,
}

impl Outcome {
    fn hits(&self, of: impl Fn(&Pair) -> bool) -> Hits {
        let chosen: Vec<&Pair> = self.pairs.iter().filter(|pair| of(pair)).collect();
        let count = |rank: fn(&Pair) -> Option<usize>, most: usize| {
            chosen.iter().filter(|pair| rank(pair).is_some_and(|rank| rank <= most)).count()
        };
        Hits {
            pairs: chosen.len(),
            at_1: count(|pair| pair.rank, 1),
            at_3: count(|pair| pair.rank, 3),
            baseline_at_1: count(|pair| pair.baseline, 1),
            baseline_at_3: count(|pair| pair.baseline, 3),
        }
    }

    fn rows(&self) -> [(&'static str, Hits); 4] {
        [
            ("all", self.hits(|_| true)),
            ("seen half", self.hits(|pair| pair.seen)),
            ("held-out half", self.hits(|pair| !pair.seen)),
            ("another innermost function", self.hits(|pair| pair.elsewhere)),
        ]
    }

    /// A table for people.
    pub fn markdown(&self) -> String {
        let mut text = format!("{} patterns were learnt.\n\n", self.learnt);
        text.push_str(
            "| pairs | | at 1 | at 3 | message alone at 1 | at 3 |\n|---|---|---|---|---|---|\n",
        );
        for (name, hits) in self.rows() {
            let Hits { pairs, at_1, at_3, baseline_at_1, baseline_at_3 } = hits;
            // Writing into a text cannot fail.
            let _ = writeln!(
                text,
                "| {name} | {pairs} | **{at_1}** | **{at_3}** | {baseline_at_1} | {baseline_at_3} |"
            );
        }
        for pair in self.pairs.iter().filter(|pair| pair.seen && pair.rank.is_none_or(|r| r > 3)) {
            let _ = writeln!(text, "not among the first three: {}", pair.id);
        }
        text
    }

    /// The same for programs.
    pub fn json(&self) -> Value {
        let rows = self.rows().map(|(name, hits)| {
            let figures = json!({
                "pairs": hits.pairs,
                "at_1": hits.at_1,
                "at_3": hits.at_3,
                "baseline_at_1": hits.baseline_at_1,
                "baseline_at_3": hits.baseline_at_3,
            });
            (name.replace([' ', '-'], "_"), figures)
        });
        let pairs: Vec<Value> = self
            .pairs
            .iter()
            .map(|pair| json!({ "id": pair.id, "rank": pair.rank, "baseline": pair.baseline }))
            .collect();
        json!({ "learnt": self.learnt, "figures": Value::Object(rows.into_iter().collect()), "pairs": pairs })
    }
}
