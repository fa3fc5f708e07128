//! Whatever a model does, its execution ends with a reason and the deterministic answer stands.

use std::time::Duration;

use serde_json::{Value, json};

use super::fake::{FakeModel, Play};
use super::stand::{CART, Stand, asks, good_cause, is_format, no_fix, no_verdicts};

/// Short waits, so that the tests are not long.
const HASTY: &str =
    "timeout_seconds = 4\nsilence_seconds = 1\nretries = 1\nbreaker_failures = 50\n";

fn error(status: u16, code: &str, message: &str) -> Play {
    Play::Status(
        status,
        Vec::new(),
        json!({ "error": { "message": message, "type": "x", "param": null, "code": code } }),
    )
}

/// Analyses with a model of which only `root-cause` misbehaves.
async fn with(play: impl Fn(&Value, usize) -> Play + Send + Sync + 'static) -> (FakeModel, Value) {
    let model = FakeModel::start(move |question, number| match asks(question) {
        "root-cause" => play(question, number),
        _ if !is_format(question) => Play::Text("Seen.".into()),
        "fix-writer" => Play::json(&no_fix()),
        _ => Play::json(&no_verdicts()),
    })
    .await;
    let stand = Stand::new(&format!("{}{HASTY}", model.config("")));
    let issue = stand.analysed(&json!({})).await;
    assert_eq!(issue["analysis"]["status"], "done");
    assert_eq!(
        issue["root_cause"]["class"], "arithmetic_overflow",
        "the deterministic answer stands"
    );
    (model, issue)
}

async fn fails_with(reason: &str, play: impl Fn(&Value, usize) -> Play + Send + Sync + 'static) {
    let (_, issue) = with(play).await;
    let execution = Stand::execution(&issue, "root-cause");
    assert_eq!(execution["status"], "failed", "{reason}: {execution:#}");
    let told = execution["error"].as_str().unwrap();
    assert!(told.contains(reason), "`{reason}` is not in `{told}`");
    assert!(told.contains("what panic-analyst says stands"), "{told}");
    assert_eq!(issue["analysis"]["opinions"], json!([]));
}

#[tokio::test]
async fn servers_that_fail_are_named_with_their_reason() {
    tokio::join!(
        fails_with("500: out of order", |_, _| error(500, "", "out of order")),
        fails_with("no answer within 4 s", |_, _| Play::Slow(Duration::from_secs(20))),
        fails_with("the connection failed", |_, _| Play::CutOff),
        fails_with("silent for 1 s", |_, _| Play::Silent),
    );
    tokio::join!(
        fails_with("tokens ran out", |_, _| Play::Empty("length")),
        fails_with("the answer is empty", |_, _| Play::Empty("stop")),
        fails_with("a content filter", |_, _| Play::Empty("content_filter")),
        fails_with("the model refuses: I will not", |_, _| Play::Refusal("I will not.")),
    );
    tokio::join!(
        fails_with("the model refuses: filtered", |_, _| error(400, "content_filter", "filtered")),
        fails_with("401: bad key", |_, _| error(401, "invalid_api_key", "bad key")),
        fails_with("402: pay first", |_, _| error(429, "insufficient_quota", "pay first")),
        fails_with("cannot be read", |_, _| Play::Raw("data: {\"choices\": [\n\n")),
    );
}

