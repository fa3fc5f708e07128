//! One walk over a file, which keeps what stands around a place and shows every place to the rules.

use std::cell::{Cell, OnceCell};
use std::collections::HashMap;
use std::ops::Range;

use syn::punctuated::Punctuated;
use syn::visit::{self, Visit};
use syn::{Attribute, Expr, Pat, Token};

use super::super::Found;
use super::read::{self, Formatted};
use super::{Cx, Look, RustRule};
use crate::source::rust::RustFile;
use crate::source::rust::file::{bytes, range_of};

/// Macros whose arguments are expressions with commas between them.
const EXPRESSION_MACROS: &[&str] = &[
    "println",
    "print",
    "eprintln",
    "eprint",
    "format",
    "write",
    "writeln",
    "panic",
    "assert",
    "assert_eq",
    "assert_ne",
    "debug_assert",
    "debug_assert_eq",
    "debug_assert_ne",
    "vec",
    "todo",
    "unreachable",
    "dbg",
    "trace",
    "debug",
    "info",
    "warn",
    "error",
    "bail",
    "ensure",
    "anyhow",
    "format_args",
];

/// Longer arguments of a macro are not parsed, in bytes of their text: they are tables.
const MAX_MACRO_BYTES: usize = 64 * 1024;

/// Longer conditions are not kept for rules to ask about, in bytes.
const MAX_CONDITION_BYTES: usize = 400;

/// Macros within macros.
const MAX_MACRO_DEPTH: usize = 8;

/// A function around a place.
pub(super) struct FunctionAround {
    pub(super) name: String,
    pub(super) is_public: bool,
    pub(super) is_unsafe: bool,
    /// The trait that it is of.
    pub(super) of_trait: Option<String>,
    /// Names and types (without white space) of the plain parameters.
    pub(super) parameters: Vec<(String, String)>,
    /// The type that it gives, without white space.
    pub(super) output: String,
    /// Whether its documentation speaks of panics.
    pub(super) tells_of_panics: bool,
    pub(super) range: Range<usize>,
    pub(super) squeezed: OnceCell<String>,
    /// What was formatted into which name; `None` if it was set twice.
    pub(super) formatted: HashMap<String, Option<Formatted>>,
}

impl FunctionAround {
    /// The type of a parameter.
    pub(super) fn type_of(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(known, _)| known == name).map(|(_, ty)| ty.as_str())
    }
}

/// What stands around a place.
pub(super) struct Around {
    pub(super) functions: Vec<FunctionAround>,
    /// Whether what is here runs as a future; the innermost function, closure or block last.
    asynchronous: Vec<bool>,
    /// Loops around it in the same body, with the name that each gives, if it is one.
    pub(super) loops: Vec<Option<String>>,
    /// Closures around it in the same function.
    pub(super) closures: usize,
    /// The conditions of `if`s around it, without white space.
    pub(super) conditions: Vec<String>,
    tests: usize,
    impl_trait: Option<String>,
    /// What `use` made of a name.
    imports: HashMap<String, String>,
    macros: usize,
    steps: Cell<u64>,
}

impl Around {
    pub(super) fn new(file: &RustFile, is_test: bool, steps: u64) -> Self {
        Self {
            functions: Vec::new(),
            asynchronous: Vec::new(),
            loops: Vec::new(),
            closures: 0,
            conditions: Vec::new(),
            tests: usize::from(is_test),
            impl_trait: None,
            imports: read::imports(file.tree()),
            macros: 0,
            steps: Cell::new(steps),
        }
    }

    pub(super) fn is_test(&self) -> bool {
        self.tests > 0
    }

    pub(super) fn is_async(&self) -> bool {
        self.asynchronous.last().copied().unwrap_or(false)
    }

    /// A path with its first part as `use` has it: `fs::read` is `std::fs::read`.
    pub(super) fn resolve(&self, path: &str) -> String {
        let (first, rest) =
            path.split_once("::").map_or((path, None), |(first, rest)| (first, Some(rest)));
        match (self.imports.get(first), rest) {
            (Some(full), Some(rest)) => format!("{full}::{rest}"),
            (Some(full), None) => full.clone(),
            (None, _) => path.to_owned(),
        }
    }

    /// Takes steps from the budget; false if it has none left.
    pub(super) fn pay(&self, steps: u64) -> bool {
        let left = self.steps.get();
        self.steps.set(left.saturating_sub(steps));
        left > 0
    }
}

/// Walks; gives what each rule found, and whether the budget was spent.
pub(super) fn walk(
    file: &RustFile,
    around: Around,
    rules: &[&'static RustRule],
) -> (Vec<Found>, bool) {
    let founds = rules.iter().map(|one| Found::new(&one.rule)).collect();
    let mut walk = Walk { file, around, rules, founds };
    walk.visit_file(file.tree());
    let is_spent = walk.around.steps.get() == 0;
    (walk.founds, is_spent)
}

struct Walk<'a> {
    file: &'a RustFile,
    around: Around,
    rules: &'a [&'static RustRule],
    founds: Vec<Found>,
}

