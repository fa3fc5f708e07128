//! JavaScript's stack traces: of V8 (Node, Deno, Chrome), with causes (`[cause]:`, `Caused by:`), of an
//! AggregateError's members; of Firefox and Safari.

use super::common::{Draft, MAX_EXCEPTIONS, MAX_LINE_BYTES, cut, header, is_error_name};
use super::javascript_frames::{gecko, v8};
use crate::domain::event::{Exception, Link};

/// Lines before a stack among which its message is looked for.
const MAX_LINES_BEFORE: usize = 40;

/// What stands before an error that belongs to the one before it.
const LINKS: &[&str] = &["[cause]:", "Caused by:", "caused by:", "cause:"];

/// What stands before the members of an AggregateError.
const MEMBERS: &str = "[errors]: [";

pub(super) fn read_v8(lines: &[&str]) -> Option<Vec<Exception>> {
    let mut chain: Vec<Draft> = Vec::new();
    let mut before: Vec<&str> = Vec::new();
    let mut in_frames = false;
    let mut in_members = false;
    for line in lines {
        let line = cut(line, MAX_LINE_BYTES);
        let trimmed = line.trim_start();
        in_members = match trimmed.trim_end() {
            MEMBERS => true,
            "]" => false,
            _ => in_members,
        };
        if let Some(frame) = trimmed.strip_prefix("at ").and_then(v8) {
            if !in_frames {
                let member = if in_members { member(&before) } else { None };
                let begun = member.or_else(|| begin(&before, !chain.is_empty()));
                let Some(draft) = begun else { break };
                if chain.len() == MAX_EXCEPTIONS {
                    break;
                }
                chain.push(draft);
                before.clear();
                in_frames = true;
            }
            if let Some(last) = chain.last_mut() {
                last.push(frame);
            }
            continue;
        }
        // Node says how many it left out; what V8 could not name is a frame all the same.
        if in_frames && (trimmed.starts_with("at ") || trimmed.starts_with("... ")) {
            continue;
        }
        in_frames = false;
        if before.len() == MAX_LINES_BEFORE {
            before.remove(0);
        }
        before.push(line);
    }
    finish(chain)
}

/// The member of an AggregateError that the lines before its first frame name.
fn member(before: &[&str]) -> Option<Draft> {
    let from = before.iter().rposition(|line| line.trim() == MEMBERS).map_or(0, |at| at + 1);
    let lines = &before[from..];
    let at = lines.iter().position(|line| starts_error(line))?;
    let draft = with_message(lines[at].trim(), &lines[at + 1..]);
    Some(Draft { link: Some(Link::Member), ..draft })
}

/// The error that the lines before its first frame name. `linked`: only one that says that it belongs
/// to the one before.
fn begin(before: &[&str], linked: bool) -> Option<Draft> {
    if linked {
        let at = before.iter().rposition(|line| {
            let line = line.trim_start();
            LINKS.iter().any(|link| line.starts_with(link))
        })?;
        let mut first = before[at].trim_start();
        for link in LINKS {
            first = first.strip_prefix(link).unwrap_or(first).trim_start();
        }
        let draft = with_message(first, &before[at + 1..]);
        return Some(Draft { link: Some(Link::Cause), ..draft });
    }
    // The message may run over lines that look like errors themselves: the first one counts, after the
    // source line with its mark that Node prints before.
    let from = before.iter().rposition(|line| is_mark(line)).map_or(0, |at| at + 1);
    let lines = &before[from..];
    let begins = lines.iter().position(|line| starts_error(line));
    let at = begins.or_else(|| lines.iter().rposition(|line| !line.trim().is_empty()));
    Some(match at {
        Some(at) => with_message(lines[at].trim(), &lines[at + 1..]),
        None => Draft::default(),
    })
}

fn with_message(first: &str, rest: &[&str]) -> Draft {
    let mut draft = Draft::from_header(without_prefix(first), "node");
    for line in rest {
        draft.add_message_line(line);
    }
    draft.message.truncate(draft.message.trim_end().len());
    // Node: `TypeError [ERR_INVALID_ARG_TYPE]: The "path" argument …`
    if draft.ty.is_none()
        && let Some((name, rest)) = draft.message.split_once(" [")
        && is_error_name(name)
        && let Some((_, message)) = rest.split_once("]: ")
    {
        (draft.ty, draft.message) = (Some(name.to_owned()), message.to_owned());
    }
    draft
}

/// Whether an error's first line stands here.
fn starts_error(line: &str) -> bool {
    let line = without_prefix(line.trim());
    let name = line.split([':', ' ']).next().unwrap_or_default();
    is_error_name(name) || header(line, "node").0.is_some_and(|ty| ty.ends_with("Error"))
}

/// Takes off what runtimes and browsers write before an error.
fn without_prefix(line: &str) -> &str {
    let mut line = line;
    if line.starts_with("(node:")
        && let Some((_, rest)) = line.split_once(") ")
    {
        line = rest;
    }
    for prefix in [
        "UnhandledPromiseRejectionWarning: ",
        "Unhandled promise rejection: ",
        "Unhandled rejection ",
        "Uncaught (in promise) ",
        "Uncaught ",
        "error: ",
    ] {
        line = line.strip_prefix(prefix).unwrap_or(line);
    }
    line
}

/// `      ^^^`, below a source line.
fn is_mark(line: &str) -> bool {
    let line = line.trim();
    !line.is_empty() && line.bytes().all(|b| b == b'^')
}

/// Members in their order, then causes before what they caused.
fn finish(chain: Vec<Draft>) -> Option<Vec<Exception>> {
    let is_member = |draft: &Draft| draft.link == Some(Link::Member);
    let (members, others): (Vec<Draft>, Vec<Draft>) = chain.into_iter().partition(is_member);
    let ordered = members.into_iter().chain(others.into_iter().rev());
    let list: Vec<Exception> = ordered.map(|draft| draft.finish(true)).collect();
    (!list.is_empty()).then_some(list)
}

pub(super) fn read_browser(lines: &[&str]) -> Option<Vec<Exception>> {
    let mut before: Vec<&str> = Vec::new();
    let mut draft: Option<Draft> = None;
    for line in lines {
        let line = cut(line, MAX_LINE_BYTES);
        match (gecko(line), &mut draft) {
            (Some(frame), Some(draft)) => draft.push(frame),
            (Some(frame), None) => {
                let mut begun = begin(&before, false)?;
                begun.push(frame);
                draft = Some(begun);
            }
            (None, Some(_)) => break,
            (None, None) if before.len() < MAX_LINES_BEFORE => before.push(line),
            (None, None) => {}
        }
    }
    // One such line may be anything: an address of somebody, for one.
    let draft = draft.filter(|draft| {
        draft.frames.iter().any(|frame| {
            let path = frame.path().unwrap_or_default();
            frame.lineno.is_some() && (path.contains("://") || path.starts_with('/'))
        })
    })?;
    Some(vec![draft.finish(true)])
}

/// `javascript` for pages, `node` for programs.
pub(super) fn platform(exceptions: &[Exception]) -> &'static str {
    let frames =
        exceptions.iter().filter_map(|one| one.stacktrace.as_ref()).flat_map(|s| &s.frames);
    let mut paths = frames.filter_map(|frame| frame.path());
    let of_a_page = |path: &str| {
        ["http://", "https://", "webpack", "blob:", "app:///", "chrome-extension:"]
            .iter()
            .any(|scheme| path.starts_with(scheme))
    };
    if paths.any(of_a_page) { "javascript" } else { "node" }
}
