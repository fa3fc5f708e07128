//! Rules that repeated verdicts propose. A rule only ever holds a fix back, or says a known cause first: it
//! makes nothing apply, and it does nothing before a person confirms it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::analysis::Classification;
use super::fix::word_enum;
use super::pattern::{Pattern, PatternVerdict};

word_enum! {
    /// What a rule does.
    RuleKind {
        /// Fixes of a shape are not proposed for a class of error.
        HoldBack = "hold_back",
        /// Errors of a class are explained as a person explained them.
        KnownCause = "known_cause",
        /// Errors of a class are shown the pattern by which they were always mended.
        KnownFix = "known_fix",
    }
}

word_enum! {
    /// Where a rule stands.
    RuleStatus {
        /// Waits for a person; does nothing.
        Proposed = "proposed",
        /// A person said yes; it acts.
        Confirmed = "confirmed",
        /// A person said no; it is not proposed again.
        Dismissed = "dismissed",
    }
}

/// One verdict of those that a rule was made from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleEvidence {
    /// The pattern that keeps it.
    pub pattern_id: i64,
    /// The issue.
    pub issue_id: Option<i64>,
    /// The suggestion that was decided on, if it was one.
    pub suggestion_id: Option<i64>,
    /// What was decided.
    pub verdict: PatternVerdict,
    /// By whom.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// A rule, proposed or decided on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    /// Its number; 0 before it is stored.
    pub id: i64,
    /// The project; a rule holds in no other.
    pub project_id: i64,
    /// What it does.
    pub kind: RuleKind,
    /// The class of error that it is for.
    pub class: String,
    /// The shape of the fixes that it is about; empty for one about causes.
    pub shape: String,
    /// The folder that it is for; empty for all.
    pub path: String,
    /// What it does, in one sentence.
    pub sentence: String,
    /// What it says of the cause, if it does.
    pub cause: String,
    /// What it says should be done, if it does.
    pub classification: Option<Classification>,
    /// The pattern that it shows, if that is there still.
    pub pattern_id: Option<i64>,
    /// The verdicts that it was made from.
    pub evidence: Vec<RuleEvidence>,
    /// Where it stands.
    pub status: RuleStatus,
    /// Who decided on it.
    pub decided_by: Option<String>,
    /// How often it acted.
    pub hits: i64,
    /// When it last acted.
    pub last_hit_at: Option<Timestamp>,
    /// When it was proposed.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl Rule {
    /// Whether it is about an error of this class at this place.
    pub fn is_about(&self, class: &str, path: &str) -> bool {
        self.class == class && is_below(path, &self.path)
    }
}