impl Walk<'_> {
    fn show(&mut self, show: impl Fn(&Cx<'_>, &Look, &mut Found)) {
        let cx = Cx { file: self.file, around: &self.around };
        for (one, found) in self.rules.iter().zip(&mut self.founds) {
            show(&cx, &one.look, found);
        }
    }

    fn named(&mut self, name: &str, value: &Expr) {
        self.show(|cx, look, found| {
            if let Look::Named(look) = look {
                look(cx, name, value, found);
            }
        });
    }

    /// Runs `inside` where attributes may have said that it is a test's.
    fn under(&mut self, attributes: &[Attribute], inside: impl FnOnce(&mut Self)) {
        let test = usize::from(attributes.iter().any(is_tests));
        self.around.tests += test;
        inside(self);
        self.around.tests -= test;
    }

    fn function(
        &mut self,
        attributes: &[Attribute],
        is_public: bool,
        signature: &syn::Signature,
        block: &syn::Block,
        inside: impl FnOnce(&mut Self),
    ) {
        let parameters = signature.inputs.iter().filter_map(|input| match input {
            syn::FnArg::Typed(typed) => match &*typed.pat {
                Pat::Ident(name) => Some((
                    name.ident.to_string(),
                    read::squeeze(self.file.slice(range_of(&typed.ty))),
                )),
                _ => None,
            },
            syn::FnArg::Receiver(_) => None,
        });
        let function = FunctionAround {
            name: signature.ident.to_string(),
            is_public,
            is_unsafe: matches!(signature.safety, syn::Safety::Unsafe(_)),
            of_trait: self.around.impl_trait.clone(),
            parameters: parameters.collect(),
            output: match &signature.output {
                syn::ReturnType::Default => String::new(),
                syn::ReturnType::Type(_, ty) => read::squeeze(self.file.slice(range_of(ty))),
            },
            tells_of_panics: attributes
                .iter()
                .any(|a| read::doc_of(a).is_some_and(|doc| doc.contains("anic"))),
            range: bytes(signature.fn_token.span).start..bytes(block.brace_token.span.close()).end,
            squeezed: OnceCell::new(),
            formatted: HashMap::new(),
        };
        let loops = std::mem::take(&mut self.around.loops);
        let closures = std::mem::take(&mut self.around.closures);
        let of_trait = self.around.impl_trait.take();
        self.around.asynchronous.push(signature.asyncness.is_some());
        self.around.functions.push(function);
        self.under(attributes, inside);
        self.around.functions.pop();
        self.around.asynchronous.pop();
        (self.around.loops, self.around.closures, self.around.impl_trait) =
            (loops, closures, of_trait);
    }

    fn looped(&mut self, name: Option<String>, inside: impl FnOnce(&mut Self)) {
        self.around.loops.push(name);
        inside(self);
        self.around.loops.pop();
    }

    /// Runs `inside` as another body: loops around it do not repeat it.
    fn body(&mut self, asynchronous: bool, closure: bool, inside: impl FnOnce(&mut Self)) {
        let loops = std::mem::take(&mut self.around.loops);
        self.around.asynchronous.push(asynchronous);
        self.around.closures += usize::from(closure);
        inside(self);
        self.around.closures -= usize::from(closure);
        self.around.asynchronous.pop();
        self.around.loops = loops;
    }
}

/// `#[test]`, `#[tokio::test]`, `#[bench]`, `#[cfg(test)]`, `#[cfg(any(test, …))]`.
fn is_tests(attribute: &Attribute) -> bool {
    let path = attribute.path();
    let last = path.segments.last().map(|part| part.ident.to_string()).unwrap_or_default();
    match last.as_str() {
        "test" | "bench" | "rstest" | "test_case" | "proptest" => true,
        "cfg" => {
            let syn::Meta::List(list) = &attribute.meta else { return false };
            let text = list.tokens.to_string();
            text.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == "test")
                && !text.contains("not")
        }
        _ => false,
    }
}

