//! What must never harm the application: each is said once, nothing is recursive, nothing is fatal.

use std::error::Error;
use std::fmt;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use andon_sdk::{EventId, Level, Options, Spool, capture_error, capture_message, configure_scope};

use super::child::{FULL_DISK_CAPTURES, start_on_a_full_disk};
use super::sdk::Sdk;
use super::server::{Mood, PATIENCE, Server, dsn, nobody};

#[test]
fn a_wrong_dsn_is_said_once_and_the_application_goes_on() {
    for (wrong, why) in [
        ("what is this", "no URL"),
        ("http://localhost/1", "no key"),
        ("http://key@localhost", "no project"),
        ("file:///key@x/1", "scheme"),
    ] {
        let sdk = Sdk::start(wrong);
        assert!(!sdk.guard().is_enabled());
        assert_eq!(capture_message("unheard", Level::Error), EventId::NONE);
        let said = sdk.problems();
        assert_eq!(said.len(), 1, "{said:?}");
        assert!(said[0].contains("DSN") && said[0].contains(why), "{said:?}");
    }
}

struct Nasty;

impl fmt::Debug for Nasty {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("no Debug")
    }
}

impl fmt::Display for Nasty {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("no Display")
    }
}

impl Error for Nasty {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        panic!("no source")
    }
}

#[test]
fn an_error_whose_display_panics() {
    let server = Server::start();
    let sdk = Sdk::start(&server.dsn());
    for _ in 0..3 {
        assert!(capture_error(&Nasty).is_some());
    }
    server.wait_for(3);
    let event = &server.events()[0];
    let error = &event["exception"]["values"][0];
    assert_eq!(error["type"], "Nasty");
    assert_eq!(error["value"], "(its Display panicked)");
    assert!(sdk.guard().flush(PATIENCE));
    assert_eq!(server.count(), 3, "the panic itself is not captured");
    let said = sdk.problems();
    assert_eq!(said.iter().filter(|text| text.contains("Display")).count(), 1, "{said:?}");
}

#[test]
fn a_hook_that_panics_lets_nothing_through_that_it_may_have_taken_out() {
    let server = Server::start();
    let sdk = Sdk::start_with(&server.dsn(), |options| {
        options.before_send(|_| panic!("on purpose")).release("0123abc")
    });
    configure_scope(|scope| scope.set_tag("card", "hush"));
    let secret = std::io::Error::other("hush");
    capture_error(&secret);
    capture_error(&secret);
    server.wait_for(2);
    let events = server.events();
    assert!(!events[0].to_string().contains("hush"), "{:#}", events[0]);
    assert_eq!(events[0]["release"], "0123abc");
    let error = &events[0]["exception"]["values"][0];
    assert_eq!(
        (error["type"].as_str(), error["value"].as_str()),
        (Some("Error"), Some("(withheld)"))
    );
    assert!(error["stacktrace"]["frames"].is_array());
    assert_eq!(sdk.problems().len(), 1, "{:?}", sdk.problems());
}

#[test]
fn hooks_that_capture_do_not_go_round_in_circles() {
    let server = Server::start();
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let sdk = Sdk::start_with(&server.dsn(), move |options| {
        options
            .before_send(move |event| {
                counted.fetch_add(1, Ordering::Relaxed);
                capture_message("from within", Level::Error);
                tracing::error!("from within");
                Some(event)
            })
            .on_problem(|_| {
                capture_message("from a problem", Level::Error);
                panic!("and more");
            })
    });
    capture_error(&Nasty);
    configure_scope(|_| capture_message("from a change of the scope", Level::Error));
    assert!(sdk.guard().flush(PATIENCE));
    assert_eq!(server.count(), 2);
    assert_eq!(calls.load(Ordering::Relaxed), 2);
}

#[test]
fn who_is_told_of_a_problem_may_ask_back() {
    // What the sender holds in memory already is not read again, so that damage may come too late to be met.
    assert!((0..10).any(|_| damage_is_told()), "nobody was told of the damage");
}

/// Damages what waits in the spool and says whether somebody was told, who asks back before he listens.
fn damage_is_told() -> bool {
    let address = nobody();
    let (tell, told) = std::sync::mpsc::channel();
    let sdk = Sdk::start_with(&dsn(address), move |options| {
        options.on_problem(move |text| {
            andon_sdk::flush(Duration::MAX);
            // Nobody listens any more after the last try.
            let _ = tell.send(text.to_owned());
        })
    });
    for n in 0..10 {
        capture_message(&format!("{n}"), Level::Error);
    }
    assert!(!sdk.guard().flush(PATIENCE));
    // The first is damaged under the process.
    let file = fs::OpenOptions::new().write(true).open(&segments(sdk.folder())[0]).unwrap();
    std::os::unix::fs::FileExt::write_all_at(&file, &[0; 40], 16).unwrap();
    let server = Server::start_at(address);
    server.wait_for(9);
    assert!(sdk.guard().flush(PATIENCE));
    // Who is told asks back first, and may not be done yet.
    let soon = Duration::from_secs(5);
    let mut told = std::iter::from_fn(|| told.recv_timeout(soon).ok());
    told.any(|text| text.contains("damaged"))
}

