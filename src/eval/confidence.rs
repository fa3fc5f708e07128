//! Writing down how often an agent was right, for the confidence of its causes ([`measured`]).
//!
//! [`measured`]: crate::analysis::measured

use std::path::Path;

use anyhow::Context as _;

use super::panics::Outcome;
use crate::analysis::measured::{Agents, Figures, Measured};

/// What the file says of itself.
const HEAD: &str = "# How often the first-ranked function was the one that was mended, by the class of the cause.\n# Written by `make eval-confidence`; not by hand.\n";

/// The figures of some outcomes.
pub fn figures(outcomes: &[Outcome], date: &str, commit: &str) -> Figures {
    let mut figures =
        Figures { date: date.to_owned(), commit: commit.to_owned(), ..Figures::default() };
    for one in outcomes {
        // A case of which no cause is stated is no case of a class; it counts as one of an own.
        let class = one.cause_class.clone().unwrap_or_else(|| "unknown".to_owned());
        let right = u32::from(one.agent.function == Some(1));
        let class = figures.classes.entry(class).or_default();
        for hits in [class, &mut figures.total] {
            hits.cases += 1;
            hits.right += right;
        }
    }
    figures
}

/// Puts an agent's figures into the file, beside what it says of others.
pub fn write(file: &Path, agents: Agents, figures: Figures) -> anyhow::Result<()> {
    let mut measured = match std::fs::read_to_string(file) {
        Ok(text) => toml::from_str::<Measured>(&text)
            .with_context(|| format!("{} does not hold measured figures", file.display()))?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Measured::default(),
        Err(error) => {
            return Err(error).with_context(|| format!("{} cannot be read", file.display()));
        }
    };
    *measured.of_mut(agents) = figures;
    let text = format!("{HEAD}\n{}", toml::to_string(&measured)?);
    std::fs::write(file, text).with_context(|| format!("{} cannot be written", file.display()))
}
