//! The request's body: decoded, never to more than the cap, whatever encodings it was sent in.

mod gzip;

use std::borrow::Cow;
use std::io::Read;

use brotli_decompressor::{BrotliDecoderParameter, Decompressor};
use flate2::bufread::MultiGzDecoder;
use flate2::{Decompress, FlushDecompress, Status};

use super::IngestError;

/// Encodings that may be laid over each other; real senders use one, proxies add another.
const MAX_ENCODINGS: usize = 3;

/// Bytes that a decoder gets room for at a time.
const CHUNK_BYTES: usize = 64 * 1024;

/// The smallest limit on a zstd window, as a power of two: what every zstd sender over HTTP may use.
const MIN_WINDOW_LOG: u32 = 23;

/// The largest, as a power of two: 128 MiB, zstd's own.
const MAX_WINDOW_LOG: u32 = 27;

const GZIP_MAGIC: &[u8] = &[0x1f, 0x8b];
const ZSTD_MAGIC: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Encoding {
    Gzip,
    Deflate,
    Brotli,
    Zstd,
}

impl Encoding {
    /// `None` for `identity`.
    fn read(word: &str) -> Result<Option<Self>, IngestError> {
        let known = [
            ("identity", None),
            ("gzip", Some(Self::Gzip)),
            ("x-gzip", Some(Self::Gzip)),
            ("deflate", Some(Self::Deflate)),
            ("br", Some(Self::Brotli)),
            ("zstd", Some(Self::Zstd)),
        ];
        known
            .into_iter()
            .find_map(|(name, encoding)| word.eq_ignore_ascii_case(name).then_some(encoding))
            .ok_or_else(|| IngestError::UnknownEncoding(word.chars().take(40).collect()))
    }

    fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Deflate => "deflate",
            Self::Brotli => "br",
            Self::Zstd => "zstd",
        }
    }

    /// Whether `body` is JSON although it is said to be encoded so, beyond doubt: a proxy undid the
    /// encoding and left the header. Deflate and brotli have no mark by which that could be known.
    fn was_undone(self, body: &[u8]) -> bool {
        matches!(self, Self::Gzip | Self::Zstd)
            && matches!(body.trim_ascii_start(), [b'{' | b'[', ..])
    }

    fn undo(self, body: &[u8], max_bytes: usize) -> Result<Vec<u8>, IngestError> {
        let whole = (self == Self::Gzip).then(|| gzip::whole(body, max_bytes)).flatten();
        whole.map_or_else(|| self.undo_in_pieces(body, max_bytes), Ok)
    }

    fn undo_in_pieces(self, body: &[u8], max_bytes: usize) -> Result<Vec<u8>, IngestError> {
        match self {
            Self::Gzip => read_all(self, MultiGzDecoder::new(body), body.len(), max_bytes),
            Self::Deflate => deflated(body, max_bytes),
            Self::Brotli => {
                let mut decoder = Decompressor::new(body, CHUNK_BYTES);
                // Not part of the format that HTTP knows, and a window may have a gigabyte.
                decoder.set_parameter(BrotliDecoderParameter::BROTLI_DECODER_PARAM_LARGE_WINDOW, 0);
                read_all(self, decoder, body.len(), max_bytes)
            }
            Self::Zstd => {
                let decoder = zstd::stream::read::Decoder::with_buffer(body).and_then(|mut d| {
                    d.window_log_max(window_log(max_bytes))?;
                    Ok(d)
                });
                let decoder = decoder.map_err(|e| self.wrong(&e))?;
                read_all(self, decoder, body.len(), max_bytes)
            }
        }
    }

    fn wrong(self, why: &dyn std::fmt::Display) -> IngestError {
        let name = self.name();
        IngestError::Malformed(format!(
            "the body is not valid {name}, which its Content-Encoding says it is ({why}); name the encoding that it has, or leave the header out for a plain body"
        ))
    }
}

/// Undoes the content encodings, from the right of the list to the left, each stopping as soon as
/// `max_bytes` are exceeded: a bomb costs no more than twice the cap, chained or not.
pub fn decode<'a>(
    body: &'a [u8],
    encoding: Option<&str>,
    max_bytes: usize,
) -> Result<Cow<'a, [u8]>, IngestError> {
    let words = encoding.unwrap_or_default().split(',').map(str::trim).filter(|w| !w.is_empty());
    let mut encodings = Vec::new();
    for word in words {
        if encodings.len() == MAX_ENCODINGS {
            return Err(IngestError::Malformed(format!(
                "the body is encoded more than {MAX_ENCODINGS} times; encode it once"
            )));
        }
        encodings.extend(Encoding::read(word)?);
    }
    if encodings.is_empty() {
        encodings.extend(unsaid(body));
    }
    let mut decoded = Cow::Borrowed(body);
    for encoding in encodings.into_iter().rev() {
        if !encoding.was_undone(&decoded) {
            decoded = Cow::Owned(encoding.undo(&decoded, max_bytes)?);
        }
    }
    within(decoded, max_bytes)
}

