//! The agents that find causes and write fixes.

pub mod agents;
pub mod code;
pub mod compiler;
pub mod frames;
pub mod panics;
pub mod style;
