//! Text that becomes a command or a statement; certificates that nobody checks.

use syn::{Expr, Lit};

use super::super::{Found, Rule, names, patterns};
use super::read::{Formatted, bare, call, chain, formatted, name_of, text_literal};
use super::{Cx, Look, RustRule};
use crate::domain::fix::{IssueType, Severity};
use crate::source::rust::file::{bytes, range_of};

pub(super) const RULES: &[RustRule] = &[
    RustRule {
        rule: Rule {
            id: "rust/sql-text",
            issue_type: IssueType::Security,
            severity: Severity::High,
            why: "A value with a quote in it changes what the statement does. Write placeholders and bind the values.",
            same_as: &[],
        },
        look: Look::Expr(sql_text),
    },
    RustRule {
        rule: Rule {
            id: "rust/shell-command",
            issue_type: IssueType::Security,
            severity: Severity::High,
            why: "A value with `;` or `$(…)` in it runs commands of its own. Start the program itself and give each argument by `arg`.",
            same_as: &[],
        },
        look: Look::Expr(shell_command),
    },
    RustRule {
        rule: Rule {
            id: "rust/tls-verification-off",
            issue_type: IssueType::Security,
            severity: Severity::High,
            why: "Anybody on the way can answer in the server's place, and read and change what is sent. For a private authority add its certificate instead.",
            same_as: &[],
        },
        look: Look::Expr(tls_off),
    },
    RustRule {
        rule: Rule {
            id: "rust/weak-password-hash",
            issue_type: IssueType::Security,
            severity: Severity::High,
            why: "These are made to be fast, so that billions of passwords can be tried in a second. Use argon2, scrypt or bcrypt with a salt.",
            same_as: &[],
        },
        look: Look::Expr(weak_hash),
    },
];

/// What an argument was formatted from, directly or by way of one name.
fn made(cx: &Cx<'_>, expr: &Expr) -> Option<Formatted> {
    if let Some(formatted) = formatted(expr) {
        return Some(formatted);
    }
    let mut at = bare(expr);
    if let Expr::MethodCall(call) = at
        && call.method == "as_str"
    {
        at = &call.receiver;
    }
    cx.around.functions.last()?.formatted.get(&name_of(at)?)?.clone()
}

fn sql_text(cx: &Cx<'_>, expr: &Expr, found: &mut Found) {
    const ASKING: &[&str] = &[
        "query",
        "execute",
        "prepare",
        "query_row",
        "query_one",
        "query_opt",
        "query_as",
        "query_scalar",
        "query_map",
        "batch_execute",
        "execute_batch",
        "sql_query",
        "raw_sql",
        "prepare_cached",
        "simple_query",
        "fetch_all",
        "fetch_one",
    ];
    if cx.around.is_test() {
        return;
    }
    let (name, argument) = match expr {
        Expr::MethodCall(call) => (call.method.to_string(), call.args.first()),
        _ => match call(expr) {
            Some((path, call)) => {
                (path.rsplit("::").next().unwrap_or_default().to_owned(), call.args.first())
            }
            None => return,
        },
    };
    let Some(argument) = argument.filter(|_| ASKING.contains(&name.as_str())) else { return };
    let Some(text) = made(cx, argument) else { return };
    let harmless = |hole: &String| {
        let small = hole.to_ascii_lowercase();
        names::is_constant(hole.rsplit("::").next().unwrap_or_default())
            || ["placeholder", "marks", "param", "binds", "quote", "escape"]
                .iter()
                .any(|word| small.contains(word))
    };
    let written = patterns::brace_holes(&text.written);
    let has_value = patterns::value_holes(&written).any(|is_value| is_value);
    if patterns::is_sql(&written) && has_value && !text.holes.iter().all(harmless) {
        found.add(
            range_of(argument).start,
            format!("`{name}` gets an SQL statement with values put into its text."),
        );
    }
}

