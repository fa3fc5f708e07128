//! `cargo check` in the sandbox.

use std::collections::HashSet;
use std::ffi::OsString;
use std::path::Path;
use std::time::Instant;

use super::messages::{self, Said, first_error, identity};
use super::packages::Selection;
use super::sandbox::SandboxOutput;
use super::tree_state::TreeState;
use super::{CheckError, PrivateCopy};
use crate::domain::diagnostic::{Diagnostic, DiagnosticLevel};
use crate::domain::facts::{CheckRun, CheckWay, RunOutcome};

/// The result of one check.
#[derive(Clone, Debug, PartialEq)]
pub struct Checked {
    /// How it ended and what the compiler said.
    pub run: CheckRun,
    /// Wall-clock seconds.
    pub seconds: f64,
    /// One or two sentences: what was checked, or why not.
    pub summary: String,
}

impl Checked {
    /// A check that did not happen, because of `reason`.
    pub fn not_run(way: CheckWay, reason: impl Into<String>) -> Self {
        let run = CheckRun { way, outcome: RunOutcome::NotRun, diagnostics: Vec::new() };
        Self { run, seconds: 0.0, summary: reason.into() }
    }
}

impl PrivateCopy {
    /// Checks the packages that own `paths` (none given: all members of the workspace). Compile
    /// errors are a result; an error means that nothing was learnt.
    pub async fn check(&self, paths: &[String], way: CheckWay) -> Result<Checked, CheckError> {
        let started = Instant::now();
        let state = self.state().await?;
        let mut checked = Checked {
            run: CheckRun { way, outcome: RunOutcome::Passed, diagnostics: Vec::new() },
            seconds: 0.0,
            summary: String::new(),
        };
        let mut seen = HashSet::new();
        for selection in self.select(paths).await? {
            let part = self.check_selection(&selection, way).await?;
            checked.run.outcome = worse(checked.run.outcome, part.run.outcome);
            checked.run.diagnostics.extend(
                part.run.diagnostics.into_iter().filter(|said| seen.insert(identity(said))),
            );
            if !checked.summary.is_empty() {
                checked.summary.push(' ');
            }
            checked.summary.push_str(&part.summary);
        }
        self.compare(state).await?;
        checked.seconds = started.elapsed().as_secs_f64();
        Ok(checked)
    }

    /// What the code looks like now. Off the async threads: a large repository takes a while.
    async fn state(&self) -> Result<TreeState, CheckError> {
        let (tree, files) = (self.root().to_owned(), self.present_files().cloned().collect());
        on_blocking_thread(move || TreeState::of(&tree, files)).await
    }

    async fn compare(&self, state: TreeState) -> Result<(), CheckError> {
        let tree = self.root().to_owned();
        on_blocking_thread(move || state.compare(&tree)).await
    }

    async fn check_selection(
        &self,
        selection: &Selection,
        way: CheckWay,
    ) -> Result<Checked, CheckError> {
        let folder = self.root().join(&selection.workspace);
        let mut remark = String::new();
        if !folder.join("Cargo.lock").is_file() {
            if let Some(reason) = self.make_lock_file(&folder).await? {
                return Ok(Checked::not_run(way, reason));
            }
            remark.push_str(" There was no Cargo.lock; one was made in the private copy.");
        }
        let mut args: Vec<OsString> =
            ["check", "--offline", "--locked", "--message-format=json", "--manifest-path"]
                .map(OsString::from)
                .to_vec();
        args.push(folder.join("Cargo.toml").into());
        match way {
            CheckWay::Plain => {}
            CheckWay::AllTargets => args.push("--all-targets".into()),
            CheckWay::AllFeatures => {
                args.extend(["--all-targets".into(), "--all-features".into()]);
            }
        }
        if selection.packages.is_empty() {
            args.push("--workspace".into());
        }
        for package in &selection.packages {
            args.extend(["-p".into(), package.into()]);
        }
        let output = self.run(self.workshop.toolchain.cargo.clone(), args, None, None).await?;
        let mut checked = self.read_output(&selection.workspace, way, &output);
        checked.summary.push_str(&remark);
        Ok(checked)
    }

