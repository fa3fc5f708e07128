//! Text that becomes code: eval, shells, SQL; expressions that take for ever.

use super::super::super::tree::Node;
use super::super::{Code, Found, Rule, TreeRule, names, patterns};
use super::{
    arguments, bare, callee, is_harmless, literal, made, method, receiver, short, uses_module,
};
use crate::domain::fix::{IssueType, Severity};

pub(super) const RULES: &[TreeRule] = &[
    TreeRule {
        rule: Rule {
            id: "javascript/eval",
            issue_type: IssueType::Security,
            severity: Severity::High,
            why: "Whoever can influence the text runs what he likes with the page's or the server's rights. For data there is `JSON.parse`; for names, an object.",
            same_as: &["no-eval", "no-new-func", "no-implied-eval"],
        },
        find: eval,
    },
    TreeRule {
        rule: Rule {
            id: "javascript/shell-command",
            issue_type: IssueType::Security,
            severity: Severity::High,
            why: "A value with `;` or `$(…)` in it runs commands of its own. Use `execFile` or `spawn` with a list of arguments.",
            same_as: &[],
        },
        find: shell_command,
    },
    TreeRule {
        rule: Rule {
            id: "javascript/sql-text",
            issue_type: IssueType::Security,
            severity: Severity::High,
            why: "A value with a quote in it changes what the statement does. Write placeholders and pass the values beside them.",
            same_as: &[],
        },
        find: sql_text,
    },
    TreeRule {
        rule: Rule {
            id: "javascript/backtracking-expression",
            issue_type: IssueType::Security,
            severity: Severity::Medium,
            why: "On a text that almost matches, each further character doubles the time; a few dozen of them stop the process. Leave one of the repetitions out.",
            same_as: &[],
        },
        find: backtracking,
    },
    TreeRule {
        rule: Rule {
            id: "javascript/tls-verification-off",
            issue_type: IssueType::Security,
            severity: Severity::High,
            why: "Anybody on the way can answer in the server's place, and read and change what is sent. For a private authority give its certificate as `ca` instead.",
            same_as: &[],
        },
        find: tls_verification_off,
    },
    TreeRule {
        rule: Rule {
            id: "javascript/weak-password-hash",
            issue_type: IssueType::Security,
            severity: Severity::High,
            why: "These are made to be fast, so that billions of passwords can be tried in a second. Use `crypto.scrypt`, bcrypt or argon2 with a salt.",
            same_as: &[],
        },
        find: weak_password_hash,
    },
    TreeRule {
        rule: Rule {
            id: "javascript/guessable-token",
            issue_type: IssueType::Security,
            severity: Severity::High,
            why: "`Math.random` can be predicted from what it gave before. Use `crypto.randomUUID()` or `crypto.getRandomValues`.",
            same_as: &[],
        },
        find: guessable_token,
    },
];

fn eval(code: &Code<'_>, found: &mut Found) {
    for call in code.tree.all("call_expression") {
        let name = callee(call);
        let Some(argument) = arguments(call).next() else { continue };
        let runs_text = match name {
            "eval" | "window.eval" | "globalThis.eval" => true,
            // Only a text is run; most give a function.
            "setTimeout" | "setInterval" => made(argument).is_some() && !argument.is("identifier"),
            _ => false,
        };
        if runs_text && is_somebody_s(argument) {
            found.add(call.start(), format!("`{name}` runs `{}` as code.", short(argument)));
        }
    }
    for new in code.tree.all("new_expression") {
        if new.field_text("constructor") != "Function" {
            continue;
        }
        let Some(body) = arguments(new).last() else { continue };
        if is_somebody_s(body) {
            found.add(new.start(), format!("`new Function` makes code of `{}`.", short(body)));
        }
    }
}

/// Whether a text comes from a parameter or a field, or has such a thing in it. What is put together
/// elsewhere in the file may be the program's own code.
fn is_somebody_s(argument: Node<'_>) -> bool {
    const OF_CODE: &[&str] =
        &["code", "source", "src", "script", "js", "body", "sourceCode", "fn", "func"];
    let from_outside = |node: Node<'_>| {
        let node = bare(node);
        let parameter = node.is("identifier")
            && !OF_CODE.contains(&node.text())
            && node
                .function()
                .is_some_and(|function| super::parameters(function).contains(&node.text()));
        parameter
            || (node.is_any(&["member_expression", "subscript_expression"])
                && !names::is_constant(node.text()))
    };
    let argument = bare(argument);
    from_outside(argument)
        || argument.only_value().is_some_and(from_outside)
        || made(argument).is_some_and(|text| text.holes.into_iter().any(from_outside))
}

