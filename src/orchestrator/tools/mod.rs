//! What a model may call. Everything here only reads, inside the repository at the revision that the
//! analysis reads, and gives a bounded text. Arguments are typed; there is no shell.

mod code;
mod git;
mod issue;

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::domain::event::Event;
use crate::source::{History, Sources};

/// Bytes that one call gives at most.
pub const MAX_RESULT_BYTES: usize = 16 * 1024;

/// Calls of one execution at most.
pub const MAX_CALLS: usize = 40;

/// Every tool, by name.
const TOOLS: &[Tool] = &[
    code::READ_FILE,
    code::LIST,
    code::SEARCH,
    git::LOG,
    git::BLAME,
    git::SHOW,
    issue::SIMILAR_ISSUES,
    issue::EVENT_DETAILS,
];

/// One tool.
struct Tool {
    name: &'static str,
    description: &'static str,
    /// JSON schema of its arguments: properties, and which of them are required.
    arguments: fn() -> Value,
    run: fn(&Reach, Value) -> Result<String, String>,
}

/// What tools can reach.
#[derive(Clone)]
pub struct Reach {
    /// The code at the release.
    pub sources: Arc<dyn Sources>,
    /// Its history, where there is a repository.
    pub history: Option<Arc<dyn History>>,
    /// The event, as stored: scrubbed.
    pub event: Arc<Event>,
    /// Issues like this one and what became of them, most alike first.
    pub similar: Arc<Vec<Value>>,
}

/// The names of all tools.
pub fn names() -> Vec<String> {
    TOOLS.iter().map(|tool| tool.name.to_owned()).collect()
}

/// The tools of one execution: which there are, and what was called.
pub struct Toolbox {
    reach: Reach,
    allowed: Vec<String>,
    called: BTreeSet<String>,
    calls: usize,
}

impl Toolbox {
    /// With the tools that `allowed` names.
    pub fn new(reach: Reach, allowed: &[String]) -> Self {
        Self { reach, allowed: allowed.to_vec(), called: BTreeSet::new(), calls: 0 }
    }

    /// What the model is told of them.
    pub fn specifications(&self) -> Vec<Value> {
        let allowed = TOOLS.iter().filter(|tool| self.allowed.iter().any(|name| name == tool.name));
        allowed
            .map(|tool| {
                json!({
                    "name": tool.name,
                    "description": tool.description,
                    "parameters": (tool.arguments)(),
                })
            })
            .collect()
    }

    /// Carries out a call. A refusal is an answer too: the model is told why and goes on. May take a while:
    /// not to be called where others wait.
    pub fn call(&mut self, name: &str, arguments: &str) -> Result<String, String> {
        let tool = TOOLS.iter().find(|tool| tool.name == name);
        let Some(tool) = tool.filter(|tool| self.allowed.iter().any(|one| one == tool.name)) else {
            return Err(format!("there is no tool {name}; there are {}", self.allowed.join(", ")));
        };
        if self.calls >= MAX_CALLS {
            return Err(format!(
                "{MAX_CALLS} calls were made; come to a conclusion with what you have"
            ));
        }
        let read: Value = match arguments.trim() {
            "" => json!({}),
            text => serde_json::from_str(text)
                .map_err(|e| format!("the arguments are not JSON: {e}; call it again"))?,
        };
        // What was called before is in the conversation.
        if !self.called.insert(format!("{name} {read}")) {
            return Err("you made this very call before; its result is above".to_owned());
        }
        self.calls += 1;
        let result = (tool.run)(&self.reach, read)?;
        if result.len() > MAX_RESULT_BYTES {
            let kept = &result[..result.floor_char_boundary(MAX_RESULT_BYTES)];
            return Ok(format!(
                "{kept}\n(cut after {MAX_RESULT_BYTES} bytes of {}: ask for less)",
                result.len()
            ));
        }
        Ok(result)
    }
}

/// Arguments, or what is wrong with them.
fn arguments<T: DeserializeOwned>(value: Value) -> Result<T, String> {
    serde_json::from_value(value).map_err(|e| format!("the arguments do not fit: {e}"))
}

/// A schema of arguments.
fn schema(properties: &Value, required: &[&str]) -> Value {
    json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}
