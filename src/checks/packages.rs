//! Which Cargo package owns a file.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use cargo_metadata::Metadata;

use super::messages::first_error;
use super::{CheckError, PrivateCopy};

/// The packages of one workspace that are to be checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Selection {
    /// The workspace's folder below the copy's root; empty if it is the root itself.
    pub(super) workspace: String,
    /// Package ids, sorted. Empty: all members.
    pub(super) packages: BTreeSet<String>,
}

impl PrivateCopy {
    /// The packages that own `paths`, by workspace; all members of the outermost workspaces if there
    /// are no paths.
    pub(super) async fn select(&self, paths: &[String]) -> Result<Vec<Selection>, CheckError> {
        if paths.is_empty() {
            return self.outermost().await;
        }
        let mut read: Vec<Metadata> = Vec::new();
        let mut selections: Vec<Selection> = Vec::new();
        for path in paths {
            let (metadata, manifest) = self.metadata_for(path, &mut read).await?;
            let package = metadata
                .packages
                .iter()
                .find(|package| package.manifest_path.as_std_path() == manifest)
                .ok_or_else(|| CheckError::NoPackage { path: path.clone() })?;
            let workspace = self.below_root(metadata.workspace_root.as_std_path())?;
            let id = package.id.repr.clone();
            match selections.iter_mut().find(|known| known.workspace == workspace) {
                Some(known) => _ = known.packages.insert(id),
                None => selections.push(Selection { workspace, packages: [id].into() }),
            }
        }
        Ok(selections)
    }

    /// The edition of the package that owns `path`.
    pub(super) async fn edition_of(&self, path: &str) -> Result<String, CheckError> {
        let mut read = Vec::new();
        let (metadata, manifest) = self.metadata_for(path, &mut read).await?;
        metadata
            .packages
            .iter()
            .find(|package| package.manifest_path.as_std_path() == manifest)
            .map(|package| package.edition.to_string())
            .ok_or_else(|| CheckError::NoPackage { path: path.to_owned() })
    }

    /// What cargo says of the workspace of the nearest manifest at or above `path`, and that manifest.
    async fn metadata_for<'a>(
        &self,
        path: &str,
        read: &'a mut Vec<Metadata>,
    ) -> Result<(&'a Metadata, PathBuf), CheckError> {
        let no_package = || CheckError::NoPackage { path: path.to_owned() };
        let manifest = self
            .place(path)?
            .ancestors()
            .skip(1)
            .take_while(|folder| folder.starts_with(self.root()))
            .map(|folder| folder.join("Cargo.toml"))
            .find(|manifest| manifest.is_file())
            .ok_or_else(no_package)?;
        let knows = |metadata: &Metadata| {
            metadata.packages.iter().any(|package| package.manifest_path.as_std_path() == manifest)
        };
        let index = match read.iter().position(knows) {
            Some(index) => index,
            None => {
                read.push(self.metadata(&manifest).await?);
                read.len() - 1
            }
        };
        Ok((&read[index], manifest))
    }

    async fn metadata(&self, manifest: &Path) -> Result<Metadata, CheckError> {
        let mut args: Vec<OsString> =
            ["metadata", "--no-deps", "--offline", "--format-version", "1", "--manifest-path"]
                .map(OsString::from)
                .to_vec();
        args.push(manifest.into());
        let cargo = self.workshop.toolchain.cargo.clone();
        let output = self.run(cargo, args, None, None).await?;
        if !output.status.success() {
            return Err(CheckError::Packages { reason: first_error(&output.stderr) });
        }
        serde_json::from_slice(&output.stdout)
            .map_err(|error| CheckError::Packages { reason: error.to_string() })
    }

    /// The root's workspace, or those nearest to the root if it has no manifest.
    async fn outermost(&self) -> Result<Vec<Selection>, CheckError> {
        let mut folders: Vec<&str> = self
            .files()
            .iter()
            .filter_map(|path| path.strip_suffix("Cargo.toml"))
            .filter(|folder| folder.is_empty() || folder.ends_with('/'))
            .collect();
        let depth = |folder: &str| folder.matches('/').count();
        let least =
            folders.iter().map(|folder| depth(folder)).min().ok_or(CheckError::NoManifest)?;
        folders.retain(|folder| depth(folder) == least);
        Ok(folders
            .into_iter()
            .map(|folder| Selection {
                workspace: folder.trim_end_matches('/').to_owned(),
                packages: BTreeSet::new(),
            })
            .collect())
    }

    fn below_root(&self, folder: &Path) -> Result<String, CheckError> {
        folder.strip_prefix(self.root()).ok().and_then(Path::to_str).map(str::to_owned).ok_or_else(
            || CheckError::Packages {
                reason: format!("the workspace {} lies outside the repository", folder.display()),
            },
        )
    }
}
