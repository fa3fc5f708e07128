//! Sign-ins of the GUI. A session is stored by the hash of its cookie.

use jiff::Timestamp;
use sqlx::FromRow;

use crate::domain::hash::ContentHash;

use super::{Store, StoreError, sql};

const INSERT: &str = "INSERT INTO sessions (hash, token_id, csrf, created_at, expires_at)
    VALUES ($1, $2, $3, $4, $5)";
const BY_HASH: &str = "SELECT token_id, csrf FROM sessions WHERE hash = $1 AND expires_at > $2";
const DELETE: &str = "DELETE FROM sessions WHERE hash = $1";
const DELETE_EXPIRED: &str = "DELETE FROM sessions WHERE expires_at <= $1";

/// A sign-in.
#[derive(Clone, Debug, FromRow)]
pub struct Session {
    /// The token that signed in.
    pub token_id: i64,
    /// What forms of this session must carry.
    pub csrf: String,
}

impl Store {
    /// Stores a sign-in and forgets those that have run out.
    pub async fn create_session(
        &self,
        hash: &ContentHash,
        session: &Session,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        sql::query(DELETE_EXPIRED).bind(now.as_microsecond()).execute(self.pool()).await?;
        sql::query(INSERT)
            .bind(hash.as_str())
            .bind(session.token_id)
            .bind(&session.csrf)
            .bind(now.as_microsecond())
            .bind(expires_at.as_microsecond())
            .execute(self.pool())
            .await?;
        Ok(())
    }

    /// The sign-in with this hash, unless it has run out.
    pub async fn session(
        &self,
        hash: &ContentHash,
        now: Timestamp,
    ) -> Result<Option<Session>, StoreError> {
        Ok(sql::query_as(BY_HASH)
            .bind(hash.as_str())
            .bind(now.as_microsecond())
            .fetch_optional(self.pool())
            .await?)
    }

    /// Ends a sign-in.
    pub async fn delete_session(&self, hash: &ContentHash) -> Result<(), StoreError> {
        sql::query(DELETE).bind(hash.as_str()).execute(self.pool()).await?;
        Ok(())
    }
}
