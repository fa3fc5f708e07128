//! What is never automatic, whatever the proof would say.

use super::lex::Kind;
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
    let (old, new) = (text::invisible(change.before), text::invisible(change.after));
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
        if let Some(open) = region::attribute(tokens, index)
            && tokens.at(open + 1).starts_with("proc_macro")
        {
            return Err(format!(
                "line {}: the file defines procedural macros, which run inside the compiler",
                side.line(index)
            ));
        }
        let reads = matches!(tokens.at(index), "include_str" | "include_bytes" | "include");
        if reads && let Some(open) = region::macro_call(tokens, index) {
            let close = tokens.partner(open);
            let mut literals = 0;
            let itself = (open + 1..close).any(|at| {
                let word = tokens.at(at);
                let literal = tokens.kind(at) == Some(Kind::Literal);
                literals += usize::from(literal);
                word == "file" || literal && word.contains(own_name)
            });
            if itself || literals == 0 {
                return Err(format!(
                    "line {}: the file may read its own text, which then is data",
                    side.line(index)
                ));
            }
        }
    }
    Ok(())
}