#[tokio::test]
async fn models_that_answer_badly_are_told_once_and_then_not_believed() {
    let prose = |question: &Value, _: usize| {
        Play::Text(if is_format(question) { "The cause is clear to me." } else { "Seen." }.into())
    };
    let unfitting = |question: &Value, _: usize| match is_format(question) {
        true => Play::json(&json!({ "found": "perhaps" })),
        false => Play::Text("Seen.".into()),
    };
    tokio::join!(
        fails_with("prose, not JSON", prose),
        fails_with("\"summary\" is a required property", unfitting)
    );

    // One that mends it when it is told.
    let (model, issue) = with(|question, _| {
        let told = question["messages"].to_string().contains("This does not fit");
        match (is_format(question), told) {
            (false, _) => Play::Text("Seen.".into()),
            (true, false) => Play::Text("Well, {\"found\": true}".into()),
            (true, true) => Play::json(&good_cause()),
        }
    })
    .await;
    assert_eq!(Stand::execution(&issue, "root-cause")["status"], "done");
    assert_eq!(issue["analysis"]["opinions"].as_array().unwrap().len(), 1);
    assert!(
        model.questions().iter().any(|q| q["messages"].to_string().contains("This does not fit"))
    );
}

#[tokio::test]
async fn a_model_that_loops_on_tools_is_brought_to_a_conclusion() {
    let (model, issue) = with(|question, _| {
        if is_format(question) {
            return Play::json(&good_cause());
        }
        match question.get("tools") {
            Some(_) => Play::Calls(vec![("list", json!({ "folder": "" }))]),
            None => Play::Text("Seen enough.".into()),
        }
    })
    .await;
    let execution = Stand::execution(&issue, "root-cause");
    assert_eq!(execution["status"], "done", "{execution:#}");
    // One that was answered, three that were refused as the same again.
    assert_eq!(execution["usage"]["tools"].as_array().unwrap().len(), 4, "{execution:#}");
    assert!(model.questions().len() < 20);
}

#[tokio::test]
async fn a_server_that_is_busy_is_asked_again_when_it_says() {
    let (model, issue) = with(|question, number| {
        if number == 0 {
            let again = vec![("retry-after-ms", "1200".to_owned())];
            return Play::Status(429, again, json!({ "error": { "message": "slow down", "type": "requests", "param": null, "code": "rate_limit_exceeded" } }));
        }
        match is_format(question) {
            true => Play::json(&good_cause()),
            false => Play::Text("Seen.".into()),
        }
    })
    .await;
    let execution = Stand::execution(&issue, "root-cause");
    assert_eq!(execution["status"], "done", "{execution:#}");
    assert!(execution["seconds"].as_f64().unwrap() >= 1.2, "it came back too early: {execution:#}");
    let questions = model.questions();
    assert_eq!(questions[0], questions[1], "the same question");
}

#[tokio::test]
async fn edits_that_do_not_fit_or_break_the_file_are_not_proposed() {
    let model = FakeModel::start(|question, _| match (asks(question), is_format(question)) {
        (_, false) => Play::Text("Seen.".into()),
        ("root-cause", true) => Play::json(&good_cause()),
        ("fix-writer", true) => {
            let fix = |title: &str, file: &str, search: &str, replace: &str| {
                json!({
                    "title": title, "explanation": "", "issue_type": "bug", "severity": "low",
                    "edits": [{ "file": file, "search": search, "replace": replace }],
                })
            };
            Play::json(&json!({ "nothing_because": null, "fixes": [
                fix("not there", CART, "self.items.length()", "0"),
                fix("outside", "../outside.rs", "x", "y"),
                fix("broken", CART, "self.items[last]", "self.items[last"),
            ] }))
        }
        _ => Play::json(&no_verdicts()),
    })
    .await;
    let stand = Stand::new(&model.config(""));
    let issue = stand.analysed(&json!({})).await;
    let execution = Stand::execution(&issue, "fix-writer");
    assert_eq!(execution["status"], "failed", "{execution:#}");
    let told = execution["error"].as_str().unwrap();
    for part in [
        "does not stand in src/lib.rs",
        "there is no file ../outside.rs",
        "does not parse any more",
    ] {
        assert!(told.contains(part), "`{part}` is not in `{told}`");
    }
    let suggestions = issue["suggestions"].as_array().unwrap();
    assert!(suggestions.iter().all(|s| s["agent"] != "fix-writer"), "{suggestions:#?}");
}
