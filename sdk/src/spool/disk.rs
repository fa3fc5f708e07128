//! What waits on the disk: the segments of this process, and those it took over.

use std::collections::VecDeque;
use std::io;
use std::path::Path;

use super::folder::Folder;
use super::segment::Segment;
use crate::problems;

/// Bytes of a segment, as a part of all: when the spool is full the oldest segment goes.
const PARTS: u64 = 16;

/// The least and the most of a segment, in bytes.
const SEGMENT_BYTES: (u64, u64) = (32 * 1024, 4 * 1024 * 1024);

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
    /// The folder that was taken over, if it is the last of its segments.
    folder: Option<Folder>,
}

#[derive(Debug)]
pub(super) struct Disk {
    own: Folder,
    /// The oldest first; the last is written to, if it is this process's.
    segments: VecDeque<Numbered>,
    /// Whether the last one is this process's.
    is_writing: bool,
    next_number: u64,
    max_bytes: u64,
}

impl Disk {
    /// A folder of this process's own in the spool.
    pub(super) fn open(spool: &Path, max_bytes: u64) -> io::Result<Self> {
        let own = Folder::create(spool)?;
        Ok(Self { own, segments: VecDeque::new(), is_writing: false, next_number: 0, max_bytes })
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

    /// Appends; says how many had to go for it.
    pub(super) fn push(&mut self, bytes: &[u8]) -> io::Result<u64> {
        let segment_bytes = (self.max_bytes / PARTS).clamp(SEGMENT_BYTES.0, SEGMENT_BYTES.1);
        let lost = self.make_room(bytes.len() as u64);
        let full = |last: &Numbered| last.segment.bytes() >= segment_bytes;
        if !self.is_writing || self.segments.back().is_none_or(full) {
            let number = self.number();
            let segment = Segment::create(self.own.segment(number))?;
            self.segments.push_back(Numbered { number, segment, folder: None });
            self.is_writing = true;
        }
        let Some(last) = self.segments.back_mut() else { return Ok(lost) };
        last.segment.push(bytes)?;
        Ok(lost)
    }

    /// Deletes the oldest until there is room; says how many that were.
    fn make_room(&mut self, wanted: u64) -> u64 {
        let mut lost = 0;
        while self.bytes() + wanted > self.max_bytes
            && let Some(oldest) = self.take_first()
        {
            lost += oldest.segment.records();
            oldest.remove();
        }
        lost
    }

    /// What waits longest.
    pub(super) fn first(&mut self) -> io::Result<Option<(Vec<u8>, Place)>> {
        loop {
            let is_last = self.segments.len() == 1 && self.is_writing;
            let Some(Numbered { number, segment, .. }) = self.segments.front_mut() else {
                return Ok(None);
            };
            if let Some(record) = segment.first()? {
                if record.was_damaged {
                    tell_of_damage(segment);
                }
                let place = Place { segment: *number, next: record.next };
                return Ok(Some((record.bytes, place)));
            }
            if !segment.is_read() {
                tell_of_damage(segment);
                segment.give_up();
            }
            if is_last && segment.records() == 0 && segment.is_read() {
                // It is written to again, unless its end is damaged.
                return Ok(None);
            }
            if let Some(read) = self.take_first() {
                read.remove();
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

    fn number(&mut self) -> u64 {
        self.next_number += 1;
        self.next_number
    }

    fn take_first(&mut self) -> Option<Numbered> {
        let first = self.segments.pop_front();
        if self.segments.is_empty() {
            self.is_writing = false;
        }
        first
    }

    /// Takes over what others left behind: it is older than what is here.
    pub(super) fn take_over(&mut self, left: Vec<(Segment, Option<Folder>)>) {
        for (segment, folder) in left.into_iter().rev() {
            let number = self.number();
            self.segments.push_front(Numbered { number, segment, folder });
        }
    }
}

/// What processes that are gone left behind, the oldest of each first; the folder comes with its last
/// segment. This reads all of it.
pub(super) fn left_behind(spool: &Path, own: &Path) -> Vec<(Segment, Option<Folder>)> {
    let mut left = Vec::new();
    for folder in Folder::left_behind(spool, own) {
        let before = left.len();
        for path in folder.segments() {
            match Segment::open(path.clone()) {
                Ok(segment) => left.push((segment, None)),
                Err(error) => problems::report(
                    "a file of the spool cannot be read",
                    &format!("{}: {error}", path.display()),
                ),
            }
        }
        match left.get_mut(before..).and_then(<[_]>::last_mut) {
            Some((_, of)) => *of = Some(folder),
            None => folder.tidy(),
        }
    }
    left
}

impl Numbered {
    fn remove(self) {
        self.segment.remove();
        if let Some(folder) = self.folder {
            folder.tidy();
        }
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

fn tell_of_damage(segment: &Segment) {
    let why = format!("{}; what is whole of it is sent", segment.path().display());
    problems::report("a file of the spool is damaged", &why);
}
