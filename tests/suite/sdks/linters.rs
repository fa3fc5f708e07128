//! Code that is sent is looked over by the real ruff and eslint, where they are on the server's path.

use reqwest::Method;
use serde_json::{Value, json};

use super::installed::linters;
use crate::support::server::Server;

fn server() -> Server {
    let own = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths(linters().into_iter().chain(std::env::split_paths(&own)));
    Server::start_with(&[("PATH", path.unwrap().to_str().unwrap())])
}

async fn looked_over(server: &Server, path: &str, code: &str) -> Value {
    let input = json!({ "code": code, "file_path": path, "analysis_type": "comprehensive" });
    let body = json!({ "task_type": "code_analysis", "input_data": input, "wait_s": 120 });
    let request = server.plain(Method::POST, "/api/execute").bearer_auth(&server.token);
    let answer: Value = request.json(&body).send().await.unwrap().json().await.unwrap();
    assert_eq!(answer["status"], "done", "{answer:#}");
    answer["results"].clone()
}

fn ran<'a>(results: &'a Value, analyser: &str) -> &'a Value {
    let all = results["ran"].as_array().unwrap();
    all.iter().find(|one| one["analyser"] == analyser).unwrap()
}

/// What an analyser found: rule and line.
fn found(results: &Value, analyser: &str) -> Vec<(String, i64)> {
    let all = results["findings"].as_array().unwrap().iter();
    all.filter(|one| one["analyser"] == analyser)
        .map(|one| (one["rule"].as_str().unwrap().to_owned(), one["line"].as_i64().unwrap()))
        .collect()
}

#[tokio::test]
async fn the_real_ruff_looks_over_python() {
    let server = server();
    let code = "import os\nimport hashlib\n\n\ndef digest(text):\n    return hashlib.md5(text).hexdigest()\n\n\ndef first(rows):\n    return roows[0]\n";
    let results = looked_over(&server, "shop/digest.py", code).await;
    assert_eq!(ran(&results, "ruff")["status"], "done", "{results:#}");
    let found = found(&results, "ruff");
    let has = |rule: &str, line: i64| found.iter().any(|(r, l)| r.ends_with(rule) && *l == line);
    assert!(has("F401", 1) && has("F821", 10), "{found:?}");
    // The import's removal comes as an edit of whole lines.
    let suggestions = results["suggestions"].as_array().unwrap();
    let removal = suggestions.iter().find(|s| s["rule"].as_str().unwrap().ends_with("F401"));
    let (before, after) = (&removal.unwrap()["before"], &removal.unwrap()["after"]);
    assert!(before.as_str().unwrap().starts_with("import os\n"), "{suggestions:#?}");
    assert!(!after.as_str().unwrap().contains("import os\n"), "{suggestions:#?}");
}

#[tokio::test]
async fn the_real_eslint_looks_over_javascript() {
    let server = server();
    let code = "export function same(a) {\n  if (a === a) {\n    return Number.NaN == a;\n  }\n  const b = 1;\n  b = 2;\n  return b;\n}\n";
    let results = looked_over(&server, "shop/same.js", code).await;
    assert_eq!(ran(&results, "eslint")["status"], "done", "{results:#}");
    let found = found(&results, "eslint");
    // What our own rule says too (line 3) is told once.
    for (rule, line) in [("no-self-compare", 2), ("no-const-assign", 6)] {
        let has = found.iter().any(|(r, l)| r.ends_with(rule) && *l == line);
        assert!(has, "{rule}: {results:#}");
    }
}
