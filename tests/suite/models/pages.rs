//! The pages of what agents did, which agents there are, what they cost and what was learnt.

use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use sqlx::{ConnectOptions as _, Connection as _};
use thirtyfour::By;

use super::fake::{FakeModel, Play};
use super::stand::{Stand, asks, good_cause, is_format, no_fix, no_verdicts, obliging};
use crate::support::browser::Browser;
use crate::support::eventually;
use crate::support::gui::Gui;
use crate::support::server::Server;

/// A page's text as a reader sees it.
fn read(html: &str) -> String {
    ["&#60;", "&#62;", "&#34;", "&#39;", "&#38;"]
        .iter()
        .zip(["<", ">", "\"", "'", "&"])
        .fold(html.to_owned(), |text, (entity, letter)| text.replace(entity, letter))
}

/// Gives a token every scope past the server, which gives a project's token none but `execute`.
async fn widen(server: &Server, name: &str) {
    let options =
        sqlx::sqlite::SqliteConnectOptions::new().filename(server.data().join("andon.db"));
    let mut database = options.connect().await.unwrap();
    let widened = sqlx::query("UPDATE api_tokens SET scopes = 'admin' WHERE name = $1").bind(name);
    assert_eq!(widened.execute(&mut database).await.unwrap().rows_affected(), 1);
    database.close().await.unwrap();
}

