//! One side of a change, read: its text, its tokens, who sees their gaps, what the tree says of them.

use super::lex::{self, Token, Tokens};
use super::region::{self, MacroNames, Place};
use super::syntax::{self, Syntax};
use super::text::{self, Text};

/// Stack of the thread that parses, in bytes. The lexer bounds how deep a tree can become; this is many
/// times what that needs, and is only reserved, not used.
const PARSER_STACK_BYTES: usize = 256 * 1024 * 1024;

/// A file's text, read.
pub(super) struct Side<'t> {
    pub(super) tokens: Tokens<'t>,
    pub(super) places: Vec<Place>,
    pub(super) syntax: Syntax,
    /// Lines of the file before the code starts.
    pub(super) lines_before: usize,
}

impl Side<'_> {
    /// The file's line (from 1) at the token `index`.
    pub(super) fn line(&self, index: usize) -> usize {
        self.lines_before + self.tokens.line(index)
    }
}

/// What the parsing thread hands back.
struct Parsed {
    list: Vec<Token>,
    places: Vec<Place>,
    syntax: Syntax,
}

/// Reads both sides at once, each on a thread of its own: syn keeps a map of all text it ever saw for
/// each thread, which ends with the thread.
pub(super) fn read_both<'t>(
    before: &'t Text,
    after: &'t Text,
) -> Result<(Side<'t>, Side<'t>), String> {
    let (first, second) = std::thread::scope(|scope| {
        let spawn = |text: &'t Text| {
            std::thread::Builder::new()
                .name("guard-parse".to_owned())
                .stack_size(PARSER_STACK_BYTES)
                .spawn_scoped(scope, move || parse(&text.code))
        };
        let first = spawn(before);
        let second = spawn(after);
        let join = |started: std::io::Result<std::thread::ScopedJoinHandle<'_, _>>| match started {
            Ok(thread) => thread.join().unwrap_or_else(|_| Err((0, "broke the parser".to_owned()))),
            Err(_) => Err((0, "could not be parsed: no thread could be started".to_owned())),
        };
        (join(first), join(second))
    });
    let named = |name: &str, text: &Text, (line, why): (usize, String)| match line {
        0 => format!("the file {name} the change {why}"),
        line => format!("line {}: the file {name} the change {why}", line + text.lines_before),
    };
    let first = first.map_err(|error| named("before", before, error))?;
    let second = second.map_err(|error| named("after", after, error))?;
    let side = |text: &'t Text, parsed: Parsed| Side {
        tokens: Tokens { text: &text.code, list: parsed.list },
        places: parsed.places,
        syntax: parsed.syntax,
        lines_before: text.lines_before,
    };
    Ok((side(before, first), side(after, second)))
}

/// Lexes, parses and marks one text. The error is a line and the end of a sentence.
fn parse(code: &str) -> Result<Parsed, (usize, String)> {
    let tokens = lex::lex(code).map_err(|error| (error.line, error.why.to_owned()))?;
    let file: syn::File = syn::parse_str(code).map_err(|error| {
        let line = error.span().start().line;
        (line, format!("cannot be parsed as Rust ({error})"))
    })?;
    let names = MacroNames::collect(&tokens);
    let places = region::places(&tokens, &names);
    let syntax = syntax::read(&file, &tokens, &places, &names);
    Ok(Parsed { list: tokens.list, places, syntax })
}

/// Whether both texts have the same syntax tree. Slow; only asked where joined punctuation differs.
pub(super) fn same_tree(before: &str, after: &str) -> bool {
    std::thread::scope(|scope| {
        std::thread::Builder::new()
            .stack_size(PARSER_STACK_BYTES)
            .spawn_scoped(scope, || {
                match (syn::parse_str::<syn::File>(before), syn::parse_str::<syn::File>(after)) {
                    (Ok(before), Ok(after)) => before == after,
                    _ => false,
                }
            })
            .is_ok_and(|thread| thread.join().unwrap_or(false))
    })
}

/// Reads a side's bytes. The error is a whole sentence.
pub(super) fn text(name: &str, bytes: &[u8]) -> Result<Text, String> {
    text::read(bytes).map_err(|why| format!("the file {name} the change {why}"))
}
