//! Lists of issues.

use andon::store::issues::IssueCursor;
use jiff::SignedDuration;

use super::sample::Sample;
use super::{Bed, noon, on_both};

on_both!(
    a_list_goes_by_its_cursor_over_issues_of_one_instant,
    an_issue_says_where_it_fails_once_that_is_known,
);

async fn a_list_goes_by_its_cursor_over_issues_of_one_instant(bed: Bed) {
    let (shop, other) = (bed.project("shop").await, bed.project("other").await);
    let batch: Vec<_> = (0..30)
        .map(|n| {
            let project = if n % 3 == 0 { other } else { shop };
            // Ten of each instant.
            let at = noon() + SignedDuration::from_secs((n / 10).try_into().unwrap());
            Sample::new(project, n, &format!("f{n}")).at(at).ready()
        })
        .collect();
    let mut expected: Vec<_> = bed.keep(&batch).await.iter().map(|s| s.issue_id).collect();
    expected.sort_unstable();
    let mut by_project: Vec<(Option<i64>, Vec<i64>)> = vec![(None, expected.clone())];
    for project in [shop, other] {
        let mut of_it = Vec::new();
        for id in &expected {
            if bed.store.issue(*id).await.unwrap().unwrap().project_id == project {
                of_it.push(*id);
            }
        }
        by_project.push((Some(project), of_it));
    }
    for (project, expected) in by_project {
        let (mut seen, mut after) = (Vec::new(), IssueCursor::START);
        loop {
            let page = bed.store.issues(project, after, 7).await.unwrap();
            let Some(last) = page.last() else { break };
            after = IssueCursor { last_seen: last.last_seen.as_microsecond(), id: last.id };
            seen.extend(page);
        }
        let keys: Vec<_> = seen.iter().map(|issue| (issue.last_seen, issue.id)).collect();
        assert!(keys.is_sorted_by(|a, b| a > b), "last seen first, then the newest");
        let mut ids: Vec<_> = seen.iter().map(|issue| issue.id).collect();
        ids.sort_unstable();
        assert_eq!(ids, expected, "each once");
        if project.is_none() {
            let page = bed.store.issues_page(10, 5).await.unwrap();
            assert_eq!(page, seen[10..15]);
        }
    }
    assert!(bed.store.issues(Some(999), IssueCursor::START, 5).await.unwrap().is_empty());
}

async fn an_issue_says_where_it_fails_once_that_is_known(bed: Bed) {
    let project = bed.project("shop").await;
    let id = bed.keep(&[Sample::new(project, 1, "a").ready()]).await[0].issue_id;
    assert_eq!(bed.store.issue(id).await.unwrap().unwrap().culprit, None);
    bed.store.set_culprit(id, "src/cart.rs:7").await.unwrap();
    let issue = bed.another().await.issue(id).await.unwrap().unwrap();
    assert_eq!(issue.culprit.as_deref(), Some("src/cart.rs:7"));
}
