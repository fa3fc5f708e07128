//! Reading expressions: paths, chains of calls, what `format!` puts together.

use std::collections::HashMap;

use syn::punctuated::Punctuated;
use syn::{Expr, ExprMethodCall, Lit, Pat, Token, UseTree};

use crate::source::rust::file::range_of;

/// How far chains of calls are followed.
const MAX_CHAIN: usize = 32;

/// How many names a file's `use`s may make.
const MAX_IMPORTS: usize = 10_000;

/// A text without its white space.
pub(super) fn squeeze(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

/// An expression without parentheses and references around it.
pub(super) fn bare(mut expr: &Expr) -> &Expr {
    loop {
        expr = match expr {
            Expr::Paren(inner) => &inner.expr,
            Expr::Group(inner) => &inner.expr,
            Expr::Reference(inner) => &inner.expr,
            _ => return expr,
        };
    }
}

/// A path as text: `std::fs::read`; generics left out.
pub(super) fn path_of(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Path(path) if path.qself.is_none() => Some(text_of(&path.path)),
        _ => None,
    }
}

fn text_of(path: &syn::Path) -> String {
    let parts: Vec<String> = path.segments.iter().map(|part| part.ident.to_string()).collect();
    parts.join("::")
}

/// A name that stands alone.
pub(super) fn name_of(expr: &Expr) -> Option<String> {
    match bare(expr) {
        Expr::Path(path) if path.qself.is_none() => path.path.get_ident().map(ToString::to_string),
        _ => None,
    }
}

/// `a`, `self.a.b`: what means the same each time that it is read, as text.
pub(super) fn place_of(expr: &Expr) -> Option<String> {
    let mut parts = Vec::new();
    let mut at = expr;
    for _ in 0..MAX_CHAIN {
        at = match bare(at) {
            Expr::Field(field) => {
                parts.push(match &field.member {
                    syn::Member::Named(name) => name.to_string(),
                    syn::Member::Unnamed(index) => index.index.to_string(),
                });
                &field.base
            }
            one => {
                parts.push(path_of(one)?);
                parts.reverse();
                return Some(parts.join("."));
            }
        };
    }
    None
}

/// A method call with this name.
pub(super) fn method<'e>(expr: &'e Expr, name: &str) -> Option<&'e ExprMethodCall> {
    match expr {
        Expr::MethodCall(call) if call.method == name => Some(call),
        _ => None,
    }
}

/// A call of a path, with the path.
pub(super) fn call(expr: &Expr) -> Option<(String, &syn::ExprCall)> {
    match expr {
        Expr::Call(call) => Some((path_of(&call.func)?, call)),
        _ => None,
    }
}

/// The calls of a chain, the last one first: `Command::new(a).arg(b)` is `arg`, then what it stands on.
pub(super) fn chain(expr: &Expr) -> impl Iterator<Item = &Expr> {
    std::iter::successors(Some(expr), |expr| match expr {
        Expr::MethodCall(call) => Some(&*call.receiver),
        Expr::Try(inner) => Some(&*inner.expr),
        Expr::Await(inner) => Some(&*inner.base),
        Expr::Paren(inner) => Some(&*inner.expr),
        _ => None,
    })
    .take(MAX_CHAIN)
}

