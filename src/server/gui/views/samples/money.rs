//! What was spent, and what was learnt.

use super::{at, chrome, now};
use crate::domain::pattern::{Pattern, PatternVerdict};
use crate::server::gui::views::issues::Pager;
use crate::server::gui::views::parts::choice::Choice;
use crate::server::gui::views::parts::chrome::Section;
use crate::server::gui::views::patterns::{PatternCard, PatternPage, PatternsPage, Search};
use crate::server::gui::views::spend::{AllSpent, SpendInput, SpendPage};
use crate::store::model_spend::{IssueSpend, SpendCaps, SpendRow, SpentSoFar};

/// What was spent, on all projects or as who sees one project is shown it.
pub(crate) fn spend_page(all: bool) -> SpendPage {
    let row = |day: i64, agent: &str, model: &str, cost_micros| SpendRow {
        day: now().checked_sub(jiff::SignedDuration::from_hours(24 * day)).unwrap(),
        agent: agent.into(),
        model: model.into(),
        calls: 40,
        tokens_in: 1_248_210,
        tokens_out: 43_120,
        cost_micros,
    };
    let rows = (0..24).flat_map(|day| {
        [
            row(day, "root-cause", "some-model-2026-10", (1 + day * 7 % 11) * 180_000),
            row(day, "fix-critic", "a-small-local-model", 4_200),
        ]
    });
    let issue = |issue_id, title: &str, cost_micros| IssueSpend {
        issue_id,
        title: title.into(),
        project_id: 3,
        calls: 12,
        cost_micros,
    };
    let input = SpendInput {
        days: 30,
        choices: &[7, 30, 90],
        caps: SpendCaps { per_issue: 1_000_000, per_day: 10_000_000, per_month: 40_000_000 },
        all: all.then(|| AllSpent {
            rows: rows.collect(),
            was_cut: true,
            so_far: SpentSoFar { day: 1_204_000, month: 34_150_000, under_way: 120_000 },
        }),
        issues: vec![
            issue(7, "panic: attempt to subtract with overflow", 1_000_000),
            issue(8, &"T".repeat(200), 91_040),
        ],
    };
    SpendPage::new(chrome(Section::Spend), input, now())
}

/// A pattern; `said` stands wherever somebody outside could write something.
pub(crate) fn pattern(id: i64, verdict: PatternVerdict, said: &str) -> Pattern {
    Pattern {
        id,
        issue_id: Some(7),
        suggestion_id: Some(41),
        fingerprint: "f".into(),
        class: "arithmetic_overflow".into(),
        title: format!("panic: attempt to subtract with overflow {said}"),
        cause: format!("The cart is empty, and 0 − 1 does not fit a usize. {said}"),
        fix: format!(
            "Return an error for an empty cart\n--- a/src/cart.rs\n+++ b/src/cart.rs\n {said}\n"
        ),
        frames: vec!["Cart::last_price".into(), "page::render".into()],
        fix_commit: Some("8537bdc09a1f2e3d4c5b6a79881726354453627a".into()),
        hits: 3,
        updated_at: at("2026-11-20T08:00:00Z"),
        ..Pattern::new(3, verdict, at("2026-11-01T08:00:00Z"))
    }
}

/// The list; nothing is found if something is searched for.
pub(crate) fn patterns_page(text: &str) -> PatternsPage {
    let mut pinned = pattern(5, PatternVerdict::Accepted, "");
    pinned.pinned = true;
    pinned
        .fix
        .push_str(&"+        let last = self.items.last().ok_or(CartError::Empty)?;\n".repeat(12));
    let mut back = pattern(4, PatternVerdict::Rejected, "");
    (back.recurred, back.hits) = (true, 0);
    let mut corrected = pattern(3, PatternVerdict::Corrected, "");
    corrected.fix = String::new();
    (corrected.suggestion_id, corrected.hits) = (None, 1);
    let found = [pinned, back, corrected];
    let cards = found.iter().filter(|_| text.is_empty());
    let project = Choice::list("all", [("3".into(), "orders".into())], "");
    PatternsPage {
        chrome: chrome(Section::Patterns),
        patterns: cards.map(|p| PatternCard::new(p, Some("orders".into()), now())).collect(),
        search: Search { text: text.into(), project },
        pager: Pager::new(1, true).with_query("&q=a+b".into()),
    }
}

/// One pattern.
pub(crate) fn pattern_page(said: &str) -> PatternPage {
    let pattern = pattern(5, PatternVerdict::Accepted, said);
    let pattern = PatternCard::new(&pattern, Some("orders".into()), now());
    PatternPage { chrome: chrome(Section::Patterns), pattern }
}
