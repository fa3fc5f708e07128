use std::io::Write;

use super::*;
use crate::domain::category::Category;

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
        ("ANDON_INGEST_MAX_CONNECTIONS", "0", "ingest.max_connections"),
        ("ANDON_INGEST_MAX_EVENT_BYTES", "67108865", "ingest.max_event_bytes"),
        ("ANDON_INGEST_MAX_INFLIGHT_BYTES", "1000", "ingest.max_inflight_bytes"),
        ("ANDON_QUOTAS_EVENTS_PER_HOUR", "2000000000000000", "quotas.events_per_hour"),
    ] {
        let error = load(None, variables(&[(variable, value)])).unwrap_err();
        assert!(error.to_string().contains(key), "{error}");
    }
}

#[test]
fn quotas_are_off_until_they_are_set_and_have_names_of_categories() {
    assert_eq!(Config::default().quotas, QuotaSet::default());
    let text = "[quotas]\nkey_events_per_hour = 5\n[quotas.categories.transaction]\nper_minute = 7\n[quotas.categories.log_item]\nkey_per_month = 9\n";
    let file = file(text);
    let changed = [("ANDON_QUOTAS_EVENTS_PER_MONTH", "3")];
    let quotas = load(Some(file.path()), variables(&changed)).unwrap().config.quotas;
    assert_eq!((quotas.events_per_month, quotas.key_events_per_hour), (3, 5));
    assert_eq!(quotas.categories[&Category::Transaction].per_minute, 7);
    assert_eq!(quotas.categories[&Category::LogItem].key_per_month, 9);
    // As `andon config check` prints it.
    let printed = toml::to_string(&quotas).unwrap();
    assert_eq!(toml::from_str::<QuotaSet>(&printed).unwrap(), quotas);
}

#[test]
fn a_quota_of_what_is_no_category_is_refused() {
    for (table, reason) in [
        ("[quotas.categories.errors]", "unknown variant `errors`"),
        ("[quotas.categories.error]", "quotas.events_per_minute"),
        ("[quotas.categories.security]", "quotas.events_per_minute"),
        ("[quotas.categories.session]\nper_day = 1", "unknown field `per_day`"),
    ] {
        let file = file(table);
        let error = load(Some(file.path()), variables(&[])).unwrap_err().to_string();
        assert!(error.contains(reason), "{error}");
    }
}
