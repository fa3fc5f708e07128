use super::super::{CURRENT, Grouping, How, Version, fingerprint, group};
use super::*;
use crate::domain::event::{Event, Exception, Frame, Level, StackTrace};

fn event() -> Event {
    let frame = |function: &str, module: &str, path: &str, in_app| Frame {
        function: Some(function.into()),
        module: Some(module.into()),
        package: Some("/opt/shop/libshop.so".into()),
        abs_path: Some(path.into()),
        filename: Some(path.rsplit('/').next().unwrap_or_default().into()),
        in_app: Some(in_app),
        ..Frame::default()
    };
    Event {
        platform: "python".into(),
        level: Level::Error,
        logger: Some("shop.cart".into()),
        release: Some("shop@1.2.3".into()),
        environment: Some("production".into()),
        transaction: Some("/cart/{id}".into()),
        message: Some("Cart 17 is lost".into()),
        tags: [("region".to_owned(), "eu-1".to_owned())].into(),
        exceptions: vec![
            Exception {
                ty: Some("KeyError".into()),
                value: Some("'id'".into()),
                ..Exception::default()
            },
            Exception {
                ty: Some("CartError".into()),
                value: Some("Connection error: refused".into()),
                stacktrace: Some(StackTrace {
                    frames: vec![
                        frame("get", "web.views", "/venv/site-packages/web/views.py", false),
                        frame("total.<locals>.add", "shop.cart", "/srv/shop/cart.py", true),
                        frame("connect", "net.pool", "/venv/site-packages/net/pool.py", false),
                    ],
                }),
                ..Exception::default()
            },
        ],
        ..Event::bare("0".repeat(32), jiff::Timestamp::UNIX_EPOCH)
    }
}

fn grouped(rules: &str) -> Grouping {
    group(CURRENT, &event(), &Rules::parse(rules).unwrap())
}

fn title(template: &str) -> String {
    grouped(&format!("type:* -> x title=\"{template}\"")).title.unwrap()
}

#[test]
fn every_matcher_asks_what_its_name_says() {
    for (matchers, holds) in [
        ("type:CartError", true),
        ("error.type:Cart*", true),
        ("type:KeyError", true),
        ("type:carterror", false),
        ("!type:CartError", true), // the other exception of the chain is another
        ("!type:*Error", false),
        ("value:\"connection error: *\"", true),
        ("error.value:*refused", true),
        // One and the same exception must have both.
        ("type:CartError value:*refused", true),
        ("type:KeyError value:*refused", false),
        ("message:\"cart ?? is lost\"", true),
        ("message:\"*REFUSED\"", true),
        ("!message:*lost", false),
        ("logger:shop.*", true),
        ("logger:Shop.*", false),
        ("level:ERROR", true),
        ("!level:error", false),
        ("release:shop@1.*", true),
        ("environment:prod*", true),
        ("platform:python", true),
        ("family:other", true),
        ("family:javascript,native", false),
        ("family:native,other", true),
        ("transaction:/cart/*", true),
        ("tags.region:eu-?", true),
        ("tags.region:us-?", false),
        ("tags.none:*", false),
        ("!tags.none:*", true),
        ("function:total*", true),
        ("stack.function:total.add", true), // as it is shown, without what was made up
        ("module:shop.cart", true),
        ("path:**/shop/*.py", true),
        ("path:/srv/*.py", false),
        ("path:CART.PY", true),
        ("stack.abs_path:**/SITE-packages/**", true),
        ("package:**/libshop.so", true),
        ("app:yes", true),
        ("app:no function:total*", false),
        ("app:no function:connect", true),
        // One and the same frame must have both.
        ("function:connect module:net.*", true),
        ("function:connect module:shop.*", false),
        ("!app:yes function:connect", true),
        ("type:CartError level:error app:yes module:shop.*", true),
        ("type:CartError level:fatal app:yes module:shop.*", false),
    ] {
        let how = grouped(&format!("{matchers} -> found")).how;
        assert_eq!(how == How::Rule, holds, "{matchers}");
    }
}

