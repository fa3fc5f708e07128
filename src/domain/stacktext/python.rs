//! Python's tracebacks: plain, chained (`from`, and while another was handled), groups, the form of
//! syntax errors, the marks below lines since 3.11, repeated frames of a recursion.

use super::common::{
    Draft, MAX_EXCEPTIONS, MAX_LINE_BYTES, cut, header, indent, line_number, set_path,
};
use crate::domain::event::{Exception, Frame, Link};

const TRACEBACK: &str = "Traceback (most recent call last):";
const LINKS: &[(&str, Link)] = &[
    ("The above exception was the direct cause of the following exception:", Link::Cause),
    ("During handling of the above exception, another exception occurred:", Link::Context),
];

/// Lines of one message after its first.
const MAX_MESSAGE_LINES: usize = 40;

enum Part {
    /// Between tracebacks.
    Outside,
    Frames,
    /// The exception's line has come; this many more lines belonged to its message.
    Message(usize),
}

struct Reader {
    /// Each with its depth of nesting in groups, in the order of the text.
    done: Vec<(usize, Draft)>,
    current: Draft,
    depth: usize,
    /// How far the line `Traceback` was indented.
    base: usize,
    part: Part,
    has_frames: bool,
}

pub(super) fn read(lines: &[&str]) -> Option<Vec<Exception>> {
    // Ruby, too, says `Traceback (most recent call last)`.
    let file_line = |line: &&str| line.contains("File \"") && line.contains("\", line ");
    if !lines.iter().any(file_line) {
        return None;
    }
    let mut reader = Reader {
        done: Vec::new(),
        current: Draft::default(),
        depth: 0,
        base: 0,
        part: Part::Outside,
        has_frames: false,
    };
    for line in lines {
        reader.line(cut(line, MAX_LINE_BYTES));
        if reader.done.len() >= MAX_EXCEPTIONS {
            break;
        }
    }
    reader.close();
    reader.has_frames.then(|| ordered(reader.done))
}

/// Members of a group before the group that holds them.
fn ordered(drafts: Vec<(usize, Draft)>) -> Vec<Exception> {
    let mut list: Vec<(usize, Draft)> = Vec::new();
    for (depth, draft) in drafts.into_iter().take(MAX_EXCEPTIONS) {
        let parent = list.iter().rposition(|(known, _)| *known < depth);
        match parent.filter(|_| depth > 0) {
            Some(parent) => {
                let link = draft.link.or(Some(Link::Member));
                list.insert(parent, (depth, Draft { link, ..draft }));
            }
            None => list.push((depth, draft)),
        }
    }
    list.into_iter().map(|(_, draft)| draft.finish(false)).collect()
}

impl Reader {
    fn line(&mut self, line: &str) {
        let line = match margin(line) {
            Margin::None(line) => line,
            Margin::Inside(depth, line) => {
                self.depth = depth;
                line
            }
            Margin::End => {
                self.close();
                return;
            }
            Margin::Next(depth) => {
                self.close();
                self.depth = depth;
                // A member without a traceback has its own line only.
                self.part = Part::Frames;
                self.base = 0;
                return;
            }
        };
        let trimmed = line.trim();
        if let Some(at) = line.find(TRACEBACK) {
            let group = line[..at].ends_with("Exception Group ");
            self.close();
            // A log's own words before it say nothing about the indentation.
            self.base = if line[..at].trim().is_empty() || group { indent(line) } else { 0 };
            self.part = Part::Frames;
            return;
        }
        if let Some((_, link)) = LINKS.iter().find(|(text, _)| *text == trimmed) {
            self.close();
            if let Some((_, last)) = self.done.last_mut() {
                last.link = Some(*link);
            }
            return;
        }
        if let Some(frame) = file_line(trimmed) {
            if !matches!(self.part, Part::Frames) {
                self.close();
                self.part = Part::Frames;
                self.base = indent(line).saturating_sub(2);
            }
            self.has_frames = true;
            self.current.push(frame);
            return;
        }
        match &mut self.part {
            Part::Outside => {}
            Part::Frames if trimmed.is_empty() => {}
            Part::Frames if indent(line) > self.base => self.below_frame(line),
            Part::Frames => {
                let (ty, module, value) = header(trimmed, "python");
                if ty.is_none() && self.current.frames.is_empty() {
                    self.close();
                    return;
                }
                (self.current.ty, self.current.module) = (ty, module);
                self.current.message = value.unwrap_or_default();
                self.part = Part::Message(0);
            }
            Part::Message(count) => {
                if *count >= MAX_MESSAGE_LINES || trimmed.is_empty() || is_of_a_log(trimmed) {
                    self.close();
                } else {
                    *count += 1;
                    self.current.add_message_line(line);
                }
            }
        }
    }

