//! Who sees a run, and who may stop it or change an agent.

use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::widen;
use crate::models::fake::{FakeModel, Play};
use crate::models::stand::Stand;
use crate::support::eventually;
use crate::support::gui::Gui;

/// The actions of the forms on a page.
fn forms(html: &str) -> Vec<&str> {
    html.split("method=\"post\" action=\"").skip(1).map(|s| s.split('"').next().unwrap()).collect()
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
