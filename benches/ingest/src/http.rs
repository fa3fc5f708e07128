//! Just enough HTTP/1.1: one request at a time over a connection that is kept open.

use std::io::{Error, ErrorKind, Read, Result, Write};
use std::net::TcpStream;
use std::time::Duration;

/// How long an answer may take, in seconds.
const TIMEOUT_SECONDS: u64 = 60;

const CHUNK_BYTES: usize = 64 * 1024;

/// A connection to a server on this machine.
pub struct Connection {
    stream: TcpStream,
    received: Vec<u8>,
    head_bytes: usize,
}

/// What was answered; head and body stay with the connection until the next request.
#[derive(Clone, Copy, Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// Whether the server closes the connection.
    pub closes: bool,
}

impl Connection {
    /// Connects to `127.0.0.1:PORT`.
    pub fn open(address: &str) -> Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(TIMEOUT_SECONDS)))?;
        stream.set_write_timeout(Some(Duration::from_secs(TIMEOUT_SECONDS)))?;
        Ok(Self { stream, received: Vec::new(), head_bytes: 0 })
    }

    /// Sends a whole request and reads the whole answer.
    pub fn exchange(&mut self, request: &[u8]) -> Result<Answer> {
        self.stream.write_all(request)?;
        self.received.clear();
        self.head_bytes = loop {
            if let Some(at) = self.received.windows(4).position(|w| w == b"\r\n\r\n") {
                break at + 4;
            }
            self.receive()?;
        };
        let status = self.head().split(' ').nth(1).and_then(|word| word.parse().ok());
        let status = status.ok_or_else(|| Error::new(ErrorKind::InvalidData, "no HTTP"))?;
        let length = self.header("content-length").and_then(|text| text.parse::<usize>().ok());
        match length {
            Some(length) => {
                while self.received.len() < self.head_bytes + length {
                    self.receive()?;
                }
            }
            None if status == 204 || status == 304 => {}
            None => {
                // Chunked: only its end is looked for; nobody reads such a body here.
                while !self.received.ends_with(b"0\r\n\r\n") {
                    self.receive()?;
                }
            }
        }
        let closes = self.header("connection").is_some_and(|text| text == "close");
        Ok(Answer { status, closes })
    }

    /// A header of the last answer, lower-case name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head().lines().find_map(|line| {
            let (found, value) = line.split_once(':')?;
            found.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    /// The body of the last answer.
    pub fn body(&self) -> &[u8] {
        &self.received[self.head_bytes..]
    }

    fn head(&self) -> &str {
        std::str::from_utf8(&self.received[..self.head_bytes]).unwrap_or_default()
    }

    fn receive(&mut self) -> Result<()> {
        let had = self.received.len();
        self.received.resize(had + CHUNK_BYTES, 0);
        let read = self.stream.read(&mut self.received[had..]);
        self.received.truncate(had + read.as_ref().copied().unwrap_or(0));
        if read? == 0 {
            return Err(Error::new(ErrorKind::UnexpectedEof, "the connection was cut"));
        }
        Ok(())
    }
}
