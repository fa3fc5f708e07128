//! What was sent, as it is stored: in a slot of a block, behind it what was noted when it came.

use sqlx::FromRow;

use crate::domain::event::Dropped;
use crate::store::blocks::{self, Place};
use crate::store::compression::{first_frame, inflate};
use crate::store::{Store, StoreError, from_json, sql};

/// With the block, so that a payload is found that is packed into another one just now.
const STORED: &str = "SELECT e.payload, e.block_id, e.slot, e.dictionary_id, b.bytes
    FROM events AS e LEFT JOIN blocks AS b ON b.id = e.block_id WHERE e.id = $1";

/// What was stored before there were blocks lies in `payload`.
#[derive(FromRow)]
struct Stored {
    payload: Vec<u8>,
    block_id: Option<i64>,
    slot: i64,
    dictionary_id: Option<i64>,
    bytes: Option<Vec<u8>>,
}

impl Stored {
    fn frames(&self) -> Result<&[u8], StoreError> {
        match (self.block_id, &self.bytes) {
            (Some(block), Some(bytes)) => blocks::payload(bytes, Place { block, slot: self.slot }),
            _ => Ok(&self.payload),
        }
    }
}

impl Store {
    /// The event as it was sent, scrubbed, else byte for byte.
    pub async fn event_payload(&self, row: i64) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.payload(row).await?.map(|(payload, _)| payload))
    }

    /// The event as it was sent, and what was noted when it came.
    pub(super) async fn payload(
        &self,
        row: i64,
    ) -> Result<Option<(Vec<u8>, Vec<Dropped>)>, StoreError> {
        let stored: Option<Stored> =
            sql::query_as(STORED).bind(row).fetch_optional(self.pool()).await?;
        let Some(stored) = stored else { return Ok(None) };
        let (payload, notes) = first_frame(stored.frames()?)?;
        let notes = match notes.is_empty() {
            true => Vec::new(),
            false => {
                let notes = inflate("events.notes", notes)?;
                from_json("events.notes", &String::from_utf8_lossy(&notes))?
            }
        };
        Ok(Some((self.inflate_payload(payload, stored.dictionary_id).await?, notes)))
    }
}
