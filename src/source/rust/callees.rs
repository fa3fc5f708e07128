//! Functions and types of the repository by name: what a failing expression calls, one hop away.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use syn::Expr;
use syn::visit::{self, Visit};

use super::failing::macro_arguments;
use super::file::{ParseProblem, RustFile};
use super::functions::{Function, functions};
use crate::source::Sources;

/// Files searched for a name by text.
const MAX_FILES_SEARCHED: usize = 2_000;
/// Texts kept from one search to the next.
const MAX_TEXTS_KEPT: usize = 400;
/// Files parsed in one analysis.
const MAX_FILES_PARSED: usize = 40;
/// Functions given for one name.
const MAX_FUNCTIONS: usize = 8;

/// A call as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The function's or method's name.
    pub name: String,
    /// `Cart` of `Cart::total(…)`; `Self` for `self.total(…)`.
    pub owner: Option<String>,
    /// Whether `x.name(…)`.
    pub is_method: bool,
}

/// The calls in an expression, in the order of the source.
pub fn calls_in(expr: &Expr) -> Vec<Call> {
    struct Calls(Vec<Call>);
    impl Calls {
        fn add(&mut self, call: Call) {
            if !self.0.contains(&call) {
                self.0.push(call);
            }
        }
    }
    impl<'ast> Visit<'ast> for Calls {
        fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
            if let Expr::Path(path) = &*call.func {
                let names: Vec<String> =
                    path.path.segments.iter().map(|part| part.ident.to_string()).collect();
                if let Some((name, before)) = names.split_last() {
                    self.add(Call {
                        name: name.clone(),
                        owner: before.last().cloned(),
                        is_method: false,
                    });
                }
            }
            visit::visit_expr_call(self, call);
        }
        fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
            self.add(Call {
                name: call.method.to_string(),
                owner: super::facts::is_self(&call.receiver).then(|| "Self".to_owned()),
                is_method: true,
            });
            visit::visit_expr_method_call(self, call);
        }
        fn visit_macro(&mut self, makro: &'ast syn::Macro) {
            for argument in macro_arguments(makro) {
                self.visit_expr(&argument);
            }
        }
    }
    let mut calls = Calls(Vec::new());
    calls.visit_expr(expr);
    calls.0
}

/// Parses each file of the sources at most once, and only so many.
pub struct Library<'s> {
    sources: &'s dyn Sources,
    texts: RefCell<HashMap<String, Option<Arc<str>>>>,
    parsed: RefCell<HashMap<String, Result<Rc<RustFile>, ParseProblem>>>,
}

impl<'s> Library<'s> {
    /// Over `sources`.
    pub fn new(sources: &'s dyn Sources) -> Self {
        Self { sources, texts: RefCell::new(HashMap::new()), parsed: RefCell::new(HashMap::new()) }
    }

