//! A default instead of an error.

use std::panic::{AssertUnwindSafe, catch_unwind};

use andon_sdk::resilience::{safe_execute, safe_execute_blocking};

use crate::support::{assert_send, counted, own_error};

#[tokio::test]
async fn the_default_is_given_for_an_error_only() {
    own_error!(AsyncFails);
    let fails = async || Err::<Vec<u8>, _>(AsyncFails);
    let works = async || Ok::<_, AsyncFails>(vec![1]);
    assert_eq!(assert_send(safe_execute(vec![], true, fails())).await, Vec::<u8>::new());
    assert_eq!(safe_execute(vec![7], false, fails()).await, vec![7]);
    assert_eq!(safe_execute(vec![], true, works()).await, vec![1]);
    assert_eq!(counted("AsyncFails"), 2);
}

#[test]
fn it_works_for_blocking_code_too() {
    let unreadable = || std::fs::read_to_string("/there/is/no/such/file");
    assert_eq!(safe_execute_blocking("default".to_owned(), true, unreadable), "default");
    assert_eq!(safe_execute_blocking(0, true, || "12".parse::<i32>()), 12);
    assert!(counted("io::error::Error") >= 1);
}

#[test]
fn a_panic_is_not_swallowed() {
    own_error!(Unused);
    let panics = || -> Result<i32, Unused> { panic!("on purpose") };
    let result = catch_unwind(AssertUnwindSafe(|| safe_execute_blocking(0, true, panics)));
    assert!(result.is_err());
    assert_eq!(counted("Unused"), 0);
}
