//! The agents that find causes and write fixes.
