//! Healing of session-like data.

use andon_sdk::resilience::{Healing, Key, Kind, Repair, Schema, heal};
use serde_json::{Map, Value, json};

fn map(value: Value) -> Map<String, Value> {
    let Value::Object(map) = value else { panic!("not an object") };
    map
}

fn repair(key: &str, healing: Healing, found: Option<&'static str>) -> Repair {
    Repair { key: key.to_owned(), healing, found }
}

/// Heals a single value, and tells what it is now.
fn healed(key: Key, value: Value) -> (Option<Value>, Option<Healing>) {
    let mut data = Map::from_iter([("key".to_owned(), value)]);
    let repairs = heal(&Schema::new().key(key), &mut data);
    (data.remove("key"), repairs.first().map(|repair| repair.healing))
}

#[test]
fn what_is_missing_gets_its_default_and_what_is_sound_is_left_alone() {
    let schema = Schema::new()
        .key(Key::integer("xp").default(0))
        .key(Key::array("courses").default_with(|| json!([])))
        .key(Key::text("name"))
        .key(Key::new("anything", Kind::Any));
    let mut data = map(json!({ "unknown": [1, null], "anything": null }));
    let repairs = heal(&schema, &mut data);
    let defaulted = |key| repair(key, Healing::Defaulted, None);
    assert_eq!(repairs, [defaulted("xp"), defaulted("courses")]);
    let whole = json!({ "unknown": [1, null], "anything": null, "xp": 0, "courses": [] });
    assert_eq!(data, map(whole));
    assert_eq!(heal(&schema, &mut data), []);
}

#[test]
fn values_that_stand_for_others_are_repaired() {
    for (kind, from, to) in [
        (Kind::Integer, json!("12"), json!(12)),
        (Kind::Integer, json!(" -12 "), json!(-12)),
        (Kind::Integer, json!("18446744073709551615"), json!(u64::MAX)),
        (Kind::Integer, json!(12.0), json!(12)),
        (Kind::Number, json!("1.5"), json!(1.5)),
        (Kind::Number, json!("7"), json!(7)),
        (Kind::Bool, json!("True"), json!(true)),
        (Kind::Bool, json!("0"), json!(false)),
        (Kind::Bool, json!(1), json!(true)),
        (Kind::Text, json!(12), json!("12")),
        (Kind::Text, json!(false), json!("false")),
        (Kind::Array, json!("[1, 2]"), json!([1, 2])),
        (Kind::Object, json!("{\"a\": 1}"), json!({ "a": 1 })),
    ] {
        let expected = (Some(to), Some(Healing::Repaired));
        assert_eq!(healed(Key::new("key", kind), from.clone()), expected, "{kind:?} {from}");
    }
}

#[test]
fn values_that_stand_for_nothing_are_reset_or_dropped() {
    let poison = [
        (Kind::Integer, json!("twelve")),
        (Kind::Integer, json!(1.5)),
        (Kind::Integer, json!(1e300)),
        (Kind::Integer, json!("99999999999999999999999")),
        (Kind::Integer, json!(null)),
        (Kind::Integer, json!([1])),
        (Kind::Number, json!("NaN")),
        (Kind::Number, json!("inf")),
        (Kind::Bool, json!(2)),
        (Kind::Bool, json!("yes?")),
        (Kind::Text, json!(["a"])),
        (Kind::Array, json!("{\"a\": 1}")),
        (Kind::Array, json!("[".repeat(60_000))),
        (Kind::Object, json!("\u{0}")),
        (Kind::Object, json!(format!("{{\"a\": \"{}\"}}", "x".repeat(1_000_000)))),
    ];
    for (kind, value) in poison {
        let dropped = healed(Key::new("key", kind), value.clone());
        assert_eq!(dropped, (None, Some(Healing::Dropped)), "{kind:?}");
        let reset = healed(Key::new("key", kind).default("default"), value);
        assert_eq!(reset, (Some(json!("default")), Some(Healing::Reset)), "{kind:?}");
    }
}

#[test]
fn validators_and_repair_functions_have_their_say() {
    let level = || {
        Key::integer("key")
            .default(1)
            .valid(|value| value.as_i64().is_some_and(|level| (1..=9).contains(&level)))
            .repair(|value| value.as_i64().filter(|level| *level > 9).map(|_| json!(9)))
    };
    assert_eq!(healed(level(), json!(5)), (Some(json!(5)), None));
    assert_eq!(healed(level(), json!(500)), (Some(json!(9)), Some(Healing::Repaired)));
    assert_eq!(healed(level(), json!("7")), (Some(json!(7)), Some(Healing::Repaired)));
    assert_eq!(healed(level(), json!("70")), (Some(json!(1)), Some(Healing::Reset)));
    assert_eq!(healed(level(), json!(-5)), (Some(json!(1)), Some(Healing::Reset)));
    // What a repair function makes must be valid itself.
    let wrong = level().repair(|_| Some(json!("wrong")));
    assert_eq!(healed(wrong, json!(-5)), (Some(json!(1)), Some(Healing::Reset)));
}

