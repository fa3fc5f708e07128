//! What a model thinks of proposed fixes. It is shown; nothing depends on it.

use serde::Deserialize;
use serde_json::Value;

use super::claims;
use crate::domain::execution::StruckOut;
use crate::orchestrator::{Answer, ReadAnswer, Task};
use crate::source::rust::file::line_of;

/// Reads `prompts/schemas/critique.json`.
pub(super) struct CritiqueReader;

#[derive(Deserialize)]
struct Stated {
    verdicts: Vec<Verdict>,
}

#[derive(Deserialize)]
struct Verdict {
    fix: usize,
    removes_cause: String,
    summary: String,
    risks: Vec<String>,
    look_at: Vec<LookAt>,
}

#[derive(Deserialize)]
struct LookAt {
    file: String,
    line: u32,
    why: String,
}

impl ReadAnswer for CritiqueReader {
    fn read(&self, _: &str, answer: Value, task: &Task, last: bool) -> Result<Answer, Vec<String>> {
        let stated: Stated = serde_json::from_value(answer).map_err(|e| vec![e.to_string()])?;
        let proposals = &task.so_far.proposals;
        let (mut notes, mut struck, mut faults) = (Vec::new(), Vec::new(), Vec::new());
        for verdict in stated.verdicts {
            let Some(proposal) = verdict.fix.checked_sub(1).and_then(|at| proposals.get(at)) else {
                faults.push(format!(
                    "there is no fix {}; there are {}",
                    verdict.fix,
                    proposals.len()
                ));
                continue;
            };
            let summary = claims::sentence(&verdict.summary, &*task.release, &mut struck);
            let removes = match verdict.removes_cause.as_str() {
                "yes" => "removes the cause",
                "no" => "does not remove the cause",
                "hides_it" => "hides the cause",
                _ => "may or may not remove the cause",
            };
            let mut note = format!("`{}` {removes}: {summary}", proposal.title);
            let risks = claims::sentences(verdict.risks, &*task.release, &mut struck);
            if !risks.is_empty() {
                note.push_str(&format!(" Risks: {}", risks.join("; ")));
            }
            for place in verdict.look_at {
                let exists = task.release.read(&place.file);
                match exists.as_deref().and_then(|text| line_of(text, place.line)) {
                    Some(_) => note.push_str(&format!(
                        " Look at {}:{}: {}",
                        place.file, place.line, place.why
                    )),
                    None => struck.push(StruckOut {
                        claim: format!("{}:{}: {}", place.file, place.line, place.why),
                        why: "there is no such line at this commit".to_owned(),
                    }),
                }
            }
            notes.push(note);
        }
        if !faults.is_empty() && (!last || notes.is_empty()) {
            return Err(faults);
        }
        Ok(Answer { notes, struck_out: struck, ..Answer::default() })
    }
}
