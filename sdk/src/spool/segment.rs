//! One file of the spool: a head that says how far it was read, then one record after the other.
//!
//! ```text
//! "ANDONSP1"  read position (u64)          the head, 16 bytes
//! "\xA5rec"   length (u32)  CRC-32 (u32)   a record's head, 12 bytes, numbers little-endian
//! length bytes
//! ```
//!
//! A record that is damaged is passed over: the next one is found by its mark and its checksum.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

const HEAD: &[u8; 8] = b"ANDONSP1";
const HEAD_BYTES: u64 = 16;
const MARK: &[u8; 4] = b"\xA5rec";
const RECORD_HEAD_BYTES: usize = 12;

/// The largest record: the largest event that a server takes is far smaller.
pub(super) const MAX_RECORD_BYTES: usize = 8 * 1024 * 1024;

/// Bytes that are searched at once for the next record behind a damaged one.
const SEARCH_BYTES: usize = 64 * 1024;

#[derive(Debug)]
pub(super) struct Segment {
    path: PathBuf,
    /// Only while it is read or written: there may be more segments than a process may have files open.
    file: Option<File>,
    /// Where the next record is read.
    at: u64,
    /// Where the next record is written: all before it is whole.
    end: u64,
    /// Records between the two, as far as is known.
    records: u64,
}

/// A record, and where the next one begins.
#[derive(Debug)]
pub(super) struct Record {
    pub(super) bytes: Vec<u8>,
    pub(super) next: u64,
    /// Whether something before it could not be read.
    pub(super) was_damaged: bool,
}

