//! Comments that give orders to tools (checkers, linters, formatters, bundlers, coverage), and what they
//! stand on. They must stay where they are in the code, not in the text: a formatter may move a line, but
//! not what an order is about.
//!
//! Where is counted in tokens that mean something: layout (white space, and brackets, commas and
//! semicolons that the syntax tree swallows) does not count, so that equal trees have equal counts.

use std::ops::Range;

use crate::domain::fix::ProvedClass;
use crate::domain::verdict::VerdictPart;

/// What is known of a text's tokens.
pub(super) struct Tokens {
    /// The tokens that mean something, in order, in bytes.
    pub(super) meaning: Vec<Range<usize>>,
    /// The comments, in order, in bytes.
    pub(super) comments: Vec<Range<usize>>,
    /// Where statements begin, at any depth, in order.
    pub(super) statements: Vec<usize>,
}

/// What an order is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// The text of its line, or of the next: compilers and type checkers count lines.
    Line,
    /// The statements on its line, or on the next, however they are laid out: linters, coverage.
    Statement,
}

/// An order, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Anchor {
    /// The comment.
    text: String,
    /// Tokens before it.
    before: usize,
    /// The first and the last statement that its line, and the next line that has any token, belong to.
    statements: [usize; 4],
    /// For [`Reach::Line`]: tokens before its line, to the line's end, and to that of the next.
    lines: Option<[usize; 3]>,
}

/// The orders of a text outside of some stretches of it, as if these were not there.
fn anchors(
    code: &str,
    tokens: &Tokens,
    left_out: &[Range<usize>],
    order: impl Fn(&str) -> Option<Reach>,
) -> Vec<Anchor> {
    let outside = |at: &usize| !left_out.iter().any(|part| part.contains(at));
    let starts: Vec<usize> =
        tokens.meaning.iter().map(|token| token.start).filter(outside).collect();
    let statements: Vec<usize> = tokens.statements.iter().copied().filter(outside).collect();
    let count = |end: usize| starts.partition_point(|start| *start < end);
    // The statement that a token is of.
    let of = |token: Option<&usize>| {
        token.map_or(0, |at| statements.partition_point(|start| start <= at))
    };
    let comments = tokens.comments.iter().filter(|comment| outside(&comment.start));
    let orders = comments.filter_map(|comment| Some((comment, order(&code[comment.clone()])?)));
    orders
        .map(|(comment, reach)| {
            let line = line_around(code, comment);
            let (from, to) = (count(line.start), count(line.end));
            // The line below that has tokens.
            let next = starts.get(to).map_or(to, |start| count(line_end(code, *start)));
            let ends = |from: usize, to: usize| match from < to {
                true => [of(starts.get(from)), of(starts.get(to - 1))],
                false => [0, 0],
            };
            let [first, last] = match code[line.start..comment.start].trim().is_empty() {
                // Behind brackets only: the statement that they end.
                false if from == to => [of(starts.get(to.wrapping_sub(1))); 2],
                _ => ends(from, to),
            };
            let [next_first, next_last] = ends(to, next);
            Anchor {
                text: squeezed(&code[comment.clone()]),
                before: count(comment.start),
                statements: [first, last, next_first, next_last],
                lines: (reach == Reach::Line).then_some([from, to, next]),
            }
        })
        .collect()
}

/// Says that two texts with equal trees are laid out differently, if their orders stand where they stood.
pub(super) fn equal_trees(
    before: (&str, &Tokens),
    after: (&str, &Tokens),
    order: impl Fn(&str) -> Option<Reach>,
) -> Result<Vec<VerdictPart>, String> {
    refuse_moved((before, &[]), (after, &[]), order)?;
    let count = before.1.meaning.len();
    Ok(vec![VerdictPart {
        class: ProvedClass::Style,
        rule: "style.trees_equal".to_owned(),
        proof: format!(
            "the syntax trees of the {count} tokens are equal, and the comments that give orders stand where they stood"
        ),
    }])
}

/// A text with its tokens, and the stretches of it that are left out.
type Part<'a> = ((&'a str, &'a Tokens), &'a [Range<usize>]);

/// Refuses orders that do not stand where they stood.
pub(super) fn refuse_moved(
    before: Part<'_>,
    after: Part<'_>,
    order: impl Fn(&str) -> Option<Reach>,
) -> Result<(), String> {
    let of = |((code, tokens), left_out): Part<'_>| anchors(code, tokens, left_out, &order);
    if of(before) == of(after) {
        return Ok(());
    }
    Err("a comment that a tool reads as an order changed, or what it stands on".to_owned())
}

/// The orders within a stretch of a text: each with the tokens of its line, sorted; none, if it stands on a
/// line of its own.
pub(super) fn within(
    code: &str,
    tokens: &Tokens,
    part: &Range<usize>,
    order: impl Fn(&str) -> Option<Reach>,
) -> Vec<(String, Vec<String>)> {
    let mut found: Vec<(String, Vec<String>)> = tokens
        .comments
        .iter()
        .filter(|comment| {
            part.contains(&comment.start) && order(&code[(*comment).clone()]).is_some()
        })
        .map(|comment| {
            let line = line_around(code, comment);
            let on_line = tokens.meaning.iter().filter(|token| line.contains(&token.start));
            let words = on_line.map(|token| code[token.clone()].to_owned()).collect();
            (squeezed(&code[comment.clone()]), words)
        })
        .collect();
    found.sort();
    found
}

/// A comment with each run of white space as one: formatters indent the lines of a comment anew.
fn squeezed(comment: &str) -> String {
    comment.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// From the start of the line on which `part` begins to the end of the one on which it ends.
fn line_around(code: &str, part: &Range<usize>) -> Range<usize> {
    let start = code[..part.start].rfind('\n').map_or(0, |at| at + 1);
    start..line_end(code, part.end)
}

/// The end of the line that `at` is on.
pub(super) fn line_end(code: &str, at: usize) -> usize {
    code[at..].find('\n').map_or(code.len(), |length| at + length)
}
