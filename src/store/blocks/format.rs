//! The bytes of a block: how many slots it has, the length of each, then what lies in them; all numbers
//! 32 bits, little-endian. A slot of no bytes is blank: what lay there was deleted.

/// Bytes of a number.
const NUMBER_BYTES: usize = 4;

/// A block of these.
pub(super) fn write(slots: &[&[u8]]) -> Vec<u8> {
    let room: usize = slots.iter().map(|slot| slot.len() + NUMBER_BYTES).sum();
    let mut block = Vec::with_capacity(NUMBER_BYTES + room);
    block.extend(number(slots.len()));
    for slot in slots {
        block.extend(number(slot.len()));
    }
    for slot in slots {
        block.extend_from_slice(slot);
    }
    block
}

/// All slots of a block; `None` if these bytes are no block.
pub(super) fn read(block: &[u8]) -> Option<Vec<&[u8]>> {
    let (count, rest) = take_number(block)?;
    let lengths = rest.get(..count.checked_mul(NUMBER_BYTES)?)?;
    let mut bytes = &rest[lengths.len()..];
    let mut slots = Vec::with_capacity(count);
    for length in lengths.chunks_exact(NUMBER_BYTES) {
        let (slot, left) = bytes.split_at_checked(take_number(length)?.0)?;
        slots.push(slot);
        bytes = left;
    }
    bytes.is_empty().then_some(slots)
}

/// A slot is far smaller than what 32 bits count: events are capped long before.
fn number(value: usize) -> [u8; NUMBER_BYTES] {
    u32::try_from(value).unwrap_or(u32::MAX).to_le_bytes()
}

fn take_number(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (number, rest) = bytes.split_first_chunk::<NUMBER_BYTES>()?;
    Some((usize::try_from(u32::from_le_bytes(*number)).ok()?, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read() {
        let cases: [&[&[u8]]; 4] = [&[], &[b""], &[b"abc"], &[b"", b"abc", b"", b"de"]];
        for slots in cases {
            assert_eq!(read(&write(slots)).unwrap(), slots);
        }
    }

    #[test]
    fn what_is_no_block_is_none() {
        let whole = write(&[b"abc", b"de"]);
        for end in 0..whole.len() {
            assert_eq!(read(&whole[..end]), None, "{end} bytes");
        }
        assert_eq!(read(&[whole.as_slice(), b"x"].concat()), None);
        assert_eq!(read(&[0xff; 64]), None);
    }
}
