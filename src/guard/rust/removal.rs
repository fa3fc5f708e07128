//! Removing imports: only what rustc itself calls unused, in all three ways, and what nothing else in
//! the file names. What remains unseen is code of *other* files that is compiled in none of the three
//! ways (for another system, say) and reaches into this module by `super::`; so a file that declares a
//! module of another file is refused.

use crate::domain::diagnostic::Span;
use crate::domain::facts::{CheckWay, CompilerFacts, RunOutcome};
use crate::domain::fix::ProvedClass;
use crate::domain::verdict::VerdictPart;

use super::imports::Leaf;
use super::lex::{Kind, Tokens};
use super::moves::{Moved, Moves};
use super::region::Region;
use super::side::Side;
use super::syntax::ScopeKind;
use super::{Change, evidence, standard};

/// Proves that every removed import did nothing. The error is what stands in the way.
pub(super) fn prove(
    change: &Change<'_>,
    (before, after): (&Side<'_>, &Side<'_>),
    moves: &Moves,
    code_start: usize,
) -> Result<VerdictPart, String> {
    for removed in &moves.removed {
        let refuse = |why: &str| {
            Err(format!("line {}: the import `{}` {why}", removed.line, removed.leaf.shown()))
        };
        if let Some(why) = refusal_by_text(before, after, removed) {
            return refuse(&why);
        }
    }
    let names = || {
        moves.removed.iter().map(|removed| removed.leaf.shown()).collect::<Vec<_>>().join("`, `")
    };
    let Some(facts) = change.facts else {
        return Err(format!(
            "the removal of `{}` needs what the compiler says before and after (plain, --all-targets, \
             all features), and it was not given",
            names()
        ));
    };
    for way in CheckWay::ALL {
        check_way(change, before, moves, code_start, facts, *way)?;
    }
    Ok(VerdictPart {
        class: ProvedClass::Import,
        rule: "import.remove_unused".to_owned(),
        proof: format!(
            "rustc names `{}` as unused in all three ways, nothing else in the file names it, and the \
             checks pass without it",
            names()
        ),
    })
}

fn refusal_by_text(before: &Side<'_>, after: &Side<'_>, removed: &Moved) -> Option<String> {
    let leaf = &removed.leaf;
    let name = leaf.name();
    let scope = before.syntax.scopes.get(removed.scope)?;
    if scope.kind == ScopeKind::Block {
        return Some("was removed inside a block of code, which is not proved".to_owned());
    }
    if scope.conditional {
        return Some("was removed where a `cfg` decides what is compiled".to_owned());
    }
    if name == "_" || leaf.path.ends_with('}') && !leaf.path.ends_with("::{self}") {
        return Some("was removed, but it is not there for a name".to_owned());
    }
    if !leaf.path.trim_start_matches("::").contains("::") {
        return Some("was removed, but it may be what links a crate".to_owned());
    }
    if before.syntax.module_elsewhere {
        return Some(
            "was removed, but a module in another file may use it under a `cfg`".to_owned(),
        );
    }
    let tokens = &before.tokens;
    if (0..tokens.list.len()).any(|at| tokens.at(at) == "include" && tokens.at(at + 1) == "!") {
        return Some("was removed, but included code may use it".to_owned());
    }
    if !is_plain_standard(leaf) && has_unseen_code(tokens) {
        return Some(
            "was removed, but code under a `cfg` that was not compiled may use it as a trait"
                .to_owned(),
        );
    }
    let at = mention(after, name)?;
    Some(format!("was removed, but `{name}` is named on line {}", after.line(at)))
}

fn is_plain_standard(leaf: &Leaf) -> bool {
    let standard = ["std::", "core::", "alloc::"].iter().any(|root| leaf.path.starts_with(root));
    let path = leaf.path.strip_suffix("::{self}").unwrap_or(&leaf.path);
    let last = path.rsplit("::").next().unwrap_or("");
    standard && standard::PLAIN_STANDARD_NAMES.contains(&last)
}

/// Whether some code of the file may be compiled in none of the three ways.
fn has_unseen_code(tokens: &Tokens<'_>) -> bool {
    (0..tokens.list.len()).any(|at| {
        let word = tokens.at(at);
        if matches!(word, "cfg_if" | "cfg_select" | "cfg_match") {
            return true;
        }
        let open = if tokens.at(at + 1) == "!" { at + 2 } else { at + 1 };
        if !matches!(word, "cfg" | "cfg_attr") || tokens.at(open) != "(" {
            return false;
        }
        let mut depth = 0_usize;
        for inner in open + 1..tokens.partner(open) {
            match tokens.at(inner) {
                "(" => depth += 1,
                ")" => depth = depth.saturating_sub(1),
                "," if depth == 0 && word == "cfg_attr" => return false,
                other
                    if tokens.kind(inner) == Some(Kind::Ident)
                        && !matches!(
                            other,
                            "test" | "feature" | "any" | "all" | "doc" | "docsrs"
                        ) =>
                {
                    return true;
                }
                _ => {}
            }
        }
        false
    })
}

