//! The templates of model agents, and the schemas of their answers.

use std::collections::BTreeMap;
use std::sync::Arc;

use minijinja::{Environment, UndefinedBehavior};
use serde_json::Value;

use super::FileError;

/// What a template ends in.
const TEMPLATE_ENDING: &str = ".j2";

/// What a schema ends in, and where it stands.
const SCHEMA_ENDING: &str = ".json";
const SCHEMA_FOLDER: &str = "schemas/";

/// What a prompt is made of: `prompts/NAME/PART.j2`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Who the model is to be, and the rules.
    System,
    /// What it is to look at.
    Task,
    /// That it is to come to an end.
    Reason,
    /// That it is to put its conclusion into the shape of the schema.
    Format,
}

impl Part {
    const ALL: [Self; 4] = [Self::System, Self::Task, Self::Reason, Self::Format];

    const fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Task => "task",
            Self::Reason => "reason",
            Self::Format => "format",
        }
    }

    /// Whether `prompts/parts/` has one for all that have none of their own.
    const fn has_default(self) -> bool {
        matches!(self, Self::Reason | Self::Format)
    }
}

/// All templates and schemas, compiled.
#[derive(Clone)]
pub struct Prompts {
    environment: Arc<Environment<'static>>,
    sources: Arc<BTreeMap<String, String>>,
    schemas: Arc<BTreeMap<String, Schema>>,
}

/// A JSON schema, ready for use.
#[derive(Clone)]
pub struct Schema {
    /// As it was written.
    pub value: Arc<Value>,
    validator: Arc<jsonschema::Validator>,
}

impl std::fmt::Debug for Schema {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Schema").finish_non_exhaustive()
    }
}

impl Schema {
    /// Compiles a schema.
    pub fn compile(value: Value) -> Result<Self, String> {
        let validator = jsonschema::validator_for(&value).map_err(|e| e.to_string())?;
        Ok(Self { value: Arc::new(value), validator: Arc::new(validator) })
    }

    /// What is wrong with an answer, in a few lines; nothing if it fits.
    pub fn faults(&self, answer: &Value) -> Vec<String> {
        /// Faults named to the model: more say nothing new.
        const MAX_FAULTS: usize = 8;
        let fault = |error: jsonschema::ValidationError<'_>| {
            let mut text = format!("{}: {error}", error.instance_path());
            // The message repeats the value, which may be the whole answer.
            text.truncate(text.floor_char_boundary(300));
            text
        };
        self.validator.iter_errors(answer).take(MAX_FAULTS).map(fault).collect()
    }
}

impl Prompts {
    /// Compiles `files` (paths below `prompts/`).
    pub fn compile(files: &BTreeMap<String, String>) -> Result<Self, FileError> {
        let mut environment = Environment::new();
        // A name that is mistyped in a prompt is to be heard of, not to be an empty place.
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        let (mut sources, mut schemas) = (BTreeMap::new(), BTreeMap::new());
        for (path, text) in files {
            let shown = format!("prompts/{path}");
            if let Some(name) = path.strip_suffix(TEMPLATE_ENDING) {
                environment
                    .add_template_owned(name.to_owned(), text.clone())
                    .map_err(|e| FileError::at(&shown, e.line().unwrap_or(1), reason(&e)))?;
                sources.insert(name.to_owned(), text.clone());
            } else if let Some(name) =
                path.strip_prefix(SCHEMA_FOLDER).and_then(|p| p.strip_suffix(SCHEMA_ENDING))
            {
                let value: Value = serde_json::from_str(text)
                    .map_err(|e| FileError::at(&shown, e.line(), e.to_string()))?;
                let schema = Schema::compile(value)
                    .map_err(|e| FileError::at(&shown, 1, format!("is no JSON schema: {e}")))?;
                schemas.insert(name.to_owned(), schema);
            }
        }
        let prompts = Self {
            environment: Arc::new(environment),
            sources: Arc::new(sources),
            schemas: Arc::new(schemas),
        };
        Ok(prompts)
    }

    /// A schema by its name.
    pub fn schema(&self, name: &str) -> Option<&Schema> {
        self.schemas.get(name)
    }

    /// The template of a part, the shared one if the prompt has none.
    fn template(&self, prompt: &str, part: Part) -> Option<String> {
        let own = format!("{prompt}/{}", part.name());
        if self.sources.contains_key(&own) {
            return Some(own);
        }
        let shared = format!("parts/{}", part.name());
        (part.has_default() && self.sources.contains_key(&shared)).then_some(shared)
    }

    /// The files that a prompt must have and has not.
    pub fn missing(&self, prompt: &str) -> Vec<String> {
        let missing = Part::ALL.into_iter().filter(|part| self.template(prompt, *part).is_none());
        missing.map(|part| format!("prompts/{prompt}/{}{TEMPLATE_ENDING}", part.name())).collect()
    }

    /// Renders a part of a prompt.
    pub fn render(
        &self,
        prompt: &str,
        part: Part,
        context: &minijinja::Value,
    ) -> Result<String, FileError> {
        let missing = || {
            let file = format!("prompts/{prompt}/{}{TEMPLATE_ENDING}", part.name());
            FileError::at(file, 1, "is not there")
        };
        let name = self.template(prompt, part).ok_or_else(missing)?;
        let bad = |e: minijinja::Error| {
            let file = format!("prompts/{}{TEMPLATE_ENDING}", e.name().unwrap_or(&name));
            FileError::at(file, e.line().unwrap_or(1), reason(&e))
        };
        let template = self.environment.get_template(&name).map_err(bad)?;
        Ok(template.render(context.clone()).map_err(bad)?.trim().to_owned())
    }

    /// A number that changes with any text that a prompt is made of.
    pub fn version(&self, prompt: &str) -> String {
        let own = format!("{prompt}/");
        let mut all = String::new();
        // Shared parts may go into any of them.
        for (path, text) in self.sources.iter() {
            if path.starts_with(&own) || path.starts_with("parts/") {
                all.push_str(path);
                all.push('\0');
                all.push_str(text);
                all.push('\0');
            }
        }
        crate::domain::hash::ContentHash::of(all.as_bytes()).as_str().to_owned()
    }
}

fn reason(error: &minijinja::Error) -> String {
    match error.detail() {
        Some(detail) => format!("{}: {detail}", error.kind()),
        None => error.kind().to_string(),
    }
}
