//! A private copy of a crate, and its own unit tests run there by cargo.

use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

/// How long the first build may take, with all that the crate depends on.
const MAX_BUILD: Duration = Duration::from_secs(900);

/// How long one run of the tests may take: an edit may make a loop run for ever.
const MAX_TEST: Duration = Duration::from_secs(90);

/// Bytes of what a run printed that are read.
const MAX_OUTPUT: u64 = 4 * 1024 * 1024;

/// How often a run is looked at.
const WATCH_STEP: Duration = Duration::from_millis(20);

/// The copy.
#[derive(Debug)]
pub struct Trial {
    folder: PathBuf,
    target: PathBuf,
}

/// What came of a run.
#[derive(Clone, Debug, Default)]
pub struct Ran {
    /// Whether it ended well; `None` if it took too long and was stopped.
    pub ended_well: Option<bool>,
    /// What it printed.
    pub output: String,
}

impl Trial {
    /// Copies the crate in `from` to `work/name`; what is built goes to `work/target`.
    pub fn copy(from: &Path, work: &Path, name: &str) -> io::Result<Self> {
        let folder = work.join(name);
        match fs::remove_dir_all(&folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => copy_folder(from, &folder)?,
        }
        Ok(Self { folder, target: work.join("target") })
    }

    /// Replaces a file of the copy.
    pub fn write(&self, path: &str, text: &str) -> io::Result<()> {
        fs::write(self.folder.join(path), text)
    }

    /// Builds the tests.
    pub fn build(&self) -> io::Result<Ran> {
        self.cargo(&["test", "--lib", "--quiet", "--no-run"], MAX_BUILD)
    }

    /// Runs one test, or all.
    pub fn test(&self, only: Option<&str>) -> io::Result<Ran> {
        let mut arguments = vec!["test", "--lib", "--quiet", "--"];
        match only {
            Some(test) => arguments.extend(["--exact", test, "--nocapture", "--test-threads=1"]),
            None => arguments.push("--test-threads=2"),
        }
        self.cargo(&arguments, MAX_TEST)
    }

    /// Takes the copy away again.
    pub fn remove(self) -> io::Result<()> {
        fs::remove_dir_all(&self.folder)
    }

    fn cargo(&self, arguments: &[&str], most: Duration) -> io::Result<Ran> {
        let mut printed = tempfile::tempfile()?;
        let mut child = Command::new("cargo")
            .args(arguments)
            .current_dir(&self.folder)
            .env("CARGO_TARGET_DIR", &self.target)
            .env("CARGO_TERM_COLOR", "never")
            .env("RUST_BACKTRACE", "0")
            .stdin(Stdio::null())
            .stdout(printed.try_clone()?)
            .stderr(printed.try_clone()?)
            .process_group(0)
            .spawn()?;
        let begun = Instant::now();
        let mut ended_well = None;
        while begun.elapsed() < most {
            if let Some(status) = child.try_wait()? {
                ended_well = Some(status.success());
                break;
            }
            std::thread::sleep(WATCH_STEP);
        }
        if ended_well.is_none() {
            // The tests too, which cargo started. It has not been waited for: its number is still its own.
            if let Some(group) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
                let _ = kill_process_group(group, Signal::KILL);
            }
            child.wait()?;
        }
        Ok(Ran { ended_well, output: read(&mut printed)? })
    }
}

impl Ran {
    /// The tests that failed, by name.
    pub fn failed_tests(&self) -> Vec<String> {
        let Some((_, list)) = self.output.rsplit_once("\nfailures:\n") else { return Vec::new() };
        let names = list.lines().filter_map(|line| line.strip_prefix("    "));
        names.filter(|name| !name.contains(' ')).map(str::to_owned).collect()
    }

    /// The first error of the compiler.
    pub fn first_error(&self) -> &str {
        self.output.lines().find(|line| line.starts_with("error")).unwrap_or("error")
    }

    /// The places of its panics, as they were printed: path and line.
    pub fn panics(&self) -> Vec<(String, u32)> {
        self.output
            .lines()
            .filter_map(|line| line.split_once(" panicked at ")?.1.strip_suffix(':'))
            .filter_map(|place| {
                let mut parts = place.rsplitn(3, ':');
                let (_, line, path) = (parts.next()?, parts.next()?, parts.next()?);
                Some((path.to_owned(), line.parse().ok()?))
            })
            .collect()
    }
}

fn read(printed: &mut File) -> io::Result<String> {
    printed.rewind()?;
    let mut bytes = Vec::new();
    printed.take(MAX_OUTPUT).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Copies the regular files and folders of a folder. Links are left out.
fn copy_folder(from: &Path, to: &Path) -> io::Result<()> {
    let mut folders = vec![(from.to_owned(), to.to_owned())];
    while let Some((from, to)) = folders.pop() {
        fs::create_dir_all(&to)?;
        for entry in fs::read_dir(&from)? {
            let entry = entry?;
            let kind = entry.file_type()?;
            if kind.is_dir() {
                folders.push((entry.path(), to.join(entry.file_name())));
            } else if kind.is_file() {
                fs::copy(entry.path(), to.join(entry.file_name()))?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_test_run_prints_is_read() {
        let ran = Ran {
            ended_well: Some(false),
            output: "\nrunning 2 tests\nthread 'tests::a' (7) panicked at src/lib.rs:3:5:\nindex out of bounds\n\n\
                     failures:\n\n---- tests::a stdout ----\nwords\n\n\nfailures:\n    tests::a\n    tests::b\n\ntest result: FAILED."
                .to_owned(),
        };
        assert_eq!(ran.failed_tests(), ["tests::a", "tests::b"]);
        assert_eq!(ran.panics(), [("src/lib.rs".to_owned(), 3)]);
    }
}
