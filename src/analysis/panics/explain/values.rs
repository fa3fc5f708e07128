//! Missing values and unhandled errors.

use super::shortened;
use crate::domain::panic::{PanicClass, PanicKind as K};

pub(super) fn what(class: &PanicClass, expr: &str) -> String {
    let value = |name| class.value(name);
    let said = value("said").map(|said| format!(" (\"{}\")", shortened(said))).unwrap_or_default();
    match class.kind {
        K::UnwrapNone => format!("{expr} expected a value, but there was none"),
        K::UnwrapOk => format!(
            "{expr} expected an error, but the result was fine: {}",
            shortened(value("value").unwrap_or("a value"))
        ),
        K::ParseError => {
            let error = value("error").unwrap_or("parse error");
            let detail = match value("detail") {
                Some("InvalidDigit") => ": it holds a character that is no digit".to_owned(),
                Some("Empty") => ": it was empty".to_owned(),
                Some("PosOverflow") => ": the number is too large for the type".to_owned(),
                Some("NegOverflow") => ": the number is too small for the type".to_owned(),
                Some(other) => format!(": {}", shortened(other)),
                None => String::new(),
            };
            format!(
                "{expr} tried to read a value from a text that is not one ({error}{detail}){said}"
            )
        }
        K::IoError => {
            let what = value("message").or(value("detail")).unwrap_or("an I/O error");
            let code = value("code").map(|code| format!(", code {code}")).unwrap_or_default();
            format!("{expr} met an error of the operating system: {}{code}{said}", shortened(what))
        }
        K::EnvMissing => format!("{expr} needed an environment variable that is not set{said}"),
        K::Utf8Error => format!(
            "{expr} expected UTF-8, but the bytes are not from position {} on{said}",
            value("index").unwrap_or("?")
        ),
        K::ChannelClosed => format!(
            "{expr} used a channel whose other side is gone ({}){said}",
            value("error").unwrap_or("closed")
        ),
        K::Timeout => format!("{expr} waited for something that did not come in time{said}"),
        K::JoinError => format!("{expr} waited for a thread or task that had panicked{said}"),
        K::UnwrapErr | K::ExpectFailed => format!(
            "{expr} expected a value, but got the error {}{said}",
            shortened(value("error").unwrap_or("that the message shows"))
        ),
        _ => match value("message") {
            Some("") | None => format!("{expr} stopped the program without a message"),
            Some(message) => {
                format!("{expr} stopped the program with the message \"{}\"", shortened(message))
            }
        },
    }
}
