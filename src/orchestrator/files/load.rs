//! Collecting the files and looking up what they name.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rust_embed::RustEmbed;

use super::agent_file::line_of;
use super::{AgentFile, AgentKind, FileError, Prompts};

/// The largest file, in bytes.
const MAX_FILE_BYTES: u64 = 1024 * 1024;

/// The agents that come with the binary.
#[derive(RustEmbed)]
#[folder = "agents/"]
#[include = "*.toml"]
struct Agents;

/// The prompts and schemas that come with the binary.
#[derive(RustEmbed)]
#[folder = "prompts/"]
#[include = "*.j2"]
#[include = "*.json"]
struct PromptFiles;

/// What files may name.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// Built-in analysers.
    pub analysers: Vec<String>,
    /// Tools.
    pub tools: Vec<String>,
    /// Readers of answers.
    pub readers: Vec<String>,
}

/// Where an agent comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// It comes with the binary.
    Binary,
    /// It lies in the folder of one's own: its file.
    Folder(PathBuf),
    /// It was added through the API.
    Added,
}

/// All files, read and checked.
#[derive(Clone)]
pub struct Files {
    /// In the order in which they run: rules before models.
    pub agents: Vec<AgentFile>,
    /// Their templates and schemas.
    pub prompts: Prompts,
    /// The names of those that come as files, and cannot be deleted by the API.
    texts: BTreeMap<String, String>,
    /// Those of another origin than the binary, by their files' names.
    origins: BTreeMap<String, Origin>,
}

impl Files {
    /// Those of the binary, with those of `folder` (its `agents/` and `prompts/`) over them, and with
    /// `added`: agents' files by name, from elsewhere.
    pub fn load(
        folder: Option<&Path>,
        added: &BTreeMap<String, String>,
        known: &Known,
    ) -> Result<Self, FileError> {
        let mut texts = BTreeMap::new();
        let mut prompts = BTreeMap::new();
        let mut origins = BTreeMap::new();
        collect::<Agents>("agents", &mut texts)?;
        collect::<PromptFiles>("prompts", &mut prompts)?;
        if let Some(folder) = folder {
            if !folder.is_dir() {
                return Err(FileError::at(folder.display().to_string(), 1, "is no folder"));
            }
            let mut own = BTreeMap::new();
            read_folder(&folder.join("agents"), "toml", &mut own)?;
            let path = |file: &String| Origin::Folder(folder.join("agents").join(file));
            origins.extend(own.keys().map(|file| (file.clone(), path(file))));
            texts.extend(own);
            read_folder(&folder.join("prompts"), "", &mut prompts)?;
        }
        let from_files = texts.clone();
        for (name, text) in added {
            texts.insert(format!("{name}.toml"), text.clone());
            origins.insert(format!("{name}.toml"), Origin::Added);
        }
        let prompts = Prompts::compile(&prompts)?;
        let mut agents = Vec::new();
        for (file, text) in &texts {
            agents.push((AgentFile::parse(&format!("agents/{file}"), text)?, file, text));
        }
        check(&agents, &prompts, known)?;
        let mut agents: Vec<AgentFile> = agents.into_iter().map(|(agent, ..)| agent).collect();
        agents.sort_by(|a, b| (a.kind, a.order, &a.name).cmp(&(b.kind, b.order, &b.name)));
        Ok(Self { agents, prompts, texts: from_files, origins })
    }

    /// Whether an agent comes as a file, of the binary or of the folder.
    pub fn is_a_file(&self, agent: &str) -> bool {
        self.texts.contains_key(&format!("{agent}.toml"))
    }

    /// Where an agent comes from.
    pub fn origin(&self, agent: &str) -> Origin {
        self.origins.get(&format!("{agent}.toml")).cloned().unwrap_or(Origin::Binary)
    }
}