    /// `Some`: why there can be no lock file. This runs no code of the repository, so it may write to
    /// the copy.
    async fn make_lock_file(&self, folder: &Path) -> Result<Option<String>, CheckError> {
        let args = vec![
            "generate-lockfile".into(),
            "--offline".into(),
            "--manifest-path".into(),
            folder.join("Cargo.toml").into(),
        ];
        let cargo = self.workshop.toolchain.cargo.clone();
        let output = self.run(cargo, args, None, Some(folder.to_owned())).await?;
        if output.status.success() {
            return Ok(None);
        }
        Ok(Some(format!(
            "There is no Cargo.lock and none could be made: {}",
            self.explain(&output.stderr)
        )))
    }

    fn read_output(&self, workspace: &str, way: CheckWay, output: &SandboxOutput) -> Checked {
        if output.timed_out {
            let limit = self.workshop.timeout.as_secs();
            return Checked::not_run(
                way,
                format!("The check took longer than {limit} s and was stopped."),
            );
        }
        if output.stdout_cut {
            return Checked::not_run(way, "The compiler said more than Andon reads.");
        }
        let Said { mut diagnostics, finished } =
            messages::read(&output.stdout, self.root(), workspace);
        let outcome = match finished {
            Some(true) if output.status.success() => RunOutcome::Passed,
            Some(false) => RunOutcome::Failed,
            // Cargo gave up before it built anything, or was killed.
            _ => return Checked::not_run(way, self.explain(&output.stderr)),
        };
        let count = |level| diagnostics.iter().filter(|said| said.level == level).count();
        let mut errors = count(DiagnosticLevel::Error);
        let warnings = count(DiagnosticLevel::Warning);
        if outcome == RunOutcome::Failed && errors == 0 {
            // A build script, say. Without it, a comparison of two runs would see no difference.
            let message = first_error(&output.stderr);
            let rendered = String::from_utf8_lossy(&output.stderr).into_owned();
            diagnostics.push(Diagnostic {
                code: None,
                level: DiagnosticLevel::Error,
                message,
                rendered,
                spans: Vec::new(),
                suggestions: Vec::new(),
            });
            errors = 1;
        }
        let summary = match outcome {
            RunOutcome::Passed if warnings == 0 => "It compiles without a warning.".to_owned(),
            RunOutcome::Passed => format!("It compiles with {}.", counted(warnings, "warning")),
            _ => {
                let first = diagnostics.iter().find(|said| said.level == DiagnosticLevel::Error);
                format!(
                    "It does not compile: {}{}.",
                    counted(errors, "error"),
                    first.map(|said| format!(", first: {}", said.message)).unwrap_or_default()
                )
            }
        };
        Checked { run: CheckRun { way, outcome, diagnostics }, seconds: 0.0, summary }
    }

    /// Why cargo gave up, and what to do about it.
    fn explain(&self, stderr: &[u8]) -> String {
        let text = String::from_utf8_lossy(stderr);
        let reason = first_error(stderr);
        let root = self.workshop.repository.display();
        let missing =
            ["--offline was specified", "offline mode", "you're using offline", "`--offline`"]
                .iter()
                .any(|sign| text.contains(sign));
        if text.contains("--locked was passed") || text.contains("because --locked") {
            return format!(
                "Cargo.lock does not fit the manifests. Run `cargo check` in {root} once and commit Cargo.lock. Cargo says: {reason}"
            );
        }
        if missing {
            return format!(
                "A dependency is not downloaded, and checks have no network. Run `cargo fetch` in {root}. Cargo says: {reason}"
            );
        }
        format!("Cargo could not start the check: {reason}")
    }
}

fn counted(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

/// Not run beats failed beats passed: what is not known may be worse.
fn worse(a: RunOutcome, b: RunOutcome) -> RunOutcome {
    a.max(b)
}

async fn on_blocking_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, CheckError> + Send + 'static,
) -> Result<T, CheckError> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| {
        Err(CheckError::Io {
            what: "look at",
            path: "the private copy".into(),
            source: std::io::Error::other(error),
        })
    })
}
