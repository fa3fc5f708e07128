//! From findings to a patch. Each family of failures has a file with its patterns. An edit changes only
//! the bytes that it must, and the result has to parse; otherwise there is no patch and a reason instead.

mod arithmetic;
mod borrow;
mod bounds;
mod errors;
mod guard;
mod index;
mod leave;
mod returns;
mod text;
mod unwrap;

#[cfg(test)]
mod tests;

use std::ops::Range;

use super::AGENT;
use super::findings::{self, Code, Findings};
use super::sites::Sites;
use crate::domain::fix::{ClaimedClass, IssueType, Severity};
use crate::domain::panic::PanicKind as K;
use crate::domain::patch::{FileChange, Patch, PatchError};
use crate::domain::suggestion::Proposal;
use crate::source::Sources;
use crate::source::rust::RustFile;
use crate::source::rust::callees::Library;
use crate::source::rust::failing::{Failing, Node, find_equal};
use crate::source::rust::functions::{Function, functions};
use crate::source::rust::types::TypeContext;

/// A change to the text of one file.
pub(super) struct Edit {
    /// Path below the repository root.
    path: String,
    /// What replaces which bytes; not overlapping.
    replacements: Vec<(Range<usize>, String)>,
    /// One line, imperative.
    title: String,
    /// Why, and what a reviewer has to decide.
    explanation: String,
}

/// What the patterns see.
struct Place<'a> {
    findings: &'a Findings,
    sites: &'a Sites,
    library: &'a Library<'a>,
    code: &'a Code,
    failing: &'a Failing,
    function: &'a Function<'a>,
    path: &'a str,
}

impl Place<'_> {
    fn slice(&self, range: Range<usize>) -> &str {
        self.code.file.slice(range)
    }

    fn text_of(&self, expr: &impl quote::ToTokens) -> &str {
        self.slice(crate::source::rust::file::range_of(expr))
    }

    fn types(&self) -> TypeContext<'_> {
        TypeContext {
            facts: &self.code.facts,
            function: self.function,
            library: self.library,
            path: self.path,
        }
    }

    fn type_of(&self, expr: &syn::Expr) -> Option<syn::Type> {
        self.types().type_of(expr, self.failing.range.start)
    }

    fn edit(
        &self,
        replacements: Vec<(Range<usize>, String)>,
        title: String,
        explanation: String,
    ) -> Edit {
        Edit { path: self.path.to_owned(), replacements, title, explanation }
    }

    /// Whether the failing expression is the receiver of a method call or of a field access.
    fn is_receiver(&self) -> bool {
        self.failing.ancestors.first().is_some_and(|parent| match &parent.node {
            Node::Field(_) => true,
            Node::Method(_, dot) => self.failing.range.end <= *dot,
            _ => false,
        })
    }
}

/// Makes the proposal for the current text, or says in half a sentence why there is none.
pub(super) fn propose(
    findings: &Findings,
    sites: &Sites,
    library: &Library<'_>,
    current: &dyn Sources,
) -> Result<Proposal, String> {
    let edit = edit(findings, sites, library)?;
    let before = library.sources().read(&edit.path).ok_or("the file could not be read.")?;
    let change = FileChange {
        path: edit.path.clone(),
        after: spliced(&before, &edit.replacements)?,
        before: before.to_string(),
    };
    let now = current
        .read(&edit.path)
        .ok_or_else(|| format!("{} is no longer in the current state of the code.", edit.path))?;
    let (change, edit) = match change.rebase(&now) {
        Ok(change) => (change, edit),
        Err(PatchError::AlreadyThere { .. }) => {
            return Err("the current state of the code already has this change.".to_owned());
        }
        Err(moved @ PatchError::Moved { .. }) => {
            again_in_current(findings, sites, current, &edit.path, &now)
                .map_err(|reason| format!("{moved}, and {reason}"))?
        }
    };
    if change.before == change.after {
        return Err("the change would change nothing.".to_owned());
    }
    let after: std::sync::Arc<str> = change.after.as_str().into();
    if let Err(problem) = RustFile::parse(&after) {
        return Err(format!("{} with the change was refused: {problem}.", edit.path));
    }
    Ok(Proposal {
        agent: AGENT.to_owned(),
        title: edit.title,
        explanation: edit.explanation,
        issue_type: IssueType::Bug,
        severity: Severity::High,
        claimed_class: ClaimedClass::Logic,
        patch: Patch { files: vec![change] },
        mends: None,
    })
}

