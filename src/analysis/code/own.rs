//! What Andon finds by itself: mistakes of syntax, and what the rules say.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::changes::Changes;
use super::language::{Language, Told};
use super::report::{Finding, Ran, RanStatus};
use super::request::CodeRequest;
use super::rules::{self, Code, Hit, Rule};
use super::syntax::{self, Mistake};
use super::tree::{Node, Tree};
use super::{MAX_FINDINGS, findings};
use crate::domain::fix::IssueType;
use crate::source::rust::{RustFile, on_parser_stack};
use crate::source::tree::{Grammar, parse};

/// What the rules' analyser is called.
pub(super) const RULES: &str = "rules";
/// What the syntax' analyser is called.
pub(super) const SYNTAX: &str = "syntax";

/// Bytes a line, on average, from which code was packed by a tool.
const PACKED_BYTES_A_LINE: usize = 200;

/// What was found without any program.
#[derive(Debug, Default)]
pub(super) struct Own {
    pub(super) ran: Vec<Ran>,
    pub(super) mistakes: Vec<Mistake>,
    pub(super) findings: Vec<Finding>,
    /// The rules of linters that say the same, by line: what they tell is told already.
    pub(super) told: Vec<(u32, &'static [&'static str])>,
    /// Finds that were left out because there were too many.
    pub(super) left_out: usize,
    pub(super) traits: Traits,
}

/// What other analysers must know about the code.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Traits {
    /// JSX stands in it, which Node does not read.
    pub(super) has_jsx: bool,
    /// It is an ECMAScript module: it imports, exports or waits at its outermost level.
    pub(super) is_module: bool,
}

impl Own {
    /// Where the looking itself failed.
    pub(super) fn failed(after: Duration) -> Self {
        let mut own = Self::default();
        own.note(
            RULES,
            RanStatus::Failed,
            Some("it ended early, by a fault of Andon's own".into()),
            after,
        );
        own
    }

    fn without_tree(mut self, problem: &dyn std::error::Error, took: Duration) -> Self {
        self.note(SYNTAX, RanStatus::Failed, Some(problem.to_string()), took);
        self.note(
            RULES,
            RanStatus::Skipped,
            Some("the code was not parsed".into()),
            Duration::ZERO,
        );
        self
    }

    fn note(&mut self, analyser: &str, status: RanStatus, reason: Option<String>, took: Duration) {
        let seconds = took.as_secs_f64();
        self.ran.push(Ran { analyser: analyser.into(), status, reason, seconds });
    }
}

/// Looks at a text of at most [`super::MAX_CODE_BYTES`].
pub(super) fn look(request: &CodeRequest, told: Told) -> Own {
    match told.grammar {
        Some(grammar) => look_at_tree(request, grammar),
        None => on_parser_stack(|| look_at_rust(request)).unwrap_or_else(|reason| {
            let mut own = Own::default();
            own.note(SYNTAX, RanStatus::Failed, Some(reason), Duration::ZERO);
            own
        }),
    }
}

fn look_at_rust(request: &CodeRequest) -> Own {
    let mut own = Own::default();
    let started = Instant::now();
    let text: Arc<str> = request.code.as_str().into();
    let file = match RustFile::parse(&text) {
        Ok(file) => file,
        Err(problem) => {
            match syntax::of_rust(&text, &problem) {
                Some(mistake) => {
                    own.mistakes.push(mistake);
                    own.note(SYNTAX, RanStatus::Done, None, started.elapsed());
                }
                None => own.note(
                    SYNTAX,
                    RanStatus::Failed,
                    Some(problem.to_string()),
                    started.elapsed(),
                ),
            }
            own.note(
                RULES,
                RanStatus::Skipped,
                Some("the code does not parse".into()),
                Duration::ZERO,
            );
            return own;
        }
    };
    own.note(SYNTAX, RanStatus::Done, None, started.elapsed());
    let started = Instant::now();
    let is_test =
        rules::is_test_path(&request.file_path) || request.file_path.ends_with("build.rs");
    let finds = rules::rust::run(&file, is_test, |rule| request.kind.wants(rule.issue_type));
    let reparses = |text: &str| RustFile::parse(&text.into()).is_ok();
    own.take(request, finds.hits, finds.left_out, Some(&Changes::new(Language::Rust, &reparses)));
    own.note_rules(finds.is_spent, started.elapsed());
    own
}

