//! Events: written in batches, read one at a time.

use andon::domain::event::Level;
use andon::domain::job::Job;
use andon::store::counts::Counts;
use andon::store::issues::IssueCursor;
use andon::store::item_counts::ItemCount;
use jiff::{SignedDuration, Timestamp};

use super::sample::{Sample, id, noise, noisy_text, several};
use super::{Bed, noon, on_both};

on_both!(
    a_batch_keeps_each_id_once_and_answers_in_its_order,
    what_is_there_already_makes_no_new_issue,
    three_hundred_events_of_forty_issues_are_one_batch,
    attachments_come_and_go_with_their_event,
    any_text_and_any_size_reads_back,
    an_issue_knows_its_first_and_last_event_from_1970_to_2200,
    events_are_paged_newest_first,
    items_are_counted_by_project_day_and_type,
);

async fn a_batch_keeps_each_id_once_and_answers_in_its_order(bed: Bed) {
    let project = bed.project("shop").await;
    let known = bed.keep(&[Sample::new(project, 3, "a").saying("known").ready()]).await[0];
    // Each of twenty ids three times, the highest first.
    let batch: Vec<_> = (0..60)
        .map(|i| Sample::new(project, 19 - i % 20, "a").saying(&format!("at {i}")).ready())
        .collect();
    let answers = bed.keep(&batch).await;
    assert_eq!(answers.len(), batch.len());
    for (i, answer) in answers.iter().enumerate() {
        let number = 19 - i % 20;
        let first = i < 20 && number != 3;
        assert_eq!(answer.duplicate, !first, "answer {i}");
        assert_eq!(answer.event_row, answers[i % 20].event_row);
        let stored = bed.store.event_by_row(answer.event_row).await.unwrap().unwrap();
        assert_eq!(stored.event.event_id, id(number as u64));
        let said = if number == 3 { "known".to_owned() } else { format!("at {}", i % 20) };
        assert_eq!(stored.event.message.unwrap(), said, "the first of an id is kept");
        assert_eq!((stored.issue_id, stored.project_id), (answer.issue_id, project));
    }
    assert_eq!(answers[16].event_row, known.event_row);
    let issue = bed.store.issue(known.issue_id).await.unwrap().unwrap();
    assert_eq!((issue.event_count, issue.stored_events), (20, 20));
    bed.counts_hold().await;
}

async fn what_is_there_already_makes_no_new_issue(bed: Bed) {
    let project = bed.project("shop").await;
    let known = bed.keep(&[Sample::new(project, 1, "a").ready()]).await[0];
    // The same event under another fingerprint, as after a change of the rules.
    let again = bed.keep(&[Sample::new(project, 1, "b").ready()]).await[0];
    assert_eq!((again.duplicate, again.issue_id), (true, known.issue_id));
    let batch = [Sample::new(project, 1, "c").ready(), Sample::new(project, 2, "c").ready()];
    let answers = bed.keep(&batch).await;
    let issues = bed.store.issues(None, IssueCursor::START, 10).await.unwrap();
    let mut found: Vec<i64> = issues.iter().map(|issue| issue.id).collect();
    found.sort_unstable();
    assert_eq!(found, [known.issue_id, answers[1].issue_id], "no issue without an event");
    let mut jobs = Vec::new();
    while let Some(claimed) = bed.store.claim_job(noon()).await.unwrap() {
        jobs.push(claimed.job);
    }
    let analyse = |stored: andon::store::events::Stored| Job::Analyse {
        issue_id: stored.issue_id,
        event_row: stored.event_row,
    };
    assert_eq!(jobs, [analyse(known), analyse(answers[1])], "one analysis an issue");
    bed.counts_hold().await;
    // The fingerprint that was in vain is free for an event of its own.
    let fresh = bed.keep(&[Sample::new(project, 9, "b").ready()]).await[0];
    assert!(!fresh.duplicate && fresh.issue_id != known.issue_id);
}

