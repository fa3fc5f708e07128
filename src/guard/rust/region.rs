//! Who can see the white space before each token: nobody, or a macro.

use std::collections::HashSet;

use super::known;
use super::lex::{Kind, Tokens};

/// Who can see a gap. Ordered from the freest to the strictest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Region {
    /// Plain code: the parser drops gaps.
    Code,
    /// Inside a macro or attribute that drops gaps too; how punctuation is joined must stay.
    Open,
    /// Inside `assert!` without a message: only gaps beside delimiters, commas and dots are free.
    Assert,
    /// Inside a macro that is not known: it can see where there is a gap.
    Strict,
    /// Inside `stringify!` and the like: byte for byte.
    Exact,
}

/// The region of the gap before a token, and the token that names its macro or attribute.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) region: Region,
    pub(super) owner: u32,
}

/// How many tokens of an unknown macro's input are searched for names of standard macros: a macro that
/// defines others is given their names first, and nested calls must not make the search quadratic.
const MAX_NAME_ARGUMENTS: usize = 64;

/// What the file says about macro names.
pub(super) struct MacroNames<'a> {
    /// Names that the file defines or imports from elsewhere than the standard library.
    shadowed: HashSet<&'a str>,
    /// Names imported from the standard library.
    from_standard: HashSet<&'a str>,
    /// Anything could be shadowed: a glob over an unknown crate, `#[macro_use]`, a generated macro.
    clouded: bool,
    /// `(crate, name)` bound by `use` from, or `#[macro_use]` of, a known formatting crate.
    formatting: HashSet<(&'a str, &'a str)>,
    /// Crate names that the file uses for something of its own.
    own_roots: HashSet<&'a str>,
}

impl<'a> MacroNames<'a> {
    /// Collects them from every `use`, `extern crate`, `mod` and `macro_rules!` of the file.
    pub(super) fn collect(tokens: &Tokens<'a>) -> Self {
        let mut names = Self {
            shadowed: HashSet::new(),
            from_standard: HashSet::new(),
            clouded: false,
            formatting: HashSet::new(),
            own_roots: HashSet::new(),
        };
        let mut macro_use = false;
        for index in 0..tokens.list.len() {
            if tokens.kind(index) != Some(Kind::Ident) {
                continue;
            }
            match tokens.at(index) {
                "macro_rules" if tokens.at(index + 1) == "!" => match tokens.kind(index + 2) {
                    Some(Kind::Ident) => _ = names.shadowed.insert(tokens.name(index + 2)),
                    _ => names.clouded = true,
                },
                "macro" if tokens.kind(index + 1) == Some(Kind::Ident) => {
                    names.shadowed.insert(tokens.name(index + 1));
                }
                "include" if tokens.at(index + 1) == "!" => names.clouded = true,
                "macro_use" => macro_use = true,
                "mod" => {
                    names.own_roots.insert(tokens.name(index + 1));
                    names.clouded |= macro_use;
                    macro_use = false;
                }
                "crate" if index > 0 && tokens.at(index - 1) == "extern" => {
                    let name = tokens.name(index + 1);
                    if tokens.at(index + 2) == "as" {
                        names.own_roots.insert(tokens.name(index + 3));
                    }
                    if macro_use {
                        names.macro_use_crate(name);
                    }
                    macro_use = false;
                }
                "use" => names.read_use(tokens, index),
                _ => {}
            }
            if let Some(open) = macro_call(tokens, index) {
                names.read_arguments(tokens, index, open);
            }
        }
        // A file with a `std` of its own says nothing about the real one.
        names.clouded |= ["std", "core", "alloc"].iter().any(|root| names.own_roots.contains(root));
        names
    }

    /// A macro that is not known and is given the bare name of a standard one may define a macro of that
    /// name (`define!(println)`), which then shadows it.
    fn read_arguments(&mut self, tokens: &Tokens<'a>, name_at: usize, open: usize) {
        let known = |at: usize| {
            let name = tokens.name(at);
            [known::OPEN_MACROS, known::ASSERT_MACROS, known::EXACT_MACROS]
                .iter()
                .any(|list| list.contains(&name))
        };
        if known(name_at) || open + 1 >= tokens.partner(open) {
            return;
        }
        for at in open + 1..tokens.partner(open).min(open + MAX_NAME_ARGUMENTS) {
            let last = tokens.at(at - 1);
            let alone = matches!(last, "(" | "[" | "{" | ",")
                && matches!(tokens.at(at + 1), ")" | "]" | "}" | "," | "=" | "$" | ";");
            if alone && tokens.kind(at) == Some(Kind::Ident) && known(at) {
                self.shadowed.insert(tokens.name(at));
            }
        }
    }

