use super::*;
use crate::domain::event::StackTrace;

fn event() -> Event {
    Event::bare("0".repeat(32), jiff::Timestamp::UNIX_EPOCH)
}

fn panic_at(value: &str, functions: &[(&str, bool)]) -> Event {
    let frames = functions
        .iter()
        .map(|(name, in_app)| Frame {
            function: Some((*name).into()),
            in_app: Some(*in_app),
            ..Frame::default()
        })
        .collect();
    Event {
        exceptions: vec![Exception {
            ty: Some("panic".into()),
            value: Some(value.into()),
            stacktrace: Some(StackTrace { frames }),
            ..Exception::default()
        }],
        ..event()
    }
}

#[test]
fn a_message_that_varies_does_not_split_what_has_frames() {
    let frames = [("app::main", true), ("app::load::h0123456789abcdef", true)];
    let a = panic_at("no such user bob", &frames);
    let b = panic_at("no such user alice", &[("app::main", true), ("app::load", true)]);
    assert_eq!(fingerprint(&a), fingerprint(&b));
}

#[test]
fn two_kinds_of_panic_in_one_function_are_two_issues() {
    let frames = [("app::main", true)];
    let a = panic_at("attempt to divide by zero", &frames);
    let b = panic_at("called `Option::unwrap()` on a `None` value", &frames);
    assert_ne!(fingerprint(&a), fingerprint(&b));
    let c = panic_at("index out of bounds: the len is 3 but the index is 5", &frames);
    let d = panic_at("index out of bounds: the len is 7 but the index is 9", &frames);
    assert_eq!(fingerprint(&c), fingerprint(&d));
}

#[test]
fn frames_of_other_peoples_code_do_not_count() {
    let a = panic_at("x", &[("app::main", true), ("core::panicking::panic_fmt", false)]);
    let b = panic_at("x", &[("app::main", true), ("std::rt::begin_panic", false)]);
    let c = panic_at("x", &[("app::other", true), ("std::rt::begin_panic", false)]);
    assert_eq!(fingerprint(&a), fingerprint(&b));
    assert_ne!(fingerprint(&a), fingerprint(&c));
}

#[test]
fn recursion_of_any_depth_is_one_issue() {
    let a = panic_at("x", &[("app::walk", true); 3]);
    let b = panic_at("x", &[("app::walk", true); 40]);
    assert_eq!(fingerprint(&a), fingerprint(&b));
}

#[test]
fn the_senders_fingerprint_wins_and_may_include_ours() {
    let mut a = panic_at("x", &[("app::main", true)]);
    let mut b = panic_at("x", &[("app::other", true)]);
    a.fingerprint = Some(vec!["db".into()]);
    b.fingerprint = Some(vec!["db".into()]);
    assert_eq!(fingerprint(&a), fingerprint(&b));
    a.fingerprint = Some(vec!["{{default}}".into(), "db".into()]);
    b.fingerprint = Some(vec!["{{ default }}".into(), "db".into()]);
    assert_ne!(fingerprint(&a), fingerprint(&b));
    // Parts may not be joined into the same text.
    a.fingerprint = Some(vec!["ab".into(), "c".into()]);
    b.fingerprint = Some(vec!["a".into(), "bc".into()]);
    assert_ne!(fingerprint(&a), fingerprint(&b));
}

#[test]
fn messages_lose_what_varies() {
    for (message, shape) in [
        ("user 17 not found", "user <number> not found"),
        ("took 1.5e3 ms", "took <number> ms"),
        ("id 67e55044-10b1-426f-9247-bb680e5fe0c8 gone", "id <uuid> gone"),
        ("at 0x7ffdeadbeef", "at <address>"),
        ("from 10.0.0.12 port 80", "from <ip> port <number>"),
        ("mail to a.b+c@example.org", "mail to <email>"),
        ("since 2026-11-21T22:00:00Z", "since <date>"),
        ("commit deadbeef01 is bad", "commit <hex> is bad"),
        ("the page was defaced", "the page was defaced"),
        ("order 1234567 failed", "order <number> failed"),
    ] {
        assert_eq!(parameterise(message), shape);
    }
}

/// Samples whose digests of version 1 are stored in databases: they may never change.
fn pinned_samples() -> Vec<(&'static str, Event)> {
    let base = |rest: &str| -> Event {
        let head = r#""event_id":"00000000000000000000000000000000","timestamp":"1970-01-01T00:00:00Z","level":"error","platform":"rust""#;
        serde_json::from_str(&format!("{{{head}{rest}}}")).unwrap()
    };
    vec![
        ("nothing known", base("")),
        (
            "a message",
            base(
                r#","message":"order 17 of bob@example.org at 10.0.0.1:80 took 1.5e3 ms, id 67e55044-10b1-426f-9247-bb680e5fe0c8""#,
            ),
        ),
        (
            "a type and a value",
            base(
                r#","exceptions":[{"type":"KeyError","value":"no 'x' in 0xdeadbeef since 2026-11-21T22:00:00Z"}]"#,
            ),
        ),
        (
            "a panic with frames",
            base(
                r#","exceptions":[{"type":"panic","value":"index out of bounds: the len is 3 but the index is 5","stacktrace":{"frames":[{"function":"orders::main","in_app":true},{"function":"orders::cart::Cart::total::{{closure}}::h0123456789abcdef","module":"orders::cart","filename":"cart.rs","abs_path":"/srv/orders/src/cart.rs","lineno":12,"in_app":true},{"function":"core::panicking::panic_bounds_check","in_app":false}]}}]"#,
            ),
        ),
        (
            "a chain of python",
            base(
                r#","exceptions":[{"type":"KeyError","value":"'a'"},{"type":"ValueError","value":"bad 1","stacktrace":{"frames":[{"function":"<module>","module":"app.main","lineno":3,"in_app":true},{"function":"load","module":"app.store","lineno":9,"in_app":true},{"function":"load","module":"app.store","lineno":9,"in_app":true},{"filename":"x.py","lineno":4,"in_app":true}]}}]"#,
            ),
        ),
        (
            "no frame in the app",
            base(
                r#","exceptions":[{"type":"Error","value":"x","stacktrace":{"frames":[{"function":"<unknown>","filename":"/a/b.js","lineno":7},{"function":"run","filename":"/a/c.js"},{"function":""}]}}]"#,
            ),
        ),
        ("the sender's own", base(r#","message":"x 1","fingerprint":["db","{{ default }}"]"#)),
    ]
}

#[test]
fn digests_of_version_1_never_change() {
    let digests = [
        "644ea546e28dcd8f7f85af250de1488f",
        "eff4403958e00e3a29682567a963568b",
        "3cdf367fcf7bdf03ce67f91c304e0c84",
        "22c75acb7f646ca523e20bf076929190",
        "0c42be81866e81c4b1aede3526817cf9",
        "012e77b1914c896817be517faca50f37",
        "8547b648e5dbc6879d1c842fec7d4548",
    ];
    let samples = pinned_samples();
    assert_eq!(samples.len(), digests.len());
    for ((what, event), digest) in samples.iter().zip(digests) {
        assert_eq!(fingerprint(event), digest, "{what}");
    }
}
