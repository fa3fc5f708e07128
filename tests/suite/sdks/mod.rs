//! Real SDKs in real applications (tests/sdks/) against the real server: what they put on the wire is
//! what the API gives back.

mod browser;
mod compare;
mod debian;
mod installed;
mod linters;
mod node;
mod own;
mod pages;
mod python;
mod rust;
mod sent;
mod tap;

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use reqwest::StatusCode;
use tokio::process::Command;

use self::compare::Stored;
use self::sent::{Sent, SentEvent};
use self::tap::Tap;
use crate::support::server::{ProjectFacts, Server};
use crate::support::{LOOK_EVERY, PATIENCE};

/// An application that has not ended by then hangs.
const HANGS: Duration = Duration::from_secs(300);

/// What the applications say of themselves.
const RELEASE: &str = "shop@0123abc";
const ENVIRONMENT: &str = "test";

/// A server with one project, and the tap before it.
struct Stand {
    server: Server,
    project: ProjectFacts,
    tap: Tap,
}

/// What was sent, and what became of it.
struct Arrived {
    sent: Sent,
    stored: Vec<Stored>,
}

impl Arrived {
    /// The one event that says this, as it was sent and as it is stored.
    fn event(&self, said: &str) -> (&SentEvent, &Stored) {
        let sent = self.sent.event(said);
        let id = sent.id();
        (sent, self.stored.iter().find(|stored| stored.event["event_id"] == id).unwrap())
    }
}

impl Stand {
    async fn start() -> Self {
        let server = Server::start();
        let project = server.create_project("shop", &[]);
        // The first event takes longest, and SDKs have little patience at the end of a process.
        let warm = server.plain(reqwest::Method::POST, "/api/events").bearer_auth(&project.key);
        let answer = warm.body("{\"message\": \"the first\"}").send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        let tap = Tap::before(&server).await;
        Self { server, project, tap }
    }

    fn dsn(&self) -> String {
        self.tap.dsn(&self.project)
    }

    /// A folder of the test's own.
    fn folder(&self, name: &str) -> PathBuf {
        let folder = self.server.folder().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        folder
    }

    /// A command that knows the DSN, and nothing of this machine's environment that an SDK could read.
    fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .envs(["PATH", "HOME"].iter().filter_map(|name| Some((name, std::env::var_os(name)?))))
            .env("LANG", "C.UTF-8")
            .env("SENTRY_DSN", self.dsn())
            .env("SENTRY_RELEASE", RELEASE)
            .env("SENTRY_ENVIRONMENT", ENVIRONMENT)
            .current_dir(self.folder("applications"))
            .kill_on_drop(true);
        command
    }

    /// Runs an application to its end, which must be this one.
    async fn run(&self, mut command: Command, exit_code: i32) {
        let output = tokio::time::timeout(HANGS, command.output())
            .await
            .unwrap_or_else(|_| panic!("{command:?} hangs"))
            .unwrap_or_else(|error| panic!("{command:?} cannot be started: {error}"));
        assert_eq!(
            output.status.code(),
            Some(exit_code),
            "{command:?} ended with {}\n{}\n{}",
            output.status,
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
    }

    /// Waits for so many events, and fails unless they and all else that was sent are there as sent.
    async fn arrived(&self, events: usize) -> Arrived {
        let begun = Instant::now();
        let sent = loop {
            let sent = Sent::of(&self.tap.requests());
            let missing = self.missing(&sent, events).await;
            if missing.is_empty() {
                break sent;
            }
            assert!(begun.elapsed() < PATIENCE, "{missing}, of {:#?}", sent.said());
            tokio::time::sleep(LOOK_EVERY).await;
        };
        assert_eq!(sent.events.len(), events, "{:#?}", sent.said());
        let mut stored = Vec::new();
        for event in &sent.events {
            stored.push(compare::fetch_and_compare(self, event).await);
        }
        Arrived { sent, stored }
    }

    /// What is not there yet; empty if all is.
    async fn missing(&self, sent: &Sent, events: usize) -> String {
        if sent.events.len() < events {
            return format!("{} of {events} events were sent", sent.events.len());
        }
        for event in &sent.events {
            let path = format!("/api/projects/{}/events/{}", self.project.id, event.id());
            let status = self.server.get(&path).await.status();
            if status != StatusCode::OK {
                return format!("event {} is answered {status}", event.id());
            }
        }
        let counted = self.counted().await;
        if counted != sent.counted {
            return format!("{:?} were sent, {counted:?} are counted", sent.counted);
        }
        String::new()
    }

    /// What the API says was counted only, by type, over all days.
    async fn counted(&self) -> BTreeMap<String, i64> {
        let path = format!("/api/projects/{}/items?limit=200", self.project.id);
        let mut counted = BTreeMap::new();
        for row in self.server.json(&path).await["items"].as_array().unwrap() {
            let kind = row["type"].as_str().unwrap().to_owned();
            *counted.entry(kind).or_default() += row["count"].as_i64().unwrap();
        }
        counted
    }
}

/// A file of `tests/sdks`.
fn application(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sdks").join(path)
}
