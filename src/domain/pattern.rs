//! What was learnt of an error, and how alike two errors are.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::analysis::{Classification, RootCause};
use super::event::Event;
use super::fix::word_enum;

/// Words of one error that are kept and looked for.
const MAX_WORDS: usize = 120;

/// Letters of a word, at least and at most.
const MIN_WORD: usize = 2;
const MAX_WORD: usize = 40;

/// In-app frames that are compared, the innermost.
pub const MAX_FRAMES: usize = 8;

word_enum! {
    /// What people decided.
    PatternVerdict {
        /// The fix was applied and kept.
        Accepted = "accepted",
        /// The fix was rejected; its reason is the lesson.
        Rejected = "rejected",
        /// A person wrote down the cause.
        Corrected = "corrected",
    }
}

/// How an error of some shape was explained and mended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pattern {
    /// Its number; 0 before it is stored.
    pub id: i64,
    /// The project.
    pub project_id: i64,
    /// The issue that it was learnt from, if that is there still.
    pub issue_id: Option<i64>,
    /// The suggestion that it was learnt from, if that is there still.
    pub suggestion_id: Option<i64>,
    /// The issue's fingerprint.
    pub fingerprint: String,
    /// The kind of failure.
    pub class: String,
    /// The error, in one line.
    pub title: String,
    /// Why it happened.
    pub cause: String,
    /// What was done about it.
    pub fix: String,
    /// The in-app frames' functions, innermost first.
    pub frames: Vec<String>,
    /// What people decided.
    pub verdict: PatternVerdict,
    /// Who decided.
    pub decided_by: String,
    /// What should be done about such errors, where a person said so.
    pub classification: Option<Classification>,
    /// What the fix does, told by its tokens ([`super::shape`]).
    pub shape: String,
    /// The first file that the fix changes, else where it failed.
    pub path: String,
    /// When it was mended; nothing if nothing was done about it.
    pub mended_at: Option<Timestamp>,
    /// The commit that mended it, if it is known.
    pub fix_commit: Option<String>,
    /// How that commit is known.
    pub commit_why: Option<String>,
    /// Whether the error came back after it was mended.
    pub recurred: bool,
    /// How often it came back: each mending counts once.
    pub recurrences: i64,
    /// When the first event of the last time arrived.
    pub recurred_at: Option<Timestamp>,
    /// The release of that event.
    pub recurred_in: Option<String>,
    /// Why that release is taken to have the fix.
    pub recurred_why: Option<String>,
    /// How often it was found for another error.
    pub hits: i64,
    /// Whether a person wants it found before others.
    pub pinned: bool,
    /// When it was learnt.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl Pattern {
    /// An empty one: nothing but whose it is and what was decided.
    pub fn new(project_id: i64, verdict: PatternVerdict, now: Timestamp) -> Self {
        Self {
            id: 0,
            project_id,
            issue_id: None,
            suggestion_id: None,
            fingerprint: String::new(),
            class: "unknown".to_owned(),
            title: String::new(),
            cause: String::new(),
            fix: String::new(),
            frames: Vec::new(),
            verdict,
            decided_by: String::new(),
            classification: None,
            shape: String::new(),
            path: String::new(),
            mended_at: None,
            fix_commit: None,
            commit_why: None,
            recurred: false,
            recurrences: 0,
            recurred_at: None,
            recurred_in: None,
            recurred_why: None,
            hits: 0,
            pinned: false,
            created_at: now,
            updated_at: now,
        }
    }
}

/// What an error is compared by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Likeness {
    /// The in-app frames' functions, innermost first.
    pub frames: Vec<String>,
    /// How often each word occurs.
    pub words: BTreeMap<String, u32>,
}

impl Likeness {
    /// Of an event and what is known of its cause.
    pub fn of(event: &Event, cause: Option<&RootCause>) -> Self {
        let frames = frames(event);
        let mut words = BTreeMap::new();
        for exception in &event.exceptions {
            // The type says most: it counts twice.
            for _ in 0..2 {
                add(&mut words, exception.ty.as_deref().unwrap_or_default());
            }
            add(&mut words, exception.value.as_deref().unwrap_or_default());
        }
        add(&mut words, event.message.as_deref().unwrap_or_default());
        add(&mut words, event.transaction.as_deref().unwrap_or_default());
        if let Some(cause) = cause {
            add(&mut words, &cause.class);
            add(&mut words, cause.function.as_deref().unwrap_or_default());
            for evidence in cause.evidence.iter().take(2) {
                add(&mut words, &evidence.quote);
            }
        }
        for frame in &frames {
            add(&mut words, frame);
        }
        Self { frames, words }
    }