fn is_below(path: &str, folder: &str) -> bool {
    folder.is_empty() || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

/// What verdicts alike propose: those of the same project and class as `latest`, which is among them.
/// Nothing unless at least `least` of them, over as many fingerprints, say the same and none the contrary.
pub fn propose(latest: &Pattern, verdicts: &[Pattern], least: usize) -> Option<Rule> {
    let kind = match latest.verdict {
        PatternVerdict::Rejected => RuleKind::HoldBack,
        PatternVerdict::Accepted => RuleKind::KnownFix,
        PatternVerdict::Corrected => RuleKind::KnownCause,
    };
    // What only an own kind of failure can be told by says nothing about the next.
    if latest.class == "unknown" || (kind != RuleKind::KnownCause && latest.shape.is_empty()) {
        return None;
    }
    let same = |one: &&Pattern| match kind {
        RuleKind::KnownCause => {
            one.verdict == latest.verdict
                && match latest.classification {
                    Some(said) => one.classification == Some(said),
                    None => one_cause(&one.cause) == one_cause(&latest.cause),
                }
        }
        _ => one.verdict == latest.verdict && one.shape == latest.shape,
    };
    let alike: Vec<&Pattern> = verdicts.iter().filter(same).collect();
    let mut fingerprints: Vec<&str> = alike.iter().map(|one| one.fingerprint.as_str()).collect();
    fingerprints.sort_unstable();
    fingerprints.dedup();
    let path = common_folder(alike.iter().map(|one| one.path.as_str()));
    let contrary = verdicts.iter().any(|one| match kind {
        RuleKind::HoldBack => {
            one.verdict == PatternVerdict::Accepted
                && one.shape == latest.shape
                && is_below(&one.path, &path)
        }
        // A fix that was also refused, or did not last, is none to hold up.
        RuleKind::KnownFix => {
            one.shape == latest.shape
                && is_below(&one.path, &path)
                && (one.verdict == PatternVerdict::Rejected || one.recurred)
        }
        RuleKind::KnownCause => {
            one.verdict == PatternVerdict::Corrected && is_below(&one.path, &path) && !same(&one)
        }
    });
    if fingerprints.len() < least || contrary {
        return None;
    }
    let is_cause = kind == RuleKind::KnownCause;
    Some(Rule {
        id: 0,
        project_id: latest.project_id,
        kind,
        class: latest.class.clone(),
        shape: if is_cause { cause_key(latest) } else { latest.shape.clone() },
        sentence: sentence(kind, latest, &path, fingerprints.len()),
        path,
        cause: if is_cause { latest.cause.clone() } else { String::new() },
        classification: latest.classification.filter(|_| is_cause),
        pattern_id: (kind != RuleKind::HoldBack).then_some(latest.id),
        evidence: alike.iter().map(|one| evidence(one)).collect(),
        status: RuleStatus::Proposed,
        decided_by: None,
        hits: 0,
        last_hit_at: None,
        created_at: latest.updated_at,
        updated_at: latest.updated_at,
    })
}

fn evidence(pattern: &Pattern) -> RuleEvidence {
    RuleEvidence {
        pattern_id: pattern.id,
        issue_id: pattern.issue_id,
        suggestion_id: pattern.suggestion_id,
        verdict: pattern.verdict,
        by: pattern.decided_by.clone(),
        at: pattern.updated_at,
    }
}

/// What two causes that say the same have in common.
fn one_cause(text: &str) -> Vec<String> {
    super::pattern::words_of(text)
}

/// Keeps two rules about causes of one class apart.
fn cause_key(pattern: &Pattern) -> String {
    match pattern.classification {
        Some(said) => said.to_string(),
        None => one_cause(&pattern.cause).into_iter().take(12).collect::<Vec<_>>().join(" "),
    }
}

fn sentence(kind: RuleKind, latest: &Pattern, path: &str, times: usize) -> String {
    let place = if path.is_empty() { String::new() } else { format!(" below {path}/") };
    let class = latest.class.replace('_', " ");
    let shape = &latest.shape;
    match kind {
        RuleKind::HoldBack => format!(
            "Fixes of the shape `{shape}` for errors of the class {class}{place} are held back: people rejected all {times} so far."
        ),
        RuleKind::KnownFix => format!(
            "Errors of the class {class}{place} were mended by fixes of the shape `{shape}` all {times} times: pattern {} shows how.",
            latest.id
        ),
        RuleKind::KnownCause => match latest.classification {
            Some(said) => format!(
                "Errors of the class {class}{place} are `{said}`: people said so {times} times."
            ),
            None => format!(
                "Errors of the class {class}{place} have a known cause: people gave the same one {times} times."
            ),
        },
    }
}

/// The folder that all paths lie in; nothing if one of them is not known.
fn common_folder<'p>(paths: impl Iterator<Item = &'p str>) -> String {
    let mut common: Option<Vec<&str>> = None;
    for path in paths {
        let mut parts: Vec<&str> = path.split('/').collect();
        parts.pop();
        common = Some(match common {
            None => parts,
            Some(before) => {
                let same = before.iter().zip(&parts).take_while(|(a, b)| a == b).count();
                before[..same].to_vec()
            }
        });
    }
    common.unwrap_or_default().join("/")
}

#[cfg(test)]
#[path = "rule_tests.rs"]
mod tests;
