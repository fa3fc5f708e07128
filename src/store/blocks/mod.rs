//! Payloads of many events in one row. A page of SQLite holds one row of three kilobytes and wastes the
//! rest; of a row of sixty it fills all but the last.
//!
//! What is deleted is blanked at once, so that its bytes are gone; a block without payloads goes. Whoever
//! changes a block that others may see holds a transaction of [`Store::begin_write`](super::Store), so
//! that nobody else does.

mod format;

use std::collections::BTreeMap;

use super::StoreError;
use super::sql::{self, On, Query, Tx};

/// Bytes of payloads after which a block is full. The largest that is still cheap to read for one of its
/// events, and to write anew when one is deleted. A larger payload has a block of its own.
const MAX_BLOCK_BYTES: usize = 64 * 1024;

const INSERT: &str = "INSERT INTO blocks (project_id, bytes) VALUES ($1, $2) RETURNING id";
const BYTES: &str = "SELECT bytes FROM blocks WHERE id = $1";
const UPDATE: &str = "UPDATE blocks SET bytes = $2 WHERE id = $1";
const DELETE: &str = "DELETE FROM blocks WHERE id = $1";

/// What stands in an event's own column for payloads.
pub(super) const NO_PAYLOAD: &[u8] = &[];

/// Where a payload lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    /// The block's row.
    pub(super) block: i64,
    /// Which of its payloads, from 0.
    pub(super) slot: i64,
}

/// Writes payloads into new blocks; where each lies, in their order. Those of a project stand together.
pub(super) async fn insert_in(
    tx: &mut Tx,
    payloads: &[(i64, &[u8])],
) -> Result<Vec<Place>, StoreError> {
    let mut places = Vec::with_capacity(payloads.len());
    let mut rest = payloads;
    while let Some((project_id, _)) = rest.first() {
        let (part, after) = rest.split_at(fitting(rest));
        rest = after;
        let slots: Vec<&[u8]> = part.iter().map(|(_, payload)| *payload).collect();
        let block = sql::query_scalar(INSERT)
            .bind(*project_id)
            .bind(format::write(&slots))
            .fetch_one(&mut *tx)
            .await?;
        places.extend((0_i64..).take(part.len()).map(|slot| Place { block, slot }));
    }
    Ok(places)
}

/// How many of these, which are not none, make the next block.
fn fitting(payloads: &[(i64, &[u8])]) -> usize {
    let project_id = payloads.first().map(|(project_id, _)| *project_id);
    let mut bytes = 0;
    let fit = payloads.iter().take_while(|(of, payload)| {
        bytes += payload.len();
        Some(*of) == project_id && bytes <= MAX_BLOCK_BYTES
    });
    fit.count().max(1)
}

/// Blanks what lies there. Blocks that hold nothing any more are deleted.
pub(super) async fn forget_in(tx: &mut Tx, places: &[Place]) -> Result<(), StoreError> {
    let mut by_block = BTreeMap::<i64, Vec<i64>>::new();
    for place in places {
        by_block.entry(place.block).or_default().push(place.slot);
    }
    for (block, gone) in by_block {
        let Some(bytes) = bytes(&mut *tx, block).await? else { continue };
        let Some(left) = without(&bytes, &gone) else {
            // Its events must be able to go all the same, or nothing after them ever would. What a newer
            // version may have written is not ours to delete.
            tracing::error!(block, "a block cannot be read; what was deleted of it stays in it");
            continue;
        };
        let change: Query<'_> = match left {
            Some(left) => sql::query(UPDATE).bind(block).bind(left),
            None => sql::query(DELETE).bind(block),
        };
        change.execute(&mut *tx).await?;
    }
    Ok(())
}

/// A block's bytes, if it is there.
pub(super) async fn bytes(
    on: impl Into<On<'_>>,
    block: i64,
) -> Result<Option<Vec<u8>>, StoreError> {
    Ok(sql::query_scalar(BYTES).bind(block).fetch_optional(on).await?)
}

/// A block without these slots: outside `None` if it is no block, inside if nothing is left of it.
fn without(block: &[u8], gone: &[i64]) -> Option<Option<Vec<u8>>> {
    let mut slots = format::read(block)?;
    for slot in gone {
        if let Some(slot) = usize::try_from(*slot).ok().and_then(|slot| slots.get_mut(slot)) {
            *slot = &[];
        }
    }
    let is_empty = slots.iter().all(|slot| slot.is_empty());
    Some((!is_empty).then(|| format::write(&slots)))
}

/// What lies there, if `block` is that place's block.
pub(super) fn payload(block: &[u8], place: Place) -> Result<&[u8], StoreError> {
    let slots = format::read(block).ok_or_else(|| corrupt(place.block))?;
    let slot = usize::try_from(place.slot).ok().and_then(|slot| slots.get(slot));
    slot.copied().filter(|payload| !payload.is_empty()).ok_or_else(|| corrupt(place.block))
}

fn corrupt(block: i64) -> StoreError {
    StoreError::Corrupt {
        what: "blocks.bytes".into(),
        reason: format!("block {block} does not hold what its events say"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_holds_one_projects_payloads_and_not_too_many() {
        let (small, large) = (vec![1; 1000], vec![2; 200_000]);
        let of = |project, bytes| (project, Vec::as_slice(bytes));
        assert_eq!(fitting(&[of(1, &small)]), 1);
        assert_eq!(fitting(&[of(1, &small), of(1, &small), of(2, &small)]), 2);
        assert_eq!(fitting(&[of(1, &large), of(1, &small)]), 1);
        assert_eq!(fitting(&[of(1, &small), of(1, &large)]), 1);
        assert_eq!(fitting(&vec![of(1, &small); 100]), MAX_BLOCK_BYTES / 1000);
    }

    #[test]
    fn what_is_forgotten_is_not_in_the_bytes() {
        let block = format::write(&[b"secret", b"kept"]);
        let left = without(&block, &[0]).unwrap().unwrap();
        assert!(!left.windows(6).any(|window| window == b"secret"));
        assert!(payload(&left, Place { block: 1, slot: 0 }).is_err());
        assert_eq!(payload(&left, Place { block: 1, slot: 1 }).unwrap(), b"kept");
        assert_eq!(without(&left, &[1]), Some(None));
        assert_eq!(without(b"no block", &[1]), None);
    }
}