fn look_at_tree(request: &CodeRequest, grammar: Grammar) -> Own {
    let mut own = Own::default();
    let started = Instant::now();
    let parsed = match parse(grammar, &request.code) {
        Ok(parsed) => parsed,
        Err(problem) => return own.without_tree(&problem, started.elapsed()),
    };
    let tree = match Tree::of(&parsed, &request.code) {
        Ok(tree) => tree,
        Err(problem) => return own.without_tree(&problem, started.elapsed()),
    };
    own.mistakes = syntax::of_tree(&tree);
    own.traits = traits(&tree);
    own.note(SYNTAX, RanStatus::Done, None, started.elapsed());
    let started = Instant::now();
    let code = Code { tree: &tree, is_test: rules::is_test_path(&request.file_path) };
    // Nobody writes what a tool has packed; how it is written is no matter.
    let packed = is_packed(&request.code);
    let wanted = |rule: &Rule| {
        request.kind.wants(rule.issue_type) && !(packed && rule.issue_type == IssueType::Style)
    };
    let (mut hits, left_out) = rules::run(grammar, &code, wanted);
    let broken = syntax::broken_lines(&tree);
    if !broken.is_empty() {
        // What stands in a part that was not understood may be anything.
        hits.retain(|hit| !broken.iter().any(|range| range.contains(&hit.at)));
    }
    let reparses =
        |text: &str| parse(grammar, text).is_ok_and(|tree| !tree.root_node().has_error());
    let changes = own.mistakes.is_empty().then(|| Changes::new(Language::Python, &reparses));
    let is_spent = tree.is_spent();
    own.take(request, hits, left_out, changes.as_ref());
    own.note_rules(is_spent, started.elapsed());
    own
}

impl Own {
    /// Makes findings of hits: the gravest, if there are too many.
    fn take(
        &mut self,
        request: &CodeRequest,
        mut hits: Vec<Hit>,
        left_out: usize,
        changes: Option<&Changes<'_>>,
    ) {
        hits.sort_by_key(|hit| (std::cmp::Reverse(hit.rule.severity), hit.at));
        self.left_out = left_out + hits.len().saturating_sub(MAX_FINDINGS);
        hits.truncate(MAX_FINDINGS);
        hits.sort_by_key(|hit| hit.at);
        self.findings = findings::of_hits(&request.code, &hits, changes);
        self.told = self
            .findings
            .iter()
            .zip(&hits)
            .map(|(finding, hit)| (finding.line, hit.rule.same_as))
            .collect();
    }

    fn note_rules(&mut self, is_spent: bool, took: Duration) {
        let reason = "the code is so entangled that looking was stopped; there may be more to find";
        match is_spent {
            true => self.note(RULES, RanStatus::Failed, Some(reason.into()), took),
            false => self.note(RULES, RanStatus::Done, None, took),
        }
    }
}

/// Whether lines are longer than people write them.
fn is_packed(code: &str) -> bool {
    code.len() / (memchr::memchr_iter(b'\n', code.as_bytes()).count() + 1) > PACKED_BYTES_A_LINE
}

fn traits(tree: &Tree<'_>) -> Traits {
    let waits = |node: Node<'_>| node.function().is_none();
    Traits {
        has_jsx: ["jsx_element", "jsx_self_closing_element", "jsx_fragment"]
            .iter()
            .any(|kind| tree.has(kind)),
        is_module: tree.has("import_statement")
            || tree.has("export_statement")
            || tree.all("await_expression").any(waits),
    }
}
