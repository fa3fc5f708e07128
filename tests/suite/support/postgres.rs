//! A PostgreSQL of the tests' own: one server a test process, in a folder of its own on a private port,
//! and a fresh database for whoever asks. It ends with the process, however that ends.

use std::ffi::OsStr;
use std::fs::File;
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use rustix::fs::FlockOperation;
use rustix::process::geteuid;
use sqlx::Connection as _;
use sqlx::postgres::PgConnection;

/// Whom the server runs as when the tests run as root, which PostgreSQL refuses to.
const UNPRIVILEGED: &str = "postgres";

/// What the servers' folders are called.
const FOLDER_PREFIX: &str = "andon-postgres";

/// A file in a server's folder that is locked as long as the process lives whose server it is.
const ALIVE: &str = "alive";

/// A running server.
pub(crate) struct Postgres {
    folder: tempfile::TempDir,
    _alive: File,
    port: u16,
    pid: u32,
}

impl Postgres {
    /// The server of this process, started by whoever asks first.
    pub(crate) async fn shared() -> &'static Self {
        static SERVER: OnceLock<Postgres> = OnceLock::new();
        let server = SERVER.get_or_init(Self::start);
        server.until_it_answers().await;
        server
    }

    /// A server of one's own, to be stopped and started at will.
    pub(crate) fn start() -> Self {
        sweep();
        let folder = tempfile::Builder::new().prefix(FOLDER_PREFIX).tempdir().unwrap();
        // Locked before it has the name by which others know it.
        let unlocked = folder.path().join("unlocked");
        let alive = File::create(&unlocked).unwrap();
        rustix::fs::flock(&alive, FlockOperation::LockExclusive).unwrap();
        std::fs::rename(unlocked, folder.path().join(ALIVE)).unwrap();
        let data = folder.path().join("data");
        std::fs::create_dir(&data).unwrap();
        for path in [folder.path(), &data] {
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700)).unwrap();
            if geteuid().is_root() {
                let (user, group) = ids_of(UNPRIVILEGED);
                chown(path, Some(user), Some(group)).unwrap();
            }
        }
        let made = as_unprivileged(&binary("initdb"))
            .args(["--no-sync", "--auth=trust", "--encoding=UTF8", "--locale=C", "-U", "andon"])
            .arg("-D")
            .arg(&data)
            .stdout(Stdio::null())
            .status()
            .unwrap();
        assert!(made.success(), "initdb failed");
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let pid = launch(&data, port);
        Self { folder, _alive: alive, port, pid }
    }

    /// The address of one of its databases.
    pub(crate) fn url(&self, database: &str) -> String {
        format!("postgres://andon@127.0.0.1:{}/{database}", self.port)
    }

    /// Creates an empty database and tells its address.
    pub(crate) async fn database(&self) -> String {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        let name = format!("test_{}", NEXT.fetch_add(1, Ordering::Relaxed));
        let mut connection = PgConnection::connect(&self.url("postgres")).await.unwrap();
        let statement = sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"));
        sqlx::raw_sql(statement).execute(&mut connection).await.unwrap();
        self.url(&name)
    }

    /// Waits until it takes connections.
    pub(crate) async fn until_it_answers(&self) {
        super::eventually("PostgreSQL takes connections", async || {
            PgConnection::connect(&self.url("postgres")).await.ok()
        })
        .await;
    }

    /// Ends it at once, as a crash does.
    pub(crate) fn crash(&self) {
        self.stop(rustix::process::Signal::QUIT);
    }

    /// Starts it again over the same data.
    pub(crate) fn start_again(&mut self) {
        self.pid = launch(&self.folder.path().join("data"), self.port);
    }

    /// Sends it a signal and waits for its end.
    fn stop(&self, signal: rustix::process::Signal) {
        let Some(pid) = i32::try_from(self.pid).ok().and_then(rustix::process::Pid::from_raw)
        else {
            return;
        };
        let _ = rustix::process::kill_process(pid, signal);
        let begun = std::time::Instant::now();
        // It is a child of another thread, which waits for it: then its pid is nobody's.
        while rustix::process::test_kill_process(pid).is_ok() {
            assert!(begun.elapsed() < super::PATIENCE, "PostgreSQL does not end");
            std::thread::sleep(super::LOOK_EVERY);
        }
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.stop(rustix::process::Signal::QUIT);
    }
}

/// Removes what earlier processes left: the server that a whole process shares is never dropped.
fn sweep() {
    let entries = std::fs::read_dir(std::env::temp_dir()).unwrap().flatten();
    let ours = |name: &OsStr| name.to_str().is_some_and(|name| name.starts_with(FOLDER_PREFIX));
    for entry in entries.filter(|entry| ours(&entry.file_name())) {
        let Ok(alive) = File::open(entry.path().join(ALIVE)) else { continue };
        if rustix::fs::flock(&alive, FlockOperation::NonBlockingLockExclusive).is_ok() {
            // Another process may be about the same.
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

/// Starts the server from a thread that lives as long as it does: the kernel ends it when that thread
/// is gone, which is when the process is.
fn launch(data: &Path, port: u16) -> u32 {
    let mut command = as_unprivileged(&binary("postgres"));
    command
        .arg("-D")
        .arg(data)
        .args(["-p", &port.to_string()])
        .args(["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="])
        .args(["-c", "max_connections=200"])
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let mut child = command.spawn().unwrap();
        tell.send(child.id()).unwrap();
        let _ = child.wait();
    });
    told.recv().unwrap()
}

/// A program of PostgreSQL's, as root for another user; ended with the thread that starts it.
fn as_unprivileged(program: &Path) -> Command {
    let mut command = Command::new("setpriv");
    command.arg("--pdeathsig").arg("QUIT");
    if geteuid().is_root() {
        command.args(["--reuid", UNPRIVILEGED, "--regid", UNPRIVILEGED, "--clear-groups"]);
    }
    command.arg("--").arg(program).current_dir("/");
    command
}

fn ids_of(user: &str) -> (u32, u32) {
    let id = |flag: &str| {
        let out = Command::new("id").args([flag, user]).output().unwrap();
        let text = String::from_utf8(out.stdout).unwrap();
        text.trim().parse().unwrap_or_else(|_| panic!("there is no user {user}: run `make deps`"))
    };
    (id("-u"), id("-g"))
}

/// Debian keeps the server's programs off the path, in a folder a version.
fn binary(name: &str) -> PathBuf {
    let mut versions: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .map(|entries| entries.flatten().map(|e| e.path().join("bin").join(name)).collect())
        .unwrap_or_default();
    versions.retain(|path| path.is_file());
    versions.sort();
    versions.pop().unwrap_or_else(|| {
        panic!("PostgreSQL's {name} is not in /usr/lib/postgresql: run `make deps`")
    })
}