/// The actions of the forms on a page.
fn forms(html: &str) -> Vec<&str> {
    html.split("method=\"post\" action=\"").skip(1).map(|s| s.split('"').next().unwrap()).collect()
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
async fn who_may_only_look_stops_and_switches_nothing_and_one_projects_token_sees_its_own() {
    let model = FakeModel::start(|_, _| Play::Slow(Duration::from_secs(60))).await;
    let stand = Stand::new(&model.config(""));
    let server = &stand.server;
    let other = server.create_project("another", &[]);
    let body = json!({ "task_type": "error_analysis", "input_data": Stand::error(&json!({})), "wait_s": 120, "project": 1 });
    let (_, answer) = stand.execute(&body).await;
    assert_eq!(answer["status"], "running", "{answer:#}");
    let issue = answer["results"]["issue_id"].clone();
    let own_run = answer["execution_id"].as_i64().unwrap();
    let gui = Gui::sign_in(server, &server.token).await;
    let run: i64 = eventually("the run that does the work", async || {
        let page = gui.page(&format!("/gui/executions/{own_run}")).await;
        page.split("run #").nth(1)?.split('<').next()?.parse().ok()
    })
    .await;
    let path = format!("/gui/executions/{run}");

    let reader = server.new_token("reader", &["--scope", "read"]);
    let reader = Gui::sign_in(server, &reader).await;
    let page = reader.page(&path).await;
    assert!(page.contains("At work. This page follows it."), "{page}");
    assert_eq!(forms(&page), ["/gui/logout"], "no form is shown");
    assert_eq!(forms(&reader.page("/gui/agents").await), ["/gui/logout"]);
    for (form, fields) in [
        (format!("{path}/cancel"), &[][..]),
        ("/gui/agents/style/switch".to_owned(), &[("to", "off")][..]),
        ("/gui/agents/style/limits".to_owned(), &[("seconds", "5")][..]),
        ("/gui/patterns/1/pin".to_owned(), &[("to", "on")][..]),
        ("/gui/patterns/1/delete".to_owned(), &[][..]),
    ] {
        assert_eq!(reader.post(&form, fields).await.0, StatusCode::FORBIDDEN, "{form}");
    }
    let live = async |seen: &str| {
        let request = server
            .plain(Method::GET, &format!("{path}/live"))
            .query(&[("seen", seen)])
            .header("cookie", &reader.cookie);
        let answer = request.send().await.unwrap();
        (answer.status(), answer.text().await.unwrap())
    };
    let seen = eventually("the model's agent to be at work", async || {
        let (_, part) = live("").await;
        let seen = part.split("data-seen=\"").nth(1)?.split('"').next()?.to_owned();
        part.contains("<code>root-cause</code>").then_some(seen)
    })
    .await;
    assert_eq!(live(&seen).await, (StatusCode::NO_CONTENT, String::new()), "nothing is new");

    // A token of one project cannot sign in; were it ever given more, it would see its own only.
    let bound = server.new_token("bound", &["--project", &other.id.to_string()]);
    let sign_in = server.plain(Method::POST, "/gui/login").form(&[("token", &bound)]);
    assert_eq!(sign_in.send().await.unwrap().status(), StatusCode::UNAUTHORIZED);
    let api = async |method: Method, path: &str| {
        let request = server.plain(method, path).bearer_auth(&bound);
        request.send().await.unwrap().status()
    };
    assert_eq!(api(Method::GET, &format!("/api/executions/{run}")).await, StatusCode::NOT_FOUND);
    widen(server, "bound").await;
    let stranger = Gui::sign_in(server, &bound).await;
    for path in [path.clone(), format!("{path}/live"), format!("/gui/executions/{own_run}")] {
        assert_eq!(stranger.get(&path).await.0, StatusCode::NOT_FOUND, "{path}");
    }
    let refused = stranger.post(&format!("{path}/cancel"), &[]).await.0;
    assert_eq!(refused, StatusCode::NOT_FOUND);
    for list in ["/gui/executions", "/gui/executions?project=1", "/gui/executions?agent=style"] {
        let page = stranger.page(list).await;
        assert!(!page.contains(&format!("/gui/issues/{issue}\"")), "{list}: {page}");
    }
    let spend = stranger.page("/gui/spend").await;
    assert!(spend.contains("one project’s") && !spend.contains("dollars_per_day"), "{spend}");
    for (method, door) in [(Method::GET, ""), (Method::GET, "/stream"), (Method::POST, "/cancel")] {
        let status = api(method, &format!("/api/executions/{run}{door}")).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{door}");
    }
    let list = server.plain(Method::GET, "/api/executions?project=1").bearer_auth(&bound);
    let list: Value = list.send().await.unwrap().json().await.unwrap();
    assert_eq!(list["executions"], json!([]));

    // Who gives tasks and reads may stop; that is written down.
    let clerk = server.new_token("clerk", &["--scope", "read", "--scope", "execute"]);
    let clerk = Gui::sign_in(server, &clerk).await;
    assert!(forms(&clerk.page(&path).await).contains(&format!("{path}/cancel").as_str()));
    let (status, to) = clerk.post(&format!("{path}/cancel"), &[]).await;
    assert_eq!((status, to), (StatusCode::SEE_OTHER, format!("{path}?done=cancelling")));
    assert_eq!(clerk.post(&format!("{path}/cancel"), &[]).await.0, StatusCode::CONFLICT);
    eventually("the run's end", async || {
        let (status, part) = live(&seen).await;
        (status == StatusCode::OK && !part.contains("data-follow")).then_some(())
    })
    .await;
    assert!(reader.page(&path).await.contains("tone-warn\">cancelled"));
    let audit = server.json("/api/audit").await.to_string();
    assert!(audit.contains("execution.cancelled") && audit.contains("clerk"), "{audit}");
}

#[tokio::test]
async fn agents_are_switched_and_limited_in_the_gui_as_by_the_api() {
    let stand = Stand::new("[models]\nenabled = false\n");
    let server = &stand.server;
    let gui = Gui::sign_in(server, &server.token).await;
    let page = gui.page("/gui/agents").await;
    assert!(page.contains("Models are switched off (models.enabled)."), "{page}");
    assert!(page.contains("agents/style.toml in the binary"));
    let limits = [("seconds", "120"), ("steps", ""), ("tokens", ""), ("cost", "0.25")];
    let (status, to) = gui.post("/gui/agents/root-cause/limits", &limits).await;
    assert_eq!(
        (status, to.as_str()),
        (StatusCode::SEE_OTHER, "/gui/agents?done=agent_limits#agent-root-cause")
    );
    let off = [("to", "off")];
    assert_eq!(gui.post("/gui/agents/root-cause/switch", &off).await.0, StatusCode::SEE_OTHER);
    let agent = server.json("/api/agents/root-cause").await;
    assert_eq!(agent["enabled"], false);
    let limits = &agent["agent"]["limits"];
    assert_eq!((&limits["seconds"], &limits["cost"]), (&json!(120), &json!(0.25)), "{agent:#}");
    assert_eq!(limits["steps"], 20, "as its file says");
    let page = gui.page("/gui/agents?done=agent_off").await;
    assert!(page.contains("(its file: 600)") && page.contains(">switched off<"), "{page}");
    for (fields, said) in [
        ([("seconds", "0")], "limits.seconds must be from 1"),
        ([("cost", "dear")], "Dollars must be a number"),
        ([("steps", "1000")], "limits.steps must be from 1"),
    ] {
        let (status, page) = gui.post("/gui/agents/root-cause/limits", &fields).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{fields:?}");
        assert!(page.contains(said), "{page}");
    }
    assert_eq!(gui.post("/gui/agents/nobody/switch", &off).await.0, StatusCode::NOT_FOUND);
    let audit = server.json("/api/audit").await.to_string();
    assert_eq!(audit.matches("agent.configured").count(), 2, "{audit}");
}

#[tokio::test]
async fn what_was_spent_and_learnt_has_pages_and_patterns_can_be_changed_there() {
    let model = obliging().await;
    let stand = Stand::new(&model.config("dollars_per_day = 2.5"));
    let server = &stand.server;
    let issue = stand.analysed(&json!({})).await;
    let gui = Gui::sign_in(server, &server.token).await;
    let spend = gui.page("/gui/spend?days=7").await;
    for said in ["of $2.50", "<code>root-cause</code>", "<code>fake-1</code>", "Last 7 days"] {
        assert!(spend.contains(said), "{said}: {spend}");
    }
    let id = &issue["issue"]["id"];
    assert!(spend.contains(&format!("/gui/issues/{id}\"")), "the issue that cost it");
    assert!(gui.page("/gui/agents").await.contains("$1.00 in, $2.00 out"));

    let cause = server.plain(Method::PUT, &format!("/api/issues/{id}/cause"));
    let cause = cause.bearer_auth(&server.token).json(&json!({ "cause": "Nobody asked <first>." }));
    let learnt: Value = cause.send().await.unwrap().json().await.unwrap();
    let number = learnt["id"].as_i64().unwrap();
    let path = format!("/gui/patterns/{number}");
    let page = gui.page("/gui/patterns?q=ASKED+%3Cfirst&project=").await;
    assert!(page.contains("Nobody asked &#60;first&#62;."), "{page}");
    assert!(gui.page("/gui/patterns?q=zebra").await.contains("Nothing was found"));

    let edit = [("cause", "The cart\r\nis empty."), ("fix", "")];
    let (status, to) = gui.post(&format!("{path}/edit"), &edit).await;
    assert_eq!((status, to), (StatusCode::SEE_OTHER, format!("{path}?done=pattern_edited")));
    assert_eq!(gui.post(&format!("{path}/pin"), &[("to", "on")]).await.0, StatusCode::SEE_OTHER);
    let shown = server.json(&format!("/api/patterns/{number}")).await;
    assert_eq!((&shown["cause"], &shown["pinned"]), (&json!("The cart\nis empty."), &json!(true)));
    let empty = [("cause", " "), ("fix", "x")];
    assert_eq!(gui.post(&format!("{path}/edit"), &empty).await.0, StatusCode::BAD_REQUEST);

    let other = server.create_project("another", &[]).id.to_string();
    let bound = server.new_token("bound", &["--project", &other]);
    widen(server, "bound").await;
    let stranger = Gui::sign_in(server, &bound).await;
    assert!(stranger.page("/gui/patterns?project=1").await.contains("Nothing was learnt yet"));
    assert_eq!(stranger.get(&path).await.0, StatusCode::NOT_FOUND);
    let refused = stranger.post(&format!("{path}/delete"), &[]).await.0;
    assert_eq!(refused, StatusCode::NOT_FOUND);

    assert_eq!(gui.post(&format!("{path}/delete"), &[]).await.0, StatusCode::SEE_OTHER);
    assert_eq!(gui.get(&path).await.0, StatusCode::NOT_FOUND);
    let audit = server.json("/api/audit").await.to_string();
    assert!(audit.contains("pattern.edited") && audit.contains("pattern.deleted"), "{audit}");
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
