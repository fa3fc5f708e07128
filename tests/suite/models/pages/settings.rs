//! Agents, money and patterns: what the pages say and what their forms change.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::widen;
use crate::models::stand::{Stand, obliging};
use crate::support::gui::Gui;

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
