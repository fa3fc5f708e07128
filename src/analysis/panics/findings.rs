//! What the code says about a panic's place: the function, the failing expression, where its values
//! come from, what guards them, what it calls.

use std::rc::Rc;

use syn::Expr;

use super::shapes::{anything, shapes};
use super::sites::{Site, Sites};
use super::subject::Subject;
use crate::domain::panic::PanicClass;
use crate::source::rust::callees::{Call, Library, calls_in};
use crate::source::rust::facts::{BindingKind, Facts, Origin, facts, names_in};
use crate::source::rust::failing::{Failing, find};
use crate::source::rust::file::RustFile;
use crate::source::rust::functions::{Function, enclosing_line, functions};

/// Statements of a body that is looked at as a whole.
const SHORT_BODY: usize = 4;

/// Callees looked up.
const MAX_CALLEES: usize = 6;

/// A function that the failing value went through.
#[derive(Clone, Debug)]
pub(super) struct Callee {
    /// Path below the repository root.
    pub(super) path: String,
    /// Qualified name.
    pub(super) name: String,
    /// Line of its name.
    pub(super) line: u32,
    /// Line and text of the expression that it returns, if its body ends in one.
    pub(super) result: Option<(u32, String)>,
}

/// All that was found out.
pub(super) struct Findings {
    pub(super) class: PanicClass,
    /// The failing place, if it lies in the repository.
    pub(super) site: Option<Site>,
    /// Why there is no more than this.
    pub(super) notes: Vec<String>,
    pub(super) code: Option<Code>,
}

/// The failing place, read.
pub(super) struct Code {
    pub(super) file: Rc<RustFile>,
    /// Position of the enclosing function among [`functions`] of the file.
    function_index: usize,
    pub(super) function_name: String,
    pub(super) failing: Option<Failing>,
    /// How many expressions on the line could be meant.
    pub(super) choices: usize,
    pub(super) facts: Facts,
    /// The names in the failing expression.
    pub(super) names: Vec<String>,
    pub(super) origins: Vec<Origin>,
    pub(super) callees: Vec<Callee>,
    /// Of a call: whether `failing` is what it gave for the values that failed inside.
    pub(super) follows: bool,
}

impl Code {
    /// The parameters that the values come from, and whether `self` or a part of it does.
    pub(super) fn given(&self) -> (Vec<String>, bool) {
        let parameters =
            self.origins.iter().filter(|one| one.binding.kind == BindingKind::Parameter);
        let names = parameters.map(|one| one.binding.name.clone()).collect();
        let all = self.all_names();
        let of_self = all.iter().any(|name| name.starts_with("self"))
            || self.failing.as_ref().is_some_and(|failing| mentions_self(&failing.expr));
        (names, of_self)
    }

