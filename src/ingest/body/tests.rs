use std::io::Write;

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

use super::*;

/// One way to encode, by the name that goes into the header.
type Encoder = (&'static str, fn(&[u8]) -> Vec<u8>);

const ENCODERS: [Encoder; 5] = [
    ("gzip", gzip),
    ("deflate", zlib),
    ("deflate", raw_deflate),
    ("br", brotli),
    ("zstd", |bytes| zstd::bulk::compress(bytes, 19).unwrap()),
];

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn raw_deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn brotli(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    ::brotli::CompressorWriter::new(&mut out, 4096, 5, 22).write_all(bytes).unwrap();
    out
}

/// Bytes that do not compress away.
fn text(bytes: usize) -> Vec<u8> {
    (0..bytes as u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect()
}

#[test]
fn what_was_encoded_comes_back_from_every_encoding_and_every_two() {
    let plain = text(300_000);
    assert_eq!(&*decode(b"hello", None, 100).unwrap(), b"hello");
    assert_eq!(&*decode(&gzip(b"hello"), Some(""), 100).unwrap(), b"hello", "not said, but clear");
    for (inner, encode) in ENCODERS {
        let once = encode(&plain);
        assert_eq!(&*decode(&once, Some(inner), 300_000).unwrap(), plain, "{inner}");
        assert_eq!(&*decode(&encode(b""), Some(inner), 10).unwrap(), b"", "{inner} of nothing");
        for (outer, encode) in ENCODERS {
            let names = format!(" {inner} ,identity, {}", outer.to_uppercase());
            let twice = encode(&once);
            assert_eq!(&*decode(&twice, Some(&names), 400_000).unwrap(), plain, "{names}");
        }
    }
    let thrice = brotli(&gzip(&zlib(&plain)));
    assert_eq!(&*decode(&thrice, Some("deflate,gzip,br"), 400_000).unwrap(), plain);
    assert!(decode(&gzip(&thrice), Some("deflate,gzip,br,gzip"), 400_000).is_err());
}

#[test]
fn a_bomb_is_refused_at_the_cap_in_every_encoding_and_chained() {
    let zeros = vec![0; 50_000_000];
    for (name, encode) in ENCODERS {
        let bomb = encode(&zeros);
        assert!(bomb.len() < 100_000);
        for (names, body) in
            [(name.to_owned(), bomb.clone()), (format!("{name}, gzip"), gzip(&bomb))]
        {
            let refused = decode(&body, Some(&names), 1_000_000);
            assert!(matches!(refused, Err(IngestError::TooLarge { .. })), "{names}: {refused:?}");
        }
    }
    // The cap holds for what lies between, too.
    let noise = gzip(&gzip(&text(50_000)));
    let refused = decode(&noise, Some("gzip, gzip"), 10_000);
    assert!(matches!(refused, Err(IngestError::TooLarge { .. })));
}

#[test]
fn exactly_the_cap_is_taken_and_one_byte_more_is_not() {
    let plain = text(100_000);
    for (name, encode) in ENCODERS {
        let body = encode(&plain);
        assert!(decode(&body, Some(name), 100_000).is_ok(), "{name}");
        let refused = decode(&body, Some(name), 99_999);
        assert!(matches!(refused, Err(IngestError::TooLarge { .. })), "{name}");
    }
}

#[test]
fn half_a_body_and_a_body_of_another_encoding_are_refused() {
    let plain = text(5000);
    for (name, encode) in ENCODERS {
        let whole = encode(&plain);
        for cut in [1, whole.len() / 2, whole.len() - 1] {
            let refused = decode(&whole[..cut], Some(name), 10_000);
            assert!(matches!(refused, Err(IngestError::Malformed(_))), "{name} cut at {cut}");
        }
        assert!(matches!(decode(b"", Some(name), 100), Err(IngestError::Malformed(_))), "{name}");
        assert!(decode(b"\xffplain\xff", Some(name), 100).is_err(), "{name}");
    }
    assert!(matches!(decode(b"x", Some("compress"), 100), Err(IngestError::UnknownEncoding(_))));
    let advice = decode(b"plain", Some("gzip"), 100).unwrap_err().to_string();
    assert!(advice.contains("leave the header out"), "{advice}");
}

#[test]
fn a_plain_body_under_a_left_over_header_is_taken_where_that_is_beyond_doubt() {
    for name in ["gzip", "zstd"] {
        assert_eq!(&*decode(b" {\"a\":1}", Some(name), 100).unwrap(), b" {\"a\":1}", "{name}");
    }
    // These two have no mark at their beginning: such a body is not guessed at.
    for name in ["br", "deflate"] {
        assert!(decode(b"{\"a\":1}", Some(name), 100).is_err(), "{name}");
    }
}

#[test]
fn a_window_of_a_gigabyte_is_refused() {
    // A zstd frame header that asks for a window of 2^31 bytes, without a content size.
    let frame = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xa8, 0x01, 0x00, 0x00];
    assert!(matches!(decode(&frame, Some("zstd"), 1_000_000), Err(IngestError::Malformed(_))));
    // Brotli's large window, which is not HTTP's brotli.
    assert!(decode(&[0x11, 0x1e, 0x03], Some("br"), 1_000_000).is_err());
}
