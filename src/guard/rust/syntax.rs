//! What the syntax tree says about the tokens: which of them are only layout, and where the imports are.

use std::collections::HashSet;
use std::ops::Range;

use proc_macro2::Span;
use syn::punctuated::{Pair, Punctuated};
use syn::visit::Visit;
use syn::{Attribute, Block, Expr, Stmt};

use super::imports::UseItem;
use super::known;
use super::lex::{Kind, Tokens};
use super::region::{self, MacroNames, Place, Region};

/// What is said about one token.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Mark {
    /// Only layout: left out of the comparison.
    pub(super) dropped: bool,
    /// How many arm or closure bodies start before it.
    pub(super) begins: u8,
    /// How many arm bodies end after it.
    pub(super) ends: u8,
    /// A `>` that ends a list of generics, and so is never half of an operator.
    pub(super) ends_generics: bool,
}

/// Where a `use` item stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ScopeKind {
    /// The file itself or an inline module.
    Module,
    /// A block of code.
    Block,
}

/// A scope that holds `use` items.
#[derive(Clone, Debug)]
pub(super) struct Scope {
    pub(super) kind: ScopeKind,
    /// The token of its opening brace; `None` for the file.
    pub(super) open: Option<usize>,
    /// Whether it, or what is around it, exists only under some `cfg`.
    pub(super) conditional: bool,
}

/// Everything the comparison needs from the tree.
pub(super) struct Syntax {
    /// One entry a token.
    pub(super) marks: Vec<Mark>,
    /// Every `use` item outside macros.
    pub(super) uses: Vec<UseItem>,
    /// Their scopes; entry 0 is the file.
    pub(super) scopes: Vec<Scope>,
    /// Whether a module in another file is declared: it sees the private imports of this one.
    pub(super) module_elsewhere: bool,
    /// Whether the tree holds something that syn gives back as bare tokens: then nothing is marked.
    pub(super) unknown_syntax: bool,
}

impl Syntax {
    /// Takes over from `other`, the tree of a text that has the same items around this one's: `before`
    /// tokens at the start and `behind` tokens at the end, where no item is cut.
    pub(super) fn surround(mut self, other: &Self, before: usize, behind: usize) -> Self {
        let (count, other_count) = (self.marks.len(), other.marks.len());
        self.unknown_syntax |= other.unknown_syntax;
        self.module_elsewhere |= other.module_elsewhere;
        self.marks[..before].copy_from_slice(&other.marks[..before]);
        self.marks[count - behind..].copy_from_slice(&other.marks[other_count - behind..]);
        self.scopes[0].conditional |= other.scopes[0].conditional;
        let shifted = |token: usize| (token + count) - other_count;
        // Where each of the other's scopes is found here; the file is the file.
        let mut found = vec![0; other.scopes.len()];
        for (index, scope) in other.scopes.iter().enumerate().skip(1) {
            let open = match scope.open {
                Some(open) if open < before => open,
                Some(open) if open >= other_count - behind => shifted(open),
                _ => continue,
            };
            found[index] = self.scopes.len();
            self.scopes.push(Scope { open: Some(open), ..scope.clone() });
        }
        for item in &other.uses {
            let tokens = if item.tokens.end <= before {
                item.tokens.clone()
            } else if item.tokens.start >= other_count - behind {
                shifted(item.tokens.start)..shifted(item.tokens.end)
            } else {
                continue;
            };
            self.uses.push(UseItem { tokens, scope: found[item.scope], ..item.clone() });
        }
        self.uses.sort_by_key(|item| item.tokens.start);
        if self.unknown_syntax {
            self.marks.iter_mut().for_each(|mark| *mark = Mark::default());
            self.uses.iter_mut().for_each(|item| item.movable = false);
        }
        self
    }

    /// What is known of a text before anything of it is parsed.
    pub(super) fn nothing(count: usize) -> Self {
        Self {
            marks: vec![Mark::default(); count],
            uses: Vec::new(),
            scopes: vec![Scope { kind: ScopeKind::Module, open: None, conditional: false }],
            module_elsewhere: false,
            unknown_syntax: false,
        }
    }
}

