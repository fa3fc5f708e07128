//! Linters and interpreters of this machine, run over a text that was sent: in the sandbox, in a fresh
//! folder that goes away with the run. None of them is needed; what is not installed is said so.

use std::ffi::OsString;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::sync::OnceCell;

use super::CheckError;
use super::sandbox::{SandboxCommand, SandboxOutput};

/// How long one run may take.
const TIMEOUT: Duration = Duration::from_secs(20);

/// How long a program may take to say where and what it is.
const ASK_TIMEOUT: Duration = Duration::from_secs(10);

/// What is kept of a program's standard output, in bytes.
const STDOUT_MAX_BYTES: usize = 8 * 1024 * 1024;

/// What is kept of a program's standard error, in bytes.
const STDERR_MAX_BYTES: usize = 64 * 1024;

/// Asks a Python for its own file, its folder, and its version.
const ASK_PYTHON: &str = "import os, sys; print(os.path.realpath(sys.executable)); print(sys.base_prefix); print('.'.join(map(str, sys.version_info[:3])))";

/// Asks a Node the same.
const ASK_NODE: &str =
    "console.log(process.execPath); console.log(''); console.log(process.versions.node)";

/// A program that was found.
#[derive(Clone, Debug)]
pub struct Program {
    /// `ruff`
    pub name: &'static str,
    /// What it says its version is, where it was asked.
    pub version: Option<String>,
    path: PathBuf,
    /// What comes before all other arguments.
    first: Vec<OsString>,
    /// What it reads of its own, beside the system's folders.
    readable: Vec<PathBuf>,
}

/// Why a program cannot be had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoProgram {
    /// It is in no folder of the path.
    #[error("{0} is not installed")]
    NotInstalled(&'static str),
    /// It is there and does not work.
    #[error("{name} does not work: {reason}")]
    Broken {
        /// Which.
        name: &'static str,
        /// How it failed.
        reason: String,
    },
}

/// The programs of this machine. Each is looked for when it is first wanted, and again until it is found.
#[derive(Debug)]
pub struct Programs {
    search: Vec<PathBuf>,
    scratch: PathBuf,
    python: OnceCell<Program>,
    node: OnceCell<Program>,
    ruff: OnceCell<Program>,
    eslint: OnceCell<Program>,
}

impl Programs {
    /// Looks in these folders; fresh folders are made in `code/` of the data folder.
    pub fn new(data_dir: &Path, search: Vec<PathBuf>) -> Self {
        Self {
            // A relative folder would be another one in each place that Andon is started in.
            search: search.into_iter().filter(|folder| folder.is_absolute()).collect(),
            scratch: data_dir.join("code"),
            python: OnceCell::new(),
            node: OnceCell::new(),
            ruff: OnceCell::new(),
            eslint: OnceCell::new(),
        }
    }

    /// Looks in the folders of Andon's own PATH.
    pub fn of_environment(data_dir: &Path) -> Self {
        let path = std::env::var_os("PATH").unwrap_or_default();
        Self::new(data_dir, std::env::split_paths(&path).collect())
    }

    /// `python3`: the interpreter itself, whatever starts it on the path.
    pub async fn python(&self) -> Result<&Program, NoProgram> {
        let find = || async {
            let said = self.ask("python3", &["-I", "-S", "-c", ASK_PYTHON]).await?;
            interpreter("python3", &said)
        };
        self.python.get_or_try_init(find).await
    }

    /// `node`
    pub async fn node(&self) -> Result<&Program, NoProgram> {
        let find = || async {
            let said = self.ask("node", &["-e", ASK_NODE]).await?;
            let mut node = interpreter("node", &said)?;
            // What the sandbox does not bound: memory. In MiB.
            node.first.push("--max-old-space-size=512".into());
            Ok(node)
        };
        self.node.get_or_try_init(find).await
    }

    /// `ruff`
    pub async fn ruff(&self) -> Result<&Program, NoProgram> {
        let find = || async { self.by_file("ruff").map(|(program, _)| program) };
        self.ruff.get_or_try_init(find).await
    }

    /// `eslint`, with the Node that runs it.
    pub async fn eslint(&self) -> Result<&Program, NoProgram> {
        let find = || async {
            let (mut program, file) = self.by_file("eslint")?;
            if file.extension().is_some_and(|extension| extension == "js" || extension == "mjs") {
                let node = self.node().await?;
                program.readable.extend(node.readable.iter().cloned());
                program.first = node.first.clone();
                program.first.push(file.clone().into());
                program.path = node.path.clone();
                // The packages that it is made of lie beside it, in the outermost folder of packages.
                let modules =
                    file.ancestors().filter(|folder| folder.ends_with("node_modules")).last();
                program.readable.extend(modules.map(Path::to_owned));
            }
            Ok(program)
        };
        self.eslint.get_or_try_init(find).await
    }

