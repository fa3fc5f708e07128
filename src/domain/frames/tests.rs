//! What the tables of all languages share, and what holds for any frame at all.

use proptest::prelude::*;

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
    "rust", "python", "javascript", "node", "java", "csharp", "go", "php", "ruby", "native", "cocoa",
    "elixir", "other", "",
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
    for part in ["<", "(", "{", "$", "::", "block in ", "async ", "a.", "+<", "closure #1 in ", "\\", "[", "/<", "_", "-", "operator", "'"] {
        let name = part.repeat(20_000);
        for platform in PLATFORMS {
            let _ = key(platform, &frame(&name, &name, &name));
            let _ = is_in_app(platform, &frame(&name, &name, &name));
            let _ = error_type(platform, &name);
        }
    }
}

/// Names that look like names, from the pieces that the languages put into them.
fn names() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "total", "Cart", "shop", "func1", "1", "$", "$$", "Lambda", "lambda", "<", ">", "::", ".", "/", "\\",
        "(", ")", "{", "}", "[", "]", " ", "async ", "new ", "block in ", "rescue in ", "<locals>",
        "<listcomp>", "<lambda>", "{closure}", "@anonymous", "h0123456789abcdef", "main", "3f9a1c2e",
        "chunk", "-", "_", "#", "@", "~", "js", "py", "so", "v1.2", "operator", "()", "closure #1 in ", "`1",
        "+", "d__4", "MoveNext", ">b__0", ">g__", "|", "[as foo]", "0x7f", "\0", "é", "?", ":", "12",
        "isra", "-[", "__", "_block_invoke", "$Proxy", "GeneratedMethodAccessor", "site-packages", "fm",
        "range1", "__CG__\\", "{closure:", "in ", "'", "`", "default", "anonymous fn/", "-fun-", "webpack:///",
    ]);
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

/// Paths as machines, deploys and bundlers make them.
fn paths() -> impl Strategy<Value = String> {
    let root = prop::sample::select(vec![
        "", "/", "./", "../", "C:\\", "webpack:///", "webpack://shop/", "app:///", "https://a.example/", "file:///",
        "~/", "<", "(eval at /srv/", "/home/a/app/", "/var/task/",
    ]);
    let part = prop::sample::select(vec![
        "src", "cart", "index", "main", "chunk", "3f9a1c2e", "ABC123", "BdH3f9Qx", "v1.2.3", "shop-1.2.3",
        "20261121", "release", "_app", "4bd1b696", "f785427dddbba9fb", "7", "..", ".", "é", "vendors", "order",
    ]);
    let joint = prop::sample::select(vec!["/", "-", ".", "~", "_", "\\", "@"]);
    let ending = prop::sample::select(vec!["", ".js", ".py", ".php", ".so.1.2", ".js?v=3", ".ts", ".cs", ">", ")", ".js.map"]);
    (root, prop::collection::vec((part, joint), 1..6), ending).prop_map(|(root, parts, ending)| {
        let mut path = root.to_owned();
        for (index, (part, joint)) in parts.iter().enumerate() {
            if index > 0 {
                path.push_str(joint);
            }
            path.push_str(part);
        }
        path + ending
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, ..ProptestConfig::default() })]

    #[test]
    fn normalising_twice_is_normalising_once(name in names()) {
        for platform in PLATFORMS {
            let language = Language::of_platform(platform).unwrap_or(Language::Generic);
            let dialect = language.dialect();
            for (what, clean) in [
                ("function", &(|name: &str| settle(name, |n| dialect.function(n)).into_owned()) as &dyn Fn(&str) -> String),
                ("module", &|name| settle(name, |n| dialect.module(n)).into_owned()),
                ("type", &|name| settle(name, |n| dialect.error_type(n)).into_owned()),
            ] {
                let once = clean(&name);
                prop_assert_eq!(clean(&once), once, "{} {:?} in {}", what, name, platform);
            }
        }
    }

    #[test]
    fn normalising_a_path_twice_is_normalising_it_once(path in paths()) {
        let clean = |path: &str| {
            let mut out = String::new();
            path::write_file(path.trim(), &mut out);
            out
        };
        let once = clean(&path);
        prop_assert_eq!(clean(&once), once, "{:?}", path);
    }

    #[test]
    fn no_frame_makes_it_panic(function in names(), module in names(), path in ".{0,40}", other in names()) {
        for platform in PLATFORMS {
            let frame = Frame { package: Some(other.clone()), ..frame(&function, &module, &path) };
            let _ = key(platform, &frame);
            let _ = is_in_app(platform, &frame);
            let _ = key(platform, &super::tests::frame("", "", &other));
        }
    }
}
