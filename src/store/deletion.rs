//! Deleting projects: at once for everybody who looks, then row by row.
//!
//! What stays: the audit trail, the project's own row (its number is never given away again), and every
//! suggestion that was ever put into a working tree, with its healings and their files, so that it can
//! still be taken back. Such a suggestion no longer says which issue it came from.

use jiff::Timestamp;

use super::audit::{AuditEntry, append};
use super::jobs::enqueue_in;
use super::sql::Tx;
use super::{Store, StoreError, shared_facts, sql};
use crate::domain::job::Job;

/// Events, issues or suggestions of one step: few enough for others to write in between.
const STEP_ROWS: i64 = 200;

/// Rollups of one step: small rows, which lie together.
const STEP_ROLLUPS: i64 = 5000;

/// Blocks of one step: each holds many events.
const STEP_BLOCKS: i64 = 20;

const NAME: &str = "SELECT name FROM projects WHERE id = $1 AND deleted_at IS NULL";
const MARK: &str = "UPDATE projects SET deleted_at = $2, name = $3 WHERE id = $1";
const REVOKE: &str =
    "UPDATE api_tokens SET revoked_at = $2 WHERE project_id = $1 AND revoked_at IS NULL";
const IS_DELETED: &str = "SELECT id FROM projects WHERE id = $1 AND deleted_at IS NOT NULL";
const UNPURGED: &str = "SELECT id FROM projects WHERE deleted_at IS NOT NULL AND purged_at IS NULL
    ORDER BY id";
const PURGED: &str = "UPDATE projects SET purged_at = $2 WHERE id = $1";

/// The events of a step: the same ones in each of its statements, found by an index.
macro_rules! events {
    () => {
        "(SELECT id FROM events WHERE project_id = $1 ORDER BY event_id LIMIT $2)"
    };
}

/// The analyses of a step.
macro_rules! analyses {
    () => {
        concat!("(SELECT id FROM analyses WHERE event_row IN ", events!(), ")")
    };
}

/// The issues of a step.
macro_rules! issues {
    () => {
        "(SELECT id FROM issues WHERE project_id = $1 ORDER BY fingerprint LIMIT $2)"
    };
}

/// Suggestions that were never put into a working tree.
macro_rules! never_applied {
    () => {
        "NOT EXISTS (SELECT 1 FROM healings WHERE healings.suggestion_id = suggestions.id)"
    };
}

/// What goes with a step's events, in an order in which nothing is left that points at what is gone.
const EVENTS: [&str; 6] = [
    concat!(
        "DELETE FROM suggestions WHERE analysis_id IN ",
        analyses!(),
        " AND ",
        never_applied!()
    ),
    concat!("UPDATE suggestions SET analysis_id = NULL WHERE analysis_id IN ", analyses!()),
    concat!("DELETE FROM executions WHERE analysis_id IN ", analyses!()),
    concat!("DELETE FROM analyses WHERE event_row IN ", events!()),
    concat!("DELETE FROM attachments WHERE event_row IN ", events!()),
    concat!("DELETE FROM events WHERE id IN ", events!()),
];

/// Payloads, which nobody can ask for any more.
const BLOCKS: &str = "DELETE FROM blocks WHERE id IN
    (SELECT id FROM blocks WHERE project_id = $1 ORDER BY id LIMIT $2)";

