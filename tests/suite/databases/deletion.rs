//! Projects that are deleted, while others write.

use andon::domain::category::Category;
use andon::domain::fix::SuggestionStatus;
use andon::domain::healing::HealingMode;
use andon::domain::quota::Reason;
use andon::domain::suggestion::Suggestion;
use andon::store::StoreError;
use andon::store::counts::Counts;
use andon::store::events::Spikes;
use andon::store::healings::HealingPlan;
use andon::store::outcomes::Outcome;
use andon::store::projects::NewProject;
use andon::store::suggestions::{OnRecord, SuggestionOrigin};

use super::sample::{Sample, several};
use super::suggestions::{decision, proposal};
use super::{Bed, noon, on_both};

on_both!(
    a_deleted_project_leaves_no_row_behind_and_others_stay,
    events_that_come_while_their_project_goes_are_refused_or_go_with_it,
    keys_and_what_was_refused_are_the_projects,
    what_waits_of_a_deleted_project_is_not_listed_before_it_is_purged,
    no_dictionary_is_trained_for_what_was_deleted,
    many_rollups_go_in_steps,
);

/// Tables whose rows say which project they belong to.
const OWNED: [&str; 11] = [
    "events",
    "issues",
    "fingerprints",
    "dictionaries",
    "project_stats",
    "project_settings",
    "item_counts",
    "project_keys",
    "outcomes",
    "usage",
    "suggestions",
];

async fn purge(bed: &Bed, project: i64) {
    let mut steps = 0;
    while bed.store.purge_project_step(project, noon()).await.unwrap() {
        steps += 1;
        assert!(steps < 100, "it comes to an end");
    }
}

async fn nothing_left(bed: &Bed, project: i64) {
    for table in OWNED {
        let query = format!("SELECT COUNT(*) FROM {table} WHERE project_id = {project}");
        assert_eq!(bed.number(&query).await, 0, "{table}");
    }
    for table in ["rollups", "analyses"] {
        let query =
            format!("SELECT COUNT(*) FROM {table} WHERE issue_id NOT IN (SELECT id FROM issues)");
        assert_eq!(bed.number(&query).await, 0, "{table}");
    }
    let files = "SELECT COUNT(*) FROM attachments
        WHERE event_row NOT IN (SELECT id FROM events)";
    assert_eq!(bed.number(files).await, 0);
}

async fn a_deleted_project_leaves_no_row_behind_and_others_stay(bed: Bed) {
    let (project, other) = (bed.project("shop").await, bed.project("other").await);
    let batch: Vec<_> = (0..450)
        .map(|n| Sample::new(project, n, &format!("f{}", n % 210)).with_files(&[("log", b"text")]))
        .collect();
    let stored = bed.keep(&batch).await;
    bed.keep(&several(other, 0, 5, "f0")).await;
    let (issue_id, event_row) = (stored[0].issue_id, stored[0].event_row);
    let analysis_id = bed.store.start_analysis(issue_id, event_row, noon()).await.unwrap();
    let origin = SuggestionOrigin {
        project_id: Some(project),
        issue_id: Some(issue_id),
        analysis_id: Some(analysis_id),
        repo: None,
    };
    bed.store.create_suggestion(&proposal("t"), origin, noon()).await.unwrap();
    let parts: Vec<i64> = stored[1..4].iter().map(|stored| stored.issue_id).collect();
    bed.store.merge_issues(issue_id, &parts, "ada", noon()).await.unwrap();
    bed.store.train_dictionary(project, None, noon()).await.unwrap();
    assert!(!bed.store.purge_project_step(project, noon()).await.unwrap(), "it stands");

    bed.store.delete_project(project, "ada", noon()).await.unwrap();
    assert!(bed.store.project(project).await.unwrap().is_none());
    let again = bed.store.delete_project(project, "ada", noon()).await.unwrap_err();
    assert!(matches!(again, StoreError::NotFound(_)), "{again}");
    purge(&bed, project).await;
    nothing_left(&bed, project).await;
    assert_eq!(bed.number("SELECT COUNT(*) FROM events").await, 5);
    bed.counts_hold().await;
    let new =
        NewProject { name: "shop", public_key: "fresh", repo: None, healing: HealingMode::Off };
    let again = bed.store.create_project(&new, "ada", noon()).await.unwrap();
    assert!(again.id > other, "the name is free, the number is not");
    assert!(bed.store.verify_audit().await.unwrap().broken.is_none());
}

