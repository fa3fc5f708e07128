//! Bodies are zstd. Events of one issue have most of their bytes in common (stack, source, module
//! lists), so that they are written against a dictionary of what they share: a quarter of the size.

mod cache;
pub(super) mod pack;
mod shared;
pub mod train;

pub(crate) use cache::Dictionaries;

use std::cell::RefCell;
use std::sync::Arc;

use zstd::zstd_safe::{CCtx, CDict, CParameter, DCtx, DictAttachPref};

use super::StoreError;

/// zstd level while senders wait; its tables for a dictionary are the smallest, too, so that hundreds of
/// them fit into memory. What there is time for is done later ([`pack`]).
const LEVEL: i32 = 1;

/// The largest caps on an event and on an attachment that may be set, in bytes.
pub const MAX_KEPT_BYTES: usize = 64 * 1024 * 1024;

/// The most that a stored body may inflate to, in bytes: scrubbing can make an event longer.
const MAX_INFLATED_BYTES: usize = 4 * MAX_KEPT_BYTES;

/// A dictionary, ready for use.
pub struct Dictionary {
    id: i64,
    bytes: Arc<[u8]>,
    ready: CDict<'static>,
}

impl std::fmt::Debug for Dictionary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Dictionary").field("id", &self.id).finish_non_exhaustive()
    }
}

impl Dictionary {
    pub(crate) fn new(id: i64, bytes: Vec<u8>) -> Self {
        let ready = CDict::create(&bytes, LEVEL);
        Self { id, bytes: bytes.into(), ready }
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
        self.bytes.len() + self.ready.sizeof()
    }
}

thread_local! {
    /// Its tables are large and are used again.
    static CONTEXT: RefCell<CCtx<'static>> = RefCell::new(context());
    /// Where a body is compressed to, before it is known how much room it needs.
    static SCRATCH: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Bytes that the scratch room may keep; after a larger body it is let go.
const MAX_SCRATCH_BYTES: usize = 256 * 1024;

fn context() -> CCtx<'static> {
    let mut context = CCtx::create();
    let settings = [
        CParameter::CompressionLevel(LEVEL),
        // Else zstd copies a dictionary's tables for each event of more than 16 KB, which takes longer than
        // looking into both.
        CParameter::ForceAttachDict(DictAttachPref::ForceAttach),
    ];
    for setting in settings {
        // Only a parameter or a value that this zstd does not know is refused: then it keeps its own.
        let _ = context.set_parameter(setting);
    }
    context
}

/// Compresses a body for storing, without a dictionary.
pub(crate) fn compress(bytes: &[u8]) -> Result<Vec<u8>, StoreError> {
    compress_with(bytes, None)
}

/// Compresses a body for storing.
pub(crate) fn compress_with(
    bytes: &[u8],
    dictionary: Option<&Dictionary>,
) -> Result<Vec<u8>, StoreError> {
    SCRATCH.with_borrow_mut(|out| {
        out.clear();
        // Most shrink to a tenth; what does not gets all the room that it can need.
        out.reserve(zstd::zstd_safe::compress_bound(bytes.len()));
        let done = CONTEXT.with_borrow_mut(|context| match dictionary {
            Some(dictionary) => {
                context.ref_cdict(&dictionary.ready)?;
                let done = context.compress2(out, bytes);
                // The context stays and must not point at a dictionary that may go.
                context.disable_dictionary()?;
                done
            }
            None => context.compress(out, bytes, LEVEL),
        });
        let compressed = out.as_slice().to_vec();
        if out.capacity() > MAX_SCRATCH_BYTES {
            *out = Vec::new();
        }
        done.map_err(|code| corrupt("body", code))?;
        Ok(compressed)
    })
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

/// The first of the frames that stand here one after the other, and the others.
pub(crate) fn first_frame(bytes: &[u8]) -> Result<(&[u8], &[u8]), StoreError> {
    let length = zstd::zstd_safe::find_frame_compressed_size(bytes)
        .map_err(|code| corrupt("events.payload", code))?;
    // It was found within these bytes.
    bytes.split_at_checked(length).ok_or_else(|| StoreError::Corrupt {
        what: "events.payload".into(),
        reason: "it ends early".into(),
    })
}

fn corrupt(what: &str, code: zstd::zstd_safe::ErrorCode) -> StoreError {
    StoreError::Corrupt {
        what: what.to_owned(),
        reason: zstd::zstd_safe::get_error_name(code).to_owned(),
    }
}

#[cfg(test)]
mod tests;
