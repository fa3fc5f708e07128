use std::borrow::Cow;
use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::domain::event::Event;
use crate::domain::event::read::read;
use crate::domain::fingerprint::{culprit, fingerprint};
use crate::domain::json::any::{Tree, any_style, any_tree, mutated};
use crate::domain::scrub::ScrubRules;

fn now() -> Timestamp {
    "2026-11-21T12:00:00Z".parse().unwrap()
}

/// Compiled once: in a debug build that takes longer than all else.
static SCRUBBER: LazyLock<Scrubber> =
    LazyLock::new(|| Scrubber::new(&ScrubRules::default()).unwrap());

static OFF: LazyLock<Scrubber> = LazyLock::new(|| {
    Scrubber::new(&ScrubRules { enabled: false, ..ScrubRules::default() }).unwrap()
});

fn parsed(payload: &[u8]) -> Parsed<'_> {
    parse(payload, &SCRUBBER, None, now(), Vec::new()).unwrap()
}

#[test]
fn what_is_no_object_is_refused() {
    for payload in ["", "[]", "7", "{\"a\":", "null"] {
        let refused = parse(payload.as_bytes(), &SCRUBBER, None, now(), Vec::new());
        let said = refused.unwrap_err().to_string();
        assert!(said.starts_with("the event is not a JSON object: "), "{payload}: {said}");
    }
    let deep = format!("{{\"a\":{}1{}}}", "[".repeat(5000), "]".repeat(5000));
    assert!(parse(deep.as_bytes(), &SCRUBBER, None, now(), Vec::new()).is_err());
}

#[test]
fn only_what_has_to_go_goes_and_all_else_stays_byte_for_byte() {
    let sent = br#"{ "message" : "f\u0069ne", "extra":{"token":"abc", "n": 1.50},"x":[ ] }"#;
    let found = parsed(sent);
    let left =
        br#"{ "message" : "f\u0069ne", "extra":{"token":"[scrubbed: token]", "n": 1.50},"x":[ ] }"#;
    assert_eq!(String::from_utf8_lossy(&found.payload), String::from_utf8_lossy(left));
    let note = Dropped { field: "extra.token".into(), reason: "scrubbed: token".into() };
    assert_eq!(found.kept_notes, [note]);
    assert_eq!(found.event.message.as_deref(), Some("fine"));
    let clean = br#"{ "message" : "f\u0069ne" }"#;
    assert!(matches!(parsed(clean).payload, Cow::Borrowed(_)));
}

#[test]
fn the_head_has_no_lines_of_source_and_no_breadcrumbs() {
    let event = json!({"breadcrumbs": [{"message": "m"}], "user": {"id": 7, "token": "x"},
        "exception": [{"type": "E", "stacktrace": {"frames": [
            {"function": "f", "context_line": "x", "pre_context": ["y"], "post_context": ["z"]}]}}]});
    let text = event.to_string();
    let found = parsed(text.as_bytes());
    let id = found.event.event_id.clone();
    let whole = read(&found.payload, Some(&id), now(), found.kept_notes).unwrap();
    assert_eq!(whole.breadcrumbs.len(), 1);
    assert_eq!(whole.exceptions[0].stacktrace.as_ref().unwrap().frames[0].pre_context, ["y"]);
    assert_eq!(whole.user, None);
    assert_eq!(found.event.user.as_deref(), Some("7"));
    assert!(found.event.breadcrumbs.is_empty());
    assert_eq!(without_detail(whole), without_detail(found.event));
}

#[test]
fn whom_it_happened_to_is_known_though_it_is_scrubbed() {
    let rules = ScrubRules { email: true, ..ScrubRules::default() };
    let scrubber = Scrubber::new(&rules).unwrap();
    for twice in ["", ",\"a\":1,\"a\":1"] {
        let sent = format!("{{\"user\":{{\"email\":\"a@example.org\"}}{twice}}}");
        let found = parse(sent.as_bytes(), &scrubber, None, now(), Vec::new()).unwrap();
        assert_eq!(found.event.user.as_deref(), Some("a@example.org"), "{sent}");
        assert!(!String::from_utf8_lossy(&found.payload).contains("example.org"), "{sent}");
    }
}

#[test]
fn the_id_is_the_events_own_else_the_envelopes_else_a_new_one() {
    let (own, other) = ("67e5504410b1426f9247bb680e5fe0c8", "00000000000000000000000000000001");
    let id = |json: &str, envelope: Option<&str>| {
        let found = parse(json.as_bytes(), &SCRUBBER, envelope, now(), Vec::new()).unwrap();
        (found.event.event_id, found.kept_notes.len())
    };
    let with_own = format!("{{\"event_id\":\"{own}\"}}");
    assert_eq!(id(&with_own, Some(other)), (own.to_owned(), 0));
    assert_eq!(id("{}", Some(other)), (other.to_owned(), 0));
    let (new, notes) = id("{}", Some("no id"));
    assert_eq!((new.len(), notes), (32, 1));
}

/// What head and whole share.
fn without_detail(mut event: Event) -> Event {
    event.breadcrumbs.clear();
    event.dropped.clear();
    event.user = None;
    for frame in event
        .exceptions
        .iter_mut()
        .filter_map(|e| e.stacktrace.as_mut())
        .flat_map(|s| &mut s.frames)
    {
        frame.context_line = None;
        frame.pre_context.clear();
        frame.post_context.clear();
    }
    event
}

