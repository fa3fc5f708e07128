//! A small, exact lexer of Rust. Unlike syn's it keeps every gap (white space and comments), because
//! what a gap may be is half of what the guard proves. Token texts are never interpreted: where an
//! edition matters, the longer token is taken, so that a difference is seen rather than missed.

/// Deepest nesting of delimiters that is read.
const MAX_DEPTH: usize = 120;

/// Most tokens that may stand between separators on one path of nesting: the bound on how deep a
/// syntax tree can become without delimiters (`1+1+…`, `!!…`, `else if …`).
const MAX_RUN_TOKENS: usize = 6_000;

/// What kind of token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Identifier or keyword, raw ones too.
    Ident,
    /// `'a`
    Lifetime,
    /// Any literal, with its prefix and suffix.
    Literal,
    /// One character of punctuation.
    Punct,
    /// `(`, `[` or `{`
    Open,
    /// `)`, `]` or `}`
    Close,
    /// A doc comment.
    Doc,
}

/// One token: its kind and its bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) start: u32,
    pub(super) end: u32,
    /// For delimiters, the index of the other one; else its own.
    pub(super) partner: u32,
}

/// A text in tokens.
pub(super) struct Tokens<'a> {
    pub(super) text: &'a str,
    pub(super) list: Vec<Token>,
}

impl<'a> Tokens<'a> {
    /// The text of token `index`; empty past the end.
    pub(super) fn at(&self, index: usize) -> &'a str {
        self.list
            .get(index)
            .map_or("", |token| &self.text[token.start as usize..token.end as usize])
    }

    /// The text of token `index` without a leading `r#`: what a name is to the compiler.
    pub(super) fn name(&self, index: usize) -> &'a str {
        let text = self.at(index);
        text.strip_prefix("r#").unwrap_or(text)
    }

    /// The kind of token `index`.
    pub(super) fn kind(&self, index: usize) -> Option<Kind> {
        self.list.get(index).map(|token| token.kind)
    }

    /// White space and comments before token `index`; after the last token, the end of the file.
    pub(super) fn gap(&self, index: usize) -> &'a str {
        let from =
            index.checked_sub(1).and_then(|i| self.list.get(i)).map_or(0, |t| t.end as usize);
        let to = self.list.get(index).map_or(self.text.len(), |t| t.start as usize);
        &self.text[from..to]
    }

    /// The other delimiter of the delimiter `index`.
    pub(super) fn partner(&self, index: usize) -> usize {
        self.list.get(index).map_or(index, |token| token.partner as usize)
    }

    /// The first token that starts at or after `byte`.
    pub(super) fn index_at(&self, byte: usize) -> usize {
        self.list.partition_point(|token| (token.start as usize) < byte)
    }

    /// Line (from 1) of token `index`.
    pub(super) fn line(&self, index: usize) -> usize {
        let to = self.list.get(index).map_or(self.text.len(), |t| t.start as usize);
        1 + self.text.as_bytes()[..to].iter().filter(|byte| **byte == b'\n').count()
    }
}

/// Why a text cannot be lexed; the line is counted from 1.
#[derive(Debug)]
pub(super) struct LexError {
    pub(super) line: usize,
    pub(super) why: &'static str,
}

/// What remains of `text` after leading white space and plain comments.
pub(super) fn skip_gap(text: &str) -> &str {
    let mut lexer = Lexer { text, at: 0 };
    match lexer.gap() {
        Ok(()) => &text[lexer.at..],
        Err(_) => "",
    }
}

