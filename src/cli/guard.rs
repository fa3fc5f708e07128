//! `andon guard`: what kind of change is this? One file's change from two files, or many as JSON lines.

use std::io::{BufRead, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::domain::facts::CompilerFacts;
use crate::domain::fix::{ClaimedClass, ProvedClass};
use crate::domain::verdict::Verdict;
use crate::guard::{Change, judge};

/// Exit code for a call that could not be answered.
const USAGE_ERROR: u8 = 2;

/// Longest line that is read from standard input, in bytes: two files of the largest size with room for
/// their escapes and for facts.
const MAX_LINE_BYTES: u64 = 32 * 1024 * 1024;

/// Proves what kind of change a change is: style, import or other.
#[derive(Clone, Debug, clap::Args)]
pub struct GuardArgs {
    /// The file before the change.
    #[arg(long, value_name = "FILE", required_unless_present = "jsonl", conflicts_with = "jsonl")]
    pub before: Option<PathBuf>,
    /// The file after the change.
    #[arg(long, value_name = "FILE", required_unless_present = "jsonl", conflicts_with = "jsonl")]
    pub after: Option<PathBuf>,
    /// The path that the file has below the repository root, with `/`.
    #[arg(long, value_name = "PATH", required_unless_present = "jsonl", conflicts_with = "jsonl")]
    pub path: Option<String>,
    /// What the author says that the change is: style, import or logic. Never evidence.
    #[arg(long, value_name = "CLASS", conflicts_with = "jsonl")]
    pub claimed: Option<ClaimedClass>,
    /// What the compiler said before and after, as JSON (compiler facts).
    #[arg(long, value_name = "FILE", conflicts_with = "jsonl")]
    pub facts: Option<PathBuf>,
    /// Print the whole verdict as JSON.
    #[arg(long, conflicts_with = "jsonl")]
    pub json: bool,
    /// Read changes from standard input, one JSON object a line, and answer each with one.
    #[arg(long)]
    pub jsonl: bool,
}

/// Runs the command. The exit code is 0 when a verdict was given, whatever it is, and 2 when none could be.
#[expect(clippy::needless_pass_by_value, reason = "the dispatcher hands the arguments over")]
pub fn run(args: GuardArgs) -> anyhow::Result<ExitCode> {
    if args.jsonl {
        run_jsonl(std::io::stdin().lock(), std::io::stdout().lock())?;
        return Ok(ExitCode::SUCCESS);
    }
    match judge_files(&args) {
        Ok(verdict) => {
            print(&verdict, args.json)?;
            Ok(ExitCode::SUCCESS)
        }
        Err(error) => {
            eprintln!("andon guard: {error:#}");
            Ok(ExitCode::from(USAGE_ERROR))
        }
    }
}

fn judge_files(args: &GuardArgs) -> anyhow::Result<Verdict> {
    let (Some(before), Some(after), Some(path)) = (&args.before, &args.after, &args.path) else {
        anyhow::bail!("give --before FILE, --after FILE and --path PATH, or --jsonl");
    };
    let read = |file: &PathBuf| {
        std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))
    };
    let facts: Option<CompilerFacts> = match &args.facts {
        None => None,
        Some(file) => Some(
            serde_json::from_slice(&read(file)?)
                .with_context(|| format!("{} does not hold compiler facts", file.display()))?,
        ),
    };
    let (before, after) = (read(before)?, read(after)?);
    Ok(judge(&Change {
        path,
        before: &before,
        after: &after,
        claimed: args.claimed,
        facts: facts.as_ref(),
    }))
}

fn print(verdict: &Verdict, as_json: bool) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    if as_json {
        writeln!(out, "{}", serde_json::to_string_pretty(verdict)?)?;
        return Ok(());
    }
    let how = if verdict.auto { "automatic" } else { "waits for a person" };
    writeln!(out, "{} ({how}): {}", verdict.proved_class, verdict.reason)?;
    for part in &verdict.parts {
        writeln!(out, "  {} by {}: {}", part.class, part.rule, part.proof)?;
    }
    Ok(())
}

/// A change as it is asked on a line.
#[derive(Deserialize)]
struct Question {
    id: Value,
    #[serde(default)]
    language: Option<String>,
    path: String,
    #[serde(default)]
    claimed_class: Option<ClaimedClass>,
    before: String,
    after: String,
    #[serde(default)]
    facts: Option<CompilerFacts>,
}

/// The answer on a line.
#[derive(Serialize)]
struct Answer {
    id: Value,
    proved_class: ProvedClass,
    auto: bool,
    reason: String,
}

impl Answer {
    fn new(id: Value, verdict: Verdict) -> Self {
        Self { id, proved_class: verdict.proved_class, auto: verdict.auto, reason: verdict.reason }
    }
}