fn any_text() -> impl Strategy<Value = String> + Clone {
    let parts = prop::sample::select(vec![
        "error",
        "rust",
        "native",
        "2026-11-21T11:59:59Z",
        "67e5504410b1426f9247bb680e5fe0c8",
        "7",
        "password=hunter2",
        "4111111111111111",
        "AKIAIOSFODNN7EXAMPLE",
        "/app/src/lib.rs",
        "shop::total",
        "std::rt",
        "\u{0}",
        "é",
        "\u{1f600}",
        "\"",
        "x",
        "",
    ]);
    let long = (1000_usize..1100).prop_map(|n| "é".repeat(n));
    prop_oneof![9 => prop::collection::vec(parts, 0..3).prop_map(|p| p.concat()), 1 => long]
}

fn any_key() -> impl Strategy<Value = String> + Clone {
    let known = prop::sample::select(vec![
        "event_id",
        "timestamp",
        "level",
        "platform",
        "release",
        "environment",
        "transaction",
        "server_name",
        "logger",
        "logentry",
        "message",
        "formatted",
        "exception",
        "values",
        "type",
        "value",
        "module",
        "mechanism",
        "handled",
        "stacktrace",
        "threads",
        "crashed",
        "current",
        "frames",
        "function",
        "package",
        "filename",
        "abs_path",
        "lineno",
        "colno",
        "in_app",
        "pre_context",
        "context_line",
        "post_context",
        "breadcrumbs",
        "tags",
        "fingerprint",
        "user",
        "id",
        "password",
        "token",
        "category",
        "sentry.interfaces.Message",
    ]);
    prop_oneof![9 => known.prop_map(str::to_owned), 1 => any_text()]
}

/// An event: its own fields of any shape, some of them whole, some over the caps.
fn any_event() -> impl Strategy<Value = Tree> {
    let field = || (any_key(), any_tree(any_key(), any_text()));
    let object = || prop::collection::vec(field(), 0..8).prop_map(Tree::Object);
    let leaf = prop_oneof![
        3 => any_text().prop_map(Tree::Text),
        1 => prop::sample::select(vec!["7", "-1", "1.5", "true", "null", "[]", "{}"]).prop_map(|raw| Tree::Raw(raw.into())),
    ];
    // Small, because there may be hundreds.
    let small = prop::collection::vec((any_key(), leaf), 0..6).prop_map(Tree::Object);
    let counts = prop::sample::select(vec![0_usize, 1, 2, 21, 120, 257]);
    (object(), prop::collection::vec(small, 0..3), counts, 0..4_usize).prop_map(
        |(root, some, count, wrapping)| {
            let entry = |key: &str, value| (key.to_owned(), value);
            let wrapped = |list| match wrapping {
                0 => Tree::List(list),
                1 => Tree::Object(vec![entry("values", Tree::List(list))]),
                2 => Tree::Object(vec![
                    entry("values", Tree::List(list)),
                    entry("values", Tree::List(vec![])),
                ]),
                _ => list.into_iter().next().unwrap_or(Tree::Raw("null".into())),
            };
            let many: Vec<Tree> = some
                .iter()
                .cycle()
                .take(if some.is_empty() { 0 } else { count })
                .cloned()
                .collect();
            let stack = Tree::Object(vec![entry("frames", Tree::List(many.clone()))]);
            let exception = Tree::Object(vec![
                entry("type", Tree::Text("E".into())),
                entry("stacktrace", stack),
            ]);
            let tags = (0..count)
                .map(|i| (format!("tag{}", count - i), Tree::Raw(i.to_string())))
                .collect();
            let mut entries = vec![
                entry("exception", wrapped(vec![exception; count.clamp(1, 22) / 10 + 1])),
                entry("breadcrumbs", wrapped(many)),
                entry("tags", Tree::Object(tags)),
            ];
            if let Tree::Object(own) = root {
                entries.extend(own);
            }
            Tree::Object(entries)
        },
    )
}

/// The head agrees with what is read of the payload that is stored.
fn check(sent: &[u8], scrubber: &Scrubber) -> bool {
    let Ok(found) = parse(sent, scrubber, None, now(), Vec::new()) else {
        assert!(read(sent, None, now(), Vec::new()).is_err());
        return false;
    };
    let id = found.event.event_id.clone();
    let whole = read(&found.payload, Some(&id), now(), found.kept_notes).unwrap();
    assert_eq!(fingerprint(&whole), fingerprint(&found.event));
    assert_eq!(culprit(&whole), culprit(&found.event));
    let shown = String::from_utf8_lossy(sent);
    assert_eq!(without_detail(whole), without_detail(found.event), "{shown}");
    true
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn head_and_whole_agree(event in any_event(), style in any_style()) {
        let text = event.written(style);
        prop_assert!(serde_json::from_str::<Value>(&text).is_ok());
        prop_assert!(check(text.as_bytes(), &SCRUBBER));
        prop_assert!(check(text.as_bytes(), &OFF));
    }

    #[test]
    fn head_and_whole_agree_on_what_is_broken(
        bytes in (any_event(), any_style()).prop_flat_map(|(event, style)| mutated(event.written(style))),
    ) {
        check(&bytes, &SCRUBBER);
        check(&bytes, &OFF);
    }
}