#[test]
fn a_hook_that_needs_what_the_capturing_thread_holds_does_not_stop_it() {
    let server = Server::start();
    let held = Arc::new(Mutex::new(()));
    let needed = Arc::clone(&held);
    let sdk = Sdk::start_with(&server.dsn(), move |options| {
        options.queue_events(2).before_send(move |event| {
            drop(needed.lock());
            Some(event)
        })
    });
    let holding = held.lock().unwrap();
    for n in 0..10 {
        capture_message(&format!("{n}"), Level::Error);
    }
    drop(holding);
    assert!(sdk.guard().flush(PATIENCE));
    capture_message("the last", Level::Error);
    assert!(sdk.guard().flush(PATIENCE));
    assert_eq!(server.left_out()["queue_overflow"] as usize + server.count(), 11);
    assert_eq!(sdk.problems().len(), 1, "{:?}", sdk.problems());
}

/// The files of a spool's folder that hold events.
fn segments(folder: &std::path::Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            if entry.path().is_dir() {
                folders.push(entry.path());
            } else if entry.path().extension().is_some_and(|end| end == "seg") {
                found.push(entry.path());
            }
        }
    }
    found
}

#[test]
fn a_spool_that_is_damaged_in_the_middle_gives_the_rest() {
    let address = nobody();
    let mut sdk = Sdk::start(&dsn(address));
    for n in 0..100 {
        capture_message(&format!("{n}"), Level::Error);
    }
    sdk.end();
    let files = segments(sdk.folder());
    assert!(!files.is_empty());
    let mut bytes = fs::read(&files[0]).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 700].fill(0);
    fs::write(&files[0], bytes).unwrap();
    let server = Server::start_at(address);
    sdk.start_again(&dsn(address));
    server.wait_for(95);
    assert!(sdk.guard().flush(PATIENCE));
    assert!((95..100).contains(&server.count()), "{}", server.count());
    assert_eq!(server.events().last().unwrap()["message"], "99");
    sdk.end();
}

#[test]
fn a_spool_that_cannot_be_made_is_said_once_and_errors_are_sent_all_the_same() {
    let server = Server::start();
    let file = tempfile::NamedTempFile::new().unwrap();
    let sdk = Sdk::start_with(&server.dsn(), |options| {
        options.spool(Spool::At(file.path().join("below a file")))
    });
    for n in 0..10 {
        capture_message(&format!("{n}"), Level::Error);
    }
    server.wait_for(10);
    assert_eq!(sdk.problems().len(), 1, "{:?}", sdk.problems());
    assert!(sdk.problems()[0].contains("spool"), "{:?}", sdk.problems());
}

#[test]
fn a_disk_that_is_full_is_said_once_and_nothing_is_lost_that_fits_into_memory() {
    let server = Server::start();
    let sdk = Sdk::start("");
    server.set(Mood::Answering(503, None));
    let mut child = start_on_a_full_disk("write to a full disk", &server.dsn(), sdk.folder());
    let mut child = child.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut said = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    assert!(said.any(|line| line.ends_with("captured")));
    server.set(Mood::Well);
    let sent = said.any(|line| line == "sent");
    let output = child.wait_with_output().unwrap();
    let problems = String::from_utf8_lossy(&output.stderr);
    assert!(sent && output.status.success(), "{problems}");
    assert_eq!(server.count(), FULL_DISK_CAPTURES);
    assert_eq!(problems.matches("the spool cannot be written").count(), 1, "{problems}");
}

#[test]
fn a_thousand_threads_and_a_queue_of_one() {
    let server = Server::start();
    let sdk = Sdk::start_with(&server.dsn(), |options| options.queue_events(1));
    std::thread::scope(|threads| {
        for n in 0..1000 {
            threads.spawn(move || {
                configure_scope(|scope| scope.set_tag(format!("tag {}", n % 7), "x"));
                andon_sdk::with_scope(
                    |scope| scope.set_tag("own", n.to_string()),
                    || capture_message(&format!("{n}"), Level::Error),
                );
            });
        }
    });
    server.wait_for(1000);
    for event in server.events() {
        assert_eq!(event["message"], event["tags"]["own"]);
    }
    assert_eq!(server.most_often(), 1);
    assert_eq!(sdk.problems(), Vec::<String>::new());
}

#[test]
fn it_can_be_started_twice_and_ended_in_any_order() {
    let (first, second) = (Server::start(), Server::start());
    let mut sdk = Sdk::start(&first.dsn());
    let other = Options::new(second.dsn()).spool(Spool::MemoryOnly).init();
    capture_message("to the second", Level::Error);
    assert_eq!(second.one()["message"], "to the second");
    sdk.end();
    capture_message("still to the second", Level::Error);
    second.wait_for(2);
    drop(other);
    assert_eq!(capture_message("to nobody", Level::Error), EventId::NONE);
    assert_eq!(first.count(), 0);
}
