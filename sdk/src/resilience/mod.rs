//! What helps an application to go on when something fails: it tries again, heals what is corrupted,
//! uses a default, and tells how it does.
//!
//! | Part | What it does |
//! |---|---|
//! | [`retry()`], [`retry_blocking`] | tries again, with growing delays and jitter |
//! | [`safe_execute`], [`safe_execute_blocking`] | a default instead of an error, which is reported |
//! | [`resilient_call`] | calls a service: time-outs, `Retry-After`, a [`Breaker`], errors to show |
//! | `resilient_send` (feature `reqwest`) | the same for a request of reqwest |
//! | `commit_with_retry` (feature `sqlx`) | a transaction that is run again when the database is busy |
//! | [`heal()`] | session data: defaults for what is missing, repairs for what is corrupted |
//! | `SessionHealingLayer` (feature `tower-sessions`) | the same before each request |
//! | [`health_monitor`] | how many errors of which type there were, and an alert for too many |
//! | [`required`], [`required_all`], [`required_or_generated`] | settings that must be there |
//!
//! Whatever gives up is counted by the [`health_monitor`], once by each part that it passes: an error of
//! [`retry()`] inside [`safe_execute`] counts twice. What is tried again leaves breadcrumbs, so that the
//! event of a failure shows what came before it. Nothing here blocks on the network to report.
//!
//! # Trying again
//!
//! ```
//! use andon_sdk::resilience::{Retry, retry, retry_blocking_if};
//!
//! # async fn send_mail() -> Result<(), std::io::Error> { Ok(()) }
//! # async fn example() -> Result<(), std::io::Error> {
//! retry(&Retry::new().attempts(3), || send_mail()).await?;
//! # Ok(())
//! # }
//! # fn read() -> Result<String, std::io::Error> {
//! // Only what may pass is tried again.
//! let text = retry_blocking_if(
//!     &Retry::new(),
//!     |error: &std::io::Error| error.kind() == std::io::ErrorKind::Interrupted,
//!     || std::fs::read_to_string("/etc/hostname"),
//! )?;
//! # Ok(text)
//! # }
//! ```
//!
//! # A default instead of an error
//!
//! ```
//! use andon_sdk::resilience::safe_execute;
//!
//! # async fn courses_of(student: u64) -> Result<Vec<String>, std::io::Error> { Ok(vec![]) }
//! # async fn example() {
//! let courses = safe_execute(Vec::new(), true, courses_of(7)).await;
//! # }
//! ```
//!
//! # Calling a service
//!
//! ```
//! use andon_sdk::resilience::{CallPolicy, Verdict, resilient_call};
//!
//! # async fn ask() -> Result<String, std::io::Error> { Ok(String::new()) }
//! # async fn example() -> String {
//! let policy = CallPolicy::new().service("The tutor").idempotent(true);
//! let classify = |error: &std::io::Error| match error.kind() {
//!     std::io::ErrorKind::ConnectionRefused => Verdict::NotSent,
//!     _ => Verdict::Failed,
//! };
//! match resilient_call(&policy, classify, || ask()).await {
//!     Ok(answer) => answer,
//!     Err(error) => {
//!         andon_sdk::capture_error(&error);
//!         // "The tutor could not do this just now. Please try again in a few minutes."
//!         error.to_string()
//!     }
//! }
//! # }
//! ```
//!
//! With reqwest there is `resilient_send`, with the feature `reqwest`.
//!
//! # Committing
//!
//! See `commit_with_retry`, with the feature `sqlx`.
//!
//! # Healing
//!
//! ```
//! use andon_sdk::resilience::{Healing, Key, Schema, heal};
//! use serde_json::json;
//!
//! let schema = Schema::new().key(Key::integer("xp").default(0)).key(Key::text("name"));
//! let mut session = serde_json::Map::from_iter([("xp".to_owned(), json!("12"))]);
//! let repairs = heal(&schema, &mut session);
//! assert_eq!(session["xp"], 12);
//! assert_eq!(repairs[0].healing, Healing::Repaired);
//! ```
//!
//! # How the application does
//!
//! ```
//! use andon_sdk::resilience::{HealthStatus, health_monitor};
//!
//! let summary = health_monitor().summary();
//! assert_eq!(summary.status, HealthStatus::Healthy);
//! assert_eq!(
//!     serde_json::to_value(&summary).unwrap(),
//!     serde_json::json!({
//!         "status": "healthy",
//!         "total_errors": 0,
//!         "errors_by_type": {},
//!         "time_window": "Last 15 minutes",
//!     }),
//! );
//! ```
//!
//! # Settings
//!
//! ```no_run
//! use andon_sdk::resilience::{required_all, required_or_generated};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // One error names all that are missing.
//! let [database, payments] = required_all(["DATABASE_URL", "PAYMENTS_KEY"])?;
//! let secret = required_or_generated("SECRET_KEY")?;
//! # let _ = (database, payments, secret);
//! # Ok(())
//! # }
//! ```

#[cfg(feature = "sqlx")]
mod begin;
mod breaker;
mod call;
#[cfg(feature = "sqlx")]
mod commit;
mod counts;
mod execute;
mod heal;
mod health;
mod report;
mod retry;
#[cfg(feature = "tower-sessions")]
mod session_layer;
mod settings;

#[cfg(feature = "sqlx")]
pub use self::begin::Begin;
pub use self::breaker::{
    Breaker, BreakerBuilder, BreakerState, LONGEST_OPEN, OPEN_FOR, OPENS_AFTER, Permit, TRIALS,
};
pub use self::call::{
    ATTEMPT_TIMEOUT, CallError, CallPolicy, LONGEST_WAIT, TOTAL_TIMEOUT, Verdict,
    parse_retry_after, resilient_call,
};
#[cfg(feature = "reqwest")]
pub use self::call::{SendError, resilient_send};
#[cfg(feature = "sqlx")]
pub use self::commit::{CommitError, CommitPolicy, commit_with_retry, is_transient};
pub use self::execute::{safe_execute, safe_execute_blocking};
pub use self::heal::{Healing, Key, Kind, Repair, Schema, heal};
pub use self::health::{
    ALERT_ABOVE, ALERT_WINDOW, CRITICAL_FROM, Clock, DEGRADED_FROM, HealthAlert, HealthMonitor,
    HealthStatus, HealthSummary, LONGEST_WINDOW, MOST_TYPES, OTHER, WINDOW, health_monitor,
    install_health_monitor,
};
pub use self::retry::{
    ATTEMPTS, DELAY_FACTOR, FIRST_DELAY, LONGEST_DELAY, Retry, retry, retry_blocking,
    retry_blocking_if, retry_if,
};
#[cfg(feature = "tower-sessions")]
pub use self::session_layer::{SessionHealing, SessionHealingLayer};
pub use self::settings::{
    Absence, GENERATED_BYTES, MissingSettings, NoRandomness, Setting, Settings, required,
    required_all, required_or_generated,
};
