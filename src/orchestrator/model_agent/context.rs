//! What prompts can show: the error, what is known of it, and the rules of quoting. Text from outside goes
//! through `data(…)`, which fences it with a word that its author cannot know.

use std::sync::Arc;

use minijinja::Value;
use serde::Serialize;
use serde_json::json;

use super::ModelAgent;
use crate::domain::event::{Event, Exception, Frame};
use crate::orchestrator::Task;
use crate::source::paths::locate;

/// Frames of an exception that are shown: those of the application first.
const MAX_FRAMES: usize = 16;
/// Exceptions of a chain that are shown, the raised one last.
const MAX_EXCEPTIONS: usize = 6;
/// Breadcrumbs that are shown, the latest.
const MAX_BREADCRUMBS: usize = 10;
/// Frames of which the code around is shown.
const MAX_EXCERPTS: usize = 5;
/// Lines around a frame's line.
const EXCERPT_LINES: u32 = 12;
/// Characters of one text from outside.
const MAX_TEXT_CHARS: usize = 4_000;
/// Similar issues that are shown.
const MAX_SIMILAR: usize = 3;

/// Text from outside, as data.
pub(super) fn data(nonce: &str, text: &str) -> String {
    format!("<data-{nonce}>\n{}\n</data-{nonce}>", text.trim_end())
}

#[derive(Serialize)]
struct Shown {
    agent: String,
    task: &'static str,
    nonce: String,
    error: String,
    frames: String,
    breadcrumbs: String,
    facts: String,
    code: String,
    revision: String,
    cause: Option<serde_json::Value>,
    opinions: Vec<serde_json::Value>,
    proposals: Vec<serde_json::Value>,
    similar: String,
    has_similar: bool,
    input: String,
    schema: String,
    has_repository: bool,
}

/// All that a prompt may name.
pub(super) fn context(agent: &ModelAgent, task: &Task, nonce: &str) -> Value {
    let event = &task.event;
    let similar: Vec<_> = task.similar.iter().take(MAX_SIMILAR).collect();
    let shown = Shown {
        agent: agent.file.name.clone(),
        task: task.what.as_str(),
        nonce: nonce.to_owned(),
        error: error(event),
        frames: frames(event),
        breadcrumbs: breadcrumbs(event),
        facts: facts(event),
        code: code(task),
        revision: task.release.revision().commit.clone().unwrap_or_default(),
        cause: task.so_far.root_cause.as_ref().map(|cause| json!(cause)),
        opinions: task.so_far.opinions.iter().map(|cause| json!(cause)).collect(),
        proposals: task
            .so_far
            .proposals
            .iter()
            .enumerate()
            .map(|(number, p)| {
                json!({
                    "number": number + 1,
                    "agent": p.agent,
                    "title": p.title,
                    "explanation": p.explanation,
                    "diff": p.patch.unified_diff(),
                })
            })
            .collect(),
        has_similar: !similar.is_empty(),
        similar: serde_json::to_string_pretty(&similar).unwrap_or_default(),
        input: cut(&serde_json::to_string_pretty(&task.input).unwrap_or_default()),
        schema: serde_json::to_string_pretty(&*agent.schema.value).unwrap_or_default(),
        has_repository: !task.release.paths().is_empty(),
    };
    let nonce: Arc<str> = nonce.into();
    let fence = Value::from_function(move |text: String| data(&nonce, &text));
    minijinja::context! { data => fence, ..Value::from(minijinja::value::Serde(&shown)) }
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(MAX_TEXT_CHARS) {
        Some((end, _)) => format!("{}… (cut)", &text[..end]),
        None => text.to_owned(),
    }
}

fn error(event: &Event) -> String {
    let line = |e: &Exception| {
        let ty = e.ty.as_deref().unwrap_or("(no type)");
        format!("{ty}: {}", cut(e.value.as_deref().unwrap_or("(no message)")))
    };
    let skipped = event.exceptions.len().saturating_sub(MAX_EXCEPTIONS);
    let mut lines: Vec<String> = event.exceptions.iter().skip(skipped).map(line).collect();
    if let Some(message) = &event.message {
        lines.push(format!("message: {}", cut(message)));
    }
    lines.join("\nwhich led to\n")
}