/// The first token of the side that names `name`, be it in a string or in the link of a doc comment.
fn mention(side: &Side<'_>, name: &str) -> Option<usize> {
    let tokens = &side.tokens;
    let name = name.strip_prefix("r#").unwrap_or(name);
    (0..tokens.list.len()).find(|at| {
        let text = tokens.at(*at);
        match tokens.kind(*at) {
            Some(Kind::Ident) => {
                text.strip_prefix("r#").unwrap_or(text) == name && !is_elsewhere(side, *at)
            }
            Some(Kind::Literal) => text.contains(['"']) && has_word(text, name),
            // A link may name it in brackets, in parentheses or after a colon.
            Some(Kind::Doc) => text.contains(['[', ']']) && has_word(text, name),
            _ => false,
        }
    })
}

/// Whether the name at a token cannot be the import's: a field or method, or a later segment of an
/// import from another crate or module.
fn is_elsewhere(side: &Side<'_>, at: usize) -> bool {
    let before = |distance: usize| at.checked_sub(distance).map_or("", |i| side.tokens.at(i));
    if side.places[at].region != Region::Code {
        return false;
    }
    if before(1) == "." {
        return before(2) != ".";
    }
    let from_here = |leaf: &Leaf| {
        matches!(leaf.path.split("::").next(), Some("crate" | "self" | "super" | "Self"))
    };
    before(1) == ":"
        && side
            .syntax
            .uses
            .iter()
            .any(|item| item.tokens.contains(&at) && !item.leaves.iter().any(from_here))
}

fn has_word(text: &str, word: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word).any(|(at, _)| {
        !text[..at].ends_with(is_part) && !text[at + word.len()..].starts_with(is_part)
    })
}

fn check_way(
    change: &Change<'_>,
    before: &Side<'_>,
    moves: &Moves,
    code_start: usize,
    facts: &CompilerFacts,
    way: CheckWay,
) -> Result<(), String> {
    let missing = |when: &str| format!("the removal needs a check ({way}) {when} that passed");
    let passed = |runs| evidence::run(runs, way).filter(|run| run.outcome == RunOutcome::Passed);
    let old = passed(&facts.before).ok_or_else(|| missing("before"))?;
    let new = passed(&facts.after).ok_or_else(|| missing("after"))?;
    let spans: Vec<&Span> = old
        .diagnostics
        .iter()
        .filter(|diagnostic| evidence::is_unused_import(diagnostic))
        .flat_map(|diagnostic| diagnostic.spans.iter().filter(|span| span.is_primary))
        .collect();
    let ranges: Vec<(usize, usize)> = spans
        .iter()
        .filter_map(|span| evidence::code_range(span, change.path, change.before, code_start))
        .collect();
    for removed in &moves.removed {
        if !ranges.iter().any(|range| names_only(before, removed, *range)) {
            return Err(format!(
                "line {}: rustc ({way}) does not name the removed import `{}` as unused",
                removed.line,
                removed.leaf.shown()
            ));
        }
    }
    if let Some(fresh) = evidence::first_new(evidence::said(old), evidence::said(new)) {
        return Err(format!("the check ({way}) after says something new: {}", fresh.message));
    }
    Ok(())
}

/// Whether a range stands inside the leaf's item and covers that leaf and no other.
fn names_only(side: &Side<'_>, removed: &Moved, (start, end): (usize, usize)) -> bool {
    let Some(item) = side.syntax.uses.get(removed.item) else { return false };
    let byte = |at: usize| {
        side.tokens.list.get(at).map(|token| (token.start as usize, token.end as usize))
    };
    let (Some((from, _)), Some((_, to))) = (byte(item.tokens.start), byte(item.tokens.end - 1))
    else {
        return false;
    };
    let covers = |leaf: &Leaf| start < leaf.bytes.end && leaf.bytes.start < end;
    from <= start
        && end <= to
        && start <= removed.leaf.bytes.start
        && removed.leaf.bytes.end <= end
        && item.leaves.iter().filter(|leaf| covers(leaf)).count() == 1
}
