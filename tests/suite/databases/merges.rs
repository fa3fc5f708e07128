//! Merging issues by hand, and taking it back.

use andon::store::StoreError;
use andon::store::issues::IssueCursor;
use andon::store::merges::MergeError;
use andon::store::rollups::DAY;
use jiff::{SignedDuration, Timestamp};

use super::sample::{Sample, several};
use super::{Bed, noon, on_both};

on_both!(
    a_merged_issue_is_shown_by_the_other_and_can_be_had_back,
    a_new_event_of_a_merged_issue_moves_the_whole_up,
    what_makes_no_sense_is_refused_and_changes_nothing,
);

fn minutes(n: i64) -> Timestamp {
    noon() + SignedDuration::from_mins(n)
}

/// Three issues: of 3, 4 and 5 events, an hour apart, the first the oldest.
async fn three(bed: &Bed, project: i64) -> [i64; 3] {
    let mut ids = [0; 3];
    for (i, count) in (0..3).zip([3, 4, 5]) {
        let at = minutes(60 * i64::from(i));
        for n in 0..count {
            let number = u64::from(i as u32) * 100 + n;
            let sample = Sample::new(project, number, &format!("f{i}")).at(at);
            ids[i as usize] = bed.keep(&[sample.ready()]).await[0].issue_id;
        }
    }
    ids
}

async fn listed(bed: &Bed, project: i64) -> Vec<i64> {
    let issues = bed.store.issues(Some(project), IssueCursor::START, 50).await.unwrap();
    issues.iter().map(|issue| issue.id).collect()
}

async fn a_merged_issue_is_shown_by_the_other_and_can_be_had_back(bed: Bed) {
    let project = bed.project("shop").await;
    let [a, b, c] = three(&bed, project).await;
    let before = [a, b, c].map(|id| bed.store.issue(id));
    let before = futures_util::future::try_join_all(before).await.unwrap();
    bed.store.merge_issues(b, &[a, c, a], "ada", noon()).await.unwrap();
    assert_eq!(listed(&bed, project).await, [b]);
    assert_eq!(bed.store.issues_page(0, 10).await.unwrap().len(), 1);
    let whole = bed.store.issue(b).await.unwrap().unwrap();
    assert_eq!((whole.event_count, whole.stored_events), (12, 12));
    assert_eq!((whole.first_seen, whole.last_seen), (minutes(0), minutes(120)));
    let parts = bed.store.merged_issues(b).await.unwrap();
    assert_eq!(parts.iter().map(|part| part.id).collect::<Vec<_>>(), [a, c]);
    assert!(parts.iter().all(|part| part.merged_into == Some(b)));

    let (mut rows, mut before_row) = (Vec::new(), i64::MAX);
    loop {
        let (page, more) = bed.store.events_of_issue(b, before_row, 5).await.unwrap();
        rows.extend(page.iter().map(|event| event.row));
        before_row = rows[rows.len() - 1];
        if !more {
            break;
        }
    }
    assert_eq!(rows.len(), 12);
    assert!(rows.is_sorted_by(|x, y| x > y), "newest first, over all parts");
    let days = bed.store.rollups(b, DAY, noon()).await.unwrap();
    assert_eq!(days.iter().map(|day| day.events).sum::<i64>(), 12);
    let of_all = bed.store.rollups_of(&[a, b, c], DAY, noon()).await.unwrap();
    assert_eq!(of_all[&b], days);

    for id in [a, c] {
        bed.store.unmerge_issue(id, "ada", noon()).await.unwrap();
    }
    let after = [a, b, c].map(|id| bed.store.issue(id));
    let after = futures_util::future::try_join_all(after).await.unwrap();
    assert_eq!(after, before, "as if nothing had been");
    assert_eq!(listed(&bed, project).await, [c, b, a]);
    let trail = bed.store.audit_entries(Some(&format!("issue:{a}")), 10).await.unwrap();
    let actions: Vec<_> = trail.iter().map(|entry| entry.action.as_str()).collect();
    assert_eq!(actions, ["issue.unmerged", "issue.merged"], "once, though it was named twice");
    bed.counts_hold().await;
}

async fn a_new_event_of_a_merged_issue_moves_the_whole_up(bed: Bed) {
    let project = bed.project("shop").await;
    let [a, b, c] = three(&bed, project).await;
    bed.store.merge_issues(b, &[a], "ada", noon()).await.unwrap();
    assert_eq!(listed(&bed, project).await, [c, b]);
    let new = Sample::new(project, 900, "f0").at(minutes(500));
    let stored = bed.keep(&[new.ready()]).await[0];
    assert_eq!(stored.issue_id, a, "the event stays with its own issue");
    assert_eq!(listed(&bed, project).await, [b, c]);
    let whole = bed.store.issue(b).await.unwrap().unwrap();
    assert_eq!((whole.event_count, whole.last_seen), (8, minutes(500)));
    let latest = bed.store.latest_event(b).await.unwrap().unwrap();
    assert_eq!(latest.row, stored.event_row);
    // An issue that has parts can be merged on; they come along.
    bed.store.merge_issues(c, &[b], "ada", noon()).await.unwrap();
    assert_eq!(listed(&bed, project).await, [c]);
    assert_eq!(bed.store.issue(c).await.unwrap().unwrap().event_count, 13);
    bed.store.unmerge_issue(a, "ada", noon()).await.unwrap();
    let counts = [a, b, c].map(|id| bed.store.issue(id));
    let counts: Vec<_> = futures_util::future::try_join_all(counts).await.unwrap();
    let counts: Vec<_> = counts.iter().flatten().map(|i| (i.event_count, i.last_seen)).collect();
    assert_eq!(counts, [(4, minutes(500)), (4, minutes(60)), (9, minutes(120))]);
}

async fn what_makes_no_sense_is_refused_and_changes_nothing(bed: Bed) {
    let (project, other) = (bed.project("shop").await, bed.project("other").await);
    let [a, b, c] = three(&bed, project).await;
    let foreign = bed.keep(&several(other, 1, 1, "f0")).await[0].issue_id;
    bed.store.merge_issues(b, &[c], "ada", noon()).await.unwrap();
    let entries = bed.store.verify_audit().await.unwrap().entries;
    for (into, from) in [(a, vec![a]), (a, vec![b, foreign]), (foreign, vec![a]), (c, vec![a])] {
        let refused = bed.store.merge_issues(into, &from, "ada", noon()).await.unwrap_err();
        assert!(matches!(refused, MergeError::Refused(_)), "{into} {from:?}: {refused}");
    }
    for (into, from) in [(a, vec![b, 999]), (999, vec![a])] {
        let refused = bed.store.merge_issues(into, &from, "ada", noon()).await.unwrap_err();
        assert!(matches!(refused, MergeError::Store(StoreError::NotFound(_))), "{refused}");
    }
    for id in [a, b] {
        let refused = bed.store.unmerge_issue(id, "ada", noon()).await.unwrap_err();
        assert!(matches!(refused, MergeError::Refused(_)), "{refused}");
    }
    assert!(bed.store.unmerge_issue(999, "ada", noon()).await.is_err());
    let mut shown = listed(&bed, project).await;
    shown.sort_unstable();
    assert_eq!(shown, [a, b], "all or nothing");
    assert_eq!(bed.store.verify_audit().await.unwrap().entries, entries);
}
