//! What becomes of a job that cannot be done, and of one that somebody decided against meanwhile.

use std::path::Path;

use jiff::Timestamp;

use super::*;
use crate::clock::Clock;
use crate::config::{Config, WorkerConfig};
use crate::domain::analysis::AnalysisStatus;
use crate::domain::facts::RunOutcome;
use crate::domain::fingerprint::{CURRENT, Rules, group};
use crate::domain::fix::{ClaimedClass, IssueType, Severity, SuggestionStatus};
use crate::domain::hash::ContentHash;
use crate::domain::healing::{HealingFile, HealingMode, HealingStep};
use crate::domain::patch::{FileChange, Patch};
use crate::domain::suggestion::{Proposal, Suggestion};
use crate::domain::verdict::Verdict;
use crate::domain::verification::Verification;
use crate::ingest::plain;
use crate::server::decisions::{self, DecisionError, Wish};
use crate::server::{Running, start};
use crate::store::events::{Incoming, NewEvent};
use crate::store::healings::{HealingPlan, StepChange};
use crate::store::projects::NewProject;
use crate::store::suggestions::SuggestionOrigin;

const BEFORE: &str = "one\ntwo\nthree\n";
const AFTER: &str = "one\n2\nthree\n";

/// A server without workers: the tests run the jobs.
async fn server(folder: &Path) -> Running {
    let config = Config {
        listen: "127.0.0.1:0".parse().unwrap(),
        data: folder.join("data"),
        worker: WorkerConfig { concurrency: 0, ..WorkerConfig::default() },
        ..Config::default()
    };
    start(config, Clock::system()).await.unwrap()
}

fn now() -> Timestamp {
    Clock::system().now()
}

/// An issue with an event: its number, and the event's row.
async fn issue(app: &Arc<App>) -> (i64, i64) {
    let new = NewProject { name: "shop", public_key: "k", repo: None, healing: HealingMode::Off };
    let project = app.store.create_project(&new, "ada", now()).await.unwrap();
    let sent = br#"{"error": "boom"}"#;
    let scrubber = crate::domain::scrub::Scrubber::new(&Default::default()).unwrap();
    let event = plain::parse(sent, &scrubber, now()).unwrap().event;
    let incoming = Incoming {
        project_id: project.id,
        grouping: group(CURRENT, &event, &Rules::default()),
        event,
        rules: Default::default(),
        culprit: None,
        payload: sent,
        reads_back: false,
        notes: Vec::new(),
        received_at: now(),
    };
    let new = NewEvent::new(incoming, None).unwrap();
    let room = app.writer.room(&new).unwrap();
    let stored = app.writer.write(new, Vec::new(), room).await.unwrap();
    (stored.issue_id, stored.event_row)
}

async fn suggestion(app: &Arc<App>, repo: Option<&str>, analysis_id: Option<i64>) -> i64 {
    let change =
        FileChange { path: "notes.txt".into(), before: BEFORE.into(), after: AFTER.into() };
    let proposal = Proposal {
        agent: "panics".into(),
        title: "two is 2".into(),
        explanation: String::new(),
        issue_type: IssueType::Bug,
        severity: Severity::High,
        claimed_class: ClaimedClass::Logic,
        patch: Patch { files: vec![change] },
        mends: None,
    };
    let origin = SuggestionOrigin { repo, analysis_id, ..SuggestionOrigin::default() };
    app.store.create_suggestion(&proposal, origin, now()).await.unwrap()
}

async fn verified(app: &Arc<App>, id: i64) {
    let verification = Verification {
        applied: true,
        check: RunOutcome::Passed,
        tests: RunOutcome::NotRun,
        seconds: 0.1,
        runs: Vec::new(),
    };
    let patch = shown(app, id).await.proposal.patch;
    let verdict = Verdict::not_proved("logic");
    app.store
        .record_proof(id, &patch, &verdict, &verification, Some("waits"), now())
        .await
        .unwrap();
}

async fn shown(app: &Arc<App>, id: i64) -> Suggestion {
    app.store.suggestion(id).await.unwrap().unwrap()
}

#[tokio::test]
async fn an_analysis_that_is_given_up_says_so_on_the_issue() {
    let dir = tempfile::tempdir().unwrap();
    let server = server(dir.path()).await;
    let app = &server.app;
    let (issue_id, event_row) = issue(app).await;
    let job = Job::Analyse { issue_id, event_row };
    give_up(app, &job, "no disk").await.unwrap();
    let analysis = app.store.latest_analysis(issue_id).await.unwrap().unwrap();
    assert_eq!(analysis.status, AnalysisStatus::Failed);
    assert!(analysis.error.unwrap().contains("no disk"));
}

