//! What the readers share: bounds, the first line of an error, exceptions under way.

use crate::domain::event::{Exception, Frame, Link, StackTrace};

/// Lines read of one text; what follows is ignored.
pub(super) const MAX_LINES: usize = 20_000;

/// Bytes read of one line of a trace.
pub(super) const MAX_LINE_BYTES: usize = 4 * 1024;

/// Exceptions kept of one chain.
pub(super) const MAX_EXCEPTIONS: usize = 20;

/// Frames kept of one stack: half from each end.
const MAX_FRAMES: usize = 256;

/// Frames held while a stack is read, before it is cut.
const MAX_HELD_FRAMES: usize = 8 * 1024;

/// Bytes kept of one message.
const MAX_MESSAGE_BYTES: usize = 16 * 1024;

/// Bytes of the longest type's name that is believed.
const MAX_TYPE_BYTES: usize = 256;

/// An exception of which some lines have been read.
#[derive(Debug, Default)]
pub(super) struct Draft {
    pub(super) ty: Option<String>,
    pub(super) module: Option<String>,
    pub(super) message: String,
    /// In the order in which they are printed.
    pub(super) frames: Vec<Frame>,
    /// What it is to the one that followed.
    pub(super) link: Option<Link>,
}

impl Draft {
    /// From the first line of an error.
    pub(super) fn from_header(text: &str, platform: &str) -> Self {
        let (ty, module, value) = header(text, platform);
        Self { ty, module, message: value.unwrap_or_default(), ..Self::default() }
    }

    /// Adds a line to the message.
    pub(super) fn add_message_line(&mut self, line: &str) {
        let room = MAX_MESSAGE_BYTES.saturating_sub(self.message.len() + 1);
        if room > 0 {
            if !self.message.is_empty() {
                self.message.push('\n');
            }
            self.message.push_str(cut(line, room));
        }
    }

    /// Adds a frame, unless there are absurdly many.
    pub(super) fn push(&mut self, frame: Frame) {
        if self.frames.len() < MAX_HELD_FRAMES {
            self.frames.push(frame);
        }
    }

    /// Whether nothing is known of it.
    pub(super) fn is_empty(&self) -> bool {
        self.ty.is_none() && self.message.is_empty() && self.frames.is_empty()
    }

    /// The exception; `innermost_first` says how its frames were printed.
    pub(super) fn finish(mut self, innermost_first: bool) -> Exception {
        if innermost_first {
            self.frames.reverse();
        }
        if self.frames.len() > MAX_FRAMES {
            let half = MAX_FRAMES / 2;
            self.frames.drain(half..self.frames.len() - half);
        }
        let message = self.message.trim_end();
        Exception {
            ty: self.ty,
            value: (!message.is_empty()).then(|| message.to_owned()),
            module: self.module,
            handled: None,
            stacktrace: (!self.frames.is_empty()).then_some(StackTrace { frames: self.frames }),
            link: self.link,
        }
    }
}

/// Type, module and message of an error's first line, as Sentry's SDKs of the platform split them:
/// `requests.exceptions.HTTPError: 404` is an `HTTPError` of `requests.exceptions`.
pub(super) fn header(
    text: &str,
    platform: &str,
) -> (Option<String>, Option<String>, Option<String>) {
    let text = cut(text.trim(), MAX_MESSAGE_BYTES);
    let mut text = text;
    for prefix in ["Uncaught (in promise) ", "Uncaught ", "Unhandled exception. "] {
        text = text.strip_prefix(prefix).unwrap_or(text);
    }
    // `Shop::Error: message` has colons in its name.
    let colon = text
        .match_indices(':')
        .map(|(at, _)| at)
        .find(|at| text[at + 1..].chars().next().is_none_or(char::is_whitespace));
    let (ty, message) = match colon.map(|at| (&text[..at], text[at + 1..].trim())) {
        Some((ty, message)) if is_type(ty) => (Some(ty), message),
        None if is_error_name(text) => (Some(text), ""),
        _ => (None, text),
    };
    let message = (!message.is_empty()).then(|| message.to_owned());
    let Some(ty) = ty else { return (None, None, message) };
    let splits = matches!(platform, "python" | "java");
    match ty.rsplit_once('.').filter(|_| splits) {
        Some((module, short)) => (Some(short.to_owned()), Some(module.to_owned()), message),
        None => (Some(ty.to_owned()), None, message),
    }
}

/// Whether a text can be the name of a type, whole and in every language.
pub(super) fn is_type(name: &str) -> bool {
    let fits = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '$' | '\\' | '`' | '+');
    !name.is_empty()
        && name.len() <= MAX_TYPE_BYTES
        && name.chars().all(|c| fits(c) || c == ':')
        && name.starts_with(|c: char| c.is_alphabetic() || c == '_' || c == '\\')
        && name.ends_with(|c: char| c.is_alphanumeric() || c == '_')
        // `https` of a URL, `line` of a log.
        && (name.contains(['.', '\\', '_']) || name.starts_with(char::is_uppercase))
}

/// Whether a name alone says that it is an error.
pub(super) fn is_error_name(name: &str) -> bool {
    is_type(name)
        && ["Error", "Exception", "Exit", "Interrupt", "Warning", "Rejection", "Iteration"]
            .iter()
            .any(|ending| name.ends_with(ending))
}

/// At most `max` bytes of `text`, cut at a character.
pub(super) fn cut(text: &str, max: usize) -> &str {
    &text[..text.floor_char_boundary(max)]
}

/// The number that a text is, from 1.
pub(super) fn line_number(text: &str) -> Option<u32> {
    let number = text.len() <= 9 && !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    number.then(|| text.parse().ok()).flatten().filter(|n| *n > 0)
}

/// How far a line is indented, in bytes.
pub(super) fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// Writes a path into a frame as SDKs do: the whole one apart from the short one.
pub(super) fn set_path(frame: &mut Frame, path: &str) {
    let path = cut(path.trim(), MAX_LINE_BYTES);
    let drive = path.as_bytes().get(1) == Some(&b':')
        && path.as_bytes().first().is_some_and(u8::is_ascii_alphabetic);
    let absolute = path.starts_with(['/', '\\']) || drive || path.contains("://");
    frame.abs_path = absolute.then(|| path.to_owned());
    frame.filename = Some(path.to_owned());
}

/// Takes off what a logger may write before a line: everything up to the last `mark`.
pub(super) fn after<'a>(line: &'a str, mark: &str) -> Option<&'a str> {
    line.find(mark).map(|at| &line[at + mark.len()..])
}
