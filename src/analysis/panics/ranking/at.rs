//! Places other than the failing one, read: a caller's call, the making of an error.

use std::rc::Rc;

use syn::Expr;

use super::made;
use crate::analysis::panics::findings::{Code, read};
use crate::analysis::panics::shapes::anything;
use crate::analysis::panics::sites::Site;
use crate::source::rust::arguments::given;
use crate::source::rust::callees::Library;
use crate::source::rust::calls::calls_before;
use crate::source::rust::failing::find;
use crate::source::rust::file::RustFile;
use crate::source::rust::functions::{Function, enclosing_line, functions};

/// What the making of an error depends on.
pub(super) fn at_line(maker: &made::Maker, library: &Library<'_>) -> Option<Code> {
    let file: Rc<RustFile> = library.file(&maker.path)?.ok()?;
    let function: Function<'_> = enclosing_line(&file, maker.line)?;
    let index = functions(&file).iter().position(|one| one.range == function.range)?;
    let found = find(&file, &function, maker.line, None, anything());
    read(&file, &maker.path, index, &function.name, found.into_iter().next(), 1, library)
}

/// What a caller's call is made from.
pub(super) fn at_call(
    site: &Site,
    inner: Option<&str>,
    from: Option<&Code>,
    library: &Library<'_>,
) -> Option<Code> {
    let file: Rc<RustFile> = library.file(&site.path)?.ok()?;
    let function: Function<'_> = enclosing_line(&file, site.line)?;
    let index = functions(&file).iter().position(|one| one.range == function.range)?;
    let short = inner.and_then(|name| name.rsplit("::").next());
    let mut calls = find(&file, &function, site.line, site.column, anything());
    if calls.is_empty()
        && let Some(short) = short
    {
        // A frame that was found by its name has no line of its own.
        let all = calls_before(function.block, usize::MAX);
        if let Some(call) = all.iter().find(|call| call.call.name == short) {
            let line = file.line_at(call.at);
            calls = find(&file, &function, line, None, anything());
        }
    }
    // With no column the call of the function inside is the one.
    if let Some(named) = short.and_then(|short| {
        calls.iter().position(|call| file.slice(call.range.clone()).contains(short))
    }) {
        calls.swap(0, named);
    }
    let choices = calls.len();
    let mut call = calls.into_iter().next();
    let given = match (&call, from) {
        (Some(call), Some(from)) => given_for(&call.expr, from),
        _ => None,
    };
    let follows = given.is_some();
    if let (Some(call), Some(given)) = (&mut call, given) {
        call.expr = given;
    }
    let mut code = read(&file, &site.path, index, &function.name, call, choices, library)?;
    code.follows = follows;
    Some(code)
}

/// What a call gives for the parameters that what failed inside comes from, as a tuple.
fn given_for(call: &Expr, from: &Code) -> Option<Expr> {
    let (wanted, of_self) = from.given();
    from.with_function(|called| {
        given(call, &called.signature.ident.to_string(), called.signature, &wanted, of_self)
    })?
}
