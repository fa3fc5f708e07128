//! Panics, and processes that end with them.

use serde_json::Value;

use super::child::{MANY, run, start};
use super::sdk::Sdk;
use super::server::{PATIENCE, Server, dsn, nobody};

#[test]
fn a_panic_arrives_and_the_thread_ends_as_it_would() {
    let server = Server::start();
    let sdk = Sdk::start(&server.dsn());
    let ended = std::thread::Builder::new()
        .name("the till".into())
        .spawn(|| {
            let empty: &[u32] = &[];
            std::hint::black_box(empty)[3]
        })
        .unwrap()
        .join();
    assert!(ended.is_err());
    let event = server.one();
    assert_eq!(event["level"], "fatal");
    let panic = &event["exception"]["values"][0];
    assert_eq!(panic["type"], "panic");
    assert_eq!(panic["value"], "index out of bounds: the len is 0 but the index is 3");
    assert_eq!(panic["mechanism"]["handled"], false);
    assert_eq!(event["contexts"]["thread"]["name"], "the till");
    assert!(event["contexts"]["panic"]["file"].as_str().unwrap().ends_with("panics.rs"));
    let frames = panic["stacktrace"]["frames"].as_array().unwrap();
    let last = frames.last().unwrap()["function"].as_str().unwrap();
    assert!(last.starts_with("capture::panics::a_panic_arrives"), "{frames:#?}");
    assert!(sdk.problems().is_empty(), "{:?}", sdk.problems());
}

#[test]
fn payloads_that_are_no_text_and_captures_that_are_off() {
    let server = Server::start();
    let sdk = Sdk::start(&server.dsn());
    let panicked = std::panic::catch_unwind(|| std::panic::panic_any(7_u32));
    assert!(panicked.is_err());
    let value = server.one()["exception"]["values"][0]["value"].clone();
    assert_eq!(value, "a panic whose payload is no text");
    drop(sdk);
    let sdk = Sdk::start_with(&server.dsn(), |options| options.capture_panics(false));
    assert!(std::panic::catch_unwind(|| panic!("not captured")).is_err());
    assert!(sdk.guard().flush(PATIENCE));
    assert_eq!(server.count(), 1);
}

fn values(events: &[Value]) -> Vec<String> {
    let value =
        |event: &Value| event["exception"]["values"][0]["value"].as_str().unwrap().to_owned();
    events.iter().map(value).collect()
}

#[test]
fn a_process_that_is_killed_right_after_a_panic_has_it_sent_at_its_next_start() {
    let address = nobody();
    for role in ["panic and be killed", "abort in a panic"] {
        let mut sdk = Sdk::start("");
        assert!(!run(role, &dsn(address), sdk.folder()).success(), "{role}");
        let server = Server::start_at(address);
        assert_eq!(server.count(), 0);
        sdk.start_again(&dsn(address));
        server.wait_for(1);
        assert!(sdk.guard().flush(PATIENCE));
        let events = server.events();
        assert_eq!(values(&events)[0], "the last words", "{role}");
        assert_eq!(events[0]["breadcrumbs"]["values"][0]["message"], "the last that was done");
        assert!(events[0]["exception"]["values"][0]["stacktrace"]["frames"].is_array());
        assert_eq!(server.most_often(), 1);
    }
}

#[test]
fn a_process_that_ends_sends_what_it_captured() {
    let server = Server::start();
    let sdk = Sdk::start("");
    assert!(run("end by itself", &server.dsn(), sdk.folder()).success());
    assert_eq!(server.one()["message"], "at the end");
}

#[test]
#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn a_process_that_exits_right_after_a_capture_sends_it() {
    let server = Server::start();
    let sdk = Sdk::start("");
    let ended = run("exit", &server.dsn(), sdk.folder());
    assert_eq!(ended.code(), Some(3));
    assert_eq!(server.count(), 1, "before the process is gone");
    assert_eq!(server.one()["message"], "the last words");
}

#[test]
fn many_errors_while_the_server_is_away_take_no_memory_and_arrive_once() {
    const MAX_GROWTH_KIB: u64 = 20 * 1024;
    let address = nobody();
    let mut sdk = Sdk::start("");
    let output = start("capture many", &dsn(address), sdk.folder()).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let grown = said.split("grown by ").nth(1).and_then(|rest| rest.split(' ').next());
    let grown: u64 = grown.unwrap_or_else(|| panic!("{said}")).parse().unwrap();
    assert!(grown < MAX_GROWTH_KIB, "{grown} KiB");
    let server = Server::start_at(address);
    server.forget_contents();
    sdk.start_again(&dsn(address));
    eventually_all(&server);
    assert_eq!(server.most_often(), 1);
}

/// Waits for all of the many, as long as there are more from one look to the next.
fn eventually_all(server: &Server) {
    let mut seen = 0;
    while seen <= MANY {
        super::server::eventually("more of them", || server.different() > seen);
        seen = server.different();
    }
    assert_eq!(seen, MANY + 1);
}
