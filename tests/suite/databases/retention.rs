//! Deleting what is not kept any longer.

use andon::domain::fix::{ClaimedClass, IssueType, Severity};
use andon::domain::patch::Patch;
use andon::domain::settings::Retention;
use andon::domain::suggestion::Proposal;
use andon::store::retention::Swept;
use andon::store::suggestions::SuggestionOrigin;
use jiff::{SignedDuration, Timestamp};

use super::sample::{Sample, noise, several};
use super::{Bed, noon, on_both};

const NO_LIMIT: Retention =
    Retention { days: 0, events_per_project: 0, events_per_issue: 0, bytes_per_project: 0 };

on_both!(
    what_is_too_old_goes,
    what_is_too_many_goes_the_oldest_first,
    what_is_too_large_goes_the_oldest_first,
    of_a_full_issue_the_first_ten_and_the_newest_stay,
    old_issues_without_events_go_unless_somebody_needs_them,
    an_analysis_outlives_its_event,
    a_block_that_cannot_be_read_does_not_keep_its_events,
);

async fn a_block_that_cannot_be_read_does_not_keep_its_events(bed: Bed) {
    let project = bed.project("shop").await;
    bed.keep(&several(project, 0, 30, "a")).await;
    bed.run("UPDATE blocks SET bytes = 'x'").await;
    bed.keep(&several(project, 100, 30, "a")).await;
    let keep = Retention { events_per_project: 10, ..NO_LIMIT };
    assert_eq!(sweep(&bed, project, keep).await.events, 50);
    for n in 120..130 {
        let read = bed.store.event(project, &super::sample::id(n)).await.unwrap();
        assert!(read.is_some(), "event {n}");
    }
}

fn days_ago(days: i64) -> Timestamp {
    noon() - SignedDuration::from_hours(24 * days)
}

/// Sweeps until nothing is left to sweep.
async fn sweep(bed: &Bed, project: i64, keep: Retention) -> Swept {
    let mut all = Swept::default();
    for _ in 0..200 {
        let swept = bed.store.sweep(project, keep, noon()).await.unwrap();
        if swept == Swept::default() {
            bed.counts_hold().await;
            return all;
        }
        all.events += swept.events;
        all.issues += swept.issues;
    }
    panic!("sweeping does not come to an end");
}

async fn left(bed: &Bed, project: i64) -> i64 {
    bed.number(&format!("SELECT COUNT(*) FROM events WHERE project_id = {project}")).await
}

async fn what_is_too_old_goes(bed: Bed) {
    let (project, other) = (bed.project("shop").await, bed.project("other").await);
    let old = |n, fingerprint| Sample::new(project, n, fingerprint).at(days_ago(31));
    let mut batch: Vec<_> = (0..450).map(|n| old(n, "a").ready()).collect();
    batch.push(old(500, "b").with_files(&[("log", b"text"), ("more", b"text")]));
    batch.extend(several(project, 600, 20, "a"));
    batch.push(Sample::new(other, 1, "a").at(days_ago(31)).ready());
    bed.keep(&batch).await;
    assert_eq!(bed.store.sweep(project, NO_LIMIT, noon()).await.unwrap(), Swept::default());
    let swept = sweep(&bed, project, Retention { days: 30, ..NO_LIMIT }).await;
    assert_eq!(swept, Swept { events: 451, issues: 1 });
    assert_eq!((left(&bed, project).await, left(&bed, other).await), (20, 1));
    assert_eq!(bed.number("SELECT COUNT(*) FROM attachments").await, 0);
    // It is counted still, though it is not stored.
    let counts = "SELECT event_count FROM issues WHERE fingerprint = 'a' AND project_id = 1";
    assert_eq!(bed.number(counts).await, 470);
    bed.counts_hold().await;
}

async fn what_is_too_many_goes_the_oldest_first(bed: Bed) {
    let project = bed.project("shop").await;
    for n in 0..3 {
        bed.keep(&several(project, n * 200, 200, &format!("f{n}"))).await;
    }
    let keep = Retention { events_per_project: 150, ..NO_LIMIT };
    assert_eq!(sweep(&bed, project, keep).await.events, 450);
    assert_eq!(left(&bed, project).await, 150);
    let newest = "SELECT COUNT(*) FROM events JOIN issues ON issues.id = issue_id
        WHERE fingerprint = 'f2'";
    assert_eq!(bed.number(newest).await, 150);
    let keep = Retention { events_per_project: 150, ..NO_LIMIT };
    assert_eq!(sweep(&bed, project, keep).await, Swept::default());
}

