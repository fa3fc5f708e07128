//! Whether anything in a file names what an import binds: in its code, in texts that look like code
//! (annotations, `__all__`, names of what is to be patched), or in ways that cannot be seen.

use ruff_python_ast::token::TokenKind;

use super::imports::Leaf;
use super::side::Side;

/// Files whose imports are for others.
const FOR_OTHERS: &[&str] =
    &["__init__.py", "__main__.py", "conftest.py", "compat.py", "_compat.py"];

/// Functions by which code reaches names that it does not spell, wherever they are named.
const REACH_ALL: &[&str] = &["exec", "eval", "globals"];

/// Those that do it when they are called with nothing.
const REACH_OWN: &[&str] = &["locals", "vars", "dir"];

/// Refuses to let imports go that something may name.
pub(super) fn refuse_used(path: &str, removed: &[Leaf], after: &Side<'_>) -> Result<(), String> {
    let Some(first) = removed.first() else { return Ok(()) };
    let file = path.rsplit('/').next().unwrap_or(path);
    if FOR_OTHERS.contains(&file) {
        return Err(format!(
            "`{}` is gone from a file whose imports are for others",
            first.shown()
        ));
    }
    let names: Vec<&str> = after
        .of_kind(|kind| kind == TokenKind::Name)
        .into_iter()
        .map(|token| &after.code[token])
        .collect();
    if let Some(reach) = reaches_all(after) {
        return Err(format!("`{reach}` can reach every name of the file"));
    }
    let texts = texts(after);
    for leaf in removed {
        let name = leaf.bound();
        match leaf {
            Leaf::Module { module, alias: None } if module.contains('.') => {
                return Err(format!(
                    "`{}` makes the submodule known to whoever has the package",
                    leaf.shown()
                ));
            }
            Leaf::Module { alias: Some(alias), module } if alias == module => {
                return Err(format!("`{}` gives the name on to others", leaf.shown()));
            }
            Leaf::Member { alias: Some(alias), name, .. } if alias == name => {
                return Err(format!("`{}` gives the name on to others", leaf.shown()));
            }
            _ => {}
        }
        // Names may be spelt in other characters of the same meaning.
        if names.iter().any(|other| *other == name || !other.is_ascii()) {
            return Err(format!("something in the file names `{name}`"));
        }
        if let Some(text) = texts.iter().find(|text| may_name(text, name)) {
            let shown: String = text.chars().take(40).collect();
            return Err(format!("the text `{}` may name `{name}`", shown.escape_debug()));
        }
    }
    Ok(())
}

/// A function of the language, not a method of its name, by which code reaches every name.
fn reaches_all<'t>(side: &Side<'t>) -> Option<&'t str> {
    let tokens = side.of_kind(|kind| {
        !matches!(kind, TokenKind::Comment | TokenKind::Newline | TokenKind::NonLogicalNewline)
    });
    let text = |at: usize| tokens.get(at).map_or("", |token| &side.code[token.clone()]);
    let all = || (0..tokens.len()).map(|at| (at, text(at)));
    let is_method = |at: usize| at > 0 && matches!(text(at - 1), "." | "def");
    // A parameter or variable of the name is not the language's function, as long as it is not called.
    let is_own = |name: &str| {
        all()
            .any(|(at, other)| other == name && !is_method(at) && matches!(text(at + 1), "=" | ":"))
    };
    all().find_map(|(at, name)| {
        let called = text(at + 1) == "(";
        let with_nothing = called && text(at + 2) == ")";
        let reaches = REACH_ALL.contains(&name) && (called || !is_own(name))
            || REACH_OWN.contains(&name) && with_nothing;
        // `sys.modules[__name__]` is the module itself.
        if name == "__name__" && at > 0 && text(at - 1) == "[" {
            return Some("__name__");
        }
        (reaches && !is_method(at)).then_some(name)
    })
}

/// The texts and comments of a file that may be read as code.
fn texts<'t>(side: &Side<'t>) -> Vec<&'t str> {
    let of_strings = |kind| {
        matches!(kind, TokenKind::String | TokenKind::FStringMiddle | TokenKind::TStringMiddle)
    };
    let strings = side.of_kind(of_strings).into_iter();
    let comments = side.tokens.comments.iter().cloned();
    let typed = comments.filter(|comment| side.code[comment.clone()].contains("type:"));
    strings.chain(typed).map(|part| &side.code[part]).collect()
}

/// Whether a text that holds a name as a word may be read as code: it holds nothing but what an expression
/// is made of, or examples that are run.
fn may_name(text: &str, name: &str) -> bool {
    if !holds_word(text, name) {
        return false;
    }
    if text.contains(">>>") || text.contains("type:") {
        return true;
    }
    let is_prose = |text: &str| {
        let inner = text.trim_matches(['"', '\'']);
        // Words with nothing but spaces between them are no expression.
        inner.split_whitespace().zip(inner.split_whitespace().skip(1)).any(|(one, next)| {
            one.ends_with(|c: char| c.is_alphanumeric())
                && next.starts_with(|c: char| c.is_alphanumeric())
                && !is_operator(one)
                && !is_operator(next)
        })
    };
    !is_prose(text)
}

/// Words that join expressions.
fn is_operator(word: &str) -> bool {
    matches!(word, "and" | "or" | "not" | "in" | "is" | "if" | "else" | "for" | "lambda" | "await")
}

fn holds_word(text: &str, name: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(name).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + name.len()..].chars().next();
        !before.is_some_and(is_part) && !after.is_some_and(is_part)
    })
}
