//! What several pages are made of.

pub mod amount;
pub mod cause;
pub mod chart;
pub mod choice;
pub mod chrome;
pub mod diff;
pub mod event;
pub mod excerpt;
pub mod fix;
pub mod limits;
pub mod merging;
pub mod proof;
pub mod prose;
pub mod stack;
pub mod step;
pub mod when;
pub mod words;
