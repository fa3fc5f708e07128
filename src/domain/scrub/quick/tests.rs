//! The quick way and the slow way come to the same.

use std::borrow::Cow;
use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::report::MAX_REPORTED;
use super::super::{PatternRule, Removed, ScrubRules, Scrubber};
use super::*;
use crate::domain::json::any::{Tree, any_style, any_tree};

fn with(change: impl FnOnce(&mut ScrubRules)) -> Scrubber {
    let mut rules = ScrubRules::default();
    change(&mut rules);
    Scrubber::new(&rules).unwrap()
}

/// Compiled once: in a debug build that takes longer than all else.
static SCRUBBERS: LazyLock<Vec<Scrubber>> = LazyLock::new(|| {
    vec![
        with(|_| ()),
        with(|rules| (rules.email, rules.ip) = (true, true)),
        with(|rules| rules.defaults = false),
        with(|rules| {
            rules.keys = vec!["iban".into(), "x".into()];
            rules.patterns =
                vec![PatternRule { name: "words".into(), regex: "[a-z]+: [a-z]+".into() }];
        }),
        with(|rules| (rules.defaults, rules.keys) = (false, vec!["abc123".into()])),
    ]
});

/// What is left of a text, what the doc then says, and what was removed; `None` if it gives up.
fn quickly(scrubber: &Scrubber, text: &str) -> Option<(Value, String, Report)> {
    let mut doc = Doc::parse(Cow::Borrowed(text))?;
    let Quick { text: left, report } = scrubber.scrub_doc(&mut doc)?;
    let left = left.unwrap_or_else(|| text.to_owned());
    let again = Doc::parse(Cow::Borrowed(&left)).expect("what is left is JSON");
    assert_eq!(told(doc.root()), told(again.root()), "{left}");
    Some((serde_json::from_str(&left).unwrap(), left, report))
}

fn told(val: Val<'_>) -> String {
    match val.kind() {
        json::Kind::Object => val
            .entries()
            .map(|(key, value)| format!("({key:?}: {})", told(value)))
            .collect::<String>(),
        json::Kind::List => val.items().map(|item| format!("[{}]", told(item))).collect(),
        kind => format!("{kind:?} {:?} {:?}", val.as_str(), val.as_number()),
    }
}

fn sorted(mut removed: Vec<Removed>) -> Vec<Removed> {
    removed.sort();
    removed
}

/// Whether the quick way did it. Panics where it comes to something else.
fn compare(scrubber: &Scrubber, text: &str) -> bool {
    let Some((left, kept, report)) = quickly(scrubber, text) else { return false };
    let mut slow: Value = serde_json::from_str(text).unwrap();
    let expected = scrubber.scrub_value(&mut slow);
    // As it is read back.
    let slow: Value = serde_json::from_str(&slow.to_string()).unwrap();
    assert_eq!(left, slow, "{text}\n{kept}");
    let count = |report: &Report| report.removed.len() + report.more;
    assert_eq!(count(&report), count(&expected), "{text}");
    assert_eq!(kept == text, report.is_empty(), "{text}");
    if report.more == 0 {
        assert!(report.removed.len() <= MAX_REPORTED);
        assert_eq!(sorted(report.removed), sorted(expected.removed), "{text}");
    }
    true
}

