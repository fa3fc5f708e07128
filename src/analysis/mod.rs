//! The agents that find causes and write fixes.

pub mod agents;
pub mod answers;
mod board;
pub mod code;
pub mod compiler;
mod evidence;
pub mod exceptions;
pub mod frames;
pub mod measured;
pub mod panics;
pub mod style;
