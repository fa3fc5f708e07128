//! Import statements of a module that stand together: the same ones in another order, or fewer of them.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use ruff_python_ast::comparable::ComparableStmt;
use ruff_python_ast::{Stmt, StmtImport, StmtImportFrom};
use ruff_text_size::Ranged;

use super::side::{Side, bytes};
use super::{library, names, orders};
use crate::domain::fix::ProvedClass;
use crate::domain::verdict::VerdictPart;
use crate::guard::anchors::{line_end, refuse_moved, within};

/// One name that an import statement binds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Leaf {
    /// `import module as alias`
    Module {
        /// With its dots.
        module: String,
        /// What it is called here.
        alias: Option<String>,
    },
    /// `from module import name as alias`
    Member {
        /// Dots before the module.
        level: u32,
        /// With its dots; empty for `from . import`.
        module: String,
        /// `*` for all.
        name: String,
        /// What it is called here.
        alias: Option<String>,
    },
}

impl Leaf {
    /// The name that it binds in the module.
    pub(super) fn bound(&self) -> &str {
        match self {
            Self::Module { alias: Some(alias), .. } | Self::Member { alias: Some(alias), .. } => {
                alias
            }
            Self::Module { module, .. } => module.split('.').next().unwrap_or(module),
            Self::Member { name, .. } => name,
        }
    }

    fn is_star(&self) -> bool {
        matches!(self, Self::Member { name, .. } if name == "*")
    }

    /// Whether it is of the standard library, and importing it does nothing else.
    fn is_standard(&self) -> bool {
        match self {
            Self::Module { module, .. } => library::is_standard(module),
            Self::Member { level: 0, module, .. } => library::is_standard(module),
            Self::Member { .. } => false,
        }
    }

    /// As it would be written alone.
    pub(super) fn shown(&self) -> String {
        let called = |alias: &Option<String>| {
            alias.as_ref().map(|alias| format!(" as {alias}")).unwrap_or_default()
        };
        match self {
            Self::Module { module, alias } => format!("import {module}{}", called(alias)),
            Self::Member { level, module, name, alias } => {
                let dots = ".".repeat(usize::try_from(*level).unwrap_or(0));
                format!("from {dots}{module} import {name}{}", called(alias))
            }
        }
    }
}

/// The import statements between two other statements of a module.
struct Gap<'s> {
    statements: &'s [Stmt],
    leaves: Vec<Leaf>,
    /// From the first one's start to the end of the last one's line; empty where there is none.
    part: Range<usize>,
}

/// Proves that two modules differ in the order or the number of their imports only.
pub(super) fn prove(
    path: &str,
    before: &Side<'_>,
    after: &Side<'_>,
) -> Result<Vec<VerdictPart>, String> {
    let (old_rest, old_gaps) = cut(before);
    let (new_rest, new_gaps) = cut(after);
    if let Some(at) = first_difference(&old_rest, &new_rest) {
        let place = new_rest.get(at).or(new_rest.last());
        let line = place.map_or(1, |stmt| after.line(stmt.range().start().to_usize()));
        return Err(format!("line {line}: the syntax trees differ, not only in imports"));
    }
    let (mut removed, mut moved) = (Vec::new(), 0_usize);
    // The orders of groups that are the same are looked at with all others, below.
    let (mut old_parts, mut new_parts) = (Vec::new(), Vec::new());
    for (old, new) in old_gaps.iter().zip(&new_gaps) {
        if old.leaves == new.leaves && same_statements(old, new) {
            continue;
        }
        old_parts.push(old.part.clone());
        new_parts.push(new.part.clone());
        moved += usize::from(old.leaves.len() > 1);
        removed.extend(compare(old, new, before, after)?);
    }
    refuse_moved(
        ((before.code, &before.tokens), &old_parts),
        ((after.code, &after.tokens), &new_parts),
        orders::order,
    )?;
    names::refuse_used(path, &removed, after)?;
    let what = match removed.as_slice() {
        [] => format!(
            "the same imports stand between the same statements, and only those of the standard library changed places ({moved} groups)"
        ),
        gone => {
            let gone: Vec<String> = gone.iter().map(Leaf::shown).collect();
            format!(
                "`{}` is of the standard library, and nothing in the file names what it binds",
                gone.join("`, `")
            )
        }
    };
    let rule = match removed.is_empty() {
        true => "import.python_order",
        false => "import.python_unused",
    };
    Ok(vec![
        VerdictPart {
            class: ProvedClass::Style,
            rule: "style.trees_equal".to_owned(),
            proof: format!("the syntax trees of the {} other statements are equal", new_rest.len()),
        },
        VerdictPart { class: ProvedClass::Import, rule: rule.to_owned(), proof: what },
    ])
}

/// A module's statements without its imports, and the imports before each of them and after the last.
fn cut<'s>(side: &'s Side<'_>) -> (Vec<&'s Stmt>, Vec<Gap<'s>>) {
    let body = side.body();
    let (mut rest, mut gaps) = (Vec::new(), Vec::new());
    let mut from = 0;
    for (at, stmt) in body.iter().enumerate() {
        if leaves(stmt).is_none() {
            rest.push(stmt);
            gaps.push(gap(&body[from..at], side));
            from = at + 1;
        }
    }
    gaps.push(gap(&body[from..], side));
    (rest, gaps)
}

fn gap<'s>(statements: &'s [Stmt], side: &Side<'_>) -> Gap<'s> {
    let part = match (statements.first(), statements.last()) {
        (Some(first), Some(last)) => {
            bytes(first.range()).start..line_end(side.code, bytes(last.range()).end)
        }
        _ => 0..0,
    };
    let leaves = statements.iter().filter_map(leaves).flatten().collect();
    Gap { statements, leaves, part }
}

