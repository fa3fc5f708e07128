use std::fs;
use std::path::Path;

use super::*;

const NOW: Duration = Duration::ZERO;
const LARGE: u64 = 1 << 30;

pub(super) fn open(folder: &Path) -> Spool {
    Spool::open(Some(folder.to_owned()), LARGE, 1 << 20)
}

pub(super) fn first(spool: &Spool) -> Option<Waiting> {
    spool.next(When::From(Instant::now()), NOW)
}

/// All that waits, taken away.
pub(super) fn drain(spool: &Spool) -> Vec<String> {
    let mut all = Vec::new();
    while let Some(waiting) = first(spool) {
        all.push(String::from_utf8(waiting.bytes.clone()).unwrap());
        spool.done(&waiting);
    }
    all
}

pub(super) fn texts(range: std::ops::Range<u32>) -> Vec<String> {
    range.map(|n| format!("event {n}")).collect()
}

pub(super) fn push(spool: &Spool, range: std::ops::Range<u32>) {
    for text in texts(range) {
        spool.push(text.into());
    }
}

/// The segments in a spool's folder.
pub(super) fn segments(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let files = fs::read_dir(entry.path()).unwrap().flatten().map(|file| file.path());
        found.extend(files.filter(|path| path.extension().is_some_and(|end| end == "seg")));
    }
    found.sort();
    found
}

/// What a killed process leaves: its files, without its lock.
pub(super) fn kill(spool: Spool) {
    let mut spool = spool;
    let disk = spool.inner.get_mut().unwrap().disk.take().unwrap();
    disk.crash();
}

#[test]
fn what_waits_is_read_in_order_and_once() {
    let folder = tempfile::tempdir().unwrap();
    let spool = open(folder.path());
    assert_eq!(first(&spool), None);
    push(&spool, 0..3);
    let waiting = first(&spool).unwrap();
    assert_eq!(waiting.bytes, b"event 0");
    assert_eq!(first(&spool).unwrap(), waiting, "it waits until it is done");
    push(&spool, 3..5);
    assert_eq!(spool.standing().waiting, 5);
    assert_eq!(drain(&spool), texts(0..5));
    assert_eq!(spool.standing(), Standing { waiting: 0, is_safe: true, failures: 0 });
    let size = fs::metadata(&segments(folder.path())[0]).unwrap().len();
    assert_eq!(size, 16, "a file that was read begins again");
    push(&spool, 5..6);
    assert_eq!(drain(&spool), texts(5..6));
    drop(spool);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is left");
}

#[test]
fn what_a_killed_process_left_is_taken_over_once_and_before_what_is_newer() {
    let folder = tempfile::tempdir().unwrap();
    let killed = open(folder.path());
    push(&killed, 0..10);
    for _ in 0..4 {
        killed.done(&first(&killed).unwrap());
    }
    let alive = open(folder.path());
    alive.adopt();
    assert_eq!(alive.standing().waiting, 0, "its process lives");
    kill(killed);
    push(&alive, 10..12);
    alive.adopt();
    let third = open(folder.path());
    third.adopt();
    assert_eq!(third.standing().waiting, 0, "somebody has it already");
    assert_eq!(alive.standing().waiting, 8);
    assert_eq!(drain(&alive), texts(4..12));
    drop((alive, third));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_damaged_file_gives_what_is_whole_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let killed = open(folder.path());
    push(&killed, 0..100);
    let path = segments(folder.path())[0].clone();
    kill(killed);
    let whole = fs::read(&path).unwrap();
    let at = |n: usize| 16 + (0..n).map(|n| 12 + format!("event {n}").len()).sum::<usize>();
    type Damage = fn(&mut Vec<u8>, usize);
    let damages: [(&str, Damage, std::ops::Range<u32>); 5] = [
        ("a byte of an event", |bytes, at| bytes[at + 14] ^= 1, 50..51),
        ("a mark", |bytes, at| bytes[at] = 0, 50..51),
        ("a length that is too large", |bytes, at| bytes[at + 6] = 0x7f, 50..51),
        ("a length that reaches into the next", |bytes, at| bytes[at + 4] += 5, 50..51),
        ("the end", |bytes, at| bytes.truncate(at + 3), 50..100),
    ];
    for (what, damage, lost) in damages {
        let mut bytes = whole.clone();
        damage(&mut bytes, at(50));
        fs::write(&path, &bytes).unwrap();
        let lock = path.with_file_name("lock");
        fs::write(&lock, "").unwrap();
        let spool = open(folder.path());
        spool.adopt();
        let expected: Vec<_> =
            texts(0..lost.start).into_iter().chain(texts(lost.end..100)).collect();
        assert_eq!(spool.standing().waiting, expected.len() as u64, "{what}");
        assert_eq!(drain(&spool), expected, "{what}");
        drop(spool);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
    }
    for garbage in
        [&b""[..], b"ANDON", b"ANDONSP1\xff\xff\xff\xff\xff\xff\xff\xff", &[0xA5; 70_000]]
    {
        fs::write(&path, garbage).unwrap();
        fs::write(path.with_file_name("lock"), "").unwrap();
        let spool = open(folder.path());
        spool.adopt();
        assert_eq!(drain(&spool), Vec::<String>::new());
        push(&spool, 0..2);
        assert_eq!(drain(&spool), texts(0..2));
        drop(spool);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
    }
}

