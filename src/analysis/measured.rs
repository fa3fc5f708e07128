//! How often the rules agents were right where the answer is known: the confidence of their causes.
//!
//! `measured.toml` says, for each class of error as the agent names it, how many cases were measured and in
//! how many of them the first-ranked function was the one that was mended. `andon eval panics … --write-confidence` and
//! `andon eval exceptions … --write-confidence` write it; `make eval-confidence` runs both.
//!
//! A class with few cases is drawn towards the agent's whole: its confidence is
//!
//! ```text
//! (right of the class + WEIGHT × right of all ÷ cases of all) ÷ (cases of the class + WEIGHT)
//! ```
//!
//! as if [`WEIGHT`] more cases had gone as the average goes. A class without a case has no confidence.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::domain::analysis::RootCause;

/// How many cases the average counts as.
pub const WEIGHT: f64 = 4.0;

/// The figures that come with this binary.
const SHIPPED: &str = include_str!("measured.toml");

static MEASURED: LazyLock<Measured> = LazyLock::new(|| {
    toml::from_str(SHIPPED).unwrap_or_else(|error| {
        // A test reads it; without it causes say that they were not measured.
        tracing::error!(%error, "the measured figures are not read");
        Measured::default()
    })
});

/// Which agents are measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Agents {
    /// The panic agent.
    Panics,
    /// The exception agent.
    Exceptions,
}

/// What was measured.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Measured {
    /// The panic agent's figures.
    pub panics: Figures,
    /// The exception agent's figures.
    pub exceptions: Figures,
}

/// One agent's figures.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Figures {
    /// The day on which they were measured.
    pub date: String,
    /// The commit that was measured.
    pub commit: String,
    /// All classes together.
    pub total: Hits,
    /// By the class that the agent gave.
    pub classes: BTreeMap<String, Hits>,
}

/// How often it was right.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hits {
    /// Cases.
    pub cases: u32,
    /// Of them, those whose first-ranked function was mended.
    pub right: u32,
}

impl Figures {
    /// The confidence of a class and on how many cases it was measured; `None` if on none.
    pub fn confidence(&self, class: &str) -> Option<(f64, u32)> {
        let hits = self.classes.get(class).filter(|hits| hits.cases > 0)?;
        let whole = f64::from(self.total.right) / f64::from(self.total.cases.max(1));
        let right = f64::from(hits.right) + WEIGHT * whole;
        Some((right / (f64::from(hits.cases) + WEIGHT), hits.cases))
    }
}

impl Measured {
    /// The figures of some agents.
    pub fn of(&self, agents: Agents) -> &Figures {
        match agents {
            Agents::Panics => &self.panics,
            Agents::Exceptions => &self.exceptions,
        }
    }

    /// The same, to be changed.
    pub fn of_mut(&mut self, agents: Agents) -> &mut Figures {
        match agents {
            Agents::Panics => &mut self.panics,
            Agents::Exceptions => &mut self.exceptions,
        }
    }
}

/// The cause with the confidence that was measured for its class. `is_whole`: the agent had all of the
/// sources, as it had when it was measured, and not only the lines that came with the event.
pub fn rated(cause: RootCause, agents: Agents, is_whole: bool) -> RootCause {
    // What names no place claims nothing that was measured.
    let rate = match (&cause.file, is_whole) {
        (Some(_), true) => MEASURED.of(agents).confidence(&cause.class),
        _ => None,
    };
    RootCause {
        confidence: rate.map(|(share, _)| (share * 100.0).round() / 100.0),
        confidence_cases: rate.map(|(_, cases)| cases),
        ..cause
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_figures_add_up() {
        let measured: Measured = toml::from_str(SHIPPED).unwrap();
        for agents in [Agents::Panics, Agents::Exceptions] {
            let figures = measured.of(agents);
            let sum = |of: fn(&Hits) -> u32| figures.classes.values().map(of).sum::<u32>();
            assert_eq!(sum(|hits| hits.cases), figures.total.cases);
            assert_eq!(sum(|hits| hits.right), figures.total.right);
            assert!(figures.classes.values().all(|hits| hits.right <= hits.cases));
            assert!(figures.total.cases >= 40, "the figures are of the evaluation set");
            assert!(figures.date.parse::<jiff::civil::Date>().is_ok());
        }
    }

    #[test]
    fn few_cases_are_drawn_towards_the_whole() {
        let classes = [("many", 90, 45), ("one", 1, 1), ("none", 0, 0)];
        let figures = Figures {
            total: Hits { cases: 100, right: 60 },
            classes: classes
                .map(|(name, cases, right)| (name.to_owned(), Hits { cases, right }))
                .into(),
            ..Figures::default()
        };
        let (many, _) = figures.confidence("many").unwrap();
        assert!((many - 0.504).abs() < 0.001, "{many}");
        let (one, cases) = figures.confidence("one").unwrap();
        assert!((one - 0.68).abs() < 0.001 && cases == 1, "one case is no proof: {one}");
        assert_eq!(figures.confidence("none"), None);
        assert_eq!(figures.confidence("another"), None);
    }
}
