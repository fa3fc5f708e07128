use proptest::prelude::*;

use super::*;

#[test]
fn messages_lose_what_varies() {
    for (message, shape) in [
        ("", ""),
        ("user 17 not found", "user <number> not found"),
        ("took 1.5e3 units", "took <number> units"),
        ("balance -5", "balance <number>"),
        ("1,234,567 rows", "<number> rows"),
        ("80% of it", "<number>% of it"),
        ("id 67e55044-10b1-426f-9247-bb680e5fe0c8 gone", "id <uuid> gone"),
        ("job-67e55044-10b1-426f-9247-bb680e5fe0c8", "job-<uuid>"),
        ("at 0x7ffdeadbeef", "at <address>"),
        ("commit deadbeef01 is bad", "commit <hex> is bad"),
        ("node a1b2 and 12ab left", "node <hex> and <number>ab left"),
        ("the page was defaced", "the page was defaced"),
        ("order 1234567 failed", "order <number> failed"),
        ("mail to a.b+c@example.org.", "mail to <email>."),
        // Times and dates
        ("since 2026-11-21T22:00:00Z", "since <date>"),
        ("since 2026-11-21 22:00:00.123 +0000", "since <date>"),
        ("since 2026-11-21", "since <date>"),
        ("since 21.11.2026 22:00", "since <date>"),
        ("since 11/21/2026, 10:00 PM", "since <date>"),
        ("since Sat, 21 Nov 2026 22:00:00 GMT", "since <date>"),
        ("since Sat Nov 21 22:00:00 2026", "since <date>"),
        ("since Nov 21, 2026", "since <date>"),
        ("since 20261121T220000Z", "since <date>"),
        ("at 22:00:15 sharp", "at <time> sharp"),
        ("mary may march on", "mary may march on"),
        // Durations and sizes
        ("took 1.5s", "took <duration>"),
        ("took 1h2m3.5s", "took <duration>"),
        ("took 900 ms", "took <duration>"),
        ("after 1 second", "after <duration>"),
        ("after 30 seconds", "after <duration>"),
        ("used 10MiB of 2 GB", "used <size> of <size>"),
        // Addresses
        ("from 10.0.0.12 port 80", "from <ip> port <number>"),
        ("from 10.0.0.12:8080: refused", "from <ip>: refused"),
        ("from fe80::1%eth0", "from <ip>"),
        ("from [::1]:80", "from [<ip>]:<number>"),
        ("from 2001:db8:0:0:0:0:0:1", "from <ip>"),
        ("card 00:1b:44:11:3a:b7", "card <mac>"),
        ("calling std::io", "calling std::io"),
        ("calling a::b", "calling a::b"),
        // Places
        ("get https://api.example.org:8443/v1/17?x=1 failed", "get <url example.org> failed"),
        ("get https://t7.eu.example.org/x", "get <url example.org>"),
        ("get http://10.0.0.1/x", "get <url>"),
        ("get http://localhost:80/x.", "get <url localhost>."),
        ("amqp://user:pw@queue7:5672/x is down", "<url queue<number>> is down"),
        ("open /etc/shop/config.toml: no such file", "open <path>: no such file"),
        ("open C:\\shop\\a.txt", "open <path>"),
        ("open ./a.txt and ~/b", "open <path> and <path>"),
        ("open images/17.png", "open <path>"),
        ("text/html and/or 3/4", "text/html and/or <number>/<number>"),
        // Identifiers
        ("user_123 and worker-17", "user_<number> and worker-<number>"),
        ("order123b", "order<number>b"),
        ("charge ch_1H8xYz2eZvKYlo2C failed", "charge ch_<token> failed"),
        ("token dGhpcyBpcyBhIHRlc3Qgb2YgYmFzZTY0Cg== expired", "token <token> expired"),
        ("jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl bad", "jwt <token> bad"),
        ("call getUserByIdAndReturnName", "call getUserByIdAndReturnName"),
        ("needs version 1.2.3-rc1 or 2.0.0", "needs version <version> or <version>"),
        // What is enclosed
        ("no attribute 'total'", "no attribute <quoted>"),
        ("no key \"a b\" in it", "no key <quoted> in it"),
        ("no key “a” in it", "no key <quoted> in it"),
        ("don't do that, it isn't nice", "don't do that, it isn't nice"),
        (
            "called `Option::unwrap()` on a `None` value",
            "called `Option::unwrap()` on a `None` value",
        ),
        ("body was {\"a\": {\"b\": [1, 2]}} here", "body was <json> here"),
        ("ids [1, 2, 3] are gone", "ids <json> are gone"),
        ("body was {'a': 1", "body was <json>"),
        ("unexpected token { in line", "unexpected token { in line"),
        ("ids 1, 2, 3 are gone", "ids <number> are gone"),
        // Space
        ("  two\n  lines\t", "two lines"),
        ("größe 5 für 7", "größe <number> für <number>"),
    ] {
        assert_eq!(parameterise(message), shape, "of {message}");
        assert_eq!(parameterise(shape), shape, "again, of {message}");
    }
}

