//! What must not hurt: text of any kind, nested as deeply and as long as it may be. Anything quadratic
//! would take hours over these texts, and shows by that.

use proptest::prelude::*;

use super::super::{MAX_CODE_BYTES, MAX_FINDINGS};
use super::report;

const PATHS: &[&str] = &["a.rs", "a.py", "a.js", "a.ts", "a.tsx", ""];

fn survives(path: &str, code: &str) {
    let report = report(path, code);
    assert!(report.findings.len() <= MAX_FINDINGS);
    for finding in &report.findings {
        assert!(finding.quote.len() <= 400 && finding.line > 0 && finding.column > 0);
        assert!(code.contains(&finding.quote), "a quotation that is not in the code");
    }
}

/// A piece, again and again, up to the largest code that is looked at.
fn filled(piece: &str) -> String {
    piece.repeat(MAX_CODE_BYTES / piece.len())
}

#[test]
fn deep_nesting_ends_in_an_answer() {
    for piece in [
        "(",
        "[",
        "{",
        "((((",
        "!",
        "-",
        "a(",
        "x=>",
        "if a: ",
        "os.system('a' + ",
        "db.query(`SELECT ${",
        "eval(a.b + ",
        "f(lambda: ",
        "for(;;)",
        "a[b].",
    ] {
        let code = piece.repeat(60_000 / piece.len());
        PATHS.iter().for_each(|path| survives(path, &code));
    }
    let closed = format!("x = {}1{}\n", "(".repeat(30_000), ")".repeat(30_000));
    PATHS.iter().for_each(|path| survives(path, &closed));
}

#[test]
fn a_mebibyte_on_one_line_ends_in_an_answer() {
    survives("a.js", &filled("if(a==b){eval(c.d)};"));
    survives("a.py", &filled("x == None; "));
    survives("a.rs", &format!("fn f() {{ {} }}", &filled("a.b(\"c\"); ")[..900_000]));
}

#[test]
fn a_mebibyte_of_lines_that_rules_look_at_ends_in_an_answer() {
    survives(
        "a.py",
        &filled("def f(x=[]):\n    for a in x:\n        x.remove(a)\n    eval(x[0])\n"),
    );
    survives(
        "a.js",
        &filled("async function f(a) { for (const k in a) { f(a[k]); a[k] = `<b>${a}` } }\n"),
    );
    let locks = "let g = m.lock().unwrap(); ".repeat(20_000);
    survives("a.rs", &format!("async fn f() {{ {locks} }}"));
}

#[test]
fn what_is_too_large_or_of_no_language_is_said_so() {
    let large = report("a.txt", "x");
    assert!(large.language.is_none() && large.notes[0].contains("file_path"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_text_ends_in_an_answer(code in any::<String>()) {
        PATHS.iter().for_each(|path| survives(path, &code));
    }

    #[test]
    fn any_row_of_the_languages_words_ends_in_an_answer(words in prop::collection::vec(prop::sample::select(vec![
        "def f(", "x=[]", "):", "\n    ", "x.append(1)", "fn f(", "{", "}", "(", ")", "lock().unwrap()", ".await", "async ",
        "eval(", "`${", "}`", "'", "\"", "import yaml\n", "yaml.load(", "password = ", "== None", "for (const k in a)", "/(a+)+$/",
        "unsafe {", "é", "\u{0}", "\r\n", "try:", "except:", "finally", "return", ";", "f'{", "#!", "\u{feff}", "format!(\"{}\"", "%s",
    ]), 0..60)) {
        let code = words.concat();
        PATHS.iter().for_each(|path| survives(path, &code));
    }
}
