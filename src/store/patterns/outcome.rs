//! What became of what was learnt: by which commit it was mended, and whether it came back.
//!
//! A mended issue is watched: the batch that counts an event of it sees so in the row that it updates anyway,
//! and asks for one job an issue. The job decides; here is what it asks and what it stores.

use jiff::{SignedDuration, Timestamp};
use sqlx::FromRow;

use super::Row;
use crate::domain::pattern::Pattern;
use crate::store::sql::Tx;
use crate::store::{Store, StoreError, sql, timestamp};

const MENDED_OF_ISSUE: &str = select!(
    "WHERE mended_at IS NOT NULL AND verdict <> 'rejected'
        AND issue_id IN (SELECT COALESCE(merged_into, id) FROM issues WHERE id = $1
                         UNION SELECT id FROM issues WHERE id = $1 OR merged_into = $1)
     ORDER BY id LIMIT 20"
);
const RECURRED_OF_ISSUE: &str = select!(
    "WHERE recurred > 0 AND issue_id IN (SELECT id FROM issues WHERE id = $1 OR merged_into = $1)
     ORDER BY recurred_at DESC, id LIMIT 20"
);
const WITHOUT_COMMIT: &str = select!(
    "WHERE project_id = $1 AND mended_at > $2 AND verdict <> 'rejected' AND issue_id IS NOT NULL
        AND (fix_commit IS NULL OR (commit_why IS NOT NULL AND commit_why NOT LIKE 'its message%'))
     ORDER BY id DESC LIMIT $3"
);
const WATCHED: &str = "SELECT DISTINCT issue_id FROM patterns WHERE project_id = $1
    AND mended_at IS NOT NULL AND (recurred_at IS NULL OR recurred_at < mended_at)
    AND issue_id IN (SELECT id FROM issues WHERE project_id = $1 AND watch_from IS NOT NULL)
    ORDER BY issue_id DESC LIMIT 100";
const MEMBERS: &str = "SELECT id FROM issues WHERE id = $1 OR merged_into = $1 ORDER BY id";
/// Not one that was mended anew since somebody looked.
const WATCH: &str = "UPDATE issues SET watch_from = $2
    WHERE id = $1 AND (watch_from IS NULL OR watch_from <= $3)";
/// Not one that was mended anew meanwhile.
const RECURRED: &str =
    "UPDATE patterns SET recurred = recurred + 1, recurred_at = $2, recurred_in = $3,
    recurred_why = $4, updated_at = $5 WHERE id = $1 AND mended_at < $2
    AND (recurred_at IS NULL OR recurred_at < mended_at)";
const COMMIT: &str =
    "UPDATE patterns SET fix_commit = $2, commit_why = $3, updated_at = $4 WHERE id = $1";
/// The latest events only: an issue may have millions.
const RELEASES: &str = "SELECT release, MIN(received_at) AS first_at FROM
        (SELECT release, received_at, timestamp FROM events WHERE issue_id = $1
         ORDER BY id DESC LIMIT 2000) AS latest
    WHERE received_at > $2 AND timestamp > $2 GROUP BY release ORDER BY MIN(received_at) LIMIT 50";
const FIRST_SEEN: &str = "SELECT first_seen FROM releases WHERE project_id = $1 AND release = $2";

/// How long a mending is believed to be the one that a later commit brings in.
const COMMIT_SOUGHT_FOR: SignedDuration = SignedDuration::from_hours(90 * 24);

/// Patterns whose commit is looked for at a time.
const MAX_SOUGHT: i64 = 50;

/// A release of which an issue has events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleaseOfIssue {
    /// Its name; events may have none.
    pub release: Option<String>,
    /// When its first event since then arrived.
    pub first_at: Timestamp,
}

#[derive(FromRow)]
struct ReleaseRow {
    release: Option<String>,
    first_at: i64,
}

/// That a mended error came back.
#[derive(Clone, Debug)]
pub struct Recurrence<'a> {
    /// When the first event arrived.
    pub at: Timestamp,
    /// Its release.
    pub release: Option<&'a str>,
    /// Why that release is taken to have the fix.
    pub why: &'a str,
}

/// Has new events of an issue, and of what was merged into it, looked at from then on; never, if there is no
/// time. One row at a time and in one order, as batches lock them.
pub(super) async fn watch(
    tx: &mut Tx,
    issue_id: i64,
    from: Option<i64>,
    as_of: i64,
) -> Result<(), StoreError> {
    let members: Vec<i64> = sql::query_scalar(MEMBERS).bind(issue_id).fetch_all(&mut *tx).await?;
    for member in members {
        sql::query(WATCH).bind(member).bind(from).bind(as_of).execute(&mut *tx).await?;
    }
    Ok(())
}

