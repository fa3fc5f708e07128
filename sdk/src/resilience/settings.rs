//! Settings that an application cannot do without, from the environment.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fmt;
use std::sync::{LazyLock, Mutex, PoisonError};

use serde_json::json;

use super::report;
use crate::Level;

/// How many random bytes a generated value has. It is written in hexadecimal, twice as long.
pub const GENERATED_BYTES: usize = 32;

/// A setting's value. Its `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Setting {
    value: String,
    generated: bool,
}

impl Setting {
    /// The value, to be used and not to be logged.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.value
    }

    /// The value, given away.
    #[must_use]
    pub fn into_inner(self) -> String {
        self.value
    }

    /// Whether it was generated, because it was not set.
    #[must_use]
    pub fn is_generated(&self) -> bool {
        self.generated
    }
}

impl fmt::Debug for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Setting(\"***\")")
    }
}

/// Why a setting is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Absence {
    /// There is no such variable.
    NotSet,
    /// It is set, to nothing or only blanks.
    Empty,
    /// Its value is not Unicode text.
    NotText,
}

impl fmt::Display for Absence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotSet => "not set",
            Self::Empty => "empty",
            Self::NotText => "not valid text",
        })
    }
}

/// All the settings that are missing, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.sentence())]
pub struct MissingSettings {
    missing: Vec<(String, Absence)>,
}

impl MissingSettings {
    /// The names, in the order in which they were asked for, each with the reason.
    pub fn names(&self) -> impl Iterator<Item = (&str, Absence)> {
        self.missing.iter().map(|(name, why)| (name.as_str(), *why))
    }

    fn sentence(&self) -> String {
        let list: Vec<String> =
            self.missing.iter().map(|(name, why)| format!("{name} ({why})")).collect();
        let (settings, them) = match list.len() {
            1 => ("A required setting is", "it"),
            _ => ("Required settings are", "them"),
        };
        format!(
            "{settings} missing: {}. Set {them} in the environment and start again.",
            list.join(", ")
        )
    }
}

/// A value could not be generated: the operating system gave no random bytes.
#[derive(Debug, thiserror::Error)]
#[error("{name} is not set, and no random value could be made for it. Set {name} and start again.")]
pub struct NoRandomness {
    name: String,
    source: getrandom::Error,
}

type Lookup = Box<dyn Fn(&str) -> Option<OsString> + Send + Sync>;

/// Where settings are looked up.
///
/// Values that were generated are kept, so that asking for one again gives the same one.
pub struct Settings {
    lookup: Lookup,
    generated: Mutex<HashMap<String, String>>,
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings").finish_non_exhaustive()
    }
}

impl Settings {
    /// The process's environment.
    #[must_use]
    pub fn from_env() -> Self {
        Self::from_lookup(|name| std::env::var_os(name))
    }

    /// Another place: `lookup` gives the value of a name.
    pub fn from_lookup(lookup: impl Fn(&str) -> Option<OsString> + Send + Sync + 'static) -> Self {
        Self { lookup: Box::new(lookup), generated: Mutex::default() }
    }

    /// A setting that must be there.
    ///
    /// # Errors
    /// It is not set, or empty.
    pub fn required(&self, name: &str) -> Result<Setting, MissingSettings> {
        self.find(name).map_err(|why| MissingSettings { missing: vec![(name.to_owned(), why)] })
    }

    /// Settings that must be there, in the order of their names.
    ///
    /// # Errors
    /// All of those that are missing, in one error, so that they are not found out one start at a time.
    pub fn required_all<const N: usize>(
        &self,
        names: [&str; N],
    ) -> Result<[Setting; N], MissingSettings> {
        let found = names.map(|name| self.find(name).map_err(|why| (name.to_owned(), why)));
        let missing: Vec<_> = found.iter().filter_map(|one| one.clone().err()).collect();
        if !missing.is_empty() {
            return Err(MissingSettings { missing });
        }
        let none = || Setting { value: String::new(), generated: false };
        Ok(found.map(|one| one.unwrap_or_else(|_| none())))
    }

    /// A secret that ought to be there. If it is missing, [`GENERATED_BYTES`] random bytes are used until
    /// the process ends, and a warning is reported.
    ///
    /// # Errors
    /// It is missing, and the operating system gave no random bytes.
    pub fn required_or_generated(&self, name: &str) -> Result<Setting, NoRandomness> {
        let why = match self.find(name) {
            Ok(setting) => return Ok(setting),
            Err(why) => why,
        };
        let mut generated = self.generated.lock().unwrap_or_else(PoisonError::into_inner);
        let value = match generated.get(name) {
            Some(value) => value.clone(),
            None => {
                let value = random_hex()
                    .map_err(|source| NoRandomness { name: name.to_owned(), source })?;
                generated.insert(name.to_owned(), value.clone());
                warn_generated(name, why);
                value
            }
        };
        Ok(Setting { value, generated: true })
    }

    fn find(&self, name: &str) -> Result<Setting, Absence> {
        let value = (self.lookup)(name).ok_or(Absence::NotSet)?;
        let value = value.into_string().map_err(|_| Absence::NotText)?;
        if value.trim().is_empty() {
            return Err(Absence::Empty);
        }
        Ok(Setting { value, generated: false })
    }
}

static ENVIRONMENT: LazyLock<Settings> = LazyLock::new(Settings::from_env);

/// [`Settings::required`] from the environment.
///
/// # Errors
/// It is not set, or empty.
pub fn required(name: &str) -> Result<Setting, MissingSettings> {
    ENVIRONMENT.required(name)
}

/// [`Settings::required_all`] from the environment.
///
/// # Errors
/// All of those that are missing, in one error.
pub fn required_all<const N: usize>(names: [&str; N]) -> Result<[Setting; N], MissingSettings> {
    ENVIRONMENT.required_all(names)
}

/// [`Settings::required_or_generated`] from the environment.
///
/// # Errors
/// It is missing, and the operating system gave no random bytes.
pub fn required_or_generated(name: &str) -> Result<Setting, NoRandomness> {
    ENVIRONMENT.required_or_generated(name)
}

fn random_hex() -> Result<String, getrandom::Error> {
    let mut bytes = [0; GENERATED_BYTES];
    getrandom::fill(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

fn warn_generated(name: &str, why: Absence) {
    let message = format!(
        "{name} is {why}, so a random one is used: what it protects, such as sessions, does not survive \
         a restart and is not shared between processes. Set {name}, for example to what \
         `openssl rand -hex {GENERATED_BYTES}` prints."
    );
    let context = json!({ "setting": name });
    report::message(Level::Warning, &message, &["andon-generated-setting", name], context);
}