async fn what_is_too_large_goes_the_oldest_first(bed: Bed) {
    let project = bed.project("shop").await;
    let file = noise(1, 40_000);
    let batch: Vec<_> =
        (0..50).map(|n| Sample::new(project, n, "a").with_files(&[("file", &file)])).collect();
    bed.keep(&batch).await;
    let size = "SELECT stored_bytes FROM project_stats";
    let before = bed.number(size).await;
    assert!(before > 50 * 20_000, "attachments count: {before}");
    let limit = before / 2 + 500;
    let keep = Retention { bytes_per_project: limit.unsigned_abs(), ..NO_LIMIT };
    assert_eq!(sweep(&bed, project, keep).await.events, 25);
    let after = bed.number(size).await;
    assert!(after <= limit && after > limit * 9 / 10, "{after} of {limit}");
    assert_eq!(bed.number("SELECT COUNT(*) FROM attachments").await, 25);
    let oldest = bed
        .number("SELECT COUNT(*) FROM events WHERE event_id < '00000000000000000000000000000019'");
    assert_eq!(oldest.await, 0);
}

async fn of_a_full_issue_the_first_ten_and_the_newest_stay(bed: Bed) {
    let project = bed.project("shop").await;
    for first in (0..600).step_by(100) {
        bed.keep(&several(project, first, 100, "full")).await;
    }
    bed.keep(&several(project, 1000, 30, "small")).await;
    bed.keep(&several(project, 2000, 60, "other")).await;
    let keep = Retention { events_per_issue: 40, ..NO_LIMIT };
    assert_eq!(sweep(&bed, project, keep).await.events, 560 + 20);
    for (what, expected) in [
        ("event_id < '0000000000000000000000000000000a'", 10),
        (
            "event_id BETWEEN '0000000000000000000000000000000a' AND '00000000000000000000000000000239'",
            0,
        ),
        (
            "event_id BETWEEN '0000000000000000000000000000023a' AND '00000000000000000000000000000257'",
            30,
        ),
        ("event_id >= '000000000000000000000000000003e8'", 30 + 40),
    ] {
        let query = format!("SELECT COUNT(*) FROM events WHERE {what}");
        assert_eq!(bed.number(&query).await, expected, "{what}");
    }
    // Less than its first ones and one more cannot be asked for.
    let keep = Retention { events_per_issue: 1, ..NO_LIMIT };
    sweep(&bed, project, keep).await;
    assert_eq!(left(&bed, project).await, 33);
}

fn proposal() -> Proposal {
    Proposal {
        agent: "style".into(),
        title: "Format it".into(),
        explanation: String::new(),
        issue_type: IssueType::Style,
        severity: Severity::Low,
        claimed_class: ClaimedClass::Style,
        patch: Patch { files: Vec::new() },
        mends: None,
    }
}

async fn old_issues_without_events_go_unless_somebody_needs_them(bed: Bed) {
    let project = bed.project("shop").await;
    let names = ["plain", "suggested", "whole", "part", "alive", "part of it", "analysed"];
    let batch: Vec<_> = names
        .iter()
        .enumerate()
        .map(|(n, name)| Sample::new(project, n as u64, name).at(days_ago(40)).ready())
        .collect();
    let stored = bed.keep(&batch).await;
    let [_, suggested, whole, part, alive, part_of_it, analysed] =
        std::array::from_fn(|n| stored[n].issue_id);
    bed.keep(&[Sample::new(project, 100, "alive").ready()]).await;
    let origin = SuggestionOrigin { issue_id: Some(suggested), ..SuggestionOrigin::default() };
    bed.store.create_suggestion(&proposal(), origin, noon()).await.unwrap();
    bed.store.merge_issues(whole, &[part], "ada", noon()).await.unwrap();
    bed.store.merge_issues(alive, &[part_of_it], "ada", noon()).await.unwrap();
    bed.store.start_analysis(analysed, stored[6].event_row, noon()).await.unwrap();
    // The first step deletes events only, the second what has none; a whole goes after its parts.
    let keep = Retention { days: 30, ..NO_LIMIT };
    let step = async || bed.store.sweep(project, keep, noon()).await.unwrap();
    assert_eq!(step().await, Swept { events: 7, issues: 0 });
    assert_eq!(step().await, Swept { events: 0, issues: 3 });
    assert!(bed.store.issue(whole).await.unwrap().is_some(), "it had parts");
    assert_eq!(step().await, Swept { events: 0, issues: 1 });
    assert_eq!(step().await, Swept::default());
    for id in [suggested, alive, part_of_it] {
        assert!(bed.store.issue(id).await.unwrap().is_some());
    }
    assert_eq!(bed.number("SELECT COUNT(*) FROM issues").await, 3);
    for table in ["analyses", "rollups", "fingerprints"] {
        let orphans =
            format!("SELECT COUNT(*) FROM {table} WHERE issue_id NOT IN (SELECT id FROM issues)");
        assert_eq!(bed.number(&orphans).await, 0, "{table}");
    }
    // What a person merged stays merged: a part is not forgotten while its whole is alive.
    let again = bed.keep(&[Sample::new(project, 200, "part of it").ready()]).await[0];
    assert_eq!(again.issue_id, part_of_it);
    bed.counts_hold().await;
}

