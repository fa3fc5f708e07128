use super::read::read;
use super::stack::MAX_FRAMES;
use super::*;

fn now() -> Timestamp {
    "2026-11-21T12:00:00Z".parse().unwrap()
}

fn parse_text(json: &str) -> Event {
    read(json.as_bytes(), None, now(), Vec::new()).unwrap()
}

#[test]
fn a_panic_as_the_rust_sdk_sends_it() {
    let event = parse_text(
        r#"{"event_id":"67e55044-10b1-426f-9247-bb680e5fe0c8","timestamp":1795262400.5,"level":"fatal",
            "platform":"native","release":"shop@1.0","tags":{"case":"index"},
            "exception":{"values":[{"type":"panic","value":"boom","mechanism":{"type":"panic","handled":false},
              "stacktrace":{"frames":[{"function":"main","filename":"main.rs","lineno":3},
                {"function":"shop::total","abs_path":"/app/src/lib.rs","lineno":7,"colno":5}]}}]},
            "breadcrumbs":{"values":[{"message":"opened","timestamp":"2026-11-21T11:59:59Z"}]}}"#,
    );
    assert_eq!(event.event_id, "67e5504410b1426f9247bb680e5fe0c8");
    assert_eq!(event.title(), "panic: boom");
    assert_eq!(event.level, Level::Fatal);
    let exception = event.exception().unwrap();
    assert_eq!(exception.handled, Some(false));
    assert_eq!(exception.stacktrace.as_ref().unwrap().frames[1].lineno, Some(7));
    assert_eq!(event.breadcrumbs[0].message.as_deref(), Some("opened"));
    assert_eq!(event.tags["case"], "index");
    assert_eq!(event.dropped, []);
}

#[test]
fn what_cannot_be_read_is_noted_and_the_rest_kept() {
    let event = parse_text(
        r#"{"event_id":"xyz","timestamp":"yesterday","level":"odd","message":"still here",
            "tags":[["a","b"],"c"],"exception":7,"fingerprint":{},"release":["x"]}"#,
    );
    assert_eq!(event.message.as_deref(), Some("still here"));
    assert_eq!(event.tags["a"], "b");
    assert_eq!(event.timestamp, now());
    let mut fields: Vec<&str> = event.dropped.iter().map(|d| d.field.as_str()).collect();
    fields.sort_unstable();
    assert_eq!(
        fields,
        ["event_id", "exception", "fingerprint", "level", "release", "tags", "timestamp"]
    );
}

#[test]
fn invalid_utf8_is_replaced_and_said() {
    let event = read(b"{\"message\":\"a\xffb\"}", None, now(), Vec::new()).unwrap();
    assert_eq!(event.message.as_deref(), Some("a\u{fffd}b"));
    assert_eq!(event.dropped.len(), 1);
}

#[test]
fn what_is_no_object_is_refused() {
    for payload in ["", "[]", "7", "{\"a\":", "null"] {
        assert!(read(payload.as_bytes(), None, now(), Vec::new()).is_err(), "{payload}");
    }
    let deep = format!("{{\"a\":{}1{}}}", "[".repeat(5000), "]".repeat(5000));
    assert!(read(deep.as_bytes(), None, now(), Vec::new()).is_err());
}

#[test]
fn absurd_times_become_the_time_of_arrival() {
    for time in ["0", "\"1970-01-01T00:00:00Z\"", "\"2200-01-01T00:00:00Z\"", "1e300"] {
        let event = parse_text(&format!("{{\"timestamp\":{time}}}"));
        assert_eq!(event.timestamp, now(), "{time}");
        assert_eq!(event.dropped.len(), 1, "{time}");
    }
}

#[test]
fn ten_thousand_frames_keep_both_ends() {
    let frames: Vec<String> =
        (0..10_000).map(|i| format!("{{\"function\":\"f{i}\",\"lineno\":{i}}}")).collect();
    let event = parse_text(&format!(
        "{{\"exception\":[{{\"type\":\"E\",\"stacktrace\":{{\"frames\":[{}]}}}}]}}",
        frames.join(",")
    ));
    let frames = &event.exception().unwrap().stacktrace.as_ref().unwrap().frames;
    assert_eq!(frames.len(), MAX_FRAMES);
    assert_eq!(frames[0].function.as_deref(), Some("f0"));
    assert_eq!(frames[MAX_FRAMES - 1].function.as_deref(), Some("f9999"));
    assert!(!event.dropped.is_empty());
}

#[test]
fn a_thread_lends_its_stack_to_an_exception_without_one() {
    let event = parse_text(
        r#"{"exception":{"values":[{"type":"E"}]},
            "threads":{"values":[{"id":1},{"id":2,"crashed":true,"stacktrace":{"frames":[{"function":"f"}]}}]}}"#,
    );
    assert!(event.exception().unwrap().stacktrace.is_some());
}

