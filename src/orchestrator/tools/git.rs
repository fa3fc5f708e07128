//! Reading the history.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{MAX_RESULT_BYTES, Reach, Tool, arguments, schema};
use crate::source::{Change, History};

/// Commits given at once.
const MAX_COMMITS: usize = 20;
/// Lines whose authors are given at once.
const MAX_LINES: u32 = 100;

pub(super) const LOG: Tool = Tool {
    name: "git_log",
    description: "The latest commits up to the release, of one file or of all.",
    arguments: || {
        schema(
            &json!({
                "path": { "type": "string", "description": "All files if not given" },
                "count": { "type": "integer", "minimum": 1, "maximum": 20 },
            }),
            &[],
        )
    },
    run: log,
};

pub(super) const BLAME: Tool = Tool {
    name: "git_blame",
    description: "Which commit last wrote each of some lines of a file; at most 100 lines.",
    arguments: || {
        schema(
            &json!({
                "path": { "type": "string" },
                "from": { "type": "integer", "minimum": 1 },
                "to": { "type": "integer", "minimum": 1 },
            }),
            &["path", "from", "to"],
        )
    },
    run: blame,
};

pub(super) const SHOW: Tool = Tool {
    name: "git_show",
    description: "A commit's message and its changes.",
    arguments: || {
        schema(&json!({ "commit": { "type": "string", "description": "Its SHA" } }), &["commit"])
    },
    run: show,
};

fn history(reach: &Reach) -> Result<&dyn History, String> {
    reach
        .history
        .as_deref()
        .ok_or_else(|| "there is no repository, so there is no history".to_owned())
}

fn line(change: &Change) -> String {
    let short = &change.commit[..change.commit.len().min(12)];
    format!("{short} {} {}: {}", change.at.strftime("%Y-%m-%d"), change.author, change.title)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Log {
    path: Option<String>,
    count: Option<usize>,
}

fn log(reach: &Reach, given: Value) -> Result<String, String> {
    let Log { path, count } = arguments(given)?;
    let count = count.unwrap_or(10).clamp(1, MAX_COMMITS);
    let path = path.as_deref().filter(|path| !path.is_empty());
    let changes = history(reach)?.log(path, count).map_err(|e| e.to_string())?;
    if changes.is_empty() {
        return Err("no commit touched it".to_owned());
    }
    Ok(changes.iter().map(line).collect::<Vec<_>>().join("\n"))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Blame {
    path: String,
    from: u32,
    to: u32,
}

fn blame(reach: &Reach, given: Value) -> Result<String, String> {
    let Blame { path, from, to } = arguments(given)?;
    if from == 0 || to < from || to - from >= MAX_LINES {
        return Err(format!("ask for 1 to {MAX_LINES} lines, counted from 1"));
    }
    let lines = history(reach)?.blame(&path, from, to).map_err(|e| e.to_string())?;
    if lines.is_empty() {
        return Err(format!("{path} has no such lines"));
    }
    let line = |one: &crate::source::BlameLine| format!("{}: {}", one.line, line(&one.change));
    Ok(lines.iter().map(line).collect::<Vec<_>>().join("\n"))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Show {
    commit: String,
}

fn show(reach: &Reach, given: Value) -> Result<String, String> {
    let Show { commit } = arguments(given)?;
    let (change, diff) =
        history(reach)?.show(&commit, MAX_RESULT_BYTES).map_err(|e| e.to_string())?;
    Ok(format!("{}\n\n{diff}", line(&change)))
}
