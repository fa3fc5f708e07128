//! Which functions may have to change, best first.
//!
//! The function that failed is the likeliest, and each caller less likely than the one inside it, unless
//! what failed was a **contract**: a function that raises because of what it was given. Then the blame
//! moves on to the caller, and from a caller that only passes its arguments on to the next. At each of
//! these places the functions that made the failing values may be to blame as well, and so may those
//! that write the attributes in it, those that decided that it was reached, and those that were to put in
//! the key that is missing. At a caller only what was given for the failing value counts in full.

mod contract;
mod writers;

use std::rc::Rc;

use super::findings::{Code, Findings, read_call};
use super::sites::{Site, Sites};
use super::subject::Subject;
use crate::analysis::board::{Board, Place};
use crate::domain::analysis::Candidate;
use crate::source::script::library::{Library, is_test};

/// Frames whose functions are looked into; further ones hardly ever are to blame.
const MAX_DEPTH: usize = 12;

/// Frames whose values are followed.
const MAX_FOLLOWED: usize = 4;

/// What a caller inherits of the weight of what it calls, and how much more where that was a contract. Of
/// faults that are not where they show, about every second is in one of the callers, and often not the
/// first: frames keep their places unless something points elsewhere.
const INHERITED: f64 = 0.75;
const INHERITED_FROM_CONTRACT: f64 = 0.3;

/// The part of a frame's weight that what took part in its values is measured by, and how much more there is
/// where the frame itself is a contract.
const MADE_HERE: f64 = 0.7;
const MADE_BEFORE_CONTRACT: f64 = 0.5;

/// What is left of it at a caller of which no argument led on to the failing value.
const STRAYS: f64 = 0.6;

/// The part that functions have which made the values: the first, and the others.
const MADE_IT: f64 = 0.69;
const TOOK_PART: f64 = 0.42;

/// What is left of it one call further.
const FURTHER: f64 = 0.2;

/// One thing alone that points elsewhere does not outweigh a frame that is no contract.
const AT_MOST: f64 = 0.95;

/// How much more one counts that can give nothing, where there was nothing.
const GIVES_NOTHING: f64 = 2.3;

/// The part that functions have which write the attributes in the failing expression, all together.
const WRITES: f64 = 1.0;

/// What is left of the weight of a function that only runs in tests.
const OF_A_TEST: f64 = 0.02;

/// The weight of the frames of the other exceptions of a chain.
const CHAINED: f64 = 0.35;

/// … of the other members of a group: each went wrong by itself.
const BESIDE: f64 = 0.9;

/// The part of a place's weight that functions have which decided that it was reached.
const DECIDED: f64 = 0.5;

/// The weight of a module's own code that gives a name its value.
const OF_MODULE: f64 = 0.25;

/// Ranks.
pub(super) fn candidates(
    subject: &Subject,
    findings: &Findings,
    sites: &Sites,
    library: &Library<'_>,
) -> Vec<Candidate> {
    let mut board = Board::default();
    let mut known = Vec::new();
    walk(&mut board, &mut known, &sites.list, findings.code.as_ref(), 1.0, subject, library);
    for (chained, is_beside) in &sites.chained {
        let weight = if *is_beside { BESIDE } else { CHAINED };
        walk(&mut board, &mut known, chained, None, weight, subject, library);
    }
    if let Some(site) = &findings.site {
        writers::of_missing(&mut board, &subject.class, &site.path, library);
    }
    board.best()
}

type Known = Vec<(String, Option<String>)>;

