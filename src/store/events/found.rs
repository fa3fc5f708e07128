//! Which issue an event belongs to: by its fingerprint, by one of an older way of grouping, else a new one.

use std::collections::{BTreeMap, HashMap};

use sqlx::FromRow;

use super::new::NewEvent;
use crate::domain::fingerprint::CURRENT;
use crate::store::StoreError;
use crate::store::chunks::RowStatement;
use crate::store::sql::{self, Tx};

static KNOWN_FINGERPRINTS: RowStatement = RowStatement::new(
    "SELECT project_id, hash, issue_id FROM fingerprints WHERE (hash, project_id) IN (VALUES ",
    2,
    ")",
);
const INSERT_ISSUE: &str = "INSERT INTO issues (project_id, fingerprint, title, culprit, level,
    platform, first_seen, last_seen, event_count)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $7, 0)
    ON CONFLICT (project_id, fingerprint) DO NOTHING RETURNING id";
const ISSUE_OF: &str = "SELECT issue_id FROM fingerprints WHERE hash = $1 AND project_id = $2";
const LINK: &str = "INSERT INTO fingerprints (project_id, hash, version, issue_id)
    VALUES ($1, $2, $3, $4) ON CONFLICT (hash, project_id) DO NOTHING";
/// An issue that was made for events that turned out to be there already.
const UNMAKE: [&str; 2] =
    ["DELETE FROM fingerprints WHERE issue_id = $1", "DELETE FROM issues WHERE id = $1"];

/// A project, and a fingerprint or an event's id in it.
pub(super) type Key<'a> = (i64, &'a str);

#[derive(FromRow)]
struct Known {
    project_id: i64,
    hash: String,
    issue_id: i64,
}

/// The issue of each fingerprint in the batch; those that are new are made, and named in `made`.
pub(super) async fn issues_of<'b>(
    tx: &mut Tx,
    batch: &'b [NewEvent],
    made: &mut Vec<i64>,
) -> Result<HashMap<Key<'b>, i64>, StoreError> {
    let mut firsts = BTreeMap::<Key<'b>, usize>::new();
    for (index, new) in batch.iter().enumerate() {
        firsts.entry((new.project_id, &new.fingerprint)).or_insert(index);
    }
    let keys: Vec<Key<'b>> = firsts.keys().copied().collect();
    let mut issues = HashMap::with_capacity(keys.len());
    for known in known(tx, &keys).await? {
        let key = (known.project_id, known.hash.as_str());
        if let Ok(at) = keys.binary_search_by(|probe| probe.cmp(&key)) {
            issues.insert(keys[at], known.issue_id);
        }
    }
    for (key, index) in firsts {
        if let std::collections::hash_map::Entry::Vacant(vacant) = issues.entry(key) {
            vacant.insert(make(tx, &batch[index], made).await?);
        }
    }
    Ok(issues)
}

async fn known(tx: &mut Tx, keys: &[Key<'_>]) -> Result<Vec<Known>, StoreError> {
    let mut found = Vec::with_capacity(keys.len());
    for (range, text) in KNOWN_FINGERPRINTS.chunks(keys.len()) {
        let mut query = sql::query_as::<Known>(text);
        for (project_id, hash) in &keys[range] {
            query = query.bind(*hash).bind(*project_id);
        }
        found.extend(query.fetch_all(&mut *tx).await?);
    }
    Ok(found)
}

/// The issue of a fingerprint that is not known: one that an older way of grouping found, else a new one.
async fn make(tx: &mut Tx, new: &NewEvent, made: &mut Vec<i64>) -> Result<i64, StoreError> {
    let event = &new.event;
    for hash in new.older_fingerprints().iter() {
        let known: Option<i64> = sql::query_scalar(ISSUE_OF)
            .bind(hash)
            .bind(new.project_id)
            .fetch_optional(&mut *tx)
            .await?;
        if let Some(issue_id) = known {
            link(tx, new, issue_id).await?;
            tracing::debug!(issue_id, "an issue is known by another fingerprint now");
            return Ok(issue_id);
        }
    }
    let inserted: Option<i64> = sql::query_scalar(INSERT_ISSUE)
        .bind(new.project_id)
        .bind(&new.fingerprint)
        .bind(&new.title)
        .bind(&new.culprit)
        .bind(event.level.as_str())
        .bind(&event.platform)
        .bind(event.timestamp.as_microsecond())
        .fetch_optional(&mut *tx)
        .await?;
    match inserted {
        Some(issue_id) => {
            link(tx, new, issue_id).await?;
            made.push(issue_id);
            Ok(issue_id)
        }
        // Another node made it since we looked; it is committed, or we would still be waiting.
        None => Ok(sql::query_scalar(ISSUE_OF)
            .bind(&new.fingerprint)
            .bind(new.project_id)
            .fetch_one(&mut *tx)
            .await?),
    }
}

/// The current version of the grouping, as stored.
fn version_number() -> i64 {
    CURRENT.as_str().parse().unwrap_or_default()
}

async fn link(tx: &mut Tx, new: &NewEvent, issue_id: i64) -> Result<(), StoreError> {
    sql::query(LINK)
        .bind(new.project_id)
        .bind(&new.fingerprint)
        .bind(version_number())
        .bind(issue_id)
        .execute(&mut *tx)
        .await?;
    Ok(())
}

/// Takes back an issue that was made in this transaction and got no event.
pub(super) async fn unmake(tx: &mut Tx, issue_id: i64) -> Result<(), StoreError> {
    for statement in UNMAKE {
        sql::query(statement).bind(issue_id).execute(&mut *tx).await?;
    }
    Ok(())
}
