//! .NET's stack traces: inner exceptions behind `--->`, what was thrown on from another place.

use super::common::{Draft, MAX_EXCEPTIONS, MAX_LINE_BYTES, cut, line_number, set_path};
use crate::domain::event::{Exception, Frame};

const END_OF_INNER: &str = "--- End of inner exception stack trace ---";
const PREFIXES: &[&str] = &["Unhandled exception. ", "Unhandled Exception: "];

pub(super) fn read(lines: &[&str]) -> Option<Vec<Exception>> {
    // Outermost first, as printed; the frames of the innermost come first.
    let mut chain: Vec<Draft> = Vec::new();
    let mut at = 0;
    let mut begun = false;
    let mut before: Option<&str> = None;
    for line in lines {
        let line = cut(line, MAX_LINE_BYTES);
        let trimmed = line.trim();
        if let Some(frame) = trimmed.strip_prefix("at ").and_then(frame) {
            if !begun {
                if chain.is_empty() {
                    chain = headers(before.unwrap_or_default());
                }
                at = chain.len() - 1;
                begun = true;
            }
            chain[at].push(frame);
        } else if trimmed == END_OF_INNER {
            at = at.saturating_sub(1);
        } else if begun {
            // `--- End of stack trace from previous location ---` goes on; other words end it.
            if !trimmed.is_empty() && !trimmed.starts_with("--- ") {
                break;
            }
        } else if let Some(inner) = trimmed.strip_prefix("---> ") {
            if chain.is_empty() {
                chain = headers(before.unwrap_or_default());
            }
            let room = MAX_EXCEPTIONS.saturating_sub(chain.len());
            chain.extend(headers(inner).into_iter().take(room));
        } else if let Some(last) = chain.last_mut() {
            last.add_message_line(trimmed);
        } else if !trimmed.is_empty() && !before.is_some_and(looks_like_header) {
            before = Some(trimmed);
        }
    }
    if !begun {
        return None;
    }
    chain.reverse();
    Some(chain.into_iter().map(|draft| draft.finish(true)).collect())
}

fn looks_like_header(line: &str) -> bool {
    Draft::from_header(without_prefix(line), "csharp").ty.is_some()
}

fn without_prefix(line: &str) -> &str {
    PREFIXES.iter().find_map(|prefix| line.strip_prefix(prefix)).unwrap_or(line)
}

/// `Outer: message ---> Inner: message`; at least one.
fn headers(line: &str) -> Vec<Draft> {
    let parts = without_prefix(line).split(" ---> ").take(MAX_EXCEPTIONS);
    parts.map(|part| Draft::from_header(part, "csharp")).collect()
}

/// A frame without its `at `: `Shop.Cart.Total(Int32 count) in /app/Cart.cs:line 12`.
pub(super) fn frame(text: &str) -> Option<Frame> {
    let (call, place) = match text.rsplit_once(") in ") {
        Some((call, place)) => (call, Some(place)),
        None => (text.strip_suffix(')')?, None),
    };
    // Generic arguments and parameters hold no brackets of this kind before the last ones.
    let (name, _) = call.split_once('(')?;
    if name.contains(": ") || name.is_empty() {
        return None;
    }
    let (module, function) = match name.rfind('.') {
        // `Shop.Cart..ctor`
        Some(at) if at > 0 && name.as_bytes()[at - 1] == b'.' => (&name[..at - 1], &name[at..]),
        Some(at) => (&name[..at], &name[at + 1..]),
        None => return None,
    };
    if module.contains(' ') {
        return None;
    }
    let mut frame = Frame {
        function: Some(function.to_owned()),
        module: Some(module.to_owned()),
        ..Frame::default()
    };
    if let Some(place) = place {
        let (path, line) = place
            .rsplit_once(":line ")
            .map_or((place, None), |(path, line)| (path, line_number(line.trim())));
        set_path(&mut frame, path);
        frame.lineno = line;
    }
    Some(frame)
}
