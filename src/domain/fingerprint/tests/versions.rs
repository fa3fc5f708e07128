//! What holds between versions, and what never changes in one.

use std::collections::HashMap;

use super::*;

#[test]
fn versions_never_share_a_fingerprint_and_are_stored_as_words() {
    let rules = Rules::default();
    for event in [raised("x", &["app.main"]), raised("x", &[]), event()] {
        let [old, new] = [Version::V1, Version::V2].map(|v| group(v, &event, &rules).fingerprint);
        assert_ne!(old, new);
        assert_eq!(new, fingerprint(&event));
        assert_eq!(old, v1::fingerprint(&event));
    }
    assert_eq!("1".parse(), Ok(Version::V1));
    assert_eq!(Version::V2.as_str(), "2");
    assert_eq!(CURRENT.older().collect::<Vec<_>>(), [Version::V1]);
    assert_eq!(Version::ALL.last(), Some(&CURRENT));
}

#[test]
fn a_new_version_finds_the_issue_that_an_old_one_made() {
    // What a store does: by fingerprint, the issue.
    let mut issues: HashMap<String, u32> = HashMap::new();
    let mut arrive = |event: &Event, written_by: Version| {
        let rules = Rules::default();
        let current = group(written_by, event, &rules).fingerprint;
        let known = issues.get(&current).or_else(|| {
            written_by.older().find_map(|old| issues.get(&group(old, event, &rules).fingerprint))
        });
        let issue = known.copied().unwrap_or(issues.len() as u32);
        issues.insert(current, issue);
        issue
    };
    let [load, save] = ["app.load", "app.save"].map(|name| raised("x", &["app.main", name]));
    let before = [&load, &save].map(|event| arrive(event, Version::V1));
    assert_ne!(before[0], before[1]);
    let after = [&load, &save, &load].map(|event| arrive(event, Version::V2));
    assert_eq!(after, [before[0], before[1], before[0]]);
}

/// One frame in each language, full of what is taken out.
fn in_every_language() -> Vec<Event> {
    [
        ("javascript", "async Cart.total [as sum]", "", "https://a.example/js/main.3f9a1c2e.js"),
        ("java", "lambda$total$3", "com.acme.Cart$$SpringCGLIB$$0", "Cart.java"),
        ("csharp", "MoveNext", "Shop.Cart+<TotalAsync>d__4", "Cart.cs"),
        ("go", "(*Cart).Total.func1", "github.com/acme/shop/v2/cart", "/srv/shop/cart.go"),
        ("php", "App\\Cart::App\\{closure}", "", "/var/www/src/Cart.php"),
        ("ruby", "block (2 levels) in Shop::Cart#total", "", "/srv/shop/app/cart.rb"),
        ("native", "int shop::Cart::total<long>(long) [clone .isra.0]", "", ""),
        ("elixir", "anonymous fn/1 in Shop.Cart.total/2", "Shop.Cart", "lib/cart.ex"),
    ]
    .map(|(platform, function, module, path)| {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let frame = Frame {
            module: some(module),
            filename: some(path),
            function: some(function),
            in_app: Some(true),
            ..Frame::default()
        };
        Event {
            platform: platform.into(),
            exceptions: vec![exception("Error", "x", vec![frame])],
            ..event()
        }
    })
    .into()
}

/// Digests of version 2 are in databases, too. Where this fails, what was changed belongs into a new
/// version.
#[test]
fn digests_of_version_2_never_change() {
    let mut events = vec![
        raised("x", &["app.main", "app.users.load"]),
        raised("user 17", &[]),
        panicked("attempt to divide by zero", &[("app::main", true)]),
        Event { message: Some("took 15 ms".into()), ..event() },
        Event { fingerprint: Some(vec!["db".into()]), ..event() },
        Event { fingerprint: Some(vec!["{{ default }}".into(), "db".into()]), ..event() },
    ];
    events.extend(in_every_language());
    let mut digests: Vec<_> = events.iter().map(fingerprint).collect();
    for rule in ["type:* -> a {{ type }}", "type:* -> {{ default }} a"] {
        let rules = Rules::parse(rule).unwrap();
        digests.push(group(CURRENT, &raised("x", &[]), &rules).fingerprint);
    }
    assert_eq!(
        digests,
        [
            "ec824f441d8f6152951e1b678224c1f2",
            "43e9fd48aca8c842ee9ef4e508735550",
            "b4242389c78c0b708990e2a41db9aed5",
            "199a3d507b42ec2c3a497ee6f12db55e",
            "ce301c96984e07db1b6b6152de4e585b",
            "62f3a038431bd165fc0ac74211a6a4a8",
            "74111fee598f45f311caf0047ebfc1e7",
            "80554c0a423d1e982a2e7d85419972d5",
            "a30268ff3d98717429945f0b0cf69423",
            "ab2e7bcf70cf14d57a37bcfe8622f20f",
            "7f6e2305cb828167b3b40d4eb59d6919",
            "18681408831929c996d6a38e51bb0023",
            "5f55d4ce46b165313b4ec6b4e8ee11af",
            "e5b4d7662b1355e126832dc1ddfbb470",
            "b1dbdb2ddf1e3fe09855858e092a3084",
            "9655cdb4ec2ab396d901c05802b67932",
        ]
    );
}
