//! Money: caps hold before a question goes out, the next route is asked when one fails, and what was spent
//! is told.

use serde_json::{Value, json};

use super::fake::{FakeModel, KEY, Play};
use super::stand::{Stand, obliging};

#[tokio::test]
async fn nothing_is_asked_that_could_pass_a_cap() {
    let model = obliging().await;
    for (cap, told) in [
        ("dollars_per_issue = 0.000001", "models.dollars_per_issue"),
        ("dollars_per_day = 0.000001", "models.dollars_per_day"),
        ("dollars_per_month = 0.000001", "models.dollars_per_month"),
    ] {
        let stand = Stand::new(&model.config(cap));
        let issue = stand.analysed(&json!({})).await;
        let execution = Stand::execution(&issue, "root-cause");
        assert_eq!(execution["status"], "failed");
        assert!(execution["error"].as_str().unwrap().contains(told), "{execution:#}");
        assert_eq!(issue["root_cause"]["class"], "arithmetic_overflow");
    }
    assert_eq!(model.questions().len(), 0, "not one question went out");
}

#[tokio::test]
async fn what_was_spent_adds_up_by_day_agent_and_model() {
    let model = obliging().await;
    let stand = Stand::new(&model.config(""));
    let issue = stand.analysed(&json!({})).await;
    let of_agents: u64 = issue["executions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| e["usage"]["cost_micros"].as_u64().unwrap_or(0))
        .sum();
    let spend = stand.server.json("/api/spend").await;
    assert_eq!(spend["cost_micros"].as_u64(), Some(of_agents), "{spend:#}");
    let agents: Vec<&str> =
        spend["rows"].as_array().unwrap().iter().map(|r| r["agent"].as_str().unwrap()).collect();
    assert!(agents.contains(&"root-cause"), "{agents:?}");
    // Prices of 1 and 2 dollars for a million tokens.
    for row in spend["rows"].as_array().unwrap() {
        let number = |key: &str| row[key].as_u64().unwrap();
        assert_eq!(
            number("cost_micros"),
            number("tokens_in") + 2 * number("tokens_out"),
            "{row:#}"
        );
        assert_eq!(row["model"], "fake-1");
    }
    let metrics = stand.server.json("/api/metrics").await;
    assert_eq!(metrics["models"]["cost_micros"].as_u64(), Some(of_agents), "{metrics:#}");
}

#[tokio::test]
async fn the_next_route_answers_when_the_first_cannot_and_the_first_is_left_alone() {
    let broken = FakeModel::start(|_, _| {
        Play::Status(500, Vec::new(), json!({ "error": { "message": "out of order" } }))
    })
    .await;
    let good = obliging().await;
    let route = |name: &str, model: &FakeModel| {
        format!(
            "[[models.routes]]\nname = \"{name}\"\nbase_url = \"{}\"\napi_key = \"{KEY}\"\nmodel = \"{name}-1\"\nprice_in = 1.0\nprice_out = 1.0\nmax_output_tokens = 500\nretries = 0\nbreaker_failures = 2\nbreaker_seconds = 600\nstream = false\n",
            model.url
        )
    };
    let stand = Stand::new(&format!("{}{}", route("first", &broken), route("second", &good)));
    let issue = stand.analysed(&json!({})).await;
    let execution = Stand::execution(&issue, "root-cause");
    assert_eq!(
        (execution["status"].as_str(), execution["usage"]["route"].as_str()),
        (Some("done"), Some("second"))
    );
    assert_eq!(broken.questions().len(), 2, "after two failures it is left alone");
    let (_, health) = stand.execute(&json!({ "task_type": "health_check" })).await;
    let checks = health["results"]["health_checks"].as_array().unwrap();
    let models = checks.iter().find(|c| c["component"] == "models").unwrap();
    assert_eq!(models["status"], "warning", "{models:#}");
    assert_eq!(checks.len(), 5);
}

#[tokio::test]
async fn few_events_are_no_reason_to_ask() {
    let model = obliging().await;
    let stand = Stand::new(&model.config("min_events = 3"));
    let issue = stand.analysed(&json!({})).await;
    let execution = Stand::execution(&issue, "root-cause");
    assert_eq!(execution["status"], "skipped", "{execution:#}");
    assert!(execution["output"]["notes"][0].as_str().unwrap().contains("models.min_events"));
    let none: &[Value] = &[];
    assert_eq!(model.questions(), none);
}
