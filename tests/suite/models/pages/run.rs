//! A run's page: what was sent and came back, and following it.

use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::json;
use thirtyfour::By;

use crate::models::fake::{FakeModel, Play};
use crate::models::stand::{Stand, asks, good_cause, is_format, no_fix, no_verdicts};
use crate::support::browser::Browser;
use crate::support::eventually;
use crate::support::gui::Gui;

/// A page's text as a reader sees it.
fn read(html: &str) -> String {
    ["&#60;", "&#62;", "&#34;", "&#39;", "&#38;"]
        .iter()
        .zip(["<", ">", "\"", "'", "&"])
        .fold(html.to_owned(), |text, (entity, letter)| text.replace(entity, letter))
}

#[tokio::test]
async fn a_runs_page_shows_what_was_sent_with_placeholders_and_no_secret() {
    let model = FakeModel::start(|question, _| {
        if !is_format(question) {
            return match question["messages"].as_array().unwrap().len() {
                2 if asks(question) == "root-cause" => {
                    Play::Calls(vec![("read_file", json!({ "path": "src/settings.rs" }))])
                }
                _ => Play::Text("I have <b>seen</b> enough.".into()),
            };
        }
        Play::json(&match asks(question) {
            "root-cause" => good_cause(),
            "fix-writer" => no_fix(),
            _ => no_verdicts(),
        })
    })
    .await;
    let stand = Stand::new(&model.config("redact = [\"ACME-[0-9]+\"]"));
    let settings = "pub const owner: &str = \"ada@acme.example\"; // \u{202e}ACME-99812\n";
    stand.repo.write("src/settings.rs", settings);
    stand.repo.commit("settings");
    let more = json!({ "message": "order ACME-99812 of ada@acme.example from 203.0.113.77" });
    let issue = stand.analysed(&more).await;

    let gui = Gui::sign_in(&stand.server, &stand.server.token).await;
    let id = issue["issue"]["id"].as_i64().unwrap();
    let page = gui.page(&format!("/gui/issues/{id}")).await;
    let run = page.split("href=\"/gui/executions/").nth(1).expect("the issue links to its run");
    let run: i64 = run.split('"').next().unwrap().parse().unwrap();
    let page = gui.page(&format!("/gui/executions/{run}")).await;
    for secret in ["ada@acme.example", "203.0.113.77", "ACME-99812"] {
        assert!(!page.contains(secret), "{secret} is on the page");
    }
    let execution = Stand::execution(&issue, "root-cause");
    let shown = stand.server.json(&format!("/api/executions/{}", execution["id"])).await;
    let steps = shown["steps"].as_array().unwrap();
    let sent: Vec<&str> = steps
        .iter()
        .flat_map(|step| step["detail"]["sent"]["messages"].as_array().into_iter().flatten())
        .map(|message| message["content"].as_str().unwrap())
        .collect();
    assert!(sent.iter().any(|text| text.contains('\u{202e}')), "what hides was sent: {sent:#?}");
    let text = read(&page);
    for message in &sent {
        let visible = message.replace('\u{202e}', "⟦U+202E⟧");
        assert!(text.contains(&visible), "not on the page: {visible}");
    }
    assert!(!page.contains('\u{202e}') && !page.contains("<b>seen</b>"));
    assert!(text.contains("I have <b>seen</b> enough."), "what came back");
    assert!(text.contains("read_file {\"path\":\"src/settings.rs\"}"), "the tool's arguments");
    for agent in ["panic-analyst", "compiler", "style", "root-cause", "fix-writer", "fix-critic"] {
        assert!(page.contains(&format!("<code>{agent}</code>")), "{agent}");
    }
    assert!(!page.contains("data-follow"), "it has ended");

    // The agent's own page has the same, and nothing of the others.
    let own = gui.page(&format!("/gui/executions/{}", execution["id"])).await;
    assert!(read(&own).contains(&sent[1].replace('\u{202e}', "⟦U+202E⟧")));
    assert!(own.contains("<code>root-cause</code>") && !own.contains("<code>fix-writer</code>"));
    let list = gui.page("/gui/executions?status=&agent=root-cause&task=&project=").await;
    assert!(list.contains("root-cause in error analysis"), "{list}");
    assert!(list.contains(&format!("/gui/executions/{}\"", execution["id"])));
    for (path, status) in [
        ("/gui/executions?status=asleep", StatusCode::BAD_REQUEST),
        ("/gui/executions?project=x", StatusCode::BAD_REQUEST),
        ("/gui/executions/999999", StatusCode::NOT_FOUND),
        ("/gui/spend?days=8", StatusCode::BAD_REQUEST),
    ] {
        assert_eq!(gui.get(path).await.0, status, "{path}");
    }
}

#[tokio::test]
async fn a_run_is_followed_in_a_browser_and_what_the_reader_opened_stays_open() {
    let model = FakeModel::start(|question, number| match (asks(question), number) {
        ("root-cause", 0) => Play::Calls(vec![("list", json!({ "path": "" }))]),
        _ => Play::Slow(Duration::from_secs(60)),
    })
    .await;
    let stand = Stand::new(&model.config(""));
    let server = &stand.server;
    let body = json!({ "task_type": "error_analysis", "input_data": Stand::error(&json!({})), "wait_s": 120 });
    let (_, answer) = stand.execute(&body).await;
    let issue = format!("/api/issues/{}", answer["results"]["issue_id"]);
    let run = eventually("an agent to begin", async || {
        server.json(&issue).await["executions"][0]["parent_id"].as_i64()
    })
    .await;
    let browser = Browser::start(&server.folder().join("chromium")).await;
    let driver = &browser.driver;
    driver.goto(format!("{}/gui/executions/{run}", server.url)).await.unwrap();
    driver.find(By::Id("token")).await.unwrap().send_keys(&server.token).await.unwrap();
    driver.find(By::Css("main button")).await.unwrap().click().await.unwrap();
    // It comes by itself.
    let step = eventually("the tool's step", async || {
        driver.find(By::XPath("//summary[contains(., 'list')]")).await.ok()
    })
    .await;
    step.click().await.unwrap();
    let mark = "document.querySelector('main').dataset.mark = 'kept';";
    driver.execute(mark, Vec::new()).await.unwrap();
    let cancel = server.plain(Method::POST, &format!("/api/executions/{run}/cancel"));
    let cancel = cancel.bearer_auth(&server.token).send().await.unwrap();
    assert_eq!(cancel.status(), StatusCode::ACCEPTED);
    eventually("the page to say that it was stopped", async || {
        let run = driver.find(By::Id("run")).await.ok()?;
        let state = run.find(By::Css(".run-state")).await.ok()?.text().await.ok()?;
        (state == "cancelled" && run.attr("data-follow").await.ok()?.is_none()).then_some(())
    })
    .await;
    assert!(driver.find(By::Css("main[data-mark='kept']")).await.is_ok(), "it was loaded again");
    let arguments = driver.find(By::XPath("//details[@open]/summary[contains(., 'list')]")).await;
    assert!(arguments.is_ok(), "what was opened was closed");
    browser.end().await;
}