impl<'ast> Visit<'ast> for Walk<'_> {
    fn visit_attribute(&mut self, _: &'ast Attribute) {}

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        let is_test = item.ident == "tests" || item.ident == "test";
        self.around.tests += usize::from(is_test);
        self.under(&item.attrs, |walk| visit::visit_item_mod(walk, item));
        self.around.tests -= usize::from(is_test);
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        let of = item
            .trait_
            .as_ref()
            .and_then(|(path, _)| path.segments.last())
            .map(|part| part.ident.to_string());
        let before = std::mem::replace(&mut self.around.impl_trait, of);
        self.under(&item.attrs, |walk| visit::visit_item_impl(walk, item));
        self.around.impl_trait = before;
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        let public = matches!(item.vis, syn::Visibility::Public(_));
        self.function(&item.attrs, public, &item.sig, &item.block, |walk| {
            visit::visit_item_fn(walk, item)
        });
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        let public = matches!(item.vis, syn::Visibility::Public(_));
        self.function(&item.attrs, public, &item.sig, &item.block, |walk| {
            visit::visit_impl_item_fn(walk, item)
        });
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        if let Some(block) = &item.default {
            self.function(&item.attrs, false, &item.sig, block, |walk| {
                visit::visit_trait_item_fn(walk, item)
            });
        }
    }

    fn visit_item_const(&mut self, item: &'ast syn::ItemConst) {
        self.named(&item.ident.to_string(), &item.expr);
        visit::visit_item_const(self, item);
    }

    fn visit_item_static(&mut self, item: &'ast syn::ItemStatic) {
        self.named(&item.ident.to_string(), &item.expr);
        visit::visit_item_static(self, item);
    }

    fn visit_field_value(&mut self, field: &'ast syn::FieldValue) {
        if let syn::Member::Named(name) = &field.member {
            self.named(&name.to_string(), &field.expr);
        }
        visit::visit_field_value(self, field);
    }

    fn visit_local(&mut self, local: &'ast syn::Local) {
        self.show(|cx, look, found| {
            if let Look::Local(look) = look {
                look(cx, local, found);
            }
        });
        visit::visit_local(self, local);
        if let (Some(name), Some(init)) = (read::bound_name(&local.pat), &local.init) {
            self.named(&name, &init.expr);
            if let (Some(function), Some(formatted)) =
                (self.around.functions.last_mut(), read::formatted(&init.expr))
            {
                let is_new = !function.formatted.contains_key(&name);
                function.formatted.insert(name, is_new.then_some(formatted));
            }
        }
    }

    fn visit_block(&mut self, block: &'ast syn::Block) {
        self.show(|cx, look, found| {
            if let Look::Block(look) = look {
                look(cx, block, found);
            }
        });
        visit::visit_block(self, block);
    }

    fn visit_macro(&mut self, item: &'ast syn::Macro) {
        let name = item.path.segments.last().map(|part| part.ident.to_string()).unwrap_or_default();
        let span = item.delimiter.span();
        let length = bytes(span.close()).start.saturating_sub(bytes(span.open()).end);
        if !EXPRESSION_MACROS.contains(&name.as_str())
            || length > MAX_MACRO_BYTES
            || self.around.macros >= MAX_MACRO_DEPTH
        {
            return;
        }
        let parse = Punctuated::<Expr, Token![,]>::parse_terminated;
        if let Ok(arguments) = syn::parse::Parser::parse2(parse, item.tokens.clone()) {
            self.around.macros += 1;
            for argument in &arguments {
                Visit::visit_expr(self, argument);
            }
            self.around.macros -= 1;
        }
    }

    fn visit_expr(&mut self, expr: &'ast Expr) {
        self.show(|cx, look, found| {
            if let Look::Expr(look) = look {
                look(cx, expr, found);
            }
        });
        match expr {
            Expr::ForLoop(one) => {
                // What is looped over is made once.
                self.visit_pat(&one.pat);
                self.visit_expr(&one.expr);
                let name = read::bound_name(&one.pat);
                self.looped(name, |walk| walk.visit_block(&one.body));
            }
            Expr::If(one) => {
                self.visit_expr(&one.cond);
                let open = bytes(one.then_branch.brace_token.span.open()).start;
                let range = bytes(one.if_token.span).end..open;
                let short = range.len() < MAX_CONDITION_BYTES;
                let text =
                    if short { read::squeeze(self.file.slice(range)) } else { String::new() };
                self.around.conditions.push(text);
                self.visit_block(&one.then_branch);
                if let Some((_, otherwise)) = &one.else_branch {
                    self.visit_expr(otherwise);
                }
                self.around.conditions.pop();
            }
            Expr::While(one) => self.looped(None, |walk| visit::visit_expr_while(walk, one)),
            Expr::Loop(one) => self.looped(None, |walk| visit::visit_expr_loop(walk, one)),
            Expr::Closure(one) => {
                self.body(one.asyncness.is_some(), true, |walk| {
                    visit::visit_expr_closure(walk, one)
                });
            }
            Expr::Async(one) => self.body(true, false, |walk| visit::visit_expr_async(walk, one)),
            Expr::Assign(one) => {
                if let Expr::Field(syn::ExprField { member: syn::Member::Named(name), .. }) =
                    &*one.left
                {
                    self.named(&name.to_string(), &one.right);
                }
                visit::visit_expr(self, expr);
            }
            _ => visit::visit_expr(self, expr),
        }
    }
}
