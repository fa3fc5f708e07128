//! What others do to the files, and what must not be done to them.

use std::fs;

use super::tests::*;
use super::*;

#[test]
fn processes_without_number_that_ended_cost_no_open_files_and_lose_nothing() {
    const PROCESSES: u32 = 300;
    const OPEN_FILES: usize = 10;
    let folder = tempfile::tempdir().unwrap();
    for n in 0..PROCESSES {
        let killed = open(folder.path());
        push(&killed, n..n + 1);
        kill(killed);
    }
    let alive = open(folder.path());
    push(&alive, PROCESSES..PROCESSES + 1);
    alive.adopt();
    assert_eq!(alive.standing().waiting, u64::from(PROCESSES) + 1);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "all of it is this one's now");
    #[cfg(target_os = "linux")]
    {
        let files = fs::read_dir("/proc/self/fd").unwrap().flatten();
        let links = files.filter_map(|file| fs::read_link(file.path()).ok());
        let of_spool = links.filter(|path| path.starts_with(folder.path())).count();
        assert!(of_spool < OPEN_FILES, "{of_spool}");
    }
    kill(alive);
    let next = open(folder.path());
    next.adopt();
    let mut all = drain(&next);
    assert_eq!(all.pop(), Some(format!("event {PROCESSES}")), "what is newer comes later");
    all.sort();
    let mut expected = texts(0..PROCESSES);
    expected.sort();
    assert_eq!(all, expected);
}

#[test]
fn a_file_that_is_cut_short_under_the_process_holds_nothing_up() {
    let folder = tempfile::tempdir().unwrap();
    let spool = open(folder.path());
    push(&spool, 0..3);
    let file = fs::OpenOptions::new().write(true).open(&segments(folder.path())[0]).unwrap();
    file.set_len(20).unwrap();
    assert_eq!(drain(&spool), Vec::<String>::new());
    assert_eq!(spool.take_dropped()["cache_overflow"], 3);
    push(&spool, 3..5);
    assert_eq!(drain(&spool), texts(3..5));
}

#[test]
fn a_folder_that_is_deleted_under_the_process_is_made_again() {
    let folder = tempfile::tempdir().unwrap();
    let spool = open(folder.path());
    push(&spool, 0..2);
    fs::remove_dir_all(fs::read_dir(folder.path()).unwrap().next().unwrap().unwrap().path())
        .unwrap();
    push(&spool, 2..4);
    assert_eq!(spool.standing(), Standing { waiting: 4, is_safe: true, failures: 0 });
    assert_eq!(segments(folder.path()).len(), 1, "what comes outlives the process again");
    assert_eq!(drain(&spool), texts(0..4));
}

#[test]
fn what_does_not_fit_costs_nobody_else_their_place() {
    let folder = tempfile::tempdir().unwrap();
    let spool = Spool::open(Some(folder.path().to_owned()), 300_000, 1 << 20);
    push(&spool, 0..10);
    spool.push(vec![b'x'; 400_000]);
    assert_eq!(spool.standing().waiting, 11);
    assert!(spool.take_dropped().is_empty());
    assert_eq!(drain(&spool)[..10], texts(0..10));
}

#[test]
fn what_waits_in_memory_is_written_when_there_is_room() {
    let folder = tempfile::tempdir().unwrap();
    let spool_folder = folder.path().join("spool");
    let spool = open(&spool_folder);
    fs::remove_dir_all(&spool_folder).unwrap();
    fs::write(&spool_folder, "in the way").unwrap();
    push(&spool, 0..3);
    assert!(!spool.standing().is_safe);
    let lent = first(&spool).unwrap();
    fs::remove_file(&spool_folder).unwrap();
    push(&spool, 3..4);
    assert!(!spool.standing().is_safe, "the first is being sent, and stays where it is");
    spool.done(&lent);
    push(&spool, 4..5);
    assert_eq!(spool.standing(), Standing { waiting: 4, is_safe: true, failures: 0 });
    let mut all = drain(&spool);
    all.sort();
    assert_eq!(all, texts(1..5));
}

#[test]
fn what_is_taken_over_keeps_to_the_bound() {
    let folder = tempfile::tempdir().unwrap();
    let open = || Spool::open(Some(folder.path().to_owned()), 300_000, 1 << 20);
    for _ in 0..3 {
        let killed = open();
        for _ in 0..200 {
            killed.push(vec![b'x'; 1000]);
        }
        kill(killed);
    }
    let alive = open();
    alive.adopt();
    let bytes: u64 =
        segments(folder.path()).iter().map(|path| fs::metadata(path).unwrap().len()).sum();
    assert!(bytes <= 300_000, "{bytes}");
    let lost = alive.take_dropped()["cache_overflow"];
    assert_eq!(alive.standing().waiting + lost, 600);
}

#[test]
fn a_hurry_is_none_where_the_server_named_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let spool = open(folder.path());
    push(&spool, 0..1);
    std::thread::scope(|threads| {
        let sender = threads.spawn(|| {
            let later = Instant::now() + Duration::from_secs(3600);
            spool.next(When::NotBefore(later), Duration::MAX)
        });
        assert!(!spool.flush(Duration::MAX), "it is safe, and not sent before that time");
        spool.stop();
        assert!(sender.join().unwrap().is_none());
    });
}

#[test]
fn what_is_put_back_goes_last() {
    let folder = tempfile::tempdir().unwrap();
    let spool = open(folder.path());
    push(&spool, 0..3);
    let stuck = first(&spool).unwrap();
    spool.put_back(&stuck);
    assert_eq!(drain(&spool), ["event 1", "event 2", "event 0"]);
    push(&spool, 3..4);
    spool.put_back(&first(&spool).unwrap());
    assert_eq!(drain(&spool), ["event 3"], "alone it stays");
}

#[test]
fn what_is_put_back_costs_nobody_their_place() {
    let folder = tempfile::tempdir().unwrap();
    let spool = Spool::open(Some(folder.path().to_owned()), 100_000, 1 << 20);
    for _ in 0..9 {
        spool.push(vec![b'x'; 10_000]);
    }
    let waiting = spool.standing().waiting;
    let stuck = first(&spool).unwrap();
    for _ in 0..100 {
        spool.put_back(&stuck);
    }
    assert_eq!(spool.standing().waiting, waiting);
    assert!(spool.take_dropped().is_empty());
}

#[test]
fn a_folder_without_its_lock_is_found_when_it_is_old() {
    let folder = tempfile::tempdir().unwrap();
    let killed = open(folder.path());
    push(&killed, 0..2);
    kill(killed);
    let left = fs::read_dir(folder.path()).unwrap().next().unwrap().unwrap().path();
    fs::remove_file(left.join("lock")).unwrap();
    let empty = folder.path().join("1-00000000");
    fs::create_dir(&empty).unwrap();
    let alive = open(folder.path());
    alive.adopt();
    assert_eq!(alive.standing().waiting, 0, "they may be made just now");
    let long_ago = std::time::UNIX_EPOCH + Duration::from_secs(1);
    for path in [&left, &empty] {
        fs::File::open(path).unwrap().set_modified(long_ago).unwrap();
    }
    alive.adopt();
    assert_eq!(drain(&alive), texts(0..2));
    assert!(!left.exists() && !empty.exists());
}