#[test]
fn every_kind_of_secret_in_every_place() {
    let secrets = [
        "4111 1111 1111 1111",
        "123-45-6789",
        "AKIAIOSFODNN7EXAMPLE",
        "ghp_0123456789abcdefghijABCDEFGHIJ012345",
        "github_pat_0123456789abcdefghijABCDEFGHIJ012345",
        "glpat-0123456789abcdefghij",
        "xoxb-123456789012-abcdef",
        "https://hooks.slack.com/services/T000/B000/0123456789abcdef",
        "sk_live_4eC39HqLyjWDarjtT1zdp7dc",
        "whsec_0123456789abcdefghij",
        "AIzaSyA1234567890abcdefghijklmnopqrstuv",
        "ya29.0123456789abcdefghij",
        "GOCSPX-0123456789abcdefghij",
        "sk-0123456789abcdefghijKLMN",
        "npm_0123456789abcdefghijABCDEFGHIJ012345",
        "andon_0123456789abcdefghijABCDEFGHIJ012345",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abc-DEF_123",
        "Bearer abcdef123456",
        "BASIC dXNlcjpwYXNz1",
        "https://user:hunter2@example.org/x",
        "a=1&token=x&b=2",
        "Authorization: Bearer abcdefghijkl",
        "{\"password\": \"hun\\\"ter2\"}",
        "the password: hunter2 is wrong",
        "me@example.org from 203.0.113.9",
        "for: abc iban=DE5",
        "nothing",
        "",
    ];
    let mut quick = 0;
    for secret in secrets {
        let event = json!({
            "event_id": "41111111111111114111111111111111", "release": secret, "fingerprint": [secret],
            "message": secret, "modules": {"token": secret}, "debug_meta": {"images": [{"id": secret}]},
            "contexts": {"trace": {"trace_id": secret, "span_id": "ab"}, "x": {"token": [secret]}},
            "user": {"id": 7, "credentials": {"a": [secret]}, "session": {"a": 1}},
            "tags": [["token", secret], ["author", secret], [1, secret], [secret]],
            "request": {"url": secret, "headers": [["Authorization", secret]], "cookies": {"c": secret, "n": 7, "t": null},
                "env": {"DB_PASSWORD": secret, "has_password": true, "pwd": "", "token": "[scrubbed: token]"}},
            "extra": {"number": 4111111111111111_u64, "password": null, "pwd": 1234, "tokens": [],
                "list": [{"value": secret, "name": "X-Api-Key"}, {"key": "ssn", "value": {"a": secret}}, {"name": "a", "value": secret}],
                "secret": [], "auth": {}},
            "stacktrace": {"frames": [{"context_line": secret, "vars": {"a": secret}, "token": secret}, [secret], secret]},
            "exception": {"values": [{"value": secret, "stacktrace": {"frames": [{
                "function": secret, "module": {"a": secret}, "lineno": 4111111111111111_u64,
                "pre_context": [secret, "x = 4111111111111111", 4111111111111111_u64], "context_line": secret,
                "stacktrace": [secret], "vars": {"api_key": secret}}], "registers": {"rip": secret}}}]},
        });
        for scrubber in SCRUBBERS.iter() {
            quick += usize::from(compare(scrubber, &event.to_string()));
            let spaced = serde_json::to_string_pretty(&event).unwrap();
            quick += usize::from(compare(scrubber, &spaced));
        }
    }
    assert!(quick > secrets.len() * SCRUBBERS.len(), "only {quick} were done quickly");
}

