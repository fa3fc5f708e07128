//! Bodies of old senders: the event as base64 of a zlib stream, or as a zlib stream that no header
//! names.

use std::borrow::Cow;

use super::{IngestError, body};

/// The event's JSON out of a body of the `store` endpoint, at most `max_bytes` of it.
pub fn unwrap<'a>(body: &'a [u8], max_bytes: usize) -> Result<Cow<'a, [u8]>, IngestError> {
    if matches!(body.trim_ascii_start(), [b'{', ..]) {
        return Ok(Cow::Borrowed(body));
    }
    let bytes = match base64(body) {
        Some(bytes) => Cow::Owned(bytes),
        None => Cow::Borrowed(body),
    };
    if body::has_zlib_header(&bytes) {
        return body::inflate(&bytes, true, max_bytes).map(Cow::Owned);
    }
    match body::decode(&bytes, None, max_bytes)? {
        // Base64 of nothing that is known: the JSON reader says what it is not.
        Cow::Borrowed(_) => Ok(bytes),
        Cow::Owned(decoded) => Ok(Cow::Owned(decoded)),
    }
}

/// Decodes base64 of either alphabet, line ends left out. `None` if it is something else.
fn base64(text: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3 + 3);
    let (mut group, mut sextets, mut padding) = (0_u32, 0, 0);
    for &byte in text {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'=' => {
                padding += 1;
                continue;
            }
            b'\r' | b'\n' | b' ' | b'\t' => continue,
            _ => return None,
        };
        if padding > 0 {
            return None;
        }
        group = group << 6 | u32::from(value);
        sextets += 1;
        if sextets == 4 {
            out.extend_from_slice(&group.to_be_bytes()[1..]);
            (group, sextets) = (0, 0);
        }
    }
    match sextets {
        0 => {}
        2 => out.push((group >> 4) as u8),
        3 => out.extend_from_slice(&((group >> 2) as u16).to_be_bytes()),
        _ => return None,
    }
    (!out.is_empty() && padding <= 2).then_some(out)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn base64_of_every_length() {
        for (text, bytes) in [
            ("QQ==", &b"A"[..]),
            ("QUI=", b"AB"),
            ("QUJD", b"ABC"),
            ("QUJ\r\nDRA", b"ABCD"),
            ("-_-_", b"\xfb\xff\xbf"),
        ] {
            assert_eq!(base64(text.as_bytes()).as_deref(), Some(bytes), "{text}");
        }
        for text in ["", "Q", "QQ==Q", "Q===", "{\"a\":1}", "QUJD\u{e9}"] {
            assert_eq!(base64(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn what_old_senders_send_is_unwrapped_under_the_cap() {
        let event = format!("{{\"message\":\"{}\"}}", "x".repeat(1000));
        let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
        zlib.write_all(event.as_bytes()).unwrap();
        let zlib = zlib.finish().unwrap();
        assert_eq!(&*unwrap(event.as_bytes(), 2000).unwrap(), event.as_bytes());
        assert_eq!(&*unwrap(&zlib, 2000).unwrap(), event.as_bytes());
        assert!(matches!(unwrap(&zlib, 500), Err(IngestError::TooLarge { .. })));
        assert!(unwrap(&zlib[..zlib.len() - 8], 2000).is_err());
        assert_eq!(&*unwrap(b"eyJhIjoxfQ==", 100).unwrap(), b"{\"a\":1}");
        assert_eq!(&*unwrap(b"not, base64!", 100).unwrap(), b"not, base64!");
    }
}
