//! `andon serve` as a child process, with a data folder of its own.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use reqwest::{Client, RequestBuilder, Response, StatusCode};
use serde_json::Value;

/// The binary under test.
pub(crate) fn andon() -> Command {
    andon_under(&[])
}

/// The same, run by another command.
fn andon_under(under: &[String]) -> Command {
    let mut words = under.iter().map(String::as_str).chain([env!("CARGO_BIN_EXE_andon")]);
    let mut command = Command::new(words.next().unwrap());
    command.args(words);
    for (name, _) in std::env::vars() {
        if name.starts_with("ANDON_") {
            command.env_remove(name);
        }
    }
    command
}

/// A running server.
pub(crate) struct Server {
    child: Child,
    folder: tempfile::TempDir,
    /// `http://127.0.0.1:PORT`
    pub(crate) url: String,
    /// The administrator's token.
    pub(crate) token: String,
    client: Client,
    /// A command that runs the server, and what else is run over its data: `nsenter …`. Empty for none.
    under: Vec<String>,
    /// Environment variables of it, and of what else is run over its data.
    variables: Vec<(String, String)>,
}

/// A project as `andon project create --json` prints it.
#[derive(Clone, Debug, serde::Deserialize)]
pub(crate) struct ProjectFacts {
    pub(crate) id: i64,
    pub(crate) key: String,
    pub(crate) dsn: String,
}

impl Server {
    /// Starts a server on a free port, with an empty data folder.
    pub(crate) fn start() -> Self {
        Self::start_with(&[])
    }

    /// The same with environment variables.
    pub(crate) fn start_with(variables: &[(&str, &str)]) -> Self {
        Self::launch_in(tempfile::tempdir().unwrap(), variables)
    }

    /// The same in a folder that the test has put files into, beside the data folder.
    pub(crate) fn start_with_folder(folder: tempfile::TempDir, variables: &[(&str, &str)]) -> Self {
        Self::launch_in(folder, variables)
    }

    /// The same in a folder that may hold data already, but no token that was shown.
    pub(crate) fn start_in(folder: tempfile::TempDir) -> Self {
        Self::launch_in(folder, &[])
    }

    /// The same, run by another command, which must become the server, with environment variables.
    pub(crate) fn start_under(
        under: Vec<String>,
        folder: tempfile::TempDir,
        variables: &[(&str, &str)],
    ) -> Self {
        Self::launch_under(under, folder, variables)
    }

    fn launch_in(folder: tempfile::TempDir, variables: &[(&str, &str)]) -> Self {
        Self::launch_under(Vec::new(), folder, variables)
    }

    fn launch_under(
        under: Vec<String>,
        folder: tempfile::TempDir,
        variables: &[(&str, &str)],
    ) -> Self {
        let variables: Vec<(String, String)> =
            variables.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        let (child, url, token) = launch(&under, &folder.path().join("data"), &variables);
        let token = token.expect("the first start prints the token");
        Self { child, folder, url, token, client: client(), under, variables }
    }

    /// The data folder.
    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// A folder beside the data folder, for the test's own files.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Ends the process at once, as a crash does, and starts it again over the same data.
    pub(crate) fn kill_and_restart(&mut self) {
        self.kill();
        self.restart();
    }

    /// The same with these environment variables only.
    pub(crate) fn kill_and_restart_with(&mut self, variables: &[(&str, &str)]) {
        self.kill();
        self.variables =
            variables.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        self.restart();
    }

    /// Ends the process at once.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Starts a process that was killed again, over the same data, at another port.
    pub(crate) fn restart(&mut self) {
        let (child, url, token) = launch(&self.under, &self.data(), &self.variables);
        assert_eq!(token, None, "only the first start prints a token");
        self.child = child;
        self.url = url;
    }

