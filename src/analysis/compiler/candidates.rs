//! The places that rustc would import a missing name from.

use std::collections::{BTreeSet, HashMap};

use crate::checks::PrivateCopy;
use crate::domain::diagnostic::{Diagnostic, DiagnosticSuggestion, Replacement};

/// The roots of one and the same library, best first where there is a choice.
const STANDARD_ROOTS: [&str; 3] = ["std", "core", "alloc"];

/// The largest file that is counted for the ranking, in bytes.
const COUNTED_FILE_MAX_BYTES: usize = 512 * 1024;

/// The most files that are counted for the ranking.
const COUNTED_FILES_MAX: usize = 2000;

/// One place to import a name from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Candidate {
    /// `std::collections::HashMap`
    pub(super) path: String,
    /// Where and what rustc would write.
    pub(super) replacement: Replacement,
}

/// The errors that say that a name means nothing. Others (a method whose trait is not in scope) offer
/// imports too, but those would change what names mean that do mean something.
const UNRESOLVED_CODES: [&str; 6] = ["E0405", "E0412", "E0422", "E0425", "E0433", "E0531"];

/// Whether an import is all that rustc can think of for a name that means nothing. A namesake in scope
/// or a shorter path may as well be meant.
pub(super) fn is_settled(error: &Diagnostic) -> bool {
    error.code.as_deref().is_some_and(|code| UNRESOLVED_CODES.contains(&code))
        && other_offers(error).next().is_none()
}

/// What rustc offers beside imports, in words.
pub(super) fn other_offers(error: &Diagnostic) -> impl Iterator<Item = String> + '_ {
    error.suggestions.iter().filter(|offer| candidate(offer).is_none()).map(|offer| {
        let texts: Vec<&str> = offer.replacements.iter().map(|part| part.text.as_str()).collect();
        format!("{}: {}", offer.message, texts.join(" … "))
    })
}

/// What rustc offers to import for an error, in its order.
pub(super) fn of(error: &Diagnostic) -> Vec<Candidate> {
    error.suggestions.iter().filter_map(candidate).collect()
}

fn candidate(offer: &DiagnosticSuggestion) -> Option<Candidate> {
    match offer.replacements.as_slice() {
        [only] if only.span.byte_start == only.span.byte_end => {
            Some(Candidate { path: imported_path(&only.text)?, replacement: only.clone() })
        }
        _ => None,
    }
}

/// `use a::b;` → `a::b`; `None` for anything but one plain private import.
fn imported_path(text: &str) -> Option<String> {
    let path = text.trim().strip_prefix("use ")?.strip_suffix(';')?.trim();
    let plain = !path.is_empty()
        && path.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | ':' | '#'));
    plain.then(|| path.to_owned())
}

/// Leaves one of `std::x`, `core::x` and `alloc::x`, which are one item: `std`'s, or the most modest one
/// where `std` may be missing.
pub(super) fn without_twins(found: Vec<Candidate>, may_lack_std: bool) -> Vec<Candidate> {
    let standard = |path: &str| {
        let (root, rest) = path.split_once("::")?;
        let rank = STANDARD_ROOTS.iter().position(|known| *known == root)?;
        let rank = if may_lack_std { (rank + 2) % STANDARD_ROOTS.len() } else { rank };
        Some((rest.to_owned(), rank))
    };
    let mut best: HashMap<String, usize> = HashMap::new();
    for (rest, rank) in found.iter().filter_map(|candidate| standard(&candidate.path)) {
        best.entry(rest).and_modify(|least| *least = rank.min(*least)).or_insert(rank);
    }
    let mut seen = BTreeSet::new();
    found
        .into_iter()
        .filter(|candidate| {
            let twin_is_better = standard(&candidate.path)
                .is_some_and(|(rest, rank)| best.get(&rest).is_some_and(|least| *least < rank));
            !twin_is_better && seen.insert(candidate.path.clone())
        })
        .collect()
}

/// Whether the crate of `file` is, or with some features may be, one without `std`.
pub(super) fn may_lack_std(copy: &PrivateCopy, file: &str) -> bool {
    let mut folder = file;
    while let Some((parent, _)) = folder.rsplit_once('/') {
        folder = parent;
        for root in ["lib.rs", "main.rs"] {
            if let Ok(text) = copy.read(&format!("{folder}/{root}")) {
                return text
                    .lines()
                    .any(|line| line.trim_start().starts_with("#![") && line.contains("no_std"));
            }
        }
    }
    false
}

