//! What measures ingest: a load generator for servers that take Sentry envelopes, and what the
//! measuring program is made of. Loopback only.

pub mod event;
pub mod http;
pub mod load;
pub mod measure;
pub mod random;
pub mod template;
