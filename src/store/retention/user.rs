//! Deleting all events of a user.

use jiff::Timestamp;

use super::{Found, MAX_DELETED, delete};
use crate::store::audit::{AuditEntry, append};
use crate::store::chunks::RowStatement;
use crate::store::events::user_hash;
use crate::store::sql::{self, Tx};
use crate::store::{Store, StoreError};

static THESE: RowStatement = RowStatement::new(found!("WHERE id IN (VALUES "), 1, ")");
const OF_USER: &str = "SELECT id FROM events
    WHERE project_id = $1 AND user_hash = $2 AND id > $3 ORDER BY id LIMIT $4";

impl Store {
    /// Deletes every event of a user, and his words in what was learnt: how many events there were. `user` is what the sender gave as the user's id,
    /// else as name or e-mail. The audit trail, which does not name him, gets an entry with the first
    /// deletion and one with the number at the end: what breaks off in between has the first.
    pub async fn delete_events_of_user(
        &self,
        project_id: i64,
        user: &str,
        actor: &str,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let hash = user_hash(project_id, user);
        let subject = format!("project:{project_id}");
        let (mut deleted, mut after) = (0, 0);
        let mut issues = std::collections::BTreeSet::new();
        loop {
            // Many rows are looked at to find them, and nobody has to wait for that.
            let ids: Vec<i64> = sql::query_scalar(OF_USER)
                .bind(project_id)
                .bind(&hash)
                .bind(after)
                .bind(MAX_DELETED)
                .fetch_all(self.pool())
                .await?;
            let Some(last) = ids.last() else { break };
            after = *last;
            let mut tx = self.begin_write().await?;
            // Nobody had to wait, so that some may be gone, and others have their numbers.
            let mut found = these(&mut tx, &ids).await?;
            found.retain(|found| found.user_hash.as_ref() == Some(&hash));
            if deleted == 0 && !found.is_empty() {
                let entry = AuditEntry {
                    actor,
                    action: "user.deletion_begun",
                    subject: &subject,
                    detail: &serde_json::json!({ "user_hash": hash }),
                };
                append(&mut tx, entry, now).await?;
            }
            delete(&mut tx, project_id, &found, now).await?;
            tx.commit().await?;
            deleted += found.len() as u64;
            issues.extend(found.iter().map(|found| found.issue_id));
        }
        let issues: Vec<i64> = issues.into_iter().collect();
        self.forget_user_in_patterns(project_id, &hash, &issues, now).await?;
        let mut tx = self.begin_write().await?;
        let entry = AuditEntry {
            actor,
            action: "user.deleted",
            subject: &subject,
            detail: &serde_json::json!({ "user_hash": hash, "events": deleted }),
        };
        append(&mut tx, entry, now).await?;
        tx.commit().await?;
        // It is done, whether or not there is room for giving room back.
        if let Err(error) = self.give_back().await {
            tracing::warn!(%error, "the room of a user's events was not given back");
        }
        Ok(deleted)
    }
}

/// Those of these events that are still there.
async fn these(tx: &mut Tx, ids: &[i64]) -> Result<Vec<Found>, StoreError> {
    let mut found = Vec::with_capacity(ids.len());
    for (range, text) in THESE.chunks(ids.len()) {
        let query = ids[range].iter().fold(sql::query_as::<Found>(text), |q, id| q.bind(*id));
        found.extend(query.fetch_all(&mut *tx).await?);
    }
    Ok(found)
}
