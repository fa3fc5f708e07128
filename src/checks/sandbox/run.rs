//! Starting, watching and stopping a sandboxed program.

use std::ffi::OsString;
use std::fs::File;
use std::io::{Read, Seek, Write};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use landlock::RulesetStatus;
use rustix::process::{
    Pid, Resource, Rlimit, Signal, WaitId, WaitIdOptions, kill_process_group,
    set_parent_process_death_signal, setrlimit, setsid, waitid,
};

use super::{SandboxError, fence, syscalls};

/// The largest file that a sandboxed program may write, in bytes.
const FILE_SIZE_MAX_BYTES: u64 = 4 * 1024 * 1024 * 1024;

/// CPU seconds that one process may use, as a multiple of the time-out: it may have many threads.
const CPU_SECONDS_PER_TIMEOUT_SECOND: u64 = 8;

/// How often a running program is looked at, at first and at most.
const WATCH_STEP_MIN: Duration = Duration::from_millis(1);
const WATCH_STEP_MAX: Duration = Duration::from_millis(15);

/// What is copied at a time from a program's output, in bytes.
const DRAIN_BUFFER_BYTES: usize = 64 * 1024;

/// `close_range` with this flag marks descriptors to be closed at exec (Linux 5.11).
const CLOSE_RANGE_CLOEXEC: libc::c_uint = 1 << 2;

/// A program to be run in the sandbox, and what it may touch.
#[derive(Clone, Debug)]
pub struct SandboxCommand {
    /// The program, as an absolute path.
    pub program: PathBuf,
    /// Its arguments.
    pub args: Vec<OsString>,
    /// The folder it runs in.
    pub current_dir: PathBuf,
    /// Its whole environment.
    pub env: Vec<(OsString, OsString)>,
    /// Files and folders that it may read and execute, beside the system's own. Missing ones are
    /// left out.
    pub readable: Vec<PathBuf>,
    /// Folders that it may do anything in.
    pub writable: Vec<PathBuf>,
    /// What it finds on its standard input. `None`: nothing.
    pub stdin: Option<Vec<u8>>,
    /// Wall-clock time after which it and its children are killed.
    pub timeout: Duration,
    /// What is kept of its standard output, in bytes; the rest is read and dropped.
    pub stdout_max_bytes: usize,
    /// What is kept of its standard error, in bytes.
    pub stderr_max_bytes: usize,
}

/// What a sandboxed program did.
#[derive(Debug)]
pub struct SandboxOutput {
    /// How it ended; by a signal if it was stopped.
    pub status: ExitStatus,
    /// Whether it was stopped because its time was up.
    pub timed_out: bool,
    /// The first bytes of its standard output.
    pub stdout: Vec<u8>,
    /// Whether there was more.
    pub stdout_cut: bool,
    /// The first bytes of its standard error.
    pub stderr: Vec<u8>,
    /// How long it took.
    pub elapsed: Duration,
}

