//! Git and files: sources at a commit, the working tree, jailed paths.

pub mod jail;
pub mod lock;
pub mod replace;
