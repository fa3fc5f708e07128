//! Git and files: sources at a commit, the working tree, jailed paths.

mod blame;
mod commit;
mod error;
mod fixes;
mod history;
pub mod jail;
pub mod lock;
mod open;
mod release;
pub mod replace;
mod working;

pub use blame::BlamedPlace;
pub use commit::CommitSources;
pub use error::RepoError;
pub use fixes::{FixAsked, FixCommit};
pub use history::CommitHistory;
pub use open::Repository;
pub use working::{WorkingFile, WorkingSources};

#[cfg(test)]
mod tests;
