//! The same by the command line, beside a running server.

use serde_json::{Value, json};

use super::{export, id, ids, lines, send};
use crate::support::server::{Server, andon};

/// Runs `andon project …` over the server's data: exit code, what it printed, what it said.
fn project(server: &Server, arguments: &[&str]) -> (Option<i32>, String, String) {
    let output =
        andon().arg("project").args(arguments).arg("--data").arg(server.data()).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

#[tokio::test]
async fn events_are_exported_and_a_users_are_deleted() {
    let server = Server::start();
    let a = server.create_project("a", &[]);
    for number in 1..=30 {
        send(&server, &a, number, "t", if number <= 10 { "ada" } else { "bob" }).await;
    }
    let (code, printed, said) = project(&server, &["export", "1"]);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(said.trim(), "30 events exported");
    assert_eq!(lines(&printed), export(&server, &a, "").await, "the same as by the API");
    let file = server.folder().join("his.ndjson");
    let path = file.to_str().unwrap();
    let (code, printed, _) = project(&server, &["export", "1", "--user", "ada", "-o", path]);
    assert_eq!((code, printed.as_str()), (Some(0), ""));
    let his = lines(&std::fs::read_to_string(&file).unwrap());
    assert_eq!(ids(&his), (1..=10).map(id).collect::<Vec<_>>());
    use std::os::unix::fs::PermissionsExt as _;
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);

    let (code, _, said) = project(&server, &["delete-user", "1", "ada"]);
    assert_eq!(code, Some(1));
    assert!(said.contains("--yes"), "{said}");
    let (code, printed, _) = project(&server, &["delete-user", "1", "ada", "--yes", "--json"]);
    let answer: Value = serde_json::from_str(&printed).unwrap();
    assert_eq!((code, answer), (Some(0), json!({ "deleted_events": 10 })));
    assert_eq!(ids(&export(&server, &a, "").await), (11..=30).map(id).collect::<Vec<_>>());
    let (_, printed, _) = project(&server, &["delete-user", "1", "ada", "--yes"]);
    assert_eq!(printed.trim(), "0 events are deleted");
    for arguments in [&["export", "7"][..], &["delete-user", "7", "ada", "--yes"]] {
        let (code, _, said) = project(&server, arguments);
        assert_eq!(code, Some(1));
        assert!(said.contains("there is no project 7"), "{said}");
    }
}

#[tokio::test]
async fn settings_are_set_and_shown() {
    let server = Server::start();
    server.create_project("a", &[]);
    let rules = server.folder().join("rules");
    let path = rules.to_str().unwrap().to_owned();
    std::fs::write(&rules, "type:TimeoutError -> timeouts\n").unwrap();
    let set = |arguments: &[&str]| project(&server, &[&["set", "1"], arguments].concat());
    let (code, printed, said) = set(&["--fingerprint-rules", &path, "--keep-days", "7", "--json"]);
    assert_eq!(code, Some(0), "{said}");
    let printed: Value = serde_json::from_str(&printed).unwrap();
    let expected = json!({
        "fingerprint_rules": "type:TimeoutError -> timeouts\n",
        "retention": {
            "days": 7, "events_per_project": 0, "events_per_issue": 0, "bytes_per_project": 0,
        },
        "quotas": null,
    });
    assert_eq!(printed["settings"], expected);
    assert_eq!(server.json("/api/projects/1/settings").await, expected);
    let (code, printed, _) = project(&server, &["settings", "1", "--json"]);
    assert_eq!(code, Some(0));
    assert_eq!(serde_json::from_str::<Value>(&printed).unwrap(), expected);
    let (_, printed, _) = project(&server, &["settings", "1"]);
    for said in ["of its own", "days 7", "type:TimeoutError -> timeouts"] {
        assert!(printed.contains(said), "{said}: {printed}");
    }

    // What is not named stays, and what is wrong changes nothing.
    assert_eq!(set(&["--keep-days", "0"]).0, Some(0));
    let now = server.json("/api/projects/1/settings").await;
    assert_eq!(now["retention"]["days"], 0);
    assert_eq!(now["fingerprint_rules"], expected["fingerprint_rules"]);
    std::fs::write(&rules, "nonsense").unwrap();
    let wrong = ["--fingerprint-rules", &path, "--keep-days", "3", "--healing", "off"];
    let (code, _, said) = set(&wrong);
    assert_eq!(code, Some(1));
    assert!(said.contains(&path) && said.contains("fingerprint_rules"), "{said}");
    assert_eq!(server.json("/api/projects/1/settings").await, now);
    assert_eq!(server.json("/api/projects").await["projects"][0]["healing"], "observe");
    let (code, _, said) = set(&["--fingerprint-rules", "/does/not/exist"]);
    assert_eq!(code, Some(1));
    assert!(said.contains("/does/not/exist cannot be read"), "{said}");
    assert!(set(&[]).2.contains("--keep-days"), "it says what can be changed");
    for arguments in [&["settings", "7"][..], &["set", "7", "--keep-days", "3"]] {
        let (code, _, said) = project(&server, arguments);
        assert_eq!(code, Some(1));
        assert!(said.contains("there is no project 7"), "{said}");
    }
}

