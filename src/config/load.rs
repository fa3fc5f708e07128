//! Putting the three sources together, and saying exactly what is wrong with one of them.

use std::path::{Path, PathBuf};

use toml::{Table, Value};

use super::Config;

/// Read if it stands in the working directory and no other file is named.
const DEFAULT_FILE: &str = "andon.toml";

/// What every variable of ours begins with.
const PREFIX: &str = "ANDON_";

/// Variables of ours that are no configuration keys.
const NOT_KEYS: &[&str] = &["ANDON_CONFIG"];

/// What is wrong with the configuration. The text says where, why and what would be right.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file is not there or cannot be read.
    #[error("{path} cannot be read: {source}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// The file says something that is not understood.
    #[error("{path}:{line}:{column}: {reason}")]
    File {
        /// The file.
        path: PathBuf,
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
        /// Why.
        reason: String,
    },
    /// A variable says something that is not understood.
    #[error("the environment variable {name}: {reason}")]
    Variable {
        /// The variable.
        name: String,
        /// Why.
        reason: String,
    },
    /// Values that do not fit together.
    #[error("{0}")]
    Invalid(String),
}

/// The configuration and where it came from.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// What holds.
    pub config: Config,
    /// The file that was read, if any.
    pub file: Option<PathBuf>,
    /// Variables that were obeyed.
    pub variables: Vec<String>,
    /// Variables that begin like ours but name no key.
    pub unknown_variables: Vec<String>,
}

/// Reads the file (`named`, else `andon.toml` if there is one), then the `ANDON_…` variables of
/// `environment`: `ANDON_LISTEN` for `listen`, `ANDON_INGEST_MAX_BODY_BYTES` for
/// `ingest.max_body_bytes`. Models may also come from the usual variables of OpenAI's clients.
pub fn load(
    named: Option<&Path>,
    environment: impl IntoIterator<Item = (String, String)>,
) -> Result<Loaded, ConfigError> {
    let file = named.map(Path::to_owned).or_else(|| {
        let default = PathBuf::from(DEFAULT_FILE);
        default.is_file().then_some(default)
    });
    let mut table = match &file {
        Some(path) => read_file(path)?,
        None => Table::new(),
    };
    let keys = leaves();
    let (mut variables, mut unknown_variables) = (Vec::new(), Vec::new());
    let mut environment: Vec<_> = environment.into_iter().collect();
    environment.sort();
    let all = environment.clone();
    environment.retain(|(name, _)| name.starts_with(PREFIX));
    for (name, text) in environment {
        if NOT_KEYS.contains(&name.as_str()) {
            continue;
        }
        match keys.iter().find(|(path, _)| variable_of(path) == name) {
            Some((path, example)) => {
                let value = read_variable(&text, example)
                    .map_err(|reason| ConfigError::Variable { name: name.clone(), reason })?;
                set(&mut table, path, value);
                // Each variable is tried on its own, so that the error names it.
                Config::deserialize_table(&table)
                    .map_err(|reason| ConfigError::Variable { name: name.clone(), reason })?;
                variables.push(name);
            }
            None => unknown_variables.push(name),
        }
    }
    let mut config = Config::deserialize_table(&table).map_err(ConfigError::Invalid)?;
    let usual = |name: &str| all.iter().find(|(key, _)| key == name).map(|(_, v)| v.clone());
    config.models_note = config.models.complete(usual).err();
    config.check().map_err(ConfigError::Invalid)?;
    Ok(Loaded { config, file, variables, unknown_variables })
}

impl Config {
    fn deserialize_table(table: &Table) -> Result<Self, String> {
        Value::Table(table.clone()).try_into().map_err(|e: toml::de::Error| e.message().to_owned())
    }
}

fn read_file(path: &Path) -> Result<Table, ConfigError> {
    let text = std::fs::read_to_string(path)
        .map_err(|source| ConfigError::Unreadable { path: path.to_owned(), source })?;
    let at = |e: &toml::de::Error| {
        let offset = e.span().map_or(0, |span| span.start).min(text.len());
        let before = &text.as_bytes()[..offset];
        let line = before.iter().filter(|b| **b == b'\n').count() + 1;
        let column = offset - before.iter().rposition(|b| *b == b'\n').map_or(0, |i| i + 1) + 1;
        ConfigError::File {
            path: path.to_owned(),
            line,
            column,
            reason: e.message().trim().to_owned(),
        }
    };
    // Read as the configuration first: only that error knows its line.
    toml::from_str::<Config>(&text).map_err(|e| at(&e))?;
    toml::from_str::<Table>(&text).map_err(|e| at(&e))
}

/// Every key with its default, which shows its type.
fn leaves() -> Vec<(Vec<String>, Value)> {
    fn walk(table: &Table, prefix: &[String], out: &mut Vec<(Vec<String>, Value)>) {
        for (key, value) in table {
            let mut path = prefix.to_vec();
            path.push(key.clone());
            match value {
                Value::Table(inner) => walk(inner, &path, out),
                leaf => out.push((path, leaf.clone())),
            }
        }
    }
    let mut out = Vec::new();
    // The defaults are ours and serialise; the tests would show it if they did not.
    if let Ok(defaults) = Table::try_from(Config::default()) {
        walk(&defaults, &[], &mut out);
    }
    out
}

fn variable_of(path: &[String]) -> String {
    format!("{PREFIX}{}", path.join("_").to_uppercase())
}

fn read_variable(text: &str, example: &Value) -> Result<Value, String> {
    Ok(match example {
        Value::Integer(_) => {
            Value::Integer(text.parse().map_err(|_| format!("`{text}` is not a whole number"))?)
        }
        Value::Boolean(_) => {
            Value::Boolean(text.parse().map_err(|_| format!("`{text}` is neither true nor false"))?)
        }
        Value::Array(_) => return Err("is a list; set it in andon.toml".to_owned()),
        _ => Value::String(text.to_owned()),
    })
}

fn set(table: &mut Table, path: &[String], value: Value) {
    match path {
        [] => {}
        [leaf] => {
            table.insert(leaf.clone(), value);
        }
        [head, tail @ ..] => {
            let inner = table.entry(head.clone()).or_insert_with(|| Value::Table(Table::new()));
            if let Value::Table(inner) = inner {
                set(inner, tail, value);
            }
        }
    }
}
