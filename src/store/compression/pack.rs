//! Compressing again what was compressed in haste, on a thread that takes only what processor time
//! nobody else wants.

use std::sync::Arc;

use rustix::process::setpriority_process;
use tokio::sync::oneshot;
use zstd::zstd_safe::CCtx;

use super::{Dictionary, corrupt, first_frame, inflate_with};
use crate::store::StoreError;

/// zstd level: about a fifth smaller than at first, at five times the work.
const LEVEL: i32 = 9;

/// The thread's niceness: the most.
const NICENESS: i32 = 19;

/// A stored payload (and behind it what else is stored with it, which stays as it is), and what it may be written against.
pub(in crate::store) struct Hasty {
    /// As it is stored.
    pub(in crate::store) payload: Vec<u8>,
    /// Against which it was written.
    pub(in crate::store) old: Option<Arc<Dictionary>>,
    /// Against which it is to be written.
    pub(in crate::store) new: Option<Arc<Dictionary>>,
}

/// A payload as it is to be stored.
pub(in crate::store) struct Packed {
    /// Its bytes.
    pub(in crate::store) payload: Vec<u8>,
    /// Against which they are written.
    pub(in crate::store) dictionary: Option<Arc<Dictionary>>,
}

/// Compresses them again, in their order. What would not become smaller stays as it is, and what cannot be
/// read, so that it does not keep the others waiting.
pub(in crate::store) async fn pack(all: Vec<Hasty>) -> Result<Vec<Packed>, StoreError> {
    let (done, packed) = oneshot::channel();
    let begun = std::thread::Builder::new().name("andon-pack".into()).spawn(move || {
        // It works without as well, only less politely.
        let _ = setpriority_process(None, NICENESS);
        // Nobody waits any more if the server stops.
        let _ = done.send(pack_all(all));
    });
    let lost = |reason: String| StoreError::Corrupt { what: "packing".into(), reason };
    begun.map_err(|error| lost(error.to_string()))?;
    packed.await.map_err(|error| lost(error.to_string()))
}

fn pack_all(all: Vec<Hasty>) -> Vec<Packed> {
    let mut context = CCtx::create();
    let pack = |hasty: Hasty| match pack_one(&mut context, &hasty) {
        Ok(Some(payload)) => Packed { payload, dictionary: hasty.new },
        Ok(None) => Packed { payload: hasty.payload, dictionary: hasty.old },
        Err(error) => {
            tracing::error!(%error, "a payload cannot be read and is not packed");
            Packed { payload: hasty.payload, dictionary: hasty.old }
        }
    };
    all.into_iter().map(pack).collect()
}

/// `None` if it would not become smaller.
fn pack_one(context: &mut CCtx<'_>, hasty: &Hasty) -> Result<Option<Vec<u8>>, StoreError> {
    let Hasty { payload, old, new } = hasty;
    let bytes_of = |dictionary: &Option<Arc<Dictionary>>| -> Arc<[u8]> {
        dictionary.as_ref().map_or_else(|| Arc::from([]), |dictionary| dictionary.row().1)
    };
    let (frame, rest) = first_frame(payload)?;
    let text = inflate_with("events.payload", frame, &bytes_of(old))?;
    let dictionary = bytes_of(new);
    let mut out = Vec::with_capacity(zstd::zstd_safe::compress_bound(text.len()));
    context
        .compress_using_dict(&mut out, &text, &dictionary, LEVEL)
        .map_err(|code| corrupt("payload", code))?;
    // The only other copy is deleted next.
    let reads_back = inflate_with("events.payload", &out, &dictionary).is_ok_and(|t| t == text);
    if !reads_back || out.len() >= frame.len() {
        return Ok(None);
    }
    out.extend_from_slice(rest);
    out.shrink_to_fit();
    Ok(Some(out))
}
