//! The agents that find causes and write fixes.

pub mod compiler;
pub mod style;
