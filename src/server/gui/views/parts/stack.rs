//! The stack, innermost call first: the application's own frames with their source, the rest folded.

use super::excerpt::{Excerpt, clip};
use crate::domain::analysis::RootCause;
use crate::domain::event::{Event, Exception, Frame};

/// Frames of one exception that are shown; recursion can send thousands.
const MAX_FRAMES: usize = 120;
/// In-app frames whose source is open from the start.
const OPEN_FRAMES: usize = 3;
/// Characters of a plain-text stack or of a message that are shown.
const MAX_TEXT_CHARS: usize = 20_000;

/// All that is known of the calls.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StackView {
    /// What was finally raised first, its causes after it.
    pub exceptions: Vec<ExceptionView>,
    /// A stack as plain text, where the sender had no frames.
    pub text: Option<String>,
}

/// One error of the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExceptionView {
    /// `panic`, `ValueError`, …
    pub ty: String,
    /// The message.
    pub value: String,
    /// Whether the program caught it, in words; empty if not known.
    pub handled: &'static str,
    /// Innermost first.
    pub groups: Vec<FrameGroup>,
    /// Frames left out at the outer end.
    pub left_out: usize,
}

/// Frames that stand together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FrameGroup {
    /// One of the application's own.
    InApp(Box<FrameView>),
    /// Consecutive ones of libraries and the system.
    System(Vec<FrameView>),
}

/// One call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrameView {
    /// The function, as the sender wrote it.
    pub function: String,
    /// `src/cart.rs:42`, as far as known.
    pub location: String,
    /// The library, for frames that are not the application's own.
    pub package: Option<String>,
    /// The source around it.
    pub excerpt: Option<Excerpt>,
    /// Whether the root cause points here.
    pub suspect: bool,
    /// Whether the source is open from the start.
    pub open: bool,
}

impl StackView {
    /// `source` finds the lines around an in-app frame in the repository ([`Excerpt::around`]); where
    /// it has none, the lines that the sender sent are used.
    pub fn new(
        event: &Event,
        cause: Option<&RootCause>,
        source: &dyn Fn(&Frame) -> Option<Excerpt>,
    ) -> Self {
        let exceptions: Vec<ExceptionView> = event
            .exceptions
            .iter()
            .rev()
            .map(|exception| ExceptionView::new(exception, cause, source))
            .collect();
        let text = event.stack_text.as_deref().map(|text| clip(text, MAX_TEXT_CHARS));
        Self { exceptions, text }
    }

    /// Whether there is nothing to show but the message.
    pub fn is_empty(&self) -> bool {
        self.text.is_none() && self.exceptions.iter().all(|e| e.groups.is_empty())
    }
}

impl ExceptionView {
    fn new(
        exception: &Exception,
        cause: Option<&RootCause>,
        source: &dyn Fn(&Frame) -> Option<Excerpt>,
    ) -> Self {
        let frames = exception.stacktrace.as_ref().map_or(&[][..], |stack| &stack.frames);
        let any_marked = frames.iter().any(|frame| frame.in_app == Some(true));
        let mut groups: Vec<FrameGroup> = Vec::new();
        let mut in_app_seen = 0;
        for frame in frames.iter().rev().take(MAX_FRAMES) {
            if frame.in_app.unwrap_or(!any_marked) {
                let open = in_app_seen < OPEN_FRAMES;
                in_app_seen += 1;
                groups.push(FrameGroup::InApp(Box::new(in_app(frame, cause, source, open))));
            } else if let Some(FrameGroup::System(together)) = groups.last_mut() {
                together.push(FrameView::plain(frame));
            } else {
                groups.push(FrameGroup::System(vec![FrameView::plain(frame)]));
            }
        }
        Self {
            ty: exception.ty.clone().unwrap_or_else(|| "error".to_owned()),
            value: clip(exception.value.as_deref().unwrap_or_default(), MAX_TEXT_CHARS),
            handled: match exception.handled {
                Some(true) => "caught by the program",
                Some(false) => "not caught",
                None => "",
            },
            groups,
            left_out: frames.len().saturating_sub(MAX_FRAMES),
        }
    }
}

