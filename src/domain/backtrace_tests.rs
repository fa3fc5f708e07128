use super::*;

fn frames(exception: &Exception) -> &[Frame] {
    exception.stacktrace.as_ref().map_or(&[], |stack| &stack.frames)
}

fn value(exception: &Exception) -> &str {
    exception.value.as_deref().unwrap()
}

fn innermost_app(exception: &Exception) -> &Frame {
    frames(exception).iter().rev().find(|frame| frame.in_app == Some(true)).unwrap()
}

#[test]
fn every_header_form_gives_message_and_place() {
    for (text, message, path, line, column) in [
        ("thread 'main' panicked at 'boom', src/x.rs:1:2", "boom", "src/x.rs", 1, 2),
        ("thread 'main' panicked at src/x.rs:10:37:\nboom", "boom", "src/x.rs", 10, 37),
        ("thread 'main' (629) panicked at src/x.rs:10:37:\nboom", "boom", "src/x.rs", 10, 37),
        ("thread '<unnamed>' panicked at src/x.rs:10:37:\na\nb", "a\nb", "src/x.rs", 10, 37),
        ("thread 'a' panicked at src/x.rs:5:7: on one line", "on one line", "src/x.rs", 5, 7),
        ("thread 'it's' panicked at 'it's 'so', src/y.rs:3:4", "it's 'so", "src/y.rs", 3, 4),
        ("thread 'main' panicked at 'two\nlines', src/x.rs:1:2", "two\nlines", "src/x.rs", 1, 2),
        ("2026-01-01 ERR thread 'm' panicked at a b/x.rs:1:2:\nx: 1:2", "x: 1:2", "a b/x.rs", 1, 2),
        ("thread 'main' panicked at C:\\w\\src\\x.rs:10:37:\r\nboom\r\n", "boom", "x.rs", 10, 37),
    ] {
        let all = parse(text);
        assert_eq!(all.len(), 1, "{text}");
        assert_eq!(all[0].ty.as_deref(), Some("panic"));
        assert_eq!(value(&all[0]), message, "{text}");
        let frame = frames(&all[0]).last().unwrap();
        assert_eq!(frame.filename.as_deref(), Some(path), "{text}");
        assert_eq!((frame.lineno, frame.colno), (Some(line), Some(column)), "{text}");
    }
}

#[test]
fn the_real_short_backtrace_of_1_95() {
    let text = include_str!("../../tests/fixtures/backtraces/short_1_95.txt");
    let all = parse(text);
    assert_eq!(all.len(), 1);
    assert_eq!(value(&all[0]), "index out of bounds: the len is 3 but the index is 3");
    let frame = innermost_app(&all[0]);
    assert_eq!(frame.function.as_deref(), Some("all::Cart::idx"));
    assert_eq!(frame.module.as_deref(), Some("all::Cart"));
    assert_eq!((frame.lineno, frame.colno), (Some(5), Some(23)));
    let list = frames(&all[0]);
    assert_eq!(list.len(), 9);
    assert_eq!(list[0].function.as_deref(), Some("core::ops::function::FnOnce::call_once"));
    assert_eq!(list.iter().filter(|f| f.in_app == Some(true)).count(), 2);
}

#[test]
fn the_real_full_backtrace_of_1_95_loses_its_hashes() {
    let text = include_str!("../../tests/fixtures/backtraces/full_1_95.txt");
    let all = parse(text);
    assert_eq!(all.len(), 1);
    let list = frames(&all[0]);
    assert_eq!(list.len(), 39);
    let functions: Vec<_> = list.iter().filter_map(|f| f.function.as_deref()).collect();
    assert!(functions.iter().all(|f| !f.contains("[e28293b1") && !f.contains("::h985d")));
    assert!(functions.contains(&"std::panicking::default_hook::{{closure}}"));
    let frame = innermost_app(&all[0]);
    assert_eq!(
        frame.function.as_deref(),
        Some("all::inner::<impl core::str::traits::FromStr for all::Cart>::from_str")
    );
    assert_eq!(frame.lineno, Some(106));
    assert_eq!(list.iter().filter(|f| f.in_app == Some(true)).count(), 2);
}

#[test]
fn of_two_panics_in_one_log_the_first_comes_first() {
    let text = include_str!("../../tests/fixtures/backtraces/two_panics_1_95.txt");
    let all = parse(text);
    assert_eq!(all.len(), 2);
    assert_eq!(value(&all[0]), "boom\nsecond line\nthird");
    assert!(value(&all[1]).contains("Any { .. }"));
    assert_eq!(innermost_app(&all[0]).function.as_deref(), Some("all::named::{{closure}}"));
    assert_eq!(innermost_app(&all[1]).function.as_deref(), Some("all::named"));
}

#[test]
fn old_backtraces_with_frames_run_together() {
    let text = include_str!("../../tests/fixtures/backtraces/panic4r_bumpalo.txt");
    let all = parse(text);
    assert_eq!(all.len(), 1);
    let list = frames(&all[0]);
    let printed = text.matches(" - ").count();
    assert_eq!(list.len(), printed, "a frame for every address");
    let joined = list
        .iter()
        .find(|f| f.function.as_deref() == Some("core::fmt::write"))
        .expect("the second frame of the joined line");
    assert_eq!(joined.lineno, Some(1157));
    assert_eq!(innermost_app(&all[0]).abs_path.as_deref(), Some("/app/crate/src/lib.rs"));
}

#[test]
fn a_toolchain_built_elsewhere_is_not_the_application() {
    let text = include_str!("../../tests/fixtures/backtraces/panic4r_uuid.txt");
    let all = parse(text);
    let own: Vec<_> = frames(&all[0])
        .iter()
        .filter(|f| f.in_app == Some(true))
        .filter_map(|f| f.abs_path.as_deref())
        .collect();
    assert_eq!(
        own,
        ["/app/src/main.rs", "/app/crate/src/timestamp.rs", "/app/crate/src/timestamp.rs"]
    );
}

#[test]
fn ends_without_a_panic_are_read_too() {
    let all = parse("\nthread 'main' (15329) has overflowed its stack\nfatal runtime error: stack");
    assert_eq!(all[0].ty.as_deref(), Some("abort"));
    assert!(value(&all[0]).contains("overflowed its stack"));
    let text = include_str!("../../tests/fixtures/backtraces/out_of_memory_1_95.txt");
    let all = parse(text);
    assert_eq!(value(&all[0]), "memory allocation of 4611686018427387904 bytes failed");
    assert_eq!(innermost_app(&all[0]).function.as_deref(), Some("all::oom"));
}

#[test]
fn hostile_text_is_bounded() {
    let mut text = String::from("thread 'main' panicked at src/x.rs:1:2:\n");
    text.push_str(&"é".repeat(1_000_000));
    text.push_str("\nstack backtrace:\n");
    for n in 0..50_000 {
        text.push_str(&format!("  {n}: a::b\n      at /x.rs:1:1\n"));
    }
    text.push_str(&"thread 'x' panicked at y:1:1:\nz\n".repeat(1000));
    let all = parse(&text);
    assert!(value(&all[0]).len() <= MAX_MESSAGE_BYTES);
    assert!(frames(&all[0]).len() <= MAX_FRAMES + 1);
    assert!(all.len() <= MAX_PANICS);
    assert!(parse("no panic here\nat all").is_empty());
    assert!(parse("thread 'main' panicked at ").len() <= 1);
    let joined = "1: 0x1 - a   ".repeat(5_000);
    let _ = parse(&format!("stack backtrace:\n{joined}"));
}
