//! Measuring agents on folders of cases: what they find, beside what a simple rule finds.

pub mod case;
pub mod confidence;
pub mod exceptions;
pub mod fixes;
pub mod folder;
pub mod live;
pub mod panics;
pub mod patterns;
pub mod report;
pub mod rules;
pub mod trial;
