//! Agents are files: one's own are added by files alone, and broken ones are refused with their line.

use std::path::Path;

use serde_json::json;

use super::fake::{FakeModel, Play};
use super::stand::{Stand, asks, is_format, no_fix, no_verdicts};
use crate::support::server::andon;

const AGENT: &str = "name = \"summariser\"
description = \"Says it in one sentence.\"
task = \"error_analysis\"
kind = \"model\"
order = 50
prompt = \"summariser\"
tools = [\"read_file\"]

[output]
reader = \"data\"
schema = \"summary\"

[limits]
seconds = 60
steps = 6
tokens = 50000
cost = 0.1
";

fn write(folder: &Path, path: &str, text: &str) {
    let place = folder.join(path);
    std::fs::create_dir_all(place.parent().unwrap()).unwrap();
    std::fs::write(place, text).unwrap();
}

fn lay_out(folder: &Path) {
    write(folder, "agents/summariser.toml", AGENT);
    write(folder, "prompts/summariser/system.j2", "You summarise.\n{% include \"parts/rules\" %}");
    write(folder, "prompts/summariser/task.j2", "Summarise.\n{% include \"parts/error\" %}");
    write(
        folder,
        "prompts/schemas/summary.json",
        "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"summary\"],\"properties\":{\"summary\":{\"type\":\"string\"}}}",
    );
}

#[tokio::test]
async fn a_model_agent_is_added_by_files_alone() {
    let model = FakeModel::start(|question, _| match (asks(question), is_format(question)) {
        (_, false) => Play::Text("Seen.".into()),
        ("root-cause", _) => Play::json(&super::stand::good_cause()),
        ("fix-writer", _) => Play::json(&no_fix()),
        ("fix-critic", _) => Play::json(&no_verdicts()),
        _ => Play::json(&json!({ "summary": "An empty cart." })),
    })
    .await;
    let own = tempfile::tempdir().unwrap();
    lay_out(own.path());
    let folder = format!("[agents]\nfolder = {:?}\n", own.path());
    let stand = Stand::new(&format!("{folder}{}", model.config("")));
    let issue = stand.analysed(&json!({})).await;
    let execution = Stand::execution(&issue, "summariser");
    assert_eq!(execution["status"], "done", "{execution:#}");
    assert_eq!(execution["output"]["results"], json!({ "summary": "An empty cart." }));
    let listed = stand.server.json("/api/agents/summariser").await;
    assert_eq!((&listed["enabled"], &listed["source"]), (&json!(true), &json!("file")));
}

type Change = fn(&str) -> String;

#[test]
fn broken_files_are_refused_at_the_start_with_their_line() {
    let cases: [(&str, Change, &str); 6] = [
        (
            "agents/summariser.toml",
            |t| t.replace("\"read_file\"", "\"rm\""),
            "agents/summariser.toml, line 7: there is no tool `rm`",
        ),
        (
            "agents/summariser.toml",
            |t| t.replace("order = 50", "order = fifty"),
            "agents/summariser.toml, line 5:",
        ),
        (
            "agents/summariser.toml",
            |t| t.replace("prompt = \"summariser\"", "prompt = \"other\""),
            "prompts/other/system.j2",
        ),
        (
            "agents/summariser.toml",
            |t| t.replace("steps = 6", "steps = 0"),
            "line 15: limits.steps must be",
        ),
        (
            "prompts/summariser/task.j2",
            |t| format!("{t}\n{{% if %}}"),
            "prompts/summariser/task.j2, line 3:",
        ),
        (
            "prompts/schemas/summary.json",
            |_| "{\"type\": \"nothing\"}".to_owned(),
            "prompts/schemas/summary.json",
        ),
    ];
    for (file, change, told) in cases {
        let own = tempfile::tempdir().unwrap();
        lay_out(own.path());
        let text = std::fs::read_to_string(own.path().join(file)).unwrap();
        write(own.path(), file, &change(&text));
        let data = own.path().join("data");
        let output = andon()
            .args(["serve", "--listen", "127.0.0.1:0", "--data", data.to_str().unwrap()])
            .env("ANDON_AGENTS_FOLDER", own.path())
            .output()
            .unwrap();
        assert!(!output.status.success(), "{file}");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains(told), "`{told}` is not in `{said}`");
    }
}
