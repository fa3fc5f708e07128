//! What an administrator set for agents beyond their files.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::audit::{AuditEntry, append};
use super::{Store, StoreError, from_json, sql, to_json};

const ALL: &str = "SELECT agent, settings FROM agent_settings ORDER BY agent";
const SET: &str = "INSERT INTO agent_settings (agent, settings, updated_at) VALUES ($1, $2, $3)
    ON CONFLICT (agent) DO UPDATE SET settings = excluded.settings, updated_at = excluded.updated_at";
const CLEAR: &str = "DELETE FROM agent_settings WHERE agent = $1";

/// What is set for one agent. What is missing is as its file says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AgentSettings {
    /// Whether it runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// Wall-clock seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seconds: Option<u64>,
    /// Questions put to a model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub steps: Option<u32>,
    /// Tokens, sent and received.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tokens: Option<u64>,
    /// Millionths of a dollar.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost_micros: Option<u64>,
    /// A whole agent's file, of an agent that was added through the API.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
}

impl Store {
    /// What is set, by agent.
    pub async fn agent_settings(&self) -> Result<BTreeMap<String, AgentSettings>, StoreError> {
        let rows = sql::query_as::<(String, String)>(ALL).fetch_all(self.pool()).await?;
        rows.into_iter()
            .map(|(agent, text)| Ok((agent, from_json("agent_settings.settings", &text)?)))
            .collect()
    }

    /// Sets it, with its entry in the audit trail; `None` makes the agent what its file says.
    pub async fn set_agent_settings(
        &self,
        agent: &str,
        settings: Option<&AgentSettings>,
        actor: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin_write().await?;
        match settings {
            Some(settings) => {
                let text = to_json("agent settings", settings)?;
                sql::query(SET)
                    .bind(agent)
                    .bind(text)
                    .bind(now.as_microsecond())
                    .execute(&mut tx)
                    .await?;
            }
            None => {
                sql::query(CLEAR).bind(agent).execute(&mut tx).await?;
            }
        }
        let subject = format!("agent:{agent}");
        let detail = serde_json::json!({ "settings": settings });
        let entry =
            AuditEntry { actor, action: "agent.configured", subject: &subject, detail: &detail };
        append(&mut tx, entry, now).await?;
        tx.commit().await?;
        Ok(())
    }
}
