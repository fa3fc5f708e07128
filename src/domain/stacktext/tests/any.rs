use proptest::prelude::*;

use super::*;

/// Pieces of which traces are made, to be put together in any way.
const PIECES: &[&str] = &[
    "Traceback (most recent call last):\n",
    "  File \"/a/b.py\", line 3, in f\n",
    "    x = y\n",
    "    ~~^~\n",
    "  | ",
    "  +-+---------------- 1 ----------------\n",
    "  +------------------------------------\n",
    "KeyError: 'x'\n",
    "    at f (/a/b.js:1:2)\n",
    "    at async g (/a/b.js:1:2) {\n",
    "  [cause]: TypeError: y\n",
    "f@https://x.example/a.js:1:2\n",
    "\tat a.B.c(B.java:3)\n",
    "Caused by: java.lang.X: y\n",
    "\tSuppressed: a.B\n",
    "\t... 99999999 more\n",
    "   at A.B.C(Int32 x) in /a/b.cs:line 3\n",
    " ---> A.E: m\n",
    "--- End of inner exception stack trace ---\n",
    "goroutine 1 [running]:\n",
    "main.f(0x1)\n",
    "\t/a/b.go:3 +0x1\n",
    "panic: x\n",
    "#0 /a/b.php(3): f()\n",
    "#1 {main}\n",
    "Stack trace:\n",
    "Next E: m in /a/b.php:3\n",
    "a.rb:3:in `f': m (E)\n",
    "\tfrom a.rb:3:in 'F#g'\n",
    "\t2: from a.rb:3:in `h'\n",
    "é\u{1F600}(:)@#`'\"",
    "\n",
    "",
];

proptest! {
    #[test]
    fn no_text_makes_it_fall_over(text in ".{0,400}") {
        let _ = read(&text);
        let _ = event_parts(&text, &text);
    }

    #[test]
    fn nor_does_one_that_is_nearly_a_trace(parts in prop::collection::vec(prop::sample::select(PIECES), 0..60)) {
        let text = parts.concat();
        if let Some(parsed) = read(&text) {
            prop_assert!(!parsed.exceptions.is_empty());
            prop_assert!(parsed.exceptions.len() <= 20);
            for exception in &parsed.exceptions {
                let frames = exception.stacktrace.as_ref().map_or(0, |stack| stack.frames.len());
                prop_assert!(frames <= 256);
            }
        }
        let _ = event_parts(&text, "");
        let _ = event_parts("E: m", &text);
    }
}

#[test]
fn a_trace_without_end_is_cut() {
    let frame = "  File \"/a/b.py\", line 3, in f\n    f()\n";
    let text = format!("Traceback (most recent call last):\n{}E: m\n", frame.repeat(9_000));
    let parsed = read(&text).unwrap();
    let frames = &parsed.exceptions[0].stacktrace.as_ref().unwrap().frames;
    assert_eq!(frames.len(), 256);
    let chain = "java.lang.E: m\n\tat a.B.c(B.java:3)\nCaused by: java.lang.E: m\n\t... 1 more\n";
    assert!(read(&chain.repeat(5_000)).unwrap().exceptions.len() <= 20);
    // One line that is as long as a text may be.
    let line = format!("    at {}(x.js:1:2)", "a (".repeat(300_000));
    let _ = read(&line);
    let _ = read(&":1".repeat(500_000));
}

#[test]
fn what_is_no_trace_is_none() {
    for text in [
        "",
        "all is well",
        "Error: it failed",
        "at the door\nat home",
        "a@b.example: hello",
        "see https://x.example:80:1",
    ] {
        assert_eq!(read(text), None, "{text}");
    }
}

#[test]
fn message_and_trace_are_put_together() {
    let v8 = "    at total (/app/cart.js:3:5)\n    at main (/app/main.js:1:1)";
    let parts = event_parts("TypeError: x is not a function", v8);
    assert_eq!(
        told(&parts),
        [
            "node",
            "TypeError: x is not a function",
            "  *main /app/main.js:1:1",
            "  *total /app/cart.js:3:5"
        ]
    );
    let whole = format!("TypeError: x is not a function\n{v8}");
    assert_eq!(event_parts("x is not a function", &whole), parts);
    assert_eq!(event_parts(&whole, ""), parts);
    let gecko = "total@https://shop.example/cart.js:3:5\n@https://shop.example/main.js:1:1\n";
    let parts = event_parts("ReferenceError: y is not defined", gecko);
    assert_eq!(told(&parts)[..2], ["javascript", "ReferenceError: y is not defined"]);
    let python = "Traceback (most recent call last):\n  File \"/app/a.py\", line 3, in f\n    x\n";
    let parts = event_parts("KeyError: 'a'", python);
    assert_eq!(told(&parts), ["python", "KeyError: 'a'", "  *f /app/a.py:3"]);
    let bare = event_parts("it broke", "no frames here");
    assert_eq!(told(&bare), ["other", "-: it broke"]);
    assert!(event_parts("", "").exceptions.is_empty());
    let rust = "thread 'main' panicked at src/x.rs:1:2:\nboom\nstack backtrace:\n   0: shop::f\n             at /app/src/x.rs:1:2\n";
    assert_eq!(told(&event_parts("", rust))[..2], ["rust", "panic: boom"]);
}
