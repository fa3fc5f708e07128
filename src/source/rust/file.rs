//! One parsed file: its text, its lines, its tree.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;

use super::nesting;

/// Longer files are not parsed.
const MAX_FILE_BYTES: usize = 4 * 1024 * 1024;

/// Why a file was not parsed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseProblem {
    /// Not Rust, or Rust newer than the parser.
    #[error("it does not parse as Rust: {0}")]
    Syntax(String),
    /// Nested beyond what a recursive parser survives.
    #[error("it is nested too deeply to be parsed")]
    TooDeep,
    /// Larger than 4 MiB.
    #[error("it is larger than 4 MiB")]
    TooLarge,
}

/// A parsed file. Positions are bytes from 0 in `text`; lines and columns count from 1.
pub struct RustFile {
    text: Arc<str>,
    line_starts: Vec<usize>,
    tree: syn::File,
}

impl RustFile {
    /// Parses `text`. Must run inside [`super::on_parser_stack`].
    pub fn parse(text: &Arc<str>) -> Result<Self, ParseProblem> {
        if text.len() > MAX_FILE_BYTES {
            return Err(ParseProblem::TooLarge);
        }
        let tokens: TokenStream = readable(text)
            .parse()
            .map_err(|error: proc_macro2::LexError| ParseProblem::Syntax(error.to_string()))?;
        if !nesting::is_shallow(tokens.clone()) {
            return Err(ParseProblem::TooDeep);
        }
        let tree = syn::parse2(tokens).map_err(|error| {
            let at = error.span().start();
            ParseProblem::Syntax(format!("{error} (line {})", at.line))
        })?;
        let mut line_starts = vec![0];
        line_starts.extend(text.match_indices('\n').map(|(at, _)| at + 1));
        Ok(Self { text: Arc::clone(text), line_starts, tree })
    }

    /// The whole text.
    pub fn text(&self) -> &Arc<str> {
        &self.text
    }

    /// The tree.
    pub fn tree(&self) -> &syn::File {
        &self.tree
    }

    /// A line without its end.
    pub fn line(&self, number: u32) -> Option<&str> {
        line_of(&self.text, number)
    }

    /// The line of a position.
    pub fn line_at(&self, position: usize) -> u32 {
        let count = self.line_starts.partition_point(|start| *start <= position);
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    /// The positions that line and column can mean: columns are characters in a panic's message, bytes
    /// in some backtraces.
    pub fn positions(&self, line: u32, column: u32) -> Vec<usize> {
        let Some(start) = self.line_start(line) else { return Vec::new() };
        let text = self.line(line).unwrap_or_default();
        let skip = (column as usize).saturating_sub(1);
        let by_character = text.char_indices().nth(skip).map_or(text.len(), |(at, _)| at);
        let mut positions = vec![start + by_character];
        if skip < text.len() && skip != by_character && text.is_char_boundary(skip) {
            positions.push(start + skip);
        }
        positions
    }

    /// The first position of a line.
    pub fn line_start(&self, line: u32) -> Option<usize> {
        self.line_starts.get((line as usize).checked_sub(1)?).copied()
    }

    /// A stretch of the text; empty if the range does not fit it.
    pub fn slice(&self, range: Range<usize>) -> &str {
        self.text.get(range).unwrap_or_default()
    }
}

/// A text as the lexer can read it without moving any position: it drops a byte order mark and a shebang,
/// which are covered here with text of the same length instead.
pub fn readable(text: &str) -> Cow<'_, str> {
    if let Some(rest) = text.strip_prefix('\u{feff}') {
        return format!("   {}", readable(rest)).into();
    }
    match text.strip_prefix("#!") {
        // `#!/usr/bin/env …` must not become a documentation comment.
        Some(rest) if rest.starts_with(['/', '!']) => format!("// {}", &rest[1..]).into(),
        Some(rest) if !rest.trim_start().starts_with('[') => format!("//{rest}").into(),
        _ => text.into(),
    }
}

/// A line of a text without its end, counted from 1.
pub fn line_of(text: &str, number: u32) -> Option<&str> {
    let line = text.split('\n').nth((number as usize).checked_sub(1)?)?;
    // What follows the last line end is no line of its own.
    if line.is_empty() && (number as usize) > text.lines().count() {
        return None;
    }
    Some(line.strip_suffix('\r').unwrap_or(line))
}

/// The bytes that a piece of the tree covers.
pub fn range_of(tokens: &impl ToTokens) -> Range<usize> {
    let mut range: Option<Range<usize>> = None;
    for token in tokens.to_token_stream() {
        let part = match &token {
            proc_macro2::TokenTree::Group(group)
                if group.delimiter() == proc_macro2::Delimiter::None =>
            {
                let inner = group.stream();
                if inner.is_empty() { continue } else { range_of(&inner) }
            }
            _ => bytes(token.span()),
        };
        range = Some(match range {
            None => part,
            Some(so_far) => so_far.start.min(part.start)..so_far.end.max(part.end),
        });
    }
    range.unwrap_or(0..0)
}

/// The bytes of one token.
pub fn bytes(span: Span) -> Range<usize> {
    span.byte_range()
}
