//! Traces that were printed by real programs (`tests/fixtures/stacktext`), traces in the documented forms
//! of the languages that do not run here, and made-up ones.

mod any;
mod others;
mod scripts;

use super::{Parsed, event_parts, read};

/// One line an exception, `type: message`, and one a frame, outermost first, `*` before our own.
fn told(parsed: &Parsed) -> Vec<String> {
    let mut lines = vec![parsed.platform.to_owned()];
    for exception in &parsed.exceptions {
        lines.push(format!(
            "{}: {}",
            exception.ty.as_deref().unwrap_or("-"),
            exception.value.as_deref().unwrap_or("-")
        ));
        for frame in exception.stacktrace.iter().flat_map(|stack| &stack.frames) {
            let own = if frame.in_app == Some(true) { "*" } else { "" };
            let column = frame.colno.map(|column| format!(":{column}")).unwrap_or_default();
            lines.push(format!(
                "  {own}{} {}:{}{column}",
                frame.function.as_deref().unwrap_or("-"),
                frame.path().unwrap_or("-"),
                frame.lineno.unwrap_or(0),
            ));
        }
    }
    lines
}

fn fixture(name: &str) -> Vec<String> {
    let path = format!("{}/tests/fixtures/stacktext/{name}.txt", env!("CARGO_MANIFEST_DIR"));
    told(&read(&std::fs::read_to_string(path).unwrap()).unwrap())
}