async fn an_analysis_outlives_its_event(bed: Bed) {
    let project = bed.project("shop").await;
    let stored = bed.keep(&[Sample::new(project, 1, "a").at(days_ago(3)).ready()]).await[0];
    let id = bed.store.start_analysis(stored.issue_id, stored.event_row, noon()).await.unwrap();
    bed.keep(&several(project, 2, 1, "a")).await;
    assert_eq!(sweep(&bed, project, Retention { days: 1, ..NO_LIMIT }).await.events, 1);
    let analysis = bed.store.analysis(id).await.unwrap().unwrap();
    assert_eq!((analysis.event_row, analysis.issue_id), (None, stored.issue_id));
}

/// Whether any file of the data folder holds these bytes.
fn found_in_folder(bed: &Bed, bytes: &[u8]) -> Vec<std::path::PathBuf> {
    let files = std::fs::read_dir(bed.folder()).unwrap().map(|entry| entry.unwrap().path());
    files
        .filter(|path| {
            let content = std::fs::read(path).unwrap();
            content.windows(bytes.len()).any(|window| window == bytes)
        })
        .collect()
}

#[tokio::test]
async fn what_was_deleted_is_in_no_file_and_the_file_shrinks() {
    const MARKER: &str = "marker-7f3a91c2d5";
    let bed = Bed::sqlite().await;
    let project = bed.project("shop").await;
    for first in (0..400).step_by(100) {
        let batch: Vec<_> = (first..first + 100)
            .map(|n| {
                let sample = Sample::new(project, n, "a").of_user("eve");
                Sample { release: Some(format!("{MARKER}{}", "x".repeat(9000))), ..sample }.ready()
            })
            .collect();
        bed.keep(&batch).await;
    }
    bed.store.give_back().await.unwrap();
    let size = || std::fs::metadata(bed.folder().join("andon.db")).unwrap().len();
    assert!(!found_in_folder(&bed, MARKER.as_bytes()).is_empty(), "it is looked for rightly");
    let before = size();
    assert!(before > 3_000_000);
    let deleted = bed.store.delete_events_of_user(project, "eve", "ada", noon()).await.unwrap();
    assert_eq!(deleted, 400);
    assert_eq!(found_in_folder(&bed, MARKER.as_bytes()), Vec::<std::path::PathBuf>::new());
    assert!(size() < before / 4, "{} of {before} bytes", size());
}

#[tokio::test]
async fn more_room_than_one_step_gives_is_given_back() {
    let bed = Bed::sqlite().await;
    let project = bed.project("shop").await;
    for n in 0..10 {
        let file = noise(n, 6_000_000);
        let sample = Sample::new(project, n, "a").at(days_ago(9));
        bed.keep(&[sample.with_files(&[("noise", &file)])]).await;
    }
    bed.store.give_back().await.unwrap();
    let size = || std::fs::metadata(bed.folder().join("andon.db")).unwrap().len();
    let before = size();
    assert!(before > 60_000_000, "{before}");
    sweep(&bed, project, Retention { days: 1, ..NO_LIMIT }).await;
    bed.store.give_back().await.unwrap();
    assert!(size() < 1_000_000, "{} of {before} bytes", size());
}
