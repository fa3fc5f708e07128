//! Suggestions and what becomes of them.

use andon::domain::analysis::AnalysisStatus;
use andon::domain::facts::RunOutcome;
use andon::domain::fix::{ClaimedClass, IssueType, Severity, SuggestionStatus};
use andon::domain::job::Job;
use andon::domain::patch::{FileChange, Patch};
use andon::domain::suggestion::Proposal;
use andon::domain::verdict::Verdict;
use andon::domain::verification::Verification;
use andon::store::StoreError;
use andon::store::analyses::AnalysisEnd;
use andon::store::suggestions::{Decision, OnRecord, SuggestionOrigin};

use super::sample::Sample;
use super::{Bed, noon, on_both};

on_both!(
    a_suggestion_reads_back_whatever_its_texts,
    of_two_deciders_at_once_one_wins,
    a_proof_does_not_undo_a_decision,
    a_new_analysis_takes_the_place_of_what_waits,
    what_waits_and_what_was_refused_is_found,
    a_page_of_issues_is_asked_about_at_once,
);

pub(super) fn proposal(title: &str) -> Proposal {
    Proposal {
        agent: "style".into(),
        title: title.into(),
        explanation: "so\0 \u{1f980}".into(),
        issue_type: IssueType::Style,
        severity: Severity::Low,
        claimed_class: ClaimedClass::Style,
        patch: patch("b\0"),
        mends: None,
    }
}

fn patch(after: &str) -> Patch {
    let (path, before, after) = ("src/a.rs".into(), "a".into(), after.into());
    Patch { files: vec![FileChange { path, before, after }] }
}

pub(super) fn decision(status: SuggestionStatus) -> Decision<'static> {
    Decision { status, reason: Some("so"), by: Some("ada") }
}

async fn suggest(bed: &Bed, title: &str) -> i64 {
    let origin = SuggestionOrigin { repo: Some("/srv/shop"), ..SuggestionOrigin::default() };
    bed.store.create_suggestion(&proposal(title), origin, noon()).await.unwrap()
}

async fn a_suggestion_reads_back_whatever_its_texts(bed: Bed) {
    // A title that does not compress, longer than any key of an index may be.
    let long = super::sample::noisy_text(1, 9000);
    for title in ["Format it", "'; --", &long] {
        let id = suggest(&bed, title).await;
        let found = bed.another().await.suggestion(id).await.unwrap().unwrap();
        let mut expected = proposal(title);
        expected.explanation = "so\u{fffd} \u{1f980}".into();
        assert_eq!(found.proposal, expected);
        assert_eq!((found.status, found.created_at), (SuggestionStatus::Pending, noon()));
    }
    assert!(bed.store.suggestion(999).await.unwrap().is_none());
}

async fn of_two_deciders_at_once_one_wins(bed: Bed) {
    let other = bed.another().await;
    for n in 0..10 {
        let id = suggest(&bed, &format!("t{n}")).await;
        let job = Job::Apply { suggestion_id: id, by: "ada".into() };
        let record = OnRecord { job: Some(&job), only_waiting: true };
        let (yes, no) =
            (decision(SuggestionStatus::Approved), decision(SuggestionStatus::Approved));
        let (a, b) = tokio::join!(
            bed.store.decide_on_record(id, yes, record, noon()),
            other.decide_on_record(id, no, record, noon()),
        );
        let lost = if a.is_ok() { b } else { a }.unwrap_err();
        assert!(matches!(lost, StoreError::IllegalTransition { .. }), "{lost}");
        let trail = bed.store.audit_entries(Some(&format!("suggestion:{id}")), 9).await.unwrap();
        assert_eq!(trail.len(), 1);
        let found = bed.store.suggestion(id).await.unwrap().unwrap();
        assert_eq!(found.status, SuggestionStatus::Approved);
        assert_eq!(found.decided_by.as_deref(), Some("ada"));
    }
    assert_eq!(bed.store.unfinished_jobs().await.unwrap(), 10);
    let id = suggest(&bed, "gone").await;
    let decide = |status, only_waiting| {
        let record = OnRecord { job: None, only_waiting };
        bed.store.decide_on_record(id, decision(status), record, noon())
    };
    decide(SuggestionStatus::Failed, false).await.unwrap();
    let late = decide(SuggestionStatus::Approved, true).await.unwrap_err();
    assert!(matches!(late, StoreError::IllegalTransition { .. }), "{late}");
    decide(SuggestionStatus::Approved, false).await.unwrap();
    let missing = bed.store.decide_on_record(
        999,
        decision(SuggestionStatus::Approved),
        OnRecord::default(),
        noon(),
    );
    assert!(matches!(missing.await, Err(StoreError::NotFound(_))));
}

