use super::*;
use crate::domain::fingerprint::fingerprint;

fn scrubber() -> Scrubber {
    Scrubber::new(&Default::default()).unwrap()
}

fn events(body: &str) -> Vec<Event> {
    let now = "2026-11-21T12:00:00Z".parse().unwrap();
    let reports = parse(body.as_bytes(), &scrubber(), Some("1.0"), None, now).unwrap();
    reports.into_iter().map(|report| report.event).collect()
}

#[test]
fn a_policys_violation_in_both_shapes_is_one_issue() {
    let old = r#"{"csp-report":{"document-uri":"https://shop.example/cart?card=4111","violated-directive":"script-src-elem 'self'","blocked-uri":"https://evil.example/a.js","disposition":"enforce","line-number":7}}"#;
    let new = r#"[{"type":"csp-violation","age":3,"url":"https://shop.example/","user_agent":"x","body":{"documentURL":"https://shop.example/","effectiveDirective":"script-src-elem","blockedURL":"https://evil.example/b.js","disposition":"report"}}]"#;
    let (old, new) = (events(old).remove(0), events(new).remove(0));
    assert_eq!(old.message.as_deref(), Some("the policy's script-src-elem blocked evil.example"));
    assert_eq!(
        new.message.as_deref(),
        Some("the policy's script-src-elem would block evil.example")
    );
    assert_eq!(fingerprint(&old), fingerprint(&new));
    assert_eq!((old.level, new.level), (Level::Error, Level::Warning));
    assert_eq!(old.tags["host"], "shop.example", "and nothing of what was typed");
    assert_eq!(old.tags["line"], "7");
    assert_eq!(old.release.as_deref(), Some("1.0"));
    assert!(old.dropped.is_empty(), "{:?}", old.dropped);
}

#[test]
fn certificates_and_other_reports() {
    for (body, message, level) in [
        (
            r#"{"expect-ct-report":{"date-time":"2026-11-21T11:00:00Z","hostname":"a.example","port":443}}"#,
            "a.example showed no certificate transparency",
            Level::Error,
        ),
        (
            r#"{"date-time":"2026-11-21T11:00:00Z","hostname":"a.example","port":443,"known-pins":[]}"#,
            "a.example showed none of the pinned keys",
            Level::Error,
        ),
        (
            r#"[{"type":"deprecation","url":"https://a.example/x","body":{"id":"unload","message":"unload goes away"}}]"#,
            "deprecation: unload goes away",
            Level::Warning,
        ),
        (r#"{"csp-report":{}}"#, "the policy's unknown directive blocked inline", Level::Error),
        (
            r#"{"csp-report":{"effective-directive":"img-src","blocked-uri":"data:image/png;x"}}"#,
            "the policy's img-src blocked data",
            Level::Error,
        ),
    ] {
        let event = events(body).remove(0);
        assert_eq!(event.message.as_deref(), Some(message), "{body}");
        assert_eq!(event.level, level, "{body}");
    }
}

#[test]
fn what_is_no_report_is_refused_and_a_long_list_is_cut() {
    let now = Timestamp::UNIX_EPOCH;
    for bad in ["", "{}", "7", "[7]", "[{}]", "{\"csp-report\":7}", "[", "{\"type\":\"crash\"}"] {
        assert!(
            matches!(
                parse(bad.as_bytes(), &scrubber(), None, None, now),
                Err(IngestError::Malformed(_))
            ),
            "{bad}"
        );
    }
    let one = r#"{"csp-report":{}}"#;
    let many = format!("[{}]", vec![one; 60].join(","));
    let found = events(&many);
    assert_eq!(found.len(), MAX_REPORTS);
    assert_eq!(found[0].dropped.len(), 1);
    assert!(events("[]").is_empty());
}