#[test]
fn null_is_a_value_where_it_is_allowed() {
    assert_eq!(healed(Key::text("key").or_null(), json!(null)), (Some(json!(null)), None));
    let dropped = healed(Key::text("key"), json!(null));
    assert_eq!(dropped, (None, Some(Healing::Dropped)));
}

#[test]
fn a_default_that_is_not_valid_itself_is_not_repaired_for_ever() {
    let odd = || Key::integer("key").default("none");
    assert_eq!(healed(odd(), json!([])), (Some(json!("none")), Some(Healing::Reset)));
    assert_eq!(healed(odd(), json!("none")), (Some(json!("none")), None));
}

#[test]
fn functions_that_panic_say_no() {
    let panics = || -> Value { panic!("on purpose") };
    let key = Key::integer("key").valid(|value| value.as_i64().unwrap() > 0).default(1);
    assert_eq!(healed(key, json!(u64::MAX)), (Some(json!(1)), Some(Healing::Reset)));
    let key = Key::integer("key").repair(move |_| Some(panics())).default_with(panics);
    assert_eq!(healed(key, json!("x")), (None, Some(Healing::Dropped)));
    let schema = Schema::new().key(Key::integer("key").default_with(panics));
    assert_eq!(heal(&schema, &mut Map::new()), []);
}

#[test]
fn a_key_given_twice_means_the_last_one() {
    let schema =
        Schema::new().key(Key::text("key").default("a")).key(Key::text("key").default("b"));
    let mut data = Map::new();
    assert_eq!(heal(&schema, &mut data).len(), 1);
    assert_eq!(data["key"], "b");
}

#[test]
fn a_thousand_keys_are_healed_at_once() {
    let schema = (0..1_000).fold(Schema::new(), |schema, number| {
        schema.key(Key::integer(format!("key {number}")).default(number))
    });
    let value = |number: i64| match number % 3 {
        0 => json!(number),
        1 => json!(number.to_string()),
        _ => json!({ "poison": [number] }),
    };
    let mut data: Map<String, Value> =
        (0..900).map(|number| (format!("key {number}"), value(number))).collect();
    let repairs = heal(&schema, &mut data);
    let count = |healing| repairs.iter().filter(|repair| repair.healing == healing).count();
    assert_eq!(count(Healing::Repaired), 300);
    assert_eq!(count(Healing::Reset), 300);
    assert_eq!(count(Healing::Defaulted), 100);
    assert!((0..1_000).all(|number| data[&format!("key {number}")] == number));
    assert_eq!(heal(&schema, &mut data), []);
}

#[test]
fn repairs_do_not_show_values() {
    let schema = Schema::new().key(Key::integer("pin").default(0));
    let mut data = map(json!({ "pin": "top secret" }));
    let repairs = heal(&schema, &mut data);
    assert_eq!(repairs, [repair("pin", Healing::Reset, Some("string"))]);
    assert!(!format!("{repairs:?} {schema:?}").contains("top secret"));
}

/// Any value, with texts that look like other kinds.
fn any_value(random: &mut fastrand::Rng, depth: u32) -> Value {
    let texts = ["", "12", " 7.5", "true", "[1]", "{}", "\"a\"", "null", "-0", "1e9", "\u{2028}\0"];
    match random.u32(0..if depth == 0 { 5 } else { 7 }) {
        0 => Value::Null,
        1 => json!(random.bool()),
        2 => json!(random.i64(..)),
        3 => json!(f64::from_bits(random.u64(..))),
        4 => json!(random.choice(texts).unwrap()),
        5 => (0..random.usize(0..4)).map(|_| any_value(random, depth - 1)).collect(),
        _ => json!({ "a": any_value(random, depth - 1) }),
    }
}

#[test]
fn whatever_the_value_it_is_sound_once_it_was_healed() {
    let kinds =
        [Kind::Any, Kind::Bool, Kind::Integer, Kind::Number, Kind::Text, Kind::Array, Kind::Object];
    let mut random = fastrand::Rng::with_seed(7);
    for _ in 0..20_000 {
        let kind = random.choice(kinds).unwrap();
        let value = any_value(&mut random, 3);
        let (now, healing) = healed(Key::new("key", kind), value.clone());
        assert_eq!(healing.is_none(), kind.holds(&value), "{kind:?} {value}");
        if let Some(now) = now {
            assert!(kind.holds(&now), "{kind:?} {value} {now}");
            assert_eq!(healed(Key::new("key", kind), now.clone()), (Some(now), None));
        }
    }
}
