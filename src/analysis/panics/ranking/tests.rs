//! Small programs, each with one relation between where a panic happened and what is to blame for it.

use std::sync::Arc;

use crate::analysis::panics::analyse;
use crate::domain::event::Event;
use crate::source::{Revision, Sources};

struct OneFile {
    paths: Vec<String>,
    text: Arc<str>,
    revision: Revision,
}

impl Sources for OneFile {
    fn paths(&self) -> &[String] {
        &self.paths
    }

    fn read(&self, path: &str) -> Option<Arc<str>> {
        (path == self.paths[0]).then(|| Arc::clone(&self.text))
    }

    fn revision(&self) -> &Revision {
        &self.revision
    }
}

/// The line of the text that holds `part`, from 1.
fn line_of(text: &str, part: &str) -> usize {
    text.lines().position(|line| line.contains(part)).unwrap() + 1
}

/// The functions named for a panic in `text` with this message; `frames` are a function's name and a part of
/// its line, the innermost first.
fn named(text: &str, message: &str, frames: &[(&str, &str)], more: &str) -> Vec<String> {
    let first = match frames.first() {
        Some((_, part)) => format!("src/lib.rs:{}:1", line_of(text, part)),
        None => "/rustc/59807616/library/core/src/iter/adapters/zip.rs:218:5".to_owned(),
    };
    let mut log = format!("thread 'main' panicked at {first}:\n{message}\nstack backtrace:\n");
    log.push_str("   0: core::panicking::panic_fmt\n             at /rustc/59807616/library/core/src/panicking.rs:80:14\n");
    log.push_str(more);
    for (name, part) in frames {
        let line = line_of(text, part);
        log.push_str(&format!("   3: {name}\n             at /app/src/lib.rs:{line}:1\n"));
    }
    log.push_str("   9: shop::main\n             at /elsewhere/bin/main.rs:3:5\n");
    let mut event = Event::bare("0".repeat(32), jiff::Timestamp::UNIX_EPOCH);
    event.platform = "rust".to_owned();
    event.message = Some(log);
    let sources = OneFile {
        paths: vec!["src/lib.rs".to_owned()],
        text: text.into(),
        revision: Revision::default(),
    };
    let candidates = analyse(&event, &sources, None).unwrap().root_cause.candidates;
    candidates.into_iter().filter_map(|one| one.function).collect()
}

const OUT_OF_BOUNDS: &str = "index out of bounds: the len is 3 but the index is 3";

#[test]
fn the_callee_s_callee_that_computed_the_index_is_named() {
    let text = "
pub fn pick(list: &[u32]) -> u32 {
    let at = chosen(list);
    list[at]
}

fn chosen(list: &[u32]) -> usize {
    last_of(list)
}

fn last_of(list: &[u32]) -> usize {
    list.len()
}
";
    let found = named(text, OUT_OF_BOUNDS, &[("shop::pick", "list[at]")], "");
    assert_eq!(found[0], "pick");
    assert_eq!(found[1], "chosen");
    assert!(found.contains(&"last_of".to_owned()), "{found:?}");
}

#[test]
fn who_writes_a_tuple_s_place_is_named() {
    let text = "
pub struct At(usize);

impl At {
    pub fn first() -> Self {
        At(0)
    }

    pub fn step(&mut self) {
        self.0 += 2;
    }

    pub fn take(&self, list: &[u32]) -> u32 {
        list[self.0]
    }
}
";
    let found = named(text, OUT_OF_BOUNDS, &[("shop::At::take", "list[self.0]")], "");
    assert!(found.contains(&"At::step".to_owned()), "{found:?}");
    assert!(found.contains(&"At::first".to_owned()), "{found:?}");
}

#[test]
fn who_decided_that_the_place_is_reached_is_named() {
    let text = "
pub struct Queue { list: Vec<u32>, at: usize }

impl Queue {
    fn has_more(&self) -> bool {
        true
    }

    pub fn peek(&self) -> u32 {
        if self.has_more() {
            return self.list[self.at];
        }
        0
    }
}
";
    let found = named(text, OUT_OF_BOUNDS, &[("shop::Queue::peek", "self.list[self.at]")], "");
    assert!(found.contains(&"Queue::has_more".to_owned()), "{found:?}");
}

#[test]
fn a_closure_s_value_comes_from_what_it_is_mapped_over() {
    let text = "
pub fn all(list: &[u32]) -> Vec<u32> {
    places(list).map(|at| list[at]).collect()
}

fn places(list: &[u32]) -> std::ops::RangeInclusive<usize> {
    0..=list.len()
}
";
    let found = named(text, OUT_OF_BOUNDS, &[("shop::all::{{closure}}", "list[at]")], "");
    assert_eq!(found, ["all", "places"]);
}

#[test]
fn a_frame_at_a_macro_is_found_by_its_name() {
    let text = "
macro_rules! checked {
    ($list:expr, $at:expr) => {
        $list[$at]
    };
}

pub fn third(list: &[u32]) -> u32 {
    checked!(list, 3)
}
";
    let found = named(text, OUT_OF_BOUNDS, &[("shop::third", "$list[$at]")], "");
    assert_eq!(found, ["third"]);
}

