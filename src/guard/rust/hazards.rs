//! What is never automatic in Rust, whatever the proof would say.

use super::lex::{Kind, Tokens};
use super::side::Side;
use super::text::{self, Text};
use super::{Change, region};
use crate::guard::hazards::refuse_invisible;

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
    refuse_invisible(change, &before.code, &after.code)
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