#[test]
fn the_first_rule_that_fits_is_taken() {
    let rules = "# comments and empty lines\n\n  # count for nothing\ntype:Other -> a\ntype:CartError -> b\ntype:* -> c";
    assert_eq!(grouped(rules), grouped("level:error -> b"));
    assert_ne!(grouped(rules), grouped("level:error -> c"));
    assert_eq!(grouped("type:Other -> a").how, How::AppFrames);
}

#[test]
fn parts_are_texts_and_what_the_event_gives() {
    for (a, b) in [
        ("a b", "a, b"),
        ("a b", "\"a\" \"b\""),
        ("\"a b\"", "a\\ b"),
        ("{{ type }}", "CartError"),
        ("{{ error.type }}", "{{type}}"),
        ("{{ value }}", "\"Connection error: refused\""),
        ("{{ function }}", "total.add"),
        ("{{ module }}", "shop.cart"),
        ("{{ package }}", "/opt/shop/libshop.so"),
        ("{{ path }}", "/srv/shop/cart.py"),
        ("{{ transaction }}", "/cart/{id}"),
        ("{{ message }}", "\"Cart 17 is lost\""),
        ("{{ level }}-{{ logger }}", "error-shop.cart"),
        ("{{ tags.region }}", "eu-1"),
        ("{{ tags.none }}", "\"<no tag>\""),
        ("{{ default }}", "{{default}}"),
    ] {
        let [a, b] = [a, b].map(|parts| grouped(&format!("type:* -> {parts}")).fingerprint);
        assert_eq!(a, b);
    }
    assert_ne!(grouped("type:* -> a b"), grouped("type:* -> ab"));
    assert_ne!(grouped("type:* -> {{ default }} a"), grouped("type:* -> {{ default }} b"));
    assert_ne!(grouped("type:* -> {{ default }}").fingerprint, fingerprint(&event()));
}

#[test]
fn the_usual_grouping_within_a_rule_still_tells_errors_apart() {
    let rules = Rules::parse("type:* -> {{ default }} {{ transaction }}").unwrap();
    let mut other = event();
    let of = |event: &Event| group(CURRENT, event, &rules).fingerprint;
    assert_eq!(of(&event()), of(&other));
    other.transaction = Some("/other".into());
    assert_ne!(of(&event()), of(&other));
    other = event();
    other.exceptions[1].stacktrace.as_mut().unwrap().frames[1].function = Some("tax".into());
    assert_ne!(of(&event()), of(&other));
}

#[test]
fn rules_beat_the_senders_fingerprint_and_hold_in_every_version() {
    let rules = Rules::parse("type:CartError -> cart").unwrap();
    let default = Rules::parse("type:CartError -> {{ default }}").unwrap();
    let sent = Event { fingerprint: Some(vec!["own".into()]), ..event() };
    assert_eq!(group(CURRENT, &sent, &Rules::default()).how, How::Sender);
    assert_eq!(group(CURRENT, &sent, &rules).how, How::Rule);
    let [old, new] = [Version::V1, Version::V2].map(|v| group(v, &sent, &rules).fingerprint);
    assert_eq!(old, new, "what does not depend on the version is the same in each");
    let [old, new] = [Version::V1, Version::V2].map(|v| group(v, &sent, &default).fingerprint);
    assert_ne!(old, new);
}

#[test]
fn titles_are_filled() {
    assert_eq!(title("Cart: {{ error.type }} in {{ function }}"), "Cart: CartError in total.add");
    assert_eq!(title("{{ default }}"), "CartError: Connection error: refused");
    assert_eq!(title("a \\\"b\\\" {{ tags.none }}"), "a \"b\" <no tag>");
    assert_eq!(grouped("type:* -> x").title, None);
    assert_eq!(grouped("type:* -> x title=short").title.as_deref(), Some("short"));
    assert_eq!(grouped("type:* -> x, title=\"with comma\"").title.as_deref(), Some("with comma"));
}