    fn macro_use_crate(&mut self, name: &'a str) {
        self.clouded |= !known::HARMLESS_GLOBS.contains(&name);
        if let Some((_, macros)) = known::FORMATTING_CRATES.iter().find(|(known, _)| *known == name)
        {
            self.formatting.extend(macros.iter().map(|exported| (name, *exported)));
        }
    }

    /// Reads the statement after the word `use` at `index`, token by token.
    fn read_use(&mut self, tokens: &Tokens<'a>, index: usize) {
        let mut root = "";
        let mut depth = 0_usize;
        // `use ::{…}` is a group at the root, as `use {…}` is.
        let group = if tokens.at(index + 1) == ":" { index + 3 } else { index + 1 };
        for at in index + 1..tokens.list.len() {
            let word = tokens.name(at);
            match tokens.kind(at) {
                Some(Kind::Open) if word == "{" => depth += 1,
                Some(Kind::Close) if word == "}" && depth > 0 => depth -= 1,
                Some(Kind::Ident) => {
                    let starts = matches!(tokens.at(at - 1), "use" | "{" | ",")
                        || (tokens.at(at - 1) == ":" && at < index + 4);
                    if starts && (root.is_empty() || depth <= 1 && tokens.at(group) == "{") {
                        root = word;
                    }
                    let ends = !(tokens.at(at + 1) == ":" || tokens.at(at + 1) == "as");
                    self.bind(root, word, ends, tokens.at(at - 1) == "as");
                }
                Some(Kind::Punct) if word == "*" => {
                    let named = at.checked_sub(3).map_or("", |before| tokens.at(before));
                    self.clouded |= !(known::HARMLESS_GLOBS.contains(&root)
                        || named.starts_with(|c: char| c.is_ascii_uppercase()));
                }
                Some(Kind::Punct) if matches!(word, ":" | ",") => {}
                _ => return,
            }
        }
    }

    fn bind(&mut self, root: &'a str, word: &'a str, ends: bool, renamed: bool) {
        let standard = matches!(root, "std" | "core" | "alloc");
        if renamed || ends && root != word && !matches!(word, "self" | "std" | "core" | "alloc") {
            self.own_roots.insert(word);
        }
        // `use crate::std` is a `std` of the file's own.
        if ends && !standard && root != word && matches!(word, "std" | "core" | "alloc") {
            self.own_roots.insert(word);
        }
        if standard && ends && !renamed {
            self.from_standard.insert(word);
        }
        let twin = known::TWIN_CRATES.contains(&root) && matches!(word, "assert_eq" | "assert_ne");
        if twin && !renamed {
            return;
        }
        if !standard || renamed || matches!(word, "line" | "column" | "stringify") {
            self.shadowed.insert(word);
        }
        let known = known::FORMATTING_CRATES.iter().find(|(name, _)| *name == root);
        if known.is_some_and(|(_, macros)| ends && !renamed && macros.contains(&word)) {
            self.formatting.insert((root, word));
        }
    }

    fn is_standard(&self, tokens: &Tokens<'a>, name_at: usize) -> bool {
        match path_root(tokens, name_at) {
            None => !self.clouded && !self.shadowed.contains(tokens.name(name_at)),
            Some(root) => {
                matches!(root, "std" | "core" | "alloc") && !self.own_roots.contains(root)
            }
        }
    }

    fn only_formats(&self, tokens: &Tokens<'a>, name_at: usize, open_at: usize) -> bool {
        let name = tokens.name(name_at);
        let first = tokens.at(open_at + 1);
        if tokens.kind(open_at + 1) != Some(Kind::Literal) || !first.starts_with(['"', 'r']) {
            return false;
        }
        known::FORMATTING_CRATES.iter().any(|(known, macros)| {
            macros.contains(&name)
                && !self.own_roots.contains(known)
                && match path_root(tokens, name_at) {
                    Some(root) => root == *known && !self.shadowed_root(known),
                    None => self.formatting.contains(&(known, name)) && !self.clouded,
                }
        })
    }

    fn shadowed_root(&self, root: &str) -> bool {
        self.own_roots.contains(root)
    }
}

/// The first word of the path that ends in the token `name_at`; `None` if it stands alone. A path with
/// more than two segments, or one that starts in `$crate` or `self`, has the root `""`.
fn path_root<'a>(tokens: &Tokens<'a>, name_at: usize) -> Option<&'a str> {
    let before = |distance: usize| name_at.checked_sub(distance).map_or("", |at| tokens.at(at));
    if before(1) == "$" {
        return Some("");
    }
    if before(1) != ":" {
        return None;
    }
    let longer = before(4) == ":"
        && name_at.checked_sub(6).is_some_and(|at| tokens.kind(at) == Some(Kind::Ident));
    let generated = before(4) == "$";
    Some(if longer || generated { "" } else { before(3) })
}

