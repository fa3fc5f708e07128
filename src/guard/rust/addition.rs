//! Adding imports: only a name that rustc could not resolve, at the one place that rustc itself offers.

use std::collections::BTreeSet;

use crate::domain::diagnostic::Diagnostic;
use crate::domain::facts::{CheckWay, CompilerFacts, RunOutcome};
use crate::domain::fix::ProvedClass;
use crate::domain::verdict::VerdictPart;

use super::imports::Leaf;
use super::lex::Kind;
use super::moves::{Moved, Moves};
use super::side::Side;
use super::syntax::{Scope, ScopeKind};
use super::{Change, evidence, known, standard};

/// rustc's codes for a name that it cannot resolve and that an import could bring.
const UNRESOLVED_CODES: &[&str] = &[
    "E0404", "E0405", "E0408", "E0411", "E0412", "E0422", "E0423", "E0425", "E0433", "E0531",
    "E0532", "E0573", "E0574",
];

/// Proves that every added import is the only one that could have been meant.
pub(super) fn prove(
    change: &Change<'_>,
    (before, after): (&Side<'_>, &Side<'_>),
    moves: &Moves,
    code_start: usize,
) -> Result<VerdictPart, String> {
    let names = moves.added.iter().map(|added| added.leaf.shown()).collect::<Vec<_>>().join("`, `");
    for added in &moves.added {
        if let Some(why) = refusal_by_text(before, after, added) {
            return Err(format!(
                "line {}: the added import `{}` {why}",
                added.line,
                added.leaf.shown()
            ));
        }
    }
    let Some(facts) = change.facts else {
        return Err(format!(
            "the addition of `{names}` needs what the compiler says before and after, and it was not given"
        ));
    };
    for added in &moves.added {
        check_candidates(change, (before, after), added, code_start, facts).map_err(|why| {
            format!("line {}: the added import `{}` {why}", added.line, added.leaf.shown())
        })?;
    }
    check_after(moves, facts)?;
    Ok(VerdictPart {
        class: ProvedClass::Import,
        rule: "import.add_unresolved".to_owned(),
        proof: format!(
            "`{names}` was unresolved, is the only candidate that rustc offers, and the errors are gone \
             without a new one"
        ),
    })
}

fn refusal_by_text(before: &Side<'_>, after: &Side<'_>, added: &Moved) -> Option<String> {
    let leaf = &added.leaf;
    let name = leaf.name();
    if after.syntax.scopes.get(added.scope)?.kind == ScopeKind::Block {
        return Some("stands inside a block of code, which is not proved".to_owned());
    }
    if leaf.alias.is_some() || leaf.path.ends_with('}') || !leaf.path.contains("::") {
        return Some("is not a plain path to an item".to_owned());
    }
    let twin = known::PRELUDE_TWINS.contains(&name);
    if known::PRELUDE_NAMES.contains(&name) && !twin || known::is_builtin_macro(name) {
        return Some("takes the place of a name that is known everywhere".to_owned());
    }
    let tokens = &before.tokens;
    for at in 1..tokens.list.len() {
        let defines = matches!(
            tokens.at(at - 1),
            "struct"
                | "enum"
                | "union"
                | "fn"
                | "mod"
                | "trait"
                | "type"
                | "const"
                | "static"
                | "crate"
        ) || tokens.at(at - 1) == "!"
            && tokens.at(at.saturating_sub(2)) == "macro_rules";
        if defines && tokens.kind(at) == Some(Kind::Ident) && tokens.at(at) == name {
            return Some(format!("has a name that the file defines on line {}", before.line(at)));
        }
    }
    let twice = after
        .syntax
        .uses
        .iter()
        .filter(|item| item.scope == added.scope)
        .flat_map(|item| &item.leaves)
        .filter(|other| other.name() == name)
        .count();
    (twice != 1).then(|| "binds a name that another import binds".to_owned())
}

/// Whether this is an error about the unresolved `name`.
fn is_about(diagnostic: &Diagnostic, name: &str) -> bool {
    diagnostic.code.as_deref().is_some_and(|code| UNRESOLVED_CODES.contains(&code))
        && evidence::quoted(&diagnostic.message).any(|quoted| quoted == name)
}

