//! Results that nobody looks at.

use syn::{Expr, Local, Pat};

use super::super::{Found, Rule};
use super::read::{bare, call};
use super::{Cx, Look, RustRule};
use crate::domain::fix::{IssueType, Severity};
use crate::source::rust::file::bytes;

pub(super) const RULES: &[RustRule] = &[RustRule {
    rule: Rule {
        id: "rust/ignored-write",
        issue_type: IssueType::Bug,
        severity: Severity::Medium,
        why: "A full disk or a missing right goes unnoticed, and what was to be kept is lost. Hand the error on, or at least log it.",
        same_as: &["clippy::let_underscore_must_use"],
    },
    look: Look::Local(ignored_write),
}];

fn ignored_write(cx: &Cx<'_>, local: &Local, found: &mut Found) {
    let (Pat::Wild(_), Some(init)) = (&local.pat, &local.init) else { return };
    if cx.around.is_test()
        || cx.around.functions.last().is_some_and(|f| f.of_trait.as_deref() == Some("Drop"))
    {
        return;
    }
    let mut made = bare(&init.expr);
    if let Expr::Await(inner) = made {
        made = bare(&inner.base);
    }
    let what = match made {
        Expr::MethodCall(call)
            if (call.method == "sync_all" || call.method == "sync_data")
                && call.args.is_empty() =>
        {
            call.method.to_string()
        }
        one => {
            let Some((path, _)) = call(one) else { return };
            let full = cx.around.resolve(&path);
            if !matches!(
                full.as_str(),
                "std::fs::write"
                    | "std::fs::rename"
                    | "std::fs::copy"
                    | "tokio::fs::write"
                    | "tokio::fs::rename"
                    | "tokio::fs::copy"
            ) {
                return;
            }
            path
        }
    };
    found.add(
        bytes(local.let_token.span).start,
        format!("Whether `{what}` succeeded is thrown away."),
    );
}
