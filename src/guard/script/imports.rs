//! Imports of a file that stand together: the same ones in another order, or fewer of them. `import` of a
//! module, and `const … = require("…")`.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use oxc_ast::ast::{
    Argument, BindingPattern, Expression, ImportDeclaration, ImportDeclarationSpecifier,
    ImportOrExportKind, PropertyKey, Statement, VariableDeclaration,
};
use oxc_span::{ContentEq as _, GetSpan as _};

use super::side::Side;
use super::{names, node, orders};
use crate::domain::fix::ProvedClass;
use crate::domain::verdict::VerdictPart;
use crate::guard::anchors::{line_end, refuse_moved, within};

/// What a name is bound to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Bound {
    /// `import name from`
    Default,
    /// `import * as name from`
    Namespace,
    /// `import { imported as name } from`
    Named(String),
    /// `import "module"`, or with nothing in its braces.
    Nothing(bool),
    /// `const name = require("module")`, with the word that declares.
    Required(String),
    /// `const { key: name } = require("module")`, with the word that declares.
    Taken(String, String),
}

/// One name that an import binds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Leaf {
    /// As it is written.
    module: String,
    /// To what.
    bound: Bound,
    /// The name here.
    pub(super) local: String,
    /// Whether it is only for types: of the whole statement, of the name.
    is_type: (bool, bool),
}

impl Leaf {
    /// For a sentence.
    pub(super) fn shown(&self) -> String {
        match self.bound {
            Bound::Nothing(_) => format!("import \"{}\"", self.module),
            _ => format!("{} of \"{}\"", self.local, self.module),
        }
    }
}

/// An import statement.
struct Import {
    module: String,
    leaves: BTreeSet<Leaf>,
}

impl Import {
    fn is_builtin(&self) -> bool {
        node::is_builtin(&self.module)
    }
}

/// The imports between two other statements of a file.
struct Gap {
    imports: Vec<Import>,
    /// From the first one's start to the end of the last one's line; empty where there is none.
    part: Range<usize>,
}

impl Gap {
    /// Whether these are the same imports in the same order, names within a statement aside.
    fn is_like(&self, other: &Self) -> bool {
        let list = |gap: &Self| -> Vec<(String, BTreeSet<Leaf>)> {
            gap.imports.iter().map(|one| (one.module.clone(), one.leaves.clone())).collect()
        };
        list(self) == list(other)
    }
}

/// Proves that two files differ in the order or the number of their imports only.
pub(super) fn prove(
    path: &str,
    before: &Side<'_>,
    after: &Side<'_>,
) -> Result<Vec<VerdictPart>, String> {
    if !before.program.directives.content_eq(&after.program.directives) {
        return Err("the directives at the head of the file changed".to_owned());
    }
    let (old_rest, old_gaps) = cut(before);
    let (new_rest, new_gaps) = cut(after);
    let differs = old_rest.iter().zip(&new_rest).position(|(a, b)| !a.content_eq(b));
    let differs = differs
        .or_else(|| (old_rest.len() != new_rest.len()).then(|| old_rest.len().min(new_rest.len())));
    if let Some(at) = differs {
        let place = new_rest.get(at).or(new_rest.last());
        let line = place.map_or(1, |stmt| after.line(stmt.span().start as usize));
        return Err(format!("line {line}: the syntax trees differ, not only in imports"));
    }
    let mut removed = Vec::new();
    // The orders of groups that are the same are looked at with all others, below.
    let (mut old_parts, mut new_parts) = (Vec::new(), Vec::new());
    for (old, new) in old_gaps.iter().zip(&new_gaps) {
        if !old.is_like(new) {
            removed.extend(compare(old, new, before, after)?);
            old_parts.push(old.part.clone());
            new_parts.push(new.part.clone());
        }
    }
    refuse_moved(
        ((before.code, &before.tokens), &old_parts),
        ((after.code, &after.tokens), &new_parts),
        orders::order,
    )?;
    names::refuse_used(path, &removed, after)?;
    if !removed.is_empty() && is_module(before) && !is_module(after) && !path.ends_with(".mjs") {
        return Err("no import or export is left, by which the file was a module".to_owned());
    }
    let (rule, proof) = if removed.is_empty() {
        let proof = "the same imports stand between the same statements, and only modules of Node itself, or names within one statement, changed places";
        ("import.script_order", proof.to_owned())
    } else {
        let gone: Vec<String> = removed.iter().map(Leaf::shown).collect();
        let proof = format!(
            "{} belongs to Node itself, and nothing in the file names what it binds",
            gone.join(", ")
        );
        ("import.script_unused", proof)
    };
    Ok(vec![
        VerdictPart {
            class: ProvedClass::Style,
            rule: "style.trees_equal".to_owned(),
            proof: format!("the syntax trees of the {} other statements are equal", new_rest.len()),
        },
        VerdictPart { class: ProvedClass::Import, rule: rule.to_owned(), proof },
    ])
}

