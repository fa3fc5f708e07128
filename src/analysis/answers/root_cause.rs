//! A root cause, as a model states it.

use serde::Deserialize;
use serde_json::Value;

use super::claims;
use crate::domain::analysis::{Classification, Evidence, Opinion, RootCause};
use crate::orchestrator::{Answer, ReadAnswer, Task};
use crate::source::rust::file::line_of;

/// How an answer begins that names no cause.
const NO_CAUSE: &str = "No root cause, because";

/// Reads `prompts/schemas/root-cause.json`.
pub(super) struct RootCauseReader;

#[derive(Deserialize)]
struct Stated {
    found: bool,
    summary: String,
    file: Option<String>,
    line: Option<u32>,
    five_whys: Vec<String>,
    reproduction: Vec<String>,
    classification: Classification,
    classification_reason: String,
    evidence: Vec<Evidence>,
}

impl ReadAnswer for RootCauseReader {
    fn read(
        &self,
        agent: &str,
        answer: Value,
        task: &Task,
        _: bool,
    ) -> Result<Answer, Vec<String>> {
        let stated: Stated = serde_json::from_value(answer).map_err(|e| vec![e.to_string()])?;
        let sources = &*task.release;
        let mut struck = Vec::new();
        let mut evidence = Vec::new();
        for claim in stated.evidence {
            match claims::evidence(&claim, sources) {
                Ok(holds) => evidence.push(holds),
                Err(gone) => struck.push(gone),
            }
        }
        let mut summary = claims::sentence(&stated.summary, sources, &mut struck);
        if !stated.found && !summary.to_lowercase().starts_with("no root cause") {
            summary = format!("{NO_CAUSE} {summary}");
        }
        let place = stated.file.filter(|file| sources.read(file).is_some()).map(|file| {
            let text = sources.read(&file);
            let exists = |line: &u32| text.as_ref().is_some_and(|t| line_of(t, *line).is_some());
            (stated.line.filter(exists), file)
        });
        let five_whys = claims::sentences(stated.five_whys, sources, &mut struck);
        let reproduction = claims::sentences(stated.reproduction, sources, &mut struck);
        let mut notes = Vec::new();
        if evidence.is_empty() {
            notes.push(
                "Nothing that it says could be validated: no line that it cites stands there."
                    .to_owned(),
            );
        }
        if !struck.is_empty() {
            notes.push(format!("{} of its claims were struck out.", struck.len()));
        }
        let cause = RootCause {
            summary,
            line: place.as_ref().and_then(|(line, _)| *line),
            file: place.map(|(_, file)| file),
            function: None,
            // What kind of failure it is was read from the report, not asked of a model.
            class: task
                .so_far
                .root_cause
                .as_ref()
                .map_or_else(|| "unknown".to_owned(), |c| c.class.clone()),
            confidence: None,
            confidence_cases: None,
            evidence,
            candidates: Vec::new(),
            suspects: Vec::new(),
            notes: notes.clone(),
            opinion: Some(Opinion {
                by: agent.to_owned(),
                five_whys,
                reproduction,
                classification: stated.classification,
                classification_reason: claims::sentence(
                    &stated.classification_reason,
                    sources,
                    &mut Vec::new(),
                ),
                struck_out: struck.clone(),
            }),
        };
        Ok(Answer { root_cause: Some(cause), notes, struck_out: struck, ..Answer::default() })
    }
}