    /// Of what an event says of itself, without its frames.
    pub fn of_message(event: &Event) -> Self {
        let mut words = BTreeMap::new();
        for exception in &event.exceptions {
            add(&mut words, exception.ty.as_deref().unwrap_or_default());
            add(&mut words, exception.value.as_deref().unwrap_or_default());
        }
        add(&mut words, event.message.as_deref().unwrap_or_default());
        Self { frames: Vec::new(), words }
    }

    /// Of frames and a kind of failure alone.
    pub fn of_frames(frames: Vec<String>, class: &str) -> Self {
        let mut words = BTreeMap::new();
        add(&mut words, class);
        for frame in &frames {
            add(&mut words, frame);
        }
        Self { frames, words }
    }

    /// How many words there are in all.
    pub fn length(&self) -> u32 {
        self.words.values().sum()
    }
}

/// The functions of the application's frames, without what generics and closures add.
fn frames(event: &Event) -> Vec<String> {
    let stack = event.exceptions.iter().rev().find_map(|e| e.stacktrace.as_ref());
    let frames = stack.map(|stack| stack.frames.as_slice()).unwrap_or_default();
    let mut found: Vec<String> = Vec::new();
    for frame in frames.iter().rev().filter(|frame| frame.in_app == Some(true)) {
        let Some(function) = frame.function.as_deref() else { continue };
        let plain = function.split("::{{closure}}").next().unwrap_or(function);
        let plain = plain.split('<').next().filter(|text| !text.is_empty()).unwrap_or(plain);
        if found.last().is_none_or(|last| last != plain) {
            found.push(plain.chars().take(200).collect());
        }
        if found.len() == MAX_FRAMES {
            break;
        }
    }
    found
}

fn add(words: &mut BTreeMap<String, u32>, text: &str) {
    for word in words_of(text) {
        if words.len() >= MAX_WORDS && !words.contains_key(&word) {
            return;
        }
        *words.entry(word).or_default() += 1;
    }
}

/// The words of a text: names are taken apart where their style does (`last_price`, `lastPrice`), and
/// numbers left out, which differ each time.
pub fn words_of(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    // Texts of events are bounded already; a word a few bytes.
    for piece in text.split(|c: char| !c.is_alphanumeric()) {
        let mut word = String::new();
        let mut was_lower = false;
        for c in piece.chars() {
            if c.is_uppercase() && was_lower {
                push(&mut words, &mut word);
            }
            was_lower = c.is_lowercase();
            word.extend(c.to_lowercase());
        }
        push(&mut words, &mut word);
    }
    words
}

fn push(words: &mut Vec<String>, word: &mut String) {
    let length = word.chars().count();
    let digits = word.strip_prefix("0x").unwrap_or(word);
    let is_number =
        digits.chars().all(|c| c.is_ascii_hexdigit()) && digits.chars().any(|c| c.is_ascii_digit());
    if (MIN_WORD..=MAX_WORD).contains(&length) && !is_number {
        words.push(std::mem::take(word));
    } else {
        word.clear();
    }
}

/// How much of the shorter stack the other one has, in order of weight from the inside; from 0 to 1.
pub fn frame_overlap(a: &[String], b: &[String]) -> f64 {
    if a.is_empty() || b.is_empty() {
        return 0.0;
    }
    let weight = |at: usize| 1.0 / (at + 1) as f64;
    let (mut shared, mut whole) = (0.0, 0.0);
    for (at, frame) in a.iter().enumerate() {
        whole += weight(at);
        if b.contains(frame) {
            shared += weight(at);
        }
    }
    shared / whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_taken_apart_and_numbers_left_out() {
        assert_eq!(
            words_of("Cart::last_price lastPrice 17 0xdeadbeef1 at line"),
            ["cart", "last", "price", "last", "price", "at", "line"]
        );
        assert!(words_of(&"x".repeat(100)).is_empty());
    }

    #[test]
    fn inner_frames_weigh_more() {
        let list = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
        let stack = list(&["inner", "middle", "outer"]);
        assert_eq!(frame_overlap(&stack, &stack), 1.0);
        let same_inner = frame_overlap(&stack, &list(&["inner"]));
        let same_outer = frame_overlap(&stack, &list(&["outer"]));
        assert!(same_inner > same_outer && same_outer > 0.0);
        assert_eq!(frame_overlap(&stack, &[]), 0.0);
    }
}