/// Reads the tree's marks off a parsed file, or off the items of its tokens `part`, which start at
/// `first_byte`.
pub(super) fn read(
    file: &syn::File,
    (part, first_byte): (Range<usize>, usize),
    tokens: &Tokens<'_>,
    places: &[Place],
    names: &MacroNames<'_>,
) -> Syntax {
    let mut reader = Reader {
        part,
        first_byte,
        tokens,
        places,
        names,
        one_tuples: HashSet::new(),
        unknown_syntax: false,
        locked: Vec::new(),
        scopes: vec![Scope {
            kind: ScopeKind::Module,
            open: None,
            conditional: file.attrs.iter().any(is_conditional),
        }],
        stack: vec![0],
        marks: vec![Mark::default(); tokens.list.len()],
        uses: Vec::new(),
        module_elsewhere: false,
    };
    reader.visit_file(file);
    reader.finish()
}

/// Collects what the tree says; [`super::visitor`] walks.
pub(super) struct Reader<'r, 't> {
    pub(super) part: Range<usize>,
    pub(super) first_byte: usize,
    pub(super) tokens: &'r Tokens<'t>,
    places: &'r [Place],
    names: &'r MacroNames<'t>,
    /// Tokens of the commas that make a tuple of one.
    one_tuples: HashSet<usize>,
    /// The tree holds something that syn gives back as bare tokens.
    pub(super) unknown_syntax: bool,
    /// Token ranges that an attribute macro is given.
    locked: Vec<Range<usize>>,
    scopes: Vec<Scope>,
    pub(super) stack: Vec<usize>,
    pub(super) marks: Vec<Mark>,
    pub(super) uses: Vec<UseItem>,
    pub(super) module_elsewhere: bool,
}

impl Reader<'_, '_> {
    fn finish(mut self) -> Syntax {
        self.drop_trailing_commas();
        if self.unknown_syntax {
            self.marks.iter_mut().for_each(|mark| *mark = Mark::default());
        }
        let mut locked = vec![false; self.marks.len()];
        for range in &self.locked {
            for index in range.clone() {
                locked[index] = true;
                let ends_generics = self.marks[index].ends_generics;
                self.marks[index] = Mark { ends_generics, ..Mark::default() };
            }
        }
        // What an attribute macro or the like is given is only itself.
        for (mark, place) in self.marks.iter_mut().zip(self.places) {
            if place.region >= Region::Strict {
                *mark = Mark { ends_generics: mark.ends_generics, ..Mark::default() };
            }
        }
        let text_macros = self.defines_macros_in_order();
        for item in &mut self.uses {
            // `use name as other` may name a macro, and which one depends on what stands above it.
            let by_place = item.leaves.iter().any(|leaf| !leaf.path.contains("::"));
            item.movable &= self.places[item.tokens.start].region == Region::Code;
            item.movable &= !(by_place && text_macros);
            item.movable &= !locked[item.tokens.start] && !self.unknown_syntax;
        }
        Syntax {
            marks: self.marks,
            uses: self.uses,
            scopes: self.scopes,
            module_elsewhere: self.module_elsewhere,
            unknown_syntax: self.unknown_syntax,
        }
    }

    /// Whether the file defines macros whose names hold from their place on, or may do so by calling a
    /// macro where items stand.
    fn defines_macros_in_order(&self) -> bool {
        let tokens = self.tokens;
        (0..tokens.list.len()).any(|at| {
            let calls = || {
                at.checked_sub(1).is_none_or(|last| matches!(tokens.at(last), ";" | "{" | "}"))
                    && region::macro_call(tokens, at).is_some()
                    && !known::is_builtin_macro(tokens.name(at))
            };
            matches!(tokens.at(at), "macro_rules" | "macro_use") || calls()
        })
    }

    /// The token at a span's first byte, if the span is one of the text.
    pub(super) fn token(&self, span: Span) -> usize {
        self.tokens.index_at(self.first_byte + span.byte_range().start)
    }

    /// A comma before a closing delimiter is layout, unless it makes a tuple of one.
    fn drop_trailing_commas(&mut self) {
        for index in self.part.clone() {
            let closes = self.tokens.kind(index + 1) == Some(Kind::Close)
                || self.marks.get(index + 1).is_some_and(|mark| mark.ends_generics);
            if closes
                && self.tokens.at(index) == ","
                && match self.places[index].region {
                    Region::Code => true,
                    Region::Open => self.lists_built_in(index) || self.ends_macro_list(index),
                    _ => false,
                }
                && !self.one_tuples.contains(&index)
            {
                self.marks[index].dropped = true;
            }
        }
    }

