//! Configuration: `andon.toml`, overridden by `ANDON_…` variables, overridden by flags. Read once, at
//! start; nothing else reads the environment.

mod agents;
mod database;
mod load;
mod models;
mod secret;
#[cfg(test)]
mod tests;

use std::net::SocketAddr;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::domain::quota_set::QuotaSet;
use crate::domain::scrub::{ScrubRules, Scrubber};
use crate::domain::settings::Retention;
use crate::store::Database;
use crate::store::compression::MAX_KEPT_BYTES;
use crate::store::events::Spikes;

pub use agents::{AgentsConfig, ApiConfig};
pub use database::DatabaseUrl;
pub use models::{JsonMode, ModelsConfig, OPENAI, OutputCap, RouteConfig, RouteKind};
pub use secret::Secret;

pub use load::{ConfigError, Loaded, load};

/// Events that may wait for the disk, at most: each may hold megabytes.
const MAX_QUEUE_EVENTS: u64 = 1_000_000;

/// The longest time-out, in seconds: a day.
const MAX_SECONDS: u64 = 24 * 60 * 60;

/// Bytes of bodies under way, at most: a tebibyte.
const MAX_INFLIGHT_BYTES: u64 = 1 << 40;

/// Connections at once, at most.
const MAX_CONNECTIONS: u64 = 1_000_000;

/// Jobs at once, at most.
const MAX_CONCURRENCY: u64 = 256;

/// The longest sign-in, in hours: a year.
const MAX_SESSION_HOURS: u64 = 366 * 24;

/// Everything that can be set. Each table and key is optional in the file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Address and port that the server listens on.
    pub listen: SocketAddr,
    /// Folder of the database, backups and private copies.
    pub data: PathBuf,
    /// `postgres://user:password@host:port/name`; empty for the file `andon.db` in the data folder.
    pub database_url: DatabaseUrl,
    /// The address by which browsers and applications reach the server, if it is not the one that it
    /// listens on; empty for the latter. Decides DSNs, and with `https` that cookies are `Secure`.
    pub public_url: String,
    /// What may be logged: a `tracing` filter.
    pub log: String,
    /// Receiving events.
    pub ingest: IngestConfig,
    /// How much projects may send.
    pub quotas: QuotaSet,
    /// What is removed from events before they are stored.
    pub scrub: ScrubRules,
    /// What is kept of an issue that floods.
    pub spikes: SpikesConfig,
    /// What of the stored events is kept, and for how long.
    pub retention: Retention,
    /// Running compilers in the sandbox.
    pub checks: ChecksConfig,
    /// Background work.
    pub worker: WorkerConfig,
    /// The web GUI.
    pub gui: GuiConfig,
    /// Analysis agents.
    pub agents: AgentsConfig,
    /// The API.
    pub api: ApiConfig,
    /// Models, their prices and caps.
    pub models: ModelsConfig,
    /// Why the usual variables of OpenAI's clients make no route, if some are set and they do not.
    #[serde(skip)]
    pub models_note: Option<String>,
}

/// Receiving events.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct IngestConfig {
    /// The largest body as sent, in bytes.
    pub max_body_bytes: usize,
    /// The largest body after decompression, in bytes.
    pub max_decoded_bytes: usize,
    /// The largest single event, in bytes.
    pub max_event_bytes: usize,
    /// The largest attachment that is kept with its event, in bytes; 0 keeps none.
    pub max_attachment_bytes: usize,
    /// The most that is kept of one event's attachments together, in bytes.
    pub max_attachments_bytes_per_event: usize,
    /// Events that may wait for the disk; further ones are answered 429.
    pub queue_events: usize,
    /// How long a sender may take for its body, in seconds.
    pub body_timeout_seconds: u64,
    /// What the bodies that are under way may hold together, in bytes; further ones are answered 429.
    pub max_inflight_bytes: usize,
    /// Connections at once, of the GUI and the API too; further ones wait until one ends.
    pub max_connections: usize,
    /// What must be free on the disk of the data folder, in bytes: with less, events are answered 429
    /// while what was accepted can still be stored; 0 does not look.
    pub min_free_disk_bytes: u64,
}

/// What is kept of an issue that floods; off unless `keep_per_issue_hour` is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SpikesConfig {
    /// Events of an issue that are kept whole in each hour; the others are counted. 0 keeps all.
    pub keep_per_issue_hour: u64,
    /// Beyond that, one in so many is kept whole all the same.
    pub then_one_in: u64,
}

impl From<SpikesConfig> for Spikes {
    fn from(config: SpikesConfig) -> Self {
        Self { keep_per_issue_hour: config.keep_per_issue_hour, then_one_in: config.then_one_in }
    }
}

/// Running compilers in the sandbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ChecksConfig {
    /// How long one check may take, in seconds.
    pub timeout_seconds: u64,
}

/// Background work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WorkerConfig {
    /// Jobs at once.
    pub concurrency: usize,
    /// How often the queue is looked at for work of other processes, in milliseconds.
    pub poll_milliseconds: u64,
}

