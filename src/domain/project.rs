//! A project: an application that sends errors, and the repository that its code is in.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::fix::word_enum;
use super::healing::HealingMode;

/// An application that sends errors.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Project {
    /// Its number, as in the DSN.
    pub id: i64,
    /// Its name; unique.
    pub name: String,
    /// The project key that its DSN shows: may only send.
    pub public_key: String,
    /// Root folder of the repository on this machine.
    pub repo: Option<String>,
    /// How far the healer may go by itself.
    pub healing: HealingMode,
    /// When it was created.
    pub created_at: Timestamp,
}

/// One of the keys that a project's applications send with. It may only send.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProjectKey {
    /// Its number.
    pub id: i64,
    /// The key.
    pub public_key: String,
    /// What it is for.
    pub name: String,
    /// Since when it does not work any more.
    pub disabled_at: Option<Timestamp>,
    /// When it was created.
    pub created_at: Timestamp,
}

word_enum! {
    /// What an API token may do. `review` includes `read` and `execute`, `admin` includes all.
    Scope {
        /// Give the agents tasks for the token's project, and see what came of them: for applications.
        Execute = "execute",
        /// See everything.
        Read = "read",
        /// Approve, reject, apply and roll back suggestions.
        Review = "review",
        /// Everything, projects and tokens too.
        Admin = "admin",
    }
}

/// A person or program that was let in, and what it may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// The token's number.
    pub token_id: i64,
    /// The token's name: what the audit trail calls this actor.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// The project that it is for; nothing for all.
    pub project_id: Option<i64>,
}

impl Principal {
    /// Whether this principal has `scope`.
    pub fn may(&self, scope: Scope) -> bool {
        self.scopes.iter().any(|has| match (has, scope) {
            // Who only looks must not be able to spend money.
            (Scope::Read, Scope::Execute) => false,
            // Otherwise from the least to the most, each with all before it.
            _ => *has >= scope,
        })
    }
}
