use std::io::Write;

use super::*;

fn file(text: &str) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file
}

fn variables(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
}

#[test]
fn the_environment_overrides_the_file() {
    let file = file("listen = \"127.0.0.1:1\"\n[ingest]\nmax_body_bytes = 7\nqueue_events = 9\n");
    let loaded = load(
        Some(file.path()),
        variables(&[
            ("ANDON_INGEST_MAX_BODY_BYTES", "8"),
            ("ANDON_SERVICE_HOST", "x"),
            ("HOME", "/"),
        ]),
    )
    .unwrap();
    assert_eq!(loaded.config.listen.port(), 1);
    assert_eq!(loaded.config.ingest.max_body_bytes, 8);
    assert_eq!(loaded.config.ingest.queue_events, 9);
    assert_eq!(loaded.variables, ["ANDON_INGEST_MAX_BODY_BYTES"]);
    assert_eq!(loaded.unknown_variables, ["ANDON_SERVICE_HOST"]);
}

#[test]
fn a_bad_file_is_explained_with_its_line() {
    for (text, line, reason) in [
        ("listen = 5\n", 1, "socket address"),
        ("\n\n[ingest]\nmax_bodybytes = 1\n", 4, "unknown field `max_bodybytes`"),
        ("a = \n", 1, ""),
        ("[ingest]\nqueue_events = -1\n", 2, ""),
    ] {
        let file = file(text);
        match load(Some(file.path()), variables(&[])) {
            Err(ConfigError::File { line: at, reason: why, .. }) => {
                assert_eq!(at, line, "{text}: {why}");
                assert!(why.contains(reason), "{text}: {why}");
            }
            other => panic!("{text}: {other:?}"),
        }
    }
}

#[test]
fn a_bad_variable_is_named() {
    for (name, text) in [("ANDON_LISTEN", "here"), ("ANDON_INGEST_QUEUE_EVENTS", "many")] {
        match load(None, variables(&[(name, text)])) {
            Err(ConfigError::Variable { name: named, .. }) => assert_eq!(named, name),
            other => panic!("{other:?}"),
        }
    }
    assert!(load(None, variables(&[("ANDON_PUBLIC_URL", "ftp://x")])).is_err());
    assert!(load(None, variables(&[("ANDON_WORKER_CONCURRENCY", "0")])).is_err());
}

#[test]
fn limits_that_make_no_sense_are_refused_with_their_key() {
    for (variable, value, key) in [
        ("ANDON_GUI_SESSION_HOURS", "0", "gui.session_hours"),
        ("ANDON_CHECKS_TIMEOUT_SECONDS", "0", "checks.timeout_seconds"),
        ("ANDON_INGEST_BODY_TIMEOUT_SECONDS", "0", "ingest.body_timeout_seconds"),
        ("ANDON_INGEST_QUEUE_EVENTS", "9000000000000000000", "ingest.queue_events"),
        ("ANDON_WORKER_CONCURRENCY", "100000000", "worker.concurrency"),
    ] {
        let error = load(None, variables(&[(variable, value)])).unwrap_err();
        assert!(error.to_string().contains(key), "{error}");
    }
}
