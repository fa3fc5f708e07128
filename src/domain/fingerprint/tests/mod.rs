//! What holds for grouping as a whole, by the current version.

mod many;
mod versions;

use std::collections::HashSet;

use super::*;
use crate::domain::event::{Event, Exception, Frame, StackTrace};

fn event() -> Event {
    Event::bare("0".repeat(32), jiff::Timestamp::UNIX_EPOCH)
}

/// A frame of the application, or of somebody else.
fn frame(name: &str, in_app: bool) -> Frame {
    let (module, function) = name.rsplit_once('.').unwrap_or(("", name));
    Frame {
        function: Some(function.into()),
        module: (!module.is_empty()).then(|| module.into()),
        in_app: Some(in_app),
        ..Frame::default()
    }
}

fn exception(ty: &str, value: &str, frames: Vec<Frame>) -> Exception {
    Exception {
        ty: Some(ty.into()),
        value: Some(value.into()),
        stacktrace: (!frames.is_empty()).then_some(StackTrace { frames }),
        ..Exception::default()
    }
}

/// An error of Python; the application's frames by name, other people's with a `-` before.
fn raised(value: &str, frames: &[&str]) -> Event {
    let frames = frames.iter().map(|name| match name.strip_prefix('-') {
        Some(name) => frame(name, false),
        None => frame(name, true),
    });
    Event {
        platform: "python".into(),
        exceptions: vec![exception("ValueError", value, frames.collect())],
        ..event()
    }
}

fn panicked(value: &str, frames: &[(&str, bool)]) -> Event {
    let frames = frames.iter().map(|(name, in_app)| frame(name, *in_app)).collect();
    Event {
        platform: "rust".into(),
        exceptions: vec![exception("panic", value, frames)],
        ..event()
    }
}

fn how(event: &Event) -> How {
    group(CURRENT, event, &Rules::default()).how
}

#[track_caller]
fn same(events: &[Event]) {
    let first = fingerprint(&events[0]);
    for (index, event) in events.iter().enumerate() {
        assert_eq!(first, fingerprint(event), "event {index}");
    }
}

#[track_caller]
fn differ(events: &[Event]) {
    let all: HashSet<_> = events.iter().map(fingerprint).collect();
    assert_eq!(all.len(), events.len());
}

#[test]
fn a_message_that_varies_does_not_split_what_has_frames() {
    same(&[
        raised("no such user bob", &["app.main", "app.users.load"]),
        raised("no such order at all", &["app.main", "app.users.load"]),
    ]);
    assert_eq!(how(&raised("x", &["app.users.load"])), How::AppFrames);
}

#[test]
fn errors_in_different_functions_are_two_issues() {
    differ(&[
        raised("x", &["app.main", "app.users.load"]),
        raised("x", &["app.main", "app.users.save"]),
        raised("x", &["app.main", "app.orders.load"]),
    ]);
}

#[test]
fn two_types_in_one_function_are_two_issues() {
    let mut other = raised("x", &["app.main"]);
    other.exceptions[0].ty = Some("KeyError".into());
    differ(&[raised("x", &["app.main"]), other]);
}

#[test]
fn one_error_behind_two_routes_is_one_issue() {
    let mut a = raised("x", &["-web.dispatch", "app.views.list", "app.orders.load", "app.db.get"]);
    let mut b = raised("x", &["-web.dispatch", "app.views.show", "app.orders.load", "app.db.get"]);
    a.transaction = Some("/orders".into());
    b.transaction = Some("/orders/{id}".into());
    same(&[a, b, raised("x", &["app.jobs.nightly", "app.orders.load", "app.db.get"])]);
    // The route itself counts where the error is its own.
    differ(&[
        raised("x", &["-web.dispatch", "app.views.list"]),
        raised("x", &["-web.dispatch", "app.views.show"]),
    ]);
}

#[test]
fn one_helper_on_two_ways_is_two_issues() {
    differ(&[
        raised("x", &["app.views.list", "app.orders.load", "app.db.get"]),
        raised("x", &["app.views.list", "app.users.load", "app.db.get"]),
    ]);
}

#[test]
fn frames_of_other_peoples_code_do_not_count_beside_the_applications() {
    same(&[
        raised("x", &["app.main", "app.load", "-orm.fetch"]),
        raised("x", &["-wsgi.run", "app.main", "app.load", "-orm.fetch_all", "-driver.read"]),
        raised("x", &["app.main", "-contextlib.inner", "app.load"]),
    ]);
}

#[test]
fn without_frames_of_the_application_all_but_machinery_count() {
    let a = raised("x", &["-threading.run", "-orm.fetch", "-driver.read"]);
    same(&[a.clone(), raised("y", &["-orm.fetch", "-driver.read"])]);
    differ(&[a.clone(), raised("x", &["-orm.fetch", "-driver.write"])]);
    assert_eq!(how(&a), How::AllFrames);
    let machinery = raised("lost 17", &["-threading.run", "-sentry_sdk.capture"]);
    assert_eq!(how(&machinery), How::Exception);
    same(&[machinery, raised("lost 18", &[])]);
}

#[test]
fn without_frames_type_and_shape_of_the_value_count() {
    same(&[raised("user 17 is gone", &[]), raised("user 4711 is gone", &[])]);
    differ(&[raised("user 17 is gone", &[]), raised("order 17 is gone", &[])]);
    assert_eq!(how(&raised("x", &[])), How::Exception);
}

#[test]
fn without_an_exception_the_shape_of_the_message_counts() {
    let said = |text: &str| Event { message: Some(text.into()), ..event() };
    same(&[said("took 15 ms for bob@example.org"), said("took 1.2s for al@example.com")]);
    differ(&[said("took 15 ms"), said("lost 15 items")]);
    assert_eq!(how(&said("x")), How::Message);
    let silent = |logger: &str| Event { logger: Some(logger.into()), ..event() };
    differ(&[silent("a"), silent("b")]);
    assert_eq!(how(&event()), How::Nothing);
}

