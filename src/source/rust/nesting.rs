//! Refuses source that is nested so deeply that a recursive parser would run out of stack. Works on the
//! token tree with a stack of its own, never recursively.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// Brackets within brackets.
const MAX_BRACKET_DEPTH: usize = 256;
/// Tokens that can each add a level (`!!!!x`, `a.b.c`, `x + y + z`, `if … else if …`), summed over all
/// the unfinished statements around a place.
const MAX_CHAIN_TOKENS: usize = 6_000;

/// One level of brackets on the way to the current token.
struct Level {
    tokens: proc_macro2::token_stream::IntoIter,
    /// Tokens since something ended that cannot nest further.
    run: usize,
    /// `<` and `|` in the current statement: generics and closures nest across commas.
    nesting_marks: usize,
    /// Whether the last token was a closed `{…}`.
    after_braces: bool,
}

impl Level {
    fn new(tokens: TokenStream) -> Self {
        Self { tokens: tokens.into_iter(), run: 0, nesting_marks: 0, after_braces: false }
    }
}

/// Whether the tokens are shallow enough to be parsed.
pub(super) fn is_shallow(tokens: TokenStream) -> bool {
    let mut levels = vec![Level::new(tokens)];
    let mut outer_chain = 0;
    while let Some(level) = levels.last_mut() {
        let Some(token) = level.tokens.next() else {
            levels.pop();
            if let Some(outer) = levels.last() {
                outer_chain -= outer.run + outer.nesting_marks;
            }
            continue;
        };
        if level.after_braces && starts_anew(&token) {
            level.run = 0;
            level.nesting_marks = 0;
        }
        level.after_braces = false;
        match token {
            TokenTree::Group(group) => {
                level.run += 1;
                level.after_braces = group.delimiter() == Delimiter::Brace;
                outer_chain += level.run + level.nesting_marks;
                levels.push(Level::new(group.stream()));
                if levels.len() > MAX_BRACKET_DEPTH {
                    return false;
                }
            }
            TokenTree::Punct(punct) => match punct.as_char() {
                ';' => {
                    level.run = 0;
                    level.nesting_marks = 0;
                }
                ',' => level.run = 0,
                '<' | '|' => {
                    level.run += 1;
                    level.nesting_marks += 1;
                }
                _ => level.run += 1,
            },
            TokenTree::Ident(_) | TokenTree::Literal(_) => level.run += 1,
        }
        let here = levels.last().map_or(0, |level| level.run + level.nesting_marks);
        if outer_chain + here > MAX_CHAIN_TOKENS {
            return false;
        }
    }
    true
}

/// Whether a token after `}` begins a new item or statement instead of going on with the old one.
fn starts_anew(token: &TokenTree) -> bool {
    match token {
        TokenTree::Ident(ident) => ident != "else" && ident != "as",
        TokenTree::Punct(punct) => punct.as_char() == '#',
        TokenTree::Group(_) | TokenTree::Literal(_) => true,
    }
}
