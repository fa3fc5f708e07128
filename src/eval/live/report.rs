//! The table of `andon eval live`.

use serde::Serialize;

use super::judge::Check;
use crate::domain::execution::Usage;

/// What came of a case.
#[derive(Clone, Debug, Serialize)]
pub struct Outcome {
    /// The case.
    pub id: String,
    /// What was looked at.
    pub checks: Vec<Check>,
    /// What the model's agents used together.
    pub usage: Usage,
    /// From sending the error to the last agent's end.
    pub seconds: f64,
}

impl Outcome {
    /// Whether all holds.
    pub fn passed(&self) -> bool {
        self.checks.iter().all(|check| check.held)
    }

    fn held(&self) -> usize {
        self.checks.iter().filter(|check| check.held).count()
    }
}

#[derive(Serialize)]
struct Total {
    cases: usize,
    passed: usize,
    checks: usize,
    held: usize,
    questions: u32,
    tool_calls: usize,
    tokens_in: u64,
    tokens_out: u64,
    dollars: f64,
}

fn total(outcomes: &[Outcome]) -> Total {
    Total {
        cases: outcomes.len(),
        passed: outcomes.iter().filter(|one| one.passed()).count(),
        checks: outcomes.iter().map(|one| one.checks.len()).sum(),
        held: outcomes.iter().map(Outcome::held).sum(),
        questions: outcomes.iter().map(|one| one.usage.steps).sum(),
        tool_calls: outcomes.iter().map(|one| one.usage.tools.len()).sum(),
        tokens_in: outcomes.iter().map(|one| one.usage.tokens_in).sum(),
        tokens_out: outcomes.iter().map(|one| one.usage.tokens_out).sum(),
        dollars: outcomes.iter().map(|one| dollars(one.usage.cost_micros)).sum(),
    }
}

#[expect(clippy::cast_precision_loss, reason = "nobody spends 2^53 millionths of a dollar")]
fn dollars(micros: u64) -> f64 {
    micros as f64 / 1e6
}

/// Everything, as JSON.
pub fn json(outcomes: &[Outcome]) -> serde_json::Value {
    serde_json::json!({ "total": total(outcomes), "cases": outcomes })
}

/// The table, and what did not hold.
pub fn markdown(outcomes: &[Outcome]) -> String {
    let mut out = String::from(
        "| case | passed | checks | questions | tool calls | tokens | dollars | seconds |\n|---|---|---|---|---|---|---|---|\n",
    );
    for one in outcomes {
        out.push_str(&format!(
            "| {} | {} | {} of {} | {} | {} | {} | {:.4} | {:.1} |\n",
            one.id,
            if one.passed() { "yes" } else { "no" },
            one.held(),
            one.checks.len(),
            one.usage.steps,
            one.usage.tools.len(),
            one.usage.tokens_in + one.usage.tokens_out,
            dollars(one.usage.cost_micros),
            one.seconds,
        ));
    }
    let all = total(outcomes);
    out.push_str(&format!(
        "| **all** | {} of {} | {} of {} | {} | {} | {} | {:.4} | |\n",
        all.passed,
        all.cases,
        all.held,
        all.checks,
        all.questions,
        all.tool_calls,
        all.tokens_in + all.tokens_out,
        all.dollars,
    ));
    for one in outcomes {
        for check in one.checks.iter().filter(|check| !check.held) {
            out.push_str(&format!("{}: not so: {} ({})\n", one.id, check.what, check.instead));
        }
    }
    out
}
