//! Settings that must be there.

use std::collections::HashSet;
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;

use andon_sdk::resilience::{Absence, Settings, required, required_all, required_or_generated};

fn settings() -> Settings {
    Settings::from_lookup(|name| match name {
        "DATABASE_URL" => Some("postgres://user:password@host/db".into()),
        "EMPTY" => Some("".into()),
        "BLANK" => Some(" \t\n".into()),
        "BYTES" => Some(OsString::from_vec(vec![0xff, 0xfe])),
        _ => None,
    })
}

#[test]
fn what_is_set_is_given_and_not_shown() {
    let setting = settings().required("DATABASE_URL").unwrap();
    assert_eq!(setting.expose(), "postgres://user:password@host/db");
    assert!(!setting.is_generated());
    assert!(!format!("{setting:?} {setting:#?}").contains("password"));
    assert_eq!(setting.into_inner(), "postgres://user:password@host/db");
}

#[test]
fn one_error_names_all_that_is_missing_and_says_what_to_do() {
    let names = ["UNSET", "DATABASE_URL", "EMPTY", "BLANK", "BYTES"];
    let missing = settings().required_all(names).unwrap_err();
    assert_eq!(
        missing.to_string(),
        "Required settings are missing: UNSET (not set), EMPTY (empty), BLANK (empty), \
         BYTES (not valid text). Set them in the environment and start again."
    );
    assert_eq!(missing.names().next(), Some(("UNSET", Absence::NotSet)));
    assert_eq!(
        settings().required("UNSET").unwrap_err().to_string(),
        "A required setting is missing: UNSET (not set). Set it in the environment and start again."
    );
    let [one, other] = settings().required_all(["DATABASE_URL", "DATABASE_URL"]).unwrap();
    assert_eq!(one, other);
    assert!(settings().required_all([]).is_ok());
}

#[test]
fn a_secret_that_is_missing_is_generated_once_and_at_random() {
    let settings = settings();
    let key = settings.required_or_generated("SECRET_KEY").unwrap();
    assert!(key.is_generated());
    assert_eq!(key.expose().len(), 64);
    assert!(key.expose().bytes().all(|byte| byte.is_ascii_hexdigit()));
    assert_eq!(settings.required_or_generated("SECRET_KEY").unwrap(), key);
    assert_ne!(settings.required_or_generated("OTHER_KEY").unwrap(), key);
    assert!(settings.required_or_generated("EMPTY").unwrap().is_generated());
    assert!(!settings.required_or_generated("DATABASE_URL").unwrap().is_generated());
    let different: HashSet<String> = (0..100)
        .map(|_| self::settings().required_or_generated("SECRET_KEY").unwrap().into_inner())
        .collect();
    assert_eq!(different.len(), 100);
}

#[test]
fn the_environment_is_asked() {
    assert_eq!(required("PATH").unwrap().expose(), std::env::var("PATH").unwrap());
    let [path] = required_all(["PATH"]).unwrap();
    assert!(!path.is_generated());
    for name in ["ANDON_TEST_IS_NOT_SET", "", "=", "NUL\0"] {
        assert!(required(name).is_err());
    }
    let key = required_or_generated("ANDON_TEST_IS_NOT_SET").unwrap();
    assert_eq!(required_or_generated("ANDON_TEST_IS_NOT_SET").unwrap(), key);
}
