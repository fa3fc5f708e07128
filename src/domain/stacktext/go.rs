//! Go's panics and fatal errors with the trace of the goroutine that failed.

use super::common::{Draft, MAX_LINE_BYTES, cut, line_number, set_path};
use crate::domain::event::{Exception, Frame};

pub(super) fn read(lines: &[&str]) -> Option<Vec<Exception>> {
    let mut draft = Draft::default();
    let mut function: Option<String> = None;
    let mut in_goroutine = false;
    let mut in_message = false;
    for line in lines {
        let line = cut(line, MAX_LINE_BYTES);
        let trimmed = line.trim();
        if is_goroutine(trimmed) {
            // The first goroutine is the one that failed.
            if in_goroutine && !draft.frames.is_empty() {
                break;
            }
            (in_goroutine, in_message) = (true, false);
        } else if !in_goroutine {
            message_line(&mut draft, trimmed, &mut in_message);
        } else if let Some((path, number)) = place(line) {
            if let Some(function) = function.take() {
                draft.push(frame(&function, path, number));
            }
        } else if trimmed.is_empty() {
            if !draft.frames.is_empty() {
                break;
            }
        } else {
            function = called(trimmed).map(str::to_owned);
        }
    }
    (in_goroutine && !draft.frames.is_empty()).then(|| vec![draft.finish(true)])
}

/// `goroutine 1 [running]:`
fn is_goroutine(line: &str) -> bool {
    line.strip_prefix("goroutine ")
        .is_some_and(|rest| rest.ends_with("]:") && rest.starts_with(|c: char| c.is_ascii_digit()))
}

fn message_line(draft: &mut Draft, line: &str, in_message: &mut bool) {
    let said = [("panic: ", "panic"), ("fatal error: ", "fatal error")]
        .into_iter()
        .find_map(|(mark, ty)| Some((super::common::after(line, mark)?, ty)));
    if let Some((said, ty)) = said {
        // A second `panic:` below the first is what was raised while the first unwound: the first counts.
        if draft.ty.is_none() {
            let said = said.strip_suffix(" [recovered]").unwrap_or(said);
            let (ty, said) = match said.strip_prefix("runtime error: ") {
                Some(rest) => ("runtime.Error", rest),
                None => (ty, said),
            };
            draft.ty = Some(ty.to_owned());
            draft.message = said.to_owned();
            *in_message = true;
        }
    } else if *in_message && !line.is_empty() && !line.starts_with("[signal ") {
        draft.add_message_line(line);
    } else {
        *in_message = false;
    }
}

/// `\t/app/cart.go:12 +0x1d`
fn place(line: &str) -> Option<(&str, u32)> {
    let line = line.strip_prefix(['\t', ' '])?.trim();
    let line = line.rsplit_once(" +0x").map_or(line, |(place, _)| place);
    let (path, number) = line.rsplit_once(':')?;
    (path.contains('.') && !path.contains('(')).then_some((path, line_number(number)?))
}

/// `main.(*Cart).Total(0xc000012345, ...)` without its arguments; `created by main.run in goroutine 1`.
fn called(line: &str) -> Option<&str> {
    if let Some(rest) = line.strip_prefix("created by ") {
        return rest.split(" in goroutine ").next();
    }
    let name = &line[..line.rfind('(')?];
    (line.ends_with(')') && !name.is_empty() && !name.contains(' ')).then_some(name)
}

fn frame(called: &str, path: &str, line: u32) -> Frame {
    // `github.com/shop/cart.(*Cart).Total`: the package ends with the first dot behind the last slash.
    let from = called.rfind('/').map_or(0, |at| at + 1);
    let mut frame = Frame { lineno: Some(line), ..Frame::default() };
    match called[from..].find('.') {
        Some(dot) => {
            frame.module = Some(called[..from + dot].to_owned());
            frame.function = Some(called[from + dot + 1..].to_owned());
        }
        None => frame.function = Some(called.to_owned()),
    }
    set_path(&mut frame, path);
    frame
}
