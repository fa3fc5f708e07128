use crate::domain::fix::{ClaimedClass, ProvedClass};
use crate::guard::{Change, judge};

fn verdict_for(path: &str, before: &[u8], after: &[u8]) -> crate::domain::verdict::Verdict {
    judge(&Change { path, before, after, claimed: Some(ClaimedClass::Style), facts: None })
}

#[test]
fn some_paths_are_never_automatic() {
    let (before, after) = (b"fn a(){}".as_slice(), b"fn a() {}".as_slice());
    assert!(verdict_for("src/deep/er/x.rs", before, after).auto);
    for path in [
        "",
        "/src/x.rs",
        "../x.rs",
        "src/../../x.rs",
        "src//x.rs",
        "src/./x.rs",
        "src/x.rs/",
        "C:/x.rs",
        "src\\x.rs",
        "src/x\n.rs",
        "build.rs",
        "crates/a/build.rs",
        "Build.rs",
        "Cargo.toml",
        "Cargo.lock",
        "a/poetry.lock",
        ".cargo/config.toml",
        ".cargo/x.rs",
        "a/.cargo/x.rs",
        ".git/x.rs",
        ".GIT/x.rs",
        ".github/x.rs",
        "target/debug/x.rs",
        "vendor/a/src/x.rs",
        "x.py",
        "x.js",
        "x.RS",
        "x",
        "src/rs",
        "rust-toolchain",
        "src/x.rs.orig",
    ] {
        let verdict = verdict_for(path, before, after);
        assert_eq!((verdict.proved_class, verdict.auto), (ProvedClass::Other, false), "{path}");
        assert!(!verdict.reason.is_empty());
    }
}

#[test]
fn some_contents_are_never_automatic() {
    let cases: &[(&str, &[u8], &[u8], &str)] = &[
        ("unchanged", b"fn a() {}", b"fn a() {}", "nothing changes"),
        ("new", b"", b"fn a() {}", "new"),
        ("new from blanks", b" \n", b"fn a() {}", "new"),
        ("emptied", b"fn a() {}", b"", "empties"),
        ("emptied to blanks", b"fn a() {}", b"\n\n", "empties"),
        ("not UTF-8 before", b"fn a() {}\n// \xff", b"fn a() {}\n//", "line 2"),
        ("not UTF-8 after", b"fn a() {}", b"fn a() {} // \xc3\x28", "not UTF-8"),
        ("UTF-16", b"fn a() {}", b"\xff\xfef\0n\0", "not UTF-8"),
        ("does not parse before", b"fn a( {}", b"fn a() {}", "before"),
        ("does not parse after", b"fn a() {}\n", b"fn a() {}}\n", "after"),
        ("parses as nothing", b"fn a() {}", b"fn a() { let }", "after"),
        ("unfinished string", b"fn a() {}", b"fn a() { \"", "string"),
        ("unfinished comment", b"fn a() {}", b"fn a() {} /*", "comment"),
        ("generated", b"// @generated\nfn a(){}", b"// @generated\nfn a() {}", "generates"),
        (
            "generated, in words",
            b"// Automatically generated. Do not edit.\nfn a(){}",
            b"fn a() {}",
            "generates",
        ),
        (
            "manifest in the file",
            b"---\n[dependencies]\na = \"1\"\n---\nfn a(){}",
            b"---\n[dependencies]\na = \"1\"\n---\nfn a() {}",
            "manifest",
        ),
        (
            "procedural macro",
            b"#[proc_macro]\npub fn a(){}",
            b"#[proc_macro]\npub fn a() {}",
            "procedural",
        ),
        (
            "derive macro",
            b"#[proc_macro_derive(A)]\npub fn a(){}",
            b"#[proc_macro_derive(A)]\npub fn a() {}",
            "procedural",
        ),
    ];
    for (name, before, after, word) in cases {
        let verdict = verdict_for("src/x.rs", before, after);
        assert_eq!((verdict.proved_class, verdict.auto), (ProvedClass::Other, false), "{name}");
        assert!(verdict.reason.contains(word), "{name}: {}", verdict.reason);
    }
}

#[test]
fn a_claim_never_widens_and_logic_always_waits() {
    let style = |claimed| {
        judge(&Change {
            path: "x.rs",
            before: b"fn a(){}",
            after: b"fn a() {}",
            claimed,
            facts: None,
        })
    };
    assert!(style(None).auto);
    assert!(style(Some(ClaimedClass::Import)).auto);
    let waits = style(Some(ClaimedClass::Logic));
    assert_eq!((waits.proved_class, waits.auto), (ProvedClass::Style, false));
    assert!(waits.reason.contains("claimed as logic"));
    for claimed in
        [None, Some(ClaimedClass::Style), Some(ClaimedClass::Import), Some(ClaimedClass::Logic)]
    {
        let change = Change {
            path: "x.rs",
            before: b"fn a() {}",
            after: b"fn b() {}",
            claimed,
            facts: None,
        };
        assert!(!judge(&change).auto);
    }
}

#[test]
fn a_refusal_names_the_line() {
    let verdict = verdict_for(
        "x.rs",
        b"#!/bin/x\nfn a() {}\nfn b() { 1 }",
        b"#!/bin/x\nfn a() {}\nfn b() { 2 }",
    );
    assert_eq!(verdict.reason, "line 3: `1` became `2`");
}

#[test]
fn a_verdict_lists_its_parts() {
    let verdict =
        verdict_for("x.rs", b"use b::B;\nuse a::A;\nfn f(){}", b"use a::A;\nuse b::B;\nfn f() {}");
    let rules: Vec<_> = verdict.parts.iter().map(|part| (part.class, part.rule.as_str())).collect();
    assert_eq!(
        rules,
        [(ProvedClass::Style, "style.tokens_equal"), (ProvedClass::Import, "import.reorder")]
    );
}