#[test]
fn it_gives_up_where_it_cannot_know() {
    for text in [
        r#"{"a":1,"a":2}"#,
        r#"{"p\u0061ssword":"x"}"#,
        r#"{"paid with 4111 1111 1111 1111":1}"#,
        r#"{"stacktrace":{"frames":[{"pre_context":["-----BEGIN PRIVATE KEY-----"]}]}}"#,
        r#"{"stacktrace":{"frames":[{"context_line":"-----BEGIN PRIVATE\u0020KEY-----"}]}}"#,
        r#"{"tags":[["4111 1111 1111 1111","x"]]}"#,
    ] {
        assert!(quickly(&SCRUBBERS[0], text).is_none(), "{text}");
    }
    let with_path = with(|rules| rules.keep_paths = vec!["extra.a".into()]);
    assert!(quickly(&with_path, "{}").is_none());
    let off = with(|rules| rules.enabled = false);
    assert_eq!(quickly(&off, r#"{"password":"x"}"#).unwrap().0, json!({"password": "x"}));
}

fn any_text() -> impl Strategy<Value = String> + Clone {
    let parts = prop::sample::select(vec![
        "password",
        "token",
        "Authorization",
        "cookie",
        "=",
        ": ",
        ":",
        " ",
        "\"",
        "\\\"",
        "'",
        "&",
        "\n",
        "Bearer ",
        "BASIC ",
        "abc123",
        "4111111111111111",
        "4111 1111 1111 1111",
        "123-45-6789",
        "eyJhbGciOiJ9.eyJ0.aa",
        "https://u:p@h",
        "://",
        "@",
        "me@example.org",
        "10.1.2.3",
        "[scrubbed: card]",
        "[scrubbed: ",
        "]",
        "é",
        "\u{1f600}",
        "PRIVATE KEY",
        "-----BEGIN PRIVATE KEY-----",
        "\\",
        "{",
        "}",
        "AKIAIOSFODNN7EXAMPLE",
        "x",
        "-",
        "secret",
        "ghp_0123456789abcdefghijABCDEFGHIJ012345",
        "sk-0123456789abcdefghijKLMN",
        "sk-",
        "xoxb-123456789012",
        "npm_0123456789abcdefghijABCDEFGHIJ012345",
        "u0041",
        "/",
        "12345",
        "hooks.slack.com/services/0123456789abcdefghij",
        "ya29.0123456789abcdefghij",
        "iban",
        "glpat-0123456789abcdefghij",
        "AIzaSyA1234567890abcdefghijklmnopqrstuv",
        "\u{0}",
    ]);
    prop::collection::vec(parts, 0..6).prop_map(|parts| parts.concat())
}

fn any_key() -> impl Strategy<Value = String> + Clone {
    let known = prop::sample::select(vec![
        "password",
        "token",
        "cookies",
        "value",
        "name",
        "key",
        "stacktrace",
        "raw_stacktrace",
        "frames",
        "context_line",
        "pre_context",
        "vars",
        "extra",
        "modules",
        "debug_meta",
        "fingerprint",
        "event_id",
        "trace_id",
        "release",
        "platform",
        "module",
        "function",
        "tags",
        "exception",
        "values",
        "author",
        "user",
        "id",
        "message",
        "x",
        "iban",
        "a",
        "b",
        "c",
    ]);
    prop_oneof![8 => known.prop_map(str::to_owned), 1 => any_text()]
}

/// An event's bones, so that the places with rules of their own are reached.
fn any_event() -> impl Strategy<Value = Tree> {
    let inner = || any_tree(any_key(), any_text());
    let frame = prop::collection::vec((any_key(), inner()), 0..6).prop_map(Tree::Object);
    (inner(), prop::collection::vec(frame, 0..4), inner(), any::<bool>()).prop_map(
        |(root, frames, other, legacy)| {
            let entry = |key: &str, value| (key.to_owned(), value);
            let stack = Tree::Object(vec![entry("frames", Tree::List(frames))]);
            let exception = Tree::Object(vec![entry("value", other), entry("stacktrace", stack)]);
            let list = Tree::List(vec![exception]);
            let list = if legacy { Tree::Object(vec![entry("values", list)]) } else { list };
            match root {
                Tree::Object(mut entries) => {
                    entries.retain(|(key, _)| key != "exception");
                    entries.push(entry("exception", list));
                    Tree::Object(entries)
                }
                other => Tree::Object(vec![entry("extra", other), entry("exception", list)]),
            }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn both_ways_come_to_the_same(event in any_event(), style in any_style(), which in 0_usize..5) {
        compare(&SCRUBBERS[which], &event.written(style));
    }

    #[test]
    fn a_text_that_is_passed_over_holds_nothing(text in any_text(), which in 0_usize..5) {
        let scrubber = &SCRUBBERS[which];
        let at = text.contains('@');
        let shapes = scrubber.defaults && scrubber.needles.any(&text);
        prop_assert_eq!(shapes, scrubber.defaults && !scrubber.needles.find(&text).is_empty());
        for kind in [Kind::Prose, Kind::Source] {
            if !shapes && !text::may_hold(scrubber, text.as_bytes(), kind, at) {
                prop_assert!(text::scrub(scrubber, &text, kind).is_none(), "{}", text);
            }
        }
        let sure = scrubber.defaults && !scrubber.needles.any(&text);
        if sure {
            scrubber.shapes.find(&text, |_, _, rule| panic!("{rule} in {text}"));
        }
    }
}
