//! Many events: loops of any length, a load of fifty issues, frames of any kind.

use proptest::prelude::*;

use super::*;

#[test]
fn recursion_is_folded_whatever_its_depth_and_cycle() {
    let repeated =
        |before: &[&'static str], cycle: &[&'static str], count, after: &[&'static str]| {
            let mut frames = before.to_vec();
            (0..count).for_each(|_| frames.extend(cycle));
            frames.extend(after);
            raised("x", &frames)
        };
    for cycle in [&["app.walk"][..], &["app.even", "app.odd"], &["app.a", "app.b", "app.c"]] {
        let events: Vec<_> = [1, 2, 3, 7, 40, 400]
            .map(|count| repeated(&["app.main", "app.run"], cycle, count, &["app.leaf"]))
            .into();
        same(&events);
    }
    // Ending anywhere in the cycle is ending there.
    same(&[
        raised("x", &["app.main", "app.even"]),
        raised("x", &["app.main", "app.even", "app.odd", "app.even"]),
        raised("x", &["app.main", "app.even", "app.odd", "app.even", "app.odd", "app.even"]),
    ]);
    // Frames that were left out in the middle do not matter.
    same(&[
        raised(
            "x",
            &["app.main", "app.a", "app.b", "app.c", "app.a", "app.b", "app.c", "app.leaf"],
        ),
        raised(
            "x",
            &[
                "app.main", "app.a", "app.b", "app.c", "app.a", "app.c", "app.a", "app.b", "app.c",
                "app.leaf",
            ],
        ),
    ]);
}

/// Numbers by lot, the same on every machine.
struct Lot(u64);

impl Lot {
    fn below(&mut self, bound: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % bound
    }
}

/// Events as a load generator makes them: thirty frames an issue, ten of a framework, twenty of the
/// application, drawn from few words; the type one of ten; in the value, where `noise` says so, a word
/// and a number vary.
fn generated(issues: usize, variants: usize, noise: bool) -> Vec<Event> {
    const WORDS: [&str; 8] = ["order", "cart", "user", "tax", "queue", "cache", "report", "ledger"];
    const VERBS: [&str; 5] = ["load", "save", "sync", "parse", "merge"];
    let mut events = Vec::new();
    for issue in 0..issues {
        for variant in 0..variants {
            let mut fixed = Lot(issue as u64 * 7919 + 1);
            let mut varied = Lot((issue * 1000 + variant) as u64 * 104_729 + 7);
            let frames = (0..30).map(|index| {
                let in_app = index >= 10;
                let base = if in_app { "app" } else { "lib/framework" };
                let [a, b] = [WORDS[fixed.below(8)], WORDS[fixed.below(8)]];
                Frame {
                    function: Some(format!("{}_{b}", VERBS[fixed.below(5)])),
                    module: Some(format!("{}.{a}.{b}", base.replace('/', "."))),
                    filename: Some(format!("{base}/{a}/{b}.py")),
                    abs_path: Some(format!("/srv/shop/{base}/{a}/{b}.py")),
                    lineno: Some(fixed.below(900) as u32 + varied.below(2) as u32),
                    in_app: Some(in_app),
                    ..Frame::default()
                }
            });
            let frames = frames.collect();
            let (word, number) = match noise {
                true => (WORDS[varied.below(8)], varied.below(1_000_000)),
                false => ("thing", issue),
            };
            let ty =
                format!("Error{}", ["A", "B", "C", "D", "E", "F", "G", "H", "I", "J"][issue % 10]);
            events.push(Event {
                platform: "python".into(),
                transaction: Some(format!("/api/{}", varied.below(9))),
                release: Some(format!("shop@4.{}", varied.below(6))),
                exceptions: vec![exception(&ty, &format!("failed for {word} {number}"), frames)],
                ..event()
            });
        }
    }
    events
}

#[test]
fn fifty_issues_are_fifty_whatever_their_messages_say() {
    for noise in [false, true] {
        let all: HashSet<_> = generated(50, 200, noise).iter().map(fingerprint).collect();
        assert_eq!(all.len(), 50, "with noise: {noise}");
    }
}

/// Frames as senders in any language may send them, and worse.
fn frames() -> impl Strategy<Value = Frame> {
    let text = || prop::option::of("[a-zA-Z0-9_.:/\\\\<>$(){}\\[\\] -]{0,24}");
    (text(), text(), text(), text(), text(), prop::option::of(any::<bool>()), any::<u32>())
        .prop_map(|(function, module, package, filename, abs_path, in_app, line)| Frame {
            function,
            module,
            package,
            filename,
            abs_path,
            in_app,
            lineno: Some(line),
            ..Frame::default()
        })
}

fn platforms() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "rust",
        "python",
        "javascript",
        "node",
        "java",
        "csharp",
        "go",
        "php",
        "ruby",
        "native",
        "cocoa",
        "elixir",
        "other",
    ])
}

fn with(platform: &str, frames: Vec<Frame>) -> Event {
    let exceptions = vec![exception("Error", "x", frames)];
    Event { platform: platform.into(), exceptions, ..event() }
}

proptest! {
    #[test]
    fn any_frames_group(platform in platforms(), frames in prop::collection::vec(frames(), 0..20)) {
        let event = with(platform, frames);
        let all = group(CURRENT, &event, &Rules::default());
        prop_assert_eq!(all.fingerprint.len(), 32);
        let _ = group(Version::V1, &event, &Rules::default());
        let _ = culprit(&event);
    }

    #[test]
    fn lines_never_count(platform in platforms(), frames in prop::collection::vec(frames(), 1..8), line in any::<u32>()) {
        let mut moved = frames.clone();
        moved.iter_mut().for_each(|frame| frame.lineno = Some(line));
        prop_assert_eq!(fingerprint(&with(platform, frames)), fingerprint(&with(platform, moved)));
    }

    #[test]
    fn a_loop_counts_once_however_often_it_runs(
        platform in platforms(),
        before in prop::collection::vec(frames(), 0..4),
        cycle in prop::collection::vec(frames(), 1..5),
        after in prop::collection::vec(frames(), 0..4),
        count in 1usize..60,
    ) {
        let times = |count: usize| {
            let mut all = before.clone();
            (0..count).for_each(|_| all.extend(cycle.iter().cloned()));
            all.extend(after.iter().cloned());
            fingerprint(&with(platform, all))
        };
        prop_assert_eq!(times(1), times(count));
    }
}
