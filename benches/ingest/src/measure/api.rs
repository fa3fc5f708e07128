//! What is there afterwards, as a user sees it: through the API and the pages.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::eventually;
use super::server::{Andon, Project};
use crate::http::Connection;

/// Rows of a page: the most that the API gives.
const PAGE: usize = 200;

/// How long everything may take to be visible after it was acknowledged.
const VISIBLE_WITHIN: Duration = Duration::from_secs(60);

/// Somebody who looks.
pub struct Visitor {
    connection: Connection,
    address: String,
    /// A header line that lets them in.
    credential: String,
}

#[derive(Deserialize)]
struct Issues {
    issues: Vec<Issue>,
    next: Option<String>,
}

/// An issue, as far as it is looked at.
#[derive(Deserialize)]
pub struct Issue {
    /// Its number.
    pub id: i64,
    /// Events that it counts.
    pub event_count: u64,
}

#[derive(Deserialize)]
struct Events {
    events: Vec<Shown>,
    next: Option<i64>,
}

#[derive(Deserialize)]
struct Shown {
    event: EventId,
}

#[derive(Deserialize)]
struct EventId {
    event_id: String,
}

impl Visitor {
    /// By the API, with the administrator's token.
    pub fn with_token(andon: &Andon) -> Result<Self> {
        Self::new(andon.address(), format!("Authorization: Bearer {}", andon.token))
    }

    /// By the pages, signed in.
    pub fn signed_in(andon: &Andon) -> Result<Self> {
        let mut connection = Connection::open(andon.address())?;
        let form = format!("token={}&next=", andon.token);
        let request = format!(
            "POST /gui/login HTTP/1.1\r\nHost: {}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
            andon.address(),
            form.len()
        );
        let answer = connection.exchange(request.as_bytes())?;
        let cookie = connection.header("set-cookie").and_then(|c| c.split(';').next());
        let cookie =
            cookie.with_context(|| format!("signing in was answered {}", answer.status))?;
        Self::new(andon.address(), format!("Cookie: {cookie}"))
    }

    fn new(address: &str, credential: String) -> Result<Self> {
        let connection = Connection::open(address)?;
        Ok(Self { connection, address: address.to_owned(), credential })
    }

    /// Gets a path; returns the bytes, or an error for another answer than 200.
    pub fn get(&mut self, path: &str) -> Result<&[u8]> {
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: {}\r\n{}\r\n\r\n", self.address, self.credential);
        let answer = self.connection.exchange(request.as_bytes())?;
        if answer.status != 200 {
            bail!("{path} was answered {}", answer.status);
        }
        Ok(self.connection.body())
    }

    fn json<T: DeserializeOwned>(&mut self, path: &str) -> Result<T> {
        let body = self.get(path)?;
        serde_json::from_slice(body).with_context(|| format!("{path} is not what was expected"))
    }

    /// All issues of a project.
    pub fn issues(&mut self, project: &Project) -> Result<Vec<Issue>> {
        let (mut all, mut after) = (Vec::new(), String::new());
        loop {
            let path = format!("/api/issues?project={}&limit={PAGE}{after}", project.id);
            let page: Issues = self.json(&path)?;
            all.extend(page.issues);
            match page.next {
                Some(next) => after = format!("&after={next}"),
                None => return Ok(all),
            }
        }
    }

    /// The sum of what a project's issues count, once it has reached `expected` or enough time went by.
    pub fn counted(&mut self, project: &Project, expected: u64) -> Result<u64> {
        let mut counted = 0;
        let looked = eventually("all events to be counted", VISIBLE_WITHIN, || {
            counted = self.issues(project)?.iter().map(|issue| issue.event_count).sum();
            Ok(counted >= expected)
        });
        match looked {
            Err(error) if counted == 0 && expected > 0 => Err(error),
            _ => Ok(counted),
        }
    }

    /// The ids of a project's events, read from the lists page by page, in `patience`; `None` if that
    /// was not enough.
    pub fn listed(
        &mut self,
        project: &Project,
        patience: Duration,
    ) -> Result<Option<HashSet<String>>> {
        let begun = Instant::now();
        let mut ids = HashSet::new();
        for issue in self.issues(project)? {
            let mut before = String::new();
            loop {
                if begun.elapsed() > patience {
                    return Ok(None);
                }
                let path = format!("/api/issues/{}/events?limit={PAGE}{before}", issue.id);
                let page: Events = self.json(&path)?;
                for shown in page.events {
                    let id = shown.event.event_id;
                    if ids.contains(&id) {
                        bail!("event {id} is listed twice");
                    }
                    ids.insert(id);
                }
                match page.next {
                    Some(next) => before = format!("&before={next}"),
                    None => break,
                }
            }
        }
        Ok(Some(ids))
    }
}
