//! What must be so afterwards: every acknowledged event is there, once, and the database is whole.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use sqlx::ConnectOptions as _;

use crate::support::eventually;
use crate::support::server::{ProjectFacts, Server};

/// Rows of a page: the most that the API gives.
const PAGE: usize = 200;

/// Acknowledged events that are also asked for one by one, payload and all.
const READ_BACK: usize = 50;

/// Every acknowledged id is listed exactly once. Others may be arriving meanwhile.
pub(super) async fn all_are_there_once(
    server: &Server,
    project: &ProjectFacts,
    acknowledged: &[String],
) {
    let mut listed: HashMap<String, usize> = HashMap::new();
    for (issue, _) in issues(server, project).await {
        for id in events(server, issue).await {
            *listed.entry(id).or_default() += 1;
        }
    }
    let twice: Vec<_> = listed.iter().filter(|(_, times)| **times > 1).collect();
    assert!(twice.is_empty(), "{} events are there more than once: {twice:?}", twice.len());
    let lost: Vec<_> = acknowledged.iter().filter(|id| !listed.contains_key(*id)).collect();
    assert!(
        lost.is_empty(),
        "{} of {} acknowledged events are lost: {:?}",
        lost.len(),
        acknowledged.len(),
        &lost[..lost.len().min(10)]
    );
    for id in acknowledged.iter().rev().take(READ_BACK) {
        let path = format!("/api/projects/{}/events/{id}", project.id);
        let shown = server.json(&path).await;
        assert_eq!(shown["event"]["event_id"], **id);
        assert_eq!(shown["attachments"].as_array().unwrap().len(), 1, "what came with {id}");
        let payload = server.json(&format!("{path}/payload")).await;
        assert_eq!(payload["event_id"], **id);
    }
}

/// Every issue counts as many events as it lists, once nothing is under way any more.
pub(super) async fn the_counts_are_right(server: &Server, project: &ProjectFacts) {
    eventually("every issue to count what it lists", async || {
        for (issue, count) in issues(server, project).await {
            if events(server, issue).await.len() != count {
                return None;
            }
        }
        Some(())
    })
    .await;
}

/// The issues of a project with their counts, from all pages.
async fn issues(server: &Server, project: &ProjectFacts) -> Vec<(i64, usize)> {
    let mut found = Vec::new();
    let mut seen = HashSet::new();
    let mut after = String::new();
    loop {
        let path = format!("/api/issues?project={}&limit={PAGE}{after}", project.id);
        let page = server.json(&path).await;
        for issue in page["issues"].as_array().unwrap() {
            let id = issue["id"].as_i64().unwrap();
            assert!(seen.insert(id), "issue {id} is listed twice");
            let count = issue["event_count"].as_u64().unwrap();
            found.push((id, usize::try_from(count).unwrap()));
        }
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => return found,
        }
    }
}

/// The ids of an issue's events, from all pages.
async fn events(server: &Server, issue: i64) -> Vec<String> {
    let mut ids = Vec::new();
    let mut before = String::new();
    loop {
        let page = server.json(&format!("/api/issues/{issue}/events?limit={PAGE}{before}")).await;
        for event in page["events"].as_array().unwrap() {
            ids.push(event["event"]["event_id"].as_str().unwrap().to_owned());
        }
        match page["next"].as_i64() {
            Some(next) => before = format!("&before={next}"),
            None => return ids,
        }
    }
}

/// SQLite's own word on the database in a data folder. A server may be using it.
pub(super) async fn the_database_is_whole(data: &Path) {
    let mut connection = sqlx::sqlite::SqliteConnectOptions::new()
        .filename(data.join("andon.db"))
        .busy_timeout(std::time::Duration::from_secs(15))
        .connect()
        .await
        .unwrap();
    let found: Vec<String> =
        sqlx::query_scalar("PRAGMA integrity_check").fetch_all(&mut connection).await.unwrap();
    assert_eq!(found, ["ok"]);
    let orphans = sqlx::query("PRAGMA foreign_key_check").fetch_all(&mut connection).await.unwrap();
    assert_eq!(orphans.len(), 0, "rows that point at nothing");
}
