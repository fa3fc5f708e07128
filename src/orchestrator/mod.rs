//! Agents, their files, and the record of what they did.