async fn three_hundred_events_of_forty_issues_are_one_batch(bed: Bed) {
    let project = bed.project("shop").await;
    let batch: Vec<_> =
        (0..300).map(|n| Sample::new(project, n, &format!("f{}", n % 40)).ready()).collect();
    let answers = bed.keep(&batch).await;
    assert!(answers.iter().all(|answer| !answer.duplicate));
    let issues = bed.store.issues(Some(project), IssueCursor::START, 100).await.unwrap();
    assert_eq!(issues.len(), 40);
    for issue in issues {
        let of_it = answers.iter().filter(|answer| answer.issue_id == issue.id).count();
        assert_eq!(issue.event_count, i64::try_from(of_it).unwrap());
        assert_eq!(issue.title, format!("{} failed", issue.fingerprint));
    }
    assert_eq!(bed.store.unfinished_jobs().await.unwrap(), 40);
    bed.counts_hold().await;
}

async fn attachments_come_and_go_with_their_event(bed: Bed) {
    let project = bed.project("shop").await;
    let noise = noise(1, 200_000);
    let files: [(&str, &[u8]); 3] = [("b.txt", b"two"), ("a\0.txt", b""), ("b.txt", &noise)];
    let sample = Sample::new(project, 1, "a");
    let batch = [
        sample.with_files(&files),
        sample.with_files(&files),
        Sample::new(project, 2, "a").ready(),
    ];
    let answers = bed.keep(&batch).await;
    let list = bed.store.attachments(answers[0].event_row).await.unwrap();
    let names: Vec<_> = list.iter().map(|file| (file.filename.as_str(), file.size_bytes)).collect();
    assert_eq!(names, [("b.txt", 3), ("a\u{fffd}.txt", 0), ("b.txt", 200_000)]);
    for (attachment, (_, bytes)) in list.iter().zip(files) {
        let file = bed.store.attachment(answers[0].event_row, attachment.id).await.unwrap();
        assert_eq!(file.unwrap().bytes, bytes);
        let of_other = bed.store.attachment(answers[2].event_row, attachment.id).await.unwrap();
        assert!(of_other.is_none(), "another event's");
    }
    assert!(bed.store.attachments(answers[2].event_row).await.unwrap().is_empty());
    bed.counts_hold().await;
}

async fn any_text_and_any_size_reads_back(bed: Bed) {
    let project = bed.project("shop").await;
    let texts = [
        "a\0b\0".to_owned(),
        "\u{1d11e} \u{1f980} \u{10ffff} e\u{301}\r\n\t\u{feff}".to_owned(),
        "'; DROP TABLE events; -- $1 ?1 %s \\".to_owned(),
        "long ".repeat(200_000),
        String::new(),
    ];
    for (n, text) in (1..).zip(&texts) {
        let sample =
            Sample { release: Some(text.clone()), ..Sample::new(project, n, &format!("f{n}")) };
        // What is read from a payload again is cut to what a field may hold.
        let sample = Sample { reads_back: false, ..sample.saying(text) };
        let stored = bed.keep(&[sample.ready()]).await[0];
        let read = bed.store.event_by_row(stored.event_row).await.unwrap().unwrap();
        assert_eq!(read.event.message.as_ref(), Some(text));
        assert_eq!(read.event.release.as_ref(), Some(text));
        let payload = bed.store.event_payload(stored.event_row).await.unwrap().unwrap();
        assert_eq!(payload, sample.payload());
        let issue = bed.store.issue(stored.issue_id).await.unwrap().unwrap();
        assert_eq!(issue.title, sample.event().title().replace('\0', "\u{fffd}"));
    }
    let extra = noisy_text(1, 2_000_000);
    let sample = Sample { extra, ..Sample::new(project, 100, "large") };
    let stored = bed.keep(&[sample.ready()]).await[0];
    let payload = bed.store.event_payload(stored.event_row).await.unwrap().unwrap();
    assert!(payload.len() > 2_000_000);
    assert_eq!(payload, sample.payload());
    bed.counts_hold().await;
}

