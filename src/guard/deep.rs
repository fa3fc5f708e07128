//! Room for parsers that recurse: a thread with a large stack, and a bound on how deep a text is nested.

use crate::source::tree::{Grammar, parse};

/// Stack of the thread that parses and compares, in bytes. Only reserved, not used.
const STACK_BYTES: usize = 256 * 1024 * 1024;

/// Levels of a syntax tree at most. Code that people write stays below a hundred; each level costs the
/// parsers some kilobytes of stack.
const MAX_DEPTH: u32 = 1_000;

/// Runs `work` where there is room for it. A panic in it is an answer that proves nothing.
pub(super) fn on_a_deep_stack<T: Send>(
    work: impl FnOnce() -> Result<T, String> + Send,
) -> Result<T, String> {
    std::thread::scope(|scope| {
        let started = std::thread::Builder::new()
            .name("guard-parse".to_owned())
            .stack_size(STACK_BYTES)
            .spawn_scoped(scope, work);
        match started {
            Ok(thread) => {
                thread.join().unwrap_or_else(|_| Err("the change broke the parser".to_owned()))
            }
            Err(_) => Err("the change could not be parsed: no thread could be started".to_owned()),
        }
    })
}

/// Refuses a text that is nested too deeply to be parsed with recursion. tree-sitter has none; where it does
/// not know the newest syntax its tree is still as deep as the text.
pub(super) fn refuse_depth(name: &str, grammar: Grammar, code: &str) -> Result<(), String> {
    let tree = parse(grammar, code)
        .map_err(|problem| format!("the file {name} the change cannot be read: {problem}"))?;
    let mut cursor = tree.walk();
    let mut depth = 0_u32;
    loop {
        let node = cursor.node();
        // What could not be understood lies flat, however deep it is meant.
        let flat = node.is_error() && node.child_count() > MAX_DEPTH;
        if depth > MAX_DEPTH || flat {
            return Err(format!(
                "the file {name} the change is nested deeper than {MAX_DEPTH} levels"
            ));
        }
        if cursor.goto_first_child() {
            depth += 1;
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return Ok(());
            }
            depth -= 1;
        }
    }
}
