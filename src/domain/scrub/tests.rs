use proptest::prelude::*;
use serde_json::json;

use super::*;

fn scrubber() -> Scrubber {
    Scrubber::new(&ScrubRules::default()).unwrap()
}

fn with(change: impl FnOnce(&mut ScrubRules)) -> Scrubber {
    let mut rules = ScrubRules::default();
    change(&mut rules);
    Scrubber::new(&rules).unwrap()
}

fn text(scrubber: &Scrubber, text: &str) -> String {
    scrubber.scrub_text(text).map_or_else(|| text.to_owned(), |(scrubbed, _)| scrubbed)
}

fn value(scrubber: &Scrubber, mut value: Value) -> Value {
    scrubber.scrub_value(&mut value);
    value
}

#[test]
fn keys_of_secrets_and_keys_that_only_look_like_them() {
    for (rule, names) in [
        (
            "password",
            "password Password passwd pwd DB_PASSWORD userPassword password1 password_confirmation mysql_pwd mysqlpwd db_pass passphrase user[password] passwordHash",
        ),
        (
            "token",
            "token access_token accessToken accesstoken X-Auth-Token stripetoken stripeToken csrf csrfmiddlewaretoken X-CSRF-Token xsrf bearer jwt refresh_token authenticity_token",
        ),
        ("secret", "secret client_secret clientSecret clientsecret AWS_SECRET secrets"),
        (
            "auth",
            "auth authorization Authorization Proxy-Authorization X-Sentry-Auth HTTP_AUTHORIZATION oauth2",
        ),
        ("credentials", "credentials aws_credentials creds"),
        ("cookie", "cookie cookies Set-Cookie HTTP_COOKIE setCookie"),
        ("session", "session_id sessionid PHPSESSID JSESSIONID sessionId connect.sid"),
        (
            "key",
            "api_key apikey api-key apiKey X-Api-Key APIKey private_key privateKey ACCESS_KEY signing_key",
        ),
        ("card", "card[number] card_number cardNumber creditcard credit_card cvv cvc cvv2"),
        ("ssn", "ssn SSN social_security user_ssn"),
    ] {
        for name in names.split(' ') {
            assert_eq!(keys::secret(name), Some(rule), "{name}");
        }
    }
    for name in "author authority authors token_count tokens max_tokens tokenizer passenger compass \
                 bypass passed session sessions key keys keyboard card cardinality cookbook secretary \
                 authenticated_at auth_method token_type password_changed_at token_expires_in token.rs \
                 user id name email filename monkey primary_key foreign_key public_key assn classname \
                 pass sid description encoding"
        .split_whitespace()
    {
        assert_eq!(keys::secret(name), None, "{name}");
    }
}

