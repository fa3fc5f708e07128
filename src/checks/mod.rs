//! The sandbox and what runs in it.
