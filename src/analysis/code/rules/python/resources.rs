//! Files that nobody closes.

use super::super::{Code, Found, Rule, TreeRule};
use super::{callee, method, positional};
use crate::domain::fix::{IssueType, Severity};

pub(super) const RULES: &[TreeRule] = &[TreeRule {
    rule: Rule {
        id: "python/file-not-closed",
        issue_type: IssueType::Bug,
        severity: Severity::Low,
        why: "It is closed when the interpreter gets to it, which may be late or, for what was written, too late. Use `with open(…) as file:`.",
        same_as: &["SIM115"],
    },
    find: file_not_closed,
}];

fn file_not_closed(code: &Code<'_>, found: &mut Found) {
    if code.is_test {
        return;
    }
    for call in code.tree.all("call") {
        if !matches!(callee(call), "open" | "io.open" | "codecs.open")
            || positional(call).next().is_none()
        {
            continue;
        }
        let Some(parent) = call.parent() else { continue };
        let lost = match parent.kind() {
            // `open(p).read()`
            "attribute" => parent.parent().is_some_and(|outer| {
                outer.is("call")
                    && matches!(
                        method(outer),
                        "read" | "readlines" | "readline" | "write" | "writelines"
                    )
            }),
            // `for line in open(p):`
            "for_statement" => parent.field("right").is_some_and(|over| over.same_as(call)),
            // `json.load(open(p))`
            "argument_list" => parent.parent().is_some_and(|outer| {
                matches!(
                    callee(outer),
                    "json.load"
                        | "json.dump"
                        | "pickle.load"
                        | "pickle.dump"
                        | "yaml.safe_load"
                        | "yaml.load"
                        | "csv.reader"
                        | "csv.DictReader"
                        | "list"
                )
            }),
            _ => false,
        };
        if lost {
            found.add(call.start(), "The opened file is used once and never closed.");
        }
    }
}