/// Whether the token `index` names a macro that is called there; then the index of its opening delimiter.
pub(super) fn macro_call(tokens: &Tokens<'_>, index: usize) -> Option<usize> {
    if tokens.kind(index) != Some(Kind::Ident)
        || tokens.at(index + 1) != "!"
        || known::is_keyword(tokens.at(index))
    {
        return None;
    }
    match tokens.kind(index + 2)? {
        Kind::Open => Some(index + 2),
        // `macro_rules! name {`, and anything that looks like it.
        Kind::Ident if tokens.kind(index + 3) == Some(Kind::Open) => Some(index + 3),
        _ => None,
    }
}

/// Whether the token `index` (`#`) starts an attribute; then the index of its `[`.
pub(super) fn attribute(tokens: &Tokens<'_>, index: usize) -> Option<usize> {
    if tokens.at(index) != "#" {
        return None;
    }
    let bracket = if tokens.at(index + 1) == "!" { index + 2 } else { index + 1 };
    (tokens.at(bracket) == "[").then_some(bracket)
}

/// The place of every gap: entry `i` is the gap before token `i`, the last entry the end of the file.
pub(super) fn places(tokens: &Tokens<'_>, names: &MacroNames<'_>) -> Vec<Place> {
    let count = tokens.list.len();
    let mut places = Vec::with_capacity(count + 1);
    let mut current = Place { region: Region::Code, owner: 0 };
    let mut outer: Vec<(usize, Place)> = Vec::new();
    let mut next_open: Vec<(usize, Place)> = Vec::new();
    let mut locked = Place { region: Region::Code, owner: 0 };
    let mut locked_until = 0;
    for index in 0..count {
        if index < locked_until && current.region < locked.region {
            places.push(locked);
        } else {
            places.push(current);
        }
        while outer.last().is_some_and(|(close, _)| *close == index) {
            current = outer.pop().map_or(current, |(_, place)| place);
        }
        let owner = u32::try_from(index).unwrap_or(u32::MAX);
        if let Some(open) = macro_call(tokens, index) {
            let mut region = region_of_call(tokens, names, index, open).max(current.region);
            if current.region == Region::Assert {
                // The condition is printed from its tree, but a call in it from its tokens.
                region = region.max(Region::Strict);
            }
            next_open.push((open, Place { region, owner }));
        } else if let Some(open) = attribute(tokens, index) {
            let region = region_of_attribute(tokens, names, open).max(current.region);
            next_open.push((open, Place { region, owner: owner + 2 }));
            if index >= locked_until && gives_item_to_macro(tokens, names, index) {
                let inner = tokens.at(index + 1) == "!";
                locked_until = if inner { count } else { item_end(tokens, index) };
                locked = Place {
                    region: Region::Strict,
                    owner: u32::try_from(open + 1).unwrap_or(u32::MAX),
                };
            }
        }
        if next_open.last().is_some_and(|(open, _)| *open == index)
            && let Some((_, place)) = next_open.pop()
        {
            outer.push((tokens.partner(index), current));
            current = place;
        }
    }
    places.push(current);
    places
}

fn region_of_call(tokens: &Tokens<'_>, names: &MacroNames<'_>, at: usize, open: usize) -> Region {
    let name = tokens.name(at);
    if known::EXACT_MACROS.contains(&name) || name.contains("stringify") {
        return Region::Exact;
    }
    if name == "macro_rules" && open == at + 3 {
        return Region::Open;
    }
    if open != at + 2 {
        return Region::Strict;
    }
    if names.is_standard(tokens, at) {
        if known::OPEN_MACROS.contains(&name) {
            return Region::Open;
        }
        let imported = path_root(tokens, at).is_some() || names.from_standard.contains(name);
        if imported && known::IMPORTED_OPEN_MACROS.contains(&name) {
            return Region::Open;
        }
        if known::ASSERT_MACROS.contains(&name) {
            return if has_message(tokens, open) { Region::Open } else { Region::Assert };
        }
    }
    if names.only_formats(tokens, at, open) { Region::Open } else { Region::Strict }
}

/// Attributes of the compiler drop gaps; `cfg_attr` only if what it adds does.
fn region_of_attribute(tokens: &Tokens<'_>, names: &MacroNames<'_>, open: usize) -> Region {
    let builtin = |at: usize| is_builtin_attribute(tokens, names, at);
    let added_are_builtin = || {
        let list = open + 2;
        let close = tokens.partner(list);
        let mut at = list + 1;
        while at < close {
            if tokens.kind(at) == Some(Kind::Open) {
                at = tokens.partner(at);
            } else if tokens.at(at) == ","
                && at + 1 < close
                && (!builtin(at + 1) || tokens.at(at + 1) == "cfg_attr")
            {
                return false;
            }
            at += 1;
        }
        true
    };
    if builtin(open + 1) && (tokens.at(open + 1) != "cfg_attr" || added_are_builtin()) {
        Region::Open
    } else {
        Region::Strict
    }
}

