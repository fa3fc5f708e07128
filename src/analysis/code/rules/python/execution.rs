//! Text or data that becomes code: eval, shells, SQL, YAML, pickles.

use super::super::super::tree::Node;
use super::super::{Code, Edit, Found, Rule, TreeRule, names};
use super::{
    callee, imports, imports_from, keyword, literal, made, method, parameters, positional,
    receiver, unpacks,
};
use crate::domain::fix::{IssueType, Severity};

pub(super) const RULES: &[TreeRule] = &[
    TreeRule {
        rule: Rule {
            id: "python/eval",
            issue_type: IssueType::Security,
            severity: Severity::High,
            why: "Whoever can influence the text runs what he likes with the program's rights. For data there is `ast.literal_eval` or `json.loads`; for names, a dictionary.",
            same_as: &["S307", "S102", "PGH001"],
        },
        find: eval,
    },
    TreeRule {
        rule: Rule {
            id: "python/shell-command",
            issue_type: IssueType::Security,
            severity: Severity::High,
            why: "A value with `;` or `$(…)` in it runs commands of its own. Pass a list of arguments, without a shell.",
            same_as: &["S602", "S605", "S604"],
        },
        find: shell_command,
    },
    TreeRule {
        rule: Rule {
            id: "python/sql-text",
            issue_type: IssueType::Security,
            severity: Severity::High,
            why: "A value with a quote in it changes what the statement does. Write placeholders and pass the values beside them.",
            same_as: &["S608"],
        },
        find: sql_text,
    },
    TreeRule {
        rule: Rule {
            id: "python/yaml-load",
            issue_type: IssueType::Security,
            severity: Severity::High,
            why: "A document can name any class and have it made, which runs code; newer versions refuse the call without a loader.",
            same_as: &["S506"],
        },
        find: yaml_load,
    },
    TreeRule {
        rule: Rule {
            id: "python/pickle-from-outside",
            issue_type: IssueType::Security,
            severity: Severity::Critical,
            why: "A pickle says which functions to call when it is read; one from outside runs what its sender likes.",
            same_as: &["S301"],
        },
        find: pickle_from_outside,
    },
    TreeRule {
        rule: Rule {
            id: "python/mktemp",
            issue_type: IssueType::Security,
            severity: Severity::Medium,
            why: "Between the name and the opening somebody else can put a file or a link there. `tempfile.mkstemp` and `NamedTemporaryFile` open it at once.",
            same_as: &["S306"],
        },
        find: mktemp,
    },
    TreeRule {
        rule: Rule {
            id: "python/weak-password-hash",
            issue_type: IssueType::Security,
            severity: Severity::High,
            why: "These are made to be fast, so that billions of passwords can be tried in a second. Use `hashlib.scrypt`, bcrypt or argon2 with a salt.",
            same_as: &["S324"],
        },
        find: weak_password_hash,
    },
    TreeRule {
        rule: Rule {
            id: "python/guessable-token",
            issue_type: IssueType::Security,
            severity: Severity::High,
            why: "`random` can be predicted from what it gave before. Use the module `secrets`.",
            same_as: &["S311"],
        },
        find: guessable_token,
    },
];

fn eval(code: &Code<'_>, found: &mut Found) {
    for call in code.tree.all("call") {
        let name = callee(call);
        if !matches!(name, "eval" | "exec") {
            continue;
        }
        let Some(argument) = positional(call).next() else { continue };
        // Who gives the names that the text may use means to run it; not what a client sends, though.
        let on_purpose = positional(call).nth(1).is_some() && !argument.mentions("request");
        if on_purpose || !is_somebody_s(argument) {
            continue;
        }
        found.add(call.start(), format!("`{name}` runs `{}` as code.", short(argument)));
    }
}

