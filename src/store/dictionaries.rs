//! Dictionaries: which one an event is written against.

mod training;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;

use super::chunks::RowStatement;
use super::compression::{Dictionary, inflate_with};
use super::sql::Tx;
use super::{Store, StoreError, sql};

/// Events after which a dictionary is trained; and again each time that their number has grown tenfold. Of
/// an issue all count that ever came: a number that retention lowers would pass a point again and again.
/// Of a project those that are stored; that all that came have grown tenfold is asked before it is trained.
pub(super) const FIRST_TRAINING: [(Trained, i64); 2] =
    [(Trained::Issue, 24), (Trained::Project, 400)];

/// How many times their number must have grown for another training.
const GROWN: i64 = 10;

/// What a dictionary is trained on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trained {
    Issue,
    Project,
}

const CHOSEN: &str = "SELECT d.id FROM dictionaries d
    WHERE d.project_id = $1 AND (d.issue_id IS NULL
        OR d.issue_id = (SELECT issue_id FROM fingerprints WHERE hash = $2 AND project_id = $1))
    ORDER BY CASE WHEN d.issue_id IS NULL THEN 1 ELSE 0 END, d.id DESC LIMIT 1";
static THERE: RowStatement =
    RowStatement::new("SELECT id FROM dictionaries WHERE id IN (VALUES ", 1, ")");
const RESTORE: &str = "INSERT INTO dictionaries (id, project_id, issue_id, bytes, created_at)
    VALUES ($1, $2, $3, $4, $5) ON CONFLICT (id) DO NOTHING";
const BYTES: &str = "SELECT bytes FROM dictionaries WHERE id = $1";
/// Whether a number that grew by `added` to `now` passed a point at which to train.
pub(super) fn passed(what: Trained, now: i64, added: i64) -> bool {
    let Some((_, mut point)) = FIRST_TRAINING.iter().copied().find(|(of, _)| *of == what) else {
        return false;
    };
    while point < now - added + 1 {
        point = point.saturating_mul(GROWN);
    }
    point <= now
}

/// A dictionary that events of a batch are written against.
#[derive(Clone, Copy, Debug)]
pub(super) struct Needed<'a> {
    /// Whose the events are.
    pub(super) project_id: i64,
    /// The issue of one of them.
    pub(super) issue_id: i64,
    /// What they are written against.
    pub(super) bytes: &'a [u8],
}

/// Sees to it, in the transaction that stores the events, that the dictionaries are there that they are
/// written against: a dictionary goes with its issue, also while an event of a new one is on its way.
pub(super) async fn restore_in(
    tx: &mut Tx,
    needed: &BTreeMap<i64, Needed<'_>>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let ids: Vec<i64> = needed.keys().copied().collect();
    let mut missing: BTreeSet<i64> = ids.iter().copied().collect();
    for (range, text) in THERE.chunks(ids.len()) {
        let query = ids[range].iter().fold(sql::query_scalar(text), |query, id| query.bind(*id));
        for id in query.fetch_all(&mut *tx).await? {
            missing.remove(&id);
        }
    }
    for id in missing {
        let Needed { project_id, issue_id, bytes } = needed[&id];
        sql::query(RESTORE)
            .bind(id)
            .bind(project_id)
            .bind(issue_id)
            .bind(bytes)
            .bind(now.as_microsecond())
            .execute(&mut *tx)
            .await?;
    }
    Ok(())
}

impl Store {
    /// The dictionary that events of this fingerprint are written against, if there is one.
    pub async fn dictionary_for(
        &self,
        project_id: i64,
        fingerprint: &str,
    ) -> Result<Option<Arc<Dictionary>>, StoreError> {
        let key = (project_id, fingerprint.to_owned());
        let chosen = match self.dictionaries().chosen.get(&key).await {
            Some(chosen) => chosen,
            None => {
                let chosen = sql::query_scalar(CHOSEN)
                    .bind(project_id)
                    .bind(fingerprint)
                    .fetch_optional(self.pool())
                    .await?;
                self.dictionaries().chosen.insert(key, chosen).await;
                chosen
            }
        };
        match chosen {
            Some(id) => self.dictionary(id).await,
            None => Ok(None),
        }
    }

    /// The dictionary in this row.
    pub(super) async fn dictionary(&self, id: i64) -> Result<Option<Arc<Dictionary>>, StoreError> {
        if let Some(known) = self.dictionaries().by_id.get(&id).await {
            return Ok(Some(known));
        }
        let bytes: Option<Vec<u8>> =
            sql::query_scalar(BYTES).bind(id).fetch_optional(self.pool()).await?;
        let Some(bytes) = bytes else { return Ok(None) };
        let dictionary = Arc::new(Dictionary::new(id, bytes));
        self.dictionaries().by_id.insert(id, Arc::clone(&dictionary)).await;
        Ok(Some(dictionary))
    }

    /// Reads a stored payload back, with the dictionary that it was written against.
    pub(super) async fn inflate_payload(
        &self,
        payload: &[u8],
        dictionary_id: Option<i64>,
    ) -> Result<Vec<u8>, StoreError> {
        let Some(id) = dictionary_id else {
            return inflate_with("events.payload", payload, &[]);
        };
        let dictionary = self.dictionary(id).await?.ok_or_else(|| StoreError::Corrupt {
            what: "events.payload".into(),
            reason: format!("its dictionary {id} is gone"),
        })?;
        inflate_with("events.payload", payload, dictionary.bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn training_comes_at_its_points_and_at_each_once() {
        assert!(!passed(Trained::Issue, 23, 1));
        assert!(passed(Trained::Issue, 24, 1));
        assert!(!passed(Trained::Issue, 25, 1));
        assert!(passed(Trained::Issue, 30, 20), "passed in the middle of a batch");
        assert!(!passed(Trained::Issue, 239, 1) && passed(Trained::Issue, 240, 1));
        let times = (1..=100_000).filter(|now| passed(Trained::Issue, *now, 1)).count();
        assert_eq!(times, 4);
    }
}
