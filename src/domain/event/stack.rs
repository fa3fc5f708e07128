//! Exceptions and their stacks.

use super::fields::{Field, MAX_NAME_BYTES, MAX_TEXT_BYTES, Notes, bounded, number, text};
use super::read::{Detail, values};
use super::{Exception, Frame, Link, StackTrace, vars};
use crate::domain::in_app;
use crate::domain::json::{Kind, Val};

/// Exceptions of a chain that are kept, from the one that was raised on.
const MAX_EXCEPTIONS: usize = 20;
/// Frames of a stack that are kept: half from each end.
pub(super) const MAX_FRAMES: usize = 256;
/// Lines of source context that are kept on each side of a frame's line.
const MAX_CONTEXT_LINES: usize = 30;

pub(super) fn exceptions(
    value: Option<Val<'_>>,
    platform: &str,
    detail: Detail,
    notes: &mut Notes,
) -> Vec<Exception> {
    let count = values(value, "exception", notes).count();
    let skipped = count.saturating_sub(MAX_EXCEPTIONS);
    if skipped > 0 {
        let said = format_args!("the {skipped} innermost of {count} were left out");
        notes.push("exception", said);
    }
    let all = Field::Named("exception.values");
    values(value, "exception", &mut Notes::none())
        .enumerate()
        .skip(skipped)
        .filter_map(|(i, json)| exception(json, &Field::At(&all, i), platform, detail, notes))
        .collect()
}

fn exception(
    json: Val<'_>,
    field: &Field<'_>,
    platform: &str,
    detail: Detail,
    notes: &mut Notes,
) -> Option<Exception> {
    if json.kind() != Kind::Object {
        if !json.is_null() {
            notes.push(field, "is not an object");
        }
        return None;
    }
    let [mut ty, mut value, mut module, mut mechanism, mut stack] = [None; 5];
    for (key, found) in json.entries() {
        match &*key {
            "type" => ty = Some(found),
            "value" => value = Some(found),
            "module" => module = Some(found),
            "mechanism" => mechanism = Some(found),
            "stacktrace" => stack = Some(found),
            _ => {}
        }
    }
    Some(Exception {
        ty: text(ty, Field::Of(field, "type"), MAX_NAME_BYTES, notes),
        value: text(value, Field::Of(field, "value"), MAX_TEXT_BYTES, notes),
        module: text(module, Field::Of(field, "module"), MAX_NAME_BYTES, notes),
        handled: mechanism.and_then(|m: Val<'_>| m.get("handled")).and_then(Val::as_bool),
        stacktrace: stack
            .and_then(|v| stack_trace(v, &Field::Of(field, "stacktrace"), platform, detail, notes)),
        link: mechanism.and_then(link),
    })
}

/// How SDKs say what an exception is to the one that followed: by the name of the attribute that led to it.
fn link(mechanism: Val<'_>) -> Option<Link> {
    match mechanism.get("source")?.as_str()?.as_ref() {
        "__cause__" | "cause" | "InnerException" => Some(Link::Cause),
        "__context__" => Some(Link::Context),
        source if source.starts_with("exceptions[") || source.starts_with("errors[") => {
            Some(Link::Member)
        }
        _ => None,
    }
}

/// The stack of the thread that crashed, or of the one that reported.
pub(super) fn failing_thread<'d>(threads: Option<Val<'d>>) -> Option<Val<'d>> {
    let list = threads.map(|t| t.get("values").unwrap_or(t))?;
    let flagged = |key: &str| {
        list.items().find(|thread| thread.get(key).and_then(Val::as_bool) == Some(true))
    };
    flagged("crashed").or_else(|| flagged("current"))?.get("stacktrace")
}