    /// The source line of a frame, or the marks below it.
    fn below_frame(&mut self, line: &str) {
        let Some(frame) = self.current.frames.last_mut() else { return };
        let trimmed = line.trim();
        if trimmed.starts_with("[Previous line repeated ") {
            return;
        }
        if trimmed.bytes().all(|b| matches!(b, b'^' | b'~' | b' ')) {
            if frame.colno.is_none() && frame.context_line.is_some() {
                // Source lines are printed without their indentation, behind four blanks.
                let column = indent(line).saturating_sub(self.base + 4) + 1;
                frame.colno = u32::try_from(column).ok();
            }
        } else if frame.context_line.is_none() {
            frame.context_line = Some(trimmed.to_owned());
        }
    }

    fn close(&mut self) {
        let draft = std::mem::take(&mut self.current);
        if !draft.is_empty() {
            self.done.push((self.depth, draft));
        }
        self.part = Part::Outside;
    }
}

/// `File "/app/cart.py", line 12, in total`; the form of syntax errors has no `in`.
fn file_line(line: &str) -> Option<Frame> {
    let rest = line.strip_prefix("File \"")?;
    let at = rest.rfind("\", line ")?;
    let (path, rest) = (&rest[..at], &rest[at + "\", line ".len()..]);
    let (number, function) = match rest.split_once(", in ") {
        Some((number, function)) => (number, Some(function.trim())),
        None => (rest, None),
    };
    let mut frame = Frame {
        function: function.filter(|name| !name.is_empty()).map(str::to_owned),
        lineno: Some(line_number(number.trim())?),
        ..Frame::default()
    };
    set_path(&mut frame, path);
    Some(frame)
}

/// What stands left of a line in the printing of a group.
enum Margin<'a> {
    None(&'a str),
    /// `  | text`, with the depth of its bar.
    Inside(usize, &'a str),
    /// `  +---------------- 2 ----------------`
    Next(usize),
    /// `  +------------------------------------`
    End,
}

fn margin(line: &str) -> Margin<'_> {
    let rest = line.trim_start_matches(' ');
    let depth = line.len() - rest.len();
    if depth == 0 || !depth.is_multiple_of(2) {
        return Margin::None(line);
    }
    if let Some(text) = rest.strip_prefix("| ").or((rest == "|").then_some("")) {
        return Margin::Inside(depth / 2, text);
    }
    if let Some(text) = rest.strip_prefix("+ ").filter(|text| text.ends_with(TRACEBACK)) {
        return Margin::Inside(depth / 2, text);
    }
    if rest.starts_with("+-") && rest.ends_with("---") {
        if !rest.bytes().any(|b| b.is_ascii_digit()) && !rest.contains("...") {
            return Margin::End;
        }
        // `+-+----` opens the members of a group, one level deeper than its own bar.
        let deeper = usize::from(rest.starts_with("+-+-"));
        return Margin::Next(depth / 2 + deeper);
    }
    Margin::None(line)
}

/// Whether a line begins with a date, as a log's next line would.
fn is_of_a_log(line: &str) -> bool {
    let line = line.strip_prefix('[').unwrap_or(line).as_bytes();
    line.len() > 10
        && line[..4].iter().all(u8::is_ascii_digit)
        && matches!(line[4], b'-' | b'/')
        && line[5].is_ascii_digit()
}