/// Splits `text` into tokens, and pairs the delimiters.
pub(super) fn lex(text: &str) -> Result<Tokens<'_>, LexError> {
    let mut lexer = Lexer { text, at: 0 };
    let mut list: Vec<Token> = Vec::with_capacity(text.len() / 4);
    let mut open: Vec<(u32, usize)> = Vec::new();
    let mut run = 0_usize;
    let mut total_run = 0_usize;
    let fail = |at: usize, why| LexError {
        line: 1 + text.as_bytes()[..at.min(text.len())].iter().filter(|b| **b == b'\n').count(),
        why,
    };
    loop {
        lexer.gap().map_err(|why| fail(lexer.at, why))?;
        let start = lexer.at;
        let Some(kind) = lexer.token().map_err(|why| fail(start, why))? else { break };
        let index = u32::try_from(list.len()).unwrap_or(u32::MAX);
        let mut partner = index;
        let first = text.as_bytes()[start];
        // A `}` ends what could nest without delimiters, unless the next token carries on.
        if run > 0 && list.last().is_some_and(|t| text.as_bytes()[t.start as usize] == b'}') {
            let word = &text[start..lexer.at];
            if (kind == Kind::Ident && word != "else" && word != "as") || first == b'#' {
                total_run -= run;
                run = 0;
            }
        }
        match kind {
            Kind::Open => {
                open.push((index, run));
                if open.len() > MAX_DEPTH {
                    return Err(fail(start, "nests too deeply to be read safely"));
                }
                run = 0;
            }
            Kind::Close => {
                let (opener, outer_run) =
                    open.pop().ok_or_else(|| fail(start, "closes a delimiter that is not open"))?;
                let was = text.as_bytes()[list[opener as usize].start as usize];
                if !matches!((was, first), (b'(', b')') | (b'[', b']') | (b'{', b'}')) {
                    return Err(fail(start, "closes a delimiter that is not open"));
                }
                partner = opener;
                list[opener as usize].partner = index;
                total_run -= run;
                run = outer_run;
            }
            Kind::Punct if first == b';' || first == b',' => {
                total_run -= run;
                run = 0;
            }
            _ => {}
        }
        run += 1;
        total_run += 1;
        if total_run > MAX_RUN_TOKENS {
            return Err(fail(start, "has an expression too long to be read safely"));
        }
        list.push(Token {
            kind,
            start: u32::try_from(start).unwrap_or(u32::MAX),
            end: u32::try_from(lexer.at).unwrap_or(u32::MAX),
            partner,
        });
    }
    if let Some((opener, _)) = open.first() {
        return Err(fail(
            list[*opener as usize].start as usize,
            "opens a delimiter that is not closed",
        ));
    }
    Ok(Tokens { text, list })
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
}

