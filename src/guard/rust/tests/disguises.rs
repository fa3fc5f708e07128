//! Lies that hide behind another spelling of a name, another owner of it, or another reader of the text.

use super::*;

/// Every pair must wait for a person.
fn refuse_all(path: &str, pairs: &[(&str, &str)]) {
    for (before, after) in pairs {
        for (before, after) in [(before, after), (after, before)] {
            let verdict = judge(&Change {
                path,
                before: before.as_bytes(),
                after: after.as_bytes(),
                claimed: None,
                facts: None,
            });
            assert!(!verdict.auto, "{before}\n became \n{after}\n: {}", verdict.reason);
        }
    }
}

#[test]
fn a_standard_macro_under_a_raw_or_borrowed_name_is_not_the_standard_one() {
    let print = "fn f() { println!(\"{}\", vec!(a+b)); }\n";
    let heads = [
        "macro_rules! r#vec { ($($t:tt)*) => { stringify!($($t)*) } }\n",
        "use m::vv as r#vec;\n",
        "use core::stringify as r#vec;\n",
        "use ::{std::mem, my::vec};\n",
        "define!(vec);\n",
        "extern crate my as std;\nuse std::vec;\n",
    ];
    for head in heads {
        let before = format!("{head}{print}");
        refuse_all("src/x.rs", &[(&before, &before.replace("a+b", "a + b"))]);
    }
    refuse_all(
        "src/x.rs",
        &[
            (
                "use my::log;\nfn f() { log::info!(\"{}\", a+b); }\n",
                "use my::log;\nfn f() { log::info!(\"{}\", a + b); }\n",
            ),
            (
                "use crate::std;\nfn f() { std::println!(\"{}\", a+b); }\n",
                "use crate::std;\nfn f() { std::println!(\"{}\", a + b); }\n",
            ),
        ],
    );
}

#[test]
fn an_attribute_that_is_not_the_compilers_sees_itself_and_its_item() {
    refuse_all(
        "src/x.rs",
        &[
            ("#[test::foo(a+b)] fn f() {}\n", "#[test::foo(a + b)] fn f() {}\n"),
            (
                "use my::test;\n#[test(a+b)] fn f() {}\n",
                "use my::test;\n#[test(a + b)] fn f() {}\n",
            ),
            ("#[unsafe(foo(a+b))] fn f() {}\n", "#[unsafe(foo(a + b))] fn f() {}\n"),
            (
                "#[cfg_attr(a, cfg_attr(b, foo(a+b)))] fn f() {}\n",
                "#[cfg_attr(a, cfg_attr(b, foo(a + b)))] fn f() {}\n",
            ),
            ("#[printed] fn f() -> u8 { 1+2 }\n", "#[printed] fn f() -> u8 { 1 + 2 }\n"),
            ("#[cfg_attr(x, printed)] fn f(){}\n", "#[cfg_attr(x, printed)] fn f() {}\n"),
            ("impl S { #[printed] const A:u8 = 1; }\n", "impl S { #[printed] const A: u8 = 1; }\n"),
        ],
    );
}

#[test]
fn a_condition_is_printed_with_the_gaps_of_the_macros_in_it() {
    refuse_all(
        "src/x.rs",
        &[
            (
                "fn f() { assert!(vec![1,2].is_empty()); }\n",
                "fn f() { assert!(vec![1, 2].is_empty()); }\n",
            ),
            (
                "fn f() { assert!(g::<u8, u8>(matches!(x, 1|2))); }\n",
                "fn f() { assert!(g::<u8, u8>(matches!(x, 1 | 2))); }\n",
            ),
        ],
    );
}

#[test]
fn whoever_tells_the_place_sees_the_layout() {
    refuse_all(
        "src/x.rs",
        &[
            ("fn f() -> u32 { r#line!() }\n", "fn f() -> u32 {\n r#line!() }\n"),
            ("fn f() -> u32 { /*é*/ column!() }\n", "fn f() -> u32 { /*ab*/ column!() }\n"),
            (
                "use core::r#line as l;\nfn f() -> u32 { l!() }\n",
                "use core::r#line as l;\n\nfn f() -> u32 { l!() }\n",
            ),
            (
                "macro_rules! call { ($m:ident) => { $m!() } }\nfn f() -> u32 { call!(line) }\n",
                "macro_rules! call { ($m:ident) => { $m!() } }\n\nfn f() -> u32 { call!(line) }\n",
            ),
            (
                "macro_rules! l { ($b:tt) => { line $b () } }\nfn f() -> u32 { l!(!) }\n",
                "macro_rules! l { ($b:tt) => { line $b () } }\n\nfn f() -> u32 { l!(!) }\n",
            ),
            (
                "fn f() -> u32 { std::panic::Location::caller().line() }\n",
                "fn f() -> u32 {\n std::panic::Location::caller().line() }\n",
            ),
        ],
    );
}

#[test]
fn a_file_that_can_read_itself_is_data() {
    let readers = [
        "include_str!(concat!(\"x\", \".rs\"))",
        "include_str!(\"x\\x2ers\")",
        "r#include_str!(\"x.rs\")",
        "i!(include_str)",
        "std::fs::read(file!())",
    ];
    for reader in readers {
        let before = format!("fn f() {{ {reader}; }}\n");
        refuse_all("src/x.rs", &[(&before, &format!("{before}\n"))]);
    }
    let import = "use std::include_str as i;\nfn f() { i!(\"x.rs\"); }\n";
    refuse_all("src/x.rs", &[(import, &format!("{import}\n"))]);
}

#[test]
fn a_name_of_one_word_may_be_a_macro_that_holds_from_its_place_on() {
    let first = "macro_rules! m { () => {1} }\n";
    let second = "macro_rules! m { () => {2} }\n";
    let between = format!("{first}use m as n;\n{second}fn f() -> u8 {{ n!() }}\n");
    let below = format!("{first}{second}use m as n;\nfn f() -> u8 {{ n!() }}\n");
    let called = between.replace(second, "define!(m 2);\n");
    let called_below = below.replace(second, "define!(m 2);\n");
    refuse_all("src/x.rs", &[(&between, &below), (&called, &called_below)]);
}

#[test]
fn lines_that_mean_something_to_a_person_or_a_tool_stay() {
    refuse_all(
        "src/x.rs",
        &[
            ("fn f() {} // \u{202e} a\n// b\n", "fn f() {} // a\n// \u{202e} b\n"),
            ("//@ edition:2015\nfn f() {}\n", "//@ edition:2021\nfn f() {}\n"),
            ("// cbindgen:ignore\nfn f() {}\n", "fn f() {}\n"),
            (
                "fn f() { py! {\n  if a:\n    b\n  c\n} }\n",
                "fn f() { py! {\n  if a:\n    b\n    c\n} }\n",
            ),
        ],
    );
}

#[test]
fn odd_and_generated_paths_are_left_alone() {
    let paths = [
        "src/generated/a.rs",
        "src/a.pb.rs",
        "third_party/a.rs",
        "git~1/a.rs",
        ".g\u{200c}it/a.rs",
        "target /a.rs",
        "target./a.rs",
        ".config/x.rs",
        "src/x_generated.rs",
        ".rs",
    ];
    for path in paths {
        refuse_all(path, &[("fn f(){}\n", "fn f() {}\n")]);
    }
}
