//! Why a model gave no answer.

use std::time::Duration;

/// What one route said, or did not.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// 429, or 503 with a time.
    #[error("the server is asked too much{}", wait(*.retry_after))]
    Busy {
        /// When it may be asked again, if it said so.
        retry_after: Option<Duration>,
    },
    /// It is out of order.
    #[error("the server answered {status}: {detail}")]
    Server {
        /// The HTTP status.
        status: u16,
        /// What it said.
        detail: String,
    },
    /// It does not take the question; putting it again does not help.
    #[error("the server refused the question with {status}: {detail}")]
    Rejected {
        /// The HTTP status.
        status: u16,
        /// What it said.
        detail: String,
    },
    /// No answer in time.
    #[error("no answer within {0} s")]
    TooSlow(u64),
    /// It began to answer and fell silent.
    #[error("silent for {0} s in the middle of its answer")]
    Silent(u64),
    /// The connection could not be made, or broke.
    #[error("the connection failed: {0}")]
    Connection(String),
    /// What came is no answer.
    #[error("the answer cannot be read: {0}")]
    Unreadable(String),
    /// More than is taken of any answer.
    #[error("the answer is larger than {0} bytes")]
    TooLarge(usize),
    /// The answer is empty.
    #[error("the answer is empty{}", if *.0 { ", because its tokens ran out (models that think need a higher max_output_tokens)" } else { "" })]
    Empty(bool),
    /// The model, or a filter before it, does not want to answer.
    #[error("the model refuses: {0}")]
    Refused(String),
}

fn wait(retry_after: Option<Duration>) -> String {
    retry_after.map(|wait| format!(", again in {} s", wait.as_secs())).unwrap_or_default()
}

impl CallError {
    /// Whether the same question may find an answer a little later.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Busy { .. }
            | Self::Server { .. }
            | Self::TooSlow(_)
            | Self::Silent(_)
            | Self::Connection(_)
            | Self::Unreadable(_)
            | Self::Empty(false) => true,
            Self::Rejected { .. } | Self::TooLarge(_) | Self::Empty(true) | Self::Refused(_) => {
                false
            }
        }
    }

    /// Whether it says something about the route, not about the question.
    pub fn is_the_routes(&self) -> bool {
        match self {
            Self::Rejected { status, .. } => matches!(status, 401..=404),
            Self::Refused(_) | Self::TooLarge(_) | Self::Empty(_) => false,
            _ => true,
        }
    }
}

/// Why nobody answered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ModelError {
    /// There is no model to ask.
    #[error("{0}")]
    NoModel(String),
    /// It would cost too much.
    #[error("{0}")]
    Money(String),
    /// Each route failed; the last of what they said, by route.
    #[error("no model answered: {}", .0.iter().map(|(route, error)| format!("{route}: {error}")).collect::<Vec<_>>().join("; "))]
    Failed(Vec<(String, CallError)>),
    /// The database could not say or keep what was spent.
    #[error("what models cost could not be written down: {0}")]
    Books(String),
}
