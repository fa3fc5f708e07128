//! Reads what a Rust program prints when it panics (or overflows its stack, or runs out of memory)
//! into exceptions and frames. Knows the forms of old and new compilers, short and full backtraces.

use std::sync::LazyLock;

use regex::Regex;

use super::event::{Exception, Frame, StackTrace};
use super::in_app;

/// Lines read of one text; what follows is ignored.
const MAX_LINES: usize = 20_000;
/// Panics read of one text; the first is the cause, so the later ones are the ones left out.
const MAX_PANICS: usize = 8;
/// Frames kept of one backtrace: the innermost ones.
const MAX_FRAMES: usize = 512;
/// Bytes kept of one message.
const MAX_MESSAGE_BYTES: usize = 16 * 1024;
/// Bytes read of one line of a backtrace.
const MAX_FRAME_LINE_BYTES: usize = 8 * 1024;

/// The exception type of a panic, as Sentry's SDK calls it.
pub const PANIC_TYPE: &str = "panic";
/// The exception type of an end without unwinding: stack overflow, failed allocation.
pub const ABORT_TYPE: &str = "abort";

/// Whether a text holds a panic report.
pub fn looks_like_panic(text: &str) -> bool {
    text.contains("panicked at ")
        || text.contains("has overflowed its stack")
        || text.contains("memory allocation of ") && text.contains(" bytes failed")
}

/// The panics of a log in the order of [`super::event::Event::exceptions`]: the first panic, which is
/// the cause of the later ones, first. Empty if the text holds none; a bare `stack backtrace:` without
/// a header gives one exception without type and message.
pub fn parse(text: &str) -> Vec<Exception> {
    let mut reader = Reader::default();
    for line in text.lines().take(MAX_LINES) {
        reader.line(line.trim_end_matches('\r'));
    }
    reader.finish()
}

/// Where a panic says that it happened.
struct Location {
    path: String,
    line: u32,
    column: u32,
}

#[derive(Default)]
struct Reader {
    done: Vec<Exception>,
    current: Option<Report>,
}

#[derive(PartialEq)]
enum Part {
    /// Old form: the message is quoted and its end, with the place, has not come yet.
    QuotedMessage,
    Message,
    /// The message has ended; a backtrace may follow.
    Complete,
    Frames,
    /// After the frames: nothing more belongs to this panic.
    Over,
}

struct Report {
    ty: Option<&'static str>,
    message: String,
    location: Option<Location>,
    /// Innermost first, as printed.
    frames: Vec<Frame>,
    part: Part,
}

impl Report {
    fn new(ty: Option<&'static str>, part: Part) -> Self {
        Self { ty, message: String::new(), location: None, frames: Vec::new(), part }
    }

    fn add_message_line(&mut self, line: &str) {
        let room = MAX_MESSAGE_BYTES.saturating_sub(self.message.len());
        if room == 0 {
            return;
        }
        if !self.message.is_empty() {
            self.message.push('\n');
        }
        self.message.push_str(cut(line, room));
    }

    fn finish(mut self) -> Exception {
        let message = self.message.trim_end().to_owned();
        self.frames.truncate(MAX_FRAMES);
        self.frames.reverse();
        if let Some(place) = &self.location {
            add_location(&mut self.frames, place);
        }
        for frame in &mut self.frames {
            frame.in_app = Some(in_app::is_in_app(frame));
        }
        Exception {
            ty: self.ty.map(str::to_owned),
            value: (!message.is_empty()).then_some(message),
            module: None,
            handled: None,
            link: None,
            stacktrace: (!self.frames.is_empty()).then_some(StackTrace { frames: self.frames }),
        }
    }
}

/// Gives the frame that the header names its column, or adds it if the backtrace does not have it.
fn add_location(frames: &mut Vec<Frame>, place: &Location) {
    let same = |frame: &Frame| {
        frame.lineno == Some(place.line)
            && frame.path().is_some_and(|path| same_file(path, &place.path))
    };
    if let Some(frame) = frames.iter_mut().rev().find(|frame| same(frame)) {
        // The header counts characters, a backtrace may count bytes: the header's is the better one.
        frame.colno = Some(place.column);
        return;
    }
    let mut frame =
        Frame { lineno: Some(place.line), colno: Some(place.column), ..Frame::default() };
    set_path(&mut frame, &place.path);
    frames.push(frame);
}

fn same_file(a: &str, b: &str) -> bool {
    let clean = |path: &str| path.replace('\\', "/").trim_start_matches("./").to_owned();
    let (a, b) = (clean(a), clean(b));
    let (long, short) = if a.len() >= b.len() { (a, b) } else { (b, a) };
    long.strip_suffix(&short).is_some_and(|rest| rest.is_empty() || rest.ends_with('/'))
}