/// What an import statement binds; `None` for every other statement, and for those that are more than an
/// import: of `__future__`, which changes what the file means, and lazy ones.
fn leaves(stmt: &Stmt) -> Option<Vec<Leaf>> {
    match stmt {
        Stmt::Import(StmtImport { names, is_lazy: false, .. }) => {
            let leaf = |alias: &ruff_python_ast::Alias| Leaf::Module {
                module: alias.name.to_string(),
                alias: alias.asname.as_ref().map(ToString::to_string),
            };
            Some(names.iter().map(leaf).collect())
        }
        Stmt::ImportFrom(StmtImportFrom { module, names, level, is_lazy: false, .. }) => {
            let module = module.as_ref().map(ToString::to_string).unwrap_or_default();
            if *level == 0 && module == "__future__" {
                return None;
            }
            let leaf = |alias: &ruff_python_ast::Alias| Leaf::Member {
                level: *level,
                module: module.clone(),
                name: alias.name.to_string(),
                alias: alias.asname.as_ref().map(ToString::to_string),
            };
            Some(names.iter().map(leaf).collect())
        }
        _ => None,
    }
}

/// Whether a statement is no import, or more than one.
#[cfg(test)]
pub(super) fn is_other(stmt: &Stmt) -> bool {
    leaves(stmt).is_none()
}

fn first_difference(old: &[&Stmt], new: &[&Stmt]) -> Option<usize> {
    let equal = |a: &&Stmt, b: &&Stmt| ComparableStmt::from(*a) == ComparableStmt::from(*b);
    let differs = old.iter().zip(new).position(|(a, b)| !equal(a, b));
    differs.or_else(|| (old.len() != new.len()).then(|| old.len().min(new.len())))
}

fn same_statements(old: &Gap<'_>, new: &Gap<'_>) -> bool {
    old.statements.len() == new.statements.len()
        && old
            .statements
            .iter()
            .zip(new.statements)
            .all(|(a, b)| ComparableStmt::from(a) == ComparableStmt::from(b))
}

/// What is gone of a group of imports whose others are the same, if their order cannot matter.
fn compare(
    old: &Gap<'_>,
    new: &Gap<'_>,
    before: &Side<'_>,
    after: &Side<'_>,
) -> Result<Vec<Leaf>, String> {
    let line = after.line(if new.part.is_empty() { 0 } else { new.part.start });
    let mut counts: BTreeMap<&Leaf, isize> = BTreeMap::new();
    for leaf in &old.leaves {
        *counts.entry(leaf).or_default() += 1;
    }
    for leaf in &new.leaves {
        *counts.entry(leaf).or_default() -= 1;
    }
    if let Some((leaf, _)) = counts.iter().find(|(_, count)| **count < 0) {
        return Err(format!("line {line}: `{}` is new here", leaf.shown()));
    }
    if let Some(star) = old.leaves.iter().find(|leaf| leaf.is_star()) {
        return Err(format!("line {line}: `{}` may bind any name", star.shown()));
    }
    let mut removed = Vec::new();
    for (leaf, count) in counts {
        if count > 0 && !leaf.is_standard() {
            return Err(format!(
                "line {line}: `{}` is gone, and is not of the standard library: importing it may do something",
                leaf.shown()
            ));
        }
        // One of several that are the same may go, whoever names it.
        if count > 0 && !new.leaves.contains(leaf) {
            removed.push(leaf.clone());
        }
    }
    refuse_crossing(old, new, &removed, line)?;
    refuse_rivals(old, line)?;
    let ordered =
        |side: &Side<'_>, gap: &Gap<'_>| within(side.code, &side.tokens, &gap.part, orders::order);
    let (old_orders, new_orders) = (ordered(before, old), ordered(after, new));
    let alone = old_orders.iter().any(|(_, words)| words.is_empty());
    if alone || old_orders != new_orders {
        return Err(format!(
            "line {line}: a comment among these imports is an order to a tool, or was one"
        ));
    }
    Ok(removed)
}

/// Refuses imports that changed their place among those that may do something: only between the same two of
/// these may imports of the standard library stand in another order.
fn refuse_crossing(
    old: &Gap<'_>,
    new: &Gap<'_>,
    removed: &[Leaf],
    line: usize,
) -> Result<(), String> {
    let runs = |leaves: &[Leaf]| {
        let mut runs: Vec<(Option<Leaf>, BTreeSet<Leaf>)> = vec![(None, BTreeSet::new())];
        for leaf in leaves.iter().filter(|leaf| !removed.contains(leaf)) {
            match (leaf.is_standard(), runs.last_mut()) {
                (true, Some((_, run))) => {
                    run.insert(leaf.clone());
                }
                _ => runs.push((Some(leaf.clone()), BTreeSet::new())),
            }
        }
        runs
    };
    if runs(&old.leaves) == runs(&new.leaves) {
        return Ok(());
    }
    Err(format!(
        "line {line}: imports changed their order around one that is not of the standard library, and importing that may do something"
    ))
}

/// Refuses a group in which two different imports bind one name: the last one holds.
fn refuse_rivals(gap: &Gap<'_>, line: usize) -> Result<(), String> {
    let mut bound: BTreeMap<&str, &Leaf> = BTreeMap::new();
    for leaf in &gap.leaves {
        let Some(other) = bound.insert(leaf.bound(), leaf) else { continue };
        // `import a.b` and `import a.c` both bind `a`, to the same module.
        let one_package = matches!(
            (other, leaf),
            (Leaf::Module { alias: None, .. }, Leaf::Module { alias: None, .. })
        );
        if other != leaf && !one_package {
            return Err(format!(
                "line {line}: `{}` and `{}` bind the same name",
                other.shown(),
                leaf.shown()
            ));
        }
    }
    Ok(())
}
