//! Reporting to Sentry, or to whatever speaks its protocol.

use std::time::Duration;

use sentry::protocol::User;
use sentry::{Breadcrumb, ClientInitGuard, ClientOptions, Level};

/// How long a dying process may take to get its last report out.
const LAST_REPORT_TIMEOUT: Duration = Duration::from_secs(10);

/// Starts reporting; without `SENTRY_DSN` nothing is sent. The guard sends what is left when dropped.
pub fn start(case: &str) -> ClientInitGuard {
    let options = ClientOptions::new()
        .maybe_release(std::env::var("DEMO_RELEASE").ok())
        .environment("demo")
        .attach_stacktrace(true)
        .in_app_include(vec!["orders", "desk"])
        .shutdown_timeout(LAST_REPORT_TIMEOUT);
    let guard = sentry::init(options);

    sentry::configure_scope(|scope| {
        scope.set_tag("case", case);
        scope.set_tag("till", "counter-2");
        scope.set_user(Some(User {
            id: Some("clerk-17".to_owned()),
            ..Default::default()
        }));
    });
    guard
}

/// Leaves a note of what was done, to be sent along with what breaks later.
pub fn note(category: &str, message: String) {
    sentry::add_breadcrumb(Breadcrumb {
        ty: "default".to_owned(),
        category: Some(category.to_owned()),
        message: Some(message),
        level: Level::Info,
        ..Default::default()
    });
}
