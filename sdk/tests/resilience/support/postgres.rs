//! A PostgreSQL of the tests' own, in a folder of its own on a private port, shared by those that run at
//! the same time and ended with the last of them.

use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, Weak, mpsc};

use sqlx::postgres::{PgConnection, PgPool, PgPoolOptions};
use sqlx::{AssertSqlSafe, Connection as _};

use super::{PATIENCE, eventually};

/// Whom the server runs as when the tests run as root, which PostgreSQL refuses to.
const UNPRIVILEGED: &str = "postgres";

pub(crate) struct Postgres {
    // The server ends before its folder goes.
    server: Server,
    port: u16,
    _folder: tempfile::TempDir,
}

struct Server(Mutex<Child>);

impl Drop for Server {
    fn drop(&mut self) {
        let mut child = self.0.lock().unwrap();
        // The quick end, as children would outlive a kill.
        let _ = Command::new("kill").args(["-QUIT", &child.id().to_string()]).status();
        let _ = child.wait();
    }
}

impl Postgres {
    pub(crate) async fn shared() -> Arc<Self> {
        static SERVER: Mutex<Weak<Postgres>> = Mutex::new(Weak::new());
        let server = {
            let mut shared = SERVER.lock().unwrap();
            let server = shared.upgrade().unwrap_or_else(|| Arc::new(Self::start()));
            *shared = Arc::downgrade(&server);
            server
        };
        eventually("PostgreSQL takes connections", async || {
            let over = server.server.0.lock().unwrap().try_wait().unwrap();
            assert!(over.is_none(), "PostgreSQL ended: {over:?}");
            PgConnection::connect(&server.url("postgres")).await.ok()
        })
        .await;
        server
    }

    fn start() -> Self {
        let folder = tempfile::Builder::new().prefix("andon-sdk-postgres").tempdir().unwrap();
        let data = folder.path().join("data");
        std::fs::create_dir(&data).unwrap();
        // Whoever made the folder is whom the tests run as.
        let as_root = folder.path().metadata().unwrap().uid() == 0;
        for path in [folder.path(), &data] {
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700)).unwrap();
            if as_root {
                chown(path, Some(id_of_unprivileged("-u")), Some(id_of_unprivileged("-g")))
                    .unwrap();
            }
        }
        let made = command("initdb", as_root)
            .args(["--no-sync", "--auth=trust", "--encoding=UTF8", "--locale=C", "-U", "andon"])
            .arg("-D")
            .arg(&data)
            .stdout(Stdio::null())
            .status()
            .unwrap();
        assert!(made.success(), "initdb failed");
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut postgres = command("postgres", as_root);
        postgres
            .arg("-D")
            .arg(&data)
            .args(["-p", &port.to_string()])
            .args(["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="])
            .args(["-c", "fsync=off"])
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let child = spawn(postgres);
        Self { server: Server(Mutex::new(child)), port, _folder: folder }
    }

    fn url(&self, database: &str) -> String {
        format!("postgres://andon@127.0.0.1:{}/{database}", self.port)
    }

    /// A pool on an empty database.
    pub(crate) async fn database(&self) -> PgPool {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        let name = format!("test_{}", NEXT.fetch_add(1, Ordering::Relaxed));
        let mut connection = PgConnection::connect(&self.url("postgres")).await.unwrap();
        let statement = AssertSqlSafe(format!("CREATE DATABASE {name}"));
        sqlx::raw_sql(statement).execute(&mut connection).await.unwrap();
        PgPoolOptions::new().acquire_timeout(PATIENCE).connect(&self.url(&name)).await.unwrap()
    }
}

/// Starts it from a thread that lives as long as the process: the kernel ends it with that thread, and
/// the one of the first test may end before the last test does.
fn spawn(mut command: Command) -> Child {
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || {
        tell.send(command.spawn().unwrap()).unwrap();
        loop {
            std::thread::park();
        }
    });
    told.recv().unwrap()
}

/// A program of PostgreSQL's, as root for another user. It ends with the thread that starts it, so a test
/// that is killed leaves no server.
fn command(name: &str, as_root: bool) -> Command {
    let mut command = Command::new("setpriv");
    command.arg("--pdeathsig").arg("QUIT");
    if as_root {
        command.args(["--reuid", UNPRIVILEGED, "--regid", UNPRIVILEGED, "--clear-groups"]);
    }
    command.arg("--").arg(binary(name)).current_dir("/");
    command
}

fn id_of_unprivileged(flag: &str) -> u32 {
    let out = Command::new("id").args([flag, UNPRIVILEGED]).output().unwrap();
    String::from_utf8(out.stdout).unwrap().trim().parse().expect("there is a user postgres")
}

/// Debian keeps the server's programs off the path, in a folder a version.
fn binary(name: &str) -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").expect("PostgreSQL is installed");
    let mut found: Vec<PathBuf> =
        versions.flatten().map(|version| version.path().join("bin").join(name)).collect();
    found.retain(|path: &PathBuf| Path::is_file(path));
    found.sort();
    found.pop().expect("PostgreSQL's programs are installed")
}
