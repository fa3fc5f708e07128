//! Agents, their files, and the record of what they did. Which analysers there are, and who reads what
//! models answer, is said by the server's wiring; this room knows none of them.

mod agent;
pub mod files;
pub mod model;
mod model_agent;
pub mod redact;
mod registry;
mod run;
pub mod tools;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use agent::{Agent, Answer, IssueFacts, ReadAnswer, Run, SoFar, Task};
pub use files::{AgentFile, AgentKind, AgentLimits, FileError};
pub use registry::{Orchestrator, Parts, Registered};
pub use run::{Begin, Outcome};

/// The analysers that agents' files may name.
pub type Analysers = BTreeMap<&'static str, Arc<dyn Agent>>;

/// The readers of models' answers that agents' files may name.
pub type Readers = BTreeMap<&'static str, Arc<dyn ReadAnswer>>;