/// How likely each place is meant, by where it comes from and what the repository does elsewhere.
pub(super) struct Ranking {
    /// How often each path is imported in full.
    imported: HashMap<String, usize>,
}

impl Ranking {
    /// Counts the imports of the repository's Rust files.
    pub(super) fn read(copy: &PrivateCopy) -> Self {
        let mut imported = HashMap::new();
        let rust = copy.files().iter().filter(|path| path.ends_with(".rs"));
        for text in rust.take(COUNTED_FILES_MAX).filter_map(|path| copy.read(path).ok()) {
            if text.len() > COUNTED_FILE_MAX_BYTES {
                continue;
            }
            if let Ok(file) = syn::parse_file(&text) {
                let mut counter = Counter { imported: &mut imported };
                syn::visit::Visit::visit_file(&mut counter, &file);
            }
        }
        Self { imported }
    }

    /// Standard library first, then the repository's own, then dependencies; among equals what is
    /// imported more often; else rustc's order.
    pub(super) fn sort(&self, found: &mut [Candidate]) {
        found.sort_by_key(|candidate| {
            let root = candidate.path.split("::").next().unwrap_or_default();
            let origin = match root {
                _ if STANDARD_ROOTS.contains(&root) => 0,
                "crate" | "self" | "super" => 1,
                _ => 2,
            };
            let times = self.imported.get(&candidate.path).copied().unwrap_or(0);
            (origin, std::cmp::Reverse(times))
        });
    }
}

struct Counter<'a> {
    imported: &'a mut HashMap<String, usize>,
}

impl syn::visit::Visit<'_> for Counter<'_> {
    fn visit_item_use(&mut self, item: &syn::ItemUse) {
        self.leaves(&item.tree, String::new());
    }
}

impl Counter<'_> {
    fn leaves(&mut self, tree: &syn::UseTree, prefix: String) {
        match tree {
            syn::UseTree::Path(path) => {
                self.leaves(&path.tree, format!("{prefix}{}::", path.ident))
            }
            syn::UseTree::Name(name) => {
                *self.imported.entry(format!("{prefix}{}", name.ident)).or_default() += 1;
            }
            syn::UseTree::Group(group) => {
                for tree in &group.items {
                    self.leaves(tree, prefix.clone());
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::diagnostic::Span;

    fn candidates(paths: &[&str]) -> Vec<Candidate> {
        let span = Span {
            file: "a.rs".into(),
            byte_start: 0,
            byte_end: 0,
            line_start: 1,
            column_start: 1,
            line_end: 1,
            column_end: 1,
            is_primary: true,
            label: None,
        };
        let replacement = Replacement { span, text: String::new() };
        paths
            .iter()
            .map(|path| Candidate { path: (*path).into(), replacement: replacement.clone() })
            .collect()
    }

    fn paths(found: &[Candidate]) -> Vec<&str> {
        found.iter().map(|candidate| candidate.path.as_str()).collect()
    }

    #[test]
    fn twins_of_the_standard_library_are_one() {
        let twins = candidates(&["core::fmt::Debug", "std::fmt::Debug", "crate::fmt::Debug"]);
        let left = without_twins(twins.clone(), false);
        assert_eq!(paths(&left), ["std::fmt::Debug", "crate::fmt::Debug"]);
        let left = without_twins(twins, true);
        assert_eq!(paths(&left), ["core::fmt::Debug", "crate::fmt::Debug"]);
        let different = candidates(&["std::fmt::Write", "core::io::Write"]);
        assert_eq!(without_twins(different, false).len(), 2);
        // Where `std` may be missing, `alloc` serves too; `core` is better.
        let left = without_twins(candidates(&["alloc::a::B", "core::a::B", "std::a::B"]), true);
        assert_eq!(paths(&left), ["core::a::B"]);
    }

    #[test]
    fn the_standard_library_comes_first_and_habit_decides_among_equals() {
        let ranking = Ranking { imported: HashMap::from([("crate::b::T".into(), 3)]) };
        let mut found = candidates(&["dep::T", "crate::a::T", "crate::b::T", "std::x::T"]);
        ranking.sort(&mut found);
        assert_eq!(paths(&found), ["std::x::T", "crate::b::T", "crate::a::T", "dep::T"]);
    }

    #[test]
    fn only_a_plain_import_is_one() {
        assert_eq!(imported_path("use std::fmt;\n\n").as_deref(), Some("std::fmt"));
        for text in ["std::", "use a::*;", "use a::{b, c};", "use a as b;", "pub use a;", "use ;"] {
            assert_eq!(imported_path(text), None, "{text}");
        }
    }
}
