//! JSON as senders really write it: with bytes that are no UTF-8, and with halves of characters.

use serde::de::DeserializeOwned;

use super::fields::Notes;

/// Reads JSON. What makes it invalid only inside its texts is replaced and noted.
pub(super) fn read<T: DeserializeOwned>(
    payload: &[u8],
    notes: &mut Notes,
) -> Result<T, serde_json::Error> {
    let text = String::from_utf8_lossy(payload);
    if matches!(text, std::borrow::Cow::Owned(_)) {
        notes.push("event", "is not valid UTF-8; the bytes that are not were replaced");
    }
    serde_json::from_str(&text).or_else(|error| match without_lone_surrogates(&text) {
        Some(whole) => {
            let read = serde_json::from_str(&whole)?;
            notes
                .push("event", "holds halves of characters (lone surrogates), which were replaced");
            Ok(read)
        }
        None => Err(error),
    })
}

/// JavaScript cuts texts in the middle of a character and escapes the half as `\ud83d`, which stands
/// for nothing. The text with such halves replaced; `None` if there are none.
fn without_lone_surrogates(text: &str) -> Option<String> {
    let mut whole = String::new();
    let mut copied = 0;
    let mut at = 0;
    while let Some(found) = text[at..].find('\\') {
        at += found;
        match escaped_unit(&text[at..]) {
            Some(0xD800..=0xDBFF) => {
                if matches!(escaped_unit(&text[at + 6..]), Some(0xDC00..=0xDFFF)) {
                    at += 12;
                    continue;
                }
            }
            Some(0xDC00..=0xDFFF) => {}
            // Any other escape: past the backslash and what it escapes, which may be a backslash.
            _ => {
                at += 1 + text[at + 1..].chars().next().map_or(0, char::len_utf8);
                continue;
            }
        }
        whole.push_str(&text[copied..at]);
        whole.push_str("\\ufffd");
        at += 6;
        copied = at;
    }
    (copied > 0).then(|| {
        whole.push_str(&text[copied..]);
        whole
    })
}

/// The unit that a `\uXXXX` at the beginning of `text` stands for.
fn escaped_unit(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    u16::from_str_radix(digits, 16).ok().filter(|_| digits.bytes().all(|b| b.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read_text(text: &str) -> (Option<Value>, usize) {
        let mut notes = Notes::default();
        (read(text.as_bytes(), &mut notes).ok(), notes.into_inner().len())
    }

    #[test]
    fn halves_of_characters_are_replaced_and_whole_ones_are_not() {
        for (sent, read, notes) in [
            (r#"["\ud83d"]"#, json!(["\u{fffd}"]), 1),
            (r#"["a\ude00b"]"#, json!(["a\u{fffd}b"]), 1),
            (r#"["\ud83d\ud83d\ude00"]"#, json!(["\u{fffd}\u{1f600}"]), 1),
            (r#"["\uDE00\uD83D"]"#, json!(["\u{fffd}\u{fffd}"]), 1),
            (r#"["\ud83d\ude00"]"#, json!(["\u{1f600}"]), 0),
            (r#"["\\ud83d\ud83d"]"#, json!(["\\ud83d\u{fffd}"]), 1),
            (r#"["\\ud83d"]"#, json!(["\\ud83d"]), 0),
            (r#"["é\n\ud83dé"]"#, json!(["é\n\u{fffd}é"]), 1),
        ] {
            assert_eq!(read_text(sent), (Some(read), notes), "{sent}");
        }
    }

    #[test]
    fn what_is_no_json_stays_none() {
        for sent in ["", "\\", "\\u", "{\"a\":\"\\ud83", "[\"\\ud83d\"", "\\ué", "[\"\\"] {
            assert_eq!(read_text(sent), (None, 0), "{sent}");
        }
    }
}
