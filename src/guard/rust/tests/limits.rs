//! Inputs that try to make the guard hang, panic or run out of stack.

use std::time::{Duration, Instant};

use super::PATH;
use crate::guard::{Change, judge};

/// Far above what a bounded amount of work takes in a debug build, far below a hang.
const PATIENCE: Duration = Duration::from_secs(20);

fn survives(name: &str, before: &[u8], after: &[u8]) -> crate::domain::verdict::Verdict {
    let start = Instant::now();
    let verdict = judge(&Change { path: PATH, before, after, claimed: None, facts: None });
    assert!(start.elapsed() < PATIENCE, "{name} took {:?}", start.elapsed());
    verdict
}

#[test]
fn depth_and_length_are_bounded() {
    let around = |head: &str, piece: &str, count: usize, tail: &str| {
        format!("fn a() {{ {head}{}{tail}; }}", piece.repeat(count))
    };
    for count in [50, 1_000, 3_000, 200_000] {
        for (name, text) in [
            ("parentheses", around("", "(", count, &format!("1{}", ")".repeat(count)))),
            ("brackets", around("", "[", count, &"]".repeat(count))),
            ("braces", around("", "{", count, &"}".repeat(count))),
            ("not", around("", "!", count, "1")),
            ("references", around("", "&", count, "1")),
            ("minus", around("", "- ", count, "1")),
            ("sum", around("1", "+1", count, "")),
            ("assignments", around("a", "=a", count, "")),
            ("else", around("if a {}", " else if a {}", count, "")),
            ("methods", around("a", ".b()", count, "")),
            ("closures", around("", "|a| ", count, "1")),
            ("returns", around("", "return ", count, "1")),
            ("casts", around("1", " as u8", count, "")),
            ("generics", around("let a: ", "A<", count, &format!("u8{}", ">".repeat(count)))),
            ("pointers", around("let a: ", "*const ", count, "u8")),
            ("functions", around("let a: ", "fn() -> ", count, "u8")),
            ("questions", around("a", "?", count, "")),
            ("indices", around("a", "[0]", count, "")),
            ("patterns", around("let ", "&", count, "a = 1")),
            ("alternatives", around("let ", "A | ", count, "A = 1")),
            ("bounds", around("let a: dyn ", "A + ", count, "A")),
            ("paths", around("", "a::", count, "a")),
            ("modules", format!("{}{}", "mod a {".repeat(count), "}".repeat(count))),
            ("imports", format!("use {}a{};", "a::{".repeat(count), "}".repeat(count))),
            ("attributes", format!("{}fn a() {{}}", "#[a] ".repeat(count))),
            ("macros", around("", "m!(", count, &")".repeat(count))),
            ("comments", format!("{}{} fn a() {{}}", "/*".repeat(count), "*/".repeat(count))),
            ("open comments", "/*".repeat(count)),
            ("quotes", format!("fn a() {{}} {}", "'".repeat(count))),
            ("hashes", format!("fn a() {{}} r{}", "#".repeat(count))),
            ("open delimiters", "([{".repeat(count)),
            ("lifetimes", around("", "'a: ", count, "loop {}")),
            ("items", "fn a() {} ".repeat(count / 4)),
            ("use items", "use a::b; ".repeat(count / 4)),
        ] {
            let verdict = survives(name, text.as_bytes(), format!("{text}\n").as_bytes());
            if count == 50
                && !matches!(
                    name,
                    "quotes"
                        | "hashes"
                        | "open delimiters"
                        | "open comments"
                        | "lifetimes"
                        | "patterns"
                        | "alternatives"
                        | "parentheses"
                        | "brackets"
                )
            {
                assert!(verdict.auto, "{name}: {}", verdict.reason);
            }
            if count == 200_000 && name == "parentheses" {
                assert!(!verdict.auto);
            }
        }
    }
}

#[test]
fn a_huge_file_is_refused_by_name() {
    let text = "fn a() {}\n".repeat(200_000);
    let verdict = survives("huge", text.as_bytes(), b"fn a() {}");
    assert!(verdict.reason.contains("larger than"), "{}", verdict.reason);
}

#[test]
fn garbage_is_refused() {
    let mut state = 88_172_645_463_325_252_u64;
    let alphabet: Vec<&[u8]> = [
        "fn",
        " ",
        "(",
        ")",
        "{",
        "}",
        "[",
        "]",
        "\"",
        "'",
        "r#",
        "b",
        "//",
        "/*",
        "*/",
        "\n",
        "#",
        "!",
        "1",
        "e",
        ".",
        "\\",
        "\u{202e}",
        "use",
        "::",
        ";",
        "a",
        ",",
        "=>",
        "match",
        "|",
        "<",
        ">",
        "\r",
        "\u{feff}",
        "é",
        "macro_rules",
        "$",
        "_",
        "as",
        "'a",
        "0x",
        "1e+",
        "c\"",
        "#[",
    ]
    .iter()
    .map(|word| word.as_bytes())
    .collect();
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % 1_000_003).unwrap()
    };
    for _ in 0..400 {
        let mut make = || {
            let length = next() % 60;
            (0..length)
                .flat_map(|_| alphabet[next() % alphabet.len()].iter().copied())
                .collect::<Vec<u8>>()
        };
        let (before, mut after) = (make(), make());
        survives("garbage", &before, &after);
        after.truncate(after.len() / 2);
        survives("cut", &after, &before);
    }
}
