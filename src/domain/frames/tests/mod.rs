//! What the tables of all languages share, and what holds for any frame at all.

mod any;

use super::*;

pub(super) fn frame(function: &str, module: &str, path: &str) -> Frame {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    Frame {
        function: some(function),
        module: some(module),
        filename: some(path),
        abs_path: some(path),
        ..Frame::default()
    }
}

fn key(platform: &str, frame: &Frame) -> String {
    let mut out = String::new();
    Reading::of(platform, std::slice::from_ref(frame)).write_key(frame, &mut out);
    out
}

pub(super) fn functions(dialect: &dyn Dialect, table: &[(&str, &str)]) {
    for (name, clean) in table {
        assert_eq!(dialect.function(name), *clean, "of {name}");
        assert_eq!(dialect.function(clean), *clean, "again, of {name}");
    }
}

pub(super) fn modules(dialect: &dyn Dialect, table: &[(&str, &str)]) {
    for (name, clean) in table {
        assert_eq!(dialect.module(name), *clean, "of {name}");
        assert_eq!(dialect.module(clean), *clean, "again, of {name}");
    }
}

pub(super) fn origins(platform: &str, table: &[(Frame, Origin)]) {
    for (frame, origin) in table {
        let reading = Reading::of(platform, std::slice::from_ref(frame));
        assert_eq!(reading.origin(frame), *origin, "{frame:?}");
        // What the sender says may not contradict place and name, and decides where they are silent.
        let said = Frame { in_app: Some(true), ..frame.clone() };
        assert_eq!(reading.origin(&said), *origin, "said to be the application's: {frame:?}");
    }
}

pub(super) fn same(platform: &str, frames: &[Frame]) {
    let first = key(platform, &frames[0]);
    for other in &frames[1..] {
        assert_eq!(first, key(platform, other), "{other:?}");
    }
}

pub(super) fn differ(platform: &str, a: &Frame, b: &Frame) {
    assert_ne!(key(platform, a), key(platform, b), "{a:?}");
}

const PLATFORMS: &[&str] = &[
    "rust",
    "python",
    "javascript",
    "node",
    "java",
    "csharp",
    "go",
    "php",
    "ruby",
    "native",
    "cocoa",
    "elixir",
    "other",
    "",
];

#[test]
fn what_the_sender_says_decides_where_place_and_name_do_not() {
    for platform in ["python", "node", "java", "csharp", "go", "php", "ruby", "cocoa", "other"] {
        let own = frame("total", "acme.cart", "/srv/acme/cart.x");
        let said = |says| Frame { in_app: says, ..own.clone() };
        assert!(is_in_app(platform, &said(None)), "{platform}");
        assert!(is_in_app(platform, &said(Some(true))), "{platform}");
        assert!(!is_in_app(platform, &said(Some(false))), "{platform}");
    }
}

#[test]
fn silence_beside_frames_that_the_sender_calls_its_own_says_no() {
    let own = Frame { in_app: Some(true), ..frame("total", "com.acme.Cart", "") };
    let silent = frame("run", "com.other.Runner", "");
    let frames = [own.clone(), silent.clone()];
    let reading = Reading::of("java", &frames);
    assert_eq!(reading.origin(&own), Origin::App);
    assert_eq!(reading.origin(&silent), Origin::Library);
    assert_eq!(Reading::of("java", &frames[1..]).origin(&silent), Origin::App);
}

#[test]
fn a_native_frame_that_the_door_judged_by_rusts_rule_is_judged_anew() {
    let judged = Frame { in_app: Some(false), ..frame("cart_total", "", "") };
    assert!(is_in_app("native", &judged));
    assert!(!is_in_app("cocoa", &judged));
}

#[test]
fn the_language_is_told_by_the_file_where_the_platform_does_not() {
    let made_up = frame("Object.load [as x]", "", "/srv/cart.js");
    assert_eq!(key("other", &made_up), "cart.js:load");
    let rust = frame("orders::total::h0123456789abcdef", "", "/srv/orders/src/cart.rs");
    for platform in ["other", "native", "rust"] {
        assert_eq!(key(platform, &rust), "orders::total");
    }
}

#[test]
fn marking_writes_what_was_found() {
    let mut event = Event::bare("0".repeat(32), jiff::Timestamp::UNIX_EPOCH);
    event.platform = "python".into();
    let frames = vec![
        frame("get", "requests", "/venv/lib/python3.12/site-packages/requests/api.py"),
        frame("total", "shop.cart", "/srv/shop/cart.py"),
    ];
    event.exceptions = vec![super::super::event::Exception {
        stacktrace: Some(super::super::event::StackTrace { frames }),
        ..Default::default()
    }];
    mark(&mut event);
    let frames = &event.exceptions[0].stacktrace.as_ref().unwrap().frames;
    assert_eq!([frames[0].in_app, frames[1].in_app], [Some(false), Some(true)]);
}

#[test]
fn absurd_names_end() {
    for part in [
        "<",
        "(",
        "{",
        "$",
        "::",
        "block in ",
        "async ",
        "a.",
        "+<",
        "closure #1 in ",
        "\\",
        "[",
        "/<",
        "_",
        "-",
        "operator",
        "'",
    ] {
        let name = part.repeat(20_000);
        for platform in PLATFORMS {
            let _ = key(platform, &frame(&name, &name, &name));
            let _ = is_in_app(platform, &frame(&name, &name, &name));
            let _ = error_type(platform, &name);
        }
    }
}