/// Answers every line of `input` that is not blank, in order, each at once. A line that cannot be
/// understood is answered as not proved.
pub fn run_jsonl(mut input: impl BufRead, mut output: impl Write) -> anyhow::Result<()> {
    let mut line = Vec::new();
    let mut number = 0_u64;
    while read_line(&mut input, &mut line).context("cannot read standard input")? {
        number += 1;
        if line.trim_ascii().is_empty() {
            continue;
        }
        let answer = answer(&line, number);
        serde_json::to_writer(&mut output, &answer).context("cannot write the answer")?;
        output.write_all(b"\n").and_then(|()| output.flush()).context("cannot write the answer")?;
    }
    Ok(())
}

/// Reads one line into `line`, of which no more than the limit (and a byte, to tell) is kept. Answers
/// whether there was one.
fn read_line(input: &mut impl BufRead, line: &mut Vec<u8>) -> std::io::Result<bool> {
    line.clear();
    let read = std::io::Read::take(&mut *input, MAX_LINE_BYTES + 1).read_until(b'\n', line)?;
    if read as u64 > MAX_LINE_BYTES && !line.ends_with(b"\n") {
        input.skip_until(b'\n')?;
    }
    Ok(read > 0)
}

fn answer(line: &[u8], number: u64) -> Answer {
    let refuse = |id: Value, why: String| {
        Answer::new(id, Verdict::not_proved(format!("line {number}: {why}")))
    };
    if line.len() as u64 > MAX_LINE_BYTES {
        return refuse(Value::Null, format!("is longer than {MAX_LINE_BYTES} bytes"));
    }
    let value: Value = match serde_json::from_slice(line) {
        Ok(value) => value,
        Err(error) => return refuse(Value::Null, format!("is not JSON ({error})")),
    };
    let id = match value.get("id") {
        Some(id @ (Value::String(_) | Value::Number(_))) => id.clone(),
        Some(_) => return refuse(Value::Null, "`id` must be a string or a number".to_owned()),
        None => return refuse(Value::Null, "`id` is missing".to_owned()),
    };
    let question: Question = match serde_json::from_value(value) {
        Ok(question) => question,
        Err(error) => return refuse(id, error.to_string()),
    };
    if let Some(language) = &question.language
        && !matches!(language.to_ascii_lowercase().as_str(), "rust" | "rs")
    {
        let why = format!("only Rust is proved in this version, not `{}`", language.escape_debug());
        return Answer::new(question.id, Verdict::not_proved(why));
    }
    let verdict = judge(&Change {
        path: &question.path,
        before: question.before.as_bytes(),
        after: question.after.as_bytes(),
        claimed: question.claimed_class,
        facts: question.facts.as_ref(),
    });
    Answer::new(question.id, verdict)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answers(input: &[u8]) -> Vec<Value> {
        let mut output = Vec::new();
        run_jsonl(input, &mut output).unwrap();
        let text = String::from_utf8(output).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[test]
    fn every_line_is_answered_in_order_and_a_broken_one_does_not_end_it() {
        let input = concat!(
            r#"{"id":"a","language":"rust","path":"src/x.rs","claimed_class":"style","before":"fn a(){}","after":"fn a() {}"}"#,
            "\n\nnot json\n",
            r#"{"id":7,"path":"src/x.rs","claimed_class":"logic","before":"fn a(){}","after":"fn a() {}"}"#,
            "\n",
            r#"{"id":"b","path":"src/x.rs","claimed_class":"wish","before":"","after":""}"#,
            "\n",
            r#"{"id":"c","language":"python","path":"x.py","before":"a","after":"b"}"#,
            "\n[1]\n",
            r#"{"path":"x.rs","before":"a","after":"b"}"#
        );
        let got = answers(input.as_bytes());
        let ids: Vec<_> = got.iter().map(|answer| answer["id"].clone()).collect();
        assert_eq!(serde_json::json!(["a", null, 7, "b", "c", null, null]), Value::Array(ids));
        assert_eq!(got[0]["proved_class"], "style");
        assert_eq!(got[0]["auto"], true);
        assert!(got[1]["reason"].as_str().unwrap().starts_with("line 3: is not JSON"));
        assert_eq!((&got[2]["proved_class"], &got[2]["auto"]), (&"style".into(), &false.into()));
        for answer in &got[3..] {
            assert_eq!(
                (&answer["proved_class"], &answer["auto"]),
                (&"other".into(), &false.into())
            );
        }
        assert!(got[4]["reason"].as_str().unwrap().contains("only Rust"));
    }

    #[test]
    fn bytes_that_are_not_utf8_are_one_broken_line() {
        let got = answers(b"\xff\xfe{}\n{\"id\":1,\"path\":\"a.rs\",\"before\":\"fn a(){}\",\"after\":\"fn b(){}\"}\n");
        assert_eq!(got.len(), 2);
        assert_eq!(got[0]["id"], Value::Null);
        assert!(got[1]["reason"].as_str().unwrap().contains("`a` became `b`"));
    }
}
