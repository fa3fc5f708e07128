//! Code that is sent to be looked over.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::eventually;
use crate::support::server::Server;

#[tokio::test]
async fn who_does_not_wait_for_code_gets_the_rest_by_its_execution() {
    let server = Server::start();
    let input =
        json!({ "code": "def f(x=[]):\n    x.append(1)\n    return x\n", "file_path": "a.py" });
    let body = json!({ "task_type": "code_analysis", "input_data": input, "wait_s": 0 });
    let request = server.plain(Method::POST, "/api/execute").bearer_auth(&server.token).json(&body);
    let answer: Value = request.send().await.unwrap().json().await.unwrap();
    assert_eq!((&answer["success"], &answer["status"]), (&json!(true), &json!("running")));
    let path = format!("/api/executions/{}", answer["execution_id"]);
    let done = eventually("the end of the code's analysis", async || {
        let shown = server.json(&path).await;
        (shown["status"] == "done").then_some(shown)
    })
    .await;
    assert!(!done["results"]["findings"].as_array().unwrap().is_empty(), "{done:#}");
}

#[tokio::test]
async fn code_is_looked_over_and_nothing_of_it_can_be_applied() {
    let server = Server::start();
    let send = async |input: Value| {
        let body = json!({ "task_type": "code_analysis", "input_data": input, "wait_s": 120 });
        let request =
            server.plain(Method::POST, "/api/execute").bearer_auth(&server.token).json(&body);
        let answer = request.send().await.unwrap();
        (answer.status(), answer.json::<Value>().await.unwrap())
    };
    let code = "def add(item, items=[]):\n    items.append(item)\n    return items\n";
    let (status, answer) = send(
        json!({ "code": code, "file_path": "shop/cart.py", "analysis_type": "comprehensive" }),
    )
    .await;
    assert_eq!((status, answer["status"].as_str()), (StatusCode::OK, Some("done")), "{answer:#}");
    let results = &answer["results"];
    let ran: Vec<&str> = results["ran"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| r["analyser"].as_str().unwrap())
        .collect();
    assert!(ran.contains(&"syntax") && ran.contains(&"rules") && ran.contains(&"ruff"), "{ran:?}");
    let finding = results["findings"].as_array().unwrap().iter().find(|f| f["line"] == 1).unwrap();
    assert_eq!(finding["quote"], "def add(item, items=[]):", "{answer:#}");
    for suggestion in results["suggestions"].as_array().unwrap() {
        assert_eq!(suggestion["verification"], "not_run", "{suggestion:#}");
        assert_eq!(suggestion["can_apply"], false);
    }
    // Kept without the code.
    let shown = server.json(&format!("/api/executions/{}", answer["execution_id"])).await;
    assert_eq!(shown["results"]["language"], results["language"]);
    assert!(!shown["execution"]["input"].to_string().contains("items"), "{shown:#}");
    assert_eq!(shown["agents"][0]["agent"], "code-analyzer");

    // What is found is quoted to who sent it, and stored without the secret.
    let code = "const api_key = \"AKIAJ7QW2ZX9PL4MT3RB\";\nvar x = eval(location.hash);\n";
    let (_, answer) = send(json!({ "code": code, "file_path": "shop/keys.js" })).await;
    let findings = answer["results"]["findings"].as_array().unwrap();
    assert!(
        findings.iter().any(|f| f["quote"].as_str().unwrap().contains("api_key")),
        "{answer:#}"
    );
    let shown = server.json(&format!("/api/executions/{}", answer["execution_id"])).await;
    assert!(!shown.to_string().contains("AKIAJ7QW2ZX9PL4MT3RB"), "{shown:#}");

    let (status, told) = send(json!({ "code": "x", "analysis_type": "poetry" })).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(told["detail"].as_str().unwrap().contains("comprehensive"), "{told}");
}
