//! The command line: configuration, projects, tokens.

use reqwest::StatusCode;
use serde_json::Value;

use crate::support::eventually;
use crate::support::server::{Server, andon};
use crate::support_repo::TestRepo;

#[test]
fn config_check_explains_a_bad_file_with_line_and_reason() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("andon.toml");
    let check = |text: &str| {
        std::fs::write(&file, text).unwrap();
        let output = andon().args(["config", "check"]).current_dir(&folder).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.code(), said, String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let (code, said, _) = check("listen = \"127.0.0.1:9\"\n\n[ingest]\nmax_body = 1\n");
    assert_eq!(code, Some(1));
    assert!(said.contains("andon.toml:4:1: unknown field `max_body`"), "{said}");
    let (code, _, shown) = check("listen = \"127.0.0.1:9\"\n");
    assert_eq!(code, Some(0));
    assert!(shown.contains("listen = \"127.0.0.1:9\""), "{shown}");
}

#[tokio::test]
async fn a_new_project_takes_effect_on_a_running_server_that_did_not_know_it() {
    let server = Server::start();
    // Asked before it exists, so that "unknown" could be remembered.
    let unknown = server
        .plain(reqwest::Method::POST, "/api/1/envelope/?sentry_key=x")
        .body("{}\n")
        .send()
        .await
        .unwrap();
    assert_eq!(unknown.status(), StatusCode::FORBIDDEN);
    let project = server.create_project("shop", &[]);
    assert_eq!(project.id, 1);
    let host = server.url.trim_start_matches("http://");
    assert_eq!(project.dsn, format!("http://{}@{host}/1", project.key));
    eventually("the server to know the project", async || {
        let sent = server.envelope(&project, b"{}\n".to_vec()).await;
        (sent.status() == StatusCode::OK).then_some(())
    })
    .await;
}

#[tokio::test]
async fn what_makes_no_project_is_said() {
    let server = Server::start();
    server.create_project("shop", &[]);
    let data = server.data();
    let create = |arguments: &[&str]| {
        let output = andon()
            .args(["project", "create"])
            .args(arguments)
            .args(["--data", data.to_str().unwrap()])
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(1));
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    assert!(create(&["shop"]).contains("a project named `shop` exists already"));
    assert!(create(&[" "]).contains("the name is empty"));
    let no_repo = server.folder().to_str().unwrap();
    assert!(create(&["x", "--repo", no_repo]).contains("git repository"));
    assert!(create(&["x", "--repo", "/does/not/exist"]).contains("/does/not/exist"));
}

#[tokio::test]
async fn a_second_server_over_the_same_folder_is_refused() {
    let server = Server::start();
    let output = andon()
        .args(["serve", "--listen", "127.0.0.1:0", "--data"])
        .arg(server.data())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("another andon server uses the data folder"), "{said}");
}

#[test]
fn a_mistyped_data_folder_does_not_become_a_new_andon() {
    let folder = tempfile::tempdir().unwrap();
    let typo = folder.path().join("typo");
    for arguments in [&["project", "list"][..], &["token", "revoke", "1"], &["rollback", "1"]] {
        let output = andon().args(arguments).arg("--data").arg(&typo).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(said.contains("there is no Andon data in"), "{said}");
        assert!(!typo.exists(), "{arguments:?}");
    }
}