/// Some senders compress and forget to say so; no JSON begins like this.
fn unsaid(body: &[u8]) -> Option<Encoding> {
    if body.starts_with(GZIP_MAGIC) {
        Some(Encoding::Gzip)
    } else if body.starts_with(ZSTD_MAGIC) {
        Some(Encoding::Zstd)
    } else {
        None
    }
}

fn read_all(
    encoding: Encoding,
    decoder: impl Read,
    sent_bytes: usize,
    max_bytes: usize,
) -> Result<Vec<u8>, IngestError> {
    let mut decoded = Vec::with_capacity(first_room(sent_bytes, max_bytes));
    decoder.take(max_bytes as u64 + 1).read_to_end(&mut decoded).map_err(|e| encoding.wrong(&e))?;
    if decoded.len() > max_bytes { Err(too_large(max_bytes)) } else { Ok(decoded) }
}

/// HTTP means a zlib stream; many senders send a bare deflate stream.
fn deflated(body: &[u8], max_bytes: usize) -> Result<Vec<u8>, IngestError> {
    if has_zlib_header(body) {
        match inflate(body, true, max_bytes) {
            Err(IngestError::Malformed(_)) => {}
            done => return done,
        }
    }
    inflate(body, false, max_bytes)
}

/// Whether the first two bytes are those of a zlib stream.
pub(super) fn has_zlib_header(body: &[u8]) -> bool {
    matches!(body, [method, flags, ..]
        if method & 0x0f == 8 && u16::from_be_bytes([*method, *flags]) % 31 == 0)
}

/// flate2's reader takes a stream that breaks off for one that ended; this does not.
pub(super) fn inflate(body: &[u8], zlib: bool, max_bytes: usize) -> Result<Vec<u8>, IngestError> {
    let mut inflater = Decompress::new(zlib);
    let mut decoded = Vec::with_capacity(first_room(body.len(), max_bytes));
    let mut rest = body;
    loop {
        if decoded.len() > max_bytes {
            return Err(too_large(max_bytes));
        }
        if decoded.len() == decoded.capacity() {
            let room = decoded.len().max(CHUNK_BYTES).min(max_bytes + 1 - decoded.len());
            decoded.reserve_exact(room);
        }
        let (read, written) = (inflater.total_in(), decoded.len());
        let status = inflater
            .decompress_vec(rest, &mut decoded, FlushDecompress::None)
            .map_err(|e| Encoding::Deflate.wrong(&e))?;
        let read = usize::try_from(inflater.total_in() - read).unwrap_or(rest.len());
        rest = rest.get(read..).unwrap_or_default();
        match status {
            Status::StreamEnd if decoded.len() > max_bytes => return Err(too_large(max_bytes)),
            Status::StreamEnd => return Ok(decoded),
            // There was room to write, and nothing came.
            _ if read == 0 && decoded.len() == written => {
                return Err(Encoding::Deflate.wrong(&"it breaks off"));
            }
            _ => {}
        }
    }
}

fn first_room(sent_bytes: usize, max_bytes: usize) -> usize {
    sent_bytes.saturating_mul(4).min(max_bytes).max(CHUNK_BYTES)
}

/// A window need not be larger than what may come out.
fn window_log(max_bytes: usize) -> u32 {
    let room = max_bytes.checked_next_power_of_two().map_or(usize::BITS, usize::trailing_zeros);
    room.clamp(MIN_WINDOW_LOG, MAX_WINDOW_LOG)
}

fn within(body: Cow<'_, [u8]>, max_bytes: usize) -> Result<Cow<'_, [u8]>, IngestError> {
    if body.len() > max_bytes { Err(too_large(max_bytes)) } else { Ok(body) }
}

fn too_large(max_bytes: usize) -> IngestError {
    IngestError::TooLarge {
        what: "the decoded body",
        limit: max_bytes,
        advice: "send less, or raise ingest.max_decoded_bytes",
    }
}

#[cfg(test)]
mod tests;
