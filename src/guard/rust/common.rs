//! What two token lists have in common at their start and end, in whole items: parsed once, it need not
//! be parsed again.

use super::known;
use super::lex::{Kind, Tokens};

/// How many tokens at the start and at the end are the same in both lists and hold only whole items.
pub(super) fn items(before: &Tokens<'_>, after: &Tokens<'_>) -> (usize, usize) {
    let (old, new) = (before.list.len(), after.list.len());
    let shortest = old.min(new);
    let start = (0..shortest).take_while(|at| same(before, *at, after, *at)).count();
    if start == old && start == new {
        return (start, 0);
    }
    let borders = borders(before);
    let fitting = borders.partition_point(|border| *border <= start);
    let head = fitting.checked_sub(1).map_or(0, |at| borders[at]);
    let end = (0..shortest - head)
        .take_while(|back| same(before, old - 1 - back, after, new - 1 - back))
        .count();
    let first = borders.partition_point(|border| *border < old - end);
    let tail = borders.get(first).map_or(0, |border| old - border);
    // An inner attribute or doc comment may only start a whole file.
    let inner = after.at(head).starts_with("//!")
        || after.at(head).starts_with("/*!")
        || after.at(head) == "#" && after.at(head + 1) == "!";
    if inner { (0, tail) } else { (head, tail) }
}

/// Whether two tokens are the same, with how they are joined to the one before.
fn same(before: &Tokens<'_>, l: usize, after: &Tokens<'_>, r: usize) -> bool {
    before.kind(l) == after.kind(r)
        && before.at(l) == after.at(r)
        && (before.kind(l) != Some(Kind::Punct) || joined(before, l) == joined(after, r))
}

fn joined(tokens: &Tokens<'_>, at: usize) -> bool {
    let byte = |at: usize| tokens.at(at).bytes().next().unwrap_or(0);
    at.checked_sub(1).is_some_and(|last| {
        tokens.kind(last) == Some(Kind::Punct)
            && tokens.gap(at).is_empty()
            && known::glues(byte(last), byte(at))
    })
}

/// The positions between two items of the file: after a `;`, and after a `}` that something follows
/// which can only start an item.
fn borders(tokens: &Tokens<'_>) -> Vec<usize> {
    let mut borders = Vec::new();
    let mut at = 0;
    while at < tokens.list.len() {
        if tokens.kind(at) == Some(Kind::Open) {
            at = tokens.partner(at);
        }
        let next = at + 1;
        let starts_item = || {
            next == tokens.list.len()
                || tokens.at(next) == "#"
                || tokens.kind(next) == Some(Kind::Doc)
                || matches!(
                    tokens.at(next),
                    "pub"
                        | "fn"
                        | "struct"
                        | "enum"
                        | "impl"
                        | "mod"
                        | "use"
                        | "const"
                        | "static"
                        | "trait"
                        | "type"
                        | "unsafe"
                        | "extern"
                        | "async"
                        | "macro_rules"
                )
        };
        if tokens.at(at) == ";" || tokens.at(at) == "}" && starts_item() {
            borders.push(next);
        }
        at = next;
    }
    borders
}
