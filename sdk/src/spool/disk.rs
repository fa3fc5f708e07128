//! What waits on the disk: the segments of this process, among them those it took over.

use std::collections::VecDeque;
use std::io;
use std::path::{Path, PathBuf};

use super::Problem;
use super::folder::Folder;
use super::segment::{MAX_RECORD_BYTES, Segment};
use crate::problems;

/// Bytes of a segment, as a part of all: when the spool is full the oldest segment goes.
const PARTS: u64 = 16;

/// The least and the most of a segment, in bytes.
const SEGMENT_BYTES: (u64, u64) = (32 * 1024, 4 * 1024 * 1024);

/// The number of the first segment of a process: what is older, and taken over, is counted down from here,
/// so that the names of the files are in order.
const FIRST_NUMBER: u64 = 5_000_000_000;

/// A record of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    segment: u64,
    next: u64,
}

#[derive(Debug)]
struct Numbered {
    number: u64,
    segment: Segment,
}

#[derive(Debug)]
pub(super) struct Disk {
    spool: PathBuf,
    own: Folder,
    /// The oldest first; the last is written to, if it is this process's. Only the first and the last have
    /// their file open.
    segments: VecDeque<Numbered>,
    /// Whether the last one is this process's.
    is_writing: bool,
    /// The least number that was given, and the next one.
    numbers: (u64, u64),
    max_bytes: u64,
    /// What went wrong, to be told by whoever holds no lock.
    pub(super) problems: Vec<Problem>,
    /// How many went without being sent, to be counted.
    pub(super) lost: u64,
}

impl Disk {
    /// A folder of this process's own in the spool.
    pub(super) fn open(spool: &Path, max_bytes: u64) -> io::Result<Self> {
        Ok(Self {
            spool: spool.to_owned(),
            own: Folder::create(spool)?,
            segments: VecDeque::new(),
            is_writing: false,
            numbers: (FIRST_NUMBER, FIRST_NUMBER),
            max_bytes,
            problems: Vec::new(),
            lost: 0,
        })
    }

    /// Ends as a killed process does: nothing is tidied up, and the locks are free.
    #[cfg(test)]
    pub(super) fn crash(mut self) {
        self.segments.clear();
        self.own.leave();
    }

    pub(super) fn own(&self) -> &Path {
        self.own.path()
    }

    /// Appends. The oldest go for it if there must be room.
    pub(super) fn push(&mut self, bytes: &[u8]) -> io::Result<()> {
        // Before anything goes for it.
        if bytes.len() > MAX_RECORD_BYTES || bytes.len() as u64 > self.max_bytes {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let segment_bytes = (self.max_bytes / PARTS).clamp(SEGMENT_BYTES.0, SEGMENT_BYTES.1);
        self.make_room(bytes.len() as u64);
        let is_usable =
            |last: &Numbered| last.segment.bytes() < segment_bytes && last.segment.is_there();
        if !self.is_writing || !self.segments.back().is_some_and(is_usable) {
            let number = self.numbers.1;
            let segment = self.create(number)?;
            self.numbers.1 += 1;
            self.segments.push_back(Numbered { number, segment });
            self.is_writing = true;
            self.rest();
        }
        match self.segments.back_mut() {
            Some(last) => last.segment.push(bytes),
            None => Ok(()),
        }
    }

    fn create(&mut self, number: u64) -> io::Result<Segment> {
        match Segment::create(self.own.segment(number)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                // Somebody tidied up.
                self.own = Folder::create(&self.spool)?;
                Segment::create(self.own.segment(number))
            }
            made => made,
        }
    }

    /// Whether something finds its place without anything having to go.
    pub(super) fn has_room(&self, wanted: u64) -> bool {
        self.bytes() + wanted <= self.max_bytes
    }

    /// Deletes the oldest until there is room.
    fn make_room(&mut self, wanted: u64) {
        while !self.has_room(wanted)
            && let Some(oldest) = self.take_first()
        {
            self.lost += oldest.segment.records();
            oldest.segment.remove();
        }
    }

