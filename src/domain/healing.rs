//! A healing: one suggestion's way into a working tree, and back.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::fix::word_enum;
use super::hash::ContentHash;

word_enum! {
    /// What the healer does with what is proved harmless.
    HealingMode {
        /// Proves and verifies nothing by itself; suggestions only.
        Off = "off",
        /// Proves, verifies and says what would be done. The default of a new project.
        Observe = "observe",
        /// Applies it to the working directory of the project's repository.
        InPlace = "in_place",
    }
}

word_enum! {
    /// How far a healing has come. Each step is on disk before what it names is begun.
    HealingStep {
        /// The files and their hashes are known; nothing was done.
        Planned = "planned",
        /// The bytes that are to be replaced are stored.
        BackedUp = "backed_up",
        /// Files are being replaced: each is the old one or the new one.
        Applying = "applying",
        /// All files are the new ones.
        Applied = "applied",
        /// The working tree is being checked.
        Verifying = "verifying",
        /// Checked, and kept.
        Kept = "kept",
        /// Files are being given back: each is the old one or the new one.
        RollingBack = "rolling_back",
        /// All files are the old ones again.
        RolledBack = "rolled_back",
        /// Ended without any change.
        Failed = "failed",
        /// Interrupted, and the files are neither old nor new: left alone for a person.
        NeedsPerson = "needs_person",
    }
}

impl HealingStep {
    /// Whether a healing rests in this step until somebody asks for something.
    pub fn is_finished(self) -> bool {
        matches!(self, Self::Kept | Self::RolledBack | Self::Failed | Self::NeedsPerson)
    }

    /// Whether a healing may go from this step to `next`.
    pub fn may_become(self, next: Self) -> bool {
        use HealingStep::{
            Applied, Applying, BackedUp, Failed, Kept, NeedsPerson, Planned, RolledBack,
            RollingBack, Verifying,
        };
        match self {
            Planned => matches!(next, BackedUp | Failed),
            BackedUp => matches!(next, Applying | Failed | NeedsPerson),
            Applying => matches!(next, Applied | RollingBack | NeedsPerson),
            Applied => matches!(next, Verifying | RollingBack | NeedsPerson),
            Verifying => matches!(next, Kept | RollingBack | NeedsPerson),
            Kept => matches!(next, RollingBack),
            // Back to kept: a file refused to be given back, and the others got the fix again.
            RollingBack => matches!(next, RolledBack | Kept | NeedsPerson),
            RolledBack | Failed | NeedsPerson => false,
        }
    }
}

/// One file of a healing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HealingFile {
    /// Path below the repository root, with `/`.
    pub path: String,
    /// The content before; the backup's name.
    pub before_hash: ContentHash,
    /// The content with the fix.
    pub after_hash: ContentHash,
    /// Permissions, set-id and sticky bits before (and after).
    pub mode: u32,
}

/// A journalled healing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Healing {
    /// Its number.
    pub id: i64,
    /// Whose fix it is.
    pub suggestion_id: i64,
    /// The repository's root folder on this machine.
    pub repo: String,
    /// How far it has come.
    pub step: HealingStep,
    /// Who let it go: `andon` for the policy, or a person's name.
    pub actor: String,
    /// Why it stands where it stands, if there is more to say than the step.
    pub reason: Option<String>,
    /// The files, in the order in which they are replaced.
    pub files: Vec<HealingFile>,
    /// When it was planned.
    pub started_at: Timestamp,
    /// When the step last changed.
    pub updated_at: Timestamp,
}