    /// Calls `work` with the enclosing function.
    pub(super) fn with_function<T>(&self, work: impl FnOnce(&Function<'_>) -> T) -> Option<T> {
        functions(&self.file).get(self.function_index).map(work)
    }

    /// The names in the failing expression and those that its values come from.
    pub(super) fn all_names(&self) -> Vec<String> {
        let mut names = self.names.clone();
        for origin in &self.origins {
            if !names.contains(&origin.binding.name) {
                names.push(origin.binding.name.clone());
            }
        }
        names
    }

    /// The failing expression's text.
    pub(super) fn failing_text(&self) -> Option<&str> {
        self.failing.as_ref().map(|failing| self.file.slice(failing.range.clone()))
    }
}

/// Reads the failing place of `subject`.
pub(super) fn findings(subject: &Subject, sites: &Sites, library: &Library<'_>) -> Findings {
    let mut found =
        Findings { class: subject.class.clone(), site: None, notes: Vec::new(), code: None };
    let Some(site) = sites.list.first() else { return found };
    found.site = Some(site.clone());
    if !site.line_exists {
        return found;
    }
    let file = match library.file(&site.path) {
        Some(Ok(file)) => file,
        Some(Err(problem)) => {
            found.notes.push(format!("{} was not analysed further: {problem}.", site.path));
            return found;
        }
        None => {
            found.notes.push(format!("{} could not be read.", site.path));
            return found;
        }
    };
    let Some(function) = enclosing_line(&file, site.line) else {
        found.notes.push(format!("Line {} of {} is in no function.", site.line, site.path));
        return found;
    };
    let function_name = function.name.clone();
    let range = function.range.clone();
    let mut failing = find(&file, &function, site.line, site.column, &shapes(&subject.class));
    if failing.is_empty() {
        failing = find(&file, &function, site.line, site.column, anything());
    }
    let index = functions(&file).iter().position(|one| one.range == range);
    let choices = failing.len();
    if failing.is_empty() && site.line == function.line {
        // Found by its name: what it gives is all that is known to be of interest.
        failing.extend(result_of(&function));
    }
    if let Some(index) = index {
        found.code = read(
            &file,
            &site.path,
            index,
            &function_name,
            failing.into_iter().next(),
            choices,
            library,
        );
    }
    found
}

/// Reads a given failing expression of a given function.
pub(super) fn read(
    file: &Rc<RustFile>,
    path: &str,
    function_index: usize,
    function_name: &str,
    failing: Option<Failing>,
    choices: usize,
    library: &Library<'_>,
) -> Option<Code> {
    let all = functions(file);
    let function = all.get(function_index)?;
    let place = failing.as_ref().map_or(function.range.end - 1, |failing| failing.range.start);
    let facts = facts(function, place);
    let mut names = failing.as_ref().map(|failing| names_in(&failing.expr)).unwrap_or_default();
    if names.is_empty() && matches!(failing.as_ref().map(|one| &one.expr), Some(Expr::Macro(_))) {
        // `panic!()` and `unreachable!()` say nothing of what led there; the condition around them does.
        names = facts
            .guards
            .iter()
            .rev()
            .find(|guard| guard.encloses)
            .map(|guard| guard.names.clone())
            .unwrap_or_default();
    }
    let origins = facts.origins(&names, place);
    let calls = calls_on_the_way(failing.as_ref().map(|failing| &failing.expr), &origins);
    let callees = callees(&calls, function, path, library);
    Some(Code {
        file: Rc::clone(file),
        function_index,
        function_name: function_name.to_owned(),
        failing,
        choices,
        facts,
        names,
        origins,
        callees,
        follows: false,
    })
}

/// Whether `self` itself, not only a field of it, stands in an expression.
fn mentions_self(expr: &Expr) -> bool {
    calls_in(expr).iter().any(|call| call.owner.as_deref() == Some("Self"))
}

fn calls_on_the_way(failing: Option<&Expr>, origins: &[Origin]) -> Vec<Call> {
    let mut calls: Vec<Call> = failing.map(calls_in).unwrap_or_default();
    for value in origins.iter().filter_map(|origin| origin.binding.value.as_ref()) {
        for call in calls_in(value) {
            if !calls.contains(&call) {
                calls.push(call);
            }
        }
    }
    calls
}

fn callees(
    calls: &[Call],
    function: &Function<'_>,
    path: &str,
    library: &Library<'_>,
) -> Vec<Callee> {
    let mut found: Vec<Callee> = Vec::new();
    for call in calls {
        if found.len() >= MAX_CALLEES {
            break;
        }
        library.find_functions(call, function.self_type.as_deref(), path, |path, file, callee| {
            let is_itself = callee.range == function.range && callee.name == function.name;
            if !is_itself
                && !found.iter().any(|known| known.path == path && known.name == callee.name)
            {
                found.push(Callee {
                    path: path.to_owned(),
                    name: callee.name.clone(),
                    line: callee.line,
                    result: result_line(file, callee),
                });
            }
            true
        });
    }
    found
}

/// What a function gives back: the value at its end, or all of a short body.
pub(super) fn result_of(function: &Function<'_>) -> Option<Failing> {
    let block = function.block;
    let expr = match block.stmts.last()? {
        syn::Stmt::Expr(expr, _) if block.stmts.len() == 1 || block.stmts.len() > SHORT_BODY => {
            expr.clone()
        }
        _ if block.stmts.len() <= SHORT_BODY => {
            Expr::Block(syn::ExprBlock { attrs: Vec::new(), label: None, block: block.clone() })
        }
        _ => return None,
    };
    let range = crate::source::rust::file::range_of(&expr);
    Some(Failing { expr, range, exact: false, ancestors: Vec::new() })
}

fn result_line(file: &RustFile, function: &Function<'_>) -> Option<(u32, String)> {
    let syn::Stmt::Expr(expr, None) = function.block.stmts.last()? else { return None };
    let line = file.line_at(crate::source::rust::file::range_of(expr).start);
    Some((line, file.line(line)?.to_owned()))
}