#[test]
fn errors_name_the_place_and_what_would_be_right() {
    for (text, message) in [
        ("type:A", "line 1, column 7: there is no `->`; a rule is written"),
        ("# ok\n\n-> a", "line 3, column 1: there is no matcher before `->`; a rule is written"),
        ("type:A ->", "line 1, column 10: nothing is said of the fingerprint; write at least one"),
        ("typ:A -> a", "line 1, column 1: `typ` is not a matcher; there are error.type"),
        (
            "type:A errortype:B -> a",
            "line 1, column 8: `errortype` is not a matcher; did you mean `error.type`?",
        ),
        (
            "type A -> a",
            "line 1, column 1: `type` has no pattern; a matcher is written `name:pattern`",
        ),
        ("type: A -> a", "line 1, column 6: `type` has no pattern; write what it must be"),
        ("type:\"A -> a", "line 1, column 6: the quotation has no end; close it"),
        (
            "type:\"A\"B -> a",
            "line 1, column 6: the pattern goes on after its quotation; put a space",
        ),
        ("type:A -> {{ typ }}", "line 1, column 11: `typ` is not a variable; there are default"),
        ("type:A -> ü {{ type", "line 1, column 13: `{{` is not closed; end the variable"),
        (
            "type:A -> a-{{ default }}",
            "line 1, column 11: `{{ default }}` is not a part by itself; put a space",
        ),
        (
            "type:A -> a title=\"b\" title=\"c\"",
            "line 1, column 23: there are two titles; leave one",
        ),
        (
            "type:A -> a title=\"b\" c",
            "line 1, column 23: a part stands after the title; put the title last",
        ),
        ("app:maybe -> a", "line 1, column 1: `maybe` is neither yes nor no; write `app:yes`"),
        ("tags.:x -> a", "line 1, column 1: `tags.` names no tag; name the tag"),
        ("type:A -> a title=\"{{ nope }}\"", "`nope` is not a variable; there are default"),
    ] {
        let error = Rules::parse(text).unwrap_err().to_string();
        assert!(error.contains(message), "{error}");
    }
}

#[test]
fn rules_are_bounded() {
    let many = "type:A -> a\n".repeat(MAX_RULES);
    assert_eq!(Rules::parse(&many).unwrap().len(), MAX_RULES);
    for (text, problem) in [
        (many + "type:A -> a", "there are more than 500 rules"),
        (format!("type:A -> {}", "a".repeat(MAX_LINE_BYTES)), "the rule has 2058 bytes"),
        (format!("{} -> a", "type:A ".repeat(MAX_MATCHERS + 1)), "there are more than 16 matchers"),
        (format!("type:A -> {}", "a ".repeat(MAX_PARTS + 1)), "there are more than 16 parts"),
        (format!("type:{} -> a", "a".repeat(600)), "the pattern has 600 bytes"),
        (format!("type:{} -> a", "*a".repeat(17)), "the pattern has 17 stars"),
    ] {
        assert_eq!(Rules::parse(&text).unwrap_err().problem, problem);
    }
}

#[test]
fn no_rules_are_no_rules() {
    assert!(Rules::default().is_empty());
    assert_eq!(Rules::parse("\n# nothing\n  \n").unwrap(), Rules::default());
}

proptest::proptest! {
    #[test]
    fn no_text_makes_reading_panic(text in "[a-z:!\\\\\"{}>, #.*?=é\n-]{0,80}") {
        if let Ok(rules) = Rules::parse(&text) {
            let _ = group(CURRENT, &event(), &rules);
        }
    }

    #[test]
    fn no_line_that_begins_well_makes_reading_panic(rest in "[a-z:!\\\\\"{}>, #.*?=é-]{0,60}") {
        for start in ["type:* -> ", "type:", "type:* -> {{", "type:* -> x title=\""] {
            if let Ok(rules) = Rules::parse(&[start, &rest].concat()) {
                let _ = group(CURRENT, &event(), &rules);
            }
        }
    }
}