    /// Runs a program over files that only it sees. `args` come after its own.
    pub async fn run(
        &self,
        program: &Program,
        args: Vec<OsString>,
        files: &[(&str, &str)],
        stdin: Option<Vec<u8>>,
    ) -> Result<SandboxOutput, CheckError> {
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&self.scratch)
            .map_err(CheckError::io("make", &self.scratch))?;
        let fresh = tempfile::Builder::new()
            .prefix("run-")
            .permissions(std::fs::Permissions::from_mode(0o700))
            .tempdir_in(&self.scratch)
            .map_err(CheckError::io("make a folder in", &self.scratch))?;
        // Links on the way to it would be resolved by some programs and not by others.
        let folder = fresh.path().canonicalize().map_err(CheckError::io("find", fresh.path()))?;
        for (name, text) in files {
            let place = folder.join(name);
            std::fs::write(&place, text).map_err(CheckError::io("write", &place))?;
        }
        let variable = |name: &str| (name.into(), folder.as_os_str().to_owned());
        let command = SandboxCommand {
            program: program.path.clone(),
            args: program.first.iter().cloned().chain(args).collect(),
            current_dir: folder.clone(),
            env: vec![
                ("PATH".into(), "/usr/bin:/bin".into()),
                ("LANG".into(), "C.UTF-8".into()),
                ("NO_COLOR".into(), "1".into()),
                // Node stops where it may not read the system's own, which it does not need.
                ("OPENSSL_CONF".into(), "/dev/null".into()),
                variable("HOME"),
                variable("TMPDIR"),
            ],
            readable: program.readable.clone(),
            writable: vec![folder],
            stdin,
            timeout: TIMEOUT,
            stdout_max_bytes: STDOUT_MAX_BYTES,
            stderr_max_bytes: STDERR_MAX_BYTES,
        };
        // The folder goes away when nothing of the program is alive any more.
        Ok(command.run(fresh).await?)
    }

    fn locate(&self, name: &'static str) -> Result<PathBuf, NoProgram> {
        let is_program = |file: &PathBuf| {
            std::fs::metadata(file)
                .is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
        };
        let mut places = self.search.iter().map(|folder| folder.join(name));
        places.find(is_program).ok_or(NoProgram::NotInstalled(name))
    }

    /// A program that is one file, and that file.
    fn by_file(&self, name: &'static str) -> Result<(Program, PathBuf), NoProgram> {
        let found = self.locate(name)?;
        let file = found
            .canonicalize()
            .map_err(|error| NoProgram::Broken { name, reason: error.to_string() })?;
        let readable = vec![file.clone()];
        let program =
            Program { name, version: None, path: file.clone(), first: Vec::new(), readable };
        Ok((program, file))
    }

    /// What an interpreter prints about itself. Outside the sandbox, and without any code that was sent:
    /// what starts it may be a script that needs more than the sandbox has.
    async fn ask(&self, name: &'static str, args: &[&str]) -> Result<String, NoProgram> {
        let broken = |reason: String| NoProgram::Broken { name, reason };
        let mut command = tokio::process::Command::new(self.locate(name)?);
        command.args(args).current_dir("/").env_clear();
        for variable in ["PATH", "HOME"] {
            if let Some(value) = std::env::var_os(variable) {
                command.env(variable, value);
            }
        }
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true);
        let output = tokio::time::timeout(ASK_TIMEOUT, command.output())
            .await
            .map_err(|_| broken(format!("it did not answer in {} s", ASK_TIMEOUT.as_secs())))?
            .map_err(|error| broken(error.to_string()))?;
        if !output.status.success() {
            return Err(broken(format!("it ended with {}", output.status)));
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }
}

/// An interpreter by what it said: its file, its folder (may be empty), its version.
fn interpreter(name: &'static str, said: &str) -> Result<Program, NoProgram> {
    let mut lines = said.lines().map(str::trim);
    let file = PathBuf::from(lines.next().unwrap_or_default());
    let folder = lines.next().filter(|folder| folder.len() > 1).map(PathBuf::from);
    if !file.is_absolute() {
        return Err(NoProgram::Broken { name, reason: "it does not say where it is".into() });
    }
    let version = lines.next().filter(|version| !version.is_empty()).map(str::to_owned);
    let readable = std::iter::once(file.clone()).chain(folder).collect();
    Ok(Program { name, version, path: file, first: Vec::new(), readable })
}