#[test]
fn an_iterator_that_lies_about_its_length_is_named_where_only_the_library_is_on_the_stack() {
    let text = "
pub struct Names { inner: std::vec::IntoIter<String>, left: usize }

impl Iterator for Names {
    type Item = String;
    fn next(&mut self) -> Option<String> {
        self.inner.next()
    }
    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

pub struct Honest(Names);

impl Iterator for Honest {
    type Item = String;
    fn next(&mut self) -> Option<String> {
        self.0.next()
    }
    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}
";
    let more = "   1: <core::iter::adapters::zip::Zip<A,B> as core::iter::adapters::zip::ZipImpl<A,B>>::next_back\n             at /rustc/59807616/library/core/src/iter/adapters/zip.rs:203:22\n";
    let found = named(text, "internal error: entered unreachable code", &[], more);
    // It says how many are left, and taking one does not change that.
    assert_eq!(found, ["<Names as Iterator>::next", "<Names as Iterator>::size_hint"]);
}

#[test]
fn without_a_frame_the_program_s_own_words_lead_to_who_says_them() {
    let text = "
pub fn open(path: &str) {
    if path.is_empty() {
        refuse(path);
    }
}

fn refuse(path: &str) {
    panic!(\"the drawer has no such compartment: {path}\");
}
";
    let found = named(text, "the drawer has no such compartment: 7", &[], "");
    assert_eq!(found, ["refuse"]);
}

#[test]
fn a_check_of_what_was_given_moves_the_blame_to_who_gave_it() {
    let text = "
pub fn report(list: &[u32]) -> u32 {
    let at = list.len();
    nth(list, at)
}

fn nth(list: &[u32], at: usize) -> u32 {
    if at >= list.len() {
        panic!();
    }
    list[at]
}
";
    let found = named(
        text,
        "explicit panic",
        &[("shop::nth", "panic!()"), ("shop::report", "nth(list, at)")],
        "",
    );
    assert_eq!(found[0], "report", "{found:?}");
}

#[test]
fn who_made_the_variant_that_was_taken_apart_is_named() {
    let text = "
pub enum Part { Whole, Cut(usize) }

pub fn cut_at(list: &[u32]) -> Part {
    Part::Cut(list.len())
}

pub fn first(list: &[u32], part: &Part) -> u32 {
    match part {
        Part::Whole => 0,
        Part::Cut(at) => list[*at],
    }
}
";
    let found = named(text, OUT_OF_BOUNDS, &[("shop::first", "list[*at]")], "");
    assert_eq!(found, ["first", "cut_at"]);
}

#[test]
fn a_frame_whose_line_moved_is_found_by_its_function() {
    let text = "
pub struct Shelf { list: Vec<u32>, at: usize }

impl Shelf {
    pub fn size(&self) -> usize {
        self.list.len()
    }

    pub fn current(&self) -> u32 {
        self.list[self.at]
    }

    pub fn forward(&mut self) {
        self.at += 2;
    }
}
";
    // The line of another function: the program was built from a revision with two lines fewer.
    let found = named(text, OUT_OF_BOUNDS, &[("shop::Shelf<T>::current", "self.list.len()")], "");
    assert_eq!(found[0], "Shelf::current");
    assert!(found.contains(&"Shelf::forward".to_owned()), "{found:?}");
    // A closure's frame stands in its function.
    let found =
        named(text, OUT_OF_BOUNDS, &[("shop::Shelf::size::{{closure}}", "self.list.len()")], "");
    assert_eq!(found[0], "Shelf::size");
}

#[test]
fn only_what_was_given_for_the_failing_value_counts_at_a_caller() {
    let text = "
pub fn report(list: &[u32]) -> u32 {
    nth(loaded(list), chosen(list))
}

fn nth(list: &[u32], at: usize) -> u32 {
    assert!(at < 3);
    list[at]
}

fn loaded(list: &[u32]) -> &[u32] {
    list
}

fn chosen(list: &[u32]) -> usize {
    list.len()
}
";
    let found = named(
        text,
        "assertion failed: at < 3",
        &[("shop::nth", "assert!(at < 3)"), ("shop::report", "nth(loaded(list)")],
        "",
    );
    assert!(found.contains(&"chosen".to_owned()), "{found:?}");
    assert!(!found.contains(&"loaded".to_owned()), "{found:?}");
}

#[test]
fn who_makes_and_who_changes_the_failing_type_fill_the_places_that_are_left() {
    let text = "
pub struct Till(Vec<u32>);

impl Till {
    pub fn with_coins(count: u32) -> Self {
        Self((0..count).collect())
    }

    pub fn sort(&mut self) {
        self.0.sort();
    }

    pub fn look(&self) -> usize {
        1
    }

    pub fn open(&self) {
        panic!(\"the till is stuck\");
    }
}
";
    let found = named(text, "the till is stuck", &[("shop::Till::open", "panic!")], "");
    assert_eq!(found, ["Till::open", "Till::with_coins", "Till::sort"]);
}
