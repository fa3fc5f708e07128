//! Which functions may have to change, best first.
//!
//! The function that failed is the likeliest, and each caller less likely than the one inside it, unless
//! what failed was a **contract**: a function that only checks, or only works on, what it was given
//! (`Span::new_unchecked`, `Add::add`, whatever says `# Panics`). Then the blame moves on to the caller,
//! and from a caller that only passes its arguments on to the next. At each of these places the functions
//! that made the failing values may be to blame as well, and so may those that write the fields in it.

mod board;
mod contract;
mod made;
mod writers;

use std::rc::Rc;

use self::board::{Board, Place};
use super::explain::quoted_code;
use super::findings::{Code, Findings, read};
use super::sites::{Site, Sites};
use super::{borrows::HeldBorrow, explain};
use crate::domain::analysis::Candidate;
use crate::source::rust::callees::Library;
use crate::source::rust::failing::find;
use crate::source::rust::file::RustFile;
use crate::source::rust::functions::{Function, enclosing_line, functions};

/// Frames whose functions are looked into; further ones hardly ever are to blame.
const MAX_DEPTH: usize = 12;

/// What a caller inherits of the weight of what it calls, and how much more where that was a contract.
const INHERITED: f64 = 0.45;
const INHERITED_FROM_CONTRACT: f64 = 0.55;

/// The part of a place's weight that functions have which made its values: the first, and the others.
const MADE_IT: f64 = 0.46;
const TOOK_PART: f64 = 0.28;

/// The part that functions have which write the fields in the failing expression, all together.
const WRITES_FIELD: f64 = 0.5;

/// The weight of functions that make what the message shows, all together.
const MADE_ERROR: f64 = 0.8;

/// What is left of the weight of a function that only runs in tests.
const OF_A_TEST: f64 = 0.02;

/// Ranks.
pub(super) fn candidates(
    findings: &Findings,
    sites: &Sites,
    held: Option<&HeldBorrow>,
    library: &Library<'_>,
) -> Vec<Candidate> {
    let mut board = Board::default();
    if let Some(held) = held {
        let line = held.file.line_at(held.borrow.start);
        let place = Place { file: &held.path, line, function: Some(&held.function) };
        board.add(place, 2.0, "Holds the borrow for too long.".to_owned());
    }
    let mut weight = 1.0;
    let mut inner: Option<String> = None;
    let mut known: Vec<(String, Option<String>)> = Vec::new();
    for (depth, site) in sites.list.iter().enumerate() {
        let code = if depth == 0 { None } else { at_call(site, inner.as_deref(), library) };
        let code = if depth == 0 { findings.code.as_ref() } else { code.as_ref() };
        let name = code.map(|code| code.function_name.clone()).or_else(|| site.function.clone());
        let here = (site.path.clone(), name.clone());
        // A closure and its function, or a recursion, is one place.
        if known.contains(&here) || !site.line_exists && depth > 0 {
            continue;
        }
        known.push(here);
        let blame = code.map_or(0.0, |code| contract::strength(code, &findings.class, depth == 0));
        let test = if code.is_some_and(contract::is_of_a_test) { OF_A_TEST } else { 1.0 };
        let why = why(depth, blame, &findings.class);
        let place = Place { file: &site.path, line: site.line, function: name.as_deref() };
        board.add(place, weight * test * (1.0 - blame), why);
        if let Some(code) = code {
            let direct = depth == 0 || known.len() < 4;
            if direct {
                add_makers(&mut board, code, weight * test * (0.6 + 0.4 * blame), inner.as_deref());
                writers::add(&mut board, code, &site.path, library, weight * test * WRITES_FIELD);
            }
        }
        weight *= INHERITED + INHERITED_FROM_CONTRACT * blame;
        inner = name;
        if known.len() == MAX_DEPTH {
            break;
        }
    }
    made::add(&mut board, &findings.class, library, MADE_ERROR);
    board.best()
}

fn why(depth: usize, blame: f64, class: &crate::domain::panic::PanicClass) -> String {
    match depth {
        0 if blame > contract::MOVES_ON => {
            "Detected here, in what it was given; the cause is rather where that comes from."
        }
        0 if explain::cause_may_be_upstream(class) => "Detected here; the cause may be upstream.",
        0 => "The failing expression is here.",
        _ => "Calls the failing function; the value may come from here.",
    }
    .to_owned()
}

fn add_makers(board: &mut Board, code: &Code, weight: f64, inner: Option<&str>) {
    let makers = code.callees.iter().filter(|callee| Some(callee.name.as_str()) != inner);
    for (index, callee) in makers.enumerate() {
        let part = if index == 0 { MADE_IT } else { TOOK_PART / index as f64 };
        let place = Place { file: &callee.path, line: callee.line, function: Some(&callee.name) };
        let why = format!(
            "The failing value goes through {} ({}).",
            callee.name,
            quoted_code(&callee.head)
        );
        board.add(place, weight * part, why);
    }
}

/// What a caller's call is made from.
fn at_call(site: &Site, inner: Option<&str>, library: &Library<'_>) -> Option<Code> {
    let file: Rc<RustFile> = library.file(&site.path)?.ok()?;
    let function: Function<'_> = enclosing_line(&file, site.line)?;
    let index = functions(&file).iter().position(|one| one.range == function.range)?;
    let mut calls = find(&file, &function, site.line, site.column, super::shapes::anything());
    let short = inner.and_then(|name| name.rsplit("::").next());
    // With no column the call of the function inside is the one.
    if let Some(named) = short.and_then(|short| {
        calls.iter().position(|call| file.slice(call.range.clone()).contains(short))
    }) {
        calls.swap(0, named);
    }
    let choices = calls.len();
    read(&file, &site.path, index, &function.name, calls.into_iter().next(), choices, library)
}
