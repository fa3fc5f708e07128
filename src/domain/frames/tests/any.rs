//! What holds for any frame at all.

use proptest::prelude::*;

use super::super::*;
use super::{PLATFORMS, key};

/// Names that look like names, from the pieces that the languages put into them.
fn names() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "total",
        "Cart",
        "shop",
        "func1",
        "1",
        "$",
        "$$",
        "Lambda",
        "lambda",
        "<",
        ">",
        "::",
        ".",
        "/",
        "\\",
        "(",
        ")",
        "{",
        "}",
        "[",
        "]",
        " ",
        "async ",
        "new ",
        "block in ",
        "rescue in ",
        "<locals>",
        "<listcomp>",
        "<lambda>",
        "{closure}",
        "@anonymous",
        "h0123456789abcdef",
        "main",
        "3f9a1c2e",
        "chunk",
        "-",
        "_",
        "#",
        "@",
        "~",
        "js",
        "py",
        "so",
        "v1.2",
        "operator",
        "()",
        "closure #1 in ",
        "`1",
        "+",
        "d__4",
        "MoveNext",
        ">b__0",
        ">g__",
        "|",
        "[as foo]",
        "0x7f",
        "\0",
        "é",
        "?",
        ":",
        "12",
        "isra",
        "-[",
        "__",
        "_block_invoke",
        "$Proxy",
        "GeneratedMethodAccessor",
        "site-packages",
        "fm",
        "range1",
        "__CG__\\",
        "{closure:",
        "in ",
        "'",
        "`",
        "default",
        "anonymous fn/",
        "-fun-",
        "webpack:///",
    ]);
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

/// Paths as machines, deploys and bundlers make them.
fn paths() -> impl Strategy<Value = String> {
    let root = prop::sample::select(vec![
        "",
        "/",
        "./",
        "../",
        "C:\\",
        "webpack:///",
        "webpack://shop/",
        "app:///",
        "https://a.example/",
        "file:///",
        "~/",
        "<",
        "(eval at /srv/",
        "/home/a/app/",
        "/var/task/",
    ]);
    let part = prop::sample::select(vec![
        "src",
        "cart",
        "index",
        "main",
        "chunk",
        "3f9a1c2e",
        "ABC123",
        "BdH3f9Qx",
        "v1.2.3",
        "shop-1.2.3",
        "20261121",
        "release",
        "_app",
        "4bd1b696",
        "f785427dddbba9fb",
        "7",
        "..",
        ".",
        "é",
        "vendors",
        "order",
    ]);
    let joint = prop::sample::select(vec!["/", "-", ".", "~", "_", "\\", "@"]);
    let ending = prop::sample::select(vec![
        "", ".js", ".py", ".php", ".so.1.2", ".js?v=3", ".ts", ".cs", ">", ")", ".js.map",
    ]);
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
            let frame = Frame { package: Some(other.clone()), ..super::frame(&function, &module, &path) };
            let _ = key(platform, &frame);
            let _ = is_in_app(platform, &frame);
            let _ = key(platform, &super::frame("", "", &other));
        }
    }
}
