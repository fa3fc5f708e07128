//! Dispatches to [`andon::cli`].

fn main() -> std::process::ExitCode {
    andon::cli::main()
}