impl FrameView {
    fn plain(frame: &Frame) -> Self {
        let function = frame.function.as_deref().or(frame.module.as_deref());
        let mut location = frame.filename.as_deref().or(frame.path()).unwrap_or("").to_owned();
        if let (Some(line), false) = (frame.lineno, location.is_empty()) {
            location = format!("{location}:{line}");
        }
        Self {
            function: function.unwrap_or("(unknown function)").to_owned(),
            location,
            package: frame.package.clone(),
            excerpt: None,
            suspect: false,
            open: false,
        }
    }
}

fn in_app(
    frame: &Frame,
    cause: Option<&RootCause>,
    source: &dyn Fn(&Frame) -> Option<Excerpt>,
    open: bool,
) -> FrameView {
    let mut view = FrameView::plain(frame);
    view.excerpt = source(frame).or_else(|| Excerpt::from_frame(frame));
    if let Some(excerpt) = &view.excerpt {
        view.location = format!("{}:{}", excerpt.path, excerpt.line);
    }
    let suspect = cause.and_then(|cause| cause.file.as_deref().zip(cause.line));
    if let Some((file, line)) = suspect {
        let sent_as = frame.path().is_some_and(|path| same_file(path, file));
        view.suspect = match &mut view.excerpt {
            Some(excerpt) => {
                (sent_as || same_file(&excerpt.path, file)) && excerpt.mark_suspect(line)
            }
            None => sent_as && frame.lineno == Some(line),
        };
    }
    view.open = view.excerpt.is_some() && (open || view.suspect);
    view
}

/// Whether a path as sent (whole, or below the root) is `file`, which is below the root.
fn same_file(path: &str, file: &str) -> bool {
    path.strip_suffix(file).is_some_and(|head| head.is_empty() || head.ends_with(['/', '\\']))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::event::StackTrace;

    #[test]
    fn paths_are_compared_by_whole_names() {
        assert!(same_file("src/cart.rs", "src/cart.rs"));
        assert!(same_file("/home/ci/app/src/cart.rs", "src/cart.rs"));
        assert!(!same_file("src/shopping_cart.rs", "cart.rs"));
        assert!(!same_file("cart.rs", "src/cart.rs"));
    }

    #[test]
    fn the_innermost_frame_comes_first_and_system_frames_are_folded_together() {
        let frame = |function: &str, in_app| Frame {
            function: Some(function.into()),
            in_app: Some(in_app),
            ..Frame::default()
        };
        let frames = vec![
            frame("main", true),
            frame("lib1", false),
            frame("lib2", false),
            frame("inner", true),
            frame("panic", false),
        ];
        let exception =
            Exception { stacktrace: Some(StackTrace { frames }), ..Exception::default() };
        let view = ExceptionView::new(&exception, None, &|_| None);
        let shape: Vec<String> = view
            .groups
            .iter()
            .map(|group| match group {
                FrameGroup::InApp(frame) => frame.function.clone(),
                FrameGroup::System(frames) => {
                    frames.iter().map(|f| f.function.as_str()).collect::<Vec<_>>().join("+")
                }
            })
            .collect();
        assert_eq!(shape, ["panic", "inner", "lib2+lib1", "main"]);
    }

    #[test]
    fn thousands_of_frames_are_cut_and_counted() {
        let frames = vec![Frame { in_app: Some(true), ..Frame::default() }; 5000];
        let exception =
            Exception { stacktrace: Some(StackTrace { frames }), ..Exception::default() };
        let view = ExceptionView::new(&exception, None, &|_| None);
        assert_eq!((view.groups.len(), view.left_out), (MAX_FRAMES, 5000 - MAX_FRAMES));
    }
}