/// Whether anything in a file makes it a module.
fn is_module(side: &Side<'_>) -> bool {
    side.program.body.iter().any(Statement::is_module_declaration)
}

/// A file's statements without its imports, and the imports before each of them and after the last.
fn cut<'s, 'a>(side: &'s Side<'a>) -> (Vec<&'s Statement<'a>>, Vec<Gap>) {
    let body = &side.program.body;
    let (mut rest, mut gaps) = (Vec::new(), Vec::new());
    let mut open: Vec<&Statement<'a>> = Vec::new();
    for stmt in body {
        if import(stmt).is_some() {
            open.push(stmt);
        } else {
            gaps.push(gap(&open, side));
            open.clear();
            rest.push(stmt);
        }
    }
    gaps.push(gap(&open, side));
    (rest, gaps)
}

fn gap(statements: &[&Statement<'_>], side: &Side<'_>) -> Gap {
    let part = match (statements.first(), statements.last()) {
        (Some(first), Some(last)) => {
            let end = line_end(side.code, last.span().end as usize);
            first.span().start as usize..end
        }
        _ => 0..0,
    };
    Gap { imports: statements.iter().filter_map(|stmt| import(stmt)).collect(), part }
}

/// Whether a statement is an import.
#[cfg(test)]
pub(super) fn is_import(stmt: &Statement<'_>) -> bool {
    import(stmt).is_some()
}

/// A statement as an import; `None` for every other one.
fn import(stmt: &Statement<'_>) -> Option<Import> {
    match stmt {
        Statement::ImportDeclaration(declaration) => imported(declaration),
        Statement::VariableDeclaration(declaration) => required(declaration),
        _ => None,
    }
}

fn imported(declaration: &ImportDeclaration<'_>) -> Option<Import> {
    if declaration.phase.is_some() || declaration.with_clause.is_some() {
        return None;
    }
    let module = declaration.source.value.to_string();
    let is_type = declaration.import_kind == ImportOrExportKind::Type;
    let leaf = |bound: Bound, local: &str, own: bool| Leaf {
        module: module.clone(),
        bound,
        local: local.to_owned(),
        is_type: (is_type, own),
    };
    let specifiers = declaration.specifiers.as_ref();
    let mut leaves: BTreeSet<Leaf> = specifiers
        .into_iter()
        .flatten()
        .map(|one| match one {
            ImportDeclarationSpecifier::ImportSpecifier(one) => leaf(
                Bound::Named(one.imported.name().to_string()),
                &one.local.name,
                one.import_kind == ImportOrExportKind::Type,
            ),
            ImportDeclarationSpecifier::ImportDefaultSpecifier(one) => {
                leaf(Bound::Default, &one.local.name, false)
            }
            ImportDeclarationSpecifier::ImportNamespaceSpecifier(one) => {
                leaf(Bound::Namespace, &one.local.name, false)
            }
        })
        .collect();
    if leaves.is_empty() {
        leaves.insert(leaf(Bound::Nothing(specifiers.is_some()), "", false));
    }
    Some(Import { module, leaves })
}

/// `const name = require("module")`, or names taken out of it, and nothing more.
fn required(declaration: &VariableDeclaration<'_>) -> Option<Import> {
    let [declarator] = declaration.declarations.as_slice() else { return None };
    if declaration.declare || declarator.type_annotation.is_some() {
        return None;
    }
    let Some(Expression::CallExpression(call)) = &declarator.init else { return None };
    let Expression::Identifier(callee) = &call.callee else { return None };
    let [Argument::StringLiteral(module)] = call.arguments.as_slice() else { return None };
    if callee.name != "require" || call.optional || call.type_arguments.is_some() {
        return None;
    }
    let module = module.value.to_string();
    let word = declaration.kind.as_str().to_owned();
    let leaf = |bound: Bound, local: &str| Leaf {
        module: module.clone(),
        bound,
        local: local.to_owned(),
        is_type: (false, false),
    };
    let leaves = match &declarator.id {
        BindingPattern::BindingIdentifier(name) => {
            BTreeSet::from([leaf(Bound::Required(word), &name.name)])
        }
        BindingPattern::ObjectPattern(pattern) if pattern.rest.is_none() => {
            let mut leaves = BTreeSet::new();
            for property in &pattern.properties {
                let (PropertyKey::StaticIdentifier(key), BindingPattern::BindingIdentifier(name)) =
                    (&property.key, &property.value)
                else {
                    return None;
                };
                leaves.insert(leaf(Bound::Taken(word.clone(), key.name.to_string()), &name.name));
            }
            leaves
        }
        _ => return None,
    };
    (!leaves.is_empty()).then_some(Import { module, leaves })
}

/// What is gone of a group of imports whose others are the same, if their order cannot matter.
fn compare(old: &Gap, new: &Gap, before: &Side<'_>, after: &Side<'_>) -> Result<Vec<Leaf>, String> {
    let line = after.line(new.part.start);
    let count = |gap: &Gap| {
        let mut counts: BTreeMap<Leaf, usize> = BTreeMap::new();
        for leaf in gap.imports.iter().flat_map(|one| &one.leaves) {
            *counts.entry(leaf.clone()).or_default() += 1;
        }
        counts
    };
    let (had, has) = (count(old), count(new));
    let times =
        |counts: &BTreeMap<Leaf, usize>, leaf: &Leaf| counts.get(leaf).copied().unwrap_or(0);
    if let Some(leaf) = has.keys().find(|leaf| times(&had, leaf) < times(&has, leaf)) {
        return Err(format!("line {line}: {} is new here", leaf.shown()));
    }
    let mut removed = Vec::new();
    for leaf in had.keys().filter(|leaf| times(&had, leaf) > times(&has, leaf)) {
        if !node::is_builtin(&leaf.module) || matches!(leaf.bound, Bound::Nothing(_)) {
            return Err(format!(
                "line {line}: {} is gone, and loading it may do something",
                leaf.shown()
            ));
        }
        removed.push(leaf.clone());
    }
    refuse_crossing(old, new, &removed, line)?;
    orders_kept(old, new, before, after)?;
    Ok(removed)
}

/// Between the same two imports that may do something stand the same ones that do not.
fn refuse_crossing(old: &Gap, new: &Gap, removed: &[Leaf], line: usize) -> Result<(), String> {
    type Pinned = Option<(String, BTreeSet<Leaf>)>;
    let runs = |gap: &Gap| {
        let mut runs: Vec<(Pinned, BTreeSet<Leaf>)> = vec![(None, BTreeSet::new())];
        for one in &gap.imports {
            match (one.is_builtin(), runs.last_mut()) {
                (true, Some((_, run))) => {
                    run.extend(one.leaves.iter().filter(|leaf| !removed.contains(leaf)).cloned());
                }
                _ => {
                    let pinned = (one.module.clone(), one.leaves.clone());
                    runs.push((Some(pinned), BTreeSet::new()));
                }
            }
        }
        runs
    };
    if runs(old) == runs(new) {
        return Ok(());
    }
    Err(format!(
        "line {line}: imports changed their order around one that does not belong to Node itself, and loading that may do something"
    ))
}

/// Refuses a change of the comments among imports that give orders.
fn orders_kept(old: &Gap, new: &Gap, before: &Side<'_>, after: &Side<'_>) -> Result<(), String> {
    let found =
        |side: &Side<'_>, gap: &Gap| within(side.code, &side.tokens, &gap.part, orders::order);
    let (old_orders, new_orders) = (found(before, old), found(after, new));
    let alone = old_orders.iter().any(|(_, words)| words.is_empty());
    if old_orders != new_orders || alone {
        let line = after.line(new.part.start);
        return Err(format!(
            "line {line}: a comment among these imports is an order to a tool, or was one"
        ));
    }
    Ok(())
}