fn check_candidates(
    change: &Change<'_>,
    (before, after): (&Side<'_>, &Side<'_>),
    added: &Moved,
    code_start: usize,
    facts: &CompilerFacts,
) -> Result<(), String> {
    let name = added.leaf.name();
    let module = module_number(&after.syntax.scopes, added.scope);
    let mut candidates: BTreeSet<String> = BTreeSet::new();
    let mut offered: BTreeSet<String> = BTreeSet::new();
    let mut starts: Vec<usize> = Vec::new();
    let mut is_trait = false;
    let conditional = after.syntax.scopes.get(added.scope).is_some_and(|scope| scope.conditional);
    for run in facts.before.iter().filter(|run| run.outcome != RunOutcome::NotRun) {
        // Where the name means something already, the import would change that.
        if !conditional && !evidence::errors(run).any(|diagnostic| is_about(diagnostic, name)) {
            return Err(format!("has a name that rustc ({}) did not miss before", run.way));
        }
        for diagnostic in evidence::errors(run).filter(|diagnostic| is_about(diagnostic, name)) {
            let Some(span) = diagnostic.primary().filter(|span| span.file == change.path) else {
                continue;
            };
            let range = evidence::code_range(span, change.path, change.before, code_start);
            let Some((start, end)) = range else {
                return Err("has an error whose place does not fit the file".to_owned());
            };
            if before.tokens.text.get(start..end) != Some(name) {
                return Err("has an error whose place does not fit the file".to_owned());
            }
            if module_at(before, before.tokens.index_at(start)) != module {
                return Err("is not in the module where the name is missing".to_owned());
            }
            starts.push(start);
            is_trait |= diagnostic.code.as_deref() == Some("E0405");
            is_trait |= read_suggestions(diagnostic, &mut candidates, &mut offered)?;
        }
    }
    if starts.is_empty() {
        return Err("has a name that rustc did not miss before".to_owned());
    }
    if candidates.len() != 1 {
        let list = offered.iter().map(|path| format!("`{path}`")).collect::<Vec<_>>().join(", ");
        return Err(format!("has {} candidates: {list}", candidates.len()));
    }
    let path = added.leaf.path.trim_start_matches("::");
    if !offered.contains(path) {
        return Err("is not the path that rustc offers".to_owned());
    }
    let root = path.split("::").next().unwrap_or("");
    if matches!(root, "core" | "alloc")
        && offered.iter().any(|other| other.starts_with("std::"))
        && !is_without_std(before)
    {
        return Err("has a twin under `std`, which is the usual one".to_owned());
    }
    if is_trait && !is_quiet_trait(before, root, name) {
        return Err("is a trait, whose methods may change what other calls mean".to_owned());
    }
    check_mentions(before, module, name, &starts)
}

/// Collects what a diagnostic offers. Answers whether a trait is among it; an offer of another kind, such
/// as a similar name, makes the case a person's.
fn read_suggestions(
    diagnostic: &Diagnostic,
    candidates: &mut BTreeSet<String>,
    offered: &mut BTreeSet<String>,
) -> Result<bool, String> {
    let mut is_trait = false;
    for suggestion in &diagnostic.suggestions {
        if suggestion.message.contains("similar name") {
            return Err("could also be a misspelt name".to_owned());
        }
        for line in suggestion.replacements.iter().flat_map(|replacement| replacement.text.lines())
        {
            let Some(path) =
                line.trim().strip_prefix("use ").and_then(|rest| rest.strip_suffix(';'))
            else {
                continue;
            };
            let path = path.trim().trim_start_matches("::").to_owned();
            is_trait |= suggestion.message.contains("trait");
            let (root, rest) = path.split_once("::").unwrap_or(("", &path));
            candidates.insert(match root {
                "core" | "alloc" => format!("std::{rest}"),
                _ => path.clone(),
            });
            offered.insert(path);
        }
    }
    Ok(is_trait)
}

/// Whether a trait of the standard library has, in this file, no method that a call could mean.
fn is_quiet_trait(side: &Side<'_>, root: &str, name: &str) -> bool {
    let methods = standard::QUIET_TRAITS.iter().find(|(known, _)| *known == name);
    let Some((_, methods)) = methods else { return false };
    let tokens = &side.tokens;
    matches!(root, "std" | "core" | "alloc")
        && !(1..tokens.list.len())
            .any(|at| methods.contains(&tokens.name(at)) && tokens.at(at - 1) == ".")
}

