//! `/gui/spend`: what models cost, and how much of the caps is used.

use std::collections::BTreeMap;

use askama::Template;
use jiff::Timestamp;

use super::parts::amount;
use super::parts::chart::{Chart, Grain, Measure, Series};
use super::parts::chrome::Chrome;
use super::parts::words::{Badge, Tone};
use crate::store::model_spend::{IssueSpend, SpendCaps, SpendRow, SpentSoFar};

/// Units of a gauge's width.
const GAUGE_UNITS: u64 = 1000;

/// The share of a cap, in thousandths, from which on it is nearly used up.
const NEARLY: u64 = 800;

/// Agents, and models, that are listed.
const MAX_ROWS: usize = 50;

/// What the page is made from.
#[derive(Clone, Debug)]
pub struct SpendInput {
    /// Days that are looked at.
    pub days: u32,
    /// Days that may be chosen.
    pub choices: &'static [u32],
    /// How much may be spent.
    pub caps: SpendCaps,
    /// What was spent in all; nothing for who sees one project only.
    pub all: Option<AllSpent>,
    /// The issues that cost most.
    pub issues: Vec<IssueSpend>,
}

/// What was spent on all projects.
#[derive(Clone, Debug, Default)]
pub struct AllSpent {
    /// By day, agent and model.
    pub rows: Vec<SpendRow>,
    /// Whether older rows were left out.
    pub was_cut: bool,
    /// On this day and in this month.
    pub so_far: SpentSoFar,
}

/// How much of a cap is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CapRow {
    /// `today`, `this month`
    pub name: &'static str,
    /// Where it is set.
    pub key: &'static str,
    /// `$1.20`
    pub used: String,
    /// `$10.00`
    pub cap: String,
    /// `12 %`
    pub share: String,
    /// Of 1000.
    pub width: u64,
    /// That it is nearly or wholly used up.
    pub badge: Option<Badge>,
}

/// What one agent or model cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedSpend {
    /// Its name.
    pub name: String,
    /// Calls.
    pub calls: String,
    /// Tokens sent.
    pub tokens_in: String,
    /// Tokens received.
    pub tokens_out: String,
    /// Money.
    pub cost: String,
}

/// What one issue cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssueRow {
    /// The issue.
    pub id: i64,
    /// Its title.
    pub title: String,
    /// Calls.
    pub calls: String,
    /// How much of the issue's cap is used.
    pub gauge: CapRow,
}

/// What models cost.
#[derive(Clone, Debug, Template)]
#[template(path = "spend.html")]
pub struct SpendPage {
    /// Header.
    pub chrome: Chrome,
    /// Days that are looked at.
    pub days: u32,
    /// Days that may be chosen.
    pub choices: &'static [u32],
    /// Of the day and the month.
    pub caps: Vec<CapRow>,
    /// What calls under way may cost.
    pub under_way: Option<String>,
    /// By day.
    pub chart: Option<Chart>,
    /// By agent, the costliest first.
    pub agents: Vec<NamedSpend>,
    /// By model, the costliest first.
    pub models: Vec<NamedSpend>,
    /// Whether older rows were left out.
    pub was_cut: bool,
    /// The cap of one issue.
    pub issue_cap: String,
    /// The issues that cost most.
    pub issues: Vec<IssueRow>,
}

