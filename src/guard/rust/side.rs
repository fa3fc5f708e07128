//! One side of a change, read: its text, its tokens, who sees their gaps, what the tree says of them.

use std::ops::Range;
use std::thread::{Scope, ScopedJoinHandle};

use super::common;
use super::lex::{self, Tokens};
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

/// A text before it is parsed.
struct Lexed<'t> {
    tokens: Tokens<'t>,
    names: MacroNames<'t>,
    places: Vec<Place>,
    lines_before: usize,
}

/// A line and the end of a sentence.
type Failure = (usize, String);

impl<'t> Lexed<'t> {
    fn read(text: &'t Text) -> Result<Self, Failure> {
        let tokens = lex::lex(&text.code).map_err(|error| (error.line, error.why.to_owned()))?;
        let names = MacroNames::collect(&tokens);
        let places = region::places(&tokens, &names);
        Ok(Self { tokens, names, places, lines_before: text.lines_before })
    }

    fn with(self, syntax: Syntax) -> Side<'t> {
        Side { tokens: self.tokens, places: self.places, syntax, lines_before: self.lines_before }
    }

    /// Parses the items that the tokens `part` are.
    fn parse(&self, part: Range<usize>) -> Result<Syntax, Failure> {
        let byte = |at: usize| self.tokens.list.get(at).map(|token| token.start as usize);
        let first_byte = if part.start == 0 { 0 } else { byte(part.start).unwrap_or(0) };
        let code = &self.tokens.text[first_byte..byte(part.end).unwrap_or(self.tokens.text.len())];
        let file: syn::File = syn::parse_str(code).map_err(|error| {
            let above = self.tokens.text[..first_byte].matches('\n').count();
            (above + error.span().start().line, format!("cannot be parsed as Rust ({error})"))
        })?;
        Ok(syntax::read(&file, (part, first_byte), &self.tokens, &self.places, &self.names))
    }
}

/// Reads both sides. What is the same at the start and at the end of both is parsed once. Parsing is done
/// on threads of their own: syn keeps a map of all text it ever saw for each thread, which ends with it.
pub(super) fn read_both<'t>(
    before: &'t Text,
    after: &'t Text,
) -> Result<(Side<'t>, Side<'t>), String> {
    let named = |name: &str, text: &Text, (line, why): Failure| match line {
        0 => format!("the file {name} the change {why}"),
        line => format!("line {}: the file {name} the change {why}", line + text.lines_before),
    };
    let old = Lexed::read(before).map_err(|error| named("before", before, error))?;
    let new = Lexed::read(after).map_err(|error| named("after", after, error))?;
    let (head, tail) = common::items(&old.tokens, &new.tokens);
    let count = new.tokens.list.len();
    let (first, second) = std::thread::scope(|scope| {
        let first = start(scope, &old, 0..old.tokens.list.len());
        let middle = (head + tail < count).then(|| join(start(scope, &new, head..count - tail)));
        let first = join(first);
        let second = match (&first, middle) {
            (Ok(first), None) => Ok(Syntax::nothing(count).surround(first, head, tail)),
            (Ok(first), Some(Ok(middle))) => Ok(middle.surround(first, head, tail)),
            // Items that do not parse by themselves may still do so among their neighbours.
            (_, Some(Err(_))) if head + tail > 0 => join(start(scope, &new, 0..count)),
            (_, Some(parsed)) => parsed,
            (Err(failure), None) => Err(failure.clone()),
        };
        (first, second)
    });
    let first = first.map_err(|failure| named("before", before, failure))?;
    let second = second.map_err(|failure| named("after", after, failure))?;
    Ok((old.with(first), new.with(second)))
}

type Parsing<'scope> = std::io::Result<ScopedJoinHandle<'scope, Result<Syntax, Failure>>>;

fn start<'scope, 'env>(
    scope: &'scope Scope<'scope, 'env>,
    lexed: &'env Lexed<'_>,
    part: Range<usize>,
) -> Parsing<'scope> {
    std::thread::Builder::new()
        .name("guard-parse".to_owned())
        .stack_size(PARSER_STACK_BYTES)
        .spawn_scoped(scope, move || lexed.parse(part))
}

fn join(started: Parsing<'_>) -> Result<Syntax, Failure> {
    match started {
        Ok(thread) => thread.join().unwrap_or_else(|_| Err((0, "broke the parser".to_owned()))),
        Err(_) => Err((0, "could not be parsed: no thread could be started".to_owned())),
    }
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
