//! Lists of executions.

use andon::domain::execution::{Execution, ExecutionOutput, ExecutionStatus, RUN, TaskType, Usage};
use andon::store::executions::ExecutionFilter;
use serde_json::json;

use super::{Bed, noon, on_both};

on_both!(
    a_list_of_runs_goes_page_by_page_and_by_what_it_is_narrowed_to,
    a_page_looks_through_a_bounded_stretch_and_says_where_to_go_on,
    who_asks_that_a_run_stop_stands_in_the_audit_trail,
);

fn execution(parent_id: Option<i64>, agent: &str, status: ExecutionStatus) -> Execution {
    Execution {
        id: 0,
        parent_id,
        analysis_id: None,
        project_id: None,
        task: TaskType::HealthCheck,
        agent: agent.to_owned(),
        status,
        input: json!({ "issue_id": 7 }),
        output: ExecutionOutput::default(),
        error: None,
        usage: Usage::default(),
        seconds: 1.5,
        started_at: noon(),
        finished_at: None,
    }
}

async fn a_list_of_runs_goes_page_by_page_and_by_what_it_is_narrowed_to(bed: Bed) {
    let project = bed.project("shop").await;
    let mut runs = Vec::new();
    for number in 0..5 {
        let mut run = execution(None, RUN, ExecutionStatus::Done);
        run.project_id = (number % 2 == 0).then_some(project);
        let run = bed.store.record_execution(&run).await.unwrap();
        let part = execution(Some(run), "style", ExecutionStatus::Failed);
        bed.store.record_execution(&part).await.unwrap();
        runs.push(run);
    }
    runs.reverse();
    let (mut seen, mut before) = (Vec::new(), i64::MAX);
    loop {
        let page = bed.store.executions_page(&ExecutionFilter::default(), before, 2).await.unwrap();
        seen.extend(page.lines.iter().map(|line| line.id));
        assert!(page.lines.iter().all(|line| line.issue_id == Some(7) && line.agent == RUN));
        match page.next {
            Some(next) => before = next,
            None => break,
        }
    }
    assert_eq!(seen, runs);
    let count = async |filter: ExecutionFilter| {
        bed.store.executions_page(&filter, i64::MAX, 50).await.unwrap().lines.len()
    };
    let any = ExecutionFilter::default;
    assert_eq!(count(ExecutionFilter { agent: Some("style".into()), ..any() }).await, 5);
    assert_eq!(count(ExecutionFilter { project_id: Some(project), ..any() }).await, 3);
    assert_eq!(count(ExecutionFilter { status: Some(ExecutionStatus::Failed), ..any() }).await, 0);
    assert_eq!(count(ExecutionFilter { task: Some(TaskType::HealthCheck), ..any() }).await, 5);
    assert_eq!(count(ExecutionFilter { task: Some(TaskType::PrReview), ..any() }).await, 0);
}

async fn a_page_looks_through_a_bounded_stretch_and_says_where_to_go_on(bed: Bed) {
    let first = bed.store.record_execution(&execution(None, RUN, ExecutionStatus::Failed)).await;
    let last = bed.store.record_execution(&execution(None, RUN, ExecutionStatus::Done)).await;
    bed.run(&format!("UPDATE executions SET id = 45000 WHERE id = {}", last.unwrap())).await;
    let failed =
        ExecutionFilter { status: Some(ExecutionStatus::Failed), ..ExecutionFilter::default() };
    let (mut pages, mut before) = (0, i64::MAX);
    let found = loop {
        let page = bed.store.executions_page(&failed, before, 50).await.unwrap();
        pages += 1;
        if let [line] = page.lines.as_slice() {
            assert_eq!(page.next, None, "there is nothing before the first");
            break line.id;
        }
        before = page.next.expect("there is more to look through");
    };
    assert_eq!((found, pages), (first.unwrap(), 3));
}

async fn who_asks_that_a_run_stop_stands_in_the_audit_trail(bed: Bed) {
    let run = bed.store.record_execution(&execution(None, RUN, ExecutionStatus::Running)).await;
    let run = run.unwrap();
    assert!(bed.store.cancel_execution(run, "ada", noon()).await.unwrap());
    assert!(!bed.store.cancel_execution(run, "bob", noon()).await.unwrap(), "once is enough");
    let query = format!(
        "SELECT COUNT(*) FROM audit WHERE actor = 'ada' AND action = 'execution.cancelled'
         AND subject = 'execution:{run}'"
    );
    assert_eq!(bed.number(&query).await, 1);
    assert_eq!(bed.number("SELECT COUNT(*) FROM audit WHERE actor = 'bob'").await, 0);
}
