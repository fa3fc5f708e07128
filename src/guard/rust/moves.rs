//! Imports against imports: which names each scope binds before and after.

use std::collections::BTreeMap;

use crate::domain::fix::ProvedClass;
use crate::domain::verdict::VerdictPart;

use super::compare::Stream;
use super::imports::Leaf;
use super::side::Side;

/// A leaf that is only on one side.
#[derive(Clone, Debug)]
pub(super) struct Moved {
    pub(super) leaf: Leaf,
    /// Index of its scope, on its own side.
    pub(super) scope: usize,
    /// Index of its `use` item, on its own side.
    pub(super) item: usize,
    /// The line of its `use` item.
    pub(super) line: usize,
}

/// How the movable imports of two sides differ.
pub(super) struct Moves {
    pub(super) removed: Vec<Moved>,
    pub(super) added: Vec<Moved>,
    /// How many are on both sides.
    pub(super) kept: usize,
}

#[derive(Default)]
struct Bindings<'s> {
    named: Vec<(&'s Leaf, usize, usize)>,
    globs: Vec<&'s Leaf>,
}

/// Compares them scope by scope. The error is a sentence.
pub(super) fn compare(
    (before, first): (&Side<'_>, &Stream),
    (after, second): (&Side<'_>, &Stream),
) -> Result<Moves, String> {
    let old = bindings(before, first);
    let new = bindings(after, second);
    let none = Bindings::default();
    let mut moves = Moves { removed: Vec::new(), added: Vec::new(), kept: 0 };
    let mut scopes: Vec<_> = old.keys().chain(new.keys()).copied().collect();
    scopes.sort_unstable();
    scopes.dedup();
    for scope in scopes {
        let left = old.get(&scope).unwrap_or(&none);
        let right = new.get(&scope).unwrap_or(&none);
        if !left.globs.iter().map(|g| g.key()).eq(right.globs.iter().map(|g| g.key())) {
            let shown = |globs: &[&Leaf]| {
                globs.iter().map(|leaf| leaf.shown()).collect::<Vec<_>>().join(", ")
            };
            return Err(format!(
                "glob imports changed from `{}` to `{}`, and what they bring cannot be seen",
                shown(&left.globs),
                shown(&right.globs)
            ));
        }
        difference(&left.named, &right.named, before, after, &mut moves);
    }
    Ok(moves)
}

/// The movable leaves of each scope, sorted; a scope is known by where its brace is in the stream.
fn bindings<'s>(side: &'s Side<'_>, stream: &Stream) -> BTreeMap<Option<u32>, Bindings<'s>> {
    let mut scopes: BTreeMap<Option<u32>, Bindings<'s>> = BTreeMap::new();
    for (index, item) in side.syntax.uses.iter().enumerate().filter(|(_, item)| item.movable) {
        let open = side.syntax.scopes.get(item.scope).and_then(|scope| scope.open);
        let bindings = scopes.entry(open.map(|token| stream.position(token))).or_default();
        for leaf in &item.leaves {
            match leaf.is_glob() {
                true => bindings.globs.push(leaf),
                false => bindings.named.push((leaf, item.scope, index)),
            }
        }
    }
    for bindings in scopes.values_mut() {
        bindings.named.sort_by(|a, b| a.0.key().cmp(&b.0.key()));
    }
    scopes
}

fn difference(
    left: &[(&Leaf, usize, usize)],
    right: &[(&Leaf, usize, usize)],
    before: &Side<'_>,
    after: &Side<'_>,
    moves: &mut Moves,
) {
    let moved = |side: &Side<'_>, (leaf, scope, item): &(&Leaf, usize, usize)| Moved {
        leaf: (*leaf).clone(),
        scope: *scope,
        item: *item,
        line: side.line(side.syntax.uses[*item].tokens.start),
    };
    let (mut l, mut r) = (0, 0);
    while l < left.len() || r < right.len() {
        let order = match (left.get(l), right.get(r)) {
            (Some(a), Some(b)) => a.0.key().cmp(&b.0.key()),
            (Some(_), None) => std::cmp::Ordering::Less,
            _ => std::cmp::Ordering::Greater,
        };
        match order {
            std::cmp::Ordering::Less => {
                moves.removed.push(moved(before, &left[l]));
                l += 1;
            }
            std::cmp::Ordering::Greater => {
                moves.added.push(moved(after, &right[r]));
                r += 1;
            }
            std::cmp::Ordering::Equal => {
                moves.kept += 1;
                l += 1;
                r += 1;
            }
        }
    }
}

/// The verdict's part for imports that only moved.
pub(super) fn part(moves: &Moves) -> VerdictPart {
    VerdictPart {
        class: ProvedClass::Import,
        rule: "import.reorder".to_owned(),
        proof: format!(
            "{} private imports were reordered, merged or split and bind the same names to the same \
             paths in the same scopes",
            moves.kept
        ),
    }
}
