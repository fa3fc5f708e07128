//! A private copy of a repository, to try changes on.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::File;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::cargo_home::SharedCargoHome;
use super::sandbox::{SandboxCommand, SandboxOutput};
use super::toolchain::Toolchain;
use super::{CheckError, sync};
use crate::repo::Repository;

/// The largest text that is read from or written to a copy, in bytes.
const TEXT_MAX_BYTES: usize = 4 * 1024 * 1024;

/// What is kept of a command's standard output, in bytes.
const STDOUT_MAX_BYTES: usize = 64 * 1024 * 1024;

/// What is kept of a command's standard error, in bytes.
const STDERR_MAX_BYTES: usize = 256 * 1024;

/// Where a copy and what belongs to it stand, and what runs there.
#[derive(Debug)]
pub(super) struct Workshop {
    /// The repository itself.
    pub(super) repository: PathBuf,
    /// Holds all the rest.
    pub(super) folder: PathBuf,
    pub(super) tree: PathBuf,
    pub(super) target: PathBuf,
    pub(super) temporary: PathBuf,
    pub(super) cargo_home: PathBuf,
    pub(super) toolchain: Toolchain,
    pub(super) shared: SharedCargoHome,
    pub(super) timeout: Duration,
}

/// A copy of a repository's working tree that nobody else has. Dropping it lets the next one have it;
/// what was written to it is undone then at the latest.
#[derive(Debug)]
pub struct PrivateCopy {
    pub(super) workshop: Workshop,
    /// The files it was made with, sorted.
    files: Vec<String>,
    /// What `write` replaced: the text, or nothing if there was no file.
    originals: BTreeMap<String, Option<String>>,
    /// One command at a time: they share the private CARGO_HOME.
    running: Arc<tokio::sync::Mutex<()>>,
    lock: Arc<File>,
}

impl PrivateCopy {
    pub(super) fn new(workshop: Workshop, files: Vec<String>, lock: File) -> Self {
        Self {
            workshop,
            files,
            originals: BTreeMap::new(),
            running: Arc::default(),
            lock: Arc::new(lock),
        }
    }

    /// The folder of the copy.
    pub fn root(&self) -> &Path {
        &self.workshop.tree
    }

    /// The files that it was made with, sorted.
    pub fn files(&self) -> &[String] {
        &self.files
    }

    /// The text of a file as the copy holds it now.
    pub fn read(&self, path: &str) -> Result<String, CheckError> {
        let not_a_file = || CheckError::NotAFile { path: path.to_owned() };
        let place = self.place(path)?;
        let meta = std::fs::symlink_metadata(&place).map_err(|_| not_a_file())?;
        if !meta.is_file() || meta.len() > TEXT_MAX_BYTES as u64 {
            return Err(not_a_file());
        }
        let bytes = std::fs::read(&place).map_err(CheckError::io("read", &place))?;
        String::from_utf8(bytes).map_err(|_| not_a_file())
    }

    /// Writes a file of the copy and remembers what was there.
    pub fn write(&mut self, path: &str, text: &str) -> Result<(), CheckError> {
        let place = self.place(path)?;
        if text.len() > TEXT_MAX_BYTES || place.is_dir() {
            return Err(CheckError::NotAFile { path: path.to_owned() });
        }
        let known = place.exists();
        let before = if known { Some(self.read(path)?) } else { None };
        if before.as_deref() == Some(text) {
            return Ok(());
        }
        self.put(&place, text)?;
        self.originals.entry(path.to_owned()).or_insert(before);
        Ok(())
    }

    /// Undoes what was written since the copy was made or last reset.
    pub fn reset(&mut self) -> Result<(), CheckError> {
        while let Some((path, original)) = self.originals.pop_first() {
            let place = self.place(&path)?;
            let undone = match &original {
                Some(text) => self.put(&place, text),
                None => std::fs::remove_file(&place).map_err(CheckError::io("remove", &place)),
            };
            if let Err(error) = undone {
                self.originals.insert(path, original);
                return Err(error);
            }
        }
        Ok(())
    }

