//! What is asked.

use serde::{Deserialize, Serialize};

use crate::domain::fix::{IssueType, word_enum};

/// Longer code is not analysed.
pub const MAX_CODE_BYTES: usize = 1024 * 1024;

word_enum! {
    /// Which findings are wanted. Mistakes of syntax are always told.
    AnalysisType {
        /// Wrong behaviour.
        Bug = "bug",
        /// Slow behaviour.
        Performance = "performance",
        /// Exploitable behaviour.
        Security = "security",
        /// How it is written; formatting and imports among it.
        Style = "style",
        /// All of them.
        Comprehensive = "comprehensive",
    }
}

impl AnalysisType {
    /// Whether findings about this are wanted.
    pub fn wants(self, issue_type: IssueType) -> bool {
        match self {
            Self::Bug => issue_type == IssueType::Bug,
            Self::Performance => issue_type == IssueType::Performance,
            Self::Security => issue_type == IssueType::Security,
            Self::Style => matches!(
                issue_type,
                IssueType::Style | IssueType::Formatting | IssueType::ImportOptimization
            ),
            Self::Comprehensive => true,
        }
    }
}

/// A piece of code that was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeRequest {
    /// The code.
    pub code: String,
    /// Its file, which tells the language and whether it is a test. May be empty. Nothing is ever opened
    /// by it.
    #[serde(default)]
    pub file_path: String,
    /// What to look for; everything if it is not said.
    #[serde(default = "everything", rename = "analysis_type")]
    pub kind: AnalysisType,
}

fn everything() -> AnalysisType {
    AnalysisType::Comprehensive
}
