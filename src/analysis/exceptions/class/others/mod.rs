//! Exceptions of Java, Go, Ruby, PHP and .NET: what each means and where to look. The code is not read.

mod dotnet;
mod go;
mod java;
mod php;
mod ruby;
mod words;

use super::Class;
use super::words::shown;
use crate::domain::frames::Language;

/// A row: the end of the type's name or a part of the message, the class, what it means, where to look.
type Row = (&'static str, &'static str, &'static str, &'static str);

pub(super) fn classify(language: Language, ty: &str, value: &str) -> Class {
    let table = match language {
        Language::Java => java::ROWS,
        Language::Go => go::ROWS,
        Language::Ruby => ruby::ROWS,
        Language::Php => php::ROWS,
        Language::DotNet => dotnet::ROWS,
        _ => &[],
    };
    // What the message says is more than what the type does.
    let by_message = table.iter().find(|row| row.0.contains(' ') && value.contains(row.0));
    let by_type = || {
        table.iter().find(|row| ty.ends_with(row.0) || !row.0.contains(' ') && ty.contains(row.0))
    };
    match by_message.or_else(by_type) {
        Some((_, word, what, why)) => {
            let said = shown(value);
            let what =
                if said.is_empty() { (*what).to_owned() } else { format!("{what} ({said})") };
            Class::new(word, what, why)
        }
        None => {
            let said = match (ty.is_empty(), value.is_empty()) {
                (false, false) => format!("`{}` was raised: {}", shown(ty), shown(value)),
                (false, true) => format!("`{}` was raised", shown(ty)),
                (true, _) => format!("an error was raised: {}", shown(value)),
            };
            Class::new(
                "raised",
                said,
                "It was raised on purpose: the condition that led there says what was expected.",
            )
        }
    }
}