async fn a_proof_does_not_undo_a_decision(bed: Bed) {
    let verdict = Verdict::not_proved("it differs");
    let verification = Verification {
        applied: true,
        check: RunOutcome::Passed,
        tests: RunOutcome::NotRun,
        seconds: 1.25,
        runs: Vec::new(),
    };
    let prove = |id, after: &'static str| {
        let (verdict, verification) = (verdict.clone(), verification.clone());
        let store = bed.store.clone();
        async move {
            let patch = patch(after);
            store.record_proof(id, &patch, &verdict, &verification, Some("waits"), noon()).await
        }
    };
    let id = suggest(&bed, "t").await;
    prove(id, "carried over").await.unwrap();
    let found = bed.store.suggestion(id).await.unwrap().unwrap();
    assert_eq!(found.proposal.patch, patch("carried over"));
    assert_eq!(
        (found.verdict, found.verification),
        (Some(verdict.clone()), Some(verification.clone()))
    );
    assert_eq!(found.status_reason.as_deref(), Some("waits"));
    let rejected = decision(SuggestionStatus::Rejected);
    bed.store.decide_on_record(id, rejected, OnRecord::default(), noon()).await.unwrap();
    prove(id, "too late").await.unwrap();
    let found = bed.store.suggestion(id).await.unwrap().unwrap();
    assert_eq!(found.proposal.patch, patch("carried over"));
    assert_eq!(found.status_reason.as_deref(), Some("so"));
}

async fn a_new_analysis_takes_the_place_of_what_waits(bed: Bed) {
    use SuggestionStatus::{Approved, Pending, Superseded};
    let project = bed.project("shop").await;
    let batch = [Sample::new(project, 1, "a").ready(), Sample::new(project, 2, "b").ready()];
    let stored = bed.keep(&batch).await;
    let mut made = Vec::new();
    for (issue, n) in [(0, 0), (0, 1), (1, 0)] {
        let (issue_id, event_row) = (stored[issue].issue_id, stored[issue].event_row);
        let analysis_id = bed.store.start_analysis(issue_id, event_row, noon()).await.unwrap();
        let origin = SuggestionOrigin {
            issue_id: Some(issue_id),
            analysis_id: Some(analysis_id),
            ..SuggestionOrigin::default()
        };
        let mut ids = Vec::new();
        for title in ["x", "y"] {
            let title = format!("{title}{n}");
            ids.push(bed.store.create_suggestion(&proposal(&title), origin, noon()).await.unwrap());
        }
        made.push((analysis_id, ids));
    }
    let approved = decision(Approved);
    bed.store.decide_on_record(made[0].1[0], approved, OnRecord::default(), noon()).await.unwrap();
    bed.store.supersede_suggestions(stored[0].issue_id, made[1].0, noon()).await.unwrap();
    let mut found = Vec::new();
    for (_, ids) in &made {
        for id in ids {
            found.push(bed.store.suggestion(*id).await.unwrap().unwrap().status);
        }
    }
    assert_eq!(found, [Approved, Superseded, Pending, Pending, Pending, Pending]);
    let counts = bed.store.suggestion_counts(&[stored[0].issue_id]).await.unwrap();
    let counts = &counts[&stored[0].issue_id];
    let count = |status| counts.iter().find(|(of, _)| *of == status).map(|(_, n)| *n);
    assert_eq!((count(Approved), count(Superseded), count(Pending)), (Some(1), Some(1), Some(2)));
    let subject = format!("suggestion:{}", made[0].1[1]);
    let trail = bed.store.audit_entries(Some(&subject), 9).await.unwrap();
    assert_eq!(trail[0].action, "suggestion.superseded");
    let of_issue = bed.store.suggestions_of_issue(stored[0].issue_id).await.unwrap();
    assert_eq!(of_issue.len(), 4);
    let of_analysis = bed.store.suggestions_of_analysis(made[1].0).await.unwrap();
    assert_eq!(of_analysis.iter().map(|s| s.id).collect::<Vec<_>>(), made[1].1);
}