    /// Brings the copy in step with the working tree as it is now; what was written to it is gone.
    pub async fn refresh(&mut self) -> Result<(), CheckError> {
        self.reset()?;
        let repository = Repository::open(&self.workshop.repository)?;
        let (folder, tree) = (self.workshop.folder.clone(), self.workshop.tree.clone());
        let synced =
            tokio::task::spawn_blocking(move || sync::bring_in_step(&repository, &folder, &tree));
        self.files = synced.await.unwrap_or_else(|error| {
            let source = std::io::Error::other(error);
            Err(CheckError::Io { what: "copy", path: self.workshop.repository.clone(), source })
        })?;
        Ok(())
    }

    /// What the copy holds of `originals`' paths and its own files, for comparing.
    pub(super) fn present_files(&self) -> impl Iterator<Item = &String> {
        let added = self.originals.iter().filter(|(_, before)| before.is_none());
        self.files.iter().chain(added.map(|(path, _)| path))
    }

    /// Always with a new time stamp: cargo must see that it is not what it last compiled.
    fn put(&self, place: &Path, text: &str) -> Result<(), CheckError> {
        use std::os::unix::fs::PermissionsExt;
        let mode =
            std::fs::symlink_metadata(place).map_or(0o644, |m| m.permissions().mode() & 0o777);
        sync::replace(place, text.as_bytes(), mode, &self.workshop.folder.join("scratch"))
    }

    /// A path of the copy, or an error if it would lead out of it. There are no links in the copy.
    pub(super) fn place(&self, path: &str) -> Result<PathBuf, CheckError> {
        let relative = Path::new(path);
        let inside = !path.is_empty()
            && !path.contains('\0')
            && relative.components().all(|part| matches!(part, Component::Normal(_)));
        if inside {
            Ok(self.workshop.tree.join(relative))
        } else {
            Err(CheckError::NotAFile { path: path.to_owned() })
        }
    }

    /// Runs a program of the toolchain over the copy, in the sandbox.
    pub(super) async fn run(
        &self,
        program: PathBuf,
        args: Vec<OsString>,
        stdin: Option<Vec<u8>>,
        also_writable: Option<PathBuf>,
    ) -> Result<SandboxOutput, CheckError> {
        let workshop = &self.workshop;
        let alone = self.running.clone().lock_owned().await;
        workshop.shared.make(&workshop.cargo_home)?;
        let mut path = workshop.toolchain.sysroot.join("bin").into_os_string();
        path.push(":/usr/bin:/bin");
        let variable = |name: &str, value: &Path| (name.into(), value.as_os_str().to_owned());
        let env = vec![
            ("PATH".into(), path),
            variable("HOME", &workshop.cargo_home),
            variable("CARGO_HOME", &workshop.cargo_home),
            variable("CARGO_TARGET_DIR", &workshop.target),
            variable("TMPDIR", &workshop.temporary),
            ("CARGO_NET_OFFLINE".into(), "true".into()),
            ("CARGO_TERM_COLOR".into(), "never".into()),
            ("LANG".into(), "C.UTF-8".into()),
            // Keeps cargo from looking for configurations and workspaces in the folders above the
            // copy, which are no part of the repository and closed to it.
            variable("__CARGO_TEST_ROOT", &workshop.folder),
        ];
        let mut readable: Vec<PathBuf> = workshop.shared.readable().collect();
        readable.extend([workshop.tree.clone(), workshop.toolchain.sysroot.clone()]);
        let mut writable =
            vec![workshop.target.clone(), workshop.temporary.clone(), workshop.cargo_home.clone()];
        writable.extend(also_writable);
        let command = SandboxCommand {
            program,
            args,
            current_dir: workshop.tree.clone(),
            env,
            readable,
            writable,
            stdin,
            timeout: workshop.timeout,
            stdout_max_bytes: STDOUT_MAX_BYTES,
            stderr_max_bytes: STDERR_MAX_BYTES,
        };
        Ok(command.run((alone, self.lock.clone())).await?)
    }
}
