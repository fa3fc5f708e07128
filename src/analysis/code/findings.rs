//! From what each analyser found to one list: sorted, each thing once, not too long.

use std::cmp::Reverse;
use std::collections::HashSet;

use super::MAX_FINDINGS;
use super::changes::Changes;
use super::own::{Own, RULES, SYNTAX};
use super::programs::Said;
use super::report::{CodeReport, Finding};
use super::request::CodeRequest;
use super::rules::Hit;
use super::syntax::Mistake;
use crate::domain::fix::{IssueType, Severity};

/// The longest quotation, in bytes.
const MAX_QUOTE_BYTES: usize = 400;

/// What a mistake of syntax leads to.
const SYNTAX_WHY: &str = "Code that does not parse does not run at all.";

/// Lines of a text, for going through it from the front.
pub(super) struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
    /// The last place that was asked for, and its column: the next one is mostly behind it.
    last: (usize, usize, u32),
}

impl<'a> Lines<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        let ends = memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1);
        Self { text, starts: std::iter::once(0).chain(ends).collect(), last: (0, 0, 1) }
    }

    /// Line and column of a byte.
    pub(super) fn place(&mut self, at: usize) -> (u32, u32) {
        let line = self.starts.partition_point(|start| *start <= at);
        let start = self.starts.get(line.saturating_sub(1)).copied().unwrap_or(0);
        let (known_line, known_at, known_column) = self.last;
        let (from, column) = if known_line == line && known_at <= at {
            (known_at, known_column)
        } else {
            (start, 1)
        };
        let counted = self.text.get(from..at).map_or(0, |between| between.chars().count());
        let column = column.saturating_add(u32::try_from(counted).unwrap_or(u32::MAX));
        self.last = (line, at, column);
        (u32::try_from(line).unwrap_or(u32::MAX), column)
    }

    /// The byte of a line and column, both from 1; `None` if there is no such line.
    pub(super) fn byte(&self, line: u32, column: u32) -> Option<usize> {
        let start = *self.starts.get((line as usize).checked_sub(1)?)?;
        let text = self.line(line)?;
        let skip = (column as usize).saturating_sub(1);
        Some(start + text.char_indices().nth(skip).map_or(text.len(), |(at, _)| at))
    }

    fn line(&self, line: u32) -> Option<&'a str> {
        let start = *self.starts.get((line as usize).checked_sub(1)?)?;
        let end = self.starts.get(line as usize).map_or(self.text.len(), |next| next - 1);
        self.text.get(start..end).map(|text| text.strip_suffix('\r').unwrap_or(text))
    }

    /// The line around a byte, or a stretch of it if it is long.
    pub(super) fn quote(&self, line: u32, at: usize) -> String {
        let Some(text) = self.line(line) else { return String::new() };
        if text.len() <= MAX_QUOTE_BYTES {
            return text.to_owned();
        }
        let start = self.starts.get((line as usize).saturating_sub(1)).copied().unwrap_or(0);
        let within = at.saturating_sub(start).min(text.len());
        let mut from = within.saturating_sub(MAX_QUOTE_BYTES / 4);
        let mut to = (from + MAX_QUOTE_BYTES).min(text.len());
        while !text.is_char_boundary(from) {
            from -= 1;
        }
        while !text.is_char_boundary(to) {
            to -= 1;
        }
        text[from..to].to_owned()
    }
}

/// Findings of hits that are sorted by place.
pub(super) fn of_hits(text: &str, hits: &[Hit], changes: Option<&Changes<'_>>) -> Vec<Finding> {
    let mut lines = Lines::of(text);
    let finding = |hit: &Hit| {
        let (line, column) = lines.place(hit.at);
        let suggestion =
            changes.zip(hit.edit.as_ref()).and_then(|(changes, edit)| changes.suggest(text, edit));
        Finding {
            rule: hit.rule.id.to_owned(),
            issue_type: hit.rule.issue_type,
            severity: hit.rule.severity,
            line,
            column,
            message: hit.message.clone(),
            why: hit.rule.why.to_owned(),
            quote: lines.quote(line, hit.at),
            suggestion,
            analyser: RULES.to_owned(),
        }
    };
    hits.iter().map(finding).collect()
}

fn of_mistake(lines: &Lines<'_>, language: &str, mistake: Mistake, analyser: &str) -> Finding {
    let at = lines.byte(mistake.line, mistake.column).unwrap_or(0);
    Finding {
        rule: format!("{language}/syntax"),
        issue_type: IssueType::Bug,
        severity: Severity::Critical,
        line: mistake.line,
        column: mistake.column,
        message: mistake.message,
        why: SYNTAX_WHY.to_owned(),
        quote: lines.quote(mistake.line, at),
        suggestion: None,
        analyser: analyser.to_owned(),
    }
}

/// All that was found, by whomever.
pub(super) fn put_together(
    mut report: CodeReport,
    request: &CodeRequest,
    own: Own,
    outside: Vec<Said>,
) -> CodeReport {
    let lines = Lines::of(&request.code);
    let language = report.language.map_or("code", super::Language::as_str);
    report.ran = own.ran;
    // The language's own parser knows better than a grammar that is made to read anything.
    let judge = outside.iter().find(|said| said.is_judge);
    let syntax = match judge {
        Some(said) => said
            .mistakes
            .iter()
            .map(|one| of_mistake(&lines, language, one.clone(), &said.ran.analyser))
            .collect(),
        None => own
            .mistakes
            .into_iter()
            .map(|one| of_mistake(&lines, language, one, SYNTAX))
            .collect::<Vec<_>>(),
    };
    let mut left_out = own.left_out;
    let mut all = own.findings;
    for said in outside {
        let linted = said.findings.into_iter().filter(|finding| {
            let code = finding.rule.rsplit('/').next().unwrap_or_default();
            let told =
                own.told.iter().any(|(line, same)| *line == finding.line && same.contains(&code));
            !told && request.kind.wants(finding.issue_type)
        });
        all.extend(linted);
        left_out += said.left_out;
        report.ran.push(said.ran);
    }
    let mut seen = HashSet::new();
    all.retain(|finding| seen.insert((finding.rule.clone(), finding.line, finding.column)));
    all.extend(syntax);
    all.sort_by(|a, b| {
        (Reverse(a.severity), a.line, a.column, &a.rule).cmp(&(
            Reverse(b.severity),
            b.line,
            b.column,
            &b.rule,
        ))
    });
    left_out += all.len().saturating_sub(MAX_FINDINGS);
    all.truncate(MAX_FINDINGS);
    if left_out > 0 {
        report.notes.push(format!("{left_out} more were found and are left out: a rule speaks at most {} times, and all together {MAX_FINDINGS} times.", super::rules::MAX_HITS_PER_RULE));
    }
    report.findings = all;
    report
}