async fn what_waits_and_what_was_refused_is_found(bed: Bed) {
    let mut ids = Vec::new();
    for n in 0..5 {
        ids.push(suggest(&bed, &format!("t{n}")).await);
    }
    for (id, status) in [(ids[1], SuggestionStatus::Rejected), (ids[2], SuggestionStatus::Approved)]
    {
        let record = OnRecord::default();
        bed.store.decide_on_record(id, decision(status), record, noon()).await.unwrap();
    }
    assert_eq!(bed.store.waiting_suggestions().await.unwrap(), 4);
    let queue = bed.store.review_queue(1, 2).await.unwrap();
    assert_eq!(queue.iter().map(|s| s.id).collect::<Vec<_>>(), [ids[2], ids[3]]);
    let all = bed.store.suggestions(None, ids[0], 3).await.unwrap();
    assert_eq!(all.iter().map(|s| s.id).collect::<Vec<_>>(), ids[1..4]);
    let pending = bed.store.suggestions(Some(SuggestionStatus::Pending), 0, 9).await.unwrap();
    assert_eq!(pending.iter().map(|s| s.id).collect::<Vec<_>>(), [ids[0], ids[3], ids[4]]);
    for (repo, title, refused) in
        [("/srv/shop", "t1", true), ("/srv/shop", "t2", false), ("/srv/other", "t1", false)]
    {
        assert_eq!(bed.store.was_refused(repo, title).await.unwrap(), refused, "{repo} {title}");
    }
}

async fn a_page_of_issues_is_asked_about_at_once(bed: Bed) {
    use SuggestionStatus::{Approved, Pending};
    let project = bed.project("shop").await;
    let batch: Vec<_> =
        (0..90).map(|n| Sample::new(project, n, &format!("f{n}")).ready()).collect();
    let stored = bed.keep(&batch).await;
    let ids: Vec<i64> = stored.iter().map(|stored| stored.issue_id).collect();
    for ids in [&[][..], &ids] {
        assert!(bed.store.suggestion_counts(ids).await.unwrap().is_empty());
        assert!(bed.store.latest_analysis_statuses(ids).await.unwrap().is_empty());
    }
    // More than one chunk of each size; of every third issue nothing is known.
    for (n, stored) in stored.iter().enumerate().filter(|(n, _)| n % 3 != 0) {
        let start = || bed.store.start_analysis(stored.issue_id, stored.event_row, noon());
        let first = start().await.unwrap();
        let origin = SuggestionOrigin { issue_id: Some(stored.issue_id), ..Default::default() };
        for title in ["x", "y"] {
            bed.store.create_suggestion(&proposal(title), origin, noon()).await.unwrap();
        }
        let approved = bed.store.create_suggestion(&proposal("z"), origin, noon()).await.unwrap();
        let record = OnRecord::default();
        bed.store.decide_on_record(approved, decision(Approved), record, noon()).await.unwrap();
        let end = AnalysisEnd {
            status: if n % 2 == 0 { AnalysisStatus::Done } else { AnalysisStatus::Failed },
            revision: None,
            root_cause: None,
            opinions: Vec::new(),
            notes: Vec::new(),
            error: None,
        };
        // Of every fifth the last one runs still.
        let last = if n % 5 == 0 { start().await.unwrap() } else { first };
        if last == first {
            bed.store.finish_analysis(first, &end, noon()).await.unwrap();
        }
    }
    let counts = bed.store.suggestion_counts(&ids).await.unwrap();
    let statuses = bed.store.latest_analysis_statuses(&ids).await.unwrap();
    assert_eq!((counts.len(), statuses.len()), (60, 60));
    for (n, id) in ids.iter().enumerate().filter(|(n, _)| n % 3 != 0) {
        let mut counts = counts[id].clone();
        counts.sort_unstable();
        assert_eq!(counts, [(Pending, 2), (Approved, 1)]);
        let latest = bed.store.latest_analysis(*id).await.unwrap().unwrap();
        assert_eq!(statuses[id], latest.status, "issue {n}");
        assert_eq!(statuses[id] == AnalysisStatus::Running, n % 5 == 0, "issue {n}");
    }
    // Only those that were asked about.
    let one = bed.store.suggestion_counts(&ids[1..3]).await.unwrap();
    assert_eq!(one.len(), 2);
    assert!(bed.store.latest_analysis_statuses(&ids[..1]).await.unwrap().is_empty());
}
