//! The walk through the syntax tree that fills a [`Reader`].

use syn::punctuated::Pair;
use syn::visit::{self, Visit};
use syn::{Attribute, Block, Expr, ReturnType, Visibility};

use super::imports;
use super::syntax::{Reader, ScopeKind};

impl<'ast> Visit<'ast> for Reader<'_, '_> {
    fn visit_expr(&mut self, expression: &'ast Expr) {
        self.unknown_syntax |= matches!(expression, Expr::Verbatim(_));
        visit::visit_expr(self, expression);
    }

    fn visit_type(&mut self, ty: &'ast syn::Type) {
        self.unknown_syntax |= matches!(ty, syn::Type::Verbatim(_));
        visit::visit_type(self, ty);
    }

    fn visit_pat(&mut self, pattern: &'ast syn::Pat) {
        self.unknown_syntax |= matches!(pattern, syn::Pat::Verbatim(_));
        visit::visit_pat(self, pattern);
    }

    fn visit_type_param_bound(&mut self, bound: &'ast syn::TypeParamBound) {
        self.unknown_syntax |= matches!(bound, syn::TypeParamBound::Verbatim(_));
        visit::visit_type_param_bound(self, bound);
    }

    fn visit_item(&mut self, item: &'ast syn::Item) {
        let (attributes, is_data): (&[Attribute], bool) = match item {
            syn::Item::Enum(item) => (&item.attrs, true),
            syn::Item::Struct(item) => (&item.attrs, true),
            syn::Item::Union(item) => (&item.attrs, true),
            syn::Item::Const(item) => (&item.attrs, false),
            syn::Item::Fn(item) => (&item.attrs, false),
            syn::Item::ForeignMod(item) => (&item.attrs, false),
            syn::Item::Impl(item) => (&item.attrs, false),
            syn::Item::Mod(item) => (&item.attrs, false),
            syn::Item::Static(item) => (&item.attrs, false),
            syn::Item::Trait(item) => (&item.attrs, false),
            syn::Item::Type(item) => (&item.attrs, false),
            syn::Item::Use(item) => (&item.attrs, false),
            syn::Item::Verbatim(_) => {
                self.unknown_syntax = true;
                (&[], false)
            }
            _ => (&[], false),
        };
        self.lock_if_given_to_a_macro(attributes, is_data);
        visit::visit_item(self, item);
    }

    fn visit_impl_item(&mut self, item: &'ast syn::ImplItem) {
        match item {
            syn::ImplItem::Fn(item) => self.lock_if_given_to_a_macro(&item.attrs, false),
            syn::ImplItem::Verbatim(_) => self.unknown_syntax = true,
            _ => {}
        }
        visit::visit_impl_item(self, item);
    }

    fn visit_trait_item(&mut self, item: &'ast syn::TraitItem) {
        match item {
            syn::TraitItem::Fn(item) => self.lock_if_given_to_a_macro(&item.attrs, false),
            syn::TraitItem::Verbatim(_) => self.unknown_syntax = true,
            _ => {}
        }
        visit::visit_trait_item(self, item);
    }

    fn visit_foreign_item(&mut self, item: &'ast syn::ForeignItem) {
        self.unknown_syntax |= matches!(item, syn::ForeignItem::Verbatim(_));
        visit::visit_foreign_item(self, item);
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        let Some((brace, items)) = &item.content else {
            self.module_elsewhere = true;
            return;
        };
        self.enter(ScopeKind::Module, brace.span.open(), &item.attrs);
        for inner in items {
            self.visit_item(inner);
        }
        self.stack.pop();
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        let start = item.attrs.first().map_or_else(
            || match &item.vis {
                Visibility::Inherited => item.use_token.span,
                Visibility::Public(public) => public.span,
                Visibility::Restricted(restricted) => restricted.pub_token.span,
            },
            |attribute| attribute.pound_token.span,
        );
        let tokens = self.token(start)..self.token(item.semi_token.span) + 1;
        let scope = self.stack.last().copied().unwrap_or(0);
        self.uses.push(imports::read(item, scope, tokens, self.first_byte));
    }

    fn visit_block(&mut self, block: &'ast Block) {
        self.drop_last_semicolon(block);
        self.enter(ScopeKind::Block, block.brace_token.span.open(), &[]);
        visit::visit_block(self, block);
        self.stack.pop();
    }

    fn visit_expr_match(&mut self, expression: &'ast syn::ExprMatch) {
        let close = self.tokens.partner(self.token(expression.brace_token.span.open()));
        for (index, arm) in expression.arms.iter().enumerate() {
            self.mark_arm(arm, close, index + 1 == expression.arms.len());
        }
        visit::visit_expr_match(self, expression);
    }

    fn visit_expr_closure(&mut self, closure: &'ast syn::ExprClosure) {
        let begin = self.token(closure.inputs_end.span) + 1;
        if matches!(closure.output, ReturnType::Default) && begin < self.marks.len() {
            self.marks[begin].begins = self.marks[begin].begins.saturating_add(1);
            self.drop_braces(&closure.body);
        }
        visit::visit_expr_closure(self, closure);
    }

    fn visit_expr_tuple(&mut self, tuple: &'ast syn::ExprTuple) {
        self.keep_one_tuple(&tuple.elems);
        visit::visit_expr_tuple(self, tuple);
    }

    fn visit_type_tuple(&mut self, tuple: &'ast syn::TypeTuple) {
        self.keep_one_tuple(&tuple.elems);
        visit::visit_type_tuple(self, tuple);
    }

    fn visit_pat_tuple(&mut self, tuple: &'ast syn::PatTuple) {
        self.keep_one_tuple(&tuple.elems);
        visit::visit_pat_tuple(self, tuple);
    }

    fn visit_pat_or(&mut self, pattern: &'ast syn::PatOr) {
        if let Some(bar) = &pattern.leading_vert {
            let index = self.token(bar.span);
            self.marks[index].dropped = true;
        }
        visit::visit_pat_or(self, pattern);
    }

    fn visit_angle_bracketed_generic_arguments(
        &mut self,
        arguments: &'ast syn::AngleBracketedGenericArguments,
    ) {
        self.ends_generics(&arguments.gt_token);
        visit::visit_angle_bracketed_generic_arguments(self, arguments);
    }

    fn visit_generics(&mut self, generics: &'ast syn::Generics) {
        if let Some(bracket) = &generics.gt_token {
            self.ends_generics(bracket);
        }
        visit::visit_generics(self, generics);
    }

    fn visit_bound_lifetimes(&mut self, lifetimes: &'ast syn::BoundLifetimes) {
        self.ends_generics(&lifetimes.gt_token);
        visit::visit_bound_lifetimes(self, lifetimes);
    }

    fn visit_qself(&mut self, qself: &'ast syn::QSelf) {
        self.ends_generics(&qself.gt_token);
        visit::visit_qself(self, qself);
    }

    fn visit_where_clause(&mut self, clause: &'ast syn::WhereClause) {
        if let Some(Pair::Punctuated(_, comma)) = clause.predicates.pairs().next_back() {
            let index = self.token(comma.span);
            self.marks[index].dropped = true;
        }
        visit::visit_where_clause(self, clause);
    }
}
