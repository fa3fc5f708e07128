//! Dispatches to [`andon::cli`].

/// Events are read, compressed and let go on changing threads, which leaves the system's allocator with
/// much memory that is in pieces: with this one the server holds less, and works faster.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> std::process::ExitCode {
    andon::cli::main()
}
