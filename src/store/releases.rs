//! Which releases a project's events name, and when each was first seen.

use jiff::Timestamp;

use super::chunks::RowStatement;
use super::jobs::enqueue_in;
use super::sql::{self, Tx};
use super::{Store, StoreError};
use crate::domain::job::Job;

/// Longer names are not kept: Sentry's own limit is 250.
pub(crate) const MAX_RELEASE_BYTES: usize = 500;

static INSERT: RowStatement = RowStatement::new(
    "INSERT INTO releases (project_id, release, first_seen) VALUES ",
    3,
    " ON CONFLICT (project_id, release) DO NOTHING RETURNING project_id",
);
/// Whether anything was mended that it could have the fix of.
const SEEKS: &str = "SELECT id FROM projects WHERE id = $1 AND EXISTS
    (SELECT 1 FROM patterns WHERE project_id = projects.id AND mended_at IS NOT NULL)";
const FORGET: &str = "DELETE FROM releases WHERE first_seen < $1";

/// A release that may be new.
#[derive(Clone, Debug)]
pub(crate) struct NewRelease {
    pub(crate) project_id: i64,
    pub(crate) name: String,
    /// A hash of the name.
    pub(crate) key: String,
}

/// Notes the releases of a batch, sorted by project and name; one that is new may have fixes, or show that they
/// did not help, for which a job looks.
pub(super) async fn note_in(
    tx: &mut Tx,
    releases: &[NewRelease],
    now: Timestamp,
) -> Result<(), StoreError> {
    let mut with_new = Vec::new();
    for (range, text) in INSERT.chunks(releases.len()) {
        let query = releases[range].iter().fold(sql::query_scalar::<i64>(text), |query, new| {
            query.bind(new.project_id).bind(&new.name).bind(now.as_microsecond())
        });
        with_new.extend(query.fetch_all(&mut *tx).await?);
    }
    with_new.sort_unstable();
    with_new.dedup();
    for project_id in with_new {
        let seeks: Option<i64> =
            sql::query_scalar(SEEKS).bind(project_id).fetch_optional(&mut *tx).await?;
        if seeks.is_none() {
            continue;
        }
        enqueue_in(tx, &Job::LookAtRelease { project_id }, now).await?;
    }
    Ok(())
}

impl Store {
    /// Forgets releases that were first seen before then.
    pub async fn forget_releases(&self, before: Timestamp) -> Result<(), StoreError> {
        sql::query(FORGET).bind(before.as_microsecond()).execute(self.pool()).await?;
        Ok(())
    }
}
