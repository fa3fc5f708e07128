//! A few lines of source with their numbers.

use crate::domain::event::Frame;

/// Lines on each side of the failing one.
pub const CONTEXT_LINES: u32 = 5;
/// Characters of a line that are shown; a minified file is one long line.
const MAX_LINE_CHARS: usize = 400;

/// Why a line is marked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Not at all.
    None,
    /// The frame stands here.
    Here,
    /// The root cause points here.
    Suspect,
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceLine {
    /// From 1.
    pub number: u32,
    /// Without its line end.
    pub text: String,
    /// Whether it is marked.
    pub mark: Mark,
}

/// Lines of one file around a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    /// Path below the repository root, or as the sender wrote it.
    pub path: String,
    /// The line that it is about, from 1.
    pub line: u32,
    /// In order.
    pub lines: Vec<SourceLine>,
}

impl Excerpt {
    /// The lines of `text` around `line` (from 1). `None` if the file has no such line.
    pub fn around(path: impl Into<String>, text: &str, line: u32) -> Option<Self> {
        let first = line.checked_sub(1)?.saturating_sub(CONTEXT_LINES);
        let lines: Vec<SourceLine> = (first + 1..)
            .zip(text.lines().skip(first as usize))
            .take_while(|(number, _)| *number <= line.saturating_add(CONTEXT_LINES))
            .map(|(number, text)| SourceLine::new(number, text, line))
            .collect();
        let reached = lines.last().is_some_and(|last| last.number >= line);
        reached.then(|| Self { path: path.into(), line, lines })
    }

    /// The lines that the sender put into the frame, if any.
    pub fn from_frame(frame: &Frame) -> Option<Self> {
        let line = frame.lineno.filter(|line| *line > 0)?;
        let failing = frame.context_line.as_deref()?;
        let before = u32::try_from(frame.pre_context.len()).unwrap_or(u32::MAX);
        let keep = before.min(CONTEXT_LINES).min(line - 1);
        let skip = frame.pre_context.len() - keep as usize;
        let texts = frame.pre_context[skip..]
            .iter()
            .map(String::as_str)
            .chain(std::iter::once(failing))
            .chain(frame.post_context.iter().take(CONTEXT_LINES as usize).map(String::as_str));
        let lines =
            (line - keep..=u32::MAX).zip(texts).map(|(n, text)| SourceLine::new(n, text, line));
        let path =
            frame.filename.as_deref().or(frame.path()).unwrap_or("(unknown file)").to_owned();
        Some(Self { path, line, lines: lines.collect() })
    }

    /// Marks `line` as the suspect, if it is one of these.
    pub fn mark_suspect(&mut self, line: u32) -> bool {
        let found = self.lines.iter_mut().find(|candidate| candidate.number == line);
        found.map(|line| line.mark = Mark::Suspect).is_some()
    }
}

impl SourceLine {
    /// Whether the root cause points here.
    pub fn is_suspect(&self) -> bool {
        self.mark == Mark::Suspect
    }

    /// Whether the frame stands here.
    pub fn is_here(&self) -> bool {
        self.mark == Mark::Here
    }

    fn new(number: u32, text: &str, here: u32) -> Self {
        let mark = if number == here { Mark::Here } else { Mark::None };
        Self { number, text: clip(text.trim_end_matches(['\r', '\n']), MAX_LINE_CHARS), mark }
    }
}

/// The first `max` characters, with an ellipsis if there are more.
pub fn clip(text: &str, max: usize) -> String {
    match text.char_indices().nth(max) {
        Some((end, _)) => format!("{} …", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_stays_inside_the_file() {
        let text = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";
        let excerpt = Excerpt::around("a.rs", text, 2).unwrap();
        let numbers: Vec<u32> = excerpt.lines.iter().map(|line| line.number).collect();
        assert_eq!(numbers, [1, 2, 3, 4, 5, 6, 7]);
        assert_eq!(excerpt.lines[1].mark, Mark::Here);
        assert_eq!(Excerpt::around("a.rs", text, 10), None);
        assert_eq!(Excerpt::around("a.rs", text, 0), None);
        assert_eq!(Excerpt::around("a.rs", text, u32::MAX), None);
    }

    #[test]
    fn the_senders_own_lines_get_their_numbers() {
        let frame = Frame {
            lineno: Some(3),
            pre_context: vec!["p0".into(), "p1".into(), "p2".into(), "p3".into()],
            context_line: Some("here".into()),
            post_context: vec!["after".into()],
            ..Frame::default()
        };
        let excerpt = Excerpt::from_frame(&frame).unwrap();
        let lines: Vec<_> = excerpt.lines.iter().map(|l| (l.number, l.text.as_str())).collect();
        assert_eq!(lines, [(1, "p2"), (2, "p3"), (3, "here"), (4, "after")]);
    }

    #[test]
    fn a_frame_without_a_line_has_no_excerpt() {
        assert_eq!(Excerpt::from_frame(&Frame { lineno: Some(0), ..Frame::default() }), None);
        assert_eq!(Excerpt::from_frame(&Frame::default()), None);
    }
}