    /// Whether a token stands in an attribute of the compiler's that is a list of words.
    fn lists_built_in(&self, index: usize) -> bool {
        let owner = self.places[index].owner as usize;
        let bracket = owner.checked_sub(1).filter(|at| self.tokens.at(*at) == "[");
        // What surrounds the attribute is plain code: it is not part of a macro's input.
        bracket.is_some_and(|at| self.places[at].region == Region::Code)
            && known::LIST_ATTRIBUTES.contains(&self.tokens.at(owner))
    }

    /// Whether a token is the last comma in a call of a standard macro: of the call itself, or of a call,
    /// an array or a struct among its arguments, which the macro parses as expressions.
    fn ends_macro_list(&self, index: usize) -> bool {
        let owner = self.places[index].owner as usize;
        let close = index + 1;
        let open = self.tokens.partner(close);
        if self.tokens.at(owner + 1) != "!" || !known::LIST_MACROS.contains(&self.tokens.at(owner))
        {
            return false;
        }
        let before = open.checked_sub(1).map_or("", |at| self.tokens.at(at));
        let follows_name = open.checked_sub(1).is_some_and(|at| {
            self.tokens.kind(at) == Some(Kind::Ident) && !known::is_keyword(before)
        });
        self.parsed_as_expressions(owner)
            && (open == owner + 2 || self.tokens.at(open) == "(" && follows_name)
    }

    /// Whether a macro's name stands in plain code, or in nothing but calls of standard macros that parse
    /// expressions: then nothing else is given its tokens.
    fn parsed_as_expressions(&self, name: usize) -> bool {
        let mut at = name;
        loop {
            match self.places[at].region {
                Region::Code => return true,
                Region::Open => {
                    at = self.places[at].owner as usize;
                    if !known::LIST_MACROS.contains(&self.tokens.at(at)) {
                        return false;
                    }
                }
                _ => return false,
            }
        }
    }

    pub(super) fn ends_generics(&mut self, bracket: &syn::Token![>]) {
        let index = self.token(bracket.span);
        if let Some(mark) = self.marks.get_mut(index) {
            mark.ends_generics = true;
        }
    }

    pub(super) fn keep_one_tuple<T>(&mut self, elements: &Punctuated<T, syn::Token![,]>) {
        if elements.len() == 1
            && let Some(Pair::Punctuated(_, comma)) = elements.pairs().next()
        {
            let index = self.token(comma.span);
            self.one_tuples.insert(index);
        }
    }

    /// Drops the braces around a body that is a single expression.
    pub(super) fn drop_braces(&mut self, body: &Expr) {
        let Expr::Block(block) = body else { return };
        if !block.attrs.is_empty() || block.label.is_some() || block.block.stmts.len() != 1 {
            return;
        }
        let open = self.token(block.block.brace_token.span.open());
        if self.tokens.at(open) != "{" || self.tokens.at(open + 1) == "#" {
            return;
        }
        let is_plain = match block.block.stmts.first() {
            Some(Stmt::Expr(Expr::Macro(call), None)) => self.is_expression(&call.mac),
            Some(Stmt::Macro(call)) => {
                call.semi_token.is_none() && call.attrs.is_empty() && self.is_expression(&call.mac)
            }
            Some(Stmt::Expr(Expr::Verbatim(_) | Expr::Let(_), None)) => false,
            Some(Stmt::Expr(_, None)) => true,
            _ => false,
        };
        if is_plain {
            let close = self.tokens.partner(open);
            self.marks[open].dropped = true;
            self.marks[close].dropped = true;
        }
    }

    fn is_expression(&self, call: &syn::Macro) -> bool {
        let Some(name) = call.path.segments.last() else { return false };
        let name_at = self.token(name.ident.span());
        region::is_expression_macro(self.tokens, self.names, name_at)
            && !matches!(call.delimiter, syn::MacroDelimiter::Brace(_))
    }

    /// Marks where an arm's body ends, which its comma or closing brace may or may not say.
    pub(super) fn mark_arm(&mut self, arm: &syn::Arm, match_close: usize, is_last: bool) {
        let begin = self.token(arm.fat_arrow_token.spans[0]) + 2;
        let end = if let Some(comma) = &arm.comma {
            let comma = self.token(comma.span);
            self.marks[comma].dropped = true;
            comma.checked_sub(1)
        } else if is_last {
            match_close.checked_sub(1)
        } else {
            last_brace(&arm.body).map(|span| self.tokens.partner(self.token(span.open())))
        };
        match end {
            Some(end) if end >= begin && end < self.marks.len() => {
                self.marks[begin].begins = self.marks[begin].begins.saturating_add(1);
                self.marks[end].ends = self.marks[end].ends.saturating_add(1);
                self.drop_braces(&arm.body);
            }
            // Not a shape that is known: nothing of this file is taken for layout.
            _ => self.unknown_syntax = true,
        }
    }

