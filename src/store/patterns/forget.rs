//! What was learnt from a user's events, once those are deleted: the lesson stays, his words do not.

use jiff::Timestamp;

use super::{Row, insert_words};
use crate::domain::event::Event;
use crate::domain::fingerprint::parameterise;
use crate::domain::pattern::{Likeness, Pattern, PatternVerdict};
use crate::store::events::user_hash;
use crate::store::{Store, StoreError, sql, to_json};

const OF_USER: &str = select!(
    "WHERE project_id = $1 AND id > $3 AND (user_hash = $2 OR issue_id IN
        (SELECT COALESCE(merged_into, id) FROM issues WHERE id = $4 UNION SELECT id FROM issues WHERE id = $4))
     ORDER BY id LIMIT 50"
);
const REWRITE: &str = "UPDATE patterns SET title = $2, cause = $3, frames = $4, words = $5,
    user_hash = $7, updated_at = $6 WHERE id = $1";
const FORGET_WORDS: &str = "DELETE FROM pattern_words WHERE pattern_id = $1";

impl Store {
    /// Rewrites what was learnt from events of a user that are deleted: from another event of the issue, else
    /// without any words of an event. What a person wrote stays. `issues` are those that lost events.
    pub(in crate::store) async fn forget_user_in_patterns(
        &self,
        project_id: i64,
        hash: &str,
        issues: &[i64],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        // His are found once; those of an issue with it.
        for issue in std::iter::once(&0).chain(issues) {
            let mut after = 0;
            loop {
                let rows = sql::query_as::<Row>(OF_USER)
                    .bind(project_id)
                    .bind(hash)
                    .bind(after)
                    .bind(*issue)
                    .fetch_all(self.pool())
                    .await?;
                let Some(last) = rows.last() else { break };
                after = last.id;
                for row in rows {
                    self.rewrite(row.read()?, now).await?;
                }
            }
        }
        Ok(())
    }

    async fn rewrite(&self, pattern: Pattern, now: Timestamp) -> Result<(), StoreError> {
        let event = match pattern.issue_id {
            Some(issue) => self.latest_event(issue).await?.map(|stored| stored.event),
            None => None,
        };
        let (title, likeness) = match &event {
            Some(event) => (title(event), Likeness::of(event, None)),
            None => without_event(&pattern),
        };
        let cause = match pattern.verdict {
            PatternVerdict::Corrected => pattern.cause.clone(),
            // An analysis may repeat values of the message.
            _ => parameterise(&pattern.cause),
        };
        let user = event.as_ref().and_then(|event| event.user.as_deref());
        let mut tx = self.begin_write().await?;
        sql::query(REWRITE)
            .bind(pattern.id)
            .bind(title)
            .bind(cause)
            .bind(to_json("pattern", &likeness.frames)?)
            .bind(likeness.length())
            .bind(now.as_microsecond())
            .bind(user.map(|user| user_hash(pattern.project_id, user)))
            .execute(&mut tx)
            .await?;
        sql::query(FORGET_WORDS).bind(pattern.id).execute(&mut tx).await?;
        insert_words(&mut tx, pattern.id, &likeness).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// Another user's error, in one line, without what varies.
fn title(event: &Event) -> String {
    parameterise(&event.title())
}

/// The kind of failure and where; functions' names are the program's, not the user's.
fn without_event(pattern: &Pattern) -> (String, Likeness) {
    let title = match pattern.frames.first() {
        Some(function) => format!("{} in {function}", pattern.class),
        None => pattern.class.clone(),
    };
    let likeness = Likeness::of_frames(pattern.frames.clone(), &pattern.class);
    (title, likeness)
}