/// A text in the code.
pub(super) fn text_literal(expr: &Expr) -> Option<String> {
    match bare(expr) {
        Expr::Lit(syn::ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
        _ => None,
    }
}

/// A text in the code, made an owned one or wrapped.
pub(super) fn owned_literal(expr: &Expr) -> Option<(String, std::ops::Range<usize>)> {
    let mut at = bare(expr);
    for _ in 0..MAX_CHAIN {
        at = bare(match at {
            Expr::MethodCall(call)
                if call.args.is_empty()
                    && ["to_string", "to_owned", "into"].iter().any(|name| call.method == name) =>
            {
                &call.receiver
            }
            Expr::Call(call) if call.args.len() == 1 => {
                let path = path_of(&call.func)?;
                if !matches!(path.as_str(), "String::from" | "Some" | "SecretString::from") {
                    return None;
                }
                call.args.first()?
            }
            _ => return Some((text_literal(at)?, range_of(at))),
        });
    }
    None
}

/// What `format!` puts together.
#[derive(Clone, Debug)]
pub(super) struct Formatted {
    /// The text with its holes as they are written.
    pub(super) written: String,
    /// What is put in: names and expressions, as far as they are plain.
    pub(super) holes: Vec<String>,
}

/// `format!(…)`, perhaps by reference or as a `&str`.
pub(super) fn formatted(expr: &Expr) -> Option<Formatted> {
    let mut at = bare(expr);
    if let Expr::MethodCall(call) = at
        && ["as_str", "into", "to_string", "as_ref", "as_bytes"]
            .iter()
            .any(|name| call.method == name)
    {
        at = bare(&call.receiver);
    }
    let Expr::Macro(found) = at else { return None };
    if !found.mac.path.is_ident("format") {
        return None;
    }
    let parse = Punctuated::<Expr, Token![,]>::parse_terminated;
    let arguments = syn::parse::Parser::parse2(parse, found.mac.tokens.clone()).ok()?;
    let mut arguments = arguments.iter();
    let written = text_literal(arguments.next()?)?;
    let mut holes: Vec<String> = named_holes(&written).collect();
    for argument in arguments {
        let value = if let Expr::Assign(named) = argument { &named.right } else { argument };
        holes.push(path_of(bare(value)).unwrap_or_else(|| "…".into()));
    }
    (!holes.is_empty()).then_some(Formatted { written, holes })
}

/// The names inside `{…}`.
fn named_holes(text: &str) -> impl Iterator<Item = String> {
    text.split('{').skip(1).filter_map(|rest| {
        let name = rest.split(['}', ':']).next()?;
        let is_name = name.chars().next().is_some_and(|c| c.is_alphabetic() || c == '_')
            && name.chars().all(|c| c.is_alphanumeric() || c == '_');
        is_name.then(|| name.to_owned())
    })
}

/// The one name that a pattern binds.
pub(super) fn bound_name(pat: &Pat) -> Option<String> {
    match pat {
        Pat::Ident(name) if name.subpat.is_none() => Some(name.ident.to_string()),
        Pat::Type(typed) => bound_name(&typed.pat),
        _ => None,
    }
}

/// The text of a documentation comment.
pub(super) fn doc_of(attribute: &syn::Attribute) -> Option<String> {
    match &attribute.meta {
        syn::Meta::NameValue(pair) if pair.path.is_ident("doc") => text_literal(&pair.value),
        _ => None,
    }
}

/// What the `use`s of a file's outermost level make of names.
pub(super) fn imports(file: &syn::File) -> HashMap<String, String> {
    let mut imports = HashMap::new();
    for item in &file.items {
        if let syn::Item::Use(item) = item {
            add_imports(&item.tree, String::new(), &mut imports);
        }
    }
    imports
}

fn add_imports(tree: &UseTree, prefix: String, imports: &mut HashMap<String, String>) {
    if imports.len() >= MAX_IMPORTS || prefix.len() > 1_024 {
        return;
    }
    let join = |name: &syn::Ident| {
        if prefix.is_empty() { name.to_string() } else { format!("{prefix}::{name}") }
    };
    match tree {
        UseTree::Path(path) => add_imports(&path.tree, join(&path.ident), imports),
        UseTree::Name(name) if name.ident == "self" => {
            let last = prefix.rsplit("::").next().unwrap_or_default().to_owned();
            imports.insert(last, prefix);
        }
        UseTree::Name(name) => {
            imports.insert(name.ident.to_string(), join(&name.ident));
        }
        UseTree::Rename(rename) => {
            let full = if rename.ident == "self" { prefix.clone() } else { join(&rename.ident) };
            imports.insert(rename.rename.to_string(), full);
        }
        UseTree::Group(group) => {
            for one in &group.items {
                add_imports(one, prefix.clone(), imports);
            }
        }
        UseTree::Glob(_) => {}
    }
}