#[test]
fn a_full_spool_loses_the_oldest_and_counts_them() {
    let folder = tempfile::tempdir().unwrap();
    let spool = Spool::open(Some(folder.path().to_owned()), 300_000, 1 << 20);
    let event = |n: u64| format!("{n:0>1000}");
    for n in 0..1000 {
        spool.push(event(n).into());
        let bytes: u64 = segments(folder.path())
            .iter()
            .filter_map(|path| fs::metadata(path).ok())
            .map(|is| is.len())
            .sum();
        assert!(bytes <= 300_000, "{bytes}");
    }
    let kept = drain(&spool);
    let lost = spool.take_dropped()["cache_overflow"];
    assert_eq!(lost + kept.len() as u64, 1000);
    assert!(kept.len() > 200, "{}", kept.len());
    assert_eq!(kept.last(), Some(&event(999)));
    assert_eq!(kept.first(), Some(&event(lost)), "the newest are there without a gap");
}

#[test]
fn what_is_done_after_it_had_to_go_does_no_harm() {
    let folder = tempfile::tempdir().unwrap();
    let spool = Spool::open(Some(folder.path().to_owned()), 100_000, 1 << 20);
    let large = vec![b'x'; 40_000];
    spool.push(large.clone());
    let waiting = first(&spool).unwrap();
    for _ in 0..5 {
        spool.push(large.clone());
    }
    let left = spool.standing().waiting;
    spool.done(&waiting);
    assert_eq!(spool.standing().waiting, left);
}

#[test]
fn where_no_file_can_be_written_it_waits_in_memory() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let spool = Spool::open(Some(file), LARGE, 1000);
    for n in 0..100 {
        spool.push(format!("{n:0>100}").into());
    }
    assert_eq!(spool.standing(), Standing { waiting: 10, is_safe: false, failures: 0 });
    assert_eq!(spool.take_dropped()["cache_overflow"], 90);
    assert_eq!(drain(&spool)[0], format!("{:0>100}", 90));
    spool.push(vec![0; 1001]);
    assert_eq!(spool.take_dropped()["cache_overflow"], 1, "larger than all there is");
    assert!(first(&spool).is_none());
}

#[test]
fn one_that_is_too_large_for_a_record_waits_in_memory() {
    let folder = tempfile::tempdir().unwrap();
    let spool = Spool::open(Some(folder.path().to_owned()), LARGE, 1 << 30);
    spool.push(vec![b'x'; segment::MAX_RECORD_BYTES + 1]);
    push(&spool, 0..1);
    assert_eq!(spool.standing().waiting, 2);
    assert_eq!(first(&spool).unwrap().bytes, b"event 0");
}

#[test]
fn flush_waits_for_the_sender_and_not_for_a_server_that_is_away() {
    let folder = tempfile::tempdir().unwrap();
    let spool = open(folder.path());
    assert!(spool.flush(NOW), "there is nothing");
    push(&spool, 0..3);
    assert!(!spool.flush(NOW));
    std::thread::scope(|threads| {
        threads.spawn(|| {
            // Not before an hour, but somebody is in a hurry.
            let later = Instant::now() + Duration::from_secs(3600);
            let waiting = spool.next(When::From(later), Duration::from_secs(60)).unwrap();
            spool.done(&waiting);
            // What follows is sent as usual.
            drain(&spool);
        });
        assert!(spool.flush(Duration::from_secs(60)));
    });
    push(&spool, 0..1);
    std::thread::scope(|threads| {
        threads.spawn(|| {
            spool
                .next(
                    When::From(Instant::now() + Duration::from_secs(3600)),
                    Duration::from_secs(60),
                )
                .unwrap();
            spool.failed();
        });
        assert!(!spool.flush(Duration::MAX), "it is on the disk, and trying was in vain");
    });
    assert_eq!(spool.standing().waiting, 1);
    spool.stop();
    assert!(spool.next(When::From(Instant::now()), Duration::MAX).is_none());
}