    /// The sources themselves.
    pub fn sources(&self) -> &'s dyn Sources {
        self.sources
    }

    /// A parsed file. `None`: there is no such file, or too many were parsed already.
    pub fn file(&self, path: &str) -> Option<Result<Rc<RustFile>, ParseProblem>> {
        if let Some(known) = self.parsed.borrow().get(path) {
            return Some(known.clone());
        }
        if self.parsed.borrow().len() >= MAX_FILES_PARSED {
            return None;
        }
        let text = self.sources.read(path)?;
        let parsed = RustFile::parse(&text).map(Rc::new);
        self.parsed.borrow_mut().insert(path.to_owned(), parsed.clone());
        Some(parsed)
    }

    /// The files that hold `needle`, `near` and its neighbours first.
    pub fn files_with(&self, needle: &str, near: &str) -> Vec<&'s str> {
        let folder = near.rsplit_once('/').map_or("", |(folder, _)| folder);
        let mut paths: Vec<&str> = self
            .sources
            .paths()
            .iter()
            .map(String::as_str)
            .filter(|path| path.ends_with(".rs"))
            .take(MAX_FILES_SEARCHED)
            .collect();
        paths.sort_by_key(|path| (*path != near, !path.starts_with(folder)));
        paths.retain(|path| self.text(path).is_some_and(|text| text.contains(needle)));
        paths
    }

    /// A file's text; the texts of small repositories are kept from one search to the next.
    fn text(&self, path: &str) -> Option<Arc<str>> {
        if let Some(known) = self.texts.borrow().get(path) {
            return known.clone();
        }
        let text = self.sources.read(path);
        let mut texts = self.texts.borrow_mut();
        if texts.len() < MAX_TEXTS_KEPT {
            texts.insert(path.to_owned(), text.clone());
        }
        text
    }

    /// Calls `each` for the functions that `call` may mean, best first: those of the owner's type, then
    /// those of the file `near`, then others. Stops when `each` says so by returning `true`.
    pub fn find_functions(
        &self,
        call: &Call,
        self_type: Option<&str>,
        near: &str,
        mut each: impl FnMut(&str, &RustFile, &Function<'_>) -> bool,
    ) {
        if is_everyday_name(&call.name) && call.owner.is_none() {
            return;
        }
        let owner = match call.owner.as_deref() {
            Some("Self" | "self") => self_type,
            // `crate::f`, `super::f`, `module::f`: a module says nothing about the type.
            Some(other) if other.starts_with(char::is_uppercase) => Some(other),
            _ => None,
        };
        let mut given = 0;
        for path in self.files_with(&format!("fn {}", call.name), near) {
            let Some(Ok(file)) = self.file(path) else { continue };
            for function in functions(&file) {
                let fits = function.signature.ident == call.name.as_str()
                    && function.self_type.is_some() == (call.is_method || owner.is_some())
                    && (owner.is_none() || function.self_type.as_deref() == owner);
                if fits {
                    given += 1;
                    if each(path, &file, &function) || given >= MAX_FUNCTIONS {
                        return;
                    }
                }
            }
        }
    }

    /// Gives the first `struct` or `enum` of this name to `read`.
    pub fn find_type<T>(
        &self,
        name: &str,
        near: &str,
        mut read: impl FnMut(&str, &RustFile, &syn::Item) -> Option<T>,
    ) -> Option<T> {
        for keyword in ["struct", "enum"] {
            for path in self.files_with(&format!("{keyword} {name}"), near) {
                let Some(Ok(file)) = self.file(path) else { continue };
                for item in &file.tree().items {
                    let named = match item {
                        syn::Item::Struct(one) => one.ident == name,
                        syn::Item::Enum(one) => one.ident == name,
                        _ => false,
                    };
                    if named && let Some(found) = read(path, &file, item) {
                        return Some(found);
                    }
                }
            }
        }
        None
    }
}

/// Methods that nearly every type has: by name alone they lead nowhere.
pub fn is_everyday_name(name: &str) -> bool {
    matches!(
        name,
        "new"
            | "get"
            | "get_mut"
            | "len"
            | "iter"
            | "iter_mut"
            | "into_iter"
            | "clone"
            | "into"
            | "from"
            | "unwrap"
            | "expect"
            | "map"
            | "and_then"
            | "ok"
            | "collect"
            | "push"
            | "pop"
            | "insert"
            | "remove"
            | "next"
            | "parse"
            | "trim"
            | "to_string"
            | "to_owned"
            | "as_str"
            | "as_ref"
            | "borrow"
            | "borrow_mut"
            | "default"
            | "fmt"
            | "eq"
            | "cmp"
            | "hash"
            | "drop"
            | "lock"
            | "read"
            | "write"
            | "is_empty"
            | "contains"
            | "Some"
            | "Ok"
            | "Err"
            | "first"
            | "last"
            | "min"
            | "max"
            | "chars"
            | "lines"
            | "split"
    )
}