/// Whether a text comes from a file, a user, a parameter. Code objects and texts that are put together
/// here are the program's own.
fn is_somebody_s(argument: Node<'_>) -> bool {
    const OF_CODE: &[&str] = &[
        "code",
        "co",
        "codeobj",
        "bytecode",
        "c",
        "compiled",
        "definition",
        "cmd",
        "statement",
        "stmt",
    ];
    const READING: &[&str] = &[
        "read",
        "input",
        "readline",
        "recv",
        "get",
        "getvalue",
        "decode",
        "strip",
        "group",
        "argv",
        "environ",
        "read_text",
    ];
    let is_parameter = |node: Node<'_>| {
        node.is("identifier")
            && !OF_CODE.contains(&node.text())
            && node.function().is_some_and(|function| parameters(function).contains(&node.text()))
    };
    if is_parameter(argument) {
        return true;
    }
    let Some(value) = argument.only_value() else { return false };
    match value.kind() {
        "call" => {
            callee(value) == "input"
                || (READING.contains(&method(value))
                    && receiver(value).is_some_and(|on| literal(on).is_none()))
        }
        "subscript" => value.field("value").is_some_and(|of| !names::is_constant(of.text())),
        _ => false,
    }
}

fn short(node: Node<'_>) -> String {
    node.text().chars().take(40).map(|c| if c.is_whitespace() { ' ' } else { c }).collect()
}

fn shell_command(code: &Code<'_>, found: &mut Found) {
    for call in code.tree.all("call") {
        let name = callee(call);
        let in_shell = match name {
            "os.system" | "os.popen" | "subprocess.getoutput" | "subprocess.getstatusoutput" => {
                true
            }
            "asyncio.create_subprocess_shell" => true,
            "subprocess.run"
            | "subprocess.call"
            | "subprocess.Popen"
            | "subprocess.check_call"
            | "subprocess.check_output"
            | "Popen"
            | "check_output"
            | "check_call" => keyword(call, "shell").is_some_and(|value| value.is("true")),
            _ => false,
        };
        if !in_shell {
            continue;
        }
        let Some(text) = positional(call).next().and_then(made) else { continue };
        let quoted = text.holes.iter().all(|hole| {
            matches!(
                callee_of(*hole),
                "shlex.quote" | "quote" | "pipes.quote" | "shlex.join" | "os.getpid"
            )
        });
        if !quoted && !text.is_harmless() {
            found.add(
                call.start(),
                format!("`{name}` gives a shell a command with values put into it."),
            );
        }
    }
}

fn callee_of<'t>(node: Node<'t>) -> &'t str {
    if node.is("call") { callee(node) } else { "" }
}

fn sql_text(code: &Code<'_>, found: &mut Found) {
    for call in code.tree.all("call") {
        let asks = matches!(
            method(call),
            "execute"
                | "executemany"
                | "executescript"
                | "raw"
                | "read_sql"
                | "read_sql_query"
                | "text"
                | "fetch"
                | "fetchrow"
                | "fetchval"
        );
        if !asks || callee(call) == "execute" {
            continue;
        }
        let Some(text) = positional(call).next().and_then(made) else { continue };
        if text.is_open_sql() {
            found.add(
                call.start(),
                format!("`{}` gets an SQL statement with values put into its text.", method(call)),
            );
        }
    }
}

fn yaml_load(code: &Code<'_>, found: &mut Found) {
    if !imports(code.tree.root(), "yaml") {
        return;
    }
    for call in code.tree.all("call") {
        if !matches!(callee(call), "yaml.load" | "yaml.load_all" | "yaml.unsafe_load")
            || unpacks(call)
        {
            continue;
        }
        let mut arguments = positional(call);
        let (Some(_), second) = (arguments.next(), arguments.next()) else { continue };
        let loader = second.or_else(|| keyword(call, "Loader"));
        let is_open = callee(call) == "yaml.unsafe_load"
            || loader.is_none_or(|loader| {
                matches!(
                    loader.text(),
                    "yaml.Loader"
                        | "yaml.UnsafeLoader"
                        | "Loader"
                        | "UnsafeLoader"
                        | "yaml.CLoader"
                )
            });
        if !is_open {
            continue;
        }
        let function = call.field("function").and_then(|function| function.field("attribute"));
        let edit = function.filter(|_| loader.is_none()).map(|name| {
            let safe = if name.text() == "load_all" { "safe_load_all" } else { "safe_load" };
            Edit::logic(format!("Use yaml.{safe}"), name.range(), safe)
        });
        found.add_with(
            call.start(),
            format!("`{}` makes whatever objects the document names.", callee(call)),
            edit,
        );
    }
}

