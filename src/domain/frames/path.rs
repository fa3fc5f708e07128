//! A file's name as it counts in grouping: the same on every machine, in every deploy and build.
//!
//! Whole paths differ by machine and deploy (`/home/a/shop`, `/var/task`, `C:\inetpub`), and nothing
//! in them says where the project begins: their file name alone counts. Where the sender gives a path
//! within the project, the folder counts too, so that two `index.js` stay two.

use super::text::{base_name, components, is_build_hash, is_hex, is_number, is_random, is_version};

/// Endings of files that bundlers write.
const BUNDLED: &[&str] = &[
    "js", "mjs", "cjs", "jsx", "ts", "tsx", "css", "bundle", "jsbundle", "map", "html", "wasm",
    "vue", "svelte",
];

/// Schemes after which a path within the project follows.
const PROJECT_SCHEMES: &[&str] =
    &["webpack", "webpack-internal", "app", "rollup", "vite", "turbopack", "ng", "package"];

/// Stands for a file name made of a hash alone.
const HASH: &str = "*";

/// Appends the name of the file at `path`, as it counts.
pub(super) fn write_file(path: &str, out: &mut String) {
    let mut path = path;
    // The places of generated code are written `<string>`, `(eval at …)`, `[internal]`.
    if path.starts_with(['<', '(', '[']) {
        return write_made_up(path, out);
    }
    let mut within = !path.starts_with(['/', '\\', '~']) && path.as_bytes().get(1) != Some(&b':');
    if let Some((scheme, rest)) = path.split_once("://") {
        path = rest.split('#').next().unwrap_or_default();
        within = PROJECT_SCHEMES.contains(&scheme);
    }
    // A question mark begins a query; files have none in their names.
    path = path.split('?').next().unwrap_or_default();
    let folder = || {
        let mut parts = components(path).rev().skip(1).map(without_version);
        parts.find(|part| !matches!(*part, "." | ".." | "(webpack)" | "_N_E"))
    };
    if within
        && let Some(folder) = folder()
        && !is_varying_folder(folder)
    {
        out.push_str(folder);
        out.push('/');
    }
    write_base(base_name(path.trim_end_matches(['/', '\\'])), out);
}

/// Whether a folder is named by a release, a version or a commit.
fn is_varying_folder(name: &str) -> bool {
    is_number(name) || is_hex(name, 7) || is_version(name)
}

/// `shop` of `shop-1.2.3` and of `shop@1.2.3`.
fn without_version(name: &str) -> &str {
    match name.char_indices().find(|(at, c)| "-@".contains(*c) && is_version(&name[at + 1..])) {
        Some((at, _)) if at > 0 => &name[..at],
        _ => name,
    }
}

fn write_base(base: &str, out: &mut String) {
    // `libcurl.so.4.8.0`
    let base = base.find(".so.").map_or(base, |at| &base[..at + ".so".len()]);
    let (stem, ending) = base.rsplit_once('.').unwrap_or((base, ""));
    if BUNDLED.contains(&ending) {
        write_bundled(stem, out);
    } else if stem.len() >= 16 && is_hex(stem, 16) || is_number(stem) {
        out.push_str(HASH);
    } else {
        out.push_str(stem);
    }
    if base.len() > stem.len() {
        out.push('.');
        out.push_str(ending);
    }
}

/// `main` of `main.3f9a1c2e`, `chunk` of `chunk-ABC123`, `index` of `index-BdH3f9Qx`.
pub(super) fn write_bundled(stem: &str, out: &mut String) {
    let mut stem = stem;
    // Eight places of base 64 may hold the very signs that separate parts.
    while let Some(at) = stem.len().checked_sub(9).filter(|at| *at > 0)
        && stem.is_char_boundary(at)
        && matches!(stem.as_bytes()[at], b'-' | b'.')
        && is_random(&stem[at + 1..])
    {
        stem = &stem[..at];
    }
    let start = out.len();
    let mut rest = stem;
    let mut before = "";
    let mut joint = "";
    loop {
        let end = rest.find(['.', '-', '~']).unwrap_or(rest.len());
        let part = &rest[..end];
        let varies = is_build_hash(part)
            || is_number(part) && end < rest.len()
            || before == "chunk" && part.len() >= 6 && part.bytes().all(|b| b.is_ascii_uppercase());
        if !varies {
            if out.len() > start {
                out.push_str(joint);
            }
            out.push_str(part);
        }
        before = part;
        if end == rest.len() {
            break;
        }
        joint = &rest[end..=end];
        rest = &rest[end + 1..];
    }
    if out.len() == start {
        out.push_str(HASH);
    }
}

/// `<ipython-input>` of `<ipython-input-12-3f9a1c2e>`; `(eval)` of `(eval at /app/x.rb:12)`.
fn write_made_up(name: &str, out: &mut String) {
    let name = name.split(" at ").next().unwrap_or_default();
    let close = match name.as_bytes().first() {
        Some(b'<') => '>',
        Some(b'(') => ')',
        _ => ']',
    };
    let inner = name[1..].split(close).next().unwrap_or_default();
    let mut end = inner.len();
    while let Some(at) = inner[..end].rfind(['-', ' ', ':', '#'])
        && inner[at + 1..end].bytes().any(|b| b.is_ascii_digit())
    {
        end = at;
    }
    out.push_str(&name[..1]);
    out.push_str(&inner[..end]);
    out.push(close);
}
