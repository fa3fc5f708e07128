//! Secrets in the code.

use syn::{Expr, Lit};

use super::super::{Found, secrets};
use super::read::owned_literal;
use super::{Cx, Look, RustRule};
use crate::source::rust::file::bytes;

pub(super) const RULES: &[RustRule] = &[
    RustRule { rule: secrets::rule("rust/hard-coded-secret"), look: Look::Named(named) },
    RustRule { rule: secrets::rule("rust/hard-coded-key"), look: Look::Expr(known) },
];

fn named(cx: &Cx<'_>, name: &str, value: &Expr, found: &mut Found) {
    if cx.around.is_test() {
        return;
    }
    if let Some((text, range)) = owned_literal(value)
        && secrets::named(name, &text)
        && !secrets::known_shape(&text)
    {
        found.add(range.start, secrets::message(name));
    }
}

fn known(cx: &Cx<'_>, expr: &Expr, found: &mut Found) {
    if let Expr::Lit(syn::ExprLit { lit: Lit::Str(text), .. }) = expr
        && !cx.around.is_test()
        && secrets::known_shape(&text.value())
    {
        found.add(bytes(text.span()).start, secrets::SHAPE_MESSAGE);
    }
}
