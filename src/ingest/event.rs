//! One event of an envelope or of the `store` endpoint: scrubbed, and read as far as is needed before it
//! is stored. What is stored can be read whole later ([`crate::domain::event::read`]).

use jiff::Timestamp;

use super::IngestError;
use super::json::{self, Parsed, Scrubbed};
use crate::domain::event::fields::Notes;
use crate::domain::event::read::{Detail, from_json};
use crate::domain::event::{Dropped, facts};
use crate::domain::json::Val;
use crate::domain::scrub::Scrubber;

/// Scrubs an event and reads its head. `id` is the envelope's; the event's own comes first.
pub fn parse<'a>(
    payload: &'a [u8],
    scrubber: &Scrubber,
    id: Option<&str>,
    received_at: Timestamp,
    notes: Vec<Dropped>,
) -> Result<Parsed<'a>, IngestError> {
    let mut notes = Notes::starting_with(notes);
    let Scrubbed { doc, payload, user } = json::object(payload, "the event", scrubber, &mut notes)?;
    let own_id = doc.root().get("event_id").and_then(Val::as_str);
    let id = facts::event_id(own_id.as_deref().or(id), &mut notes);
    let mut event = from_json(doc.root(), Some(&id), received_at, Detail::Head, Notes::none());
    event.user = user;
    Ok(Parsed { event, payload, kept_notes: notes.into_inner() })
}

#[cfg(test)]
mod tests;