impl Lexer<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn byte(&self, ahead: usize) -> u8 {
        self.text.as_bytes().get(self.at + ahead).copied().unwrap_or(0)
    }

    /// Skips white space and plain comments.
    fn gap(&mut self) -> Result<(), &'static str> {
        loop {
            match (self.byte(0), self.byte(1)) {
                (b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c, _) => self.at += 1,
                (b'/', b'/') if !self.at_line_doc() => {
                    self.at += self.rest().find('\n').unwrap_or(self.rest().len());
                }
                (b'/', b'*') if !self.at_block_doc() => self.block_comment()?,
                (0x80.., _) => match self.rest().chars().next() {
                    Some(c @ ('\u{85}' | '\u{200e}' | '\u{200f}' | '\u{2028}' | '\u{2029}')) => {
                        self.at += c.len_utf8();
                    }
                    _ => return Ok(()),
                },
                _ => return Ok(()),
            }
        }
    }

    fn at_line_doc(&self) -> bool {
        self.byte(2) == b'!' || (self.byte(2) == b'/' && self.byte(3) != b'/')
    }

    fn at_block_doc(&self) -> bool {
        self.byte(2) == b'!' || (self.byte(2) == b'*' && !matches!(self.byte(3), b'*' | b'/'))
    }

    fn block_comment(&mut self) -> Result<(), &'static str> {
        let bytes = self.text.as_bytes();
        let mut depth = 0_usize;
        let mut at = self.at;
        while at < bytes.len() {
            match (bytes[at], bytes.get(at + 1)) {
                (b'/', Some(b'*')) => {
                    depth += 1;
                    at += 2;
                }
                (b'*', Some(b'/')) => {
                    depth -= 1;
                    at += 2;
                    if depth == 0 {
                        self.at = at;
                        return Ok(());
                    }
                }
                _ => at += 1,
            }
        }
        Err("has a block comment without an end")
    }

    /// Reads one token; `None` at the end.
    fn token(&mut self) -> Result<Option<Kind>, &'static str> {
        let Some(first) = self.rest().chars().next() else { return Ok(None) };
        let kind = match first {
            '/' if self.byte(1) == b'/' => {
                self.at += self.rest().find('\n').unwrap_or(self.rest().len());
                Kind::Doc
            }
            '/' if self.byte(1) == b'*' => {
                self.block_comment()?;
                Kind::Doc
            }
            '(' | '[' | '{' => self.one(Kind::Open),
            ')' | ']' | '}' => self.one(Kind::Close),
            '"' => self.string(0)?,
            '\'' => self.quote()?,
            '0'..='9' => self.number(),
            _ if is_ident_start(first) => self.word()?,
            _ if first.is_ascii_punctuation() => self.one(Kind::Punct),
            _ => return Err("has a character that is not Rust"),
        };
        Ok(Some(kind))
    }

    fn one(&mut self, kind: Kind) -> Kind {
        self.at += 1;
        kind
    }

    /// A word, or a literal that starts with one (`b"`, `r#"`, `c"`, `b'`), or `r#word`.
    fn word(&mut self) -> Result<Kind, &'static str> {
        let length = ident_length(self.rest());
        let word = &self.rest()[..length];
        let is_raw = matches!(word, "r" | "br" | "cr");
        match (word, self.byte(length)) {
            ("b", b'\'') => {
                self.at += 1;
                return self.character();
            }
            ("b" | "c", b'"') => return self.string(length),
            (_, b'"') if is_raw => return self.raw_string(length, 0),
            (_, b'#') if is_raw => {
                let hashes = self.rest()[length..].bytes().take_while(|b| *b == b'#').count();
                if self.byte(length + hashes) == b'"' {
                    return self.raw_string(length, hashes);
                }
                let after = &self.rest()[length + 1..];
                if word == "r" && after.starts_with(is_ident_start) {
                    self.at += length + 1 + ident_length(after);
                    return Ok(Kind::Ident);
                }
            }
            _ => {}
        }
        self.at += length;
        Ok(Kind::Ident)
    }

    /// A string whose quote stands `prefix` bytes ahead.
    fn string(&mut self, prefix: usize) -> Result<Kind, &'static str> {
        let bytes = self.text.as_bytes();
        let mut at = self.at + prefix + 1;
        while at < bytes.len() {
            match bytes[at] {
                b'\\' => at += 2,
                b'"' => {
                    self.at = at + 1;
                    return Ok(self.suffix());
                }
                _ => at += 1,
            }
        }
        Err("has a string without an end")
    }

    fn raw_string(&mut self, prefix: usize, hashes: usize) -> Result<Kind, &'static str> {
        let bytes = self.text.as_bytes();
        let mut at = self.at + prefix + hashes + 1;
        while at < bytes.len() {
            if bytes[at] == b'"'
                && bytes[at + 1..].iter().take(hashes).filter(|b| **b == b'#').count() == hashes
            {
                self.at = at + 1 + hashes;
                return Ok(self.suffix());
            }
            at += 1;
        }
        Err("has a raw string without an end")
    }

    /// What follows a `'`: a lifetime or a character.
    fn quote(&mut self) -> Result<Kind, &'static str> {
        let mut following = self.rest()[1..].chars();
        let first = following.next().ok_or("ends in a quote")?;
        let second = following.next();
        if first != '\\' && second != Some('\'') && is_ident_start(first) {
            let mut length = 1 + ident_length(&self.rest()[1..]);
            if &self.rest()[1..length] == "r" && self.byte(length) == b'#' {
                length += 1 + ident_length(&self.rest()[length + 1..]);
            }
            self.at += length;
            return Ok(Kind::Lifetime);
        }
        self.character()
    }

    /// A character literal; stands at its opening quote.
    fn character(&mut self) -> Result<Kind, &'static str> {
        let rest = &self.rest()[1..];
        let mut end = None;
        let mut escaped = false;
        for (at, character) in rest.char_indices() {
            match character {
                '\n' => break,
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '\'' if at > 0 => {
                    end = Some(at);
                    break;
                }
                _ => {}
            }
        }
        self.at += 2 + end.ok_or("has a character without an end")?;
        Ok(self.suffix())
    }

    fn suffix(&mut self) -> Kind {
        if self.rest().starts_with(is_ident_start) {
            self.at += ident_length(self.rest());
        }
        Kind::Literal
    }

    fn number(&mut self) -> Kind {
        let radix = self.byte(0) == b'0' && matches!(self.byte(1), b'x' | b'o' | b'b');
        self.at += ident_length(self.rest());
        if radix {
            return Kind::Literal;
        }
        if self.byte(0) == b'.'
            && self.byte(1) != b'.'
            && !self.rest()[1..].starts_with(is_ident_start)
        {
            self.at += 1;
            if self.byte(0).is_ascii_digit() {
                self.at += ident_length(self.rest());
            }
        }
        let ends_in_e = self.text.as_bytes()[self.at - 1].eq_ignore_ascii_case(&b'e');
        if ends_in_e && matches!(self.byte(0), b'+' | b'-') && self.byte(1).is_ascii_digit() {
            self.at += 1;
            self.at += ident_length(self.rest());
        }
        Kind::Literal
    }
}

fn is_ident_start(character: char) -> bool {
    character == '_'
        || character.is_ascii_alphabetic()
        || (!character.is_ascii() && !character.is_whitespace())
}

fn ident_length(text: &str) -> usize {
    text.char_indices()
        .find(|(_, c)| !(c.is_ascii_digit() || is_ident_start(*c)))
        .map_or(text.len(), |(at, _)| at)
}
