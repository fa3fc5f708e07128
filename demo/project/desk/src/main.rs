//! The shop's order desk: does one piece of the day's work, and reports what breaks.
//!
//! `desk --case NAME` does the work of that name. Where `SENTRY_DSN` is set, a panic is sent there
//! before the process ends; `DEMO_RELEASE` says which release this is.

mod telemetry;
mod work;

use std::process::ExitCode;

/// Exit code of a call that the program does not understand.
const USAGE: u8 = 2;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let name = match arguments.as_slice() {
        [flag, name] if flag == "--case" => name.as_str(),
        [flag] if flag == "--list" => {
            work::ALL.iter().for_each(|(name, _)| println!("{name}"));
            return ExitCode::SUCCESS;
        }
        _ => return usage(),
    };
    let Some((_, work)) = work::ALL.iter().find(|(known, _)| *known == name) else {
        return usage();
    };

    // Held until `main` ends, also by a panic: what is still unsent then is sent first.
    let _reporting = telemetry::start(name);
    match work() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("desk: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Says how the program is called.
fn usage() -> ExitCode {
    let names: Vec<&str> = work::ALL.iter().map(|(name, _)| *name).collect();
    eprintln!("usage: desk --case {}", names.join("|"));
    ExitCode::from(USAGE)
}