#[tokio::test]
async fn an_analysis_that_broke_off_does_not_run_for_ever_beside_the_next_one() {
    let dir = tempfile::tempdir().unwrap();
    let server = server(dir.path()).await;
    let app = &server.app;
    let (issue_id, event_row) = issue(app).await;
    let broken = app.store.start_analysis(issue_id, event_row, now()).await.unwrap();
    let proposed = suggestion(app, None, Some(broken)).await;
    crate::store::sql::query("UPDATE suggestions SET issue_id = $1")
        .bind(issue_id)
        .execute(app.store.pool())
        .await
        .unwrap();
    run(app, &Job::Analyse { issue_id, event_row }).await.unwrap();
    let broken = app.store.analysis(broken).await.unwrap().unwrap();
    assert_eq!(broken.status, AnalysisStatus::Failed);
    let latest = app.store.latest_analysis(issue_id).await.unwrap().unwrap();
    assert_eq!(latest.status, AnalysisStatus::Done);
    assert_eq!(shown(app, proposed).await.status, SuggestionStatus::Superseded);
    let subject = format!("suggestion:{proposed}");
    let trail = app.store.audit_entries(Some(&subject), 9).await.unwrap();
    assert_eq!(trail[0].action, "suggestion.superseded");
}

#[tokio::test]
async fn an_approved_fix_whose_job_is_given_up_has_failed_and_can_be_approved_again() {
    let dir = tempfile::tempdir().unwrap();
    let server = server(dir.path()).await;
    let app = &server.app;
    let id = suggestion(app, None, None).await;
    verified(app, id).await;
    decisions::decide(app, id, &Wish::Approve, "ada").await.unwrap();
    assert_eq!(app.store.unfinished_jobs().await.unwrap(), 1);
    give_up(app, &Job::Apply { suggestion_id: id, by: "ada".into() }, "no disk").await.unwrap();
    let failed = shown(app, id).await;
    assert_eq!(failed.status, SuggestionStatus::Failed);
    assert!(failed.status_reason.unwrap().contains("no disk"));
    decisions::decide(app, id, &Wish::Approve, "ada").await.unwrap();
    let trail = app.store.audit_entries(Some(&format!("suggestion:{id}")), 9).await.unwrap();
    let actions: Vec<&str> = trail.iter().rev().map(|entry| entry.action.as_str()).collect();
    assert_eq!(actions, ["suggestion.approved", "suggestion.failed", "suggestion.approved"]);
    assert_eq!(app.store.verify_audit().await.unwrap().broken, None);
}

#[tokio::test]
async fn what_could_not_be_verified_says_why() {
    let dir = tempfile::tempdir().unwrap();
    let server = server(dir.path()).await;
    let app = &server.app;
    let (issue_id, event_row) = issue(app).await;
    let analysis_id = app.store.start_analysis(issue_id, event_row, now()).await.unwrap();
    let id = suggestion(app, Some("/nowhere"), Some(analysis_id)).await;
    give_up(app, &Job::Verify { analysis_id }, "no compiler").await.unwrap();
    let told = shown(app, id).await;
    assert!(told.status_reason.unwrap().contains("no compiler"));
    assert!(!told.verification.unwrap().applied);
    let refused = decisions::decide(app, id, &Wish::Approve, "ada").await.unwrap_err();
    assert!(matches!(refused, DecisionError::Refused(why) if why.contains("no compiler")));
}

#[tokio::test]
async fn a_verification_that_comes_late_does_not_take_away_a_persons_reason() {
    let dir = tempfile::tempdir().unwrap();
    let server = server(dir.path()).await;
    let app = &server.app;
    let id = suggestion(app, None, None).await;
    let no = Wish::Reject { reason: "we want the word".into() };
    decisions::decide(app, id, &no, "ada").await.unwrap();
    verified(app, id).await;
    heal::fail(app, id, "late").await.unwrap();
    let rejected = shown(app, id).await;
    assert_eq!(rejected.status, SuggestionStatus::Rejected);
    assert_eq!(rejected.status_reason.as_deref(), Some("we want the word"));
}

/// A repository with one file, committed.
fn repository(folder: &Path) -> std::path::PathBuf {
    let root = folder.canonicalize().unwrap().join("repo");
    let git = git2::Repository::init(&root).unwrap();
    std::fs::write(root.join("notes.txt"), BEFORE).unwrap();
    let tree = {
        let mut index = git.index().unwrap();
        index.add_path(Path::new("notes.txt")).unwrap();
        git.find_tree(index.write_tree().unwrap()).unwrap()
    };
    let by = git2::Signature::now("a", "a@example.org").unwrap();
    git.commit(Some("HEAD"), &by, &by, "first", &tree, &[]).unwrap();
    root
}