#[test]
fn lines_do_not_count_and_files_stand_in_for_functions() {
    let at = |path: &str, line| {
        let mut event = raised("x", &[]);
        let frame = Frame {
            filename: Some(path.into()),
            lineno: Some(line),
            in_app: Some(true),
            ..Frame::default()
        };
        event.exceptions[0].stacktrace = Some(StackTrace { frames: vec![frame] });
        event
    };
    same(&[at("/home/a/app/cart.py", 3), at("/var/task/cart.py", 99), at("C:\\x\\cart.py", 1)]);
    differ(&[at("/a/cart.py", 3), at("/a/tax.py", 3)]);
    // All that fails in one file is not one error: beside bare files the message counts.
    let mut other = at("/a/cart.py", 3);
    other.exceptions[0].value = Some("something else".into());
    differ(&[at("/a/cart.py", 3), other]);
}

#[test]
fn a_chain_is_known_by_its_types_and_the_last_stack_of_the_application() {
    let chain = |cause: &str, frames: &[&str]| {
        let mut event = raised("wrapped", &[]);
        let inner = raised("x", frames).exceptions.remove(0);
        event.exceptions.insert(0, Exception { ty: Some(cause.into()), ..inner });
        event.exceptions[1].ty = Some("RuntimeError".into());
        event
    };
    let a = chain("KeyError", &["app.load"]);
    assert_eq!(how(&a), How::AppFrames);
    differ(&[a.clone(), chain("TypeError", &["app.load"]), chain("KeyError", &["app.save"])]);
    // What was raised last is where the error belongs, if the application had a part in it.
    let mut b = a.clone();
    b.exceptions[1].stacktrace = Some(StackTrace { frames: vec![frame("app.handle", true)] });
    let mut c = chain("KeyError", &["app.save"]);
    c.exceptions[1].stacktrace = b.exceptions[1].stacktrace.clone();
    same(&[b.clone(), c]);
    differ(&[a.clone(), b]);
    // Retries repeat the cause.
    let mut retried = a.clone();
    retried.exceptions.insert(0, a.exceptions[0].clone());
    same(&[a, retried]);
}

#[test]
fn two_kinds_of_panic_in_one_function_are_two_issues() {
    let frames = [("app::main", true)];
    differ(&[
        panicked("attempt to divide by zero", &frames),
        panicked("called `Option::unwrap()` on a `None` value", &frames),
        panicked("index out of bounds: the len is 3 but the index is 5", &frames),
    ]);
    same(&[
        panicked("index out of bounds: the len is 3 but the index is 5", &frames),
        panicked("index out of bounds: the len is 7 but the index is 9", &frames),
    ]);
    same(&[
        panicked("no such user bob", &[("app::load::h0123456789abcdef", true)]),
        panicked(
            "no such user alice",
            &[("app::load::{{closure}}", true), ("core::panicking::panic", false)],
        ),
    ]);
}

#[test]
fn generated_names_do_not_split() {
    let java = |module: &str, function: &str| Event {
        platform: "java".into(),
        exceptions: vec![Exception {
            ty: Some("com.acme.Lost$1".into()),
            ..exception(
                "",
                "",
                vec![Frame { module: Some(module.into()), ..frame(function, true) }],
            )
        }],
        ..event()
    };
    same(&[
        java("com.acme.Cart$$SpringCGLIB$$0", "lambda$total$3"),
        java("com.acme.Cart", "total"),
        java("com.acme.Cart$$Lambda$12/0x0000000800c03000", "total"),
    ]);
}

#[test]
fn the_senders_fingerprint_wins_and_may_include_ours() {
    let sent = |parts: &[&str], function: &str| Event {
        fingerprint: Some(parts.iter().map(|part| (*part).to_owned()).collect()),
        transaction: Some(function.into()),
        ..raised("x", &[function])
    };
    same(&[sent(&["db"], "app.a"), sent(&["db"], "app.b")]);
    same(&[sent(&["db", "{{ default }}"], "app.a"), sent(&["db", "{{default}}"], "app.a")]);
    same(&[sent(&["{{ transaction }}"], "app.a"), sent(&["app.a"], "app.b")]);
    same(&[sent(&["{{ unknown }}"], "app.a"), sent(&["{{ unknown }}"], "app.b")]);
    differ(&[
        sent(&["{{ default }}", "db"], "app.a"),
        sent(&["{{ default }}", "db"], "app.b"),
        sent(&["db"], "app.a"),
        sent(&["ab", "c"], "app.a"),
        sent(&["a", "bc"], "app.a"),
    ]);
    assert_eq!(how(&sent(&["db"], "app.a")), How::Sender);
    // The usual grouping by itself is the usual grouping.
    for nothing in [&[][..], &["{{ default }}"]] {
        same(&[sent(nothing, "app.a"), raised("x", &["app.a"])]);
        assert_eq!(how(&sent(nothing, "app.a")), How::AppFrames);
    }
}

#[test]
fn the_culprit_is_the_innermost_frame_of_the_application() {
    let mut event = raised("x", &["app.main", "app.load", "-orm.fetch"]);
    let frames = &mut event.exceptions[0].stacktrace.as_mut().unwrap().frames;
    frames[1].filename = Some("app/load.py".into());
    frames[1].lineno = Some(7);
    assert_eq!(culprit(&event).as_deref(), Some("app/load.py:7 in load"));
    assert_eq!(culprit(&raised("x", &["-orm.fetch"])).as_deref(), Some("? in fetch"));
    assert_eq!(culprit(&raised("x", &[])), None);
}
