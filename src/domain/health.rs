//! How a part of the system is, in the words for outsiders.

use serde::{Deserialize, Serialize};

use super::fix::word_enum;

word_enum! {
    /// How a part is.
    Health {
        /// All is well.
        Healthy = "healthy",
        /// Somebody should look.
        Warning = "warning",
        /// It does not do its work.
        Critical = "critical",
    }
}