fn shell_command(cx: &Cx<'_>, expr: &Expr, found: &mut Found) {
    let Expr::MethodCall(call_arg) = expr else { return };
    if cx.around.is_test() {
        return;
    }
    let text = if call_arg.method == "arg" {
        call_arg.args.first().and_then(|argument| made(cx, argument))
    } else if call_arg.method == "args" {
        match call_arg.args.first().map(bare) {
            Some(Expr::Array(array)) => array.elems.last().and_then(|argument| made(cx, argument)),
            _ => None,
        }
    } else {
        return;
    };
    let quoted = |hole: &String| {
        ["escape", "quote"].iter().any(|word| hole.to_ascii_lowercase().contains(word))
    };
    if text.is_none_or(|text| text.holes.iter().all(quoted)) {
        return;
    }
    let links: Vec<&Expr> = chain(expr).collect();
    let shell =
        links.last().and_then(|one| call(one)).filter(|(path, _)| path.ends_with("Command::new"));
    let program = shell.and_then(|(_, call)| call.args.first()).and_then(text_literal);
    let is_shell = program.is_some_and(|name| {
        matches!(
            name.rsplit('/').next().unwrap_or_default(),
            "sh" | "bash" | "zsh" | "dash" | "cmd" | "cmd.exe" | "powershell"
        )
    });
    let with_text = links.iter().any(|one| {
        let Expr::MethodCall(call) = one else { return false };
        let is_switch = |expr: &Expr| {
            text_literal(expr).is_some_and(|text| {
                matches!(text.as_str(), "-c" | "/C" | "/c" | "-lc" | "-Command")
            })
        };
        call.args.iter().any(|argument| match bare(argument) {
            Expr::Array(array) => array.elems.iter().any(is_switch),
            one => is_switch(one),
        })
    });
    if is_shell && with_text {
        found.add(
            bytes(call_arg.method.span()).start,
            "A shell gets a command with values put into it.",
        );
    }
}

fn tls_off(cx: &Cx<'_>, expr: &Expr, found: &mut Found) {
    let Expr::MethodCall(call) = expr else { return };
    if cx.around.is_test() {
        return;
    }
    let is_true = matches!(call.args.first(), Some(Expr::Lit(syn::ExprLit { lit: Lit::Bool(value), .. })) if value.value);
    let name = call.method.to_string();
    let off = match name.as_str() {
        "danger_accept_invalid_certs" | "danger_accept_invalid_hostnames" => is_true,
        "set_verify" => call.args.first().is_some_and(|mode| {
            super::read::path_of(mode).is_some_and(|path| path.ends_with("SslVerifyMode::NONE"))
        }),
        _ => false,
    };
    // Where a person or a setting asks for it, it is no mistake.
    let asked = cx.around.conditions.iter().any(|condition| {
        let small = condition.to_ascii_lowercase();
        ["verif", "insecure", "accept", "invalid", "trust", "skip", "danger", "check"]
            .iter()
            .any(|word| small.contains(word))
    });
    if off && !asked {
        found.add(
            bytes(call.method.span()).start,
            format!("The server's certificate is not checked (`{name}`)."),
        );
    }
}

fn weak_hash(cx: &Cx<'_>, expr: &Expr, found: &mut Found) {
    let Some((path, call)) = call(expr) else { return };
    let full = cx.around.resolve(&path);
    let hash = full.rsplit("::").nth(1).unwrap_or_default().to_ascii_lowercase();
    let is_fast = matches!(hash.as_str(), "md5" | "sha1" | "sha256" | "sha512")
        && matches!(full.rsplit("::").next(), Some("digest" | "compute"));
    let Some(argument) = call.args.first().filter(|_| is_fast && !cx.around.is_test()) else {
        return;
    };
    if names::speaks_of_password(cx.file.slice(range_of(argument))) {
        found.add(range_of(expr).start, format!("A password is hashed by {hash}."));
    }
}