async fn an_issue_knows_its_first_and_last_event_from_1970_to_2200(bed: Bed) {
    let project = bed.project("shop").await;
    let times = [
        noon(),
        "2200-01-01T00:00:00Z".parse().unwrap(),
        "1970-01-01T00:00:00Z".parse().unwrap(),
        noon() + SignedDuration::from_micros(1),
    ];
    let levels = [Level::Error, Level::Fatal, Level::Debug, Level::Info];
    let mut issue_id = 0;
    for (n, (happened, level)) in (1..).zip(times.into_iter().zip(levels)) {
        let sample = Sample { happened, level, reads_back: false, ..Sample::new(project, n, "a") };
        let stored = bed.keep(&[sample.ready()]).await[0];
        let read = bed.store.event(project, &id(n)).await.unwrap().unwrap();
        assert_eq!((read.event.timestamp, read.received_at), (happened, noon()));
        issue_id = stored.issue_id;
    }
    let issue = bed.store.issue(issue_id).await.unwrap().unwrap();
    assert_eq!((issue.first_seen, issue.last_seen), (times[2], times[1]));
    assert_eq!(issue.level, Level::Fatal, "the last event's, not that of the last that came");
}

async fn events_are_paged_newest_first(bed: Bed) {
    let project = bed.project("shop").await;
    bed.keep(&several(project, 100, 5, "other")).await;
    let mut rows: Vec<i64> =
        bed.keep(&several(project, 1, 25, "a")).await.iter().map(|s| s.event_row).collect();
    rows.sort_unstable_by(|a, b| b.cmp(a));
    let issue = bed.store.event(project, &id(1)).await.unwrap().unwrap().issue_id;
    let (mut seen, mut before) = (Vec::new(), i64::MAX);
    loop {
        let (page, more) = bed.store.events_of_issue(issue, before, 10).await.unwrap();
        assert!(page.len() <= 10);
        seen.extend(page.iter().map(|event| event.row));
        assert_eq!(more, seen.len() < 25);
        if !more {
            break;
        }
        before = seen[seen.len() - 1];
    }
    assert_eq!(seen, rows);
    let latest = bed.store.latest_event(issue).await.unwrap().unwrap();
    assert_eq!(latest.row, rows[0]);
    assert!(bed.store.latest_event(999).await.unwrap().is_none());
    assert!(bed.store.event(project + 1, &id(1)).await.unwrap().is_none());
}

async fn items_are_counted_by_project_day_and_type(bed: Bed) {
    let (shop, other) = (bed.project("shop").await, bed.project("other").await);
    let counts = |project_id, items| {
        let items = ["span", "session", "span"].map(|kind| ItemCount { project_id, kind, items });
        Counts { items: items.into(), usage: Vec::new() }
    };
    let tomorrow: Timestamp = noon() + SignedDuration::from_hours(24);
    for (project, items, now) in
        [(shop, 3, noon()), (shop, u32::MAX, noon()), (other, 1, noon()), (shop, 1, tomorrow)]
    {
        let counts = counts(project, items);
        assert!(bed.store.store_counts(&counts, now).await.unwrap().is_empty());
    }
    let found = bed.store.item_counts(shop, 10).await.unwrap();
    let found: Vec<_> =
        found.iter().map(|count| (count.day.as_str(), count.kind.as_str(), count.items)).collect();
    let many = 3 + i64::from(u32::MAX);
    assert_eq!(
        found,
        [
            ("2026-11-22", "session", 1),
            ("2026-11-22", "span", 2),
            ("2026-11-21", "session", many),
            ("2026-11-21", "span", 2 * many),
        ]
    );
    assert_eq!(bed.store.item_counts(shop, 1).await.unwrap().len(), 1);
}
