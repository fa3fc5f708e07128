//! `/api/execute` as applications call it that were written for the shape, and what goes with it.

mod code;
mod description;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::models::stand::Stand;
use crate::support::server::{Server, andon};

fn token(server: &Server, arguments: &[&str]) -> String {
    let output = andon()
        .args(["token", "create", "an-application", "--json", "--data"])
        .arg(server.data())
        .args(arguments)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let made: Value = serde_json::from_slice(&output.stdout).unwrap();
    made["token"].as_str().unwrap().to_owned()
}

/// What the guide's error handler sends.
fn guides_error() -> Value {
    json!({
        "task_type": "code_analysis",
        "input_data": {
            "error": "'NoneType' object has no attribute 'name'",
            "stack_trace": "Traceback (most recent call last):\n  File \"/srv/app/views.py\", line 14, in show\n    return client.name\nAttributeError: 'NoneType' object has no attribute 'name'\n",
            "context": { "url": "/clients/7", "method": "GET", "headers": { "Authorization": "Bearer abcdefgh12345678" }, "remote_addr": "203.0.113.9" },
            "timestamp": "2026-11-22T12:00:00.123456",
        },
    })
}

#[tokio::test]
async fn an_application_needs_only_its_url_and_token() {
    let server = Server::start();
    let project = server.create_project("app", &[]);
    let other = server.create_project("other", &[]);
    let token = token(&server, &["--project", &project.id.to_string()]);
    // `AI_ORCHESTRATOR_URL=http://TOKEN@host` and the token as password and as bearer.
    for (name, way) in [
        ("user", &[token.as_str(), ""][..]),
        ("password", &["", token.as_str()]),
        ("bearer", &[token.as_str()]),
    ] {
        let request = server.plain(Method::POST, "/api/execute").json(&guides_error());
        let request = match way {
            [user, password] => request.basic_auth(user, Some(password)),
            _ => request.bearer_auth(&token),
        };
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{name}");
        let answer: Value = answer.json().await.unwrap();
        assert_eq!(answer["success"], true, "{answer:#}");
        assert_eq!(answer["task_type"], "code_analysis");
        assert_eq!(answer["status"], "done", "{answer:#}");
        let results = &answer["results"];
        assert!(results["event_id"].is_string() && results["suggestions"].is_array(), "{answer:#}");
        assert_eq!(results["analysis"]["root_cause"]["class"], "attribute_of_none", "{answer:#}");

        // Stored like any other event, of the token's project, scrubbed.
        let issue = server.json(&format!("/api/issues/{}", results["issue_id"])).await;
        assert_eq!(issue["issue"]["project_id"], project.id);
        let path = format!(
            "/api/projects/{}/events/{}/payload",
            project.id,
            results["event_id"].as_str().unwrap()
        );
        let payload = server.get(&path).await.text().await.unwrap();
        assert!(payload.contains("NoneType") && !payload.contains("abcdefgh12345678"), "{payload}");

        let path = format!("/api/executions/{}", answer["execution_id"]);
        let asked = server.plain(Method::GET, &path).bearer_auth(&token).send().await.unwrap();
        let asked: Value = asked.json().await.unwrap();
        assert_eq!(
            (&asked["status"], &asked["results"]["issue_id"]),
            (&json!("done"), &results["issue_id"])
        );
    }

    // It sees nothing else: no lists, no other project's tasks.
    for path in ["/api/issues", "/api/executions", "/api/suggestions"] {
        let refused = server.plain(Method::GET, path).bearer_auth(&token).send().await.unwrap();
        assert_eq!(refused.status(), StatusCode::FORBIDDEN, "{path}");
    }
    let body = json!({ "task_type": "health_check", "project": other.id });
    let admin = server.plain(Method::POST, "/api/execute").bearer_auth(&server.token).json(&body);
    let of_other: Value = admin.send().await.unwrap().json().await.unwrap();
    let path = format!("/api/executions/{}", of_other["execution_id"]);
    let hidden = server.plain(Method::GET, &path).bearer_auth(&token).send().await.unwrap();
    assert_eq!(hidden.status(), StatusCode::NOT_FOUND);
    // Basic opens no other door.
    let request = server.plain(Method::GET, "/api/projects").basic_auth(&server.token, Some(""));
    assert_eq!(request.send().await.unwrap().status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn who_has_no_token_is_let_in_only_where_that_is_set() {
    let closed = Server::start();
    closed.create_project("app", &[]);
    let ask = async |server: &Server| {
        server
            .plain(Method::POST, "/api/execute")
            .json(&guides_error())
            .send()
            .await
            .unwrap()
            .status()
    };
    assert_eq!(ask(&closed).await, StatusCode::UNAUTHORIZED);
    let open = Server::start_with(&[("ANDON_API_ANONYMOUS_EXECUTE", "true")]);
    open.create_project("app", &[]);
    assert_eq!(ask(&open).await, StatusCode::OK);
    let listed = open.plain(Method::GET, "/api/executions").send().await.unwrap();
    assert_eq!(listed.status(), StatusCode::UNAUTHORIZED);
    // Nor is anybody else's task shown or stopped.
    let body = json!({ "task_type": "health_check" });
    let admin = open.plain(Method::POST, "/api/execute").bearer_auth(&open.token).json(&body);
    let of_admin: Value = admin.send().await.unwrap().json().await.unwrap();
    let path = format!("/api/executions/{}", of_admin["execution_id"]);
    for (method, path) in [(Method::GET, path.clone()), (Method::POST, format!("{path}/cancel"))] {
        let hidden = open.plain(method, &path).send().await.unwrap();
        assert_eq!(hidden.status(), StatusCode::NOT_FOUND, "{path}");
    }
    // Never beyond loopback.
    let output = andon()
        .args(["serve", "--listen", "0.0.0.0:0"])
        .env("ANDON_API_ANONYMOUS_EXECUTE", "true")
        .env("ANDON_LISTEN", "0.0.0.0:0")
        .output()
        .unwrap();
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("api.anonymous_execute"), "{said}");
}

#[tokio::test]
async fn bad_tasks_are_told_what_would_be_right() {
    let server = Server::start();
    let send = async |body: Value| {
        let request =
            server.plain(Method::POST, "/api/execute").bearer_auth(&server.token).json(&body);
        let answer = request.send().await.unwrap();
        (answer.status(), answer.text().await.unwrap())
    };
    let cases = [
        (json!({ "task_type": "cooking" }), StatusCode::BAD_REQUEST, "error_analysis"),
        (json!({ "task_type": "health_check", "wait_s": 9999 }), StatusCode::BAD_REQUEST, "wait_s"),
        (guides_error(), StatusCode::CONFLICT, "andon project create"),
        (
            json!({ "task_type": "pr_review", "input_data": {} }),
            StatusCode::NOT_IMPLEMENTED,
            "not reviewed yet",
        ),
    ];
    for (body, status, told) in cases {
        let (got, text) = send(body.clone()).await;
        assert_eq!(got, status, "{body}: {text}");
        assert!(text.contains(told), "`{told}` is not in {text}");
    }
    server.create_project("one", &[]);
    let (status, text) = send(json!({ "task_type": "error_analysis", "input_data": {} })).await;
    assert_eq!(status, StatusCode::BAD_REQUEST, "{text}");
    server.create_project("two", &[]);
    let (status, text) = send(guides_error()).await;
    assert_eq!(status, StatusCode::BAD_REQUEST, "{text}");
    assert!(text.contains("several projects"), "{text}");
}

#[tokio::test]
async fn the_health_check_names_every_part() {
    let server = Server::start();
    let body = json!({ "task_type": "health_check", "input_data": { "timestamp": "2026-11-22T12:00:00" } });
    let request = server.plain(Method::POST, "/api/execute").bearer_auth(&server.token).json(&body);
    let answer: Value = request.send().await.unwrap().json().await.unwrap();
    assert_eq!(
        (&answer["success"], &answer["status"]),
        (&json!(true), &json!("done")),
        "{answer:#}"
    );
    let checks = answer["results"]["health_checks"].as_array().unwrap();
    let names: Vec<&str> = checks.iter().map(|c| c["component"].as_str().unwrap()).collect();
    assert_eq!(names, ["database", "queue", "disk", "workers", "models"]);
    for check in checks {
        let status = check["status"].as_str().unwrap();
        assert!(["healthy", "warning", "critical"].contains(&status), "{check:#}");
        assert!(check["message"].is_string() && check["metrics"].is_object(), "{check:#}");
    }
}

#[tokio::test]
async fn an_execution_can_be_followed_and_stopped() {
    let model = crate::models::fake::FakeModel::start(|_, _| {
        crate::models::fake::Play::Slow(std::time::Duration::from_secs(60))
    })
    .await;
    let stand = Stand::new(&model.config(""));
    let body = json!({ "task_type": "error_analysis", "input_data": Stand::error(&json!({})), "wait_s": 60 });
    let (status, answer) = stand.execute(&body).await;
    // The deterministic answer is there; the model is at work.
    assert_eq!(
        (status, answer["status"].as_str()),
        (StatusCode::OK, Some("running")),
        "{answer:#}"
    );
    assert_eq!(answer["results"]["analysis"]["root_cause"]["class"], "arithmetic_overflow");
    let id = answer["execution_id"].clone();
    let path = format!("/api/executions/{id}/stream");
    let mut stream = stand.server.get(&path).await;
    assert!(stream.headers()["content-type"].to_str().unwrap().starts_with("text/event-stream"));
    let cancel = stand.server.plain(Method::POST, &format!("/api/executions/{id}/cancel"));
    let cancelled = cancel.bearer_auth(&stand.server.token).send().await.unwrap();
    assert_eq!(cancelled.status(), StatusCode::ACCEPTED);
    let mut told = String::new();
    while let Some(piece) = stream.chunk().await.unwrap() {
        told.push_str(&String::from_utf8_lossy(&piece));
    }
    for part in ["event: agent", "panic-analyst", "event: end", "cancelled"] {
        assert!(told.contains(part), "`{part}` is not in {told}");
    }
    let issue = stand.ended(&answer["results"]["issue_id"]).await;
    assert_eq!(issue["root_cause"]["class"], "arithmetic_overflow");
    assert_eq!(Stand::execution(&issue, "root-cause")["status"], "cancelled");
    let spend = stand.server.json("/api/spend").await;
    assert!(spend["cost_micros"].as_u64().unwrap() > 0, "what was under way is charged: {spend:#}");
}

#[tokio::test]
async fn agents_are_switched_off_added_and_deleted() {
    let server = Server::start();
    let send = async |method: Method, path: &str, body: Value| {
        let request = server.plain(method, path).bearer_auth(&server.token).json(&body);
        let answer = request.send().await.unwrap();
        (answer.status(), answer.text().await.unwrap())
    };
    let (status, text) = send(
        Method::PUT,
        "/api/agents/style",
        json!({ "enabled": false, "limits": { "seconds": 7 } }),
    )
    .await;
    assert_eq!(status, StatusCode::OK, "{text}");
    let style = server.json("/api/agents/style").await;
    assert_eq!(
        (&style["enabled"], &style["agent"]["limits"]["seconds"]),
        (&json!(false), &json!(7))
    );
    assert_eq!(
        send(Method::PUT, "/api/agents/style", json!({ "limits": { "seconds": 0 } })).await.0,
        StatusCode::BAD_REQUEST
    );
    assert_eq!(send(Method::PUT, "/api/agents/nobody", json!({})).await.0, StatusCode::NOT_FOUND);
    assert_eq!(send(Method::DELETE, "/api/agents/style", json!({})).await.0, StatusCode::CONFLICT);

    let file = "name = \"second-look\"\ntask = \"error_analysis\"\nkind = \"rules\"\nanalyser = \"panics\"\norder = 90\n[limits]\nseconds = 30\n";
    let (status, text) =
        send(Method::POST, "/api/agents", json!({ "file": file.replace("panics", "magic") })).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(text.contains("line 4: there is no analyser `magic`"), "{text}");
    assert_eq!(
        send(Method::POST, "/api/agents", json!({ "file": file })).await.0,
        StatusCode::CREATED
    );
    assert_eq!(
        send(Method::POST, "/api/agents", json!({ "file": file })).await.0,
        StatusCode::CONFLICT
    );
    server.create_project("app", &[]);
    let request = server.plain(Method::POST, "/api/execute").bearer_auth(&server.token);
    let answer: Value = request.json(&guides_error()).send().await.unwrap().json().await.unwrap();
    let issue = server.json(&format!("/api/issues/{}", answer["results"]["issue_id"])).await;
    let ran = Stand::execution(&issue, "second-look");
    assert_eq!(ran["status"], "skipped", "it is no Rust panic: {ran:#}");
    assert_eq!(Stand::execution(&issue, "style")["output"]["notes"][0], "it is switched off");
    assert_eq!(
        send(Method::DELETE, "/api/agents/second-look", json!({})).await.0,
        StatusCode::NO_CONTENT
    );
    assert_eq!(server.get("/api/agents/second-look").await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_a_person_says_of_an_error_is_shown_at_the_next_like_it() {
    let server = Server::start();
    server.create_project("app", &[]);
    let ask = async |error: &str, line: u32| {
        let mut body = guides_error();
        let input = &mut body["input_data"];
        input["error"] = error.into();
        let trace =
            input["stack_trace"].as_str().unwrap().replace("line 14", &format!("line {line}"));
        input["stack_trace"] =
            trace.replace("'NoneType' object has no attribute 'name'", error).into();
        let request =
            server.plain(Method::POST, "/api/execute").bearer_auth(&server.token).json(&body);
        let answer: Value = request.send().await.unwrap().json().await.unwrap();
        answer["results"]["issue_id"].clone()
    };
    let first = ask("'NoneType' object has no attribute 'name'", 14).await;
    let body = json!({ "cause": "The client was deleted while the page was open.", "fix": "Answer 404.", "commit": "8537BDC1" });
    let request = server
        .plain(Method::PUT, &format!("/api/issues/{first}/cause"))
        .bearer_auth(&server.token)
        .json(&body);
    let learnt: Value = request.send().await.unwrap().json().await.unwrap();
    assert_eq!(
        (&learnt["verdict"], &learnt["fix_commit"]),
        (&json!("corrected"), &json!("8537bdc1")),
        "{learnt:#}"
    );

    // The same code elsewhere: another issue, the same lesson.
    let request = server.plain(Method::POST, "/api/execute").bearer_auth(&server.token).json(
        &json!({ "task_type": "error_analysis", "input_data": {
            "error": "'NoneType' object has no attribute 'email'", "type": "AttributeError",
            "message": "'NoneType' object has no attribute 'email' of client",
        } }),
    );
    let answer: Value = request.send().await.unwrap().json().await.unwrap();
    let second = &answer["results"]["issue_id"];
    assert_ne!(*second, first);
    let issue = server.json(&format!("/api/issues/{second}")).await;
    let notes = issue["analysis"]["notes"].to_string();
    assert!(notes.contains("Seen before") && notes.contains("Answer 404."), "{notes}");
    let id = &learnt["id"];
    let pattern = server.json(&format!("/api/patterns/{id}")).await;
    assert_eq!(pattern["hits"], 1);

    let path = format!("/api/patterns/{id}");
    let pin = server
        .plain(Method::PUT, &path)
        .bearer_auth(&server.token)
        .json(&json!({ "pinned": true }));
    let pinned: Value = pin.send().await.unwrap().json().await.unwrap();
    assert_eq!(pinned["pinned"], true);
    let gone = server.plain(Method::DELETE, &path).bearer_auth(&server.token).send().await.unwrap();
    assert_eq!(gone.status(), StatusCode::NO_CONTENT);
    assert_eq!(server.json("/api/patterns").await["patterns"], json!([]));
}
