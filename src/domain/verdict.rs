//! The guard's answer.

use serde::{Deserialize, Serialize};

use super::fix::ProvedClass;

/// One part of a change and the rule that proved its class.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerdictPart {
    /// What this part was proved to be.
    pub class: ProvedClass,
    /// The rule's name, e.g. `style.tokens_equal`, `import.reorder`, `import.remove_unused`.
    pub rule: String,
    /// What was compared or which fact was used, in a few words.
    pub proof: String,
}

/// What the guard proved about a change, and how.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// What the change was proved to be.
    pub proved_class: ProvedClass,
    /// Whether the proof allows the change to go without a person. Policy may still hold it back.
    pub auto: bool,
    /// One sentence for a reader: why it is proved, or what stands in the way.
    pub reason: String,
    /// The parts of the change, each with its rule. Empty when nothing was proved.
    pub parts: Vec<VerdictPart>,
}

impl Verdict {
    /// A change that goes to a person, because of `reason`.
    pub fn not_proved(reason: impl Into<String>) -> Self {
        Self {
            proved_class: ProvedClass::Other,
            auto: false,
            reason: reason.into(),
            parts: Vec::new(),
        }
    }
}