impl SpendPage {
    /// Builds the page.
    pub fn new(chrome: Chrome, input: SpendInput, now: Timestamp) -> Self {
        let SpendInput { days, choices, caps, all, issues } = input;
        let mut page = Self {
            chrome,
            days,
            choices,
            caps: Vec::new(),
            under_way: None,
            chart: None,
            agents: Vec::new(),
            models: Vec::new(),
            was_cut: false,
            issue_cap: amount::dollars(caps.per_issue),
            issues: issues.into_iter().map(|issue| IssueRow::new(issue, caps)).collect(),
        };
        let Some(all) = all else { return page };
        let so_far = all.so_far;
        page.caps = vec![
            CapRow::new("today", "models.dollars_per_day", so_far.day, caps.per_day),
            CapRow::new("this month", "models.dollars_per_month", so_far.month, caps.per_month),
        ];
        page.under_way = (so_far.under_way > 0).then(|| amount::dollars(so_far.under_way));
        let length = usize::try_from(days).unwrap_or(1);
        let buckets = all.rows.iter().map(|row| (row.day.as_second(), row.cost_micros));
        let series = Series::new(Grain::Day, length, buckets, now).of(Measure::Money);
        page.chart = Some(Chart::new("spent", &series));
        page.agents = by(&all.rows, |row| &row.agent);
        page.models = by(&all.rows, |row| &row.model);
        page.was_cut = all.was_cut;
        page
    }
}

impl SpendPage {
    /// The tables of names: id, title and rows of each.
    fn tables(&self) -> [(&'static str, &'static str, &[NamedSpend]); 2] {
        [("agents", "By agent", &self.agents), ("models", "By model", &self.models)]
    }
}

impl CapRow {
    fn new(name: &'static str, key: &'static str, used: u64, cap: u64) -> Self {
        let share = u128::from(used) * u128::from(GAUGE_UNITS) / u128::from(cap.max(1));
        let share = u64::try_from(share).unwrap_or(u64::MAX);
        let badge = |text: &str, tone| Badge { text: text.to_owned(), tone };
        Self {
            name,
            key,
            used: amount::dollars(used),
            cap: amount::dollars(cap),
            share: format!("{} %", share / 10),
            width: share.min(GAUGE_UNITS),
            badge: match used {
                used if used >= cap => Some(badge("used up", Tone::Bad)),
                _ if share >= NEARLY => Some(badge("nearly used up", Tone::Warn)),
                _ => None,
            },
        }
    }
}

impl IssueRow {
    fn new(issue: IssueSpend, caps: SpendCaps) -> Self {
        let cost = u64::try_from(issue.cost_micros).unwrap_or(0);
        Self {
            id: issue.issue_id,
            title: issue.title,
            calls: count(issue.calls),
            gauge: CapRow::new("this issue", "models.dollars_per_issue", cost, caps.per_issue),
        }
    }
}

/// Sums by a name, the costliest first.
fn by<'a>(rows: &'a [SpendRow], name: fn(&'a SpendRow) -> &'a String) -> Vec<NamedSpend> {
    let mut sums: BTreeMap<&str, [i64; 4]> = BTreeMap::new();
    for row in rows {
        let sum = sums.entry(name(row)).or_default();
        let parts = [row.cost_micros, row.calls, row.tokens_in, row.tokens_out];
        for (sum, part) in sum.iter_mut().zip(parts) {
            *sum = sum.saturating_add(part);
        }
    }
    let mut sums: Vec<(&str, [i64; 4])> = sums.into_iter().collect();
    sums.sort_by_key(|(_, [cost, ..])| std::cmp::Reverse(*cost));
    sums.truncate(MAX_ROWS);
    sums.into_iter()
        .map(|(name, [cost, calls, sent, received])| NamedSpend {
            name: name.to_owned(),
            calls: count(calls),
            tokens_in: count(sent),
            tokens_out: count(received),
            cost: amount::dollars(u64::try_from(cost).unwrap_or(0)),
        })
        .collect()
}

fn count(stored: i64) -> String {
    amount::number(u64::try_from(stored).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gauge_never_runs_over_and_says_when_a_cap_is_used_up() {
        let row = |used, cap| CapRow::new("today", "k", used, cap);
        assert_eq!((row(0, 10).width, row(0, 10).badge), (0, None));
        assert_eq!(row(8_000_000, 10_000_000).share, "80 %");
        assert_eq!(row(8, 10).badge.unwrap().text, "nearly used up");
        for over in [row(10, 10), row(30, 10), row(0, 0), row(u64::MAX, 1)] {
            assert_eq!(over.badge.unwrap().text, "used up");
            assert!(over.width <= GAUGE_UNITS);
        }
    }
}
