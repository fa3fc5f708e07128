//! The private CARGO_HOME: the machine's downloaded crates, and of the user's cargo configuration
//! only where crates come from. No tokens, no wrappers, no flags.

use std::path::{Path, PathBuf};

use toml::{Table, Value};

use super::CheckError;

/// Folders of the real CARGO_HOME that checks may read.
const SHARED_FOLDERS: [&str; 2] = ["registry", "git"];

/// What stands in the real CARGO_HOME that checks may use.
#[derive(Clone, Debug, Default)]
pub(super) struct SharedCargoHome {
    /// `registry` and `git`, as far as they are there: name and real place.
    folders: Vec<(&'static str, PathBuf)>,
    /// The text of the private `config.toml`.
    config: String,
    /// Folders that the configuration takes crates from.
    sources: Vec<PathBuf>,
}

impl SharedCargoHome {
    /// Looks at the CARGO_HOME in `home`. What cannot be read is left out.
    pub(super) fn read(home: &Path) -> Self {
        let folders = SHARED_FOLDERS
            .into_iter()
            .filter_map(|name| Some((name, home.join(name).canonicalize().ok()?)))
            .collect();
        let text = ["config", "config.toml"]
            .iter()
            .find_map(|name| std::fs::read_to_string(home.join(name)).ok())
            .unwrap_or_default();
        // Paths in a configuration are relative to the folder that its `.cargo` stands in.
        let base = home.parent().unwrap_or(home);
        let (config, sources) = where_crates_come_from(&text, base);
        Self { folders, config, sources }
    }

    /// What checks must be able to read of it.
    pub(super) fn readable(&self) -> impl Iterator<Item = PathBuf> + '_ {
        self.folders.iter().map(|(_, path)| path).chain(&self.sources).cloned()
    }

    /// Makes `folder` a fresh private CARGO_HOME: what an earlier check left there is removed.
    pub(super) fn make(&self, folder: &Path) -> Result<(), CheckError> {
        empty(folder)?;
        for (name, target) in &self.folders {
            let link = folder.join(name);
            std::os::unix::fs::symlink(target, &link).map_err(CheckError::io("link", &link))?;
        }
        let config = folder.join("config.toml");
        std::fs::write(&config, &self.config).map_err(CheckError::io("write", &config))
    }
}

/// Makes an empty folder, or empties one. Follows no link.
pub(super) fn empty(folder: &Path) -> Result<(), CheckError> {
    match std::fs::remove_dir_all(folder) {
        Ok(()) => {}
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(CheckError::io("empty", folder)(error)),
    }
    std::fs::create_dir_all(folder).map_err(CheckError::io("make", folder))
}

/// The `[source]` tables and the registries' indexes of a cargo configuration, and the folders they
/// name.
fn where_crates_come_from(text: &str, base: &Path) -> (String, Vec<PathBuf>) {
    let Ok(config) = text.parse::<Table>() else { return (String::new(), Vec::new()) };
    let mut kept = Table::new();
    let mut folders = Vec::new();
    if let Some(Value::Table(sources)) = config.get("source") {
        let mut sources = sources.clone();
        for source in sources.iter_mut().filter_map(|(_, source)| source.as_table_mut()) {
            source.retain(|_, value| !value.as_str().is_some_and(has_password));
            for key in ["directory", "local-registry"] {
                if let Some(Value::String(path)) = source.get_mut(key) {
                    let absolute = base.join(&*path);
                    *path = absolute.to_string_lossy().into_owned();
                    folders.push(absolute);
                }
            }
        }
        kept.insert("source".into(), Value::Table(sources));
    }
    if let Some(Value::Table(registries)) = config.get("registries") {
        let indexes: Table = registries
            .iter()
            .filter_map(|(name, registry)| {
                let index = registry.get("index")?.as_str().filter(|index| !has_password(index))?;
                let only_index = Table::from_iter([("index".to_owned(), Value::from(index))]);
                Some((name.clone(), Value::Table(only_index)))
            })
            .collect();
        kept.insert("registries".into(), Value::Table(indexes));
    }
    (toml::to_string(&kept).unwrap_or_default(), folders)
}

/// Whether an address carries a password or token (`https://user:secret@host`).
fn has_password(address: &str) -> bool {
    let plain = address.strip_prefix("sparse+").unwrap_or(address);
    url::Url::parse(plain).is_ok_and(|url| {
        url.password().is_some() || (url.scheme() != "ssh" && !url.username().is_empty())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_where_crates_come_from_is_kept_of_a_configuration() {
        let (config, folders) = where_crates_come_from(
            r#"
            [build]
            rustc-wrapper = "/usr/bin/evil"
            [registry]
            token = "SECRET1"
            [registries.mine]
            index = "sparse+https://crates.example/index/"
            token = "SECRET2"
            credential-provider = "SECRET3"
            [registries.leaky]
            index = "https://user:SECRET4@crates.example/git/index"
            [source.crates-io]
            replace-with = "vendored"
            [source.vendored]
            directory = "vendor"
            [net]
            git-fetch-with-cli = true
            [env]
            KEY = "SECRET5"
            "#,
            Path::new("/home/somebody"),
        );
        assert!(!config.contains("SECRET"), "{config}");
        assert!(!config.contains("wrapper") && !config.contains("git-fetch"), "{config}");
        assert!(config.contains("sparse+https://crates.example/index/"), "{config}");
        assert!(config.contains("/home/somebody/vendor"), "{config}");
        assert_eq!(folders, [PathBuf::from("/home/somebody/vendor")]);
    }

    #[test]
    fn a_configuration_that_does_not_parse_gives_none() {
        assert_eq!(where_crates_come_from("[source", Path::new("/")), (String::new(), vec![]));
    }
}
