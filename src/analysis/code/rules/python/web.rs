//! Talking to others: certificates, time-outs, what a web application shows.

use super::super::super::tree::Node;
use super::super::{Code, Found, Rule, TreeRule};
use super::{callee, imports, imports_from, keyword, method, receiver, unpacks};
use crate::domain::fix::{IssueType, Severity};

pub(super) const RULES: &[TreeRule] = &[
    TreeRule {
        rule: Rule {
            id: "python/tls-verification-off",
            issue_type: IssueType::Security,
            severity: Severity::High,
            why: "Anybody on the way can answer in the server's place, and read and change what is sent. For a private authority give its certificate instead.",
            same_as: &["S501", "S323"],
        },
        find: tls_verification_off,
    },
    TreeRule {
        rule: Rule {
            id: "python/request-without-timeout",
            issue_type: IssueType::Bug,
            severity: Severity::Medium,
            why: "requests waits for ever if the server does not answer, and the thread with it.",
            same_as: &["S113"],
        },
        find: request_without_timeout,
    },
    TreeRule {
        rule: Rule {
            id: "python/flask-debug",
            issue_type: IssueType::Security,
            severity: Severity::High,
            why: "The debugger shows the code to whoever sees an error page, and runs what he types in.",
            same_as: &["S201"],
        },
        find: flask_debug,
    },
];

const VERBS: &[&str] = &["get", "post", "put", "patch", "delete", "head", "options", "request"];

fn tls_verification_off(code: &Code<'_>, found: &mut Found) {
    let root = code.tree.root();
    let client = imports(root, "requests")
        || imports(root, "httpx")
        || imports_from(root, "requests", "Session");
    for call in code.tree.all("call") {
        if callee(call) == "ssl._create_unverified_context" {
            found.add(call.start(), "This context accepts any certificate.");
            continue;
        }
        let asks = VERBS.contains(&method(call))
            || matches!(method(call), "Client" | "AsyncClient" | "Session");
        let off = keyword(call, "verify").filter(|value| value.is("false"));
        if let (true, true, Some(off)) = (client, asks, off) {
            found.add(off.start(), "The server's certificate is not checked (`verify=False`).");
        }
    }
    for assignment in code.tree.all("assignment") {
        let (Some(left), Some(right)) = (assignment.field("left"), assignment.field("right"))
        else {
            continue;
        };
        let verify = if left.is("attribute") { left.field_text("attribute") } else { "" };
        let off = (verify == "verify_mode" && right.text() == "ssl.CERT_NONE")
            || (verify == "verify" && right.is("false") && client)
            || (left.text() == "ssl._create_default_https_context"
                && right.text() == "ssl._create_unverified_context");
        if off && !code.is_test && !is_asked_for(assignment) {
            found.add(assignment.start(), "Certificates are not checked from here on.");
        }
    }
}

/// Whether somebody can choose: a condition of the function speaks of it.
fn is_asked_for(node: Node<'_>) -> bool {
    let Some(function) = node.function() else { return false };
    function.own_descendants().filter(|one| one.is_any(&["if_statement", "elif_clause"])).any(
        |one| {
            let asked = one.field_text("condition").to_ascii_lowercase();
            ["verif", "insecure", "ssl", "cert", "check", "trust"]
                .iter()
                .any(|word| asked.contains(word))
        },
    )
}

fn request_without_timeout(code: &Code<'_>, found: &mut Found) {
    if code.is_test || !imports(code.tree.root(), "requests") {
        return;
    }
    for call in code.tree.all("call") {
        let on_requests =
            receiver(call).is_some_and(|on| on.is("identifier") && on.text() == "requests");
        if on_requests
            && VERBS.contains(&method(call))
            && keyword(call, "timeout").is_none()
            && !unpacks(call)
        {
            found.add(call.start(), format!("`requests.{}` has no time-out.", method(call)));
        }
    }
}

fn flask_debug(code: &Code<'_>, found: &mut Found) {
    let root = code.tree.root();
    if code.is_test || !(imports(root, "flask") || imports_from(root, "flask", "Flask")) {
        return;
    }
    for call in code.tree.all("call") {
        let is_run = method(call) == "run"
            && receiver(call).is_some_and(|on| on.is("identifier") && on.text() != "subprocess");
        if let Some(debug) = keyword(call, "debug").filter(|value| is_run && value.is("true")) {
            found.add(debug.start(), "The application is started with its debugger open.");
        }
    }
}
