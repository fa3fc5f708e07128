//! What is never automatic, whatever the proof would say.

use super::lex::{Kind, Tokens};
use super::side::Side;
use super::text::{self, Text};
use super::{Change, path, region};

/// What can be said from the path and the bytes.
pub(super) fn refuse_file(change: &Change<'_>) -> Result<(), String> {
    if let Some(why) = path::refusal(change.path) {
        return Err(why);
    }
    if change.before == change.after {
        return Err("nothing changes: the file is the same before and after".to_owned());
    }
    let blank = |bytes: &[u8]| bytes.iter().all(u8::is_ascii_whitespace);
    if blank(change.before) {
        return Err("the file is new or was empty, so there is nothing to compare with".to_owned());
    }
    if blank(change.after) {
        return Err("the change empties the file".to_owned());
    }
    if [change.before, change.after].into_iter().any(text::is_generated) {
        return Err("the head of the file says that a program generates it".to_owned());
    }
    Ok(())
}

/// What can be said from the characters.
pub(super) fn refuse_text(change: &Change<'_>, before: &Text, after: &Text) -> Result<(), String> {
    if before.shebang != after.shebang {
        return Err(
            "line 1: the shebang line changed, which decides how the file is run".to_owned()
        );
    }
    if [before, after].iter().any(|text| text.code.trim_start().starts_with("---")) {
        return Err("the file starts with a manifest, which decides what is built".to_owned());
    }
    if text::directives(&before.code) != text::directives(&after.code) {
        return Err("a comment that a tool reads as an order changed".to_owned());
    }
    let (old, new) = (text::invisible(change.before), text::invisible(change.after));
    if old == new
        && !old.is_empty()
        && text::lines_with_invisible(&before.code) != text::lines_with_invisible(&after.code)
    {
        return Err("a line with invisible or direction-changing characters changed".to_owned());
    }
    if old != new {
        let differing = old.iter().zip(&new).find(|(a, b)| a != b).map(|(_, new)| new);
        let character = differing.or_else(|| new.get(old.len())).or_else(|| old.get(new.len()));
        let code = character.map_or(0, |character| u32::from(*character));
        return Err(format!("invisible or direction-changing characters changed (U+{code:04X})"));
    }
    Ok(())
}

/// What can be said from the tokens of one side.
pub(super) fn refuse_tokens(file: &str, side: &Side<'_>) -> Result<(), String> {
    let tokens = &side.tokens;
    let own_name = file.rsplit('/').next().unwrap_or(file);
    for index in 0..tokens.list.len() {
        let word = tokens.name(index);
        let is_ident = tokens.kind(index) == Some(Kind::Ident);
        let attribute = region::attribute(tokens, index);
        let defines = attribute.is_some_and(|open| {
            (open + 1..tokens.partner(open)).any(|at| tokens.at(at).starts_with("proc_macro"))
        });
        let imports = word == "proc_macro"
            && index > 0
            && matches!(tokens.at(index - 1), "use" | "crate" | "{" | ",");
        if defines || is_ident && imports {
            return Err(format!(
                "line {}: the file belongs to a procedural macro, which runs inside the compiler",
                side.line(index)
            ));
        }
        let reads = is_ident
            && (matches!(word, "include_str" | "include_bytes" | "include")
                && may_read(tokens, index, own_name)
                || word == "file" && tokens.at(index + 1) == "!");
        if reads {
            return Err(format!(
                "line {}: the file may read its own text, which then is data",
                side.line(index)
            ));
        }
    }
    Ok(())
}

/// Whether the word at `index`, the name of a macro that reads a file, may read the file `own_name`: it is
/// handed on, or called with anything but one plain string that names another file, or a path below an
/// environment variable's folder whose last part does.
fn may_read(tokens: &Tokens<'_>, index: usize, own_name: &str) -> bool {
    let Some(open) = region::macro_call(tokens, index) else {
        let before = |distance: usize| index.checked_sub(distance).map_or("", |at| tokens.at(at));
        let is_code = tokens.at(index + 1) == "(" || before(1) == ".";
        // A function, field or variable of that name is nobody's reader, unless a macro makes it one.
        return !is_code && (before(1) == ":" || matches!(before(1), "(" | "[" | "{" | ","));
    };
    let plain = |at: usize| {
        let text = tokens.at(at);
        tokens.kind(at) == Some(Kind::Literal)
            && text.len() > 2
            && text.starts_with('"')
            && text.ends_with('"')
            && !text.contains('\\')
    };
    let mut first = open + 1;
    let mut close = tokens.partner(open);
    if tokens.at(first) == "concat"
        && let Some(inner) = region::macro_call(tokens, first)
    {
        first = inner + 1;
        close = tokens.partner(inner);
        if tokens.at(first) == "env"
            && let Some(variable) = region::macro_call(tokens, first)
        {
            first = tokens.partner(variable) + 2;
        }
    }
    let ends = tokens.at(first + 1) == "," && first + 2 == close || first + 1 == close;
    if !ends || !plain(first) {
        return true;
    }
    let name = tokens.at(first).trim_matches('"');
    name.rsplit('/').next() == Some(own_name)
}
