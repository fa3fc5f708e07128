//! Whether events of one true issue become one issue, though numbers and words in their messages
//! differ.

use std::time::Duration;

use anyhow::Result;

use super::api::Visitor;
use super::options::{Bench, Configuration, shape};
use super::server::Andon;
use crate::event::Noise;
use crate::load::{Load, send};
use crate::template::Templates;

/// Events that are sent of each kind.
const EVENTS: u64 = 2_000;

/// How many issues came of fifty.
#[derive(Clone, Copy, Debug)]
pub struct Grouping {
    /// Where a number in the message differs.
    pub numbers: usize,
    /// Where a word differs as well.
    pub words: usize,
}

/// Sends both kinds, each to a project of its own.
pub fn grouping(bench: &Bench, configuration: &Configuration) -> Result<Grouping> {
    let andon = Andon::start(bench, configuration)?;
    let issues = |noise, name| -> Result<usize> {
        let project = andon.create_project(name)?;
        let load = Load {
            connections: bench.options.connections,
            duration: Duration::from_secs(60),
            requests: EVENTS,
            rate: 0.0,
        };
        let templates = Templates::new(shape(noise, 40)?, true);
        let outcome = send(&templates, &andon.target(&project), &load);
        let mut visitor = Visitor::with_token(&andon)?;
        visitor.counted(&project, outcome.accepted())?;
        Ok(visitor.issues(&project)?.len())
    };
    Ok(Grouping {
        numbers: issues(Noise::Numbers, "numbers")?,
        words: issues(Noise::Words, "words")?,
    })
}
