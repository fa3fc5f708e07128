//! TypeScript: where the compiler is told to look away.

use super::super::{Code, Found, Rule, TreeRule};
use super::{method, receiver, short};
use crate::domain::fix::{IssueType, Severity};

pub(super) const RULES: &[TreeRule] = &[
    TreeRule {
        rule: Rule {
            id: "typescript/as-any",
            issue_type: IssueType::Style,
            severity: Severity::Low,
            why: "From here on nothing is checked that is done with the value. `unknown` and a check, or the real type, keep the compiler's help.",
            same_as: &["no-explicit-any"],
        },
        find: as_any,
    },
    TreeRule {
        rule: Rule {
            id: "typescript/ts-ignore",
            issue_type: IssueType::Style,
            severity: Severity::Low,
            why: "It hides every error of the next line, also ones that come later. `@ts-expect-error` with a reason says when it is no longer needed.",
            same_as: &["ban-ts-comment"],
        },
        find: ts_ignore,
    },
    TreeRule {
        rule: Rule {
            id: "typescript/found-for-certain",
            issue_type: IssueType::Bug,
            severity: Severity::Medium,
            why: "Where nothing is found the value is undefined or null, and its next use throws a TypeError that the compiler would have told of.",
            same_as: &["no-non-null-assertion"],
        },
        find: found_for_certain,
    },
];

fn as_any(code: &Code<'_>, found: &mut Found) {
    if code.is_test {
        return;
    }
    for cast in code.tree.all("as_expression") {
        let is_any = cast.child(1).is_some_and(|ty| ty.is("predefined_type") && ty.text() == "any");
        // `(window as any).x` asks for what no type can know.
        let of_host = cast.child(0).is_some_and(|value| {
            matches!(value.text(), "window" | "globalThis" | "global" | "self")
        });
        if is_any && !of_host {
            let value = cast.child(0).map(short).unwrap_or_default();
            found
                .add(cast.start(), format!("`{value}` is taken out of type checking by `as any`."));
        }
    }
}

fn ts_ignore(code: &Code<'_>, found: &mut Found) {
    if code.is_test {
        return;
    }
    for comment in code.tree.all("comment") {
        let text = comment.text().trim_start_matches(['/', '*', ' ']);
        let Some(rest) = text.strip_prefix("@ts-ignore") else { continue };
        let reason = rest.trim_end_matches(['/', '*', ' ']).trim_matches([' ', ':', '-']);
        if reason.is_empty() {
            found.add(
                comment.start(),
                "`@ts-ignore` hides the next line's errors without a reason.",
            );
        }
    }
}

fn found_for_certain(code: &Code<'_>, found: &mut Found) {
    if code.is_test {
        return;
    }
    for assertion in code.tree.all("non_null_expression") {
        let Some(call) = assertion.child(0).filter(|one| one.is("call_expression")) else {
            continue;
        };
        let name = method(call);
        if receiver(call).is_some()
            && matches!(
                name,
                "find" | "match" | "exec" | "querySelector" | "getElementById" | "closest"
            )
        {
            found.add(assertion.start(), format!("`!` says that `{name}` always finds something."));
        }
    }
}