impl Reader {
    fn line(&mut self, line: &str) {
        if self.done.len() >= MAX_PANICS {
            return;
        }
        if let Some(report) = header(line) {
            self.close();
            self.current = Some(report);
            return;
        }
        let trimmed = line.trim_start();
        if let Some(after) = trimmed.strip_prefix("stack backtrace:") {
            let report = self.current.get_or_insert_with(|| Report::new(None, Part::Frames));
            if report.part == Part::Over {
                return;
            }
            report.part = Part::Frames;
            if !after.trim().is_empty() {
                frame_line(after, &mut report.frames);
            }
            return;
        }
        let Some(report) = &mut self.current else { return };
        match report.part {
            Part::QuotedMessage => match quoted_end(line) {
                Some((message, location)) => {
                    report.add_message_line(message);
                    report.location = Some(location);
                    report.part = Part::Complete;
                }
                None => report.add_message_line(line),
            },
            Part::Message if ends_message(trimmed) => report.part = Part::Complete,
            Part::Message => report.add_message_line(line),
            Part::Frames => {
                if !frame_line(line, &mut report.frames) && !trimmed.is_empty() {
                    report.part = Part::Over;
                }
            }
            Part::Complete | Part::Over => {}
        }
    }

    fn close(&mut self) {
        if let Some(report) = self.current.take() {
            let exception = report.finish();
            if exception.value.is_some() || exception.stacktrace.is_some() {
                self.done.push(exception);
            }
        }
    }

    fn finish(mut self) -> Vec<Exception> {
        self.close();
        self.done
    }
}

/// The lines that can follow a message without being part of it.
fn ends_message(line: &str) -> bool {
    line.starts_with("note: run with `RUST_BACKTRACE")
        || line.starts_with("note: Run with `RUST_BACKTRACE")
        || line.starts_with("note: Some details are omitted")
        || line.starts_with("thread caused non-unwinding panic")
        || line.starts_with("fatal runtime error:")
        || line.starts_with("error: process didn't exit successfully")
}

/// The first line of a report. A log may have put its own words before it.
fn header(line: &str) -> Option<Report> {
    if let Some(at) = line.find(" panicked at ")
        && line[..at].contains("thread ")
    {
        return Some(panic_header(&line[at + " panicked at ".len()..]));
    }
    if line.contains("thread ") && line.trim_end().ends_with("has overflowed its stack") {
        let mut report = Report::new(Some(ABORT_TYPE), Part::Over);
        report.add_message_line(line.trim());
        return Some(report);
    }
    let at = line.find("memory allocation of ")?;
    let bytes = line[at + "memory allocation of ".len()..].split(' ').next()?;
    (line[at..].contains(" bytes failed") && bytes.bytes().all(|b| b.is_ascii_digit())).then(|| {
        let mut report = Report::new(Some(ABORT_TYPE), Part::Message);
        report.add_message_line(&line[at..]);
        report
    })
}

/// What follows `panicked at `.
fn panic_header(rest: &str) -> Report {
    let mut report = Report::new(Some(PANIC_TYPE), Part::Message);
    // Old: `'message', src/x.rs:1:2`. The message may run over several lines.
    if let Some(quoted) = rest.strip_prefix('\'') {
        match quoted_end(quoted) {
            Some((message, location)) => {
                report.add_message_line(message);
                report.location = Some(location);
                report.part = Part::Complete;
            }
            None => {
                report.add_message_line(quoted);
                report.part = Part::QuotedMessage;
            }
        }
        return report;
    }
    // New: `src/x.rs:1:2:` and the message on the lines after, or after it on the same line.
    match location_prefix(rest) {
        Some((location, message)) => {
            report.location = Some(location);
            if !message.trim().is_empty() {
                report.add_message_line(message.trim_start());
            }
        }
        None => report.add_message_line(rest),
    }
    report
}

/// Splits `message', src/x.rs:1:2` (the end of an old quoted message).
fn quoted_end(line: &str) -> Option<(&str, Location)> {
    let at = line.rfind("', ")?;
    let place = line[at + 3..].trim_end();
    let (path, line_number, column) = split_place(place)?;
    Some((
        &line[..at],
        Location { path: path.to_owned(), line: line_number, column: column.unwrap_or(1) },
    ))
}

/// Splits `src/x.rs:1:2: message` at the first place that reads `:digits:digits`.
fn location_prefix(text: &str) -> Option<(Location, &str)> {
    let found = LOCATION.captures(text)?;
    let location = Location {
        path: found.get(1)?.as_str().to_owned(),
        line: found.get(2)?.as_str().parse().ok()?,
        column: found.get(3)?.as_str().parse().ok()?,
    };
    Some((location, found.get(4).map_or("", |rest| rest.as_str())))
}

