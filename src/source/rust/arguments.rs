//! What a call gives for a parameter: the way of a value from a function back to its caller.

use syn::visit::{self, Visit};
use syn::{Expr, Pat, Signature};

/// The arguments of the call of `name` in `expr` that end up in the parameters `wanted` of `called`, as a
/// tuple; what it is called on too, if `of_self`. `None` where there is no such call or no such argument.
pub fn given(
    expr: &Expr,
    name: &str,
    called: &Signature,
    wanted: &[String],
    of_self: bool,
) -> Option<Expr> {
    let mut arguments = arguments(expr, name, called.receiver().is_some())?;
    let mut found = Vec::new();
    if called.receiver().is_some() {
        let receiver = arguments.remove(0);
        found.extend(of_self.then_some(receiver));
    }
    let parameters = called.inputs.iter().filter_map(|input| match input {
        syn::FnArg::Typed(typed) => Some(&*typed.pat),
        syn::FnArg::Receiver(_) => None,
    });
    for (parameter, argument) in parameters.zip(arguments) {
        if binds(parameter, wanted) {
            found.push(argument);
        }
    }
    (!found.is_empty()).then(|| {
        Expr::Tuple(syn::ExprTuple {
            attrs: Vec::new(),
            paren_token: syn::token::Paren::default(),
            elems: found.into_iter().collect(),
        })
    })
}

/// The arguments of the first call of `name`, with what it is called on in front if it takes that.
fn arguments(expr: &Expr, name: &str, on_self: bool) -> Option<Vec<Expr>> {
    struct Calls<'n> {
        name: &'n str,
        on_self: bool,
        found: Option<Vec<Expr>>,
    }
    impl<'ast> Visit<'ast> for Calls<'_> {
        fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
            if self.found.is_none() && call.method == self.name && self.on_self {
                let receiver = std::iter::once((*call.receiver).clone());
                self.found = Some(receiver.chain(call.args.iter().cloned()).collect());
            }
            visit::visit_expr_method_call(self, call);
        }
        fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
            let is_named = matches!(&*call.func, Expr::Path(path)
                if path.path.segments.last().is_some_and(|last| last.ident == self.name));
            if self.found.is_none() && is_named && !(self.on_self && call.args.is_empty()) {
                self.found = Some(call.args.iter().cloned().collect());
            }
            visit::visit_expr_call(self, call);
        }
    }
    let mut calls = Calls { name, on_self, found: None };
    calls.visit_expr(expr);
    calls.found
}

/// Whether a parameter's pattern gives one of these names its value.
fn binds(pattern: &Pat, wanted: &[String]) -> bool {
    struct Names<'w> {
        wanted: &'w [String],
        found: bool,
    }
    impl<'ast> Visit<'ast> for Names<'_> {
        fn visit_pat_ident(&mut self, one: &'ast syn::PatIdent) {
            self.found |= self.wanted.iter().any(|wanted| one.ident == wanted.as_str());
            visit::visit_pat_ident(self, one);
        }
    }
    let mut names = Names { wanted, found: false };
    names.visit_pat(pattern);
    names.found
}

#[cfg(test)]
mod tests {
    use quote::ToTokens;

    use super::*;

    fn of(call: &str, head: &str, wanted: &[&str], of_self: bool) -> Option<String> {
        let expr: Expr = syn::parse_str(call).unwrap();
        let called: Signature = syn::parse_str(head).unwrap();
        let wanted: Vec<String> = wanted.iter().map(|one| (*one).to_owned()).collect();
        let name = called.ident.to_string();
        given(&expr, &name, &called, &wanted, of_self).map(|one| one.to_token_stream().to_string())
    }

    #[test]
    fn arguments_find_their_parameters() {
        let head = "fn take(&self, list: &[u32], (at, count): (usize, usize)) -> u32";
        let call = "shelf.of(3).take(&all[1..], pair(n)).unwrap()";
        assert_eq!(of(call, head, &["list"], false).unwrap(), "(& all [1 ..] ,)");
        assert_eq!(of(call, head, &["count"], true).unwrap(), "(shelf . of (3) , pair (n))");
        assert_eq!(of("Shelf::take(&s, &l, p)", head, &["at"], false).unwrap(), "(p ,)");
        assert_eq!(of(call, head, &["other"], false), None);
        assert_eq!(of("put(&all)", head, &["list"], false), None);
    }
}
