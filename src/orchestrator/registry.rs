//! Which agents there are now: the files, and what was set for them since.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::Mutex;

use super::files::{AgentFile, AgentKind, FileError, Files, Known, Origin};
use super::model::Models;
use super::model_agent::ModelAgent;
use super::{Agent, Analysers, Readers, tools};
use crate::clock::Clock;
use crate::domain::scrub::Scrubber;
use crate::store::agent_settings::AgentSettings;
use crate::store::{Store, StoreError};

/// What agents are made of.
pub struct Parts {
    /// Built-in analysers.
    pub analysers: Analysers,
    /// Readers of models' answers.
    pub readers: Readers,
    /// The ways to models.
    pub models: Arc<Models>,
    /// What never leaves for a model.
    pub scrubber: Arc<Scrubber>,
    /// A folder with agents and prompts of one's own.
    pub folder: Option<PathBuf>,
}

/// Runs the agents of a task, in order, and records what each did.
pub struct Orchestrator {
    parts: Parts,
    pub(super) store: Store,
    pub(super) clock: Clock,
    loaded: Mutex<Loaded>,
}

/// What was set when the agents were last read, and the agents.
type Loaded = (BTreeMap<String, AgentSettings>, Arc<Vec<Registered>>);

/// An agent as it stands.
#[derive(Clone)]
pub struct Registered {
    /// Its file, with what was set for it.
    pub file: AgentFile,
    /// Its file, as it is written.
    pub written: AgentFile,
    /// Where it comes from.
    pub origin: Origin,
    /// Whether its file came with the binary or lies in the folder: such a one cannot be deleted.
    pub is_a_file: bool,
    /// What was set for it.
    pub settings: Option<AgentSettings>,
    pub(super) agent: Arc<dyn Agent>,
}

impl Orchestrator {
    /// Reads and checks all files.
    pub fn new(parts: Parts, store: Store, clock: Clock) -> Result<Self, FileError> {
        let agents = register(&parts, &BTreeMap::new())?;
        Ok(Self { parts, store, clock, loaded: Mutex::new((BTreeMap::new(), Arc::new(agents))) })
    }

    /// The ways to models.
    pub fn models(&self) -> &Models {
        &self.parts.models
    }

    /// What takes secrets out of what is stored of answers.
    pub(super) fn scrubber(&self) -> &Scrubber {
        &self.parts.scrubber
    }

    /// The agents with what is set for them now, on this node or another.
    pub async fn agents(&self) -> Result<Arc<Vec<Registered>>, StoreError> {
        let settings = self.store.agent_settings().await?;
        let mut loaded = self.loaded.lock().await;
        if loaded.0 != settings {
            match register(&self.parts, &settings) {
                Ok(agents) => *loaded = (settings, Arc::new(agents)),
                // They were checked when they were set; a later release may know less.
                Err(error) => {
                    tracing::error!(%error, "what was set for agents is not obeyed");
                }
            }
        }
        Ok(Arc::clone(&loaded.1))
    }

    /// What would be wrong if this were set for an agent.
    pub async fn check(
        &self,
        agent: &str,
        settings: &AgentSettings,
    ) -> Result<Result<(), FileError>, StoreError> {
        let mut all = self.store.agent_settings().await?;
        all.insert(agent.to_owned(), settings.clone());
        Ok(register(&self.parts, &all).map(drop))
    }
}

fn register(
    parts: &Parts,
    settings: &BTreeMap<String, AgentSettings>,
) -> Result<Vec<Registered>, FileError> {
    let known = Known {
        analysers: parts.analysers.keys().map(|name| (*name).to_owned()).collect(),
        tools: tools::names(),
        readers: parts.readers.keys().map(|name| (*name).to_owned()).collect(),
    };
    let added = settings.iter().filter_map(|(name, set)| Some((name.clone(), set.file.clone()?)));
    let files = Files::load(parts.folder.as_deref(), &added.collect(), &known)?;
    let mut agents = Vec::new();
    for file in &files.agents {
        let set = settings.get(&file.name);
        let written = file.clone();
        let file = with_settings(written.clone(), set);
        agents.push(Registered {
            written,
            origin: files.origin(&file.name),
            is_a_file: files.is_a_file(&file.name),
            settings: set.cloned(),
            agent: make(parts, &files, &file)?,
            file,
        });
    }
    Ok(agents)
}

/// A file with what was set over it.
fn with_settings(mut file: AgentFile, set: Option<&AgentSettings>) -> AgentFile {
    let Some(set) = set else { return file };
    file.enabled = set.enabled.unwrap_or(file.enabled);
    file.limits.seconds = set.seconds.unwrap_or(file.limits.seconds);
    file.limits.steps = set.steps.unwrap_or(file.limits.steps);
    file.limits.tokens = set.tokens.unwrap_or(file.limits.tokens);
    if let Some(micros) = set.cost_micros {
        file.limits.cost = micros as f64 / 1_000_000.0;
    }
    file
}

fn make(parts: &Parts, files: &Files, file: &AgentFile) -> Result<Arc<dyn Agent>, FileError> {
    // What files name was looked up when they were read.
    let gone = |what: &str| {
        FileError::at(format!("agents/{}.toml", file.name), 1, format!("{what} is gone"))
    };
    match file.kind {
        AgentKind::Rules => {
            let analyser = file.analyser.as_deref().and_then(|name| parts.analysers.get(name));
            analyser.cloned().ok_or_else(|| gone("its analyser"))
        }
        AgentKind::Model => {
            let output = file.output.as_ref().ok_or_else(|| gone("its output"))?;
            let schema = files.prompts.schema(&output.schema).ok_or_else(|| gone("its schema"))?;
            let reader =
                parts.readers.get(output.reader.as_str()).ok_or_else(|| gone("its reader"))?;
            Ok(Arc::new(ModelAgent {
                file: file.clone(),
                prompts: files.prompts.clone(),
                schema: schema.clone(),
                reader: Arc::clone(reader),
                models: Arc::clone(&parts.models),
                scrubber: Arc::clone(&parts.scrubber),
            }))
        }
    }
}