impl SandboxCommand {
    /// Runs it to its end. If the future is dropped, the program is killed with its children. `held` is
    /// let go when none of them is alive any more: locks on what they use.
    pub async fn run<H: Send + 'static>(self, held: H) -> Result<SandboxOutput, SandboxError> {
        let program = self.program.display().to_string();
        // A thread of its own, because the death signal is tied to the thread that starts the child.
        let (cancel_guard, cancelled) = channel::<()>();
        let (answer, result) = tokio::sync::oneshot::channel();
        std::thread::Builder::new()
            .name("sandbox".into())
            .spawn(move || {
                // Nobody listens any more if the caller was dropped.
                let result = self.run_here(&cancelled);
                drop(held);
                let _ = answer.send(result);
            })
            .map_err(|source| SandboxError::Start { program: program.clone(), source })?;
        let output = result.await.unwrap_or_else(|_| {
            Err(SandboxError::Watch {
                program,
                source: std::io::Error::other("the thread that watches it ended"),
            })
        });
        drop(cancel_guard);
        output
    }

    fn run_here(self, cancelled: &Receiver<()>) -> Result<SandboxOutput, SandboxError> {
        let name = self.program.display().to_string();
        let watch = |source| SandboxError::Watch { program: name.clone(), source };
        let started = Instant::now();
        let mut child = self.start(&name)?;
        let outputs = (
            child.stdout.take().map(|pipe| drain(pipe, self.stdout_max_bytes)),
            child.stderr.take().map(|pipe| drain(pipe, self.stderr_max_bytes)),
        );
        let (status, timed_out) = self.watch(&mut child, started, cancelled).map_err(watch)?;
        let (stdout, stdout_cut) = collect(outputs.0).map_err(watch)?;
        let (stderr, _) = collect(outputs.1).map_err(watch)?;
        Ok(SandboxOutput {
            status,
            timed_out,
            stdout,
            stdout_cut,
            stderr,
            elapsed: started.elapsed(),
        })
    }

    fn start(&self, name: &str) -> Result<Child, SandboxError> {
        if !syscalls::available() {
            return Err(SandboxError::Unavailable { missing: "seccomp filters".into() });
        }
        // All that allocates is done before the fork; between fork and exec nothing may.
        let mut fence = Some(fence::build(&self.readable, &self.writable)?);
        let filter = syscalls::filter()?;
        let cpu_seconds = self.timeout.as_secs().max(1) * CPU_SECONDS_PER_TIMEOUT_SECOND;
        let start = |source| SandboxError::Start { program: name.to_owned(), source };

        let mut command = Command::new(&self.program);
        command
            .args(&self.args)
            .current_dir(&self.current_dir)
            .env_clear()
            .envs(self.env.iter().map(|(key, value)| (key, value)))
            .stdin(self.input().map_err(start)?)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let prepare = move || {
            setsid()?;
            set_parent_process_death_signal(Some(Signal::KILL))?;
            limit(Resource::Cpu, cpu_seconds)?;
            limit(Resource::Fsize, FILE_SIZE_MAX_BYTES)?;
            limit(Resource::Core, 0)?;
            rustix::process::umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
            close_inherited_at_exec()?;
            let status = fence.take().ok_or(rustix::io::Errno::ALREADY)?.restrict_self();
            match status {
                Ok(status) if status.ruleset != RulesetStatus::NotEnforced => {}
                _ => return Err(rustix::io::Errno::ACCESS.into()),
            }
            seccompiler::apply_filter(&filter).map_err(|_| rustix::io::Errno::NOSYS)?;
            Ok(())
        };
        #[expect(
            unsafe_code,
            reason = "runs between fork and exec: only system calls, nothing that allocates or locks"
        )]
        unsafe {
            command.pre_exec(prepare);
        }
        command.spawn().map_err(start)
    }

    /// A file without a name rather than a pipe: nobody has to feed it.
    fn input(&self) -> std::io::Result<Stdio> {
        let Some(bytes) = &self.stdin else { return Ok(Stdio::null()) };
        let mut file: File = tempfile::tempfile()?;
        file.write_all(bytes)?;
        file.rewind()?;
        Ok(file.into())
    }

    /// Waits for the end, the time-out or the caller's going away, and leaves nobody of the group
    /// alive.
    fn watch(
        &self,
        child: &mut Child,
        started: Instant,
        cancelled: &Receiver<()>,
    ) -> std::io::Result<(ExitStatus, bool)> {
        let pid = Pid::from_child(child);
        let mut step = WATCH_STEP_MIN;
        let mut timed_out = false;
        loop {
            // Without taking the exit status: as long as it is there, the group's number is not reused.
            let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT | WaitIdOptions::NOHANG;
            if waitid(WaitId::Pid(pid), options)?.is_some() {
                break;
            }
            if started.elapsed() >= self.timeout {
                timed_out = true;
                break;
            }
            if cancelled.recv_timeout(step) == Err(RecvTimeoutError::Disconnected) {
                break;
            }
            step = (step * 2).min(WATCH_STEP_MAX);
        }
        match kill_process_group(pid, Signal::KILL) {
            Ok(()) | Err(rustix::io::Errno::SRCH) => {}
            Err(error) => return Err(error.into()),
        }
        Ok((child.wait()?, timed_out))
    }
}

fn limit(resource: Resource, value: u64) -> rustix::io::Result<()> {
    setrlimit(resource, Rlimit { current: Some(value), maximum: Some(value) })
}

/// Ours are all opened to be closed at exec; a library's may not be.
fn close_inherited_at_exec() -> std::io::Result<()> {
    #[expect(unsafe_code, reason = "only sets flags on descriptors of the child")]
    let answer =
        unsafe { libc::syscall(libc::SYS_close_range, 3, libc::c_uint::MAX, CLOSE_RANGE_CLOEXEC) };
    if answer == 0 { Ok(()) } else { Err(std::io::Error::last_os_error()) }
}

type Drained = JoinHandle<std::io::Result<(Vec<u8>, bool)>>;

/// Reads to the end, so that the program never blocks on a full pipe, and keeps the first bytes.
fn drain(mut pipe: impl Read + Send + 'static, max_bytes: usize) -> Drained {
    std::thread::spawn(move || {
        let mut kept = Vec::new();
        let mut cut = false;
        let mut buffer = vec![0; DRAIN_BUFFER_BYTES];
        loop {
            match pipe.read(&mut buffer) {
                Ok(0) => return Ok((kept, cut)),
                Ok(bytes) => {
                    let room = max_bytes - kept.len();
                    kept.extend_from_slice(&buffer[..bytes.min(room)]);
                    cut |= bytes > room;
                }
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    })
}

fn collect(drained: Option<Drained>) -> std::io::Result<(Vec<u8>, bool)> {
    match drained {
        Some(thread) => {
            thread.join().unwrap_or_else(|_| Err(std::io::Error::other("a reader ended early")))
        }
        None => Ok((Vec::new(), false)),
    }
}
