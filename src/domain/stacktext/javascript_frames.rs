//! Single frames of JavaScript: as V8 writes them, and as Firefox and Safari do.

use super::common::{MAX_LINE_BYTES, cut, line_number, set_path};
use crate::domain::event::Frame;

/// Places that are none: what the engine itself does.
const NATIVE: &[&str] =
    &["native", "<anonymous>", "native code", "[native code]", "unknown location"];

/// A frame of V8, without its `at `: `Cart.total (/app/cart.js:12:5)`, `async /app/cart.js:1:2`,
/// `new Cart (…)`, `eval (eval at run (/app/x.js:1:2), <anonymous>:1:1)`, `Array.map (<anonymous>)`.
pub(super) fn v8(text: &str) -> Option<Frame> {
    let text = text.trim_end_matches([' ', '{', ',']).trim();
    let text = text.strip_prefix("async ").unwrap_or(text);
    let mut frame = Frame::default();
    let Some(inner) = text.strip_suffix(')') else {
        let (path, line, column) = place(text)?;
        fill(&mut frame, path, Some(line), Some(column));
        return Some(frame);
    };
    // The place stands in the last brackets that open after a blank; a path may hold brackets.
    let open = inner.find(" (")?;
    let (function, inside) = (inner[..open].trim(), &inner[open + 2..]);
    let function = function.split(" [as ").next().unwrap_or(function);
    if !function.is_empty() {
        frame.function = Some(cut(function, MAX_LINE_BYTES).to_owned());
    }
    if inside.starts_with("eval at ") {
        // The innermost brackets hold the place of the code that called `eval`.
        let begin = inside.rfind(" (").map_or(0, |at| at + 2);
        let end = inside[begin..].find(')').map_or(inside.len(), |at| begin + at);
        let (path, line, column) = place(&inside[begin..end])?;
        fill(&mut frame, path, Some(line), Some(column));
        return Some(frame);
    }
    if NATIVE.contains(&inside) || inside.starts_with("index ") {
        fill(&mut frame, "<anonymous>", None, None);
        return Some(frame);
    }
    let (path, line, column) = place(inside)?;
    fill(&mut frame, path, Some(line), Some(column));
    Some(frame)
}

/// A frame of Firefox or Safari: `total@https://shop.example/cart.js:12:5`, `@https://…`,
/// `load/<@…`, `global code@…`, `map@[native code]`.
pub(super) fn gecko(line: &str) -> Option<Frame> {
    let line = line.trim();
    // Names hold no `@` but URLs may; scoped packages and addresses do.
    let (function, place_text) = line.split_once('@')?;
    let is_name =
        !function.contains(' ') || function.ends_with(" code") || function.starts_with("async");
    if !is_name || function.len() > MAX_LINE_BYTES {
        return None;
    }
    let mut frame = Frame::default();
    if !function.is_empty() {
        frame.function = Some(function.trim_start_matches("async*").to_owned());
    }
    if NATIVE.contains(&place_text) {
        fill(&mut frame, "[native code]", None, None);
        return Some(frame);
    }
    // `https://shop.example/cart.js line 5 > eval:1:1`
    if let Some((path, rest)) = place_text.split_once(" line ") {
        let number = rest.split(' ').next().and_then(line_number);
        fill(&mut frame, path, number, None);
        return number.is_some().then_some(frame);
    }
    let (path, line, column) = place(place_text)?;
    if !path.contains('/') {
        return None;
    }
    fill(&mut frame, path, Some(line), Some(column));
    Some(frame)
}

/// `path:12:5`
fn place(text: &str) -> Option<(&str, u32, u32)> {
    let (rest, column) = text.rsplit_once(':')?;
    let (path, line) = rest.rsplit_once(':')?;
    let path = path.strip_prefix("file://").unwrap_or(path);
    (!path.is_empty()).then_some(())?;
    Some((path, line_number(line)?, line_number(column)?))
}

fn fill(frame: &mut Frame, path: &str, line: Option<u32>, column: Option<u32>) {
    set_path(frame, path);
    frame.lineno = line;
    frame.colno = column;
}