/// The frames of what was raised, innermost first; those of the application are kept before others.
fn frames(event: &Event) -> String {
    let Some(stack) = event.exceptions.iter().rev().find_map(|e| e.stacktrace.as_ref()) else {
        return event.stack_text.as_deref().map(cut).unwrap_or_default();
    };
    let mut chosen: Vec<(usize, &Frame)> = stack.frames.iter().enumerate().collect();
    chosen.reverse();
    chosen.sort_by_key(|(_, frame)| frame.in_app != Some(true));
    chosen.truncate(MAX_FRAMES);
    chosen.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    let line = |frame: &Frame| {
        let mark = if frame.in_app == Some(true) { "app" } else { "lib" };
        let function = frame.function.as_deref().unwrap_or("?");
        let place = match (frame.path(), frame.lineno) {
            (Some(path), Some(line)) => format!("{path}:{line}"),
            (Some(path), None) => path.to_owned(),
            _ => "?".to_owned(),
        };
        cut(&format!("[{mark}] {function} at {place}"))
    };
    let lines: Vec<String> = chosen.iter().map(|(_, frame)| line(frame)).collect();
    lines.join("\n")
}

fn breadcrumbs(event: &Event) -> String {
    let skipped = event.breadcrumbs.len().saturating_sub(MAX_BREADCRUMBS);
    let line = |crumb: &crate::domain::event::Breadcrumb| {
        let category = crumb.category.as_deref().unwrap_or("-");
        format!("{category}: {}", cut(crumb.message.as_deref().unwrap_or_default()))
    };
    event.breadcrumbs.iter().skip(skipped).map(line).collect::<Vec<_>>().join("\n")
}

fn facts(event: &Event) -> String {
    let named = [
        ("platform", Some(event.platform.as_str())),
        ("release", event.release.as_deref()),
        ("environment", event.environment.as_deref()),
        ("transaction", event.transaction.as_deref()),
    ];
    let named = named.into_iter().filter_map(|(name, value)| Some((name, value?)));
    let tags = event.tags.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    named
        .chain(tags)
        .map(|(name, value)| cut(&format!("{name}: {value}")))
        .collect::<Vec<_>>()
        .join("\n")
}

/// The code around the innermost frames of the application, with the failing lines marked.
fn code(task: &Task) -> String {
    let stacks = task.event.exceptions.iter().rev().filter_map(|e| e.stacktrace.as_ref());
    let frames = stacks.flat_map(|stack| stack.frames.iter().rev());
    let mut places: Vec<(String, u32)> = Vec::new();
    for frame in frames.filter(|frame| frame.in_app == Some(true)) {
        let (Some(path), Some(line)) = (frame.path(), frame.lineno) else { continue };
        if let Some(found) = locate(task.release.paths(), path, frame.package.as_deref()).one() {
            let place = (found.to_owned(), line);
            if !places.contains(&place) {
                places.push(place);
            }
        }
        if places.len() == MAX_EXCERPTS {
            break;
        }
    }
    places
        .iter()
        .filter_map(|(path, line)| excerpt(task, path, *line))
        .collect::<Vec<_>>()
        .join("\n\n")
}

fn excerpt(task: &Task, path: &str, line: u32) -> Option<String> {
    let text = task.release.read(path)?;
    let first = line.saturating_sub(EXCERPT_LINES).max(1);
    let lines = (1_u32..)
        .zip(text.lines())
        .skip_while(|(number, _)| *number < first)
        .take_while(|(number, _)| *number <= line.saturating_add(EXCERPT_LINES));
    let mut out = format!("{path}\n");
    for (number, text) in lines {
        let mark = if number == line { ">" } else { " " };
        let text = &text[..text.floor_char_boundary(300)];
        out.push_str(&format!("{mark} {number}: {text}\n"));
    }
    Some(out)
}
