//! What a model finds is checked, redacted on the way out, written down, and can be looked at.

use serde_json::{Value, json};

use super::fake::{FakeModel, Play};
use super::stand::{CART, Stand, asks, good_cause, is_format, no_verdicts, obliging};

fn texts(question: &Value) -> String {
    question["messages"].to_string()
}

#[tokio::test]
async fn a_cause_is_found_with_tools_and_what_does_not_exist_is_struck_out() {
    let model = FakeModel::start(|question, _| match (asks(question), is_format(question)) {
        ("root-cause", false) => {
            let rounds = question["messages"].as_array().unwrap().iter().filter(|m| m["role"] == "tool");
            match rounds.count() {
                0 => Play::Calls(vec![
                    ("read_file", json!({ "path": CART, "from": 1, "to": 20 })),
                    ("git_blame", json!({ "path": CART, "from": 12, "to": 12 })),
                ]),
                // Again what it knows, out of the repository, and a tool that there is not.
                2 => Play::Calls(vec![
                    ("read_file", json!({ "path": CART, "from": 1, "to": 20 })),
                    ("read_file", json!({ "path": "../../../etc/passwd" })),
                ]),
                _ => Play::Text("The cart is empty.".into()),
            }
        }
        ("root-cause", true) => {
            let mut cause = good_cause();
            let made_up = json!({ "file": "src/warehouse.rs", "line": 3, "quote": "fn x() {}", "why": "made up" });
            cause["evidence"].as_array_mut().unwrap().push(made_up);
            cause["five_whys"].as_array_mut().unwrap().push(json!("Because src/warehouse.rs:9 empties it."));
            Play::json(&cause)
        }
        ("fix-writer", false) => Play::Text("Ask for the last item.".into()),
        ("fix-writer", true) => Play::json(&json!({ "nothing_because": null, "fixes": [{
            "title": "Give 0 for an empty cart",
            "explanation": "There is no last price then.",
            "issue_type": "bug", "severity": "medium",
            "edits": [{
                "file": CART,
                "search": "        let last = self.items.len() - 1;\n        self.items[last]\n",
                "replace": "        self.items.last().copied().unwrap_or(0)\n",
            }],
        }] })),
        (_, false) => Play::Text("It hides an empty cart.".into()),
        (_, true) => {
            let number = question["messages"][1]["content"].as_str().unwrap().matches("\nFix ").count();
            Play::json(&json!({ "verdicts": [{
                "fix": number, "removes_cause": "hides_it", "summary": "A price of 0 looks right.",
                "risks": [], "look_at": [{ "file": CART, "line": 4000, "why": "nowhere" }],
            }] }))
        }
    })
    .await;
    let stand = Stand::new(&model.config(""));
    let issue = stand.analysed(&json!({})).await;

    // The deterministic cause stands, the model's stands beside it.
    assert_eq!(issue["root_cause"]["class"], "arithmetic_overflow", "{issue:#}");
    assert_eq!(issue["root_cause"].get("opinion"), None);
    let opinion = &issue["analysis"]["opinions"][0];
    assert_eq!(opinion["opinion"]["classification"], "code_fix", "{issue:#}");
    assert_eq!(opinion["evidence"].as_array().unwrap().len(), 1);
    assert_eq!(opinion["evidence"][0]["quote"], "        let last = self.items.len() - 1;");
    assert_eq!(opinion["opinion"]["five_whys"].as_array().unwrap().len(), 2);
    assert_eq!(opinion["opinion"]["struck_out"].as_array().unwrap().len(), 2, "{opinion:#}");

    let execution = Stand::execution(&issue, "root-cause");
    assert_eq!(execution["status"], "done");
    assert_eq!(
        execution["usage"]["tools"],
        json!(["read_file", "git_blame", "read_file", "read_file"])
    );
    assert!(execution["usage"]["cost_micros"].as_u64().unwrap() > 0);
    assert_eq!(execution["usage"]["model"], "fake-1");
    let refused: Vec<String> =
        model.questions().iter().rev().find(|q| asks(q) == "root-cause").unwrap()["messages"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|m| m["role"] == "tool")
            .map(|m| m["content"].as_str().unwrap().to_owned())
            .filter(|text| text.starts_with("refused"))
            .collect();
    assert_eq!(refused.len(), 2, "{refused:?}");

    // The edit became a suggestion like any other; the critic's word is a note and changes nothing.
    let suggestions = issue["suggestions"].as_array().unwrap();
    let own = suggestions.iter().find(|s| s["agent"] == "fix-writer").unwrap();
    assert_eq!(
        (own["claimed_class"].as_str(), own["status"].as_str()),
        (Some("logic"), Some("pending"))
    );
    assert!(own["diff"].to_string().contains("unwrap_or(0)"), "{own:#}");
    let critic = Stand::execution(&issue, "fix-critic");
    assert!(
        critic["output"]["notes"][0].as_str().unwrap().contains("hides the cause"),
        "{critic:#}"
    );
    assert_eq!(critic["output"]["struck_out"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn secrets_never_leave_and_the_reviewer_sees_exactly_what_did() {
    let model = FakeModel::start(|question, _| {
        if !is_format(question) {
            return match question["messages"].as_array().unwrap().len() {
                2 if asks(question) == "root-cause" => {
                    Play::Calls(vec![("read_file", json!({ "path": "src/settings.rs" }))])
                }
                _ => Play::Text("Seen.".into()),
            };
        }
        // The quotation has a placeholder where the file has the address.
        let all = texts(question);
        let word = all.split("owner: &str = \\\"").nth(1).map(|rest| rest.split('\\').next().unwrap());
        let mut cause = good_cause();
        cause["evidence"] = json!([{
            "file": "src/settings.rs", "line": 1,
            "quote": format!("pub const owner: &str = \"{}\";", word.unwrap_or_default()), "why": "Who owns it.",
        }]);
        Play::json(&match asks(question) {
            "root-cause" => cause,
            "fix-writer" => super::stand::no_fix(),
            _ => no_verdicts(),
        })
    })
    .await;
    let stand = Stand::new(&model.config("redact = [\"ACME-[0-9]+\"]"));
    stand.repo.write("src/settings.rs", "pub const owner: &str = \"ada@acme.example\";\n");
    stand.repo.commit("settings");
    let secrets = ["ada@acme.example", "203.0.113.77", "ACME-99812"];
    let message = "attempt to subtract with overflow";
    let issue = stand
        .analysed(&json!({
            "error": message,
            "message": "order ACME-99812 of ada@acme.example from 203.0.113.77",
        }))
        .await;
    let questions = model.questions();
    assert!(!questions.is_empty());
    for question in &questions {
        for secret in secrets {
            assert!(!question.to_string().contains(secret), "{secret} left in {question:#}");
        }
    }
    // What came back was made whole again before it was checked.
    let opinion = &issue["analysis"]["opinions"][0];
    assert_eq!(
        opinion["evidence"][0]["quote"], "pub const owner: &str = \"ada@acme.example\";",
        "{issue:#}"
    );

    let execution = Stand::execution(&issue, "root-cause");
    let shown = stand.server.json(&format!("/api/executions/{}", execution["id"])).await;
    let steps = shown["steps"].as_array().unwrap();
    let sent: Vec<String> = steps
        .iter()
        .filter(|s| s["kind"] == "model")
        .flat_map(|s| s["detail"]["sent"]["messages"].as_array().unwrap().clone())
        .filter(|m| m["role"] != "assistant")
        .map(|m| m["content"].as_str().unwrap().to_owned())
        .collect();
    let last = questions.iter().rev().find(|q| asks(q) == "root-cause").unwrap();
    let really: Vec<String> = last["messages"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|m| m["role"] != "assistant")
        .map(|m| m["content"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(sent, really, "what is shown is what was sent");
}

#[tokio::test]
async fn the_same_question_is_not_paid_twice() {
    let model = obliging().await;
    let stand = Stand::new(&model.config(""));
    let issue = stand.analysed(&json!({})).await;
    let asked = model.questions().len();
    assert!(asked > 0);
    let id = issue["issue"]["id"].clone();
    let before = issue["analysis"]["id"].clone();
    let again = stand
        .server
        .plain(reqwest::Method::POST, &format!("/api/issues/{id}/analyse"))
        .bearer_auth(&stand.server.token);
    assert_eq!(again.send().await.unwrap().status(), reqwest::StatusCode::ACCEPTED);
    let issue = crate::support::eventually("another analysis", async || {
        let found = stand.server.json(&format!("/api/issues/{id}")).await;
        (found["analysis"]["id"] != before && found["analysis"]["status"] == "done")
            .then_some(found)
    })
    .await;
    assert_eq!(model.questions().len(), asked, "nothing was asked again");
    let execution = Stand::execution(&issue, "root-cause");
    assert_eq!(execution["usage"]["cached"], true, "{execution:#}");
    assert_eq!(execution["usage"]["cost_micros"], 0);
    assert_eq!(issue["analysis"]["opinions"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_route_to_azure_names_its_deployment_and_version() {
    let model = FakeModel::start(|question, _| match (asks(question), is_format(question)) {
        ("root-cause", true) => Play::json(&good_cause()),
        ("fix-writer", true) => Play::json(&super::stand::no_fix()),
        (_, true) => Play::json(&no_verdicts()),
        (_, false) => Play::Text("Seen.".into()),
    })
    .await;
    let stand = Stand::new(&model.azure_config());
    let issue = stand.analysed(&json!({})).await;
    let execution = Stand::execution(&issue, "root-cause");
    assert_eq!(execution["status"], "done", "{execution:#}");
    assert_eq!(execution["usage"]["route"], "azure");
    assert_eq!(issue["analysis"]["opinions"].as_array().unwrap().len(), 1, "{issue:#}");
}
