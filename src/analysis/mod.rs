//! The agents that find causes and write fixes.

pub mod agents;
pub mod answers;
pub mod code;
pub mod compiler;
pub mod exceptions;
pub mod frames;
pub mod measured;
pub mod panics;
pub mod style;
