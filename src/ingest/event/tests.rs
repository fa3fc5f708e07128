use super::*;

fn now() -> Timestamp {
    "2026-11-21T12:00:00Z".parse().unwrap()
}

fn scrubber() -> Scrubber {
    Scrubber::new(&Default::default()).unwrap()
}

fn parse_text(json: &str) -> Event {
    parse(json.as_bytes(), &scrubber(), None, now(), Vec::new()).unwrap().event
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
    let event =
        parse(b"{\"message\":\"a\xffb\"}", &scrubber(), None, now(), Vec::new()).unwrap().event;
    assert_eq!(event.message.as_deref(), Some("a\u{fffd}b"));
    assert_eq!(event.dropped.len(), 1);
}

#[test]
fn what_is_no_object_is_refused() {
    for payload in ["", "[]", "7", "{\"a\":", "null"] {
        assert!(
            parse(payload.as_bytes(), &scrubber(), None, now(), Vec::new()).is_err(),
            "{payload}"
        );
    }
    let deep = format!("{{\"a\":{}1{}}}", "[".repeat(5000), "]".repeat(5000));
    assert!(parse(deep.as_bytes(), &scrubber(), None, now(), Vec::new()).is_err());
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
