//! How far the healer may go by itself in a project.

use super::fix::word_enum;
use serde::{Deserialize, Serialize};

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
