//! A frame's local variables, as texts. SDKs write values out themselves, whole or in parts.

use std::collections::BTreeMap;

use crate::domain::json::{Kind, Val};

/// Variables kept of a frame.
const MAX_VARS: usize = 64;

/// Bytes kept of a variable's name.
const MAX_NAME_BYTES: usize = 128;

/// Bytes kept of a value.
const MAX_VALUE_BYTES: usize = 256;

/// Values within values that are written out.
const MAX_DEPTH: usize = 3;

/// Members of one value that are written out.
const MAX_MEMBERS: usize = 8;

/// The variables of a frame.
pub(super) fn read(value: Val<'_>) -> BTreeMap<String, String> {
    value
        .entries()
        .take(MAX_VARS)
        .filter(|(name, _)| name.len() <= MAX_NAME_BYTES)
        .map(|(name, value)| {
            let mut out = String::new();
            write(value, MAX_DEPTH, &mut out);
            out.truncate(out.floor_char_boundary(MAX_VALUE_BYTES));
            (name.replace('\0', "\u{fffd}"), out.replace('\0', "\u{fffd}"))
        })
        .collect()
}

fn write(value: Val<'_>, depth: usize, out: &mut String) {
    if out.len() >= MAX_VALUE_BYTES {
        return;
    }
    match value.kind() {
        Kind::Null => out.push_str("null"),
        Kind::True => out.push_str("true"),
        Kind::False => out.push_str("false"),
        Kind::Number => out.push_str(value.as_number().unwrap_or_default()),
        Kind::Text | Kind::Key => {
            let text = value.as_str().unwrap_or_default();
            out.push_str(&text[..text.floor_char_boundary(MAX_VALUE_BYTES)]);
        }
        Kind::List | Kind::Object if depth == 0 => out.push('…'),
        Kind::List => {
            out.push('[');
            for (index, item) in value.items().take(MAX_MEMBERS).enumerate() {
                out.push_str(if index == 0 { "" } else { ", " });
                write(item, depth - 1, out);
            }
            out.push(']');
        }
        Kind::Object => {
            out.push('{');
            for (index, (key, item)) in value.entries().take(MAX_MEMBERS).enumerate() {
                out.push_str(if index == 0 { "" } else { ", " });
                out.push_str(&key[..key.floor_char_boundary(MAX_NAME_BYTES)]);
                out.push_str(": ");
                write(item, depth - 1, out);
            }
            out.push('}');
        }
    }
}