#[test]
fn what_goes_from_texts() {
    let scrubber = scrubber();
    let hex = "0123456789abcdef".repeat(4);
    for (sent, stored) in [
        ("paid with 4111 1111 1111 1111 today", "paid with [scrubbed: card] today"),
        ("card 4111-1111-1111-1111", "card [scrubbed: card]"),
        ("5500005555555559,378282246310005", "[scrubbed: card],[scrubbed: card]"),
        ("3782 822463 10005", "[scrubbed: card]"),
        ("2024 4111 1111 1111 1111", "2024 [scrubbed: card]"),
        ("ssn 123-45-6789.", "ssn [scrubbed: ssn]."),
        ("key AKIAIOSFODNN7EXAMPLE!", "key [scrubbed: aws-key]!"),
        ("ghp_0123456789abcdefghijABCDEFGHIJ012345", "[scrubbed: github-token]"),
        ("xoxb-123456789012-abcdef", "[scrubbed: slack-token]"),
        ("using sk_live_4eC39HqLyjWDarjtT1zdp7dc", "using [scrubbed: stripe-key]"),
        ("AIzaSyA1234567890abcdefghijklmnopqrstuv", "[scrubbed: google-key]"),
        (&format!("got andon_{hex} here"), "got [scrubbed: andon-token] here"),
        ("jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abc-DEF_123 end", "jwt [scrubbed: jwt] end"),
        (
            "a\n-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nAbc=\n-----END RSA PRIVATE KEY-----\nb",
            "a\n[scrubbed: private-key]\nb",
        ),
        ("cut -----BEGIN PRIVATE KEY-----\nMIIEow", "cut [scrubbed: private-key]"),
        ("sent Bearer abcdef123456 to it", "sent Bearer [scrubbed: bearer] to it"),
        ("Authorization: Bearer abcdefghijkl\nHost: x", "Authorization: [scrubbed: auth]\nHost: x"),
        ("Authorization: Basic dXNlcjpwYXNz", "Authorization: [scrubbed: auth]"),
        ("Cookie: a=b; theme=dark\nHost: x", "Cookie: [scrubbed: cookie]\nHost: x"),
        (
            "https://user:hunter2@example.org/x",
            "https://user:[scrubbed: url-password]@example.org/x",
        ),
        ("redis://:hunter2@cache:6379", "redis://:[scrubbed: url-password]@cache:6379"),
        ("a=1&token=x&b=2", "a=1&token=[scrubbed: token]&b=2"),
        (
            "https://shop.example/pay?access_token=zz&ok=1#top",
            "https://shop.example/pay?access_token=[scrubbed: token]&ok=1#top",
        ),
        ("user%5Bpassword%5D=x&y=1", "user%5Bpassword%5D=[scrubbed: password]&y=1"),
        (r#"{"password": "hun\"ter2", "a": 1}"#, r#"{"password": "[scrubbed: password]", "a": 1}"#),
        (r#"{\"token\":\"abc\",\"a\":1}"#, r#"{\"token\":\"[scrubbed: token]\",\"a\":1}"#),
        (r#"{"pwd":12345,"a":1}"#, r#"{"pwd":[scrubbed: password],"a":1}"#),
        ("{'secret' => 'abc'}", "{'secret' => '[scrubbed: secret]'}"),
        ("login failed: password=hunter2, try", "login failed: password=[scrubbed: password], try"),
        ("the password: hunter2 is wrong", "the password: [scrubbed: password] is wrong"),
        ("über password=é€ ok", "über password=[scrubbed: password] ok"),
    ] {
        assert_eq!(text(&scrubber, sent), stored, "{sent}");
    }
}

#[test]
fn what_stays_in_texts() {
    let scrubber = scrubber();
    for stays in [
        "index out of bounds: the len is 3 but the index is 5",
        "unexpected token: EOF",
        "invalid password: too short",
        "thread 'main' panicked at src/auth.rs:123456:10:",
        "auth::token::verify at src/token.rs:12",
        "author=me authority=x token_count=5",
        "order 4111111111111112 has no such check digit",
        "4111111111111111a 0x4111111111111111 a4111111111111111 0.4111111111111111",
        "id 67e55044-4111-1111-1111-1111067e5504 and 41111111111111111111",
        "1795262400000000000 1795262400000",
        "call 123-45-67890 or 1-123-45-6789, 000-12-3456",
        "bearer certificate missing; Basic authentication needed",
        "eyJ is how they begin, AKIA too",
        "-----BEGIN CERTIFICATE-----",
        "task-force-on-the-naming-of-things, sk-learn-is-not-a-key-at-all",
        "andon_session cookie",
        "https://example.org:8080/a@b?x=1",
        "mail me@example.org from 10.1.2.3 or 2001:db8::1",
        "token == other, token::new, password: &str, if password != x",
        "password= ",
        "password=None token=null",
    ] {
        assert_eq!(text(&scrubber, stays), stays);
    }
}

#[test]
fn addresses_by_setting() {
    let email = with(|rules| rules.email = true);
    assert_eq!(
        text(&email, "to a.b+c@mail.example.org. From @you, x@y"),
        "to [scrubbed: email]. From @you, x@y"
    );
    let ip = with(|rules| rules.ip = true);
    for (sent, stored) in [
        ("from 203.0.113.9:8080 to 127.0.0.1", "from [scrubbed: ip]:8080 to 127.0.0.1"),
        ("at 2001:db8::7, [2001:db8::8]:80", "at [scrubbed: ip], [[scrubbed: ip]]:80"),
        ("at 12:30:01, std::fmt a::b 1.2.3 x1.2.3.4", "at 12:30:01, std::fmt a::b 1.2.3 x1.2.3.4"),
    ] {
        assert_eq!(text(&ip, sent), stored);
    }
}

/// An event with a secret in every place, each with the word `LEAK` in it or as a card.
fn event() -> Value {
    json!({
        "event_id": "41111111111111114111111111111111", "timestamp": 1795262400.5,
        "release": "4111111111111111", "fingerprint": ["4111111111111111", "token=keep"],
        "modules": {"token": "1.2.3", "secrets": "2"},
        "contexts": {"trace": {"trace_id": "4111111111111111", "span_id": "ab"}},
        "message": "password=LEAK",
        "user": {"id": 7, "email": "a@example.org", "credentials": {"a": ["LEAK"]}},
        "tags": [["token", "LEAK"], ["author", "me"]],
        "request": {
            "url": "https://u:LEAK@example.org/?api_key=LEAK",
            "query_string": "a=1&token=LEAK",
            "headers": [["Authorization", "LEAK"], ["Accept", "text/html"]],
            "cookies": {"theme": "LEAK", "n": 7},
            "data": "{\"password\":\"LEAK\"}",
            "env": {"DB_PASSWORD": "LEAK", "has_password": true}
        },
        "extra": {"number": 4111111111111111_u64, "4111111111111111": "key", "password": null,
                  "list": [{"name": "X-Api-Key", "value": "LEAK"}], "token_count": 12, "pwd": 1234},
        "exception": {"values": [{"type": "E", "value": "Authorization: Bearer LEAKLEAK",
            "stacktrace": {"frames": [{
                "function": "password=hunter2", "module": "4111111111111111", "filename": "token=a",
                "abs_path": "/4111111111111111", "lineno": 4111111111111111_u64,
                "pre_context": ["let password = read();", "-----BEGIN PRIVATE KEY-----", "LEAKLEAKLEAKLEAKLEAK"],
                "context_line": "pay(\"4111111111111111\", token=other)",
                "vars": {"password": "'LEAK'", "total": "5"}
            }]}}]},
        "breadcrumbs": {"values": [{"message": "x?token=LEAK", "data": {"secret": "LEAK"}}]}
    })
}

#[test]
fn a_whole_event() {
    let mut scrubbed = event();
    let report = scrubber().scrub_value(&mut scrubbed);
    let shown = serde_json::to_string_pretty(&scrubbed).unwrap();
    assert!(!shown.contains("LEAK"), "{shown}");
    assert_eq!(scrubbed["fingerprint"], event()["fingerprint"]);
    for kept in ["event_id", "timestamp", "release", "modules", "contexts"] {
        assert_eq!(scrubbed[kept], event()[kept], "{kept}");
    }
    assert_eq!(scrubbed["tags"], json!([["token", "[scrubbed: token]"], ["author", "me"]]));
    assert_eq!(scrubbed["user"]["credentials"], "[scrubbed: credentials]");
    assert_eq!(scrubbed["user"]["email"], "a@example.org");
    let mark = "[scrubbed: cookie]";
    assert_eq!(scrubbed["request"]["cookies"], json!({"theme": mark, "n": mark}));
    assert_eq!(scrubbed["request"]["env"]["has_password"], true);
    assert_eq!(scrubbed["extra"]["number"], "[scrubbed: card]");
    assert_eq!(scrubbed["extra"]["[scrubbed: card]"], "key");
    assert_eq!(scrubbed["extra"]["token_count"], 12);
    assert_eq!(scrubbed["extra"]["pwd"], "[scrubbed: password]");
    assert_eq!(scrubbed["extra"]["password"], Value::Null);
    let frame = &scrubbed["exception"]["values"][0]["stacktrace"]["frames"][0];
    let sent = &event()["exception"]["values"][0]["stacktrace"]["frames"][0];
    for kept in ["function", "module", "filename", "abs_path", "lineno"] {
        assert_eq!(frame[kept], sent[kept], "{kept}");
    }
    assert_eq!(frame["pre_context"][0], "let password = read();");
    assert_eq!(frame["pre_context"][2], "[scrubbed: private-key]");
    assert_eq!(frame["context_line"], "pay(\"[scrubbed: card]\", token=other)");
    assert_eq!(frame["vars"], json!({"password": "[scrubbed: password]", "total": "5"}));
    for (path, rule) in [
        ("request.headers.Authorization", "auth"),
        ("exception.values[0].value", "auth"),
        ("extra.list[0].value", "key"),
        ("request.url", "url-password"),
    ] {
        let noted = report.removed.iter().any(|r| r.path == path && r.rule == rule);
        assert!(noted, "{path}: {:?}", report.removed);
    }
}

#[test]
fn what_an_operator_names() {
    let scrubber = with(|rules| {
        rules.keys = vec!["iban".into(), "birth_date".into()];
        rules.patterns = vec![PatternRule { name: "order".into(), regex: "ORD-[0-9]+".into() }];
        rules.paths = vec!["request.headers.x-internal".into(), "extra.*.deep.**".into()];
        rules.keep_paths = vec!["extra.kept".into()];
    });
    let sent = json!({
        "request": {"headers": [["X-Internal", "v"], ["X-Other", "v"]]},
        "extra": {"a": {"deep": {"b": {"c": 1}}, "myIban": "DE1", "birthDate": "x"},
                  "kept": {"password": "p", "n": "ORD-1"}, "text": "for ORD-12, iban=DE5"}
    });
    assert_eq!(
        value(&scrubber, sent),
        json!({
            "request": {"headers": [["X-Internal", "[scrubbed: path]"], ["X-Other", "v"]]},
            "extra": {"a": {"deep": "[scrubbed: path]", "myIban": "[scrubbed: own-key]", "birthDate": "[scrubbed: own-key]"},
                      "kept": {"password": "p", "n": "ORD-1"},
                      "text": "for [scrubbed: order], iban=[scrubbed: own-key]"}
        })
    );
    assert_eq!(value(&with(|rules| rules.enabled = false), event()), event());
    let plain = with(|rules| rules.defaults = false);
    assert_eq!(value(&plain, event()), event());
}

#[test]
fn wrong_rules_are_refused_with_their_key() {
    let pattern = |name: &str, regex: &str| {
        let rule = PatternRule { name: name.into(), regex: regex.into() };
        ScrubRules { patterns: vec![rule], ..ScrubRules::default() }
    };
    for (rules, key) in [
        (pattern("a", "("), "scrub.patterns[0].regex"),
        (pattern("a", "x*"), "scrub.patterns[0].regex"),
        (pattern("a", r"\w{1000}{1000}"), "scrub.patterns[0].regex"),
        (pattern("a b]", "x"), "scrub.patterns[0].name"),
        (ScrubRules { keys: vec!["--".into()], ..ScrubRules::default() }, "scrub.keys[0]"),
        (ScrubRules { paths: vec!["a..b".into()], ..ScrubRules::default() }, "scrub.paths[0]"),
        (
            ScrubRules { keep_paths: vec!["**".into()], ..ScrubRules::default() },
            "scrub.keep_paths[0]",
        ),
    ] {
        assert_eq!(Scrubber::new(&rules).unwrap_err().key, key);
    }
}

#[test]
fn paths() {
    use path::Segment::{Index, Key};
    let way = [Key("extra"), Index(3), Key("Iban")];
    for (pattern, matches) in [
        ("extra.*.iban", true),
        ("extra.3.iban", true),
        ("**.iban", true),
        ("extra.**", true),
        ("extra.**.3.**.iban", true),
        ("extra.*", false),
        ("extra.4.iban", false),
        ("iban", false),
    ] {
        assert_eq!(PathPattern::parse(pattern).unwrap().matches(&way), matches, "{pattern}");
    }
}

/// Hostile texts take time that grows with their length only.
#[test]
fn long_hostile_texts() {
    const BYTES: usize = 100_000;
    let scrubber = with(|rules| (rules.email, rules.ip) = (true, true));
    let begun = std::time::Instant::now();
    for part in [
        "eyJ",
        "=",
        ":",
        "://",
        "@",
        "a@",
        "-----BEGIN PRIVATE KEY-----",
        "4111 ",
        "4",
        "token=\"",
        "auth: bearer [scrubbed: auth] ",
        "auth=bearer ( ",
        "token=\\\"",
        "1.",
        "1:",
        "[scrubbed: ",
        "cookie: a=b ",
        "sk-",
        "token=1&",
        "token:",
        "token :",
        "auth:",
        "auth=bearer:",
        "cookie:",
        "\"token\":",
        "Bearer ",
    ] {
        let long = part.repeat(BYTES / part.len());
        let once = text(&scrubber, &long);
        assert!(once.len() <= 4 * long.len(), "{part}");
        let many = json!({ "a": vec![part.repeat(3); 1_000], part: {"b": part} });
        assert_eq!(value(&scrubber, value(&scrubber, many.clone())), value(&scrubber, many));
    }
    assert!(begun.elapsed().as_secs() < 60, "{:?}", begun.elapsed());
}

fn any_text() -> impl Strategy<Value = String> {
    let parts = prop::sample::select(vec![
        "password",
        "token",
        "Authorization",
        "cookie",
        "=",
        ": ",
        ":",
        " ",
        "\"",
        "\\\"",
        "'",
        "&",
        "\n",
        "Bearer ",
        "Basic ",
        "abc123",
        "4111111111111111",
        "123-45-6789",
        "eyJhbGciOiJ9.eyJ0.aa",
        "https://u:p@h",
        "me@example.org",
        "10.1.2.3",
        "[scrubbed: card]",
        "[scrubbed: ",
        "]",
        "é",
        "-----BEGIN PRIVATE KEY-----",
        "\\",
        "{",
        "}",
        "AKIAIOSFODNN7EXAMPLE",
        "x",
        "-",
        "secret",
    ]);
    prop::collection::vec(parts, 0..12).prop_map(|parts| parts.concat())
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any_text().prop_map(Value::String),
        any::<u64>().prop_map(Value::from),
        Just(Value::Bool(true)),
        Just(Value::Null),
    ];
    let key = prop_oneof![
        any_text(),
        prop::sample::select(vec![
            "password",
            "value",
            "name",
            "stacktrace",
            "frames",
            "context_line",
            "extra"
        ])
        .prop_map(str::to_owned),
    ];
    leaf.prop_recursive(5, 60, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::Array),
            prop::collection::btree_map(key.clone(), inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// Compiled once: in a debug build that takes longer than all else.
static WITH_ADDRESSES: std::sync::LazyLock<Scrubber> =
    std::sync::LazyLock::new(|| with(|rules| (rules.email, rules.ip) = (true, true)));

static WITH_A_PATTERN: std::sync::LazyLock<Scrubber> = std::sync::LazyLock::new(|| {
    with(|rules| {
        rules.patterns = vec![PatternRule { name: "all".into(), regex: "[a-z]+: [a-z]+".into() }];
    })
});

proptest! {
    #[test]
    fn texts_twice_are_once(sent in any_text()) {
        let scrubber = &*WITH_ADDRESSES;
        let once = text(scrubber, &sent);
        let again = text(scrubber, &once);
        prop_assert_eq!(&again, &once);
        prop_assert!(once.len() <= 4 * sent.len() + 40);
    }

    #[test]
    fn values_twice_are_once(sent in any_value()) {
        let scrubber = &*WITH_A_PATTERN;
        let once = value(scrubber, sent.clone());
        let read: Value = serde_json::from_str(&once.to_string()).unwrap();
        prop_assert_eq!(&value(scrubber, read), &once);
        prop_assert!(once.to_string().len() <= 5 * sent.to_string().len() + 40);
    }
}
