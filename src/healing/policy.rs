//! Whether a fix may go by itself, and which rule says so.

use super::compare::Standing;
use super::prove::Verified;
use crate::domain::facts::RunOutcome;
use crate::domain::fix::{ClaimedClass, IssueType, ProvedClass, Severity, SuggestionStatus};
use crate::domain::hash::ContentHash;
use crate::domain::healing::HealingMode;
use crate::domain::suggestion::Suggestion;
use crate::repo::Repository;
use crate::store::{Store, StoreError};

/// What a project, or the operator at the command line, allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PolicySettings {
    /// What is done with what is proved harmless.
    pub mode: HealingMode,
    /// Whether files with changes that are not committed may be healed.
    pub allow_dirty: bool,
    /// Whether what a person rejected or took back before may be healed by itself again.
    pub again: bool,
}

/// Proof that the policy lets one verified fix go. Only [`decide`] makes one.
#[derive(Debug)]
pub struct Permission {
    fix: ContentHash,
    reason: String,
}

impl Permission {
    /// Whether this permission is for that fix.
    pub(super) fn is_for(&self, verified: &Verified) -> bool {
        self.fix == verified.identity()
    }

    /// Why it may go: the deciding rule, as a sentence.
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

/// What the policy says about a fix.
#[derive(Debug)]
pub enum PolicyDecision {
    /// It may go by itself.
    Go {
        /// For the healer.
        permission: Permission,
        /// The deciding rule, as a sentence.
        reason: String,
    },
    /// It could go by itself, but the mode only observes.
    WouldGo {
        /// The deciding rule, as a sentence.
        reason: String,
    },
    /// A person decides.
    Wait {
        /// The rule's name.
        rule: &'static str,
        /// The deciding rule, as a sentence.
        reason: String,
    },
}

impl PolicyDecision {
    /// The deciding rule's sentence.
    pub fn reason(&self) -> &str {
        match self {
            Self::Go { reason, .. } | Self::WouldGo { reason } | Self::Wait { reason, .. } => {
                reason
            }
        }
    }
}

/// Decides whether `suggestion`, verified as `verified`, may go by itself.
pub async fn decide(
    store: &Store,
    repository: &Repository,
    suggestion: &Suggestion,
    verified: &Verified,
    settings: PolicySettings,
) -> Result<PolicyDecision, StoreError> {
    if let Some((rule, reason)) = first_objection(suggestion, verified) {
        return Ok(PolicyDecision::Wait { rule, reason });
    }
    if !settings.allow_dirty
        && let Some(path) = first_dirty_file(store, repository, verified).await?
    {
        let reason = format!("{path} has changes that are not committed");
        return Ok(PolicyDecision::Wait { rule: "tree.clean", reason });
    }
    if !settings.again
        && let Some(repo) = &suggestion.repo
        && store.was_refused(repo, &suggestion.proposal.title).await?
    {
        let reason = "a person rejected this fix, or took it back, before".into();
        return Ok(PolicyDecision::Wait { rule: "not.refused_before", reason });
    }
    let reason = format!("verified, and {}", verified.verdict().reason);
    Ok(match settings.mode {
        HealingMode::Off => PolicyDecision::Wait {
            rule: "mode.off",
            reason: "healing is switched off for this project".into(),
        },
        HealingMode::Observe => PolicyDecision::WouldGo { reason },
        HealingMode::InPlace => {
            let permission = Permission { fix: verified.identity(), reason: reason.clone() };
            PolicyDecision::Go { permission, reason }
        }
    })
}

/// The first rule that speaks against a fix going by itself, whatever the project's settings.
fn first_objection(suggestion: &Suggestion, verified: &Verified) -> Option<(&'static str, String)> {
    let proposal = &suggestion.proposal;
    let verdict = verified.verdict();
    if suggestion.id != verified.suggestion_id() {
        return Some(("fix.same", "the verification is of another suggestion".into()));
    }
    if suggestion.status != SuggestionStatus::Pending {
        return Some(("status.pending", format!("the suggestion is {}", suggestion.status)));
    }
    if proposal.claimed_class == ClaimedClass::Logic {
        return Some(("claim.harmless", "its author claims that it changes logic".into()));
    }
    if verdict.proved_class == ProvedClass::Other || !verdict.auto {
        return Some(("class.proved", verdict.reason.clone()));
    }
    let harmless_type = matches!(
        proposal.issue_type,
        IssueType::Style | IssueType::Formatting | IssueType::ImportOptimization
    );
    if !harmless_type {
        return Some(("issue_type.harmless", format!("it is about {}", proposal.issue_type)));
    }
    if !matches!(proposal.severity, Severity::Low | Severity::Medium) {
        return Some(("severity.low_or_medium", format!("its severity is {}", proposal.severity)));
    }
    if let Some(why) = verified.protected() {
        return Some(("path.not_protected", why.to_owned()));
    }
    if *verified.standing() != Standing::Clean {
        return Some(("verification.passed", verified.standing().summary()));
    }
    match verified.mended() {
        None | Some((RunOutcome::Passed, _)) => None,
        Some((_, why)) => Some(("diagnostic.gone", why.clone())),
    }
}

/// The first file that is neither as in HEAD nor as Andon's own last kept healing left it.
async fn first_dirty_file(
    store: &Store,
    repository: &Repository,
    verified: &Verified,
) -> Result<Option<String>, StoreError> {
    for file in verified.files() {
        // A file that git cannot compare counts as dirty.
        if repository.is_clean(&file.path).unwrap_or(false) {
            continue;
        }
        let root = repository.root().to_string_lossy();
        let last = store.last_healing_of_file(&root, &file.path).await?;
        if last.is_none_or(|(_, hash)| hash != file.before_hash) {
            return Ok(Some(file.path.clone()));
        }
    }
    Ok(None)
}
