//! A PostgreSQL of the bench's own: in a folder of its own, on a free port, with its defaults, gone
//! afterwards.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

/// Debian keeps the server's programs out of the way.
const DEBIAN: &str = "/usr/lib/postgresql";

/// The user and group that own nothing: PostgreSQL refuses to run as root.
const NOBODY: u32 = 65_534;

/// A running server.
pub struct Postgres {
    folder: PathBuf,
    programs: PathBuf,
    port: u16,
}

impl Postgres {
    /// The folder of `initdb` and `pg_ctl`: on the path, or the newest of Debian's.
    pub fn programs() -> Option<PathBuf> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let mut versions: Vec<PathBuf> = std::fs::read_dir(DEBIAN)
            .map(|entries| entries.flatten().map(|entry| entry.path().join("bin")).collect())
            .unwrap_or_default();
        versions.sort();
        std::env::split_paths(&path)
            .chain(versions.into_iter().rev())
            .find(|folder| folder.join("pg_ctl").exists())
    }

    /// Makes a database cluster in an empty folder and starts it.
    pub fn start(folder: &Path) -> Result<Self> {
        let programs = Self::programs().context("PostgreSQL's server programs are missing")?;
        std::fs::create_dir_all(folder)?;
        if rustix::process::geteuid().is_root() {
            std::os::unix::fs::chown(folder, Some(NOBODY), Some(NOBODY))?;
        }
        let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let postgres = Self { folder: folder.to_owned(), programs, port };
        postgres.run("initdb", &["-U", "andon", "-A", "trust", "-E", "UTF8"])?;
        let options =
            format!("-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=");
        let log = folder.join("log").display().to_string();
        postgres.run("pg_ctl", &["-w", "-s", "-l", &log, "-o", &options, "start"])?;
        Ok(postgres)
    }

    /// Where it is reached.
    pub fn url(&self) -> String {
        format!("postgres://andon@127.0.0.1:{}/postgres", self.port)
    }

    /// Its first process.
    pub fn pid(&self) -> Result<u32> {
        let file = std::fs::read_to_string(self.data().join("postmaster.pid"))?;
        Ok(file.lines().next().unwrap_or_default().trim().parse()?)
    }

    /// Stops it in an orderly way and starts it again: what is on the disk is all that there is.
    pub fn flush(&self) -> Result<()> {
        self.run("pg_ctl", &["-w", "-s", "-m", "fast", "restart"])
    }

    /// The folder of the data itself, without the write-ahead log, which is of a fixed size.
    pub fn tables(&self) -> PathBuf {
        self.data().join("base")
    }

    fn data(&self) -> PathBuf {
        self.folder.join("cluster")
    }

    fn run(&self, program: &str, words: &[&str]) -> Result<()> {
        let program = self.programs.join(program);
        let mut command = if rustix::process::geteuid().is_root() {
            let mut command = Command::new("setpriv");
            command
                .args([format!("--reuid={NOBODY}"), format!("--regid={NOBODY}")])
                .args(["--clear-groups", "--"])
                .arg(&program);
            command
        } else {
            Command::new(&program)
        };
        command.arg("-D").arg(self.data()).args(words).current_dir(&self.folder);
        // The server that pg_ctl starts would keep a pipe open for ever.
        let said = self.folder.join("said");
        let file = std::fs::File::create(&said)?;
        let status = command.stdout(file.try_clone()?).stderr(file).status()?;
        if !status.success() {
            bail!("{} failed: {}", program.display(), std::fs::read_to_string(said)?);
        }
        Ok(())
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if let Err(error) = self.run("pg_ctl", &["-w", "-s", "-m", "immediate", "stop"]) {
            super::say(error);
        }
    }
}