pub(super) fn stack_trace(
    value: Val<'_>,
    field: &Field<'_>,
    platform: &str,
    detail: Detail,
    notes: &mut Notes,
) -> Option<StackTrace> {
    if value.is_null() {
        return None;
    }
    let Some(list) = value.get("frames").filter(|frames| frames.kind() == Kind::List) else {
        notes.push(field, "has no list of frames");
        return None;
    };
    let half = MAX_FRAMES / 2;
    let count = list.items().count();
    let cut = count > MAX_FRAMES;
    if cut {
        let left_out = count - MAX_FRAMES;
        notes.push(field, format_args!("{left_out} frames in the middle of {count} were left out"));
    }
    let all = Field::Of(field, "frames");
    let mut frames = Vec::with_capacity(count.min(MAX_FRAMES));
    frames.extend(
        list.items()
            .enumerate()
            .filter(|(i, _)| !cut || *i < half || *i >= count - half)
            .filter_map(|(i, v)| frame(v, &Field::At(&all, i), platform, detail, notes)),
    );
    (!frames.is_empty()).then_some(StackTrace { frames })
}

/// What a frame may hold, before any of it is read.
#[derive(Default)]
struct Sent<'d> {
    function: Option<Val<'d>>,
    module: Option<Val<'d>>,
    package: Option<Val<'d>>,
    filename: Option<Val<'d>>,
    abs_path: Option<Val<'d>>,
    lineno: Option<Val<'d>>,
    colno: Option<Val<'d>>,
    in_app: Option<Val<'d>>,
    pre_context: Option<Val<'d>>,
    context_line: Option<Val<'d>>,
    post_context: Option<Val<'d>>,
    vars: Option<Val<'d>>,
}

impl<'d> Sent<'d> {
    fn of(json: Val<'d>) -> Self {
        let mut sent = Self::default();
        for (key, value) in json.entries() {
            let place = match &*key {
                "function" => &mut sent.function,
                "module" => &mut sent.module,
                "package" => &mut sent.package,
                "filename" => &mut sent.filename,
                "abs_path" => &mut sent.abs_path,
                "lineno" => &mut sent.lineno,
                "colno" => &mut sent.colno,
                "in_app" => &mut sent.in_app,
                "pre_context" => &mut sent.pre_context,
                "context_line" => &mut sent.context_line,
                "post_context" => &mut sent.post_context,
                "vars" => &mut sent.vars,
                _ => continue,
            };
            *place = Some(value);
        }
        sent
    }
}

fn frame(
    json: Val<'_>,
    field: &Field<'_>,
    platform: &str,
    detail: Detail,
    notes: &mut Notes,
) -> Option<Frame> {
    if json.kind() != Kind::Object {
        notes.push(field, "is not an object");
        return None;
    }
    let sent = Sent::of(json);
    let mut name = |value: Option<Val<'_>>, key: &str| {
        text(value, Field::Of(field, key), MAX_NAME_BYTES, notes)
    };
    let mut frame = Frame {
        function: name(sent.function, "function"),
        module: name(sent.module, "module"),
        package: name(sent.package, "package"),
        filename: name(sent.filename, "filename"),
        abs_path: name(sent.abs_path, "abs_path"),
        ..Frame::default()
    };
    if detail == Detail::Whole {
        frame.context_line = name(sent.context_line, "context_line");
    }
    let mut count = |value, key| number(value, Field::Of(field, key), notes).filter(|n| *n > 0);
    frame.lineno = count(sent.lineno, "lineno");
    frame.colno = count(sent.colno, "colno");
    if detail == Detail::Whole {
        let mut lines = |value, before, key| context(value, before, Field::Of(field, key), notes);
        frame.pre_context = lines(sent.pre_context, true, "pre_context");
        frame.post_context = lines(sent.post_context, false, "post_context");
        frame.vars = sent.vars.map(vars::read).unwrap_or_default();
    }
    frame.in_app = sent.in_app.and_then(Val::as_bool);
    if matches!(platform, "rust" | "native") {
        frame.in_app = Some(in_app::is_in_app(&frame));
    }
    Some(frame)
}

/// Lines around a frame's line; the nearest are kept.
fn context(
    value: Option<Val<'_>>,
    before: bool,
    field: Field<'_>,
    notes: &mut Notes,
) -> Vec<String> {
    let Some(lines) = value.filter(|lines| lines.kind() == Kind::List) else { return Vec::new() };
    let skip = if before { lines.items().count().saturating_sub(MAX_CONTEXT_LINES) } else { 0 };
    lines
        .items()
        .skip(skip)
        .take(MAX_CONTEXT_LINES)
        .map(|line| bounded(&line.as_str().unwrap_or_default(), field, MAX_NAME_BYTES, notes))
        .collect()
}
