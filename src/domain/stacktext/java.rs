//! Java's, Kotlin's and Scala's stack traces: `Caused by:`, `Suppressed:`, `... 12 more`.

use super::common::{Draft, MAX_EXCEPTIONS, MAX_LINE_BYTES, cut, header, indent, line_number};
use crate::domain::event::{Exception, Frame};

pub(super) fn read(lines: &[&str]) -> Option<Vec<Exception>> {
    let mut chain: Vec<Draft> = Vec::new();
    let mut before: Option<&str> = None;
    // What stands at this indentation or deeper belongs to a suppressed exception.
    let mut suppressed: Option<usize> = None;
    let mut over = false;
    for line in lines {
        let line = cut(line, MAX_LINE_BYTES);
        let trimmed = line.trim();
        if let Some(depth) = suppressed {
            if indent(line) >= depth && !trimmed.is_empty() {
                continue;
            }
            suppressed = None;
        }
        if let Some(frame) = trimmed.strip_prefix("at ").and_then(frame) {
            if chain.is_empty() {
                chain.push(first(before));
            }
            if over {
                break;
            }
            if let Some(last) = chain.last_mut() {
                last.push(frame);
            }
        } else if let Some(count) = more(trimmed) {
            share(&mut chain, count);
        } else if let Some(cause) = trimmed.strip_prefix("Caused by: ") {
            if chain.len() == MAX_EXCEPTIONS {
                break;
            }
            if chain.is_empty() {
                chain.push(first(before));
            }
            chain.push(Draft::from_header(cause, "java"));
            over = false;
        } else if trimmed.starts_with("Suppressed: ") && !chain.is_empty() {
            suppressed = Some(indent(line));
        } else if let Some(last) = chain.last_mut().filter(|last| last.frames.is_empty()) {
            last.add_message_line(trimmed);
        } else if chain.is_empty() {
            if header(of_thread(trimmed), "java").1.is_some() || before.is_none() {
                before = Some(trimmed);
            }
        } else if !trimmed.is_empty() {
            over = true;
        }
    }
    chain.reverse();
    let list: Vec<Exception> = chain.into_iter().map(|draft| draft.finish(true)).collect();
    (!list.is_empty()).then_some(list)
}

fn first(before: Option<&str>) -> Draft {
    before.map(|line| Draft::from_header(of_thread(line), "java")).unwrap_or_default()
}

/// Without `Exception in thread "main" `, and without what a logger wrote before.
fn of_thread(line: &str) -> &str {
    match line.strip_prefix("Exception in thread \"").and_then(|rest| rest.split_once("\" ")) {
        Some((_, rest)) => rest,
        None => line,
    }
}

/// The last `count` frames of the exception around it are its own as well.
fn share(chain: &mut [Draft], count: usize) {
    if let [.., outer, last] = chain {
        let from = outer.frames.len().saturating_sub(count);
        for frame in &outer.frames[from..] {
            last.push(frame.clone());
        }
    }
}

/// `... 12 more`
fn more(line: &str) -> Option<usize> {
    let count = line.strip_prefix("... ")?;
    let count =
        count.strip_suffix(" more").or_else(|| count.strip_suffix(" common frames omitted"))?;
    line_number(count).map(|count| count as usize)
}

/// A frame without its `at `: `shop.Cart.total(Cart.java:12)`, `java.base/java.lang.Thread.run(…)`.
pub(super) fn frame(text: &str) -> Option<Frame> {
    // Logback adds `~[shop.jar:1.0]`.
    let text = text.split(" ~[").next()?.split(" [").next()?.trim_end();
    let (name, place) = text.strip_suffix(')')?.split_once('(')?;
    if name.contains(' ') && !name.contains('`') {
        return None;
    }
    // `app//`, `java.base@17/`
    let name = name.rsplit_once('/').map_or(name, |(_, name)| name);
    let (module, function) = name.rsplit_once('.')?;
    let mut frame = Frame {
        function: Some(function.to_owned()),
        module: Some(module.to_owned()),
        ..Frame::default()
    };
    if matches!(place, "Native Method" | "Unknown Source" | "<generated>") {
        return Some(frame);
    }
    let (file, line) = match place.rsplit_once(':') {
        Some((file, line)) => (file, Some(line_number(line)?)),
        None => (place, None),
    };
    let (_, ending) = file.rsplit_once('.')?;
    if !matches!(ending, "java" | "kt" | "kts" | "scala" | "groovy" | "clj" | "dart") {
        return None;
    }
    frame.filename = Some(file.to_owned());
    frame.lineno = line;
    Some(frame)
}
