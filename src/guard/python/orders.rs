//! What in Python's comments and literals is more than a remark.

use ruff_python_ast::token::TokenKind;

use super::side::Side;
use crate::guard::anchors::Reach;

/// What a comment holds that type checkers take for an order: they count lines.
const OF_LINES: &[&str] = &["type:", "mypy:", "pyright:", "pyre-", "pyrefly:", "pytype:", "ty:"];

/// What a comment holds that other tools take for an order: linters, formatters, coverage,
/// security scanners, editors that cut a file into cells.
const ORDERS: &[&str] = &[
    "noqa",
    "nopep8",
    "fmt:",
    "yapf",
    "isort:",
    "autopep8:",
    "pylint:",
    "pylint disable",
    "flake8",
    "ruff:",
    "nosec",
    "nosemgrep",
    "nosonar",
    "noinspection",
    "pragma:",
    "pragma no",
    "cov:",
    "doctest:",
    "cython:",
    "distutils:",
    "sourcery",
    "codespell",
    "cspell",
    "lgtm",
    "skipcq",
    "nolint",
    "gitleaks",
    "trufflehog",
    "coverage:",
    "pyflakes:",
    "vulture:",
    "pyupgrade:",
    "vim:",
    "-*-",
    "%%",
    "in[",
    "<codecell>",
];

/// Whether a comment gives an order, and what it is about.
pub(super) fn order(comment: &str) -> Option<Reach> {
    let lower = comment.to_lowercase();
    let holds = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    if holds(OF_LINES) {
        return Some(Reach::Line);
    }
    holds(ORDERS).then_some(Reach::Statement)
}

/// Refuses changes to comments and literals whose text is data: the block of a script that names what it
/// needs (PEP 723), and template strings, whose expressions' texts a program can see (PEP 750).
pub(super) fn refuse_data(before: &Side<'_>, after: &Side<'_>) -> Result<(), String> {
    let blocks = |side: &Side<'_>| -> Vec<String> {
        let comments = side.tokens.comments.iter().map(|comment| &side.code[comment.clone()]);
        let lines: Vec<String> = comments.map(|line| line.trim_end().to_owned()).collect();
        match lines.iter().any(|line| line.starts_with("# ///")) {
            true => lines,
            false => Vec::new(),
        }
    };
    if blocks(before) != blocks(after) {
        return Err("a comment changed in a file whose comments name what it needs".to_owned());
    }
    let templates = |side: &Side<'_>| -> Vec<String> {
        let (mut found, mut starts) = (Vec::new(), Vec::new());
        for (at, is_start) in template_ends(side) {
            match (is_start, starts.pop()) {
                (true, open) => {
                    starts.extend(open);
                    starts.push(at);
                }
                (false, Some(start)) => found.push(side.code[start..at].to_owned()),
                (false, None) => {}
            }
        }
        found
    };
    if templates(before) != templates(after) {
        return Err("a template string changed, whose text a program can see".to_owned());
    }
    Ok(())
}

/// Where template strings begin and end, in order.
fn template_ends(side: &Side<'_>) -> Vec<(usize, bool)> {
    let starts = side.of_kind(|kind| kind == TokenKind::TStringStart);
    let ends = side.of_kind(|kind| kind == TokenKind::TStringEnd);
    let mut all: Vec<(usize, bool)> = starts.iter().map(|one| (one.start, true)).collect();
    all.extend(ends.iter().map(|one| (one.end, false)));
    all.sort_unstable();
    all
}
