//! A PostgreSQL of the test's own: in a folder of its own, on a free port, gone afterwards.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Debian keeps the server's programs out of the way.
const DEBIAN: &str = "/usr/lib/postgresql";

/// Whom the server runs as where the test is root, which PostgreSQL refuses.
const NOBODY: [&str; 6] =
    ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--", "env"];

/// A running server.
pub(super) struct Postgres {
    folder: tempfile::TempDir,
    programs: PathBuf,
    port: u16,
}

impl Postgres {
    /// Makes a new database cluster and starts it.
    pub(super) fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        if rustix::process::geteuid().is_root() {
            std::os::unix::fs::chown(folder.path(), Some(65534), Some(65534)).unwrap();
        }
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let postgres = Self { folder, programs: programs(), port };
        postgres.run("initdb", &["-U", "andon", "-A", "trust", "-E", "UTF8"]);
        let options =
            format!("-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=");
        postgres.control(&["-o", &options, "start"]);
        postgres
    }

    /// Where it is reached.
    pub(super) fn url(&self) -> String {
        format!("postgres://andon@127.0.0.1:{}/postgres", self.port)
    }

    /// Restarts it; `immediate` is a crash, `fast` cuts connections in an orderly way.
    pub(super) fn restart(&self, how: &str) {
        self.control(&["-m", how, "restart"]);
    }

    fn control(&self, words: &[&str]) {
        let log = self.folder.path().join("log");
        let mut all = vec!["-w", "-s", "-l", log.to_str().unwrap()];
        all.extend(words);
        self.run("pg_ctl", &all);
    }

    fn run(&self, program: &str, words: &[&str]) {
        let output = self.try_run(program, words);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    fn try_run(&self, program: &str, words: &[&str]) -> Output {
        let program = self.programs.join(program);
        let mut command = if rustix::process::geteuid().is_root() {
            let mut command = Command::new(NOBODY[0]);
            command.args(&NOBODY[1..]).arg(program);
            command
        } else {
            Command::new(program)
        };
        command.arg("-D").arg(self.folder.path().join("data")).args(words);
        command.current_dir(self.folder.path()).output().unwrap()
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // The folder goes in any case; a server without its folder ends by itself.
        self.try_run("pg_ctl", &["-m", "immediate", "stop"]);
    }
}

/// The folder of `initdb` and `pg_ctl`: on the path, or the newest of Debian's.
fn programs() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut versions: Vec<PathBuf> = std::fs::read_dir(DEBIAN)
        .map(|entries| entries.flatten().map(|entry| entry.path().join("bin")).collect())
        .unwrap_or_default();
    versions.sort();
    std::env::split_paths(&path)
        .chain(versions.into_iter().rev())
        .find(|folder| Path::new(folder).join("pg_ctl").exists())
        .expect("PostgreSQL's server programs (Debian: postgresql) are needed")
}