/// Rollups of the next step's issues, once there are no events: an issue has thousands.
const ROLLUPS: &str = concat!(
    "DELETE FROM rollups WHERE (issue_id, grain, bucket) IN
        (SELECT issue_id, grain, bucket FROM rollups WHERE issue_id IN ",
    issues!(),
    " LIMIT $3)"
);

/// What goes with a step's issues, once there are no rollups of them. Analyses outlive their events.
const ISSUES: [&str; 8] = [
    concat!("DELETE FROM suggestions WHERE issue_id IN ", issues!(), " AND ", never_applied!()),
    concat!(
        "UPDATE suggestions SET issue_id = NULL, analysis_id = NULL WHERE issue_id IN ",
        issues!()
    ),
    concat!(
        "DELETE FROM executions WHERE analysis_id IN
            (SELECT id FROM analyses WHERE issue_id IN ",
        issues!(),
        ")"
    ),
    concat!("DELETE FROM analyses WHERE issue_id IN ", issues!()),
    concat!("DELETE FROM fingerprints WHERE issue_id IN ", issues!()),
    concat!("DELETE FROM dictionaries WHERE issue_id IN ", issues!()),
    concat!("UPDATE issues SET merged_into = NULL WHERE merged_into IN ", issues!()),
    concat!("DELETE FROM issues WHERE id IN ", issues!()),
];

const SUGGESTIONS: &str = concat!(
    "DELETE FROM suggestions WHERE id IN (SELECT id FROM suggestions WHERE project_id = $1 AND ",
    never_applied!(),
    " LIMIT $2)"
);

/// What is left: few rows each.
const REST: [&str; 11] = [
    "DELETE FROM rules WHERE project_id = $1",
    "DELETE FROM releases WHERE project_id = $1",
    "DELETE FROM patterns WHERE project_id = $1",
    "DELETE FROM executions WHERE project_id = $1",
    "DELETE FROM dictionaries WHERE project_id = $1",
    "DELETE FROM project_stats WHERE project_id = $1",
    "DELETE FROM project_settings WHERE project_id = $1",
    "DELETE FROM item_counts WHERE project_id = $1",
    "DELETE FROM usage WHERE project_id = $1",
    "DELETE FROM outcomes WHERE project_id = $1",
    "DELETE FROM project_keys WHERE project_id = $1",
];

impl Store {
    /// Deletes a project for everybody who looks, frees its name, and has its rows deleted by a job; with
    /// its entry in the audit trail. [`StoreError::NotFound`] if there is no such project.
    pub async fn delete_project(
        &self,
        id: i64,
        actor: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin_write().await?;
        let name: Option<String> = sql::query_scalar(NAME).bind(id).fetch_optional(&mut tx).await?;
        let name = name.ok_or_else(|| StoreError::NotFound(format!("project {id}")))?;
        // No living project can be called so: names have no control characters.
        let freed = format!("{name}\n{id}");
        sql::query(MARK).bind(id).bind(now.as_microsecond()).bind(freed).execute(&mut tx).await?;
        sql::query(REVOKE).bind(id).bind(now.as_microsecond()).execute(&mut tx).await?;
        let entry = AuditEntry {
            actor,
            action: "project.deleted",
            subject: &format!("project:{id}"),
            detail: &serde_json::json!({ "name": name }),
        };
        append(&mut tx, entry, now).await?;
        enqueue_in(&mut tx, &Job::DeleteProject { project_id: id }, now).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Deletes some of the rows of a project that was deleted, in one short transaction; says whether there
    /// may be more. Does nothing to a project that stands.
    pub async fn purge_project_step(&self, id: i64, now: Timestamp) -> Result<bool, StoreError> {
        let mut tx = self.begin_write().await?;
        let deleted: Option<i64> =
            sql::query_scalar(IS_DELETED).bind(id).fetch_optional(&mut tx).await?;
        if deleted.is_none() {
            return Ok(false);
        }
        let more = purge_events(&mut tx, id, now).await?
            || run(&mut tx, &[BLOCKS], id, STEP_BLOCKS).await?
            || purge_rollups(&mut tx, id).await?
            || run(&mut tx, &ISSUES, id, STEP_ROWS).await?
            || run(&mut tx, &[SUGGESTIONS], id, STEP_ROWS).await?;
        if !more {
            for statement in REST {
                sql::query(statement).bind(id).execute(&mut tx).await?;
            }
            shared_facts::forget_trained_at(&mut tx, id).await?;
            sql::query(PURGED).bind(id).bind(now.as_microsecond()).execute(&mut tx).await?;
        }
        tx.commit().await?;
        Ok(more)
    }

    /// Has the rows of deleted projects deleted whose job was given up. To be called now and then.
    pub async fn resume_purges(&self, now: Timestamp) -> Result<(), StoreError> {
        let ids: Vec<i64> = sql::query_scalar(UNPURGED).fetch_all(self.pool()).await?;
        for project_id in ids {
            self.enqueue(&Job::DeleteProject { project_id }, now).await?;
        }
        Ok(())
    }
}

async fn purge_events(tx: &mut Tx, id: i64, now: Timestamp) -> Result<bool, StoreError> {
    let any = run(tx, &EVENTS, id, STEP_ROWS).await?;
    if any {
        shared_facts::lower_packed_until(tx, now).await?;
    }
    Ok(any)
}

async fn purge_rollups(tx: &mut Tx, id: i64) -> Result<bool, StoreError> {
    let query = sql::query(ROLLUPS).bind(id).bind(STEP_ROWS).bind(STEP_ROLLUPS);
    Ok(query.execute(tx).await? > 0)
}

/// Runs a step's statements; says whether the last, which deletes what the step is about, found anything.
async fn run(
    tx: &mut Tx,
    statements: &'static [&'static str],
    project_id: i64,
    rows: i64,
) -> Result<bool, StoreError> {
    let mut found = 0;
    for statement in statements {
        let done = sql::query(statement).bind(project_id).bind(rows).execute(&mut *tx).await?;
        found = done;
    }
    Ok(found > 0)
}