impl Segment {
    /// A new one.
    pub(super) fn create(path: PathBuf) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&path)?;
        let mut segment =
            Self { path, file: Some(file), at: HEAD_BYTES, end: HEAD_BYTES, records: 0 };
        if let Err(error) = segment.write_head(HEAD_BYTES) {
            segment.remove();
            return Err(error);
        }
        Ok(segment)
    }

    /// One that another process left behind. It may end in the middle of a record.
    pub(super) fn open(path: PathBuf) -> io::Result<Self> {
        let mut file = OpenOptions::new().read(true).write(true).open(&path)?;
        let end = file.metadata()?.len();
        let mut head = [0; HEAD_BYTES as usize];
        let at = match file.read_exact(&mut head) {
            Ok(()) => match head.split_first_chunk::<8>() {
                // With a damaged head everything is read again: the server keeps each once.
                Some((mark, position)) if mark == HEAD => {
                    position.first_chunk().map_or(HEAD_BYTES, |at| u64::from_le_bytes(*at))
                }
                _ => HEAD_BYTES,
            },
            Err(_) => HEAD_BYTES,
        };
        let at = if (HEAD_BYTES..=end).contains(&at) { at } else { HEAD_BYTES };
        let mut segment = Self { path, file: Some(file), at, end: end.max(HEAD_BYTES), records: 0 };
        segment.records = segment.count()?;
        Ok(segment)
    }

    /// The file, opened again if it was closed.
    fn file(&mut self) -> io::Result<&mut File> {
        match &mut self.file {
            Some(file) => Ok(file),
            closed => {
                Ok(closed.insert(OpenOptions::new().read(true).write(true).open(&self.path)?))
            }
        }
    }

    /// Closes the file until it is needed again, unless it has been deleted and could not be found again.
    pub(super) fn rest(&mut self) {
        if self.file.is_some() && self.is_there() {
            self.file = None;
        }
    }

    pub(super) fn is_open(&self) -> bool {
        self.file.is_some()
    }

    /// Whether the file is where it should be: somebody may have tidied up.
    pub(super) fn is_there(&self) -> bool {
        self.path.exists()
    }

    /// Gives the file another place.
    pub(super) fn move_to(&mut self, path: PathBuf) -> io::Result<()> {
        std::fs::rename(&self.path, &path)?;
        self.path = path;
        Ok(())
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn bytes(&self) -> u64 {
        self.end
    }

    pub(super) fn records(&self) -> u64 {
        self.records
    }

    pub(super) fn is_read(&self) -> bool {
        self.at >= self.end
    }

    /// Writes a record behind the others, whole or not at all. It is no longer than [`MAX_RECORD_BYTES`].
    pub(super) fn push(&mut self, bytes: &[u8]) -> io::Result<()> {
        let Ok(length) = u32::try_from(bytes.len()) else {
            return Err(io::ErrorKind::FileTooLarge.into());
        };
        let mut record = Vec::with_capacity(RECORD_HEAD_BYTES + bytes.len());
        record.extend_from_slice(MARK);
        record.extend_from_slice(&length.to_le_bytes());
        record.extend_from_slice(&crc32fast::hash(bytes).to_le_bytes());
        record.extend_from_slice(bytes);
        let end = self.end;
        let file = self.file()?;
        file.seek(SeekFrom::Start(end))?;
        if let Err(error) = file.write_all(&record) {
            // What is half there would be passed over, but it takes room that is wanted.
            let _ = file.set_len(end);
            return Err(error);
        }
        self.end += record.len() as u64;
        self.records += 1;
        Ok(())
    }

    /// The record that is read next, without passing over it.
    pub(super) fn first(&mut self) -> io::Result<Option<Record>> {
        let mut at = self.at;
        let mut was_damaged = false;
        loop {
            if let Some((bytes, next)) = self.record_at(at)? {
                return Ok(Some(Record { bytes, next, was_damaged }));
            }
            if at >= self.end {
                return Ok(None);
            }
            was_damaged = true;
            match self.mark_behind(at + 1)? {
                Some(found) => at = found,
                None => return Ok(None),
            }
        }
    }

    /// What was read up to here need not be read again, also after a crash.
    pub(super) fn done(&mut self, next: u64) -> io::Result<()> {
        if next <= self.at {
            return Ok(());
        }
        self.at = next.min(self.end);
        self.records = self.records.saturating_sub(1);
        if !self.is_read() {
            return self.write_head(self.at);
        }
        // All is read, also if nothing of what follows can be written: else it would be sent for ever.
        self.records = 0;
        // The file begins again. The head first, or a crash in between would have what is written next
        // passed over.
        self.write_head(HEAD_BYTES)?;
        self.file()?.set_len(HEAD_BYTES)?;
        self.at = HEAD_BYTES;
        self.end = HEAD_BYTES;
        Ok(())
    }

    /// Nothing more can be read: what is left is damaged.
    pub(super) fn give_up(&mut self) {
        self.at = self.end;
        self.records = 0;
    }

    /// Deletes the file.
    pub(super) fn remove(&self) {
        // If it stays it is read again, and the server keeps each once.
        let _ = std::fs::remove_file(&self.path);
    }

    fn write_head(&mut self, at: u64) -> io::Result<()> {
        let mut head = [0; HEAD_BYTES as usize];
        head[..8].copy_from_slice(HEAD);
        head[8..].copy_from_slice(&at.to_le_bytes());
        let file = self.file()?;
        file.seek(SeekFrom::Start(0))?;
        file.write_all(&head)
    }

    /// The whole record that begins here, and where the next one does.
    fn record_at(&mut self, at: u64) -> io::Result<Option<(Vec<u8>, u64)>> {
        if at + RECORD_HEAD_BYTES as u64 > self.end {
            return Ok(None);
        }
        let mut head = [0; RECORD_HEAD_BYTES];
        let file = self.file()?;
        file.seek(SeekFrom::Start(at))?;
        file.read_exact(&mut head)?;
        let number = |from: usize| {
            head.get(from..).and_then(<[u8]>::first_chunk).map_or(0, |b| u32::from_le_bytes(*b))
        };
        let (length, sum) = (number(4) as usize, number(8));
        let next = at + (RECORD_HEAD_BYTES + length) as u64;
        if head[..4] != *MARK || length > MAX_RECORD_BYTES || next > self.end {
            return Ok(None);
        }
        let mut bytes = vec![0; length];
        self.file()?.read_exact(&mut bytes)?;
        Ok((crc32fast::hash(&bytes) == sum).then_some((bytes, next)))
    }

    /// Where the next mark stands, from here on.
    fn mark_behind(&mut self, mut at: u64) -> io::Result<Option<u64>> {
        while at < self.end {
            let length = (self.end - at).min(SEARCH_BYTES as u64) as usize;
            let mut bytes = vec![0; length];
            let file = self.file()?;
            file.seek(SeekFrom::Start(at))?;
            file.read_exact(&mut bytes)?;
            if let Some(found) = bytes.windows(MARK.len()).position(|window| window == MARK) {
                return Ok(Some(at + found as u64));
            }
            if length < MARK.len() {
                break;
            }
            // A mark may lie across the end of what was searched.
            at += (length - MARK.len() + 1) as u64;
        }
        Ok(None)
    }

    /// Records from here to the end.
    fn count(&mut self) -> io::Result<u64> {
        let (begin, mut count) = (self.at, 0);
        while let Some(record) = self.first()? {
            self.at = record.next;
            count += 1;
        }
        self.at = begin;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_done_is_not_read_again_where_nothing_can_be_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("1.seg");
        let mut segment = Segment::create(path.clone()).unwrap();
        segment.push(b"one").unwrap();
        segment.push(b"two").unwrap();
        // A file system that became read-only after an error.
        segment.file = Some(File::open(&path).unwrap());
        for text in [b"one", b"two"] {
            let record = segment.first().unwrap().unwrap();
            assert_eq!(record.bytes, text);
            assert!(segment.done(record.next).is_err());
        }
        assert!(segment.first().unwrap().is_none() && segment.is_read());
        assert_eq!(segment.records(), 0);
        // Once it can be written again, what comes is read and what was done is not.
        segment.file = None;
        segment.push(b"three").unwrap();
        assert_eq!(segment.first().unwrap().unwrap().bytes, b"three");
    }
}
