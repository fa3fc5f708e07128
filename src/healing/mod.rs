//! Prove, verify, back up, journal, apply, keep or roll back. What goes into a working tree goes through
//! [`healer::Healer`], which takes the tokens of the steps before it: a [`prove::Verified`] that only the
//! verification makes, an authority that only the policy or a person gives, and inside, a
//! [`backup::Backup`] without which nothing is written.

pub mod apply;
pub mod backup;
mod carry_over;
pub mod compare;
pub mod group;
pub mod healer;
pub mod journal;
pub mod policy;
pub mod protected;
pub mod prove;
pub mod recover;
pub mod rollback;
