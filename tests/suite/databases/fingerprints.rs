//! By which fingerprint an issue is found.

use andon::domain::fingerprint::{CURRENT, Rules, group};
use andon::store::issues::IssueCursor;

use super::sample::Sample;
use super::{Bed, on_both};

on_both!(
    a_changed_way_of_grouping_does_not_split_an_issue,
    two_projects_with_one_fingerprint_have_an_issue_each,
);

async fn a_changed_way_of_grouping_does_not_split_an_issue(bed: Bed) {
    let (project, other) = (bed.project("shop").await, bed.project("other").await);
    let saying = |project, n, fingerprint: &str, message: &str| {
        Sample::new(project, n, fingerprint).saying(message)
    };
    let before = CURRENT.older().last().unwrap();
    let of_before = |message: &str| {
        let event = saying(project, 0, "", message).event();
        group(before, &event, &Rules::default()).fingerprint
    };
    let (known, unknown) = (of_before("disk is full"), of_before("no such file"));
    assert_ne!(known, unknown);
    let old = bed.keep(&[Sample::new(project, 1, &known).ready()]).await[0].issue_id;
    // Two new fingerprints of one old issue in one batch, and the same in a project that never had it.
    let batch = [
        saying(project, 2, "new", "disk is full").ready(),
        saying(project, 3, "newer", "disk is full").ready(),
        saying(other, 4, "new", "disk is full").ready(),
    ];
    let answers = bed.keep(&batch).await;
    assert_eq!((answers[0].issue_id, answers[1].issue_id), (old, old));
    assert_ne!(answers[2].issue_id, old);
    // From now on it is found without asking for the older ones, and by the old one still.
    for (n, fingerprint) in [(5, "new"), (6, "newer"), (7, known.as_str())] {
        let answer = bed.keep(&[Sample::new(project, n, fingerprint).ready()]).await[0];
        assert_eq!(answer.issue_id, old, "{fingerprint}");
    }
    let fresh = bed.keep(&[saying(project, 8, "fresh", "no such file").ready()]).await[0];
    assert_ne!(fresh.issue_id, old);
    let guess = bed.keep(&[Sample::new(project, 9, &unknown).ready()]).await[0];
    assert_ne!(guess.issue_id, fresh.issue_id, "a guess that found nothing is not remembered");
    let issue = bed.store.issue(old).await.unwrap().unwrap();
    assert_eq!((issue.event_count, issue.fingerprint.as_str()), (6, known.as_str()));
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