#[tokio::test]
async fn quotas_are_set_one_by_one_and_taken_away_together() {
    let server = Server::start_with(&[("ANDON_QUOTAS_EVENTS_PER_MONTH", "900")]);
    server.create_project("a", &[]);
    // The command line reads the same configuration as the server.
    let run = |arguments: &[&str]| {
        let output = andon()
            .env("ANDON_QUOTAS_EVENTS_PER_MONTH", "900")
            .arg("project")
            .args(arguments)
            .arg("--data")
            .arg(server.data())
            .output()
            .unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.code(), text(&output.stdout), text(&output.stderr))
    };
    let (_, printed, _) = run(&["settings", "1"]);
    assert!(
        printed.contains("quotas, as configured:\n        events_per_month 900\n"),
        "{printed}"
    );
    let two =
        ["--quota", "events_per_hour=50", "--quota", "quotas.categories.span.key_per_minute=7"];
    let (code, _, said) = run(&[&["set", "1", "--keep-days", "7"], &two[..]].concat());
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(run(&["set", "1", "--quota", "events_per_minute=5"]).0, Some(0));
    let now = server.json("/api/projects/1/settings").await;
    assert_eq!(now["quotas"]["events_per_minute"], 5);
    assert_eq!(now["quotas"]["events_per_hour"], 50, "what is not named stays: {now}");
    assert_eq!(now["quotas"]["events_per_month"], 900, "as it was configured: {now}");
    assert_eq!(now["quotas"]["categories"]["span"]["key_per_minute"], 7);
    assert_eq!(now["retention"]["days"], 7);
    let (_, printed, _) = run(&["settings", "1"]);
    for said in ["quotas, of its own:", "events_per_hour 50", "categories.span.key_per_minute 7"] {
        assert!(printed.contains(said), "{said}: {printed}");
    }

    for (wrong, reason) in [
        (&["--quota", "events_per_hour"][..], "KEY=NUMBER"),
        (&["--quota", "events_per_day=3"], "`events_per_day` is no quota"),
        (&["--quota", "events_per_hour=-1"], "`-1` is no number"),
        (&["--quota", "events_per_hour=1000000000000001"], "to 1000000000000000"),
        (&["--quota", "events_per_hour=1", "--quotas-as-configured"], "cannot be used with"),
    ] {
        let (code, _, said) = run(&[&["set", "1"], wrong].concat());
        assert_ne!(code, Some(0));
        assert!(said.contains(reason), "{reason}: {said}");
    }
    assert_eq!(server.json("/api/projects/1/settings").await, now);

    assert_eq!(run(&["set", "1", "--quotas-as-configured"]).0, Some(0));
    let now = server.json("/api/projects/1/settings").await;
    assert_eq!((&now["quotas"], &now["retention"]["days"]), (&Value::Null, &json!(7)));
}