    /// A `return`, `break` or `continue` at the end of a block may end in a semicolon or not: it never
    /// comes back. With a value, only if computing it leaves nothing to be dropped.
    pub(super) fn drop_last_semicolon(&mut self, block: &Block) {
        let Some(Stmt::Expr(last, Some(semicolon))) = block.stmts.last() else { return };
        let harmless = match last {
            Expr::Return(value) => {
                value.attrs.is_empty() && value.expr.as_deref().is_none_or(leaves_nothing)
            }
            Expr::Break(value) => {
                value.attrs.is_empty() && value.expr.as_deref().is_none_or(leaves_nothing)
            }
            Expr::Continue(value) => value.attrs.is_empty(),
            _ => false,
        };
        if harmless {
            let index = self.token(semicolon.span);
            self.marks[index].dropped = true;
        }
    }

    pub(super) fn lock_if_given_to_a_macro(&mut self, attributes: &[Attribute], is_data: bool) {
        let is_given = attributes.iter().any(|attribute| {
            let first = attribute.path().segments.first().map(|s| s.ident.to_string());
            let first = first.unwrap_or_default();
            let last = attribute.path().segments.last().map(|s| s.ident.to_string());
            let runner = matches!(last.as_deref(), Some("test" | "main"));
            let helper = is_data && attributes.iter().any(|a| a.path().is_ident("derive"));
            !known::BUILTIN_ATTRIBUTES.contains(&first.as_str())
                && !known::TAME_ATTRIBUTES.contains(&first.as_str())
                && !helper
                && !runner
        });
        if is_given && let Some(first) = attributes.first() {
            let start = self.token(first.pound_token.span);
            let end = region::item_end(self.tokens, start);
            self.locked.push(start..end);
        }
    }

    pub(super) fn enter(&mut self, kind: ScopeKind, open: Span, attributes: &[Attribute]) {
        let around = self.stack.last().and_then(|scope| self.scopes.get(*scope));
        let scope = Scope {
            kind,
            open: Some(self.token(open)),
            conditional: around.is_some_and(|scope| scope.conditional)
                || attributes.iter().any(is_conditional),
        };
        self.stack.push(self.scopes.len());
        self.scopes.push(scope);
    }
}

fn is_conditional(attribute: &Attribute) -> bool {
    attribute.path().is_ident("cfg") || attribute.path().is_ident("cfg_attr")
}

/// The delimiters of the brace that ends a block-like expression.
fn last_brace(expression: &Expr) -> Option<proc_macro2::extra::DelimSpan> {
    let mut expression = expression;
    loop {
        return Some(match expression {
            Expr::Block(inner) => inner.block.brace_token.span,
            Expr::Unsafe(inner) => inner.block.brace_token.span,
            Expr::Async(inner) => inner.block.brace_token.span,
            Expr::Const(inner) => inner.block.brace_token.span,
            Expr::TryBlock(inner) => inner.block.brace_token.span,
            Expr::Loop(inner) => inner.body.brace_token.span,
            Expr::While(inner) => inner.body.brace_token.span,
            Expr::ForLoop(inner) => inner.body.brace_token.span,
            Expr::Match(inner) => inner.brace_token.span,
            Expr::If(inner) => match &inner.else_branch {
                Some((_, branch)) => {
                    expression = branch;
                    continue;
                }
                None => inner.then_branch.brace_token.span,
            },
            _ => return None,
        });
    }
}

/// Whether computing the value makes no temporary that would be dropped later.
fn leaves_nothing(value: &Expr) -> bool {
    match value {
        Expr::Path(path) => path.attrs.is_empty(),
        Expr::Lit(literal) => literal.attrs.is_empty(),
        Expr::Field(field) => leaves_nothing(&field.base),
        Expr::Paren(inner) => leaves_nothing(&inner.expr),
        Expr::Tuple(tuple) => tuple.elems.iter().all(leaves_nothing),
        Expr::Call(call) => {
            matches!(&*call.func, Expr::Path(_)) && call.args.iter().all(leaves_nothing)
        }
        _ => false,
    }
}
