//! Macros' arguments, where they are expressions.

use syn::Expr;
use syn::parse::discouraged::Speculative;
use syn::parse::{ParseStream, Parser};

/// The arguments of a macro that takes expressions, as far as they read as such: what does not (a pattern, a
/// lifetime, a block of its own grammar) is passed over to the next comma.
pub fn macro_arguments(makro: &syn::Macro) -> Vec<Expr> {
    let read = |input: ParseStream<'_>| {
        let mut arguments = Vec::new();
        while !input.is_empty() {
            let ahead = input.fork();
            if let Ok(argument) = ahead.parse::<Expr>()
                && (ahead.is_empty() || ahead.peek(syn::Token![,]))
            {
                input.advance_to(&ahead);
                arguments.push(argument);
            }
            while !input.is_empty() && !input.peek(syn::Token![,]) {
                let _passed_over: proc_macro2::TokenTree = input.parse()?;
            }
            let _comma: Option<syn::Token![,]> = input.parse()?;
        }
        Ok(arguments)
    };
    read.parse2(makro.tokens.clone()).unwrap_or_default()
}