#[tokio::test]
async fn tokens_are_created_limited_and_revoked() {
    let server = Server::start();
    let repo = TestRepo::with(&[("a.txt", "a\n")]);
    let project = server.create_project("shop", &["--repo", repo.root().to_str().unwrap()]);
    let data = server.data();
    let run = |arguments: &[&str]| -> Value {
        let output = andon()
            .args(arguments)
            .args(["--data", data.to_str().unwrap(), "--json"])
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let made = run(&["token", "create", "reader", "--scope", "read"]);
    let token = made["token"].as_str().unwrap().to_owned();
    let get = async |path: &str| {
        let request = server.plain(reqwest::Method::GET, path).bearer_auth(&token);
        request.send().await.unwrap().status()
    };
    assert_eq!(get("/api/projects").await, StatusCode::OK);
    assert_eq!(get("/api/audit").await, StatusCode::FORBIDDEN);
    let id = made["id"].as_i64().unwrap().to_string();
    let names = |listed: &Value| -> Vec<String> {
        let names =
            listed.as_array().unwrap().iter().map(|t| t["name"].as_str().unwrap().to_owned());
        names.collect()
    };
    assert_eq!(names(&run(&["token", "list"])), ["admin", "reader"]);
    run(&["token", "revoke", &id]);
    assert_eq!(names(&run(&["token", "list"])), ["admin"]);
    assert_eq!(get("/api/projects").await, StatusCode::UNAUTHORIZED);

    let trail = server.json("/api/audit").await;
    let actions: Vec<&str> = trail["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| e["action"].as_str().unwrap())
        .collect();
    // The first is that of the administrator's own token.
    assert_eq!(actions, ["token.revoked", "token.created", "project.created", "token.created"]);
    let listed = server.json("/api/projects").await;
    assert_eq!(listed["projects"][0]["dsn"], project.dsn);
    assert_eq!(listed["projects"][0]["healing"], "observe");
    let changed = run(&["project", "set", "1", "--healing", "in_place"]);
    assert_eq!(
        (&changed["healing"], &changed["repo"]),
        (&"in_place".into(), &listed["projects"][0]["repo"])
    );
    assert_eq!(server.json("/api/projects").await["projects"][0]["healing"], "in_place");
    assert_eq!(server.terminate(), Some(0), "a server that is asked to stop ends well");
}

#[tokio::test]
async fn the_audit_trail_is_proved_and_taken_out() {
    let server = Server::start();
    server.create_project("shop", &[]);
    let data = server.data();
    let audit = |arguments: &[&str]| {
        let output = andon()
            .arg("audit")
            .args(arguments)
            .args(["--data", data.to_str().unwrap()])
            .output()
            .unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let (code, said) = audit(&["verify", "--json"]);
    let report: Value = serde_json::from_str(&said).unwrap();
    assert_eq!((code, &report["holds"]), (Some(0), &Value::Bool(true)), "{said}");
    let head = report["head"].as_str().unwrap().to_owned();
    let (_, lines) = audit(&["export"]);
    let entries: Vec<Value> =
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(entries.len() as u64, report["entries"].as_u64().unwrap());
    assert!(entries.iter().any(|entry| entry["action"] == "project.created"), "{lines}");
    assert_eq!(entries.last().unwrap()["hash"], head.as_str());
    let after_first = audit(&["export", "--after", "1"]).1;
    assert_eq!(after_first.lines().count(), entries.len() - 1);

    // The end cut off shows by the hash that was kept; a change shows by itself.
    let database = behind_its_back(&server, "DELETE FROM audit WHERE hash = ?", &head).await;
    assert_eq!(database, 1);
    assert_eq!(audit(&["verify"]).0, Some(0));
    let (code, said) = audit(&["verify", "--head", &head]);
    assert_eq!(code, Some(1));
    assert!(said.contains("the end was cut off"), "{said}");
    behind_its_back(&server, "UPDATE audit SET actor = ? WHERE id = 1", "eve").await;
    let (code, said) = audit(&["verify"]);
    assert_eq!(code, Some(1));
    assert!(said.contains("entry 1: its content was changed"), "{said}");
}

/// Changes the database behind the server's back; how many rows it was.
async fn behind_its_back(server: &Server, statement: &'static str, value: &str) -> u64 {
    use sqlx::Connection as _;
    let url = format!("sqlite://{}", server.data().join("andon.db").display());
    let mut connection = sqlx::SqliteConnection::connect(&url).await.unwrap();
    let done = sqlx::query(statement).bind(value).execute(&mut connection).await.unwrap();
    done.rows_affected()
}
