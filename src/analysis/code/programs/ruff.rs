//! ruff, without any configuration but ours: which rules, and how grave each is.

use serde::Deserialize;

use super::super::changes::Changes;
use super::super::findings::Lines;
use super::super::language::Language;
use super::super::report::{Finding, SuggestedChange};
use super::super::request::CodeRequest;
use super::super::rules::Edit;
use super::{Silent, Words, file_name, finished, sentence};
use crate::checks::Programs;
use crate::domain::fix::{ClaimedClass, IssueType, Severity};
use crate::source::tree::{Grammar, parse};

use IssueType::{Bug, ImportOptimization, Performance, Security, Style};
use Severity::{High, Low, Medium};

/// Which rules are asked for, by the beginning of their codes; the longest one counts.
const RULES: &[(&str, IssueType, Severity)] = &[
    ("E4", Style, Low),
    ("E7", Style, Low),
    ("E722", Bug, Medium),
    ("F401", ImportOptimization, Low),
    ("F403", Style, Low),
    ("F404", Bug, High),
    ("F405", Style, Low),
    ("F5", Bug, High),
    ("F541", Style, Low),
    ("F6", Bug, Medium),
    ("F7", Bug, High),
    ("F811", Bug, Medium),
    ("F821", Bug, High),
    ("F822", Bug, High),
    ("F823", Bug, High),
    ("F841", Style, Low),
    ("F842", Style, Low),
    ("F901", Bug, Medium),
    ("B0", Bug, Medium),
    ("B007", Style, Low),
    ("B009", Style, Low),
    ("B010", Style, Low),
    ("B028", Style, Low),
    ("B904", Style, Low),
    ("PLE", Bug, High),
    ("ASYNC", Performance, Medium),
    ("PERF1", Performance, Low),
    ("PERF4", Performance, Low),
    ("S102", Security, High),
    ("S113", Bug, Medium),
    ("S201", Security, High),
    ("S202", Security, Medium),
    ("S301", Security, Medium),
    ("S306", Security, Medium),
    ("S307", Security, High),
    ("S324", Security, Medium),
    ("S501", Security, High),
    ("S506", Security, High),
    ("S602", Security, High),
    ("S605", Security, High),
    ("S608", Security, Medium),
];

#[derive(Deserialize)]
struct Message {
    code: Option<String>,
    message: String,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    url: Option<String>,
    location: Place,
    fix: Option<Fix>,
}

#[derive(Clone, Copy, Deserialize)]
struct Place {
    row: u32,
    column: u32,
}

#[derive(Deserialize)]
struct Fix {
    applicability: String,
    message: Option<String>,
    edits: Vec<FixEdit>,
}

#[derive(Deserialize)]
struct FixEdit {
    content: String,
    location: Place,
    end_location: Place,
}

pub(super) async fn lint(request: &CodeRequest, programs: &Programs) -> Result<Words, Silent> {
    let ruff = programs.ruff().await?;
    let selected: Vec<&str> = RULES.iter().map(|(code, ..)| *code).collect();
    let name = file_name(&request.file_path, "code.py");
    let args = vec![
        "check".into(),
        "--isolated".into(),
        "--no-cache".into(),
        "--exit-zero".into(),
        "--output-format".into(),
        "json".into(),
        "--select".into(),
        selected.join(",").into(),
        "--stdin-filename".into(),
        name.into(),
        "-".into(),
    ];
    let output = programs.run(ruff, args, &[], Some(request.code.clone().into_bytes())).await?;
    finished("ruff", &output, &[0])?;
    let messages: Vec<Message> = serde_json::from_slice(&output.stdout)
        .map_err(|error| Silent::Failed(format!("ruff answered something else: {error}")))?;
    Ok(Words { findings: findings(&request.code, messages), ..Words::default() })
}

fn findings(code: &str, messages: Vec<Message>) -> Vec<Finding> {
    let lines = Lines::of(code);
    let reparses =
        |text: &str| parse(Grammar::Python, text).is_ok_and(|tree| !tree.root_node().has_error());
    let changes = Changes::new(Language::Python, &reparses);
    let finding = |message: Message| {
        // What has no code, or none that was asked for, is about syntax, which others tell.
        let code_of = message.code.as_deref()?;
        let (_, issue_type, severity) = *RULES
            .iter()
            .filter(|(start, ..)| code_of.starts_with(start))
            .max_by_key(|(start, ..)| start.len())?;
        let Place { row: line, column } = message.location;
        let at = lines.byte(line, column)?;
        Some(Finding {
            rule: format!("ruff/{code_of}"),
            issue_type,
            severity,
            line,
            column,
            message: full_stop(sentence(&message.message)),
            why: why(&message),
            quote: lines.quote(line, at),
            suggestion: message
                .fix
                .as_ref()
                .and_then(|fix| suggestion(code, &lines, &changes, fix, code_of)),
            analyser: "ruff".to_owned(),
        })
    };
    messages.into_iter().filter_map(finding).collect()
}

fn why(message: &Message) -> String {
    let name = message.name.as_deref().unwrap_or("this rule");
    let url = message.url.as_deref().filter(|url| url.starts_with("https://docs.astral.sh/"));
    match url {
        Some(url) => sentence(&format!("ruff's `{name}` says why: {url}")),
        None => sentence(&format!("ruff's `{name}`.")),
    }
}

fn full_stop(text: String) -> String {
    if text.ends_with(['.', '?', '!']) { text } else { format!("{text}.") }
}

/// What ruff itself calls safe.
fn suggestion(
    code: &str,
    lines: &Lines<'_>,
    changes: &Changes<'_>,
    fix: &Fix,
    rule: &str,
) -> Option<SuggestedChange> {
    if fix.applicability != "safe" {
        return None;
    }
    let mut parts = Vec::new();
    for edit in &fix.edits {
        let from = lines.byte(edit.location.row, edit.location.column)?;
        // What ends behind the last line ends with the text.
        let to = lines.byte(edit.end_location.row, edit.end_location.column).unwrap_or(code.len());
        parts.push((from..to.max(from), edit.content.clone()));
    }
    parts.sort_by_key(|(range, _)| range.start);
    if parts.windows(2).any(|pair| pair[0].0.end > pair[1].0.start) {
        return None;
    }
    let class = if rule == "F401" { ClaimedClass::Import } else { ClaimedClass::Logic };
    let title = sentence(fix.message.as_deref().unwrap_or("Do as ruff says"));
    changes.suggest(code, &Edit { title, parts, class })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As ruff 0.17.6 writes it.
    const RECORDED: &str = include_str!("../tests/ruff.json");

    #[test]
    fn what_ruff_writes_becomes_findings_with_safe_changes_only() {
        let code = "import os\ndef f(x=[]):\n  x.append(1)\n  return eval(x)\n";
        let found = findings(code, serde_json::from_str(RECORDED).unwrap());
        let rules: Vec<_> =
            found.iter().map(|one| (one.rule.as_str(), one.line, one.severity)).collect();
        assert_eq!(
            rules,
            [("ruff/F401", 1, Low), ("ruff/B006", 2, Medium), ("ruff/S307", 4, High)]
        );
        let change = found[0].suggestion.as_ref().unwrap();
        assert_eq!(
            (change.before.as_str(), change.after.as_str()),
            ("import os\ndef f(x=[]):\n", "def f(x=[]):\n")
        );
        assert_eq!(change.claimed_class, ClaimedClass::Import);
        assert!(found[1].suggestion.is_none(), "ruff calls that one unsafe");
        assert_eq!(found[2].quote, "  return eval(x)");
    }
}
