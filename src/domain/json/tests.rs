use std::borrow::Cow;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::any::{any_style, any_tree, mutated};
use super::*;

/// What a [`Doc`] says, as `serde_json` would.
fn value_of(val: Val<'_>) -> Value {
    match val.kind() {
        Kind::Null => Value::Null,
        Kind::True | Kind::False => val.as_bool().into(),
        Kind::Number => serde_json::from_str(val.as_number().unwrap()).unwrap(),
        Kind::Text | Kind::Key => val.as_str().unwrap().into(),
        Kind::List => val.items().map(value_of).collect(),
        Kind::Object => Value::Object(
            val.entries().map(|(key, value)| (key.into_owned(), value_of(value))).collect(),
        ),
    }
}

fn read(text: &str) -> Option<Value> {
    Doc::parse(Cow::Borrowed(text)).map(|doc| value_of(doc.root()))
}

#[test]
fn what_is_no_json_or_too_unusual_is_not_taken() {
    for text in [
        "",
        " ",
        "{",
        "}",
        "[1,]",
        "{\"a\":1,}",
        "{\"a\"}",
        "{a:1}",
        "[1 2]",
        "01",
        "1.",
        ".5",
        "-",
        "+1",
        "1e",
        "1e+",
        "1e400",
        "-1e999",
        "tru",
        "nul",
        "\"",
        "\"\\",
        "\"\\x\"",
        "\"\\u12\"",
        "\"\\u12g4\"",
        "\"a\nb\"",
        "\"\u{1}\"",
        "\"\\ud83d\"",
        "\"\\ude00\"",
        "\"\\ud83d\\u0041\"",
        "\"\\ud83d\\ud83d\"",
        "[1]x",
        "1 2",
        "\u{feff}1",
        "'a'",
        "//",
        "[\"\\u+123\"]",
    ] {
        assert_eq!(read(text), None, "{text:?}");
    }
    let long = format!("1{}", "0".repeat(400));
    assert_eq!(read(&long), None);
}

#[test]
fn what_is_json_is_taken() {
    for text in [
        "1",
        "-0",
        "0.5",
        "1E+2",
        "\"\"",
        "\"\\u0041\\ud83d\\ude00\\/\\b\"",
        "[]",
        "{}",
        " [ ] ",
        "{\"\":{\"\":[]}}",
        "\"\u{7f}é\u{1f600}12345678\"",
        "\"1234567\\\"\"",
        "[null,true,false]",
    ] {
        assert_eq!(read(text), Some(serde_json::from_str(text).unwrap()), "{text:?}");
    }
}

#[test]
fn nesting_ends_where_it_ends_for_everybody() {
    let deep = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    assert!(read(&deep(MAX_DEPTH)).is_some());
    assert!(serde_json::from_str::<Value>(&deep(MAX_DEPTH)).is_ok());
    assert!(read(&deep(MAX_DEPTH + 1)).is_none());
    assert!(serde_json::from_str::<Value>(&deep(MAX_DEPTH + 1)).is_err());
    assert!(read(&"[".repeat(1_000_000)).is_none());
}

#[test]
fn keys_that_come_twice_are_seen_however_they_are_written() {
    let repeats = |text: &str| Doc::parse(Cow::Borrowed(text)).unwrap().may_repeat();
    let many = |last: &str| {
        let keys: Vec<String> = (0..500).map(|i| format!("\"key number {i}\":1")).collect();
        format!("{{{},{last}}}", keys.join(","))
    };
    for text in ["{\"a\":1,\"a\":2}", "[{\"b\":{\"a\":1,\"a\":2}}]", "{\"ab\":1,\"a\\u0062\":2}"] {
        assert!(repeats(text), "{text}");
    }
    assert!(repeats(&many("\"key number 3\":2")));
    for text in ["{\"a\":1,\"b\":2}", "{\"a\":{\"a\":1}}", "[{\"a\":1},{\"a\":1}]"] {
        assert!(!repeats(text), "{text}");
    }
    assert!(!repeats(&many("\"another\":2")));
}

