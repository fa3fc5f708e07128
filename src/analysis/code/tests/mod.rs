//! Tests of the rules, case by case, and of the way as a whole.

mod hostile;
mod javascript;
mod python;
mod rust;
mod way;

use super::analyse_without_programs;
use super::report::CodeReport;
use super::request::{AnalysisType, CodeRequest};

/// A rule, code in which it speaks (once each), and code that is nearly the same in which it must not.
type Case = (&'static str, &'static [&'static str], &'static [&'static str]);

fn report(path: &str, code: &str) -> CodeReport {
    analyse_without_programs(&CodeRequest {
        code: code.to_owned(),
        file_path: path.to_owned(),
        kind: AnalysisType::Comprehensive,
    })
}

fn rules_in(path: &str, code: &str) -> Vec<String> {
    let report = report(path, code);
    assert!(
        report.findings.iter().all(|finding| !finding.rule.ends_with("/syntax")),
        "the case itself is broken: {code}\n{:?}",
        report.findings
    );
    report.findings.into_iter().map(|finding| finding.rule).collect()
}

/// Checks every case; all failures at once.
fn check(path: &str, cases: &[Case]) {
    let mut wrong = Vec::new();
    for (rule, finds, silent) in cases {
        for code in *finds {
            let count = rules_in(path, code).iter().filter(|found| found == rule).count();
            if count != 1 {
                wrong.push(format!("{rule} spoke {count} times in:\n{code}"));
            }
        }
        for code in *silent {
            if rules_in(path, code).iter().any(|found| found == rule) {
                wrong.push(format!("{rule} must not speak in:\n{code}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n---\n"));
}

/// Fails for a rule without code in which it speaks, or without a near miss.
fn check_complete<'a>(rules: impl Iterator<Item = &'a str>, cases: &[Case]) {
    for rule in rules {
        let case = cases.iter().find(|(id, ..)| *id == rule);
        let (_, finds, silent) = case.unwrap_or_else(|| panic!("{rule} has no case"));
        assert!(
            !finds.is_empty() && !silent.is_empty(),
            "{rule} lacks a positive or a negative case"
        );
    }
}