#[test]
fn what_says_something_stays() {
    for (a, b) in [
        ("cannot load order 1", "cannot save order 1"),
        ("https://api.example.org/1 failed", "https://api.example.com/1 failed"),
        ("user <number> gone", "user gone"),
    ] {
        assert_ne!(parameterise(a), parameterise(b));
    }
}

#[test]
fn a_number_with_more_digits_does_not_shift_the_end_of_a_long_message() {
    let long = |number: &str| format!("{number} {}", "word and ".repeat(600));
    let shape = parameterise(&long("7"));
    assert_eq!(shape, parameterise(&long("7000000")));
    assert!(shape.len() <= MAX_SHAPE_BYTES + 64, "{}", shape.len());
}

#[test]
fn absurd_messages_end() {
    for part in [
        "a", "'", "\"", "{", "{\"", "[", "[1", "<", "/", "a/", "a:", "1:", "1,", "1.", "a.", "a@",
        "_1", "-", "A1", "::", "http://", "é", "“", "('a", "1h", "Nov ", "eyJ", "\\", "x=", "0x",
        "%",
    ] {
        let _ = parameterise(&part.repeat(64 * 1024 / part.len()));
    }
}

/// Messages of the pieces that the recognisers look for.
fn messages() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "user",
        " ",
        "17",
        "-",
        "_",
        ".",
        ",",
        ":",
        "'",
        "\"",
        "{",
        "}",
        "[",
        "]",
        "(",
        ")",
        "<",
        ">",
        "/",
        "\\",
        "a1b2",
        "3f9a1c2e",
        "0x7f",
        "10.0.0.1",
        "fe80::1",
        "::",
        "2026-11-21",
        "T22:00:00Z",
        "22:00",
        "Nov",
        "Sat",
        "1.5s",
        "ms",
        "MB",
        "@",
        "a@b.cc",
        "https://",
        "example.org",
        "67e55044-10b1-426f-9247-bb680e5fe0c8",
        "eyJhbGciOi",
        "dGhpcyBpcyBhIHRlc3Q",
        "=",
        "e",
        "+",
        "é",
        "“",
        "”",
        "\n",
        "C:\\",
        "~/",
        "v1.2.3",
        "%",
        "`",
        "don't",
        "<number>",
        "<quoted>",
        "<url a.b>",
    ]);
    prop::collection::vec(piece, 0..14).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn any_text_has_a_shape(message in "(?s).{0,200}") {
        let _ = parameterise(&message);
    }

    #[test]
    fn the_shape_of_a_shape_is_itself(message in messages()) {
        let once = parameterise(&message);
        prop_assert_eq!(parameterise(&once), once, "of {:?}", message);
    }

    #[test]
    fn numbers_do_not_count(a in 0u64..u64::MAX, b in 0u64..u64::MAX) {
        let message = |n: u64| format!("order {n} of user_{n} failed after {n} ms ({n})");
        prop_assert_eq!(parameterise(&message(a)), parameterise(&message(b)));
    }
}