async fn events_that_come_while_their_project_goes_are_refused_or_go_with_it(bed: Bed) {
    let (project, other) = (bed.project("shop").await, bed.project("other").await);
    let nodes = [bed.another().await, bed.another().await];
    let counts = Counts::default();
    // However slow the machine is and whoever gets the lock: it writes until it is refused.
    let doomed = async {
        for round in 0.. {
            let batch = several(project, round * 10, 10, &format!("f{}", round % 3));
            match nodes[0].store_events(&batch, &counts, Spikes::OFF, noon()).await {
                Ok(_) => {}
                Err(StoreError::ProjectDeleted(id)) if id == project => return,
                Err(error) => panic!("{error}"),
            }
        }
    };
    let others = async {
        for round in 0..40 {
            let batch = several(other, round * 10, 10, &format!("f{}", round % 3));
            nodes[1].store_events(&batch, &counts, Spikes::OFF, noon()).await.unwrap();
        }
    };
    let go = async {
        while bed.number("SELECT COUNT(*) FROM events").await < 50 {}
        bed.store.delete_project(project, "ada", noon()).await.unwrap();
        purge(&bed, project).await;
    };
    tokio::join!(doomed, others, go);
    let late = several(project, 0, 1, "f");
    let late = nodes[0].store_events(&late, &counts, Spikes::OFF, noon()).await;
    assert!(matches!(late, Err(StoreError::ProjectDeleted(id)) if id == project));
    nothing_left(&bed, project).await;
    assert_eq!(bed.number("SELECT COUNT(*) FROM events").await, 400);
    bed.counts_hold().await;
}

async fn keys_and_what_was_refused_are_the_projects(bed: Bed) {
    let (project, other) = (bed.project("shop").await, bed.project("other").await);
    let key = bed.store.add_project_key(project, "second", "ci", "ada", noon()).await.unwrap();
    let taken = bed.store.add_project_key(other, "second", "ci", "ada", noon()).await;
    assert!(!taken.unwrap_err().is_unavailable(), "a key is one project's");
    assert_eq!(bed.store.project_id_by_key("second").await.unwrap(), Some(project));
    assert!(!bed.store.disable_project_key(other, key.id, "ada", noon()).await.unwrap());
    let keys = bed.store.enabled_project_keys(project).await.unwrap();
    assert_eq!(keys.len(), 2);
    assert!(bed.store.disable_project_key(project, keys[0].id, "ada", noon()).await.unwrap());
    let shown = bed.another().await.project(project).await.unwrap().unwrap().public_key;
    assert_eq!(shown, "second", "a DSN shows a key that works");
    assert_eq!(bed.store.project_id_by_key("shop").await.unwrap(), None);

    let refused = |project_id| Outcome {
        project_id,
        category: Category::Error,
        reason: Reason::QuotaHour,
        day: "2026-11-21".parse().unwrap(),
    };
    let node = bed.another().await;
    let (here, there) = ([(refused(project), 3), (refused(999), 1)], [(refused(project), 4)]);
    let (a, b) = tokio::join!(bed.store.add_outcomes(&here), node.add_outcomes(&there));
    a.unwrap();
    b.unwrap();
    let found = bed.store.outcomes(project, 9).await.unwrap();
    let found: Vec<_> =
        found.iter().map(|of| (of.day.as_str(), of.reason.as_str(), of.quantity)).collect();
    assert_eq!(found, [("2026-11-21", "quota_hour", 7)]);
}

