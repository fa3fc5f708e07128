//! The words for a fix: what kind it is said to be, what kind it was proved to be, how much it matters.

use serde::{Deserialize, Serialize};

/// Declares a field-less enum whose variants have one spelling in JSON, in the database and on pages.
macro_rules! word_enum {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name { $($(#[$vmeta])* #[serde(rename = $text)] $variant),+ }

        impl $name {
            /// Every value, in declaration order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The one spelling of this value.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::domain::fix::UnknownWord;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::ALL.iter().copied().find(|v| v.as_str() == text).ok_or_else(|| {
                    $crate::domain::fix::UnknownWord {
                        word: text.to_owned(),
                        known: Self::ALL.iter().map(|v| v.as_str()).collect::<Vec<_>>().join(", "),
                    }
                })
            }
        }
    };
}
pub(crate) use word_enum;

/// A word that is none of a closed list.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
#[error("`{word}` is not one of {known}")]
pub struct UnknownWord {
    /// What was given.
    pub word: String,
    /// What would have been understood.
    pub known: String,
}

word_enum! {
    /// What a suggestion is about.
    IssueType {
        /// Naming, idiom: nothing a compiler acts on.
        Style = "style",
        /// White space only.
        Formatting = "formatting",
        /// Adding, removing or ordering imports.
        ImportOptimization = "import_optimization",
        /// Wrong behaviour.
        Bug = "bug",
        /// Slow behaviour.
        Performance = "performance",
        /// Exploitable behaviour.
        Security = "security",
    }
}

word_enum! {
    /// How much it matters.
    Severity {
        /// Cosmetic.
        Low = "low",
        /// Worth mending soon.
        Medium = "medium",
        /// Hurts users.
        High = "high",
        /// Hurts users now.
        Critical = "critical",
    }
}

word_enum! {
    /// What the author of a fix says that it is. Never evidence.
    ClaimedClass {
        /// Only how the code looks.
        Style = "style",
        /// Only which names are imported.
        Import = "import",
        /// Anything that may change what the program does.
        Logic = "logic",
    }
}

word_enum! {
    /// What the guard proved that a fix is.
    ProvedClass {
        /// The program is the same, token for token where it matters.
        Style = "style",
        /// Only imports changed, in a way that cannot change what any name means.
        Import = "import",
        /// Neither was proved: a person decides.
        Other = "other",
    }
}

word_enum! {
    /// Where a suggestion stands.
    SuggestionStatus {
        /// Waits for a verdict or for a person.
        Pending = "pending",
        /// A person said yes; the healer has not finished.
        Approved = "approved",
        /// A person said no.
        Rejected = "rejected",
        /// In the repository, verified, kept.
        Applied = "applied",
        /// Could not be applied, or did not survive its verification.
        Failed = "failed",
        /// Was applied and has been taken back.
        RolledBack = "rolled_back",
        /// The code moved on, or another suggestion took its place.
        Superseded = "superseded",
    }
}

impl SuggestionStatus {
    /// Whether a suggestion may go from this status to `next`.
    pub fn may_become(self, next: Self) -> bool {
        use SuggestionStatus::{
            Applied, Approved, Failed, Pending, Rejected, RolledBack, Superseded,
        };
        match self {
            Pending => matches!(next, Approved | Rejected | Applied | Failed | Superseded),
            Approved => matches!(next, Pending | Rejected | Applied | Failed | Superseded),
            Applied => matches!(next, RolledBack | Failed),
            Failed => matches!(next, Pending | Approved | Rejected | Superseded),
            RolledBack => matches!(next, Approved | Applied),
            Rejected => matches!(next, Pending),
            Superseded => false,
        }
    }
}
