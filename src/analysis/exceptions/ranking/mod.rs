//! Which functions may have to change, best first.
//!
//! The function that failed is the likeliest, and each caller less likely than the one inside it, unless
//! what failed was a **contract**: a function that raises because of what it was given. Then the blame
//! moves on to the caller, and from a caller that only passes its arguments on to the next. At each of
//! these places the functions that made the failing values may be to blame as well, and so may those
//! that write the attributes in it, and those that were to put in the key that is missing.

mod board;
mod contract;
mod writers;

use self::board::Board;
use super::findings::{Code, Findings, read_call};
use super::sites::{Site, Sites};
use super::subject::Subject;
use crate::domain::analysis::Candidate;
use crate::source::script::functions::Function;
use crate::source::script::library::{Library, is_test};

/// Frames whose functions are looked into; further ones hardly ever are to blame.
const MAX_DEPTH: usize = 12;

/// Frames whose values are followed.
const MAX_FOLLOWED: usize = 3;

/// What a caller inherits of the weight of what it calls, and how much more where that was a contract.
const INHERITED: f64 = 0.45;
const INHERITED_FROM_CONTRACT: f64 = 0.55;

/// The part of a place's weight that functions have which made its values: the first, and the others.
const MADE_IT: f64 = 0.46;
const TOOK_PART: f64 = 0.28;

/// What is left of it one call further.
const FURTHER: f64 = 0.4;

/// The part that functions have which write the attributes in the failing expression, all together.
const WRITES: f64 = 0.5;

/// What is left of the weight of a function that only runs in tests.
const OF_A_TEST: f64 = 0.02;

/// The weight of the frames of the other exceptions of a chain.
const CHAINED: f64 = 0.35;

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
    for chained in &sites.chained {
        walk(&mut board, &mut known, chained, None, CHAINED, subject, library);
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
    first: Option<&Code>,
    weight: f64,
    subject: &Subject,
    library: &Library<'_>,
) {
    let mut weight = weight;
    let mut inner: Option<Function> = None;
    let mut passed = 0;
    for (depth, site) in sites.iter().enumerate() {
        let made;
        let code = match first.filter(|_| depth == 0) {
            Some(code) => Some(code),
            None => {
                made = at_call(site, inner.as_ref(), library);
                made.as_ref()
            }
        };
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
        board.add(
            &site.path,
            site.line,
            name.as_deref(),
            weight * test * (1.0 - blame),
            why.to_owned(),
        );
        if let Some(code) = code.filter(|_| passed <= MAX_FOLLOWED) {
            let part = weight * test * (0.6 + 0.4 * blame);
            add_makers(board, code, part, inner.as_ref());
            add_module(board, code, part * OF_MODULE);
            writers::of_attributes(board, code, library, weight * test * WRITES);
        }
        weight *= INHERITED + INHERITED_FROM_CONTRACT * blame;
        inner = code.and_then(Code::function).cloned();
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

fn add_makers(board: &mut Board, code: &Code, weight: f64, inner: Option<&Function>) {
    let is_inner = |name: &str| inner.is_some_and(|inner| inner.name == name);
    let makers = code.callees.iter().filter(|callee| !is_inner(callee.name()));
    for (index, callee) in makers.enumerate() {
        let part = if index == 0 { MADE_IT } else { TOOK_PART / (index as f64).sqrt() };
        let part = part * if callee.hop > 1 { FURTHER } else { 1.0 };
        // A call that may mean several functions says less of each.
        let part = part / (callee.choices.max(1) as f64).sqrt();
        let why = match callee.hop {
            1 => format!("The failing value goes through {}.", callee.name()),
            _ => {
                format!("What the failing value goes through returns what {} gives.", callee.name())
            }
        };
        board.add(&callee.found.path, callee.line, Some(callee.name()), weight * part, why);
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
            board.add(&code.path, line, None, weight, why);
            return;
        }
    }
}

/// What a caller's call is made from.
fn at_call(site: &Site, inner: Option<&Function>, library: &Library<'_>) -> Option<Code> {
    let file = library.file(&site.path)?.ok()?;
    site.line_exists.then(|| read_call(&file, site, inner, library))
}