    /// Sends the process a signal.
    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, signal).unwrap();
    }

    /// How the process ended, if it did.
    pub(crate) fn ended(&mut self) -> Option<std::process::ExitStatus> {
        self.child.try_wait().unwrap()
    }

    /// The most memory that the process has had so far, in KiB.
    pub(crate) fn peak_memory_kib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        peak.trim().trim_end_matches(" kB").parse().unwrap()
    }

    /// How much more memory the process has had since its peak was `before`, in KiB. The kernel
    /// counts in batches, so that a peak that was read a moment later can be a little lower.
    pub(crate) fn memory_growth_kib(&self, before: u64) -> u64 {
        self.peak_memory_kib().saturating_sub(before)
    }

    /// Asks the process to end, and returns its exit code.
    pub(crate) fn terminate(mut self) -> Option<i32> {
        self.signal(rustix::process::Signal::TERM);
        self.child.wait().unwrap().code()
    }

    /// Creates a project by the command line, while the server runs.
    pub(crate) fn create_project(&self, name: &str, more: &[&str]) -> ProjectFacts {
        self.create_project_with(name, more, &[])
    }

    /// The same with environment variables.
    pub(crate) fn create_project_with(
        &self,
        name: &str,
        more: &[&str],
        variables: &[(&str, &str)],
    ) -> ProjectFacts {
        let data = self.data();
        let mut arguments =
            vec!["project", "create", name, "--data", data.to_str().unwrap(), "--json"];
        arguments.extend(more);
        let output = andon_under(&self.under)
            .args(arguments)
            .envs(self.variables.iter().cloned())
            .envs(variables.iter().copied())
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// A new token; `more` says its scopes and project.
    pub(crate) fn new_token(&self, name: &str, more: &[&str]) -> String {
        let output = andon_under(&self.under)
            .args(["token", "create", name, "--json", "--data"])
            .arg(self.data())
            .args(more)
            .envs(self.variables.iter().cloned())
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let made: Value = serde_json::from_slice(&output.stdout).unwrap();
        made["token"].as_str().unwrap().to_owned()
    }

    /// A request without credentials.
    pub(crate) fn plain(&self, method: reqwest::Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.url))
    }

    /// A GET with the administrator's token.
    pub(crate) async fn get(&self, path: &str) -> Response {
        self.plain(reqwest::Method::GET, path).bearer_auth(&self.token).send().await.unwrap()
    }

    /// A GET that must be answered 200 with JSON.
    pub(crate) async fn json(&self, path: &str) -> Value {
        let response = self.get(path).await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        response.json().await.unwrap()
    }

    /// Sends an envelope.
    pub(crate) async fn envelope(&self, project: &ProjectFacts, body: Vec<u8>) -> Response {
        self.plain(reqwest::Method::POST, &format!("/api/{}/envelope/", project.id))
            .header("x-sentry-auth", format!("Sentry sentry_key={}, sentry_version=7", project.key))
            .body(body)
            .send()
            .await
            .unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already; a test that wanted to know has looked.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn client() -> Client {
    Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(std::time::Duration::from_secs(30))
        .build()
        .unwrap()
}

fn launch(
    under: &[String],
    data: &Path,
    variables: &[(String, String)],
) -> (Child, String, Option<String>) {
    let mut child = andon_under(under)
        .args(["serve", "--listen", "127.0.0.1:0", "--data", data.to_str().unwrap()])
        .envs(variables.iter().cloned())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let first = lines.next().expect("the server says where it listens");
    let url =
        first.split_once("listens on ").expect("the server says where it listens").1.to_owned();
    let mut token = None;
    for line in lines.by_ref() {
        if line.starts_with("GUI:") {
            break;
        }
    }
    // After the address of the GUI comes the token, at the first start only.
    if !data.join("token-was-printed").exists() {
        token = lines
            .by_ref()
            .take(5)
            .find_map(|line| line.trim().starts_with("andon_").then(|| line.trim().to_owned()));
        std::fs::write(data.join("token-was-printed"), "").unwrap();
    }
    (child, url, token)
}

/// A gzip of some bytes.
pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}