    /// What waits longest.
    pub(super) fn first(&mut self) -> io::Result<Option<(Vec<u8>, Place)>> {
        loop {
            let is_last = self.segments.len() == 1 && self.is_writing;
            let Some(Numbered { number, segment }) = self.segments.front_mut() else {
                return Ok(None);
            };
            match segment.first() {
                Ok(Some(record)) => {
                    if record.was_damaged {
                        self.problems.push(damage(segment));
                    }
                    let place = Place { segment: *number, next: record.next };
                    return Ok(Some((record.bytes, place)));
                }
                Ok(None) => {}
                // It was deleted or cut short by somebody.
                Err(error) if is_gone(&error) => self.lost += segment.records(),
                // There are too many open files.
                Err(error) if !segment.is_open() => return Err(error),
                Err(error) => {
                    // What follows need not wait for a bad disk; the file is read again at the next start.
                    let why = format!("{}: {error}", segment.path().display());
                    self.problems.push(("a file of the spool cannot be read", why));
                    self.take_first();
                    continue;
                }
            }
            if !segment.is_read() {
                self.problems.push(damage(segment));
                segment.give_up();
            }
            if is_last && segment.records() == 0 && segment.is_read() {
                // It is written to again, unless its end is damaged.
                return Ok(None);
            }
            if let Some(read) = self.take_first() {
                read.segment.remove();
            }
        }
    }

    /// The record waits no longer.
    pub(super) fn done(&mut self, place: Place) -> io::Result<()> {
        match self.segments.front_mut() {
            Some(first) if first.number == place.segment => first.segment.done(place.next),
            // It had to go meanwhile.
            _ => Ok(()),
        }
    }

    pub(super) fn waiting(&self) -> u64 {
        self.segments.iter().map(|numbered| numbered.segment.records()).sum()
    }

    fn bytes(&self) -> u64 {
        self.segments.iter().map(|numbered| numbered.segment.bytes()).sum()
    }

    fn take_first(&mut self) -> Option<Numbered> {
        let first = self.segments.pop_front();
        if self.segments.is_empty() {
            self.is_writing = false;
        }
        first
    }

    /// Takes over what others left behind: it is older than what is here. It is moved here, so that no
    /// number of processes that ended needs more than this one's files and lock.
    pub(super) fn take_over(&mut self, left: Vec<Segment>) {
        for mut segment in left.into_iter().rev() {
            let number = self.numbers.0 - 1;
            if let Err(error) = segment.move_to(self.own.segment(number)) {
                let why = format!("{}: {error}", segment.path().display());
                self.problems.push(("a file of the spool cannot be taken over", why));
                continue;
            }
            self.numbers.0 = number;
            self.segments.push_front(Numbered { number, segment });
        }
        self.rest();
        self.make_room(0);
    }

    /// Closes the files that are neither read nor written now.
    fn rest(&mut self) {
        let behind = self.segments.len().saturating_sub(2);
        for numbered in self.segments.iter_mut().skip(1).take(behind) {
            numbered.segment.rest();
        }
    }
}

/// Calls with the segments of each process that is gone, the oldest first. This reads all of them.
pub(super) fn left_behind(spool: &Path, own: &Path, mut take: impl FnMut(Vec<Segment>)) {
    // What is taken over goes before what is there.
    for folder in Folder::others(spool, own).into_iter().rev() {
        let Some(folder) = Folder::take(folder) else { continue };
        let paths = folder.segments().unwrap_or_else(|error| {
            tell_unreadable(folder.path(), &error);
            Vec::new()
        });
        let mut left = Vec::new();
        for path in paths {
            match Segment::open(path.clone()) {
                Ok(mut segment) => {
                    segment.rest();
                    left.push(segment);
                }
                Err(error) => tell_unreadable(&path, &error),
            }
        }
        if !left.is_empty() {
            take(left);
        }
        folder.tidy();
    }
}

impl Drop for Disk {
    /// An empty folder does not stay behind.
    fn drop(&mut self) {
        for numbered in &self.segments {
            if numbered.segment.records() == 0 {
                numbered.segment.remove();
            }
        }
        self.own.tidy();
    }
}

fn is_gone(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::UnexpectedEof)
}

fn damage(segment: &Segment) -> Problem {
    let why = format!("{}; what is whole of it is sent", segment.path().display());
    ("a file of the spool is damaged", why)
}

fn tell_unreadable(path: &Path, error: &io::Error) {
    let why = format!("{}: {error}", path.display());
    problems::report("a file of the spool cannot be read", &why);
}
