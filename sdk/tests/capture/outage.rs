//! A server that is away, slow or full.

use std::time::Duration;

use andon_sdk::{Level, capture_message};

use super::sdk::Sdk;
use super::server::{Mood, PATIENCE, Server, bytes_in, dsn, eventually, nobody};

#[test]
fn what_was_captured_while_the_server_was_away_arrives_once() {
    let address = nobody();
    let mut sdk = Sdk::start(&dsn(address));
    for n in 0..200 {
        assert!(capture_message(&format!("{n}"), Level::Error).is_some());
    }
    assert!(!sdk.guard().flush(Duration::from_secs(10)), "nobody is there");
    sdk.end();
    assert!(bytes_in(sdk.folder()) > 200 * 100, "they wait on the disk");
    let server = Server::start_at(address);
    sdk.start_again(&dsn(address));
    server.wait_for(200);
    assert!(sdk.guard().flush(PATIENCE));
    let mut texts: Vec<u32> = server
        .events()
        .iter()
        .map(|event| event["message"].as_str().unwrap().parse().unwrap())
        .collect();
    assert!(texts.is_sorted(), "in order");
    texts.dedup();
    assert_eq!(texts.len(), 200);
    assert_eq!(server.most_often(), 1);
    let said = sdk.problems();
    assert_eq!(said.len(), 1, "said once: {said:?}");
    assert!(said[0].contains("cannot be reached"), "{said:?}");
    sdk.end();
    eventually("the spool to be tidied", || bytes_in(sdk.folder()) == 0);
}

#[test]
fn a_server_that_comes_back_is_found_without_a_new_start() {
    let server = Server::start();
    let sdk = Sdk::start(&server.dsn());
    server.set(Mood::Answering(503, None));
    for n in 0..10 {
        capture_message(&format!("{n}"), Level::Error);
    }
    eventually("it to be tried", || server.requests() >= 2);
    assert_eq!(server.count(), 0);
    server.set(Mood::Well);
    server.wait_for(10);
    assert_eq!(sdk.problems().len(), 1);
    // What was a problem, and is one again, is said again.
    server.set(Mood::Answering(502, None));
    capture_message("later", Level::Error);
    eventually("it to be said", || sdk.problems().len() == 2);
}

#[test]
fn a_server_that_is_full_is_left_alone_for_as_long_as_it_says() {
    let server = Server::start();
    let _sdk = Sdk::start(&server.dsn());
    server.set(Mood::Answering(429, Some(2)));
    capture_message("it waits", Level::Error);
    eventually("it to be tried", || server.requests() >= 1);
    let begun = std::time::Instant::now();
    server.set(Mood::Well);
    server.wait_for(1);
    // The pause may have begun a moment before it was seen here.
    assert!(begun.elapsed() > Duration::from_millis(1500), "{:?}", begun.elapsed());
}

#[test]
fn a_server_that_is_not_well_and_says_for_how_long_is_left_alone_also_in_a_hurry() {
    let server = Server::start();
    let sdk = Sdk::start(&server.dsn());
    server.set(Mood::Answering(503, Some(3600)));
    capture_message("it waits", Level::Error);
    eventually("it to be tried", || server.requests() >= 1);
    for _ in 0..10 {
        assert!(!sdk.guard().flush(Duration::MAX), "it is on the disk");
    }
    assert_eq!(server.requests(), 1);
}

#[test]
fn what_a_filter_does_not_let_through_stays_behind_what_it_does() {
    let server = Server::start();
    let sdk = Sdk::start(&server.dsn());
    server.set(Mood::Filtering("<script>", 403));
    capture_message("<script>", Level::Error);
    for n in 0..20 {
        capture_message(&format!("{n}"), Level::Error);
    }
    // In a hurry, so that the pauses are not waited for.
    eventually("the others", || {
        sdk.guard().flush(Duration::from_secs(1));
        server.count() == 20
    });
    let mut n = 20;
    eventually("it to be given up", || {
        n += 1;
        capture_message(&format!("{n}"), Level::Error);
        sdk.guard().flush(Duration::from_secs(1));
        server.left_out().contains_key("send_error")
    });
    assert_eq!(server.left_out()["send_error"], 1);
    assert_eq!(server.most_often(), 1);
}

#[test]
fn somebody_who_is_no_server_of_errors_has_nothing_thrown_away() {
    for status in [400, 405, 410, 421, 426] {
        let server = Server::start();
        let mut sdk = Sdk::start(&server.dsn());
        server.set(Mood::Answering(status, None));
        capture_message("it waits", Level::Error);
        eventually("it to be said", || sdk.problems().len() == 1);
        let folder = sdk.folder().display().to_string();
        assert!(sdk.problems()[0].contains(&folder), "{:?}", sdk.problems());
        server.set(Mood::Well);
        sdk.start_again(&server.dsn());
        assert_eq!(server.one()["message"], "it waits", "{status}");
    }
}

#[test]
fn a_server_that_never_answers_holds_nobody_up() {
    let server = Server::start();
    let mut sdk = Sdk::start_with(&server.dsn(), |options| {
        options.send_timeout(Duration::from_millis(300)).shutdown_timeout(Duration::from_secs(30))
    });
    server.set(Mood::Silent);
    capture_message("unheard", Level::Error);
    eventually("it to be tried", || server.requests() >= 1);
    // The end waits for one time-out, not for thirty seconds: the error is on the disk.
    sdk.end();
    assert!(bytes_in(sdk.folder()) > 0);
    server.set(Mood::Well);
    sdk.start_again(&server.dsn());
    assert_eq!(server.one()["message"], "unheard");
}

#[test]
fn what_the_server_refuses_is_not_sent_again_and_what_follows_is() {
    let server = Server::start();
    let sdk = Sdk::start(&server.dsn());
    server.set(Mood::Refusing(400));
    capture_message("refused", Level::Error);
    eventually("it to be refused", || sdk.problems().len() == 1);
    server.set(Mood::Well);
    capture_message("taken", Level::Error);
    assert_eq!(server.one()["message"], "taken");
    assert_eq!(server.left_out()["send_error"], 1);
}

#[test]
fn a_key_that_is_not_known_loses_nothing() {
    let server = Server::start();
    let mut sdk = Sdk::start(&server.dsn());
    server.set(Mood::Answering(403, None));
    capture_message("it waits", Level::Error);
    eventually("it to be said", || sdk.problems().len() == 1);
    assert!(sdk.problems()[0].contains("DSN"), "{:?}", sdk.problems());
    server.set(Mood::Well);
    sdk.start_again(&server.dsn());
    assert_eq!(server.one()["message"], "it waits");
}

#[test]
fn a_full_spool_keeps_the_newest_and_the_server_learns_how_many_went() {
    let address = nobody();
    let sdk = Sdk::start_with(&dsn(address), |options| options.spool_bytes(200_000));
    for n in 0..2000 {
        capture_message(&format!("{n}"), Level::Error);
    }
    assert!(!sdk.guard().flush(Duration::from_secs(10)));
    assert!(bytes_in(sdk.folder()) <= 200_000, "{}", bytes_in(sdk.folder()));
    let server = Server::start_at(address);
    assert!(sdk.guard().flush(PATIENCE));
    let events = server.events();
    // The capturing thread does its part itself while the queue is full, so that the order may differ a
    // little.
    let newest =
        events.iter().filter_map(|event| event["message"].as_str()?.parse::<u32>().ok()).max();
    assert_eq!(newest, Some(1999));
    assert_eq!(server.left_out()["cache_overflow"] + events.len() as u64, 2000);
}
