//! The functions of a file, with the names that people and backtraces call them by.

use std::ops::Range;

use syn::visit::{self, Visit};

use super::file::{RustFile, bytes, range_of};

/// A function of a file.
#[derive(Clone)]
pub struct Function<'a> {
    /// `Cart::total`, `<Cart as Display>::fmt`, `inner::helper`; modules of the file included, the
    /// file's own module left out.
    pub name: String,
    /// The type of `self`, without generics.
    pub self_type: Option<String>,
    /// The head.
    pub signature: &'a syn::Signature,
    /// The body.
    pub block: &'a syn::Block,
    /// From `fn` to the closing brace.
    pub range: Range<usize>,
    /// Line of the name, from 1.
    pub line: u32,
}

impl Function<'_> {
    /// The last part of the name.
    pub fn short_name(&self) -> String {
        self.signature.ident.to_string()
    }
}

/// All functions with a body, outer ones before the ones inside them.
pub fn functions(file: &RustFile) -> Vec<Function<'_>> {
    let mut finder =
        Finder { file, modules: Vec::new(), owner: None, owner_type: None, found: Vec::new() };
    finder.visit_file(file.tree());
    finder.found
}

/// The innermost function around a position.
pub fn enclosing(file: &RustFile, position: usize) -> Option<Function<'_>> {
    functions(file)
        .into_iter()
        .filter(|function| function.range.start <= position && position < function.range.end)
        .min_by_key(|function| function.range.len())
}

/// The innermost function that has any part of a line.
pub fn enclosing_line(file: &RustFile, line: u32) -> Option<Function<'_>> {
    let text = file.line(line)?;
    let indent = text.len() - text.trim_start().len();
    let start = file.line_start(line)?;
    enclosing(file, start + indent).or_else(|| enclosing(file, start + text.len()))
}

struct Finder<'a> {
    file: &'a RustFile,
    modules: Vec<String>,
    /// What functions of the current `impl` or `trait` are called by.
    owner: Option<String>,
    owner_type: Option<String>,
    found: Vec<Function<'a>>,
}

impl<'a> Finder<'a> {
    fn add(&mut self, signature: &'a syn::Signature, block: &'a syn::Block) {
        let mut parts = self.modules.clone();
        parts.extend(self.owner.clone());
        parts.push(signature.ident.to_string());
        let start = bytes(signature.fn_token.span).start;
        let end = bytes(block.brace_token.span.close()).end;
        self.found.push(Function {
            name: parts.join("::"),
            self_type: self.owner_type.clone(),
            signature,
            block,
            range: start..end,
            line: self.file.line_at(bytes(signature.ident.span()).start),
        });
    }
}

/// A type's name without generics and references.
pub fn type_name(ty: &syn::Type) -> Option<String> {
    match ty {
        syn::Type::Path(path) => path.path.segments.last().map(|part| part.ident.to_string()),
        syn::Type::Reference(reference) => type_name(&reference.elem),
        syn::Type::Paren(inner) => type_name(&inner.elem),
        syn::Type::Group(inner) => type_name(&inner.elem),
        _ => None,
    }
}

impl<'a> Visit<'a> for Finder<'a> {
    fn visit_item_mod(&mut self, module: &'a syn::ItemMod) {
        self.modules.push(module.ident.to_string());
        visit::visit_item_mod(self, module);
        self.modules.pop();
    }

    fn visit_item_impl(&mut self, item: &'a syn::ItemImpl) {
        let ty = type_name(&item.self_ty)
            .unwrap_or_else(|| self.file.slice(range_of(&item.self_ty)).to_owned());
        let name = match &item.trait_ {
            Some((path, _)) => {
                let of =
                    path.segments.last().map(|part| part.ident.to_string()).unwrap_or_default();
                format!("<{ty} as {of}>")
            }
            None => ty.clone(),
        };
        let before = (self.owner.replace(name), self.owner_type.replace(ty));
        visit::visit_item_impl(self, item);
        (self.owner, self.owner_type) = before;
    }

    fn visit_item_trait(&mut self, item: &'a syn::ItemTrait) {
        let name = item.ident.to_string();
        let before = (self.owner.replace(name.clone()), self.owner_type.replace(name));
        visit::visit_item_trait(self, item);
        (self.owner, self.owner_type) = before;
    }

    fn visit_item_fn(&mut self, item: &'a syn::ItemFn) {
        self.add(&item.sig, &item.block);
        let before = (self.owner.take(), self.owner_type.take());
        self.modules.push(item.sig.ident.to_string());
        visit::visit_item_fn(self, item);
        self.modules.pop();
        (self.owner, self.owner_type) = before;
    }

    fn visit_impl_item_fn(&mut self, item: &'a syn::ImplItemFn) {
        self.add(&item.sig, &item.block);
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_trait_item_fn(&mut self, item: &'a syn::TraitItemFn) {
        if let Some(block) = &item.default {
            self.add(&item.sig, block);
        }
        visit::visit_trait_item_fn(self, item);
    }
}
