//! What is never automatic in any language, whatever the proof would say.

use super::path::{self, Language};
use super::{Change, text};

/// What can be said from the path and the bytes; the language, if nothing is wrong with them.
pub(in crate::guard) fn refuse_file(change: &Change<'_>) -> Result<Language, String> {
    let language = path::language(change.path)?;
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
    Ok(language)
}

/// Invisible and direction-changing characters must stay, on the lines that they stand on. The texts are
/// the two sides' code, with `\r\n` as `\n`.
pub(in crate::guard) fn refuse_invisible(
    change: &Change<'_>,
    before: &str,
    after: &str,
) -> Result<(), String> {
    let (old, new) = (text::invisible(change.before), text::invisible(change.after));
    if old == new
        && !old.is_empty()
        && text::lines_with_invisible(before) != text::lines_with_invisible(after)
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
