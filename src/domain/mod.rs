//! Plain types and pure rules. Nothing here does I/O, reads a clock or knows a database; every other
//! room may use this one, and it uses none.

pub mod analysis;
pub mod backtrace;
pub mod category;
pub mod diagnostic;
pub mod event;
pub mod execution;
pub mod facts;
pub mod fingerprint;
pub mod fix;
pub mod fixed_text;
pub mod frames;
pub mod hash;
pub mod healing;
pub mod health;
pub mod issue;
pub mod job;
pub mod json;
pub mod panic;
pub mod patch;
pub mod pattern;
pub mod project;
pub mod quota;
pub mod quota_set;
pub mod rule;
pub mod scrub;
pub mod settings;
pub mod shape;
pub mod stacktext;
pub mod suggestion;
pub mod verdict;
pub mod verification;

pub use frames::rust as in_app;
