//! What keeps the server standing under more than it can take: refusing in time, while what was accepted
//! can still be kept.

pub mod disk;
pub mod inflight;
