//! Content encodings, content types, and the old endpoint.

use std::io::Write;

use reqwest::{Method, StatusCode};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::{envelope, id, is_stored, message, post, stored};
use crate::support::server::{Server, gzip};

pub(super) fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub(super) fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub(super) fn brotli(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    ::brotli::CompressorWriter::new(&mut out, 4096, 5, 22).write_all(bytes).unwrap();
    out
}

pub(super) fn zstd(bytes: &[u8]) -> Vec<u8> {
    ::zstd::bulk::compress(bytes, 3).unwrap()
}

#[tokio::test]
async fn every_encoding_alone_and_chained() {
    let server = Server::start();
    let project = server.create_project("shop", &[]);
    type Encode = fn(&[u8]) -> Vec<u8>;
    let cases: [(&str, Encode); 10] = [
        ("identity", |b| b.to_vec()),
        ("gzip", gzip),
        ("deflate", zlib),
        ("deflate", deflate),
        ("br", brotli),
        ("zstd", zstd),
        ("gzip, br", |b| brotli(&gzip(b))),
        ("br,zstd,gzip", |b| gzip(&zstd(&brotli(b)))),
        // A proxy undid it and left the header.
        ("gzip", |b| b.to_vec()),
        // Compressed, and not said.
        ("", zstd),
    ];
    for (number, (encoding, encode)) in (1..).zip(cases) {
        let body = encode(&envelope(&message(number)));
        let headers =
            [("content-encoding", encoding), ("content-type", "text/plain;charset=UTF-8")];
        let answer = post(&server, &project, "envelope/", &headers, body).await;
        assert_eq!(answer.status(), StatusCode::OK, "{encoding}");
        assert!(is_stored(&server, &project, &id(number)).await, "{encoding}");
    }

    // Two headers are one list, undone from the right.
    let body = brotli(&gzip(&envelope(&message(100))));
    let path = format!("/api/{}/envelope/?sentry_key={}", project.id, project.key);
    let request = server
        .plain(Method::POST, &path)
        .header("content-encoding", "gzip")
        .header("content-encoding", "br");
    assert_eq!(request.body(body).send().await.unwrap().status(), StatusCode::OK);
    assert!(is_stored(&server, &project, &id(100)).await);

    // In pieces, without a length.
    let mut request = format!(
        "POST {path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-encoding: gzip\r\ntransfer-encoding: chunked\r\n\r\n"
    )
    .into_bytes();
    for piece in gzip(&envelope(&message(101))).chunks(7) {
        request.extend_from_slice(format!("{:x}\r\n", piece.len()).as_bytes());
        request.extend_from_slice(piece);
        request.extend_from_slice(b"\r\n");
    }
    request.extend_from_slice(b"0\r\n\r\n");
    let address = server.url.trim_start_matches("http://");
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    stream.write_all(&request).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(is_stored(&server, &project, &id(101)).await);
}

#[tokio::test]
async fn the_old_endpoint_takes_an_event_in_every_old_shape() {
    let server = Server::start();
    let project = server.create_project("shop", &[]);
    let event = |number| message(number).to_string().into_bytes();
    // `{"event_id":"…0004","message":"disk is full"}` as zlib, then base64.
    let base64 = base64(&zlib(&event(4)));
    for (number, encoding, content_type, body) in [
        (1, "", "application/json", event(1)),
        (2, "gzip", "application/json", gzip(&event(2))),
        (3, "", "application/octet-stream", zlib(&event(3))),
        (4, "", "application/octet-stream", base64.into_bytes()),
    ] {
        let headers = [("content-encoding", encoding), ("content-type", content_type)];
        let answer = post(&server, &project, "store/", &headers, body).await;
        assert_eq!(answer.status(), StatusCode::OK, "{number}");
        assert_eq!(answer.json::<Value>().await.unwrap()["id"], id(number));
        let found = stored(&server, &project, &id(number)).await;
        assert_eq!(found["event"]["message"], "disk is full");
    }
    let header = format!(
        "Sentry sentry_version=5, sentry_client=raven/6, sentry_timestamp=1, sentry_key={}, sentry_secret=x",
        project.key
    );
    let path = format!("/api/{}/store", project.id);
    let send = async |auth: &str, body: Vec<u8>| {
        let request = server.plain(Method::POST, &path).header("x-sentry-auth", auth).body(body);
        request.send().await.unwrap().status().as_u16()
    };
    assert_eq!(send(&header, event(5)).await, 200);
    assert!(is_stored(&server, &project, &id(5)).await);
    assert_eq!(send("", event(6)).await, 401);
    assert_eq!(send("Sentry sentry_key=0123", event(6)).await, 403);
    for bad in [&b""[..], b"{", b"[]", b"not json", b"QUJD", &zlib(b"{\"a\":1}")[..9]] {
        assert_eq!(send(&header, bad.to_vec()).await, 400, "{bad:?}");
    }
    assert!(!is_stored(&server, &project, &id(6)).await);
}

fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let mut four = [0; 4];
        four[1..=group.len()].copy_from_slice(group);
        let bits = u32::from_be_bytes(four);
        for (place, shift) in [18, 12, 6, 0].into_iter().enumerate() {
            let letter = ALPHABET[(bits >> shift) as usize & 63];
            text.push(if place <= group.len() { letter.into() } else { '=' });
        }
    }
    text
}