/// Goes through the frames of one exception.
fn walk(
    board: &mut Board,
    known: &mut Known,
    sites: &[Site],
    first: Option<&Rc<Code>>,
    weight: f64,
    subject: &Subject,
    library: &Library<'_>,
) {
    let mut weight = weight;
    let mut inner: Option<Rc<Code>> = None;
    let mut passed = 0;
    for (depth, site) in sites.iter().enumerate() {
        let code = match first.filter(|_| depth == 0) {
            Some(code) => Some(Rc::clone(code)),
            None => at_call(site, inner.as_deref(), library).map(Rc::new),
        };
        let code = code.as_ref();
        let name =
            code.map_or_else(|| site.function.clone(), |code| code.name().map(str::to_owned));
        let here = (site.path.clone(), name.clone());
        // A recursion is one place.
        if known.contains(&here) || !site.line_exists && depth > 0 {
            continue;
        }
        known.push(here);
        passed += 1;
        let failed = depth == 0 && first.is_some();
        let blame = code.map_or(0.0, |code| contract::strength(code, failed));
        let test = if is_test(&site.path) { OF_A_TEST } else { 1.0 };
        let why = why(depth, blame, subject.class.upstream);
        let place = Place { file: &site.path, line: site.line, function: name.as_deref() };
        board.add(place, weight * test * (1.0 - blame), why.to_owned());
        if let Some(code) = code.filter(|_| passed <= MAX_FOLLOWED) {
            let strays = if depth > 0 && !code.follows { STRAYS } else { 1.0 };
            let part = weight * test * strays * (MADE_HERE + MADE_BEFORE_CONTRACT * blame);
            let most = weight * test * AT_MOST;
            add_makers(board, code, (part, most), inner.as_deref(), subject.class.nothing);
            for (index, callee) in code.deciders.iter().take(4).enumerate() {
                let function = Some(callee.name());
                let place = Place { file: &callee.found.path, line: callee.line, function };
                let why = format!("{} decides whether the failing line is reached.", callee.name());
                board.add(place, part * DECIDED / (1 + index) as f64, why);
            }
            add_module(board, code, part * OF_MODULE);
            writers::of_attributes(board, code, library, part * WRITES, subject.class.nothing);
        }
        weight *= INHERITED + INHERITED_FROM_CONTRACT * blame;
        inner = code.filter(|code| code.function.is_some()).cloned();
        if passed == MAX_DEPTH {
            break;
        }
    }
}

fn why(depth: usize, blame: f64, upstream: bool) -> &'static str {
    match depth {
        0 if blame > contract::MOVES_ON => {
            "Detected here, in what it was given; the cause is rather where that comes from."
        }
        0 if upstream => "Detected here; the cause may be upstream.",
        0 => "The failing expression is here.",
        _ => "Calls the failing function; the value may come from here.",
    }
}

fn add_makers(
    board: &mut Board,
    code: &Code,
    (weight, most): (f64, f64),
    inner: Option<&Code>,
    nothing: bool,
) {
    let is_inner = |name: &str| inner.is_some_and(|inner| inner.name() == Some(name));
    let makers = code.callees.iter().filter(|callee| !is_inner(callee.name()));
    for (index, callee) in makers.enumerate() {
        let part = if index == 0 { MADE_IT } else { TOOK_PART / (index as f64).sqrt() };
        let part = part * FURTHER.powi(i32::from(callee.hop) - 1);
        let part = part * if callee.nothing && nothing { GIVES_NOTHING } else { 1.0 };
        // A call that may mean several functions says less of each.
        let part = part / (callee.choices.max(1) as f64).sqrt();
        let why = match callee.hop {
            1 => format!("The failing value goes through {}.", callee.name()),
            _ => {
                format!("What the failing value goes through returns what {} gives.", callee.name())
            }
        };
        let function = Some(callee.name());
        let place = Place { file: &callee.found.path, line: callee.line, function };
        board.add(place, f64::min(weight * part, most), why);
    }
}

/// Names that neither the function nor its head gives a value: a module's own code may have.
fn add_module(board: &mut Board, code: &Code, weight: f64) {
    if code.function.is_none() {
        return;
    }
    let bound = |name: &String| code.origins.iter().any(|origin| origin.binding.name == *name);
    let free: Vec<&String> = code.uses.names.iter().filter(|name| !bound(name)).collect();
    if free.is_empty() {
        return;
    }
    let all = 0..code.file.text().len();
    let of_module = crate::source::script::flow::bindings(&code.file, &all, None);
    for binding in of_module {
        if free.contains(&&binding.name) && code.file.enclosing(binding.at).is_none() {
            let line = code.file.line_at(binding.at);
            let why = format!("`{}` gets its value here, outside of any function.", binding.name);
            let place = Place { file: &code.path, line, function: None };
            board.add(place, weight, why);
            return;
        }
    }
}

/// What a caller's call is made from.
fn at_call(site: &Site, inner: Option<&Code>, library: &Library<'_>) -> Option<Code> {
    let file = library.file(&site.path)?.ok()?;
    site.line_exists.then(|| read_call(&file, site, inner, library))
}
