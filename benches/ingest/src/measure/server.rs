//! The servers that are measured, as child processes with a folder of their own.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use super::disk::bytes_in;
use super::eventually;
use super::options::{Bench, Configuration};
use super::postgres::Postgres;
use crate::template::Target;

/// How long a server may take to stop.
const STOP_PATIENCE: Duration = Duration::from_secs(60);

/// What the server logs, beside its data folder.
const LOG_FILE: &str = "server.log";

/// A child process that listens on a port; ends with this.
pub struct Listening {
    child: Child,
    /// `127.0.0.1:PORT`
    pub address: String,
}

impl Listening {
    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Ends it in an orderly way.
    fn stop(&mut self) -> Result<()> {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM)?;
        let child = &mut self.child;
        eventually("the server to stop", STOP_PATIENCE, || Ok(child.try_wait()?.is_some()))
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Starts a ceiling: `body` or `parse`.
pub fn start_ceiling(bench: &Bench, what: &str) -> Result<Listening> {
    let program = bench.options.ceiling_program();
    let child = Command::new(&program)
        .arg(what)
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("{} does not start", program.display()))?;
    Ok(listening(child)?.0)
}

/// Reads where a child says that it listens, and what it says until there is nothing for a while.
fn listening(mut child: Child) -> Result<(Listening, BufReader<std::process::ChildStdout>)> {
    let output = child.stdout.take().context("no output")?;
    let mut lines = BufReader::new(output);
    let mut first = String::new();
    lines.read_line(&mut first)?;
    let address = first.trim().rsplit_once("http://").map(|(_, address)| address.to_owned());
    let Some(address) = address else {
        let _ = child.kill();
        let _ = child.wait();
        bail!("the server did not start; it said: {first:?}");
    };
    Ok((Listening { child, address }, lines))
}

/// A running Andon with a project.
pub struct Andon {
    listening: Listening,
    start: Start,
    /// The administrator's token.
    pub token: String,
    /// The project that is sent to.
    pub project: Project,
    postgres: Option<Postgres>,
}

/// A project as `andon project create --json` prints it.
#[derive(Clone, Debug, Deserialize)]
pub struct Project {
    /// Its number.
    pub id: i64,
    /// Its key.
    pub key: String,
}

/// How it is started, and started again.
struct Start {
    program: PathBuf,
    environment: Vec<(String, String)>,
    data: PathBuf,
}

impl Start {
    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("ANDON_") {
                command.env_remove(name);
            }
        }
        command.envs(self.environment.iter().cloned()).current_dir(&self.data);
        command
    }

    /// Starts it; the token comes at the first start only.
    fn serve(&self, first: bool) -> Result<(Listening, Option<String>)> {
        let log = std::fs::File::options()
            .create(true)
            .append(true)
            .open(self.data.with_file_name(LOG_FILE))?;
        let child = self
            .command()
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(&self.data)
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .with_context(|| format!("{} does not start", self.program.display()))?;
        let (listening, mut lines) = listening(child)?;
        let mut line = String::new();
        while first && lines.read_line(&mut line)? > 0 {
            if line.trim().starts_with("andon_") {
                return Ok((listening, Some(line.trim().to_owned())));
            }
            line.clear();
        }
        Ok((listening, None))
    }

    fn create_project(&self, name: &str) -> Result<Project> {
        let output = self
            .command()
            .args(["project", "create", name, "--json", "--data"])
            .arg(&self.data)
            .output()?;
        if !output.status.success() {
            bail!("no project: {}", String::from_utf8_lossy(&output.stderr));
        }
        Ok(serde_json::from_slice(&output.stdout)?)
    }
}

impl Andon {
    /// Starts one over an empty folder.
    pub fn start(bench: &Bench, configuration: &Configuration) -> Result<Self> {
        let folder = bench.fresh_folder()?;
        let data = folder.join("andon");
        std::fs::create_dir(&data)?;
        let mut environment = configuration.environment.clone();
        let postgres = match &configuration.postgres_setting {
            Some(setting) => {
                let postgres = Postgres::start(&folder.join("postgres"))?;
                environment.push((setting.clone(), postgres.url()));
                Some(postgres)
            }
            None => None,
        };
        let program =
            bench.options.andon.canonicalize().with_context(|| {
                format!("{} is not there; build it", bench.options.andon.display())
            })?;
        let start = Start { program, environment, data };
        let (listening, token) = start.serve(true)?;
        let token = token.context("the first start printed no token")?;
        let project = start.create_project("bench")?;
        Ok(Self { listening, start, token, project, postgres })
    }

    /// Makes a further project.
    pub fn create_project(&self, name: &str) -> Result<Project> {
        self.start.create_project(name)
    }

    /// Where events of a project go.
    pub fn target(&self, project: &Project) -> Target {
        Target::envelopes(self.address(), &project.key, &project.id.to_string())
    }

    /// `127.0.0.1:PORT`
    pub fn address(&self) -> &str {
        &self.listening.address
    }

    /// Andon's process.
    pub fn pid(&self) -> u32 {
        self.listening.pid()
    }

    /// Andon's process, and the database's.
    pub fn pids(&self) -> Result<Vec<u32>> {
        let mut pids = vec![self.pid()];
        if let Some(postgres) = &self.postgres {
            pids.push(postgres.pid()?);
        }
        Ok(pids)
    }

    /// Stops it in an orderly way, and starts it again; returns the bytes on the disk in between.
    pub fn restart(&mut self) -> Result<u64> {
        let bytes = self.stop()?;
        self.listening = self.start.serve(false)?.0;
        Ok(bytes)
    }

    /// Stops it in an orderly way; returns the bytes on the disk.
    pub fn stop(&mut self) -> Result<u64> {
        self.listening.stop()?;
        let data = bytes_in(&self.start.data)?;
        Ok(match &self.postgres {
            Some(postgres) => {
                postgres.flush()?;
                data + bytes_in(&postgres.tables())?
            }
            None => data,
        })
    }
}