/// The web GUI.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GuiConfig {
    /// How long a sign-in lasts, in hours.
    pub session_hours: u32,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 5001)),
            data: PathBuf::from("andon-data"),
            database_url: DatabaseUrl::default(),
            public_url: String::new(),
            log: "andon=info,async_openai=off,warn".to_owned(),
            ingest: IngestConfig::default(),
            quotas: QuotaSet::default(),
            scrub: ScrubRules::default(),
            spikes: SpikesConfig::default(),
            retention: Retention::default(),
            checks: ChecksConfig::default(),
            worker: WorkerConfig::default(),
            gui: GuiConfig::default(),
            agents: AgentsConfig::default(),
            api: ApiConfig::default(),
            models: ModelsConfig::default(),
            models_note: None,
        }
    }
}

impl Default for IngestConfig {
    fn default() -> Self {
        Self {
            max_body_bytes: 20 * 1024 * 1024,
            max_decoded_bytes: 40 * 1024 * 1024,
            max_event_bytes: 2 * 1024 * 1024,
            max_attachment_bytes: 1024 * 1024,
            max_attachments_bytes_per_event: 10 * 1024 * 1024,
            queue_events: 1024,
            body_timeout_seconds: 30,
            max_inflight_bytes: 48 * 1024 * 1024,
            max_connections: 2048,
            min_free_disk_bytes: 256 * 1024 * 1024,
        }
    }
}

impl Default for SpikesConfig {
    fn default() -> Self {
        Self { keep_per_issue_hour: 0, then_one_in: 100 }
    }
}

impl Default for ChecksConfig {
    fn default() -> Self {
        Self { timeout_seconds: 300 }
    }
}

impl Default for WorkerConfig {
    fn default() -> Self {
        Self { concurrency: 2, poll_milliseconds: 500 }
    }
}

impl Default for GuiConfig {
    fn default() -> Self {
        Self { session_hours: 12 }
    }
}

impl Config {
    /// What no type can say: limits that make sense together. The text names the key.
    fn check(&self) -> Result<(), String> {
        let positive = [
            ("ingest.max_body_bytes", self.ingest.max_body_bytes),
            ("ingest.max_decoded_bytes", self.ingest.max_decoded_bytes),
            ("ingest.max_event_bytes", self.ingest.max_event_bytes),
            ("ingest.queue_events", self.ingest.queue_events),
            ("worker.concurrency", self.worker.concurrency),
        ];
        if let Some((key, _)) = positive.iter().find(|(_, value)| *value == 0) {
            return Err(format!("{key} must be at least 1"));
        }
        let bounded = [
            ("ingest.queue_events", self.ingest.queue_events as u64, MAX_QUEUE_EVENTS),
            ("ingest.body_timeout_seconds", self.ingest.body_timeout_seconds, MAX_SECONDS),
            (
                "ingest.max_inflight_bytes",
                self.ingest.max_inflight_bytes as u64,
                MAX_INFLIGHT_BYTES,
            ),
            ("ingest.max_connections", self.ingest.max_connections as u64, MAX_CONNECTIONS),
            ("checks.timeout_seconds", self.checks.timeout_seconds, MAX_SECONDS),
            ("worker.concurrency", self.worker.concurrency as u64, MAX_CONCURRENCY),
            ("gui.session_hours", self.gui.session_hours.into(), MAX_SESSION_HOURS),
        ];
        if let Some((key, value, most)) =
            bounded.iter().find(|(_, value, most)| !(1..=*most).contains(value))
        {
            return Err(format!("{key} is {value}; it must be from 1 to {most}"));
        }
        // What is larger could not be read back.
        let kept = [
            ("ingest.max_event_bytes", self.ingest.max_event_bytes),
            ("ingest.max_attachment_bytes", self.ingest.max_attachment_bytes),
        ];
        if let Some((key, value)) = kept.iter().find(|(_, value)| *value > MAX_KEPT_BYTES) {
            return Err(format!("{key} is {value}; it must be at most {MAX_KEPT_BYTES}"));
        }
        if self.spikes.then_one_in == 0 {
            return Err("spikes.then_one_in must be at least 1".to_owned());
        }
        self.database_url.check().map_err(|why| format!("database_url {why}"))?;
        if self.ingest.max_inflight_bytes < self.ingest.max_body_bytes {
            return Err(format!(
                "ingest.max_inflight_bytes is {}; it must be at least ingest.max_body_bytes, which is {}, or a body of that size could never arrive",
                self.ingest.max_inflight_bytes, self.ingest.max_body_bytes
            ));
        }
        self.quotas.check()?;
        self.models.check()?;
        self.agents.check()?;
        self.api.check(self.listen)?;
        Scrubber::new(&self.scrub).map_err(|e| e.to_string())?;
        if !self.public_url.is_empty() {
            let url = url::Url::parse(&self.public_url)
                .map_err(|e| format!("public_url is not a URL: {e}"))?;
            if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
                return Err("public_url must start with http:// or https:// and a host".to_owned());
            }
        }
        Ok(())
    }

    /// Where the data is.
    pub fn database(&self) -> Database {
        self.database_url.database()
    }

    /// The address that people and applications use, without a slash at the end.
    pub fn base_url(&self) -> String {
        if self.public_url.is_empty() {
            let mut reached = self.listen;
            // "Every address" is none that anybody could send to.
            if reached.ip().is_unspecified() {
                reached.set_ip(std::net::Ipv4Addr::LOCALHOST.into());
            }
            format!("http://{reached}")
        } else {
            self.public_url.trim_end_matches('/').to_owned()
        }
    }
}
