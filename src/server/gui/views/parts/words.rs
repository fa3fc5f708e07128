//! The closed words of the domain, as badges.

use crate::domain::event::Level;
use crate::domain::execution::ExecutionStatus;
use crate::domain::facts::RunOutcome;
use crate::domain::fix::{ClaimedClass, IssueType, ProvedClass, Severity, SuggestionStatus};
use crate::domain::pattern::PatternVerdict;

/// What a badge's colour says. Never the only carrier of a meaning: the word is always there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// A plain fact.
    Neutral,
    /// Something goes on, or can be looked at.
    Info,
    /// As it should be.
    Good,
    /// Wants a look.
    Warn,
    /// Went wrong.
    Bad,
}

impl std::fmt::Display for Tone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Neutral => "tone-neutral",
            Self::Info => "tone-info",
            Self::Good => "tone-good",
            Self::Warn => "tone-warn",
            Self::Bad => "tone-bad",
        })
    }
}

/// One word with a colour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Badge {
    /// The word, with spaces where the domain's spelling has `_`.
    pub text: String,
    /// Its colour.
    pub tone: Tone,
}

impl Badge {
    fn new(word: &str, tone: Tone) -> Self {
        Self { text: word.replace('_', " "), tone }
    }
}

impl From<Level> for Badge {
    fn from(level: Level) -> Self {
        let tone = match level {
            Level::Debug | Level::Info => Tone::Neutral,
            Level::Warning => Tone::Warn,
            Level::Error | Level::Fatal => Tone::Bad,
        };
        Self::new(level.as_str(), tone)
    }
}

impl From<Severity> for Badge {
    fn from(severity: Severity) -> Self {
        let tone = match severity {
            Severity::Low => Tone::Neutral,
            Severity::Medium => Tone::Info,
            Severity::High => Tone::Warn,
            Severity::Critical => Tone::Bad,
        };
        Self::new(severity.as_str(), tone)
    }
}

impl From<IssueType> for Badge {
    fn from(issue_type: IssueType) -> Self {
        Self::new(issue_type.as_str(), Tone::Neutral)
    }
}

impl From<ClaimedClass> for Badge {
    fn from(class: ClaimedClass) -> Self {
        Self::new(class.as_str(), Tone::Neutral)
    }
}

impl From<ProvedClass> for Badge {
    fn from(class: ProvedClass) -> Self {
        let tone = match class {
            ProvedClass::Style | ProvedClass::Import => Tone::Good,
            ProvedClass::Other => Tone::Warn,
        };
        Self::new(class.as_str(), tone)
    }
}

impl From<SuggestionStatus> for Badge {
    fn from(status: SuggestionStatus) -> Self {
        let tone = match status {
            SuggestionStatus::Pending => Tone::Warn,
            SuggestionStatus::Approved => Tone::Info,
            SuggestionStatus::Applied => Tone::Good,
            SuggestionStatus::Failed => Tone::Bad,
            SuggestionStatus::Rejected
            | SuggestionStatus::RolledBack
            | SuggestionStatus::Superseded => Tone::Neutral,
        };
        Self::new(status.as_str(), tone)
    }
}

impl From<ExecutionStatus> for Badge {
    fn from(status: ExecutionStatus) -> Self {
        let tone = match status {
            ExecutionStatus::Running => Tone::Info,
            ExecutionStatus::Done => Tone::Good,
            ExecutionStatus::Skipped => Tone::Neutral,
            ExecutionStatus::Failed => Tone::Bad,
            ExecutionStatus::Cancelled => Tone::Warn,
        };
        Self::new(status.as_str(), tone)
    }
}

impl From<PatternVerdict> for Badge {
    fn from(verdict: PatternVerdict) -> Self {
        let tone = match verdict {
            PatternVerdict::Accepted => Tone::Good,
            PatternVerdict::Rejected => Tone::Neutral,
            PatternVerdict::Corrected => Tone::Info,
        };
        Self::new(verdict.as_str(), tone)
    }
}

/// How a run ended: its word and the class that gives it its shape and colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutcomeView {
    /// `passed`, `failed` or `not run`.
    pub word: &'static str,
    /// `passed`, `failed` or `not-run`.
    pub class: &'static str,
}

impl From<RunOutcome> for OutcomeView {
    fn from(outcome: RunOutcome) -> Self {
        match outcome {
            RunOutcome::Passed => Self { word: "passed", class: "passed" },
            RunOutcome::Failed => Self { word: "failed", class: "failed" },
            RunOutcome::NotRun => Self { word: "not run", class: "not-run" },
        }
    }
}
