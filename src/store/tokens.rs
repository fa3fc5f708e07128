//! API tokens. Only their hashes are stored.

use jiff::Timestamp;
use sqlx::FromRow;

use crate::domain::hash::ContentHash;
use crate::domain::project::{Principal, Scope};

use super::audit::{AuditEntry, append};
use super::sql::Tx;
use super::{Store, StoreError, sql, word};

const INSERT: &str = "INSERT INTO api_tokens (name, hash, scopes, created_at, project_id)
    VALUES ($1, $2, $3, $4, $5) RETURNING id";
const BY_HASH: &str = "SELECT id, name, scopes, project_id FROM api_tokens
    WHERE hash = $1 AND revoked_at IS NULL";
const BY_ID: &str = "SELECT id, name, scopes, project_id FROM api_tokens
    WHERE id = $1 AND revoked_at IS NULL";
const ALL: &str = "SELECT id, name, scopes, project_id FROM api_tokens
    WHERE revoked_at IS NULL ORDER BY id";
const COUNT: &str = "SELECT COUNT(*) FROM api_tokens";
const REVOKE: &str = "UPDATE api_tokens SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL";

#[derive(FromRow)]
struct Row {
    id: i64,
    name: String,
    scopes: String,
    project_id: Option<i64>,
}

impl Row {
    fn read(self) -> Result<Principal, StoreError> {
        let scopes = self
            .scopes
            .split(' ')
            .filter(|s| !s.is_empty())
            .map(|s| word::<Scope>("api_tokens.scopes", s))
            .collect::<Result<_, _>>()?;
        let project_id = self.project_id;
        Ok(Principal { token_id: self.id, name: self.name, scopes, project_id })
    }
}

impl Store {
    /// Stores a token by its hash, for one project or (`None`) all, with its entry in the audit trail, and
    /// returns its number.
    pub async fn create_token(
        &self,
        name: &str,
        hash: &ContentHash,
        scopes: &[Scope],
        project_id: Option<i64>,
        actor: &str,
        now: Timestamp,
    ) -> Result<i64, StoreError> {
        let mut tx = self.begin_write().await?;
        let id = insert(&mut tx, name, hash, scopes, project_id, actor, now).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Stores the first administrator's token, unless there are tokens already (by whichever of
    /// several processes came first). Says whether it was stored.
    pub async fn create_first_token(
        &self,
        name: &str,
        hash: &ContentHash,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin_write().await?;
        let count: i64 = sql::query_scalar(COUNT).fetch_one(&mut tx).await?;
        if count > 0 {
            return Ok(false);
        }
        insert(&mut tx, name, hash, &[Scope::Admin], None, "andon", now).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Who the token with this hash is. The look-up is by the hash of a 256-bit secret, so its
    /// timing tells nothing about the secret.
    pub async fn principal_by_token_hash(
        &self,
        hash: &ContentHash,
    ) -> Result<Option<Principal>, StoreError> {
        let row =
            sql::query_as::<Row>(BY_HASH).bind(hash.as_str()).fetch_optional(self.pool()).await?;
        row.map(Row::read).transpose()
    }

    /// Every token that was not revoked, oldest first.
    pub async fn tokens(&self) -> Result<Vec<Principal>, StoreError> {
        let rows = sql::query_as::<Row>(ALL).fetch_all(self.pool()).await?;
        rows.into_iter().map(Row::read).collect()
    }

    /// Who the token with this number is.
    pub async fn principal(&self, token_id: i64) -> Result<Option<Principal>, StoreError> {
        let row = sql::query_as::<Row>(BY_ID).bind(token_id).fetch_optional(self.pool()).await?;
        row.map(Row::read).transpose()
    }

    /// Revokes a token, with its entry in the audit trail; says whether there was one to revoke.
    pub async fn revoke_token(
        &self,
        token_id: i64,
        actor: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin_write().await?;
        let done =
            sql::query(REVOKE).bind(token_id).bind(now.as_microsecond()).execute(&mut tx).await?;
        if done == 0 {
            return Ok(false);
        }
        let subject = format!("token:{token_id}");
        let detail = serde_json::json!({});
        let action = "token.revoked";
        append(&mut tx, AuditEntry { actor, action, subject: &subject, detail: &detail }, now)
            .await?;
        tx.commit().await?;
        Ok(true)
    }
}

async fn insert(
    tx: &mut Tx,
    name: &str,
    hash: &ContentHash,
    scopes: &[Scope],
    project_id: Option<i64>,
    actor: &str,
    now: Timestamp,
) -> Result<i64, StoreError> {
    let words = scopes.iter().map(|s| s.as_str()).collect::<Vec<_>>().join(" ");
    let id: i64 = sql::query_scalar(INSERT)
        .bind(name)
        .bind(hash.as_str())
        .bind(words)
        .bind(now.as_microsecond())
        .bind(project_id)
        .fetch_one(&mut *tx)
        .await?;
    let subject = format!("token:{id}");
    let detail = serde_json::json!({ "name": name, "scopes": scopes, "project_id": project_id });
    let action = "token.created";
    append(tx, AuditEntry { actor, action, subject: &subject, detail: &detail }, now).await?;
    Ok(id)
}
