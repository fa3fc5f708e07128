//! The request's body: read under a cap, a time-out and a share of the memory for bodies, then decoded.

use std::borrow::Cow;
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes};
use axum::http::StatusCode;
use futures_util::StreamExt as _;

use super::head::Head;
use crate::domain::category::Category;
use crate::domain::quota::Reason;
use crate::ingest::quotas::Sender;
use crate::ingest::{IngestError, body};
use crate::server::app::App;
use crate::server::guards::inflight::Share;
use crate::server::problem::Problem;

/// Bytes over the cap that are read and thrown away before the refusal.
const MAX_DRAINED_BYTES: usize = 2 * 1024 * 1024;

/// Bytes of room for a body when its first piece has arrived.
const FIRST_ROOM_BYTES: usize = 16 * 1024;

/// A body as it was sent, with its share of the memory for bodies.
pub(super) struct Sent {
    pub(super) bytes: Bytes,
    _share: Share,
}

/// Refuses before the body is read while the disk is nearly full.
pub(super) fn gate(app: &App, sender: Option<Sender>, category: Category) -> Result<(), Problem> {
    // The guard's clock only has to tell seconds apart.
    if app.disk.is_low(Instant::now()) {
        return Err(overloaded(app, sender, category, Reason::DiskFull));
    }
    Ok(())
}

/// Reads the body, bounded in size and in time.
pub(super) async fn receive(
    app: &App,
    sender: Option<Sender>,
    category: Category,
    head: &Head,
    body: Body,
) -> Result<Sent, Problem> {
    let limits = &app.config.ingest;
    let too_large = || {
        Problem::from(IngestError::TooLarge {
            what: "the body",
            limit: limits.max_body_bytes,
            advice: "send less, or raise ingest.max_body_bytes",
        })
        .with_body_unread()
    };
    let most = limits.max_body_bytes.saturating_add(MAX_DRAINED_BYTES);
    if head.announced.is_some_and(|length: usize| length > most) {
        return Err(too_large());
    }
    let crowded = || overloaded(app, sender, category, Reason::MemoryFull);
    let share = app.inflight.begin(sender.is_some()).ok_or_else(crowded)?;
    let read = read_up_to(body, limits.max_body_bytes, head.announced, share);
    match tokio::time::timeout(Duration::from_secs(limits.body_timeout_seconds), read).await {
        Ok(Ok(sent)) => Ok(sent),
        Ok(Err(Unread::TooLarge)) => Err(too_large()),
        Ok(Err(Unread::NoRoom)) => Err(crowded()),
        Ok(Err(Unread::BrokeOff)) => Err(Problem::bad_request("the body broke off")),
        Err(_) => Err(Problem::new(
            StatusCode::REQUEST_TIMEOUT,
            format!("the body did not arrive within {} s", limits.body_timeout_seconds),
        )
        .with_body_unread()),
    }
}

/// Why a body was not read.
enum Unread {
    TooLarge,
    NoRoom,
    BrokeOff,
}

/// The body, of at most `max_bytes`. A little more than that is read and thrown away: a sender that is cut
/// off in the middle of its body may never see the answer.
async fn read_up_to(
    body: Body,
    max_bytes: usize,
    announced: Option<usize>,
    mut share: Share,
) -> Result<Sent, Unread> {
    let mut chunks = body.into_data_stream();
    let mut taken = Vec::new();
    let mut total = 0_usize;
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| Unread::BrokeOff)?;
        total = total.saturating_add(chunk.len());
        if total > max_bytes.saturating_add(MAX_DRAINED_BYTES) {
            return Err(Unread::TooLarge);
        }
        if total > max_bytes {
            taken = Vec::new();
            continue;
        }
        if total > taken.capacity() {
            // Doubled, so that nothing is copied often; never beyond what may come, so that the share is
            // what is really held.
            let most = announced.unwrap_or(max_bytes).clamp(total, max_bytes);
            let room =
                taken.capacity().saturating_mul(2).max(FIRST_ROOM_BYTES).max(total).min(most);
            if !share.grow(room) {
                return Err(Unread::NoRoom);
            }
            taken.reserve_exact(room - taken.len());
        }
        taken.extend_from_slice(&chunk);
    }
    if total > max_bytes {
        return Err(Unread::TooLarge);
    }
    Ok(Sent { bytes: taken.into(), _share: share })
}

/// 429 for everything, before the body is read (to its end).
fn overloaded(app: &App, sender: Option<Sender>, category: Category, reason: Reason) -> Problem {
    if let Some(sender) = sender {
        app.refusals.add(sender.project_id, category, reason, 1, app.clock.now());
    }
    Problem::overloaded(reason).with_body_unread()
}

/// Undoes what the head says of its encoding, under the cap.
pub(super) fn decode<'a>(
    app: &App,
    head: &Head,
    sent: &'a Bytes,
) -> Result<Cow<'a, [u8]>, Problem> {
    Ok(body::decode(sent, Some(head.encodings()?), app.config.ingest.max_decoded_bytes)?)
}
