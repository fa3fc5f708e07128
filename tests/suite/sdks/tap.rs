//! A listener before the server: every byte passes, in both directions, and what clients send is kept,
//! so that it is known from the wire and not from the SDK's own account of it.

use std::io::Read;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::support::server::{ProjectFacts, Server};

/// What each connection has sent so far.
type Connections = Arc<Mutex<Vec<Vec<u8>>>>;

/// The listener. It lives as long as the test's runtime.
pub(super) struct Tap {
    address: SocketAddr,
    connections: Connections,
}

/// A request as it came.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) method: String,
    /// With its query.
    pub(super) path: String,
    headers: Vec<(String, String)>,
    /// Without its content encoding.
    pub(super) body: Vec<u8>,
}

impl Tap {
    pub(super) async fn before(server: &Server) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let target = server.url.trim_start_matches("http://").to_owned();
        let connections = Connections::default();
        let kept = Arc::clone(&connections);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(pass(client, target.clone(), Arc::clone(&kept)));
            }
        });
        Self { address, connections }
    }

    /// `http://127.0.0.1:PORT`
    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The project's DSN by way of the tap.
    pub(super) fn dsn(&self, project: &ProjectFacts) -> String {
        format!("http://{}@{}/{}", project.key, self.address, project.id)
    }

    /// The whole requests that came so far.
    pub(super) fn requests(&self) -> Vec<Request> {
        let connections = self.connections.lock().unwrap();
        connections.iter().flat_map(|bytes| requests(bytes)).collect()
    }
}

async fn pass(mut client: TcpStream, target: String, kept: Connections) {
    let Ok(mut server) = TcpStream::connect(target).await else { return };
    let (mut from_client, mut to_client) = client.split();
    let (mut from_server, mut to_server) = server.split();
    let place = {
        let mut kept = kept.lock().unwrap();
        kept.push(Vec::new());
        kept.len() - 1
    };
    let up = async {
        let mut buffer = vec![0; 64 * 1024];
        while let Ok(read @ 1..) = from_client.read(&mut buffer).await {
            // Kept before it goes on: what the server has, is here.
            kept.lock().unwrap()[place].extend_from_slice(&buffer[..read]);
            if to_server.write_all(&buffer[..read]).await.is_err() {
                break;
            }
        }
        // Either side may have gone already.
        let _ = to_server.shutdown().await;
    };
    let down = async {
        let _ = tokio::io::copy(&mut from_server, &mut to_client).await;
        let _ = to_client.shutdown().await;
    };
    tokio::join!(up, down);
}

/// The requests of one connection, one after the other; a last half one is not yet one.
fn requests(mut bytes: &[u8]) -> Vec<Request> {
    let mut found = Vec::new();
    while let Some((request, rest)) = request(bytes) {
        found.push(request);
        bytes = rest;
    }
    found
}

fn request(bytes: &[u8]) -> Option<(Request, &[u8])> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&bytes[..end]).expect("a request's head is text");
    let rest = &bytes[end + 4..];
    let mut lines = head.split("\r\n");
    let mut first = lines.next()?.split(' ');
    let (method, path) = (first.next()?.to_owned(), first.next()?.to_owned());
    let headers = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let mut request = Request { method, path, headers, body: Vec::new() };
    let rest = if request.header("transfer-encoding") == Some("chunked") {
        let (body, rest) = chunks(rest)?;
        request.body = body;
        rest
    } else {
        let length = request.header("content-length").map_or(0, |length| length.parse().unwrap());
        let (body, rest) = rest.split_at_checked(length)?;
        request.body = body.to_vec();
        rest
    };
    request.body = decoded(request.header("content-encoding"), &request.body);
    Some((request, rest))
}

fn chunks(mut bytes: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let mut body = Vec::new();
    loop {
        let end = bytes.windows(2).position(|two| two == b"\r\n")?;
        let size = std::str::from_utf8(&bytes[..end]).expect("a chunk's size is text");
        let size = usize::from_str_radix(size.split(';').next()?.trim(), 16).unwrap();
        let (chunk, rest) = bytes[end + 2..].split_at_checked(size)?;
        body.extend_from_slice(chunk);
        // No SDK sends trailers.
        bytes = rest.strip_prefix(b"\r\n")?;
        if size == 0 {
            return Some((body, bytes));
        }
    }
}

fn decoded(encoding: Option<&str>, body: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    match encoding {
        None | Some("" | "identity") => plain = body.to_vec(),
        Some("gzip") => {
            flate2::read::MultiGzDecoder::new(body).read_to_end(&mut plain).unwrap();
        }
        Some("deflate") => {
            flate2::read::ZlibDecoder::new(body).read_to_end(&mut plain).unwrap();
        }
        Some(other) => panic!("no SDK here is known to send `{other}`"),
    }
    plain
}

impl Request {
    /// A header's value, by its name in lower case.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }
}