#[test]
fn of_two_values_of_a_key_the_last_is_kept() {
    for (sent, kept) in [
        (r#"{"a":1,"a":2}"#, r#"{"a":2}"#),
        (r#"{ "a" : 1 , "b" : 2 , "a" : 3 }"#, r#"{ "b" : 2 , "a" : 3 }"#),
        (
            r#"{"a":{"x":1,"x":2},"b":[{"y":1,"y":{"z":0,"z":1}}],"a":0}"#,
            r#"{"b":[{"y":{"z":1}}],"a":0}"#,
        ),
        (r#"{"a":1,"a":2,"a":3}"#, r#"{"a":3}"#),
        (r#"{"a":"},{\"","a":"é"}"#, r#"{"a":"é"}"#),
    ] {
        let doc = Doc::parse(Cow::Borrowed(sent)).unwrap().without_repeats().unwrap();
        assert_eq!(doc.text(), kept);
        assert!(!doc.may_repeat());
        let value: Value = serde_json::from_str(sent).unwrap();
        assert_eq!(value_of(doc.root()), value, "{sent}");
    }
    let escaped = Doc::parse(Cow::Borrowed(r#"{"ab":1,"a\u0062":2}"#)).unwrap();
    assert!(escaped.without_repeats().is_none());
}

#[test]
fn the_slow_way_takes_the_last_of_two_and_replaces_halves_and_bytes() {
    let (doc, replaced) = lenient::doc(b"{\"a\":1,\"a\":2}").unwrap();
    assert_eq!(value_of(doc.root()), json!({"a": 2}));
    assert_eq!(replaced, lenient::Replaced::default());
    let (doc, replaced) = lenient::doc(b"{\"a\":\"\xff\\ud83d\"}").unwrap();
    assert_eq!(value_of(doc.root()), json!({"a": "\u{fffd}\u{fffd}"}));
    assert!(replaced.bytes && replaced.surrogates);
    assert_eq!(replaced.said().count(), 2);
}

#[test]
fn halves_of_characters_are_replaced_and_whole_ones_are_not() {
    for (sent, read, replaced) in [
        (r#"["\ud83d"]"#, json!(["\u{fffd}"]), true),
        (r#"["a\ude00b"]"#, json!(["a\u{fffd}b"]), true),
        (r#"["\ud83d\ud83d\ude00"]"#, json!(["\u{fffd}\u{1f600}"]), true),
        (r#"["\uDE00\uD83D"]"#, json!(["\u{fffd}\u{fffd}"]), true),
        (r#"["\ud83d\ude00"]"#, json!(["\u{1f600}"]), false),
        (r#"["\\ud83d\ud83d"]"#, json!(["\\ud83d\u{fffd}"]), true),
        (r#"["\\ud83d"]"#, json!(["\\ud83d"]), false),
        (r#"["é\n\ud83dé"]"#, json!(["é\n\u{fffd}é"]), true),
    ] {
        let (doc, said) = lenient::doc(sent.as_bytes()).unwrap();
        assert_eq!((value_of(doc.root()), said.surrogates), (read, replaced), "{sent}");
    }
}

#[test]
fn what_is_no_json_stays_none() {
    for sent in ["", "\\", "\\u", "{\"a\":\"\\ud83", "[\"\\ud83d\"", "\\ué", "[\"\\"] {
        assert!(lenient::doc(sent.as_bytes()).is_err(), "{sent}");
    }
}

fn any_json() -> impl Strategy<Value = String> {
    let text = "([ -~]|é|\u{1f600}|\n|\u{0}){0,20}";
    (any_tree("[a-c]{0,2}|[ -~]{0,30}", text), any_style())
        .prop_map(|(tree, style)| tree.written(style))
}

/// Close enough: `serde_json` may read a number's last digit otherwise.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| same(a, b)))
        }
        (a, b) => a == b,
    }
}

proptest! {
    #[test]
    fn it_reads_what_serde_json_reads(text in any_json()) {
        let expected: Value = serde_json::from_str(&text).unwrap();
        let found = read(&text);
        prop_assert!(found.as_ref().is_some_and(|found| same(found, &expected)), "{text}\n{found:?}");
    }

    #[test]
    fn it_takes_nothing_that_serde_json_does_not(bytes in any_json().prop_flat_map(mutated)) {
        let expected = serde_json::from_slice::<Value>(&bytes);
        let quick = str::from_utf8(&bytes).ok().and_then(read);
        if let Some(found) = quick {
            prop_assert!(expected.is_ok_and(|expected| same(&found, &expected)));
        } else if expected.is_ok() {
            // It may hand over, but only for what it names.
            let text = String::from_utf8(bytes).unwrap();
            prop_assert!(text.contains('e') || text.contains('E'), "{text}");
        }
    }
}