#[test]
fn the_id_that_it_is_stored_under_counts_and_what_was_noted_stays() {
    let kept = Dropped { field: "extra.a".into(), reason: "scrubbed: token".into() };
    let id = "0".repeat(31) + "1";
    let event = read(br#"{"event_id":"x"}"#, Some(&id), now(), vec![kept.clone()]).unwrap();
    assert_eq!(event.event_id, id);
    assert_eq!(event.dropped[0], kept);
    assert_eq!(event.dropped[1].field, "event_id");
}

#[test]
fn odd_shapes_of_lists_and_values() {
    let event = parse_text(
        r#"{"exception":{"type":"E","value":7,"mechanism":{"handled":true}},"breadcrumbs":{"values":null},
            "tags":{"a":1.50,"b":true,"c":null,"d":[1]},"logentry":{"formatted":null,"message":"m"},
            "fingerprint":[1,"a",null,{}],"threads":[{"current":true,"stacktrace":{"frames":[7,{"lineno":"12","colno":-1}]}}]}"#,
    );
    let exception = event.exception().unwrap();
    assert_eq!((exception.value.as_deref(), exception.handled), (Some("7"), Some(true)));
    let frames = &exception.stacktrace.as_ref().unwrap().frames;
    assert_eq!((frames.len(), frames[0].lineno, frames[0].colno), (1, Some(12), None));
    assert_eq!(
        event.tags.into_iter().collect::<Vec<_>>(),
        [("a".into(), "1.5".into()), ("b".into(), "true".into())]
    );
    assert_eq!(event.message.as_deref(), Some("m"));
    assert_eq!(event.fingerprint, Some(vec!["1".into(), "a".into()]));
    let mut fields: Vec<&str> = event.dropped.iter().map(|d| d.field.as_str()).collect();
    fields.sort_unstable();
    assert_eq!(
        fields,
        ["fingerprint", "stacktrace.frames[0]", "stacktrace.frames[1].colno", "tags"]
    );
}

#[test]
fn levels_by_name_and_by_the_numbers_of_pythons_logging() {
    for (sent, level, noted) in [
        ("\"Warn\"", Level::Warning, 0),
        ("10", Level::Debug, 0),
        ("20", Level::Info, 0),
        ("30", Level::Warning, 0),
        ("40", Level::Error, 0),
        ("50", Level::Fatal, 0),
        ("45", Level::Error, 1),
        ("-10", Level::Error, 1),
        ("[]", Level::Error, 1),
    ] {
        let event = parse_text(&format!("{{\"level\":{sent}}}"));
        assert_eq!((event.level, event.dropped.len()), (level, noted), "{sent}");
    }
}

#[test]
fn whom_it_happened_to() {
    let user = |json: &str| {
        let (doc, _) = crate::domain::json::lenient::doc(json.as_bytes()).unwrap();
        facts::user(doc.root())
    };
    for (json, named) in [
        (r#"{"user":{"id":"a","username":"b","email":"c"}}"#, Some("a")),
        (r#"{"user":{"id":null,"username":"b","email":"c"}}"#, Some("b")),
        (r#"{"user":{"id":"","email":"c@example.org"}}"#, Some("c@example.org")),
        (r#"{"user":{"id":12345678901}}"#, Some("12345678901")),
        (r#"{"user":{"id":{"a":1},"username":true}}"#, None),
        (r#"{"user":"x"}"#, None),
        (r#"{"users":{"id":"x"}}"#, None),
    ] {
        assert_eq!(user(json).as_deref(), named, "{json}");
        assert_eq!(
            facts::user_of(&serde_json::from_str(json).unwrap()).as_deref(),
            named,
            "{json}"
        );
    }
    let long = user(&format!("{{\"user\":{{\"id\":\"{}\"}}}}", "é".repeat(2000))).unwrap();
    assert_eq!(long.len(), fields::MAX_NAME_BYTES);
    let event = Event { user: Some("secret".into()), ..Event::bare("0".repeat(32), now()) };
    assert!(!serde_json::to_string(&event).unwrap().contains("secret"), "it is never stored");
}

#[test]
fn what_an_exception_is_to_the_next_one_is_read_from_its_mechanism() {
    let json = r#"{"exception":{"values":[
        {"type":"A","mechanism":{"type":"chained","source":"__context__"}},
        {"type":"B","mechanism":{"source":"__cause__"}},
        {"type":"C","mechanism":{"source":"errors[1]"}},
        {"type":"D","mechanism":{"source":"elsewhere"}},
        {"type":"E","mechanism":{"source":7}}]}}"#;
    let event = parse_text(json);
    let links: Vec<_> = event.exceptions.iter().map(|one| one.link).collect();
    assert_eq!(links, [Some(Link::Context), Some(Link::Cause), Some(Link::Member), None, None]);
}
