//! Merging issues by hand, and taking it back. A merged issue keeps its own events, fingerprints and
//! counts; it only points at the issue that shows them. So both ways cost the same whatever the number of
//! events, and nothing is mixed: a parted issue has its own events, also those that came in between.
//!
//! Pointing is flat. What was merged into an issue that is merged on goes along and then belongs to the new
//! whole: it stays there when the issue is parted, and is parted by itself. When the whole was last seen is
//! told from what is stored still, so that it may be earlier than before where events were deleted.

use jiff::Timestamp;
use sqlx::FromRow;

use super::audit::{AuditEntry, append};
use super::sql::Tx;
use super::{Store, StoreError, counts, sql};

/// Events that are looked at for the last time at which an issue was seen, when it shows less than before.
/// They are the last that came, which nearly always are the last that happened.
const LOOKED_AT: i64 = 1000;

const LOOK: &str = "SELECT project_id, merged_into, last_seen FROM issues WHERE id = $1";
const POINT: &str = "UPDATE issues SET merged_into = $2 WHERE id = $1 OR merged_into = $1";
const SEEN: &str = "UPDATE issues SET
    last_seen = CASE WHEN $2 > last_seen THEN $2 ELSE last_seen END WHERE id = $1";
const FREE: &str = "UPDATE issues SET merged_into = NULL WHERE id = $1";
const SEEN_AGAIN: &str = "UPDATE issues SET last_seen = COALESCE(
    (SELECT MAX(seen) FROM (
        SELECT MAX(timestamp) AS seen FROM
            (SELECT timestamp FROM events WHERE issue_id = $1 ORDER BY id DESC LIMIT $2) AS own
        UNION ALL SELECT MAX(part.last_seen) FROM issues AS part WHERE part.merged_into = $1
    ) AS shown), last_seen) WHERE id = $1";

/// Why issues are not merged or parted. The text is for whoever asked.
#[derive(Debug, thiserror::Error)]
pub enum MergeError {
    /// It makes no sense.
    #[error("{0}")]
    Refused(String),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for MergeError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

#[derive(FromRow)]
struct Look {
    project_id: i64,
    merged_into: Option<i64>,
    last_seen: i64,
}

impl Store {
    /// Has issue `into` show the events of `from` (and of all that was merged into that) as its own.
    pub async fn merge_issues(
        &self,
        into: i64,
        from: &[i64],
        actor: &str,
        now: Timestamp,
    ) -> Result<(), MergeError> {
        let mut tx = self.begin_write().await?;
        let target = look(&mut tx, into).await?;
        counts::keep_batches_out(&mut tx, target.project_id).await?;
        if let Some(whole) = target.merged_into {
            return Err(MergeError::Refused(format!(
                "issue {into} is itself merged into issue {whole}; merge into that one"
            )));
        }
        for source in from {
            let found = look(&mut tx, *source).await?;
            if *source == into {
                return Err(MergeError::Refused(format!(
                    "issue {into} cannot be merged into itself"
                )));
            }
            if found.project_id != target.project_id {
                return Err(MergeError::Refused(format!(
                    "issues {source} and {into} belong to different projects"
                )));
            }
            if found.merged_into == Some(into) {
                continue;
            }
            let moved = sql::query(POINT).bind(*source).bind(into).execute(&mut tx).await?;
            if moved > 1 {
                // Its parts are the other's now, and so is when they were seen.
                seen_again(&mut tx, *source).await?;
            }
            if let Some(before) = found.merged_into {
                seen_again(&mut tx, before).await?;
            }
            sql::query(SEEN).bind(into).bind(found.last_seen).execute(&mut tx).await?;
            let entry = AuditEntry {
                actor,
                action: "issue.merged",
                subject: &format!("issue:{source}"),
                detail: &serde_json::json!({ "into": into }),
            };
            append(&mut tx, entry, now).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Makes a merged issue one of its own again.
    pub async fn unmerge_issue(
        &self,
        id: i64,
        actor: &str,
        now: Timestamp,
    ) -> Result<(), MergeError> {
        let mut tx = self.begin_write().await?;
        let part = look(&mut tx, id).await?;
        let Some(whole) = part.merged_into else {
            return Err(MergeError::Refused(format!("issue {id} is not merged into another")));
        };
        counts::keep_batches_out(&mut tx, part.project_id).await?;
        sql::query(FREE).bind(id).execute(&mut tx).await?;
        seen_again(&mut tx, whole).await?;
        let entry = AuditEntry {
            actor,
            action: "issue.unmerged",
            subject: &format!("issue:{id}"),
            detail: &serde_json::json!({ "from": whole }),
        };
        append(&mut tx, entry, now).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// Takes an issue back to where it was last seen itself, or one of its parts.
async fn seen_again(tx: &mut Tx, id: i64) -> Result<(), MergeError> {
    sql::query(SEEN_AGAIN).bind(id).bind(LOOKED_AT).execute(tx).await?;
    Ok(())
}

async fn look(tx: &mut Tx, id: i64) -> Result<Look, MergeError> {
    let found = sql::query_as::<Look>(LOOK).bind(id).fetch_optional(tx).await?;
    Ok(found.ok_or_else(|| StoreError::NotFound(format!("issue {id}")))?)
}