async fn what_waits_of_a_deleted_project_is_not_listed_before_it_is_purged(bed: Bed) {
    use SuggestionStatus::{Applied, Approved, Pending, Rejected, RolledBack};
    let (project, other) = (bed.project("shop").await, bed.project("other").await);
    let move_to = async |id: i64, status: SuggestionStatus| {
        let record = OnRecord::default();
        bed.store.decide_on_record(id, decision(status), record, noon()).await.unwrap();
    };
    let suggest = async |project_id: Option<i64>, status: SuggestionStatus| {
        let origin = SuggestionOrigin { project_id, ..SuggestionOrigin::default() };
        let id = bed.store.create_suggestion(&proposal("t"), origin, noon()).await.unwrap();
        if status != Pending {
            move_to(id, status).await;
        }
        id
    };
    let heal = async |suggestion_id: i64| {
        let plan = HealingPlan { suggestion_id, repo: "/srv/shop", actor: "ada", files: &[] };
        bed.store.plan_healing(plan, noon()).await.unwrap();
        move_to(suggestion_id, Applied).await;
    };
    let gone = Some(project);
    suggest(gone, Pending).await;
    suggest(gone, Approved).await;
    suggest(gone, Rejected).await;
    // Put into a working tree: one that stays there, and one that was taken back and waits again.
    let (applied, again) = (suggest(gone, Pending).await, suggest(gone, Pending).await);
    heal(applied).await;
    heal(again).await;
    move_to(again, RolledBack).await;
    move_to(again, Approved).await;
    let stays = [suggest(Some(other), Pending).await, suggest(None, Approved).await];
    let rejected = suggest(Some(other), Rejected).await;
    assert_eq!(bed.store.waiting_suggestions().await.unwrap(), 5);

    bed.store.delete_project(project, "ada", noon()).await.unwrap();
    for purged in [false, true] {
        if purged {
            purge(&bed, project).await;
        }
        let ids = |found: Vec<Suggestion>| found.iter().map(|s| s.id).collect::<Vec<_>>();
        assert_eq!(bed.store.waiting_suggestions().await.unwrap(), 2, "purged: {purged}");
        assert_eq!(ids(bed.store.review_queue(0, 9).await.unwrap()), stays);
        assert_eq!(ids(bed.store.review_queue(1, 9).await.unwrap()), stays[1..]);
        let listed = async |status| ids(bed.store.suggestions(status, 0, 9).await.unwrap());
        assert_eq!(listed(Some(Pending)).await, stays[..1]);
        assert_eq!(listed(Some(Approved)).await, stays[1..]);
        assert_eq!(listed(Some(Rejected)).await, [rejected]);
        assert_eq!(listed(None).await, [applied, stays[0], stays[1], rejected]);
        let healed = ids(bed.store.healed_suggestions(0, 9).await.unwrap());
        assert!(healed.contains(&applied), "it can still be taken back: {healed:?}");
    }
}

async fn no_dictionary_is_trained_for_what_was_deleted(bed: Bed) {
    let project = bed.project("shop").await;
    let extra = super::sample::noisy_text(1, 2000);
    let sample = |n: u64| Sample { extra: extra.clone(), ..Sample::new(project, n, "f") };
    let batch: Vec<_> = (0..100).map(|n| sample(n).of_user(&format!("u{n}")).ready()).collect();
    let issue = bed.keep(&batch).await[0].issue_id;
    assert!(bed.store.train_dictionary(project, None, noon()).await.unwrap());
    assert!(bed.store.train_dictionary(project, Some(issue), noon()).await.unwrap());
    // Its events are there until they are purged.
    bed.store.delete_project(project, "ada", noon()).await.unwrap();
    for of in [None, Some(issue)] {
        assert!(!bed.store.train_dictionary(project, of, noon()).await.unwrap());
    }
    assert_eq!(bed.number("SELECT COUNT(*) FROM dictionaries").await, 2);
    purge(&bed, project).await;
    nothing_left(&bed, project).await;
    let facts = "SELECT COUNT(*) FROM facts WHERE name LIKE 'trained_at:%'";
    assert_eq!(bed.number(facts).await, 0);
}

async fn many_rollups_go_in_steps(bed: Bed) {
    let (project, other) = (bed.project("shop").await, bed.project("other").await);
    let issue = bed.keep(&several(project, 0, 3, "f")).await[0].issue_id;
    bed.keep(&several(other, 0, 3, "f")).await;
    bed.run(&format!(
        "INSERT INTO rollups (issue_id, grain, bucket, events)
         WITH RECURSIVE numbers (n) AS
            (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 12000)
         SELECT {issue}, 60, n, 1 FROM numbers"
    ))
    .await;
    bed.store.delete_project(project, "ada", noon()).await.unwrap();
    let rollups = "SELECT COUNT(*) FROM rollups";
    let (mut left, all) = (bed.number(rollups).await, bed.number(rollups).await);
    assert!(all > 12000);
    while bed.store.purge_project_step(project, noon()).await.unwrap() {
        let now = bed.number(rollups).await;
        assert!(left - now <= 5000, "{left} to {now}");
        left = now;
    }
    nothing_left(&bed, project).await;
    assert!(left > 0, "those of the other project stay");
    bed.counts_hold().await;
}
