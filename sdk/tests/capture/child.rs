//! Processes of their own, which end as processes do.

use std::path::Path;
use std::process::{Command, Stdio};

use andon_sdk::{Options, Spool, add_breadcrumb, capture_message};

use super::server::PATIENCE;

/// Captures of the child whose disk is full: several times what fits.
pub(crate) const FULL_DISK_CAPTURES: usize = 300;

const ROLE: &str = "ANDON_SDK_TEST_ROLE";

/// Runs the process that the environment asks for. Not a test of its own.
#[test]
#[ignore = "the child process of the tests below"]
fn child() {
    let Ok(role) = std::env::var(ROLE) else { return };
    let spool = Spool::At(std::env::var("SPOOL").unwrap().into());
    let options = Options::new(std::env::var("DSN").unwrap()).spool(spool);
    let guard = options.spool_bytes(SPOOL_BYTES).init();
    add_breadcrumb(andon_sdk::Breadcrumb::new("the last that was done"));
    match role.as_str() {
        "panic and be killed" => {
            let panicked = std::thread::spawn(|| panic!("the last words")).join();
            assert!(panicked.is_err());
            kill_this();
        }
        "abort in a panic" => {
            struct Again;
            impl Drop for Again {
                fn drop(&mut self) {
                    // A panic while another unwinds ends the process at once.
                    panic!("and again");
                }
            }
            let _again = Again;
            panic!("the last words");
        }
        "end by itself" => {
            capture_message("at the end", andon_sdk::Level::Info);
        }
        "exit" => {
            // As the main thread of a program does; a test has it not.
            let main = std::thread::Builder::new().name("main".to_owned());
            let ended = main.spawn(|| {
                capture_message("the last words", andon_sdk::Level::Error);
                std::process::exit(3);
            });
            drop(ended.unwrap().join());
        }
        "capture many" => {
            for n in 0..10 {
                add_breadcrumb(andon_sdk::Breadcrumb::new(format!("step {n}")).data("n", n));
            }
            let error = std::io::Error::other("the disk is gone");
            andon_sdk::capture_error(&error);
            guard.flush(PATIENCE);
            let before = memory_kib("VmRSS:");
            for _ in 0..MANY {
                andon_sdk::capture_error(&error);
            }
            guard.flush(PATIENCE);
            println!("grown by {} KiB", memory_kib("VmHWM:").saturating_sub(before));
        }
        "write to a full disk" => {
            for n in 0..FULL_DISK_CAPTURES {
                capture_message(&format!("{n}"), andon_sdk::Level::Error);
            }
            println!("captured");
            assert!(guard.flush(PATIENCE), "not all is sent");
            println!("sent");
        }
        other => panic!("no role {other}"),
    }
}

/// As `kill -9` does.
fn kill_this() -> ! {
    let me = std::process::id().to_string();
    Command::new("kill").args(["-9", &me]).status().unwrap();
    loop {
        std::thread::park();
    }
}

/// Room for them on the disk, in bytes.
const SPOOL_BYTES: u64 = 1 << 30;

/// Captures of the child that captures many; the benchmark has twenty times as many.
pub(crate) const MANY: usize = 5_000;

fn memory_kib(line: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let found = status.lines().find_map(|text| text.strip_prefix(line)).unwrap();
    found.trim().trim_end_matches(" kB").parse().unwrap()
}

pub(crate) fn run(role: &str, dsn: &str, spool: &Path) -> std::process::ExitStatus {
    start(role, dsn, spool).stdout(Stdio::null()).status().unwrap()
}

pub(crate) fn start(role: &str, dsn: &str, spool: &Path) -> Command {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child
        .args(["--exact", "child::child", "--ignored", "--nocapture"])
        .env(ROLE, role)
        .env("DSN", dsn)
        .env("SPOOL", spool)
        .stderr(Stdio::null());
    child
}

/// The same process where no file may become larger than some tens of kilobytes, as on a disk that is full:
/// what is written beyond fails, in the middle of it.
pub(crate) fn start_on_a_full_disk(role: &str, dsn: &str, spool: &Path) -> Command {
    let child = start(role, dsn, spool);
    let mut shell = Command::new("sh");
    shell.args(["-c", "trap '' XFSZ; ulimit -f 50; exec \"$@\"", "sh"]);
    shell.arg(child.get_program()).args(child.get_args());
    for (name, value) in child.get_envs() {
        shell.env(name, value.unwrap_or_default());
    }
    shell
}
