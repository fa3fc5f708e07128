//! One side of a change: its text as Python reads it, its tokens and its tree.

use std::collections::BTreeMap;
use std::ops::Range;

use ruff_python_ast::statement_visitor::{StatementVisitor, walk_stmt};
use ruff_python_ast::token::TokenKind;
use ruff_python_ast::{ModModule, PythonVersion, Stmt};
use ruff_python_parser::{Mode, ParseOptions, Parsed, parse_unchecked};
use ruff_text_size::Ranged;

use crate::guard::anchors::Tokens;
use crate::guard::deep::refuse_depth;
use crate::guard::text::MAX_FILE_BYTES;
use crate::source::tree::Grammar;

/// A text before it is parsed.
pub(super) struct Text {
    /// Without BOM, `\r\n` as `\n`: Python reads line ends so, even within strings.
    pub(super) code: String,
    /// The shebang line with what stands before it.
    pub(super) shebang: Option<String>,
    /// The encoding that a comment names, lower case.
    pub(super) encoding: Option<String>,
}

/// Reads a side's bytes. The error is a whole sentence.
pub(super) fn text(name: &str, bytes: &[u8]) -> Result<Text, String> {
    if bytes.len() > MAX_FILE_BYTES {
        return Err(format!("the file {name} the change is larger than {MAX_FILE_BYTES} bytes"));
    }
    let raw = std::str::from_utf8(bytes).map_err(|error| {
        let line = 1 + bytes[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count();
        format!("line {line}: the file {name} the change is not UTF-8")
    })?;
    let body = raw.strip_prefix('\u{feff}').unwrap_or(raw);
    if body.starts_with('\u{feff}') {
        return Err(format!("the file {name} the change starts with two byte order marks"));
    }
    let shebang = body.starts_with("#!").then(|| {
        let line = body.lines().next().unwrap_or_default();
        format!("{}{line}", &raw[..raw.len() - body.len()])
    });
    let code = if body.contains('\r') { body.replace("\r\n", "\n") } else { body.to_owned() };
    let encoding = encoding(&code);
    if let Some(other) = encoding.as_deref().filter(|one| !is_utf8(one)) {
        return Err(format!("the file {name} the change is in the encoding `{other}`"));
    }
    Ok(Text { code, shebang, encoding })
}

fn is_utf8(encoding: &str) -> bool {
    matches!(encoding.replace('_', "-").as_str(), "utf-8" | "utf8" | "ascii" | "us-ascii")
}

/// PEP 263: a comment in the first two lines, the first of which is a comment or blank.
fn encoding(code: &str) -> Option<String> {
    for line in code.lines().take(2) {
        let line = line.trim_start_matches([' ', '\t', '\u{c}']);
        if line.is_empty() {
            continue;
        }
        let comment = line.strip_prefix('#')?;
        if let Some(at) = comment.find("coding") {
            let rest = &comment[at + "coding".len()..];
            if let Some(named) = rest.strip_prefix([':', '=']) {
                let named = named.trim_start_matches([' ', '\t']);
                let end = named.find(|c: char| !c.is_alphanumeric() && !"-_.".contains(c));
                let named = &named[..end.unwrap_or(named.len())];
                if !named.is_empty() {
                    return Some(named.to_lowercase());
                }
            }
        }
    }
    None
}

/// A text, parsed.
pub(super) struct Side<'t> {
    pub(super) code: &'t str,
    pub(super) tokens: Tokens,
    parsed: Parsed<ModModule>,
}

impl<'t> Side<'t> {
    /// Parses a text. The error is a whole sentence.
    pub(super) fn read(name: &str, code: &'t str) -> Result<Self, String> {
        refuse_depth(name, Grammar::Python, code)?;
        let options = ParseOptions::from(Mode::Module).with_target_version(PythonVersion::PY38);
        let parsed = parse_unchecked(code, options)
            .try_into_module()
            .ok_or_else(|| format!("the file {name} the change is no module"))?;
        if let Some(error) = parsed.errors().first() {
            let line = line_at(code, error.range().start().to_usize());
            return Err(format!(
                "line {line}: the file {name} the change cannot be parsed as Python ({})",
                error.error
            ));
        }
        let tokens = tokens(&parsed);
        Ok(Self { code, tokens, parsed })
    }

    /// The module's statements.
    pub(super) fn body(&self) -> &[Stmt] {
        self.parsed.suite()
    }

    /// The raw tokens of a kind, in bytes.
    pub(super) fn of_kind(&self, wanted: impl Fn(TokenKind) -> bool) -> Vec<Range<usize>> {
        let found = self.parsed.tokens().iter().filter(|token| wanted(token.kind()));
        found.map(|token| bytes(token.range())).collect()
    }

    /// The line of a byte, from 1.
    pub(super) fn line(&self, at: usize) -> usize {
        line_at(self.code, at)
    }

    /// What needs a newer Python than 3.8, and how often.
    fn newer(&self) -> BTreeMap<String, usize> {
        let mut found = BTreeMap::new();
        for one in self.parsed.unsupported_syntax_errors() {
            *found.entry(format!("{:?}", one.kind)).or_insert(0) += 1;
        }
        found
    }
}

/// Refuses what needs a newer Python than before: the trees may be equal all the same.
pub(super) fn refuse_newer(before: &Side<'_>, after: &Side<'_>) -> Result<(), String> {
    let known = before.newer();
    for (what, times) in after.newer() {
        if known.get(&what).copied().unwrap_or(0) < times {
            return Err(format!("the change needs a newer Python than the file did ({what})"));
        }
    }
    Ok(())
}

pub(super) fn bytes(range: ruff_text_size::TextRange) -> Range<usize> {
    range.start().to_usize()..range.end().to_usize()
}

fn line_at(code: &str, at: usize) -> usize {
    1 + code.as_bytes()[..at.min(code.len())].iter().filter(|byte| **byte == b'\n').count()
}

fn tokens(parsed: &Parsed<ModModule>) -> Tokens {
    let mut starts = Starts(Vec::new());
    starts.visit_body(parsed.suite());
    starts.0.sort_unstable();
    let mut found = Tokens { meaning: Vec::new(), comments: Vec::new(), statements: starts.0 };
    for token in parsed.tokens() {
        match token.kind() {
            TokenKind::Comment => found.comments.push(bytes(token.range())),
            TokenKind::Newline
            | TokenKind::NonLogicalNewline
            | TokenKind::Indent
            | TokenKind::Dedent
            | TokenKind::EndOfFile
            | TokenKind::Lpar
            | TokenKind::Rpar
            | TokenKind::Comma
            | TokenKind::Semi => {}
            _ => found.meaning.push(bytes(token.range())),
        }
    }
    found
}

/// Collects where statements begin.
struct Starts(Vec<usize>);

impl<'a> StatementVisitor<'a> for Starts {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        self.0.push(stmt.range().start().to_usize());
        walk_stmt(self, stmt);
    }
}
