//! Protocol → event → grouped → durable. What is acknowledged has been committed.

pub mod body;
pub mod credentials;
pub mod envelope;
pub mod event;
pub mod items;
pub mod json;
pub mod legacy;
pub mod plain;
pub mod quotas;
pub mod security;
pub mod writer;

pub use json::Parsed;
pub use writer::{Accepted, Writer};

/// Why something that was sent is not stored. The sender sees the text.
#[derive(Debug, thiserror::Error)]
pub enum IngestError {
    /// What was sent cannot be read; sending it again would not help.
    #[error("{0}")]
    Malformed(String),
    /// What was sent is over a cap.
    #[error("{what} is larger than the {limit} bytes that are taken; {advice}")]
    TooLarge {
        /// What.
        what: &'static str,
        /// The cap, in bytes.
        limit: usize,
        /// What to do.
        advice: &'static str,
    },
    /// The encoding is not one that is understood.
    #[error("Content-Encoding `{0}` is not understood; send gzip, deflate, br, zstd or none")]
    UnknownEncoding(String),
    /// The queue to the disk is full; nothing was stored.
    #[error("more events arrive than can be stored; try again in {retry_after_seconds} s")]
    Full {
        /// When to try again.
        retry_after_seconds: u64,
    },
    /// The database failed; nothing was stored.
    #[error("the event could not be stored; try again later")]
    Store(#[source] crate::store::StoreError),
}