/// The database failed after the file was replaced: the next try must not take the half-done healing for
/// a fix that somebody else made.
#[tokio::test]
async fn an_approved_fix_that_broke_off_half_way_is_put_in_by_the_next_try() {
    let dir = tempfile::tempdir().unwrap();
    let server = server(dir.path()).await;
    let app = &server.app;
    let root = repository(dir.path());
    let file = root.join("notes.txt");
    let repo = root.to_str().unwrap();
    let id = suggestion(app, Some(repo), None).await;
    verified(app, id).await;
    decisions::decide(app, id, &Wish::Approve, "ada").await.unwrap();
    let before_hash = ContentHash::of(BEFORE.as_bytes());
    let backup = app.store.folder().join("backups").join(&before_hash.as_str()[..2]);
    std::fs::create_dir_all(&backup).unwrap();
    std::fs::write(backup.join(before_hash.as_str()), BEFORE).unwrap();
    let files = [HealingFile {
        path: "notes.txt".into(),
        before_hash,
        after_hash: ContentHash::of(AFTER.as_bytes()),
        mode: 0o644,
    }];
    let plan = HealingPlan { suggestion_id: id, repo, actor: "ada", files: &files };
    let healing = app.store.plan_healing(plan, now()).await.unwrap();
    let steps = [
        HealingStep::Planned,
        HealingStep::BackedUp,
        HealingStep::Applying,
        HealingStep::Applied,
        HealingStep::Verifying,
    ];
    for pair in steps.windows(2) {
        let change = StepChange { from: pair[0], to: pair[1], reason: None };
        app.store.advance_healing(healing, change, now()).await.unwrap();
    }
    std::fs::write(&file, AFTER).unwrap();

    run(app, &Job::Apply { suggestion_id: id, by: "ada".into() }).await.unwrap();
    let applied = shown(app, id).await;
    assert_eq!(applied.status, SuggestionStatus::Applied, "{:?}", applied.status_reason);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), AFTER);
    assert!(app.store.unfinished_healings(None).await.unwrap().is_empty());
    app.healer.rollback(id, "ada", &crate::healing::journal::Unwatched).await.unwrap();
    assert_eq!(std::fs::read_to_string(&file).unwrap(), BEFORE);
}

#[tokio::test]
async fn a_fix_of_a_deleted_project_can_still_be_taken_back_and_nothing_else_is_left() {
    let dir = tempfile::tempdir().unwrap();
    let server = server(dir.path()).await;
    let app = &server.app;
    let root = repository(dir.path());
    let file = root.join("notes.txt");
    let (issue_id, event_row) = issue(app).await;
    let project = app.store.issue(issue_id).await.unwrap().unwrap().project_id;
    let analysis = app.store.start_analysis(issue_id, event_row, now()).await.unwrap();
    let repo = root.to_str().unwrap();
    let of_the_project = async |analysis_id| {
        let id = suggestion(app, Some(repo), analysis_id).await;
        crate::store::sql::query(
            "UPDATE suggestions SET project_id = $2, issue_id = $3 WHERE id = $1",
        )
        .bind(id)
        .bind(project)
        .bind(issue_id)
        .execute(app.store.pool())
        .await
        .unwrap();
        id
    };
    let applied = of_the_project(Some(analysis)).await;
    let (waiting, bare) = (of_the_project(Some(analysis)).await, of_the_project(None).await);
    for id in [applied, waiting] {
        verified(app, id).await;
        decisions::decide(app, id, &Wish::Approve, "ada").await.unwrap();
    }
    run(app, &Job::Apply { suggestion_id: applied, by: "ada".into() }).await.unwrap();
    assert_eq!(std::fs::read_to_string(&file).unwrap(), AFTER);

    app.store.delete_project(project, "ada", now()).await.unwrap();
    // What was under way ends quietly, before the rows are gone and after.
    run(app, &Job::Apply { suggestion_id: waiting, by: "ada".into() }).await.unwrap();
    assert_eq!(shown(app, waiting).await.status, SuggestionStatus::Failed);
    for _ in 0..2 {
        run(app, &Job::Analyse { issue_id, event_row }).await.unwrap();
        run(app, &Job::Verify { analysis_id: analysis }).await.unwrap();
        give_up(app, &Job::Analyse { issue_id, event_row }, "no").await.unwrap();
        run(app, &Job::DeleteProject { project_id: project }).await.unwrap();
    }
    let free = crate::store::sql::query_scalar("PRAGMA freelist_count");
    let free: i64 = free.fetch_one(app.store.pool()).await.unwrap();
    assert_eq!(free, 0, "the room is given back");
    for gone in [waiting, bare] {
        assert!(app.store.suggestion(gone).await.unwrap().is_none());
    }
    assert!(app.store.issue(issue_id).await.unwrap().is_none());
    assert!(app.store.analysis(analysis).await.unwrap().is_none());
    let kept = shown(app, applied).await;
    assert_eq!((kept.issue_id, kept.analysis_id), (None, None));
    assert_eq!(kept.status, SuggestionStatus::Applied);
    app.healer.rollback(applied, "ada", &crate::healing::journal::Unwatched).await.unwrap();
    assert_eq!(std::fs::read_to_string(&file).unwrap(), BEFORE);
    assert_eq!(app.store.verify_audit().await.unwrap().broken, None);
    // A start asks for nothing more.
    crate::store::sql::query("DELETE FROM jobs").execute(app.store.pool()).await.unwrap();
    app.store.resume_purges(now()).await.unwrap();
    assert_eq!(app.store.unfinished_jobs().await.unwrap(), 0);
}