impl Store {
    /// Looks at new events of an issue from `from` on, or not any more; unless it was mended anew after
    /// `as_of`.
    pub async fn watch_issue(
        &self,
        issue_id: i64,
        from: Option<Timestamp>,
        as_of: Timestamp,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin_write().await?;
        let from = from.map(Timestamp::as_microsecond);
        watch(&mut tx, issue_id, from, as_of.as_microsecond()).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Issues of a project that were mended and are watched, the latest ones.
    pub async fn watched_issues(&self, project_id: i64) -> Result<Vec<i64>, StoreError> {
        Ok(sql::query_scalar(WATCHED).bind(project_id).fetch_all(self.pool()).await?)
    }

    /// How an issue was mended: what was learnt of it, or of the issue that it was merged into.
    pub async fn mended_patterns(&self, issue_id: i64) -> Result<Vec<Pattern>, StoreError> {
        let rows = sql::query_as::<Row>(MENDED_OF_ISSUE).bind(issue_id);
        rows.fetch_all(self.pool()).await?.into_iter().map(Row::read).collect()
    }

    /// What was learnt of an issue and did not last, the latest first.
    pub async fn recurred_patterns(&self, issue_id: i64) -> Result<Vec<Pattern>, StoreError> {
        let rows = sql::query_as::<Row>(RECURRED_OF_ISSUE).bind(issue_id);
        rows.fetch_all(self.pool()).await?.into_iter().map(Row::read).collect()
    }

    /// What was mended lately in a project, of which no commit's message says so yet.
    pub async fn patterns_without_commit(
        &self,
        project_id: i64,
        now: Timestamp,
    ) -> Result<Vec<Pattern>, StoreError> {
        let since = now.saturating_sub(COMMIT_SOUGHT_FOR).unwrap_or(Timestamp::MIN);
        let rows = sql::query_as::<Row>(WITHOUT_COMMIT)
            .bind(project_id)
            .bind(since.as_microsecond())
            .bind(MAX_SOUGHT);
        rows.fetch_all(self.pool()).await?.into_iter().map(Row::read).collect()
    }

    /// Of which releases an issue (and what was merged into it) had events since then, the first first.
    pub async fn releases_of_issue(
        &self,
        issue_id: i64,
        since: Timestamp,
    ) -> Result<Vec<ReleaseOfIssue>, StoreError> {
        let members: Vec<i64> =
            sql::query_scalar(MEMBERS).bind(issue_id).fetch_all(self.pool()).await?;
        let mut found = Vec::new();
        for member in members {
            let rows = sql::query_as::<ReleaseRow>(RELEASES);
            let rows = rows.bind(member).bind(since.as_microsecond());
            for row in rows.fetch_all(self.pool()).await? {
                let first_at = timestamp(row.first_at)?;
                found.push(ReleaseOfIssue { release: row.release, first_at });
            }
        }
        found.sort_by_key(|one| one.first_at);
        Ok(found)
    }

    /// When a project's first event of a release arrived, as far as it is known.
    pub async fn release_first_seen(
        &self,
        project_id: i64,
        release: &str,
    ) -> Result<Option<Timestamp>, StoreError> {
        let first: Option<i64> = sql::query_scalar(FIRST_SEEN)
            .bind(project_id)
            .bind(release)
            .fetch_optional(self.pool())
            .await?;
        first.map(timestamp).transpose()
    }

    /// Notes that what a pattern mended came back; once for each time that it was mended. Says whether that
    /// is news.
    pub async fn pattern_recurred(
        &self,
        pattern_id: i64,
        recurrence: &Recurrence<'_>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let done = sql::query(RECURRED)
            .bind(pattern_id)
            .bind(recurrence.at.as_microsecond())
            .bind(recurrence.release)
            .bind(recurrence.why)
            .bind(now.as_microsecond())
            .execute(self.pool())
            .await?;
        Ok(done > 0)
    }

    /// Notes by which commit something was mended, and how that is known.
    pub async fn pattern_commit(
        &self,
        pattern_id: i64,
        commit: &str,
        why: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let update = sql::query(COMMIT).bind(pattern_id).bind(commit).bind(why);
        update.bind(now.as_microsecond()).execute(self.pool()).await?;
        Ok(())
    }
}
