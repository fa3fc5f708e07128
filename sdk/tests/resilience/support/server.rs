//! A server that fails as it is told to.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What the server does with a request.
#[derive(Debug, Clone)]
pub(crate) enum Reply {
    /// Answers with a status, and more headers, each ended by `\r\n`.
    Status(u16, String),
    /// Answers with something that is not HTTP.
    Garbage,
    /// Keeps the connection open and never answers.
    Silence,
    /// Closes the connection.
    HangUp,
}

impl Reply {
    pub(crate) fn status(status: u16) -> Self {
        Self::Status(status, String::new())
    }
}

/// A server on a port of its own, ended when dropped.
pub(crate) struct Server {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<String>>>,
    accepting: JoinHandle<()>,
}

impl Server {
    /// Replies to each request by the next one of `script`, and by the last one from then on.
    pub(crate) async fn start(script: Vec<Reply>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let script = Arc::new(script);
        let requests = seen.clone();
        let accepting = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, script.clone(), requests.clone()));
            }
        });
        Self { address, seen, accepting }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// The requests that were read to their end.
    pub(crate) fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn serve(mut stream: TcpStream, script: Arc<Vec<Reply>>, seen: Arc<Mutex<Vec<String>>>) {
    let Some(request) = read_request(&mut stream).await else { return };
    let reply = {
        let mut seen = seen.lock().unwrap();
        let reply = script[seen.len().min(script.len() - 1)].clone();
        seen.push(request);
        reply
    };
    let answer = match reply {
        Reply::Status(status, headers) => format!(
            "HTTP/1.1 {status} Told so\r\n{headers}content-length: 4\r\nconnection: close\r\n\r\nbody"
        ),
        Reply::Garbage => "\u{1}\u{2} this is no HTTP\r\n\r\n".to_owned(),
        Reply::Silence => {
            std::future::pending::<()>().await;
            return;
        }
        Reply::HangUp => return,
    };
    let _ = stream.write_all(answer.as_bytes()).await;
}

/// Head and body; none if the connection ends before.
async fn read_request(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let head = head.to_ascii_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            let length: usize = length.map_or(0, |length| length.parse().unwrap());
            let chunked = head.contains("transfer-encoding: chunked");
            if if chunked { body.ends_with("0\r\n\r\n") } else { body.len() >= length } {
                return Some(text);
            }
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
}
