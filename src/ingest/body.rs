//! The request's body: decoded, never to more than the cap.

use std::borrow::Cow;
use std::io::Read;

use flate2::read::MultiGzDecoder;

use super::IngestError;

/// Undoes the content encoding (`identity` or `gzip`), stopping as soon as `max_bytes` are exceeded:
/// a bomb costs no more than the cap.
pub fn decode<'a>(
    body: &'a [u8],
    encoding: Option<&str>,
    max_bytes: usize,
) -> Result<Cow<'a, [u8]>, IngestError> {
    let encoding = encoding.map(str::trim).unwrap_or_default();
    if encoding.is_empty() || encoding.eq_ignore_ascii_case("identity") {
        // Some senders compress and forget to say so.
        return match body {
            [0x1f, 0x8b, ..] => gunzip(body, max_bytes),
            _ => within(Cow::Borrowed(body), max_bytes),
        };
    }
    if encoding.eq_ignore_ascii_case("gzip") || encoding.eq_ignore_ascii_case("x-gzip") {
        return gunzip(body, max_bytes);
    }
    Err(IngestError::UnknownEncoding(encoding.chars().take(40).collect()))
}

fn gunzip(body: &[u8], max_bytes: usize) -> Result<Cow<'static, [u8]>, IngestError> {
    let mut decoded = Vec::with_capacity((body.len() * 4).min(max_bytes));
    MultiGzDecoder::new(body)
        .take(max_bytes as u64 + 1)
        .read_to_end(&mut decoded)
        .map_err(|e| IngestError::Malformed(format!("the body is not valid gzip: {e}")))?;
    within(Cow::Owned(decoded), max_bytes)
}

fn within(body: Cow<'_, [u8]>, max_bytes: usize) -> Result<Cow<'_, [u8]>, IngestError> {
    if body.len() > max_bytes {
        return Err(IngestError::TooLarge {
            what: "the decoded body",
            limit: max_bytes,
            advice: "send less, or raise ingest.max_decoded_bytes",
        });
    }
    Ok(body)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::{Compression, write::GzEncoder};

    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn what_was_compressed_comes_back() {
        assert_eq!(&*decode(&gzip(b"hello"), Some("gzip"), 100).unwrap(), b"hello");
        assert_eq!(&*decode(b"hello", None, 100).unwrap(), b"hello");
        assert_eq!(&*decode(&gzip(b"hello"), Some(""), 100).unwrap(), b"hello");
    }

    #[test]
    fn a_bomb_is_refused_at_the_cap() {
        let bomb = gzip(&vec![0; 50_000_000]);
        assert!(bomb.len() < 100_000);
        assert!(matches!(
            decode(&bomb, Some("gzip"), 1_000_000),
            Err(IngestError::TooLarge { .. })
        ));
    }

    #[test]
    fn half_a_body_and_a_wrong_encoding_are_refused() {
        let whole = gzip(b"hello hello hello");
        assert!(decode(&whole[..whole.len() - 4], Some("gzip"), 100).is_err());
        assert!(decode(b"plain", Some("gzip"), 100).is_err());
        assert!(matches!(decode(b"x", Some("br"), 100), Err(IngestError::UnknownEncoding(_))));
    }
}
