//! Indexes, slices and cuts through texts.

use super::shortened;
use crate::domain::panic::{PanicClass, PanicKind as K};

pub(super) fn what(class: &PanicClass, expr: &str) -> String {
    let value = |name| class.value(name);
    match class.kind {
        K::IndexOutOfBounds => match (value("index"), value("len")) {
            (Some(index), Some(len)) => format!(
                "{expr} asked for index {index}, but there are only {} ({})",
                count(len, "element"),
                last_index(len)
            ),
            _ => format!("{expr} asked for an element that is not there"),
        },
        K::MissingKey => format!("{expr} asked for a key that is not in the map"),
        K::SliceEndOutOfRange => format!(
            "{expr} took a range that ends at {}, but there are only {}",
            value("end").unwrap_or("a position"),
            count(value("len").unwrap_or("fewer"), "element")
        ),
        K::SliceStartOutOfRange => format!(
            "{expr} took a range that starts at {}, but there are only {}",
            value("start").unwrap_or("a position"),
            count(value("len").unwrap_or("fewer"), "element")
        ),
        K::SliceStartAfterEnd => format!(
            "{expr} took a range that starts at {} and ends at {}, before its start",
            value("start").unwrap_or("a position"),
            value("end").unwrap_or("a position")
        ),
        K::StrNotCharBoundary => match (value("index"), value("character")) {
            (Some(index), Some(character)) => {
                let bytes = match (value("from"), value("to")) {
                    (Some(from), Some(to)) => format!(", which takes bytes {from} to {to}"),
                    _ => String::new(),
                };
                let of = value("text")
                    .map(|text| format!(", of the text `{}`", shortened(text)))
                    .unwrap_or_default();
                format!(
                    "{expr} cut a text at byte {index}, in the middle of the character {character}{bytes}{of}"
                )
            }
            _ => format!("{expr} cut a text in the middle of a character"),
        },
        K::StrIndexOutOfRange => {
            let of = match (value("text"), value("len")) {
                (Some(text), _) => {
                    format!(
                        "the text `{}` has only {}",
                        shortened(text),
                        count(&text.len().to_string(), "byte")
                    )
                }
                (None, Some(len)) => format!("the text has only {}", count(len, "byte")),
                (None, None) => "the text is shorter".to_owned(),
            };
            format!("{expr} cut a text at byte {}, but {of}", value("index").unwrap_or("?"))
        }
        _ => format!(
            "{expr} copied between slices of different lengths ({} and {})",
            value("left").unwrap_or("one"),
            value("right").unwrap_or("another")
        ),
    }
}

fn count(number: &str, of: &str) -> String {
    if number == "1" { format!("1 {of}") } else { format!("{number} {of}s") }
}

fn last_index(len: &str) -> String {
    match len.parse::<u64>() {
        Ok(0) => "it is empty".to_owned(),
        Ok(len) => format!("the last index is {}", len - 1),
        Err(_) => "counted from 0".to_owned(),
    }
}
