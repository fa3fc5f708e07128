//! Kinds of values, and values that are obviously meant to be of another kind.

use serde_json::{Number, Value};

/// A text longer than this is not read as an array or object.
const LONGEST_TEXT: usize = 64 * 1024;

/// The kind of value that a key has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Any value.
    Any,
    /// `true` or `false`.
    Bool,
    /// A number without a fraction.
    Integer,
    /// A number.
    Number,
    /// A text.
    Text,
    /// An array.
    Array,
    /// An object.
    Object,
}

impl Kind {
    /// Whether a value is of this kind.
    #[must_use]
    pub fn holds(self, value: &Value) -> bool {
        match self {
            Self::Any => true,
            Self::Bool => value.is_boolean(),
            Self::Integer => value.is_i64() || value.is_u64(),
            Self::Number => value.is_number(),
            Self::Text => value.is_string(),
            Self::Array => value.is_array(),
            Self::Object => value.is_object(),
        }
    }

    /// A value of this kind that `value` obviously stands for, such as 12 for `"12"`.
    pub(super) fn coerce(self, value: &Value) -> Option<Value> {
        let coerced = match self {
            Self::Any => None,
            Self::Bool => bool_from(value).map(Value::Bool),
            Self::Integer => integer_from(value).map(Value::Number),
            Self::Number => number_from(text_of(value)?).map(Value::Number),
            Self::Text => match value {
                Value::Number(_) | Value::Bool(_) => Some(Value::String(value.to_string())),
                _ => None,
            },
            // A value that was serialised twice.
            Self::Array | Self::Object => {
                let text = text_of(value).filter(|text| text.len() <= LONGEST_TEXT)?;
                serde_json::from_str(text).ok()
            }
        };
        coerced.filter(|value| self.holds(value))
    }
}

/// What a value is, without what is in it.
pub(super) fn kind_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

fn text_of(value: &Value) -> Option<&str> {
    value.as_str().map(str::trim)
}

fn bool_from(value: &Value) -> Option<bool> {
    match value {
        Value::Number(number) => match number.as_u64() {
            Some(0) => Some(false),
            Some(1) => Some(true),
            _ => None,
        },
        _ => match text_of(value)? {
            "0" => Some(false),
            "1" => Some(true),
            text if text.eq_ignore_ascii_case("false") => Some(false),
            text if text.eq_ignore_ascii_case("true") => Some(true),
            _ => None,
        },
    }
}

fn number_from(text: &str) -> Option<Number> {
    whole_number_from(text).or_else(|| text.parse().ok().and_then(Number::from_f64))
}

fn whole_number_from(text: &str) -> Option<Number> {
    let signed = text.parse::<i64>().map(Number::from);
    signed.or_else(|_| text.parse::<u64>().map(Number::from)).ok()
}

fn integer_from(value: &Value) -> Option<Number> {
    /// Up to here every whole number has a floating-point one of its own.
    const LARGEST_EXACT: f64 = 9_007_199_254_740_992.0;
    if let Some(text) = text_of(value) {
        return whole_number_from(text);
    }
    let float = value.as_f64()?;
    (float.fract() == 0.0 && float.abs() < LARGEST_EXACT).then(|| Number::from(float as i64))
}
