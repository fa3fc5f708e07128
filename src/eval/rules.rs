//! What the code rules find in real code, to be judged by reading: how `docs/code-rules.md` came about.

use std::collections::BTreeMap;
use std::fmt;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use serde_json::json;

use crate::analysis::code::{AnalysisType, CodeRequest, MAX_CODE_BYTES, analyse_without_programs};

/// What was read and found, in all.
#[derive(Debug, Default)]
pub struct Summary {
    by_language: BTreeMap<&'static str, Read>,
    by_rule: BTreeMap<String, usize>,
}

#[derive(Debug, Default)]
struct Read {
    files: usize,
    lines: usize,
    took: Duration,
    slowest: Duration,
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (language, read) in &self.by_language {
            let per_thousand = read.took.as_secs_f64() * 1e6 / read.lines.max(1) as f64;
            writeln!(
                f,
                "{language}: {} files, {} lines, {per_thousand:.1} ms a thousand lines, the slowest file {:.0} ms",
                read.files,
                read.lines,
                read.slowest.as_secs_f64() * 1e3
            )?;
        }
        for (rule, count) in &self.by_rule {
            writeln!(f, "{rule}: {count}")?;
        }
        Ok(())
    }
}

/// Runs the rules over every file below some folders whose name tells its language, and writes each
/// finding as a line of JSON.
pub fn run(folders: &[PathBuf], out: &mut dyn Write) -> anyhow::Result<Summary> {
    let mut summary = Summary::default();
    let mut waiting: Vec<PathBuf> = folders.to_vec();
    while let Some(path) = waiting.pop() {
        let meta = std::fs::symlink_metadata(&path)
            .with_context(|| format!("cannot read {}", path.display()))?;
        if meta.is_dir() {
            let mut inner: Vec<PathBuf> = std::fs::read_dir(&path)?
                .map(|entry| entry.map(|entry| entry.path()))
                .collect::<Result<_, _>>()?;
            inner.sort();
            waiting.extend(inner);
        } else if meta.is_file() && meta.len() <= MAX_CODE_BYTES as u64 {
            look(&path, out, &mut summary)?;
        }
    }
    Ok(summary)
}

fn look(path: &Path, out: &mut dyn Write, summary: &mut Summary) -> anyhow::Result<()> {
    let name = path.to_string_lossy().into_owned();
    if path.extension().is_none() {
        return Ok(());
    }
    let Ok(code) = std::fs::read_to_string(path) else { return Ok(()) };
    let lines = code.lines().count();
    let request = CodeRequest { code, file_path: name.clone(), kind: AnalysisType::Comprehensive };
    let started = Instant::now();
    let report = analyse_without_programs(&request);
    let took = started.elapsed();
    let Some(language) = report.language else { return Ok(()) };
    let read = summary.by_language.entry(language.as_str()).or_default();
    read.files += 1;
    read.lines += lines;
    read.took += took;
    read.slowest = read.slowest.max(took);
    for finding in report.findings {
        *summary.by_rule.entry(finding.rule.clone()).or_default() += 1;
        let line = json!({
            "file": name,
            "line": finding.line,
            "column": finding.column,
            "rule": finding.rule,
            "message": finding.message,
            "quote": finding.quote,
            "suggestion": finding.suggestion,
        });
        writeln!(out, "{line}")?;
    }
    Ok(())
}
