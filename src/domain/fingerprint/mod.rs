//! Grouping: which events are the same issue.
//!
//! The project's own rules decide first ([`rules`]), then the sender's fingerprint, then the event
//! itself: the frames of the application, else all frames but machinery, else the type and the shape of
//! the value, else the shape of the message. Frames come before messages because a word that varies in
//! a message would split an issue into hundreds.
//!
//! **Versions.** A better algorithm gives other fingerprints, and would split every old issue in two.
//! So the old ones stay: whoever stores events looks up the fingerprint of [`CURRENT`], and only where
//! that is unknown computes those of the [older](Version::older) versions; where one of them is known,
//! the new fingerprint is linked to its issue.

pub mod message;
pub mod rules;
mod stack;
mod v1;
mod v2;

#[cfg(test)]
mod tests;

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

pub use message::parameterise;
pub use rules::{RuleError, Rules};

use super::event::Event;
use super::fix::word_enum;

word_enum! {
    /// A version of the algorithm, oldest first. The spelling is stored.
    Version {
        /// Kept for issues that were grouped by it.
        V1 = "1",
        /// Frames of every language normalised, callers that only lead to an error left out, recursion
        /// folded, messages read more closely.
        V2 = "2",
    }
}

/// The version that new events are grouped by.
pub const CURRENT: Version = Version::V2;

impl Version {
    /// The versions before this one, newest first.
    pub fn older(self) -> impl Iterator<Item = Self> {
        Self::ALL.iter().rev().copied().filter(move |version| *version < self)
    }
}

word_enum! {
    /// What decided a grouping.
    How {
        /// A rule of the project.
        Rule = "rule",
        /// The fingerprint that the sender gave.
        Sender = "sender",
        /// Frames of the application's own code.
        AppFrames = "app_frames",
        /// Frames, none of them known as the application's own.
        AllFrames = "all_frames",
        /// The exception's type and the shape of its value.
        Exception = "exception",
        /// The shape of the message.
        Message = "message",
        /// There was nothing to go by but the logger and the transaction.
        Nothing = "nothing",
    }
}

/// How one event is grouped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grouping {
    /// 32 hexadecimal digits, the same for all events of an issue.
    pub fingerprint: String,
    /// What decided.
    pub how: How,
    /// The title that a rule gives the issue.
    pub title: Option<String>,
}

/// Bytes of the hash that are kept; 128 bits cannot collide by accident.
const FINGERPRINT_BYTES: usize = 16;

/// What a sender writes in its fingerprint for "and the usual grouping".
const DEFAULT_MARKER: &str = "{{ default }}";

/// Groups `event` by one version of the algorithm. Rules hold in every version: what a project said is
/// not to be undone by an issue that an older version made.
pub fn group(version: Version, event: &Event, rules: &Rules) -> Grouping {
    if let Some(found) = rules.first_match(event) {
        let fingerprint = found.fingerprint(version, event);
        return Grouping { fingerprint, how: How::Rule, title: found.title(event) };
    }
    let (fingerprint, how) = match version {
        Version::V1 => (v1::fingerprint(event), v1_how(event)),
        Version::V2 => v2::fingerprint(event),
    };
    Grouping { fingerprint, how, title: None }
}

/// The event's fingerprint by the current version, without rules.
pub fn fingerprint(event: &Event) -> String {
    v2::fingerprint(event).0
}

/// Where the event fails, for a list: `src/cart.rs:12 in orders::cart::total`.
pub fn culprit(event: &Event) -> Option<String> {
    let (reading, frame) = stack::failing_frame(event)?;
    let file = frame.filename.as_deref().or(frame.abs_path.as_deref()).unwrap_or("?");
    let line = frame.lineno.map(|n| format!(":{n}")).unwrap_or_default();
    let function = reading.function(frame);
    let function = match frame.function.as_deref() {
        Some(raw) if function.is_empty() => format!(" in {raw}"),
        Some(_) => format!(" in {function}"),
        None => String::new(),
    };
    Some(format!("{file}{line}{function}"))
}

/// What version 1 went by, as near as it can be told from outside.
fn v1_how(event: &Event) -> How {
    let frames = event.exception().and_then(|e| e.stacktrace.as_ref()).map(|s| &s.frames[..]);
    match (event.fingerprint.as_deref(), event.exception(), frames) {
        (Some([_, ..]), ..) => How::Sender,
        (_, Some(_), Some(frames)) if frames.iter().any(|f| f.in_app == Some(true)) => {
            How::AppFrames
        }
        (_, Some(_), Some([_, ..])) => How::AllFrames,
        (_, Some(_), _) => How::Exception,
        (_, None, _) => How::Message,
    }
}

/// Whether a part of a sender's fingerprint stands for the usual grouping.
fn is_default_marker(part: &str) -> bool {
    let letters = |text: &'static str| text.chars().filter(|c| !c.is_whitespace());
    part.chars().filter(|c| !c.is_whitespace()).eq(letters(DEFAULT_MARKER))
}

/// The parts of a fingerprint, written so that no two different lists read the same.
#[derive(Debug)]
struct Parts(String);

impl Parts {
    fn new() -> Self {
        Self(String::with_capacity(1024))
    }

    /// Appends `value`, which is a `kind`.
    fn push(&mut self, kind: &str, value: &str) {
        // Writing to a String cannot fail.
        let _ = write!(self.0, "\u{1}{kind}\u{2}{}\u{2}{value}", value.len());
    }

    /// Appends all of `more`.
    fn append(&mut self, more: &Self) {
        self.0.push_str(&more.0);
    }

    /// The fingerprint of these parts in `domain`, which keeps versions and kinds apart.
    fn digest(&self, domain: &str) -> String {
        let mut hash = Sha256::new();
        hash.update(domain);
        hash.update(&self.0);
        hex::encode(&hash.finalize()[..FINGERPRINT_BYTES])
    }
}

/// Appends what `version` goes by for `event`, and says which domain that is.
fn default_parts(version: Version, event: &Event, parts: &mut Parts) -> &'static str {
    match version {
        Version::V1 => {
            v1::default_parts(event, &mut parts.0);
            v1::VERSION
        }
        Version::V2 => {
            v2::default_parts(event, parts);
            v2::DOMAIN
        }
    }
}