fn pickle_from_outside(code: &Code<'_>, found: &mut Found) {
    const OUTSIDE: &[&str] = &["request", "recv", "cookies", "urlopen", "sock", "socket"];
    for call in code.tree.all("call") {
        if !matches!(
            callee(call),
            "pickle.loads"
                | "cPickle.loads"
                | "dill.loads"
                | "pickle.load"
                | "marshal.loads"
                | "jsonpickle.decode"
        ) {
            continue;
        }
        let Some(argument) = positional(call).next() else { continue };
        let Some(value) = argument.only_value() else { continue };
        let outside = [argument, value]
            .into_iter()
            .flat_map(Node::descendants)
            .chain([argument, value])
            .find(|node| node.is("identifier") && OUTSIDE.contains(&node.text()));
        if let Some(outside) = outside {
            found.add(
                call.start(),
                format!(
                    "`{}` reads what comes from outside by way of `{}`.",
                    callee(call),
                    outside.text()
                ),
            );
        }
    }
}

fn mktemp(code: &Code<'_>, found: &mut Found) {
    let root = code.tree.root();
    let by_name = imports_from(root, "tempfile", "mktemp");
    for call in code.tree.all("call") {
        let name = callee(call);
        // On Windows it also names pipes, which are no files.
        let names_file = name == "tempfile.mktemp" || (by_name && name == "mktemp");
        if names_file && !call.says(&["pipe"]) {
            found.add(call.start(), "`mktemp` gives a name for a file that does not exist yet.");
        }
    }
}

fn weak_password_hash(code: &Code<'_>, found: &mut Found) {
    for call in code.tree.all("call") {
        let name = callee(call);
        if !matches!(
            name,
            "hashlib.md5" | "hashlib.sha1" | "hashlib.sha256" | "hashlib.sha512" | "md5" | "sha1"
        ) {
            continue;
        }
        let Some(argument) = positional(call).next() else { continue };
        let named = argument
            .descendants()
            .chain([argument])
            .find(|node| node.is("identifier") && names::is_password(node.text()));
        if let Some(named) = named {
            found.add(call.start(), format!("`{}` is hashed by `{name}`.", named.text()));
        }
    }
}

fn guessable_token(code: &Code<'_>, found: &mut Found) {
    const GUESSABLE: &[&str] = &[
        "choice",
        "choices",
        "randint",
        "random",
        "randrange",
        "getrandbits",
        "sample",
        "randbytes",
    ];
    if code.is_test || !imports(code.tree.root(), "random") {
        return;
    }
    for call in code.tree.all("call") {
        let from_random =
            receiver(call).is_some_and(|on| on.is("identifier") && on.text() == "random");
        if !from_random || !GUESSABLE.contains(&method(call)) {
            continue;
        }
        let assignment = call
            .ancestors()
            .take(12)
            .find(|outer| outer.is("assignment") || outer.kind().ends_with("_statement"));
        let name =
            assignment.filter(|one| one.is("assignment")).map_or("", |one| one.field_text("left"));
        let last = name.rsplit('.').next().unwrap_or_default();
        let inside = call.function().map_or("", |function| function.field_text("name"));
        if names::is_unguessable(last) || (last == "token" && names::speaks_of_login(inside)) {
            found.add(
                call.start(),
                format!("`{name}` is made by `random`, which can be predicted."),
            );
        }
    }
}
