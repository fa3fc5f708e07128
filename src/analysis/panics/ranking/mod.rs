//! Which functions may have to change, best first.
//!
//! The function that failed is the likeliest, and each caller less likely than the one inside it, unless
//! what failed was a **contract**: a function that only checks, or only works on, what it was given
//! (`Span::new_unchecked`, `Add::add`, whatever says `# Panics`). Then the blame moves on to the caller,
//! and from a caller that only passes its arguments on to the next. At each of these places the functions
//! that took part in the failing values may be to blame as well (`flow`), those of which these got theirs,
//! and those that write the fields in it (`writers`). Where nothing of the crate is on the stack, what the
//! message shows (`made`) and what the standard library relied on (`traits`) are all there is.

mod at;
mod contract;
mod flow;
mod kin;
mod made;
mod traits;
mod writers;
mod writes;

#[cfg(test)]
mod tests;

use self::at::{at_call, at_line};
use self::flow::How;
use self::writers::Stack;
use super::explain::quoted_code;
use super::findings::{Code, Findings, read, result_of};
use super::sites::Sites;
use super::{borrows::HeldBorrow, explain};
use crate::analysis::board::{Board, Place};
use crate::domain::analysis::Candidate;
use crate::domain::event::Frame;
use crate::source::rust::callees::{Call, Library};
use crate::source::rust::calls::calls_before;
use crate::source::rust::functions::{enclosing_line, functions};

/// Frames whose functions are looked into; further ones hardly ever are to blame.
const MAX_DEPTH: usize = 12;

/// Frames of which what took part in their values is looked for.
const MAX_LOOKED_INTO: usize = 5;

/// What a caller inherits of the weight of what it calls, and how much more where that was a contract.
const INHERITED: f64 = 0.45;
/// … and the caller's callers: they are to blame less often than what took part in the values.
const INHERITED_FURTHER: f64 = 0.4;
const INHERITED_FROM_CONTRACT: f64 = 0.55;

/// What the nearest caller has more that can return an error, where the function that failed cannot.
const COULD_REFUSE: f64 = 0.2;
/// … and how much more where that was a contract.
const COULD_REFUSE_CONTRACT: f64 = 0.4;

/// The part that functions have which write the fields in the failing expression, all together.
const WRITES_FIELD: f64 = 0.5;

/// … and which make the variants that it takes apart.
const MAKES_VARIANT: f64 = 0.3;

/// The part that is left for those that a function which took part got its own value from, and how small a
/// part is not followed any further.
const GOT_IT_FROM: f64 = 0.45;
const MIN_FOLLOWED: f64 = 0.12;

/// The weight of functions that make what the message shows, all together.
const MADE_ERROR: f64 = 0.8;

/// The part of a maker's weight that is spread over those who decided that the error was made.
const DECIDED_IT: f64 = 1.0;

/// The weight of implementations that the standard library relied on, all together.
const RELIED_ON: f64 = 1.0;

/// What is left of the weight of a function that only runs in tests.
const OF_A_TEST: f64 = 0.02;

