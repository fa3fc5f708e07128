//! Bodies are zstd. Events of one issue have most of their bytes in common (stack, source, module
//! lists), so that they are written against a dictionary of what they share: a quarter of the size.

mod cache;
mod shared;
pub mod train;

pub(crate) use cache::Dictionaries;

use std::cell::RefCell;
use std::sync::Arc;

use zstd::zstd_safe::{CCtx, CDict, DCtx};

use super::StoreError;

/// zstd level while events come as fast as they can be taken; the fastest that still halves JSON
/// several times over.
const BUSY_LEVEL: i32 = 3;

/// zstd level while there is time: about a fifth smaller, at four times the work.
const IDLE_LEVEL: i32 = 9;

/// The most that a stored body may inflate to, in bytes. Far above what ingest lets in.
const MAX_INFLATED_BYTES: usize = 64 * 1024 * 1024;

/// How much work compression is worth just now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effort {
    /// Others wait.
    Busy,
    /// Nobody waits.
    Idle,
}

/// A dictionary, ready for use.
pub struct Dictionary {
    id: i64,
    bytes: Arc<[u8]>,
    busy: CDict<'static>,
}

impl std::fmt::Debug for Dictionary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Dictionary").field("id", &self.id).finish_non_exhaustive()
    }
}

impl Dictionary {
    pub(crate) fn new(id: i64, bytes: Vec<u8>) -> Self {
        let busy = CDict::create(&bytes, BUSY_LEVEL);
        Self { id, bytes: bytes.into(), busy }
    }

    /// The row that events refer to.
    pub fn id(&self) -> i64 {
        self.id
    }

    /// What a decoder needs.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Its row and its bytes, to be kept with what was written against it.
    pub(crate) fn row(&self) -> (i64, Arc<[u8]>) {
        (self.id, Arc::clone(&self.bytes))
    }

    /// What it holds of memory, in bytes.
    pub(crate) fn held_bytes(&self) -> usize {
        self.bytes.len() + self.busy.sizeof()
    }
}

thread_local! {
    /// Its tables are large and are used again.
    static CONTEXT: RefCell<CCtx<'static>> = RefCell::new(CCtx::create());
}

/// Compresses a body for storing, without a dictionary.
pub(crate) fn compress(bytes: &[u8]) -> Result<Vec<u8>, StoreError> {
    compress_with(bytes, None, Effort::Busy)
}

/// Compresses a body for storing.
pub(crate) fn compress_with(
    bytes: &[u8],
    dictionary: Option<&Dictionary>,
    effort: Effort,
) -> Result<Vec<u8>, StoreError> {
    // Most shrink to a tenth; what does not gets all the room that it can need.
    let bound = zstd::zstd_safe::compress_bound(bytes.len());
    let mut out = Vec::with_capacity(bound);
    let done = CONTEXT.with_borrow_mut(|context| match (dictionary, effort) {
        (Some(dictionary), Effort::Busy) => {
            context.compress_using_cdict(&mut out, bytes, &dictionary.busy)
        }
        (Some(dictionary), Effort::Idle) => {
            context.compress_using_dict(&mut out, bytes, &dictionary.bytes, IDLE_LEVEL)
        }
        (None, Effort::Busy) => context.compress(&mut out, bytes, BUSY_LEVEL),
        (None, Effort::Idle) => context.compress(&mut out, bytes, IDLE_LEVEL),
    });
    done.map_err(|code| corrupt("body", code))?;
    out.shrink_to_fit();
    Ok(out)
}

/// Reads a stored body back.
pub(crate) fn inflate(what: &str, bytes: &[u8]) -> Result<Vec<u8>, StoreError> {
    inflate_with(what, bytes, &[])
}

/// Reads a stored body back that was written against a dictionary.
pub(crate) fn inflate_with(
    what: &str,
    bytes: &[u8],
    dictionary: &[u8],
) -> Result<Vec<u8>, StoreError> {
    let size = zstd::zstd_safe::get_frame_content_size(bytes)
        .ok()
        .flatten()
        .and_then(|size| usize::try_from(size).ok())
        .unwrap_or(MAX_INFLATED_BYTES)
        .min(MAX_INFLATED_BYTES);
    let mut out = Vec::with_capacity(size);
    DCtx::create()
        .decompress_using_dict(&mut out, bytes, dictionary)
        .map_err(|code| corrupt(what, code))?;
    Ok(out)
}

fn corrupt(what: &str, code: zstd::zstd_safe::ErrorCode) -> StoreError {
    StoreError::Corrupt {
        what: what.to_owned(),
        reason: zstd::zstd_safe::get_error_name(code).to_owned(),
    }
}

#[cfg(test)]
mod tests;