/// Whether the attribute whose first word is the token `at` is one of the compiler's, or one of a
/// well-known derive. A path is so only below the compiler's tools; a name that the file imports or
/// defines is somebody else's; and `unsafe(…)` is what stands in it.
fn is_builtin_attribute(tokens: &Tokens<'_>, names: &MacroNames<'_>, at: usize) -> bool {
    let word = tokens.at(at);
    let known = known::BUILTIN_ATTRIBUTES.contains(&word) || known::TAME_HELPERS.contains(&word);
    let tool = known::TOOL_ATTRIBUTES.contains(&word);
    match tokens.at(at + 1) {
        ":" => tool,
        "(" if word == "unsafe" => known::UNSAFE_ATTRIBUTES.contains(&tokens.at(at + 2)),
        _ => known && !tool && !names.shadowed.contains(word),
    }
}

/// Whether the attribute at the token `index` is a macro that is not known and is given the tokens of the
/// item it stands on, with their joins: it may print them. Attributes of fields and variants, and of data
/// with a derive, are the derive's helpers; a test's or a program's runner is taken to run what it is given.
fn gives_item_to_macro(tokens: &Tokens<'_>, names: &MacroNames<'_>, index: usize) -> bool {
    let Some(open) = attribute(tokens, index) else { return false };
    let first = tokens.at(open + 1);
    let close = tokens.partner(open);
    let arguments = (open + 1..close).find(|at| tokens.kind(*at) == Some(Kind::Open));
    let last = tokens.at(arguments.unwrap_or(close) - 1);
    if region_of_attribute(tokens, names, open) == Region::Open
        || known::TAME_ATTRIBUTES.contains(&first)
        || matches!(last, "test" | "main")
    {
        return false;
    }
    if tokens.at(index + 1) == "!" {
        return true;
    }
    let mut at = index;
    let mut derives = false;
    while let Some(bracket) = attribute(tokens, at) {
        derives |= tokens.at(bracket + 1) == "derive";
        at = tokens.partner(bracket) + 1;
    }
    let above = index.checked_sub(1).filter(|close| tokens.at(*close) == "]");
    derives |= above.is_some_and(|close| tokens.at(tokens.partner(close) + 1) == "derive");
    if tokens.at(at) == "pub" {
        at += 1;
        if tokens.at(at) == "(" {
            at = tokens.partner(at) + 1;
        }
    }
    match tokens.at(at) {
        "struct" | "enum" | "union" => !derives,
        word => known::ITEM_WORDS.contains(&word),
    }
}

/// One past the last token of the item whose first attribute starts at `start`.
pub(super) fn item_end(tokens: &Tokens<'_>, start: usize) -> usize {
    let mut at = start;
    while let Some(bracket) = attribute(tokens, at) {
        at = tokens.partner(bracket) + 1;
    }
    let value = (at..at + 4).any(|i| matches!(tokens.at(i), "const" | "static" | "use" | "type"))
        && !(at..at + 6).any(|i| tokens.at(i) == "fn");
    while at < tokens.list.len() {
        match tokens.at(at) {
            ";" => return at + 1,
            "{" if !value => return tokens.partner(at) + 1,
            "(" | "[" | "{" => at = tokens.partner(at),
            ")" | "]" | "}" => return at,
            _ => {}
        }
        at += 1;
    }
    at
}

/// Whether a message follows the condition of the call whose `(` is at `open`: a comma and then a string,
/// since the comma alone may stand in a list of generics or of a closure's parameters.
fn has_message(tokens: &Tokens<'_>, open: usize) -> bool {
    let close = tokens.partner(open);
    let mut at = open + 1;
    while at < close {
        match tokens.kind(at) {
            Some(Kind::Open) => at = tokens.partner(at),
            Some(Kind::Punct) if tokens.at(at) == "," => {
                return tokens.kind(at + 1) == Some(Kind::Literal)
                    && tokens.at(at + 1).starts_with(['"', 'r']);
            }
            _ => {}
        }
        at += 1;
    }
    false
}

/// Whether the macro called at `name_at` is a standard one that is a single expression.
pub(super) fn is_expression_macro(
    tokens: &Tokens<'_>,
    names: &MacroNames<'_>,
    name_at: usize,
) -> bool {
    known::EXPRESSION_MACROS.contains(&tokens.at(name_at)) && names.is_standard(tokens, name_at)
}
