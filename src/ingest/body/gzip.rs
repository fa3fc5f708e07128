//! What nearly every sender sends: one gzip member, whole. libdeflate takes less than half the time of a
//! decoder that works in pieces, but has to know how much room there must be.

use libdeflater::Decompressor;

/// The first three bytes of a member: the format's mark, and its only method.
const MEMBER_START: &[u8] = &[0x1f, 0x8b, 0x08];

/// The bytes behind the last member's data that say how long the plain text is (modulo 2^32).
const LENGTH_BYTES: usize = 4;

/// How many times longer than what was sent the plain text may claim to be: events shrink to a tenth, and
/// a claim is not to book memory.
const MAX_GROWTH: usize = 32;

/// The plain text; `None` if this is not one whole member of the length that it claims: then the decoder
/// that works in pieces decides. It refuses what stands behind a member and is none; here that is passed
/// over, as `gzip` does, in the rare case that its last bytes are the member's length.
pub(super) fn whole(body: &[u8], max_bytes: usize) -> Option<Vec<u8>> {
    let claimed = u32::from_le_bytes(*body.last_chunk::<LENGTH_BYTES>()?) as usize;
    let affordable = claimed <= max_bytes.min(body.len().saturating_mul(MAX_GROWTH));
    // A second member would be passed over in silence.
    let is_single = memchr::memmem::rfind(body, MEMBER_START) == Some(0);
    if !affordable || !is_single {
        return None;
    }
    let mut plain = vec![0; claimed];
    let written = Decompressor::new().gzip_decompress(body, &mut plain).ok()?;
    (written == claimed).then_some(plain)
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};

    use flate2::Compression;
    use flate2::bufread::GzDecoder;
    use flate2::write::GzEncoder;
    use proptest::prelude::*;

    use super::super::{Encoding, decode};
    use super::*;

    fn member(plain: &[u8], level: u32) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::new(level));
        encoder.write_all(plain).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn one_member_is_read_and_all_else_is_left() {
        let plain = b"an event, an event, an event".as_slice();
        let body = member(plain, 6);
        assert_eq!(whole(&body, plain.len()).unwrap(), plain);
        assert_eq!(whole(&body, plain.len() - 1), None, "over the cap");
        assert_eq!(whole(&[body.clone(), body.clone()].concat(), 1000), None, "two members");
        assert_eq!(whole(&body[..body.len() - 1], 1000), None, "cut off");
        let mut lies = body.clone();
        *lies.last_mut().unwrap() = 1;
        assert_eq!(whole(&lies, usize::MAX), None, "claims 16 MiB");
        let mut wrong = body;
        let sum = wrong.len() - 5;
        wrong[sum] ^= 1;
        assert_eq!(whole(&wrong, 1000), None, "a wrong sum");
        let bomb = member(&[0; 100_000], 9);
        assert_eq!(whole(&bomb, 1_000_000), None, "grows too much");
        assert_eq!(whole(b"", 10), None);
        let mut broken = [member(b"twice", 6), member(b"twice", 6)].concat();
        let second = broken.len() / 2;
        broken[second] = 0;
        assert_eq!(whole(&broken, 1000).unwrap(), b"twice", "what follows is no member");
    }

    proptest! {
        /// Whichever way is taken, the answer is the one of the decoder that works in pieces, but for what
        /// stands behind a whole member.
        #[test]
        fn both_ways_say_the_same(
            plain in prop::collection::vec(any::<u8>(), 0..400),
            level in 0..10_u32,
            twice in any::<bool>(),
            change in prop::option::of((any::<prop::sample::Index>(), any::<u8>())),
            cut in prop::option::of(any::<prop::sample::Index>()),
        ) {
            let mut body = member(&plain, level);
            if twice {
                body.extend(member(&plain, level));
            }
            if let Some((at, byte)) = change {
                let at = at.index(body.len());
                body[at] = byte;
            }
            if let Some(cut) = cut {
                body.truncate(cut.index(body.len()));
            }
            let slow = Encoding::Gzip.undo_in_pieces(&body, 1000);
            let quick = whole(&body, 1000);
            if let (Some(quick), Err(_)) = (&quick, &slow) {
                let mut first = Vec::new();
                GzDecoder::new(body.as_slice()).read_to_end(&mut first).unwrap();
                prop_assert_eq!(&first, quick);
            } else {
                prop_assert!(quick.is_none() || quick.as_ref() == slow.as_ref().ok());
                let both = decode(&body, Some("gzip"), 1000).ok().map(|plain| plain.into_owned());
                prop_assert_eq!(both, slow.ok());
            }
        }
    }
}
