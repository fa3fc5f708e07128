//! PHP's stack traces: uncaught errors with what came before (`Next …`), and as loggers write them.

use super::common::{Draft, MAX_EXCEPTIONS, MAX_LINE_BYTES, cut, is_type, line_number, set_path};
use crate::domain::event::{Exception, Frame};

pub(super) fn read(lines: &[&str]) -> Option<Vec<Exception>> {
    let mut chain: Vec<Draft> = Vec::new();
    let mut said = String::new();
    let mut stack: Option<Stack> = None;
    for line in lines {
        let line = cut(line, MAX_LINE_BYTES);
        let trimmed = line.trim();
        if let Some(call) = numbered(trimmed) {
            let stack = stack.get_or_insert_with(|| Stack::begin(&said));
            stack.add(call);
            continue;
        }
        if let Some(done) = stack.take() {
            chain.push(done.finish());
            said.clear();
            if chain.len() == MAX_EXCEPTIONS {
                break;
            }
        }
        if matches!(trimmed, "Stack trace:" | "[stacktrace]" | "Stack trace:\"") {
            stack = Some(Stack::begin(&said));
        } else if trimmed.is_empty() || trimmed.starts_with("thrown in ") {
            // Between two of a chain.
        } else if !chain.is_empty() && !trimmed.starts_with("Next ") && said.is_empty() {
            break;
        } else if said.len() < MAX_LINE_BYTES {
            if !said.is_empty() {
                said.push('\n');
            }
            said.push_str(trimmed);
        }
    }
    chain.extend(stack.map(Stack::finish));
    let list: Vec<Exception> = chain.into_iter().map(|draft| draft.finish(true)).collect();
    let has_frames = list.iter().any(|one| one.stacktrace.is_some());
    has_frames.then_some(list)
}

/// A frame says which function is called in it; the function that the line stands in is the next one's.
struct Stack {
    draft: Draft,
    place: Option<(String, u32)>,
}

impl Stack {
    fn begin(said: &str) -> Self {
        // Lines before the message are a log's.
        let from = ["Uncaught ", "Next ", "[object] ("]
            .iter()
            .find_map(|mark| said.find(mark).map(|at| at + mark.len()));
        let text = &said[from.unwrap_or(0)..];
        let (text, place) = split_place(text);
        let text = text.trim();
        let mut draft = match text.split_once("(code: ") {
            // Monolog: `TypeError(code: 0): message`
            Some((ty, rest)) if is_type(ty) => Draft {
                ty: Some(ty.to_owned()),
                message: rest.split_once("): ").map_or("", |(_, message)| message).to_owned(),
                ..Draft::default()
            },
            _ => Draft::from_header(text, "php"),
        };
        if let Some(message) = draft.message.strip_prefix("PHP Fatal error:  ") {
            draft.message = message.to_owned();
        }
        Self { draft, place: place.map(|(path, line)| (path.to_owned(), line)) }
    }

    fn add(&mut self, call: &str) {
        if call == "{main}" {
            return self.step("", None);
        }
        let (place, function) = match call.split_once(": ") {
            Some((place, function)) => (place, function),
            None => (call, ""),
        };
        let place = place
            .strip_suffix(')')
            .and_then(|place| place.rsplit_once('('))
            .and_then(|(path, line)| Some((path.to_owned(), line_number(line)?)));
        let name = function.split('(').next().unwrap_or_default();
        self.step(if name.is_empty() { function } else { name }, place);
    }

    /// The place before stands in `function`, which was called at `place`.
    fn step(&mut self, function: &str, place: Option<(String, u32)>) {
        if let Some((path, line)) = self.place.take() {
            self.draft.push(frame(function, &path, line));
        } else if !function.is_empty() {
            let mut within = Frame { filename: Some("[internal]".to_owned()), ..Frame::default() };
            within.function = Some(function.to_owned());
            self.draft.push(within);
        }
        self.place = place;
    }

    fn finish(mut self) -> Draft {
        if let Some((path, line)) = self.place.take() {
            self.draft.push(frame("", &path, line));
        }
        self.draft
    }
}

/// `#0 call`
fn numbered(line: &str) -> Option<&str> {
    let (number, call) = line.strip_prefix('#')?.split_once(' ')?;
    let is_number = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    let known = call == "{main}"
        || call.starts_with("[internal function]")
        || call.contains(".php(")
        || call.contains("): ");
    (is_number && known).then_some(call)
}

/// `message in /app/x.php:12`, `message in /app/x.php on line 12`, `message at /app/x.php:12)`
fn split_place(text: &str) -> (&str, Option<(&str, u32)>) {
    for mark in [" in ", " at "] {
        let Some(at) = text.rfind(mark) else { continue };
        let place = text[at + mark.len()..].trim().trim_end_matches([')', '"']);
        let split = place.split_once(" on line ").or_else(|| place.rsplit_once(':'));
        if let Some((path, line)) = split
            && let Some(line) = line_number(line)
            && !path.contains('\n')
        {
            return (&text[..at], Some((path, line)));
        }
    }
    (text, None)
}

fn frame(function: &str, path: &str, line: u32) -> Frame {
    let mut frame = Frame { lineno: Some(line), ..Frame::default() };
    frame.function = (!function.is_empty()).then(|| function.to_owned());
    set_path(&mut frame, path);
    frame
}
