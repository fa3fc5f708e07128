//! Reading Rust source with syn: where a line lies, what fails there, where its values come from.

pub mod arguments;
mod bindings;
pub mod callees;
pub mod calls;
mod equal;
pub mod extent;
pub mod facts;
pub mod failing;
pub mod file;
pub mod functions;
mod macros;
mod nesting;
pub mod types;

pub use file::{ParseProblem, RustFile};

/// Stack of the thread that parses. Parsing and walking recurse; together with the limits in
/// `nesting` this is enough by a wide margin, in debug builds too.
const PARSER_STACK_BYTES: usize = 256 * 1024 * 1024;

/// Runs `work` where deeply nested source cannot overflow the stack, and where what the parser keeps
/// of every text it reads is freed at the end. `Err` says why there is no result, in a sentence.
pub fn on_parser_stack<T: Send>(work: impl FnOnce() -> T + Send) -> Result<T, String> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new()
            .name("source-reader".to_owned())
            .stack_size(PARSER_STACK_BYTES)
            .spawn_scoped(scope, work)
            .map_err(|error| format!("The thread that reads source could not start: {error}."))?;
        thread.join().map_err(|_| "Reading the source failed inside the reader itself.".to_owned())
    })
}