/// Looks for the same expression in the same function of the current text, and edits there.
fn again_in_current(
    findings: &Findings,
    sites: &Sites,
    current: &dyn Sources,
    path: &str,
    now: &str,
) -> Result<(FileChange, Edit), String> {
    let code = findings.code.as_ref().ok_or("the code was not read.")?;
    let failing = code.failing.as_ref().ok_or("the failing expression is not known.")?;
    let site = findings.site.as_ref().filter(|site| site.path == path);
    let site = site.ok_or("the change is not at the failing place.")?;
    let library = Library::new(current);
    let file = match library.file(path) {
        Some(Ok(file)) => file,
        Some(Err(problem)) => return Err(format!("the current file was not read: {problem}.")),
        None => return Err("the current file could not be read.".to_owned()),
    };
    let all = functions(&file);
    let mut same = all.iter().enumerate().filter(|(_, one)| one.name == code.function_name);
    let (index, function) = match (same.next(), same.next()) {
        (Some(only), None) => only,
        _ => return Err(format!("{} is no longer there just once.", code.function_name)),
    };
    let found = find_equal(function, &failing.expr);
    let [only] = found.as_slice() else {
        return Err(format!("{} no longer has the failing expression just once.", function.name));
    };
    let code = findings::read(&file, path, index, &function.name, Some(only.clone()), 1, &library);
    let moved = Findings {
        class: findings.class.clone(),
        site: Some(site.clone()),
        notes: Vec::new(),
        code,
    };
    let edit = edit(&moved, sites, &library)?;
    if edit.path != path {
        return Err("the change is not at the failing place.".to_owned());
    }
    let after = spliced(now, &edit.replacements)?;
    Ok((FileChange { path: path.to_owned(), before: now.to_owned(), after }, edit))
}

fn edit(findings: &Findings, sites: &Sites, library: &Library<'_>) -> Result<Edit, String> {
    let (Some(site), Some(code)) = (&findings.site, &findings.code) else {
        return Err("the failing place could not be read.".to_owned());
    };
    let failing = code.failing.as_ref().ok_or("the failing expression was not found.")?;
    if code.choices > 1 {
        return Err(format!(
            "line {} has {} expressions that could be meant, and the report does not say which.",
            site.line, code.choices
        ));
    }
    code.with_function(|function| {
        let place = Place { findings, sites, library, code, failing, function, path: &site.path };
        if let Ok(edit) = bounds::edit(&place) {
            return Ok(edit);
        }
        let by_kind = if is_const(function) && !arithmetic::is_const(&place) {
            Err(format!("{} is a const function.", function.name))
        } else {
            by_kind(&place)
        };
        by_kind.or_else(|reason| guard::edit(&place).ok_or(reason))
    })
    .unwrap_or_else(|| Err("the enclosing function was not found.".to_owned()))
}

fn by_kind(place: &Place<'_>) -> Result<Edit, String> {
    match place.findings.class.kind {
        K::StrNotCharBoundary => text::edit(place),
        K::IndexOutOfBounds
        | K::MissingKey
        | K::SliceEndOutOfRange
        | K::SliceStartOutOfRange
        | K::SliceStartAfterEnd
        | K::StrIndexOutOfRange => index::edit(place),
        K::UnwrapNone
        | K::UnwrapErr
        | K::ExpectFailed
        | K::ParseError
        | K::IoError
        | K::EnvMissing
        | K::Utf8Error
        | K::ConversionError
        | K::ChannelClosed
        | K::Timeout
        | K::Custom => unwrap::edit(place),
        K::ArithmeticOverflow | K::DivideByZero => arithmetic::edit(place),
        K::RefcellAlreadyBorrowed | K::RefcellAlreadyMutablyBorrowed => borrow::edit(place),
        other => Err(format!("there is no pattern for {other}.")),
    }
}

fn is_const(function: &Function<'_>) -> bool {
    function.signature.constness.is_some()
}

/// `text` with the replacements in place.
fn spliced(text: &str, replacements: &[(Range<usize>, String)]) -> Result<String, String> {
    let mut sorted: Vec<&(Range<usize>, String)> = replacements.iter().collect();
    sorted.sort_by_key(|(range, _)| range.start);
    let mut result = String::with_capacity(text.len() + 128);
    let mut copied = 0;
    for (range, new) in sorted {
        let kept = text.get(copied..range.start);
        let (Some(kept), true) = (kept, text.is_char_boundary(range.end)) else {
            return Err("its parts overlap.".to_owned());
        };
        result.push_str(kept);
        result.push_str(new);
        copied = range.end;
    }
    result.push_str(text.get(copied..).ok_or("its parts lie outside the file.")?);
    Ok(result)
}

/// Whether an expression can be written a second time without running anything a second time.
fn is_repeatable(expr: &syn::Expr) -> bool {
    match expr {
        syn::Expr::Path(_) | syn::Expr::Lit(_) => true,
        syn::Expr::Field(field) => is_repeatable(&field.base),
        syn::Expr::Paren(inner) => is_repeatable(&inner.expr),
        syn::Expr::Reference(inner) => is_repeatable(&inner.expr),
        syn::Expr::Unary(inner) => is_repeatable(&inner.expr),
        _ => false,
    }
}

/// Whether a method can be called on the expression's text as it stands.
fn is_simple_receiver(expr: &syn::Expr) -> bool {
    matches!(
        expr,
        syn::Expr::Path(_)
            | syn::Expr::Field(_)
            | syn::Expr::MethodCall(_)
            | syn::Expr::Call(_)
            | syn::Expr::Index(_)
            | syn::Expr::Paren(_)
            | syn::Expr::Try(_)
            | syn::Expr::Macro(_)
    )
}
