//! By which fingerprint an issue is found.

use andon::domain::fingerprint::{CURRENT, Rules, Version, group};
use andon::store::issues::IssueCursor;

use super::sample::Sample;
use super::{Bed, on_both};

on_both!(
    a_changed_way_of_grouping_does_not_split_an_issue,
    two_projects_with_one_fingerprint_have_an_issue_each,
);

async fn a_changed_way_of_grouping_does_not_split_an_issue(bed: Bed) {
    let (project, other) = (bed.project("shop").await, bed.project("other").await);
    let by = |version: Version, project, n| {
        let sample = Sample::new(project, n, "").saying("cart 17 is empty");
        let fingerprint = group(version, &sample.event(), &Rules::default()).fingerprint;
        Sample { fingerprint, ..sample }
    };
    let old = bed.keep(&[by(Version::V1, project, 1).ready()]).await[0].issue_id;
    // Twice in one batch, and the same in a project that never had it.
    let batch = [
        by(CURRENT, project, 2).ready(),
        by(CURRENT, project, 3).ready(),
        by(CURRENT, other, 4).ready(),
    ];
    let answers = bed.keep(&batch).await;
    assert_eq!((answers[0].issue_id, answers[1].issue_id), (old, old));
    assert_ne!(answers[2].issue_id, old);
    // It is found by both from now on.
    for (n, version) in [(5, CURRENT), (6, Version::V1)] {
        let answer = bed.keep(&[by(version, project, n).ready()]).await[0];
        assert_eq!(answer.issue_id, old, "{version}");
    }
    let another = Sample::new(project, 7, "another").saying("something else").ready();
    assert_ne!(bed.keep(&[another]).await[0].issue_id, old);
    let issue = bed.store.issue(old).await.unwrap().unwrap();
    assert_eq!(issue.event_count, 5);
    bed.counts_hold().await;
}

async fn two_projects_with_one_fingerprint_have_an_issue_each(bed: Bed) {
    let (shop, other) = (bed.project("shop").await, bed.project("other").await);
    let batch: Vec<_> = [shop, other, shop]
        .iter()
        .enumerate()
        // The same ids as well: an id is one project's.
        .map(|(n, project)| Sample::new(*project, n as u64 / 2, "f").ready())
        .collect();
    let answers = bed.keep(&batch).await;
    assert!(answers.iter().all(|answer| !answer.duplicate));
    assert_ne!(answers[0].issue_id, answers[1].issue_id);
    assert_eq!(answers[0].issue_id, answers[2].issue_id);
    for (project, events) in [(shop, 2), (other, 1)] {
        let issues = bed.store.issues(Some(project), IssueCursor::START, 10).await.unwrap();
        assert_eq!(issues.len(), 1);
        assert_eq!((issues[0].project_id, issues[0].event_count), (project, events));
    }
    bed.counts_hold().await;
}
