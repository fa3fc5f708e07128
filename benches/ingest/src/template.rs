//! Requests that are ready but for the event's id: the long rest of each body is compressed once, so
//! that the generator hardly competes with the server for the processor.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::DeflateEncoder;

use crate::event::{self, Shape};

/// zlib's usual level, which SDKs use.
const LEVEL: u32 = 6;

/// Where requests go.
#[derive(Clone, Debug)]
pub struct Target {
    /// `127.0.0.1:PORT`
    pub address: String,
    /// The project key.
    pub key: String,
    /// The project's number.
    pub project: String,
    /// The path, with `{project}`.
    pub path: String,
}

impl Target {
    /// An envelope endpoint.
    pub fn envelopes(address: &str, key: &str, project: &str) -> Self {
        let path = "/api/{project}/envelope/".to_owned();
        Self { address: address.to_owned(), key: key.to_owned(), project: project.to_owned(), path }
    }
}

/// The events of a shape, prepared.
pub struct Templates {
    shape: Shape,
    gzip: bool,
    all: Vec<Template>,
}

struct Template {
    issue: u64,
    variant: u64,
    /// What follows the event's id, and the line end: as it is, or deflated.
    tail: Vec<u8>,
    plain_bytes: usize,
    checksum: crc32fast::Hasher,
}

/// Room that is used again for every request.
#[derive(Default)]
pub struct Scratch {
    head: Vec<u8>,
    body: Vec<u8>,
}

impl Templates {
    /// Prepares `issues × variants` events, on all processors.
    pub fn new(shape: Shape, gzip: bool) -> Self {
        let pairs: Vec<(u64, u64)> = (0..shape.issues)
            .flat_map(|issue| (0..shape.variants).map(move |variant| (issue, variant)))
            .collect();
        let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let mut all = Vec::with_capacity(pairs.len());
        std::thread::scope(|scope| {
            let part = pairs.len().div_ceil(threads).max(1);
            let parts: Vec<_> = pairs
                .chunks(part)
                .map(|part| {
                    let shape = &shape;
                    scope.spawn(move || {
                        part.iter().map(|at| Template::new(shape, *at, gzip)).collect::<Vec<_>>()
                    })
                })
                .collect();
            for part in parts {
                all.extend(part.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
            }
        });
        Self { shape, gzip, all }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.all.len()
    }

    /// Bytes of an event's envelope before compression, and of what is sent, on average.
    pub fn average_bytes(&self) -> (usize, usize) {
        let count = self.all.len().max(1);
        let plain: usize = self.all.iter().map(|t| t.plain_bytes).sum();
        let sent: usize = self.all.iter().map(|t| t.tail.len()).sum();
        (plain / count, sent / count)
    }

    /// An event's JSON, exactly as it was sent.
    pub fn event_json(&self, index: usize, id: &str) -> String {
        let template = &self.all[index];
        let tail = event::tail(&self.shape, template.issue, template.variant);
        format!("{{\"event_id\":\"{id}\"{tail}")
    }

    /// Writes a whole request into `request`.
    pub fn request(
        &self,
        index: usize,
        id: &str,
        to: &Target,
        scratch: &mut Scratch,
        request: &mut Vec<u8>,
    ) {
        self.body(&self.all[index], id, to, scratch);
        request.clear();
        let Target { address, key, project, path } = to;
        let path = path.replace("{project}", project);
        let encoding = if self.gzip { "Content-Encoding: gzip\r\n" } else { "" };
        // Writing to a Vec cannot fail, here and below.
        let _ = write!(
            request,
            "POST {path} HTTP/1.1\r\nHost: {address}\r\nUser-Agent: sentry.python/2.40.0\r\nContent-Type: application/x-sentry-envelope\r\nX-Sentry-Auth: Sentry sentry_key={key}, sentry_version=7, sentry_client=sentry.python/2.40.0\r\n{encoding}Content-Length: {}\r\n\r\n",
            scratch.body.len()
        );
        request.extend_from_slice(&scratch.body);
    }

    fn body(&self, template: &Template, id: &str, to: &Target, scratch: &mut Scratch) {
        let Scratch { head, body } = scratch;
        let start = format!("{{\"event_id\":\"{id}\"");
        // The line end after the event is not part of it.
        let event_bytes = start.len() + template.plain_bytes - 1;
        head.clear();
        let _ = write!(
            head,
            "{{\"event_id\":\"{id}\",\"sent_at\":\"2026-11-21T20:00:00Z\",\"dsn\":\"http://{}@{}/{}\",\"sdk\":{{\"name\":\"sentry.python.django\",\"version\":\"2.40.0\"}}}}\n{{\"type\":\"event\",\"content_type\":\"application/json\",\"length\":{event_bytes}}}\n{start}",
            to.key, to.address, to.project
        );
        body.clear();
        if !self.gzip {
            body.extend_from_slice(head);
            body.extend_from_slice(&template.tail);
            return;
        }
        // One gzip member: the head as a stored block, then what was deflated before.
        body.extend_from_slice(&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff, 0x00]);
        let length = head.len() as u16;
        body.extend_from_slice(&length.to_le_bytes());
        body.extend_from_slice(&(!length).to_le_bytes());
        body.extend_from_slice(head);
        body.extend_from_slice(&template.tail);
        let mut checksum = crc32fast::Hasher::new();
        checksum.update(head);
        checksum.combine(&template.checksum);
        body.extend_from_slice(&checksum.finalize().to_le_bytes());
        let plain_bytes = (head.len() + template.plain_bytes) as u32;
        body.extend_from_slice(&plain_bytes.to_le_bytes());
    }
}

impl Template {
    fn new(shape: &Shape, (issue, variant): (u64, u64), gzip: bool) -> Self {
        let mut plain = event::tail(shape, issue, variant).into_bytes();
        plain.push(b'\n');
        let mut checksum = crc32fast::Hasher::new();
        checksum.update(&plain);
        let plain_bytes = plain.len();
        let tail = if gzip { deflated(&plain) } else { plain };
        Self { issue, variant, tail, plain_bytes, checksum }
    }
}

fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::new(LEVEL));
    // Neither can fail: it writes to a Vec.
    let _ = encoder.write_all(bytes);
    encoder.finish().unwrap_or_default()
}
