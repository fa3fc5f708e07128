//! What several pages are made of.

pub mod chrome;
pub mod diff;
pub mod excerpt;
pub mod fix;
pub mod proof;
pub mod prose;
pub mod stack;
pub mod when;
pub mod words;
