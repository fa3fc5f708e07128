//! What was sent, as it is stored: in a slot of a block, behind it what was noted when it came.

use sqlx::FromRow;

use crate::domain::event::Dropped;
use crate::store::blocks::{self, Place};
use crate::store::compression::{first_frame, inflate};
use crate::store::{Store, StoreError, from_json, sql};

/// Columns of `events`, which `$events` calls `e`, and those that [`Stored`] reads. In one statement, because
/// a payload may be packed into another block just now, and a row deleted whose number another event gets.
macro_rules! with_payload {
    ($columns:literal, $events:literal, $rest:literal) => {
        concat!(
            "SELECT ",
            $columns,
            ", e.payload, e.block_id, e.slot, e.dictionary_id, b.bytes FROM ",
            $events,
            " LEFT JOIN blocks AS b ON b.id = e.block_id ",
            $rest
        )
    };
}
pub(in crate::store) use with_payload;

const BY_ROW: &str = with_payload!("e.id", "events AS e", "WHERE e.id = $1");
const PLACE: &str = "SELECT block_id, slot FROM events WHERE id = $1";

/// A payload as it is stored. What was stored before there were blocks lies in `payload`.
#[derive(FromRow)]
pub(in crate::store) struct Stored {
    id: i64,
    payload: Vec<u8>,
    block_id: Option<i64>,
    slot: i64,
    dictionary_id: Option<i64>,
    bytes: Option<Vec<u8>>,
}

impl Stored {
    /// The event's row.
    pub(in crate::store) fn row(&self) -> i64 {
        self.id
    }

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
        let stored: Option<Stored> =
            sql::query_as(BY_ROW).bind(row).fetch_optional(self.pool()).await?;
        let Some(stored) = stored else { return Ok(None) };
        Ok(self.open_payload(&stored).await?.map(|(payload, _)| payload))
    }

    /// The event as it was sent, and what was noted when it came. `None` if it was deleted just now, and its
    /// dictionary with it.
    pub(in crate::store) async fn open_payload(
        &self,
        stored: &Stored,
    ) -> Result<Option<(Vec<u8>, Vec<Dropped>)>, StoreError> {
        let (payload, notes) = first_frame(stored.frames()?)?;
        let notes = match notes.is_empty() {
            true => Vec::new(),
            false => {
                let notes = inflate("events.notes", notes)?;
                from_json("events.notes", &String::from_utf8_lossy(&notes))?
            }
        };
        match self.inflate_payload(payload, stored.dictionary_id).await {
            Ok(payload) => Ok(Some((payload, notes))),
            Err(_) if !self.is_in_place(stored).await? => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn is_in_place(&self, stored: &Stored) -> Result<bool, StoreError> {
        let place: Option<(Option<i64>, i64)> =
            sql::query_as(PLACE).bind(stored.id).fetch_optional(self.pool()).await?;
        Ok(place == Some((stored.block_id, stored.slot)))
    }
}
