//! What kind of data an item is: the names by which senders and rate limits know it.

use serde::{Deserialize, Serialize};

use super::fix::word_enum;

word_enum! {
    /// A data category, as in `X-Sentry-Rate-Limits`.
    Category {
        /// What has no category of its own.
        Default = "default",
        /// Events.
        Error = "error",
        /// Reports that browsers send by themselves; they become events.
        Security = "security",
        /// Transactions.
        Transaction = "transaction",
        /// Sessions, single or summed up.
        Session = "session",
        /// Files; counted in bytes.
        Attachment = "attachment",
        /// Check-ins.
        Monitor = "monitor",
        /// Containers of log lines.
        LogItem = "log_item",
        /// Spans.
        Span = "span",
        /// Profiles.
        Profile = "profile",
        /// Pieces of continuous profiles.
        ProfileChunk = "profile_chunk",
        /// Parts of session replays.
        Replay = "replay",
        /// What users write in a widget.
        Feedback = "feedback",
        /// What users write after a crash.
        UserReport = "user_report",
        /// Metrics of the old kind.
        MetricBucket = "metric_bucket",
        /// Metrics.
        TraceMetric = "trace_metric",
    }
}

impl Category {
    /// The category whose quota it uses: security reports are events.
    pub const fn counts_as(self) -> Self {
        match self {
            Self::Security => Self::Error,
            other => other,
        }
    }

    /// The categories that use the same quota: what a sender must stop sending when it is used up.
    pub fn sharing(self) -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied().filter(move |other| other.counts_as() == self.counts_as())
    }
}
