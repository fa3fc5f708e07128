//! Whether anything in a file names what an import binds: in its code, in texts that look like code, in
//! types that comments name, or in ways that cannot be seen.

use super::imports::Leaf;
use super::side::Side;

/// Words by which code reaches names that it does not spell.
const REACH_ALL: &[&str] = &["eval", "Function", "with"];

/// Refuses to let imports go that something may name.
pub(super) fn refuse_used(path: &str, removed: &[Leaf], after: &Side<'_>) -> Result<(), String> {
    let Some(first) = removed.first() else { return Ok(()) };
    let file = path.rsplit('/').next().unwrap_or(path);
    if file.ends_with(".d.ts") || file.ends_with(".d.mts") || file.ends_with(".d.cts") {
        return Err(format!("{} is gone from a file of declarations", first.shown()));
    }
    let words: Vec<&str> =
        after.tokens.meaning.iter().map(|token| &after.code[token.clone()]).collect();
    if let Some(reach) = words.iter().find(|word| REACH_ALL.contains(word)) {
        return Err(format!("`{reach}` can reach every name of the file"));
    }
    for leaf in removed {
        let name = leaf.local.as_str();
        // A name within a longer token: a template, or a text that is taken apart and run.
        let is_literal = |word: &str| word.starts_with(['"', '\'', '`', '}', '/']);
        let names = |word: &&str| {
            **word == *name
                || is_literal(word) && !word.contains([' ', '/', '-']) && holds_word(word, name)
        };
        if words.iter().any(names) {
            return Err(format!("something in the file names `{name}`"));
        }
        // A name may be spelt with escapes.
        if words.iter().any(|word| !is_literal(word) && word.contains('\\')) {
            return Err("a name in the file is written with escapes".to_owned());
        }
        let comments = after.tokens.comments.iter().map(|comment| &after.code[comment.clone()]);
        if let Some(comment) = comments.into_iter().find(|comment| types_name(comment, name)) {
            let shown: String = comment.chars().take(40).collect();
            return Err(format!("the comment `{}` may name `{name}`", shown.escape_debug()));
        }
    }
    Ok(())
}

/// Whether the braces of a comment hold a name: types in JSDoc.
fn types_name(comment: &str, name: &str) -> bool {
    let mut rest = comment;
    while let Some(open) = rest.find('{') {
        let inner = &rest[open + 1..];
        let close = inner.find('}').unwrap_or(inner.len());
        if holds_word(&inner[..close], name) {
            return true;
        }
        rest = &inner[close..];
    }
    false
}

fn holds_word(text: &str, name: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    !name.is_empty()
        && text.match_indices(name).any(|(at, _)| {
            let before = text[..at].chars().next_back();
            let after = text[at + name.len()..].chars().next();
            !before.is_some_and(is_part) && !after.is_some_and(is_part)
        })
}
