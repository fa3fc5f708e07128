//! Our own rules: precise before many. A rule says what it finds, what that leads to, and how grave it
//! is; its words must be true wherever it speaks, since a wrong remark costs more than a missed one.

mod javascript;
mod names;
mod patterns;
mod python;
pub(super) mod rust;
mod secrets;

use super::tree::Tree;
use crate::domain::fix::{ClaimedClass, IssueType, Severity};
use crate::source::tree::Grammar;
use std::ops::Range;

/// How often one rule speaks about one piece of code; what comes after is only counted.
pub(super) const MAX_HITS_PER_RULE: usize = 25;

/// What a rule is.
#[derive(Debug)]
pub(super) struct Rule {
    /// `python/mutable-default`
    pub(super) id: &'static str,
    pub(super) issue_type: IssueType,
    pub(super) severity: Severity,
    /// What it leads to: whole sentences.
    pub(super) why: &'static str,
    /// What linters call the same, so that a place is told once.
    pub(super) same_as: &'static [&'static str],
}

/// A change that a rule is certain of: pieces of the text and what comes in their place.
#[derive(Clone, Debug)]
pub(super) struct Edit {
    pub(super) title: String,
    /// In the order of the text, none over another.
    pub(super) parts: Vec<(Range<usize>, String)>,
    pub(super) class: ClaimedClass,
}

impl Edit {
    /// One piece for another.
    pub(super) fn logic(
        title: impl Into<String>,
        range: Range<usize>,
        new: impl Into<String>,
    ) -> Self {
        Self { title: title.into(), parts: vec![(range, new.into())], class: ClaimedClass::Logic }
    }
}

/// What a rule found.
#[derive(Debug)]
pub(super) struct Hit {
    pub(super) rule: &'static Rule,
    /// The byte that it points at.
    pub(super) at: usize,
    pub(super) message: String,
    pub(super) edit: Option<Edit>,
}

/// Where rules put what they find.
pub(super) struct Found {
    rule: &'static Rule,
    count: usize,
    hits: Vec<Hit>,
    /// What was found beyond the limit.
    pub(super) left_out: usize,
}

impl Found {
    pub(super) fn new(rule: &'static Rule) -> Self {
        Self { rule, count: 0, hits: Vec::new(), left_out: 0 }
    }

    /// Whose finds come next.
    pub(super) fn turn_to(&mut self, rule: &'static Rule) {
        self.rule = rule;
        self.count = self.hits.iter().filter(|hit| hit.rule.id == rule.id).count();
    }

    pub(super) fn add(&mut self, at: usize, message: impl Into<String>) {
        self.add_with(at, message, None);
    }

    pub(super) fn add_with(&mut self, at: usize, message: impl Into<String>, edit: Option<Edit>) {
        if self.count >= MAX_HITS_PER_RULE {
            self.left_out += 1;
            return;
        }
        self.count += 1;
        self.hits.push(Hit { rule: self.rule, at, message: message.into(), edit });
    }

    pub(super) fn into_hits(self) -> Vec<Hit> {
        self.hits
    }
}

/// What a rule over a tree-sitter tree may look at.
pub(super) struct Code<'a> {
    pub(super) tree: &'a Tree<'a>,
    /// Whether the file's name says that it is a test.
    pub(super) is_test: bool,
}

/// A rule over a tree-sitter tree.
pub(super) struct TreeRule {
    pub(super) rule: Rule,
    pub(super) find: fn(&Code<'_>, &mut Found),
}

/// The rules of a language, in groups as their files have them.
pub(super) fn of(grammar: Grammar) -> &'static [&'static [TreeRule]] {
    match grammar {
        Grammar::Python => python::RULES,
        Grammar::JavaScript => javascript::RULES,
        Grammar::TypeScript | Grammar::Tsx => javascript::RULES_WITH_TYPES,
    }
}

/// Runs all rules of a language that `wanted` lets through; also how many finds were left out.
pub(super) fn run(
    grammar: Grammar,
    code: &Code<'_>,
    wanted: impl Fn(&Rule) -> bool,
) -> (Vec<Hit>, usize) {
    let mut found: Option<Found> = None;
    for one in of(grammar).iter().copied().flatten().filter(|one| wanted(&one.rule)) {
        let found = found.get_or_insert_with(|| Found::new(&one.rule));
        found.turn_to(&one.rule);
        (one.find)(code, found);
    }
    found.map_or_else(Default::default, |found| {
        let left_out = found.left_out;
        (found.into_hits(), left_out)
    })
}

/// Whether a path is a test's, an example's or a benchmark's: what is careless there is meant so.
pub(super) fn is_test_path(path: &str) -> bool {
    let path = path.replace('\\', "/").to_ascii_lowercase();
    let mut parts: Vec<&str> = path.split('/').collect();
    let name = parts.pop().unwrap_or_default();
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let folders = [
        "test",
        "tests",
        "testing",
        "__tests__",
        "spec",
        "specs",
        "benches",
        "examples",
        "fixtures",
    ];
    parts.iter().any(|part| folders.contains(part) || part.starts_with("test_"))
        || stem.starts_with("test_")
        || stem.ends_with("_test")
        || stem.ends_with("_tests")
        || stem.ends_with(".test")
        || stem.ends_with(".spec")
        || matches!(stem, "conftest" | "tests" | "test")
}
