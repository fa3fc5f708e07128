//! Modules of Node itself: loading one of them does nothing that anybody could miss.

/// Those that exist with and without `node:`, in every Node from 18 on. Left out: `module`, `repl`, `inspector`,
/// `trace_events`, `wasi`, `domain` (which changes how errors go once it is loaded) and `process`.
const MODULES: &[&str] = &[
    "assert",
    "assert/strict",
    "async_hooks",
    "buffer",
    "child_process",
    "cluster",
    "constants",
    "crypto",
    "dgram",
    "diagnostics_channel",
    "dns",
    "dns/promises",
    "events",
    "fs",
    "fs/promises",
    "http",
    "http2",
    "https",
    "net",
    "os",
    "path",
    "path/posix",
    "path/win32",
    "perf_hooks",
    "querystring",
    "readline",
    "readline/promises",
    "stream",
    "stream/consumers",
    "stream/promises",
    "stream/web",
    "string_decoder",
    "timers",
    "timers/promises",
    "tls",
    "tty",
    "url",
    "util",
    "util/types",
    "v8",
    "vm",
    "worker_threads",
    "zlib",
];

/// Whether a module is one of them.
pub(super) fn is_builtin(module: &str) -> bool {
    MODULES.binary_search(&module.strip_prefix("node:").unwrap_or(module)).is_ok()
}
