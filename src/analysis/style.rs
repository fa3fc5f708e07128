//! Formatting, as rustfmt does it.

use crate::checks::{CheckError, PrivateCopy};
use crate::domain::fix::{ClaimedClass, IssueType, Severity};
use crate::domain::patch::{FileChange, Patch};
use crate::domain::suggestion::Proposal;

/// The agent's name.
pub const AGENT: &str = "style";

/// What rustfmt's words led to.
#[derive(Clone, Debug, Default)]
pub struct StyleReport {
    /// One a file whose text rustfmt would write differently.
    pub proposals: Vec<Proposal>,
    /// Files that could not be formatted, and why.
    pub notes: Vec<String>,
}

/// Proposes to format exactly these files (those that are Rust), as the copy holds them now: write
/// what earlier fixes made of them first.
pub async fn propose_formatting(
    copy: &PrivateCopy,
    files: &[String],
) -> Result<StyleReport, CheckError> {
    let mut report = StyleReport::default();
    for path in files.iter().filter(|path| path.ends_with(".rs")) {
        let before = copy.read(path)?;
        let after = match copy.format(path).await {
            Ok(after) => after,
            Err(
                error @ (CheckError::Format { .. }
                | CheckError::NoPackage { .. }
                | CheckError::Packages { .. }),
            ) => {
                report.notes.push(format!("{path} was not formatted: {error}."));
                continue;
            }
            Err(error) => return Err(error),
        };
        if after == before {
            continue;
        }
        report.proposals.push(Proposal {
            agent: AGENT.into(),
            title: format!("Format {path}"),
            explanation: "rustfmt writes this file differently, by the repository's own configuration and edition.".into(),
            issue_type: IssueType::Formatting,
            severity: Severity::Low,
            claimed_class: ClaimedClass::Style,
            patch: Patch { files: vec![FileChange { path: path.clone(), before, after }] },
            mends: None,
        });
    }
    Ok(report)
}