fn shell_command(code: &Code<'_>, found: &mut Found) {
    if !uses_module(code, "child_process") {
        return;
    }
    for call in code.tree.all("call_expression") {
        let by_module = receiver(call)
            .is_some_and(|on| matches!(on.text(), "child_process" | "cp" | "childProcess"));
        let plain = receiver(call).is_none();
        if !matches!(method(call), "exec" | "execSync") || !(by_module || plain) {
            continue;
        }
        let Some(text) = arguments(call).next().and_then(made) else { continue };
        if text.holes.iter().any(|hole| is_open(*hole)) {
            found.add(
                call.start(),
                format!("`{}` gives a shell a command with values put into it.", callee(call)),
            );
        }
    }
}

/// Whether a value may be anything: what was computed on the way may have been made fit for a shell.
fn is_open(hole: Node<'_>) -> bool {
    let is_computed = |node: Node<'_>| node.is("call_expression");
    !is_harmless(hole)
        && !matches!(hole.text(), "__dirname" | "__filename")
        && !is_computed(hole)
        && !hole.only_value().is_some_and(is_computed)
}

fn sql_text(code: &Code<'_>, found: &mut Found) {
    for call in code.tree.all("call_expression") {
        let asks = matches!(
            method(call),
            "query"
                | "execute"
                | "raw"
                | "exec"
                | "prepare"
                | "all"
                | "run"
                | "get"
                | "each"
                | "$queryRawUnsafe"
                | "$executeRawUnsafe"
                | "queryRaw"
        );
        if !asks || receiver(call).is_none() {
            continue;
        }
        let Some(text) = arguments(call).next().and_then(made) else { continue };
        if text.is_open_sql() {
            found.add(
                call.start(),
                format!("`{}` gets an SQL statement with values put into its text.", method(call)),
            );
        }
    }
}

fn backtracking(code: &Code<'_>, found: &mut Found) {
    for regex in code.tree.all("regex") {
        if patterns::backtracks(regex.field_text("pattern")) {
            found.add(regex.start(), "A repetition is repeated in this expression.");
        }
    }
    for new in code.tree.all("new_expression") {
        let pattern =
            (new.field_text("constructor") == "RegExp").then(|| arguments(new).next()).flatten();
        // A backslash is written twice in a text.
        if pattern
            .and_then(literal)
            .is_some_and(|text| patterns::backtracks(&text.replace("\\\\", "\\")))
        {
            found.add(new.start(), "A repetition is repeated in this expression.");
        }
    }
}

fn tls_verification_off(code: &Code<'_>, found: &mut Found) {
    for pair in code.tree.all("pair") {
        let key = pair.field_text("key").trim_matches(['"', '\'']);
        if key == "rejectUnauthorized"
            && pair.field("value").is_some_and(|value| value.is("false"))
            && !code.is_test
        {
            found.add(
                pair.start(),
                "The server's certificate is not checked (`rejectUnauthorized: false`).",
            );
        }
    }
    for assignment in code.tree.all("assignment_expression") {
        let left = assignment.field_text("left");
        let off = assignment
            .field("right")
            .is_some_and(|right| literal(right) == Some("0") || right.text() == "0");
        if left.ends_with("NODE_TLS_REJECT_UNAUTHORIZED") && off && !code.is_test {
            found.add(
                assignment.start(),
                "No certificate is checked in the whole process from here on.",
            );
        }
    }
}

fn weak_password_hash(code: &Code<'_>, found: &mut Found) {
    for call in code.tree.all("call_expression") {
        if method(call) != "update" {
            continue;
        }
        let Some(made) = receiver(call)
            .map(bare)
            .filter(|on| on.is("call_expression") && method(*on) == "createHash")
        else {
            continue;
        };
        let Some(kind) = arguments(made).next().and_then(literal) else { continue };
        let Some(argument) = arguments(call).next() else { continue };
        let named = argument.descendants().chain([argument]).find(|node| {
            node.is_any(&["identifier", "property_identifier"]) && names::is_password(node.text())
        });
        if let (Some(named), "md5" | "sha1" | "sha256" | "sha512") = (named, kind) {
            found.add(call.start(), format!("`{}` is hashed by {kind}.", named.text()));
        }
    }
}

fn guessable_token(code: &Code<'_>, found: &mut Found) {
    if code.is_test {
        return;
    }
    for call in code.tree.all("call_expression") {
        if callee(call) != "Math.random" {
            continue;
        }
        let around = call.ancestors().take(12).find(|outer| {
            outer.is_any(&[
                "variable_declarator",
                "assignment_expression",
                "pair",
                "return_statement",
            ]) || outer.is_function()
        });
        let Some(around) = around else { continue };
        let name = match around.kind() {
            "variable_declarator" => around.field_text("name"),
            "assignment_expression" => around.field_text("left"),
            "pair" => around.field_text("key"),
            _ => continue,
        };
        let last = name.rsplit('.').next().unwrap_or_default();
        let inside = call.function().map_or("", |function| function.field_text("name"));
        if names::is_unguessable(last) || (last == "token" && names::speaks_of_login(inside)) {
            found.add(
                call.start(),
                format!("`{last}` is made by `Math.random`, which can be predicted."),
            );
        }
    }
}
