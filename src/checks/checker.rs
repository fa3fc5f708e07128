//! Makes private copies of repositories, one at a time for each repository.

use std::fs::{File, Permissions};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::fs::FlockOperation;
use tokio::sync::OnceCell;

use super::cargo_home::{self, SharedCargoHome};
use super::copy::{PrivateCopy, Workshop};
use super::pinned;
use super::sandbox::SYSTEM_READABLE;
use super::toolchain::Toolchain;
use super::{CheckError, sync};
use crate::domain::hash::ContentHash;
use crate::repo::Repository;

/// How long one command in the sandbox may take unless told otherwise, in seconds.
const TIMEOUT_SECONDS: u64 = 300;

/// How long to wait for another check of the same repository unless told otherwise, in seconds.
const LOCK_WAIT_SECONDS: u64 = 900;

/// How often a held lock is tried again.
const LOCK_STEP: Duration = Duration::from_millis(40);

/// How checks are run.
#[derive(Clone, Debug)]
pub struct CheckerSettings {
    /// Andon's data folder. Private copies are kept in `worktrees/` there, with their build results.
    pub data_dir: PathBuf,
    /// Wall-clock time-out of one command in the sandbox, in seconds.
    pub timeout_seconds: u64,
    /// How long to wait while another check holds the same repository's copy, in seconds.
    pub lock_wait_seconds: u64,
    /// The CARGO_HOME that holds the downloaded crates. `None`: the environment's, else `~/.cargo`.
    pub cargo_home: Option<PathBuf>,
}

impl CheckerSettings {
    /// The usual settings, with this data folder.
    pub fn new(data_dir: impl Into<PathBuf>) -> Self {
        Self {
            data_dir: data_dir.into(),
            timeout_seconds: TIMEOUT_SECONDS,
            lock_wait_seconds: LOCK_WAIT_SECONDS,
            cargo_home: None,
        }
    }
}

/// Runs checks. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Checker {
    settings: Arc<CheckerSettings>,
    toolchain: Arc<OnceCell<Toolchain>>,
}

impl Checker {
    /// Touches nothing yet: the toolchain is looked for at the first copy.
    pub fn new(settings: CheckerSettings) -> Self {
        Self { settings: Arc::new(settings), toolchain: Arc::default() }
    }

    /// The private copy of a repository, brought in step with its working tree (tracked files, and
    /// untracked ones that are not ignored; no links). Nobody else has it until it is dropped; waits
    /// while somebody has.
    pub async fn private_copy(&self, repository: &Repository) -> Result<PrivateCopy, CheckError> {
        let toolchain = self.toolchain.get_or_try_init(Toolchain::find).await?.clone();
        let settings = self.settings.clone();
        let folder = self.folder_of(repository)?;
        let lock = self.lock(&folder).await?;
        let repository = repository.clone();
        let made = tokio::task::spawn_blocking(move || {
            let home = settings.cargo_home.clone().or_else(cargo_home_of_environment);
            let shared = home.map(|home| SharedCargoHome::read(&home)).unwrap_or_default();
            let workshop = Workshop {
                repository: repository.root().to_owned(),
                tree: folder.join("tree"),
                target: folder.join("target"),
                temporary: folder.join("tmp"),
                cargo_home: folder.join("cargo-home"),
                folder,
                toolchain,
                shared,
                timeout: Duration::from_secs(settings.timeout_seconds),
            };
            std::fs::create_dir_all(&workshop.target)
                .map_err(CheckError::io("make", &workshop.target))?;
            cargo_home::empty(&workshop.temporary)?;
            let files = sync::bring_in_step(&repository, &workshop.folder, &workshop.tree)?;
            pinned::check(&workshop.tree, &workshop.toolchain.version)?;
            Ok(PrivateCopy::new(workshop, files, lock))
        });
        made.await.unwrap_or_else(|error| {
            Err(CheckError::Io {
                what: "copy",
                path: self.settings.data_dir.clone(),
                source: std::io::Error::other(error),
            })
        })
    }

    /// The folder of a repository's copy, made if it is not there.
    fn folder_of(&self, repository: &Repository) -> Result<PathBuf, CheckError> {
        let data = &self.settings.data_dir;
        std::fs::create_dir_all(data).map_err(CheckError::io("make", data))?;
        let data = data.canonicalize().map_err(CheckError::io("find", data))?;
        if let Some(readable) = SYSTEM_READABLE.iter().find(|folder| data.starts_with(folder)) {
            return Err(CheckError::DataFolderExposed {
                data_dir: data,
                readable: readable.into(),
            });
        }
        let worktrees = data.join("worktrees");
        let folder = worktrees.join(key_of(repository.root()));
        // The copies are other people's code: they are nobody's to read on this machine, even if the data
        // folder was made by somebody who let others in.
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&folder)
            .and_then(|()| std::fs::set_permissions(&worktrees, Permissions::from_mode(0o700)))
            .map_err(CheckError::io("make", &folder))?;
        Ok(folder)
    }

    /// Holds among tasks as well as among processes: each opening of the file is a holder of its own.
    async fn lock(&self, folder: &Path) -> Result<File, CheckError> {
        let path = folder.join("lock");
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(CheckError::io("open", &path))?;
        let started = Instant::now();
        loop {
            match rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => return Ok(file),
                Err(rustix::io::Errno::WOULDBLOCK | rustix::io::Errno::INTR) => {}
                Err(error) => return Err(CheckError::io("lock", &path)(error.into())),
            }
            if started.elapsed().as_secs() >= self.settings.lock_wait_seconds {
                return Err(CheckError::Busy { waited_seconds: started.elapsed().as_secs() });
            }
            tokio::time::sleep(LOCK_STEP).await;
        }
    }
}

/// A folder name that a person recognises and that no other repository has.
fn key_of(root: &Path) -> String {
    let name: String = root
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
        .take(40)
        .collect();
    let hash = ContentHash::of(root.as_os_str().as_encoded_bytes());
    format!("{name}-{}", hash.short())
}

fn cargo_home_of_environment() -> Option<PathBuf> {
    std::env::var_os("CARGO_HOME")
        .filter(|value| !value.is_empty())
        .map(PathBuf::from)
        .or_else(|| Some(std::env::home_dir()?.join(".cargo")))
}