/// Splits `src/x.rs:1:2` or `src/x.rs:1`.
fn split_place(place: &str) -> Option<(&str, u32, Option<u32>)> {
    let found = PLACE.captures(place)?;
    let first = found.get(2)?.as_str().parse().ok()?;
    let second = found.get(3).and_then(|column| column.as_str().parse().ok());
    Some((found.get(1)?.as_str(), first, second))
}

/// Reads one line below `stack backtrace:`; `false` if it is none of a backtrace. A line may hold
/// several frames run together.
fn frame_line(line: &str, frames: &mut Vec<Frame>) -> bool {
    let line = cut(line, MAX_FRAME_LINE_BYTES);
    if let Some(found) = AT.captures(line) {
        // `at lib.rs:165:63   5:     0x561f - core::fmt::write`: the next frame on the same line.
        let cut_at = PLACE_THEN_FRAME
            .captures(&found[1])
            .and_then(|parts| parts.get(1))
            .map_or(found[1].len(), |place| place.end());
        let (place, more) = found[1].split_at(cut_at);
        if let Some(frame) = frames.last_mut() {
            match split_place(place.trim_end()) {
                Some((path, line_number, column)) => {
                    set_path(frame, path);
                    frame.lineno = Some(line_number);
                    frame.colno = column;
                }
                None => set_path(frame, place.trim_end()),
            }
        }
        return more.trim().is_empty() || frame_line(more, frames);
    }
    let Some(found) = FRAME.captures(line) else { return false };
    let mut symbol = found.get(1).map_or("", |m| m.as_str());
    let mut more = "";
    if let Some(joint) = JOINED.find(symbol) {
        (symbol, more) = symbol.split_at(joint.start());
    }
    if frames.len() <= MAX_FRAMES {
        let function = clean_function(symbol.trim());
        frames.push(Frame {
            module: module_of(&function).map(str::to_owned),
            package: in_app::crate_of(&function).map(str::to_owned),
            function: Some(function),
            ..Frame::default()
        });
    }
    more.is_empty() || frame_line(more, frames)
}

/// A symbol without its hashes, closures in one spelling.
fn clean_function(symbol: &str) -> String {
    let symbol = SYMBOL_HASH.replace(symbol, "");
    let symbol = CRATE_HASH.replace_all(&symbol, "$1");
    CLOSURE.replace_all(&symbol, "{{closure}}").into_owned()
}

/// `orders::cart` of `orders::cart::total`; `None` for names in angle brackets or without a module.
fn module_of(function: &str) -> Option<&str> {
    let plain = function.split(['<', '{']).next()?.trim_end_matches("::");
    if plain.len() < function.len() {
        return (!plain.is_empty()).then_some(plain);
    }
    plain.rsplit_once("::").map(|(module, _)| module)
}

fn set_path(frame: &mut Frame, path: &str) {
    let path = path.trim();
    let absolute = path.starts_with('/')
        || path.starts_with("\\\\")
        || path.as_bytes().get(1) == Some(&b':')
            && path.as_bytes().first().is_some_and(u8::is_ascii_alphabetic);
    frame.abs_path = absolute.then(|| path.to_owned());
    let short = if absolute { path.rsplit(['/', '\\']).next().unwrap_or(path) } else { path };
    frame.filename = Some(short.to_owned());
}

/// At most `max` bytes of `text`, cut at a character.
fn cut(text: &str, max: usize) -> &str {
    &text[..text.floor_char_boundary(max)]
}

fn compile(pattern: &str) -> Regex {
    #[expect(clippy::unwrap_used, reason = "constants, compiled by the tests")]
    Regex::new(pattern).unwrap()
}

macro_rules! pattern {
    ($name:ident, $regex:literal) => {
        static $name: LazyLock<Regex> = LazyLock::new(|| compile($regex));
    };
}

pattern!(LOCATION, r"^(.+?):(\d{1,9}):(\d{1,9})(?::(.*))?$");
pattern!(PLACE, r"^(.+?):(\d{1,9})(?::(\d{1,9}))?$");
pattern!(PLACE_THEN_FRAME, r"^(.+?:\d{1,9}(?::\d{1,9})?)\s+\d{1,4}:\s+\S");
pattern!(AT, r"^\s*at\s+(.+)$");
pattern!(FRAME, r"^\s*\d{1,5}:\s+(?:0x[0-9a-fA-F]+\s+-\s+)?(\S.*)$");
pattern!(JOINED, r"\s+\d{1,4}:\s+0x[0-9a-fA-F]+\s+-\s");
pattern!(SYMBOL_HASH, r"::h[0-9a-f]{16}$");
pattern!(CRATE_HASH, r"\b([A-Za-z_][A-Za-z0-9_]*)\[[0-9a-f]{8,16}\]");
pattern!(CLOSURE, r"\{closure#\d+\}|\{\{closure\}\}");

#[cfg(test)]
#[path = "backtrace_tests.rs"]
mod tests;
