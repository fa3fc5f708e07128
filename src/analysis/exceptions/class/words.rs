//! Taking names out of messages.

/// Bytes of a message that are looked at.
pub(super) const MAX_BYTES: usize = 2_000;

/// Bytes of a name that is believed.
const MAX_NAME_BYTES: usize = 120;

/// What stands between two marks, the first time.
pub(super) fn between(text: &str, before: &str, after: &str) -> Option<String> {
    let from = text.find(before)? + before.len();
    let end = text[from..].find(after)? + from;
    name(&text[from..end])
}

/// What stands before a mark.
pub(super) fn before(text: &str, mark: &str) -> Option<String> {
    let at = text.find(mark)?;
    let start = text[..at].rfind(['\n', ':']).map_or(0, |at| at + 1);
    name(text[start..at].trim())
}

/// The last name of a path of names: `total` of `this.cart.total`.
pub(super) fn last(path: &str) -> String {
    let path = path.strip_prefix("(intermediate value)").unwrap_or(path);
    path.rsplit(['.', ']', ')']).find(|part| !part.is_empty()).unwrap_or(path).to_owned()
}

fn name(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty() && text.len() <= MAX_NAME_BYTES).then(|| text.to_owned())
}

/// A text shortened for a sentence, on one line.
pub(super) fn shown(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    let cut = &line[..line.floor_char_boundary(160)];
    match cut.len() < text.trim_end().len() {
        true => format!("{cut}…"),
        false => cut.to_owned(),
    }
}