/// Ranks. `frames` are all of the panic's frames, the innermost first.
pub(super) fn candidates(
    findings: &Findings,
    frames: &[Frame],
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
    let stack = stack(sites, library);
    let mut weight = 1.0;
    let mut refused = false;
    let mut first_blame = 0.0;
    let mut inner: Option<String> = None;
    let mut inner_code: Option<Code> = None;
    let mut known: Vec<(String, Option<String>)> = Vec::new();
    for (depth, site) in sites.list.iter().enumerate() {
        let around = match depth {
            0 => None,
            _ => {
                let from = if depth == 1 { findings.code.as_ref() } else { inner_code.as_ref() };
                at_call(site, inner.as_deref(), from, library)
            }
        };
        let code = if depth == 0 { findings.code.as_ref() } else { around.as_ref() };
        let name = code.map(|code| code.function_name.clone()).or_else(|| site.function.clone());
        let here = (site.path.clone(), name.clone());
        // A closure and its function, or a recursion, is one place.
        if known.contains(&here) || !site.line_exists && depth > 0 {
            continue;
        }
        known.push(here);
        let blame = code.map_or(0.0, |code| contract::strength(code, &findings.class, depth == 0));
        let is_test = code.is_some_and(|code| contract::is_of_a_test(code, &site.path));
        let test = if is_test { OF_A_TEST } else { 1.0 };
        let why = why(depth, blame, &findings.class);
        let place = Place { file: &site.path, line: site.line, function: name.as_deref() };
        if depth == 0 {
            first_blame = blame;
        }
        let mut own = weight * (1.0 - blame);
        if code.is_some_and(contract::can_refuse) && !refused {
            // The nearest function that could have refused, where the one that failed could not.
            own +=
                if depth == 0 { 0.0 } else { COULD_REFUSE + COULD_REFUSE_CONTRACT * first_blame };
            refused = true;
        }
        board.add(place, own * test, why);
        if let Some(code) = code
            && known.len() <= MAX_LOOKED_INTO
        {
            let from = From { stack: &stack, library };
            // Where a check of what was given failed, what it asks is hardly wrong.
            let made = match depth == 0 && contract::checks_what_was_given(code) {
                true => weight * 0.6 * (1.0 - blame),
                false => weight * (0.6 + 0.4 * blame),
            };
            from.add(&mut board, code, &site.path, inner.as_deref(), made, 0);
            code.with_function(|function| {
                kin::add(&mut board, &code.file, &site.path, function, weight * test, &stack);
            });
        }
        let inherited = if depth == 0 { INHERITED } else { INHERITED_FURTHER };
        weight *= inherited + INHERITED_FROM_CONTRACT * blame;
        inner = name;
        if depth > 0 {
            inner_code = around;
        }
        if known.len() == MAX_DEPTH {
            break;
        }
    }
    for maker in made::add(&mut board, &findings.class, library, MADE_ERROR) {
        // Who decided that it was made.
        if let Some(code) = at_line(&maker, library) {
            let from = From { stack: &stack, library };
            from.add(&mut board, &code, &maker.path, None, maker.weight * DECIDED_IT, 0);
        }
    }
    if sites.list.is_empty() {
        made::add_sayers(&mut board, &findings.class, library, MADE_ERROR);
    }
    traits::add(&mut board, &findings.class, frames, library, RELIED_ON);
    board.best()
}

/// Who is known to have run.
fn stack(sites: &Sites, library: &Library<'_>) -> Stack {
    let mut stack = Stack::default();
    for site in sites.list.iter().take(MAX_DEPTH) {
        let Some(Ok(file)) = library.file(&site.path) else { continue };
        let Some(function) = enclosing_line(&file, site.line) else { continue };
        for Call { name, owner, .. } in
            calls_before(function.block, usize::MAX).into_iter().map(|site| site.call)
        {
            let owner = owner.as_deref().map(|owner| match owner {
                "Self" => function.self_type.as_deref().unwrap_or("Self"),
                other => other,
            });
            stack.called.extend(owner.map(|owner| format!("{owner}::{name}")));
            stack.called.insert(name);
        }
        stack.functions.insert(function.name);
    }
    stack
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

/// Where the values at a place come from.
struct From<'a> {
    stack: &'a Stack,
    library: &'a Library<'a>,
}

impl From<'_> {
    /// Adds the functions that took part in the values at `code`, and those that write the fields in it.
    fn add(
        &self,
        board: &mut Board,
        code: &Code,
        path: &str,
        inner: Option<&str>,
        weight: f64,
        hops: usize,
    ) {
        writers::add(board, code, path, self.library, weight * WRITES_FIELD, self.stack);
        writers::add_makers(board, code, path, self.library, weight * MAKES_VARIANT, self.stack);
        for part in flow::parts(code, path, inner, self.library) {
            let place = Place { file: &part.path, line: part.line, function: Some(&part.name) };
            let head = quoted_code(part.file.line(part.line).unwrap_or_default());
            let why = match part.how {
                How::Computes | How::Iterates => {
                    format!("The failing value goes through {} ({head}).", part.name)
                }
                How::Decides => {
                    format!("{} decides whether the failing line is reached ({head}).", part.name)
                }
                How::Looked => format!("{} was given the same values before ({head}).", part.name),
                How::Changes => {
                    format!("{} may change what the failing line reads ({head}).", part.name)
                }
            };
            let test = contract::is_named_a_test(&part.path, &part.name);
            board.add(place, weight * part.share * if test { OF_A_TEST } else { 1.0 }, why);
            if hops == 0
                && part.share >= MIN_FOLLOWED
                && let Some(result) = at_result(&part, self.library)
            {
                self.add(
                    board,
                    &result,
                    &part.path,
                    None,
                    weight * part.share * GOT_IT_FROM,
                    hops + 1,
                );
            }
        }
    }
}

/// What a function gives back is made from.
fn at_result(part: &flow::Part, library: &Library<'_>) -> Option<Code> {
    let all = functions(&part.file);
    let failing = result_of(all.get(part.index)?)?;
    read(&part.file, &part.path, part.index, &part.name, Some(failing), 1, library)
}