fn collect<E: RustEmbed>(
    folder: &str,
    into: &mut BTreeMap<String, String>,
) -> Result<(), FileError> {
    for path in E::iter() {
        let Some(content) = E::get(&path) else { continue };
        let text = std::str::from_utf8(&content.data).map_err(|e| {
            FileError::at(format!("{folder}/{path}"), 1, format!("is not UTF-8: {e}"))
        })?;
        into.insert(path.to_string(), text.to_owned());
    }
    Ok(())
}

/// Reads the files below a folder, by their paths in it. A folder that is not there holds none.
fn read_folder(
    root: &Path,
    ending: &str,
    into: &mut BTreeMap<String, String>,
) -> Result<(), FileError> {
    let mut folders = vec![(root.to_owned(), String::new())];
    while let Some((folder, prefix)) = folders.pop() {
        let entries = match std::fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => continue,
            Err(e) => return Err(unreadable(&folder, &e)),
        };
        for entry in entries {
            let entry = entry.map_err(|e| unreadable(&folder, &e))?;
            let path = entry.path();
            let Ok(name) = entry.file_name().into_string() else { continue };
            let about = std::fs::metadata(&path).map_err(|e| unreadable(&path, &e))?;
            if about.is_dir() {
                folders.push((path, format!("{prefix}{name}/")));
            } else if about.is_file() && name.ends_with(ending) {
                if about.len() > MAX_FILE_BYTES {
                    let shown = path.display().to_string();
                    return Err(FileError::at(shown, 1, "is larger than 1 MiB"));
                }
                let text = std::fs::read_to_string(&path).map_err(|e| unreadable(&path, &e))?;
                into.insert(format!("{prefix}{name}"), text);
            }
        }
    }
    Ok(())
}

fn unreadable(path: &Path, error: &std::io::Error) -> FileError {
    FileError::at(path.display().to_string(), 1, format!("cannot be read: {error}"))
}

/// Looks up everything that the files name.
fn check(
    agents: &[(AgentFile, &String, &String)],
    prompts: &Prompts,
    known: &Known,
) -> Result<(), FileError> {
    for (number, (agent, file, text)) in agents.iter().enumerate() {
        let bad = |key: &str, reason: String| {
            Err(FileError::at(format!("agents/{file}"), line_of(text, key), reason))
        };
        let named = file.trim_end_matches(".toml");
        if agent.name != named {
            return bad("name", format!("the name is `{}`; the file's is `{named}`", agent.name));
        }
        if agents[..number].iter().any(|(other, ..)| other.name == agent.name) {
            return bad("name", format!("there are two agents `{}`", agent.name));
        }
        if let Some(analyser) = &agent.analyser
            && !known.analysers.contains(analyser)
        {
            let list = known.analysers.join(", ");
            return bad("analyser", format!("there is no analyser `{analyser}`; there are {list}"));
        }
        if let Some(tool) = agent.tools.iter().find(|tool| !known.tools.contains(tool)) {
            let list = known.tools.join(", ");
            return bad("tools", format!("there is no tool `{tool}`; there are {list}"));
        }
        if let Some(prompt) = &agent.prompt {
            let missing = prompts.missing(prompt);
            if !missing.is_empty() {
                return bad("prompt", format!("{} is not there", missing.join(", ")));
            }
        }
        if let Some(output) = &agent.output {
            if prompts.schema(&output.schema).is_none() {
                let reason = format!("there is no prompts/schemas/{}.json", output.schema);
                return bad("schema", reason);
            }
            if !known.readers.contains(&output.reader) {
                let list = known.readers.join(", ");
                let reason = format!("there is no reader `{}`; there are {list}", output.reader);
                return bad("reader", reason);
            }
        }
        if let Some(fallback) = &agent.fallback {
            let found = agents.iter().find(|(other, ..)| other.name == *fallback);
            if found.is_none_or(|(other, ..)| other.kind != AgentKind::Rules) {
                return bad("fallback", format!("`{fallback}` is no rules agent"));
            }
        }
    }
    Ok(())
}
