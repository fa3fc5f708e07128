//! eslint, with a configuration of ours: rules of its own that need no types and no project.

use serde::Deserialize;

use super::super::findings::Lines;
use super::super::own::Traits;
use super::super::report::Finding;
use super::super::request::CodeRequest;
use super::{Silent, Words, finished, sentence};
use crate::checks::Programs;
use crate::domain::fix::{IssueType, Severity};

use IssueType::{Bug, Performance, Security, Style};
use Severity::{High, Low, Medium};

/// Which rules are asked for.
const RULES: &[(&str, IssueType, Severity)] = &[
    ("constructor-super", Bug, High),
    ("eqeqeq", Style, Low),
    ("for-direction", Bug, High),
    ("getter-return", Bug, Medium),
    ("no-async-promise-executor", Bug, Medium),
    ("no-await-in-loop", Performance, Low),
    ("no-class-assign", Bug, High),
    ("no-compare-neg-zero", Bug, Medium),
    ("no-cond-assign", Bug, High),
    ("no-const-assign", Bug, High),
    ("no-debugger", Style, Low),
    ("no-dupe-args", Bug, High),
    ("no-dupe-class-members", Bug, High),
    ("no-dupe-else-if", Bug, High),
    ("no-dupe-keys", Bug, Medium),
    ("no-duplicate-case", Bug, High),
    ("no-empty-pattern", Bug, Medium),
    ("no-eval", Security, High),
    ("no-ex-assign", Bug, Medium),
    ("no-fallthrough", Bug, Medium),
    ("no-func-assign", Bug, Medium),
    ("no-implied-eval", Security, High),
    ("no-import-assign", Bug, High),
    ("no-invalid-regexp", Bug, High),
    ("no-loss-of-precision", Bug, Medium),
    ("no-new-func", Security, High),
    ("no-obj-calls", Bug, High),
    ("no-self-assign", Bug, Medium),
    ("no-self-compare", Bug, Medium),
    ("no-setter-return", Bug, Medium),
    ("no-shadow-restricted-names", Bug, Medium),
    ("no-sparse-arrays", Bug, Medium),
    ("no-this-before-super", Bug, High),
    ("no-throw-literal", Style, Low),
    ("no-unexpected-multiline", Bug, High),
    ("no-unreachable", Bug, Medium),
    ("no-unsafe-finally", Bug, High),
    ("no-unsafe-negation", Bug, High),
    ("no-unsafe-optional-chaining", Bug, High),
    ("no-unused-labels", Style, Low),
    ("no-useless-catch", Style, Low),
    ("no-with", Bug, Medium),
    ("radix", Style, Low),
    ("require-yield", Style, Low),
    ("use-isnan", Bug, High),
    ("valid-typeof", Bug, High),
];

#[derive(Deserialize)]
struct FileMessages {
    messages: Vec<Message>,
}

#[derive(Deserialize)]
struct Message {
    #[serde(rename = "ruleId")]
    rule: Option<String>,
    message: String,
    line: Option<u32>,
    column: Option<u32>,
    #[serde(default)]
    fatal: bool,
}

pub(super) async fn lint(
    request: &CodeRequest,
    traits: Traits,
    programs: &Programs,
) -> Result<Words, Silent> {
    let eslint = programs.eslint().await?;
    let name = if traits.is_module { "code.mjs" } else { "code.cjs" };
    let configuration = configuration(traits);
    let args = ["--no-ignore", "--config", "eslint.config.mjs", "--format", "json", name];
    let files = [("eslint.config.mjs", configuration.as_str()), (name, request.code.as_str())];
    let output = programs.run(eslint, args.map(Into::into).to_vec(), &files, None).await?;
    // 1 says that there are findings.
    finished("eslint", &output, &[0, 1])?;
    let files: Vec<FileMessages> = serde_json::from_slice(&output.stdout)
        .map_err(|error| Silent::Failed(format!("eslint answered something else: {error}")))?;
    findings(&request.code, files).map(|findings| Words { findings, ..Words::default() })
}

/// Nothing of the code's own comments counts: they are the sender's.
fn configuration(traits: Traits) -> String {
    let rules: Vec<String> = RULES.iter().map(|(name, ..)| format!("\"{name}\": 2")).collect();
    let source = if traits.is_module { "module" } else { "commonjs" };
    format!(
        "export default [{{ files: [\"**/*\"], linterOptions: {{ noInlineConfig: true }}, languageOptions: {{ ecmaVersion: \"latest\", sourceType: \"{source}\", parserOptions: {{ ecmaFeatures: {{ jsx: true }} }} }}, rules: {{ {} }} }}];\n",
        rules.join(", ")
    )
}

fn findings(code: &str, files: Vec<FileMessages>) -> Result<Vec<Finding>, Silent> {
    let lines = Lines::of(code);
    let mut findings = Vec::new();
    for message in files.into_iter().flat_map(|file| file.messages) {
        let (Some(line), Some(column)) = (message.line, message.column) else { continue };
        if message.fatal {
            let said = sentence(&message.message);
            return Err(Silent::Failed(format!(
                "eslint could not read the code: {said} (line {line})"
            )));
        }
        let known =
            message.rule.as_deref().and_then(|rule| RULES.iter().find(|(name, ..)| *name == rule));
        let Some(&(rule, issue_type, severity)) = known else { continue };
        let Some(at) = lines.byte(line, column) else { continue };
        findings.push(Finding {
            rule: format!("eslint/{rule}"),
            issue_type,
            severity,
            line,
            column,
            message: sentence(&message.message),
            why: format!("eslint's `{rule}` says why: https://eslint.org/docs/latest/rules/{rule}"),
            quote: lines.quote(line, at),
            suggestion: None,
            analyser: "eslint".to_owned(),
        });
    }
    Ok(findings)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As eslint 9.39.5 writes it.
    const RECORDED: &str = include_str!("../tests/eslint.json");
    const BROKEN: &str = include_str!("../tests/eslint-broken.json");

    #[test]
    fn what_eslint_writes_becomes_findings() {
        let code = "var x = 1\nif (x == 2) { eval(x) }\nfunction f(a, a) { return 1; foo() }\n";
        let found = findings(code, serde_json::from_str(RECORDED).unwrap()).unwrap();
        let rules: Vec<_> =
            found.iter().map(|one| (one.rule.as_str(), one.line, one.column)).collect();
        assert_eq!(
            rules,
            [("eslint/eqeqeq", 2, 7), ("eslint/no-eval", 2, 15), ("eslint/no-unreachable", 3, 30)]
        );
        assert_eq!(found[1].quote, "if (x == 2) { eval(x) }");
    }

    #[test]
    fn code_that_eslint_cannot_read_is_no_finding_of_its_rules() {
        let answer = findings("let x = ;\n", serde_json::from_str(BROKEN).unwrap());
        assert!(
            matches!(answer, Err(Silent::Failed(reason)) if reason.contains("Unexpected token ;"))
        );
    }
}
