//! What becomes of a model's answer: its claims are looked up in the code that they speak of, its edits are
//! tried on it, and what does not hold is struck out and counted.

mod claims;
mod critique;
mod fixes;
mod root_cause;

use std::sync::Arc;

use serde_json::Value;

use crate::orchestrator::{Answer, ReadAnswer, Readers, Task};

/// Every reader, by the name that agents' files use.
pub fn readers() -> Readers {
    Readers::from([
        ("root_cause", Arc::new(root_cause::RootCauseReader) as Arc<dyn ReadAnswer>),
        ("fixes", Arc::new(fixes::FixesReader)),
        ("critique", Arc::new(critique::CritiqueReader)),
        ("data", Arc::new(Data)),
    ])
}

/// Keeps the answer as it is: for agents whose answers only people read.
struct Data;

impl ReadAnswer for Data {
    fn read(&self, _: &str, answer: Value, _: &Task, _: bool) -> Result<Answer, Vec<String>> {
        Ok(Answer { results: answer, ..Answer::default() })
    }
}