/// Every other mention of the name must be one that rustc missed too. One that is not has a meaning, which
/// the import may take away: a glob's or an outer module's item in another namespace, a binding in a
/// pattern (which an imported constant turns into a comparison), something imported inside a macro. In
/// other modules only those count that see this one through a glob.
fn check_mentions(
    before: &Side<'_>,
    module: usize,
    name: &str,
    starts: &[usize],
) -> Result<(), String> {
    let with_globs: BTreeSet<usize> = before
        .syntax
        .uses
        .iter()
        .filter(|item| item.leaves.iter().any(Leaf::is_glob))
        .map(|item| module_at(before, item.tokens.start))
        .collect();
    let plain = name.strip_prefix("r#").unwrap_or(name);
    for at in 0..before.tokens.list.len() {
        if before.tokens.name(at) != plain || before.tokens.kind(at) != Some(Kind::Ident) {
            continue;
        }
        let previous = at.checked_sub(1).map_or("", |i| before.tokens.at(i));
        let start = before.tokens.list.get(at).map_or(0, |token| token.start as usize);
        let inside = module_at(before, at);
        let in_macro_use =
            previous == ":" && before.places[at].region != super::region::Region::Code;
        if (!matches!(previous, "." | ":") || in_macro_use)
            && (inside == module || with_globs.contains(&inside))
            && !starts.contains(&start)
        {
            return Err(format!(
                "may hide what `{name}` means on line {}, where rustc did not miss it",
                before.line(at)
            ));
        }
    }
    Ok(())
}

fn is_without_std(side: &Side<'_>) -> bool {
    let tokens = &side.tokens;
    let has = |word: &str| (0..tokens.list.len()).any(|at| tokens.at(at) == word);
    has("no_std") || !has("std") && (has("core") || has("alloc"))
}

/// The number of a module scope among the module scopes; both sides have the same ones.
fn module_number(scopes: &[Scope], scope: usize) -> usize {
    scopes[..scope.min(scopes.len())].iter().filter(|other| other.kind == ScopeKind::Module).count()
}

/// The number of the innermost module around a token.
fn module_at(side: &Side<'_>, token: usize) -> usize {
    let modules = side.syntax.scopes.iter().filter(|scope| scope.kind == ScopeKind::Module);
    let around = |scope: &Scope| {
        scope.open.is_none_or(|open| open < token && token < side.tokens.partner(open))
    };
    modules
        .enumerate()
        .filter(|(_, scope)| around(scope))
        .map(|(number, _)| number)
        .last()
        .unwrap_or(0)
}

/// The errors of every way that ran are fewer, and none is new.
fn check_after(moves: &Moves, facts: &CompilerFacts) -> Result<(), String> {
    if evidence::run(&facts.before, CheckWay::Plain).is_none() {
        return Err("the addition needs a plain check before".to_owned());
    }
    for way in CheckWay::ALL {
        let Some(old) = evidence::run(&facts.before, *way) else { continue };
        let Some(new) = evidence::run(&facts.after, *way) else {
            return Err(format!(
                "the addition needs a check ({way}) after, as there was one before"
            ));
        };
        if let Some(fresh) = evidence::first_new(evidence::errors(old), evidence::errors(new)) {
            return Err(format!("the check ({way}) after has a new error: {}", fresh.message));
        }
        let (had, has) = (evidence::errors(old).count(), evidence::errors(new).count());
        if new.outcome != RunOutcome::Passed && has >= had {
            return Err(format!("the check ({way}) after has no fewer errors than before"));
        }
        for added in &moves.added {
            let name = added.leaf.name();
            if evidence::errors(new).any(|diagnostic| is_about(diagnostic, name)) {
                return Err(format!("`{name}` is still unresolved ({way}) after the change"));
            }
            let unused = evidence::said(new).any(|diagnostic| {
                evidence::is_unused_import(diagnostic)
                    && evidence::quoted(&diagnostic.message)
                        .any(|quoted| quoted.rsplit("::").next() == Some(name))
            });
            if unused && *way == CheckWay::Plain {
                return Err(format!("rustc calls the added import `{name}` unused"));
            }
        }
    }
    Ok(())
}
