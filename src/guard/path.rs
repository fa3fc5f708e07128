//! Which files no automatic change may touch, whatever its content.

/// Files that decide what is built or run.
const NEVER_FILES: &[&str] =
    &["build.rs", "cargo.toml", "cargo.lock", "rust-toolchain", "rust-toolchain.toml"];

/// Folders that belong to tools or to other people.
const NEVER_FOLDERS: &[&str] = &[
    "target",
    "vendor",
    "vendored",
    "_vendor",
    "node_modules",
    "site-packages",
    "third_party",
    "third-party",
    "generated",
    "autogen",
];

/// How the names of files end that a program writes.
const GENERATED_ENDS: &[&str] = &[
    ".pb.rs",
    ".g.rs",
    ".gen.rs",
    ".generated.rs",
    "_generated.rs",
    "_gen.rs",
    "_pb.rs",
    "_pb2.rs",
    "_pb2.py",
    "_pb2_grpc.py",
    "_generated.py",
    "_gen.py",
    ".generated.js",
    ".generated.ts",
    ".generated.tsx",
    ".gen.ts",
    ".gen.js",
    "_pb.js",
    "_pb.ts",
    ".pb.ts",
    ".pb.js",
    ".min.js",
    ".min.mjs",
    ".bundle.js",
];

/// A language that has proofs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::guard) enum Language {
    /// `.rs`
    Rust,
    /// `.py`
    Python,
    /// JavaScript and TypeScript.
    Script(Script),
}

/// How a script is parsed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::guard) enum Script {
    /// `.js`, `.jsx`: a module or a script, with JSX.
    Js,
    /// `.mjs`
    Mjs,
    /// `.cjs`
    Cjs,
    /// `.ts`, `.mts`, `.cts`
    Ts,
    /// `.tsx`
    Tsx,
}

/// The language of the file at `path`, or why it is never changed without a person.
pub(in crate::guard) fn language(path: &str) -> Result<Language, String> {
    if let Some(why) = refusal(path) {
        return Err(why);
    }
    let name = path.rsplit('/').next().unwrap_or(path);
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    Ok(match ending {
        "rs" => Language::Rust,
        "py" => Language::Python,
        "js" | "jsx" => Language::Script(Script::Js),
        "mjs" => Language::Script(Script::Mjs),
        "cjs" => Language::Script(Script::Cjs),
        "ts" | "mts" | "cts" if !name.ends_with(".d.ts") => Language::Script(Script::Ts),
        "tsx" => Language::Script(Script::Tsx),
        _ => {
            return Err(format!(
                "only Rust, Python, JavaScript and TypeScript files are proved, not `{path}`"
            ));
        }
    })
}

/// Why the file at `path` is never changed without a person, or `None` if it may be.
fn refusal(path: &str) -> Option<String> {
    if path.is_empty() {
        return Some("the change names no file".to_owned());
    }
    let bytes = path.as_bytes();
    if path.starts_with('/') || bytes.get(1) == Some(&b':') {
        return Some(format!("`{path}` is an absolute path"));
    }
    if path.contains('\\') || path.chars().any(char::is_control) {
        return Some(format!("`{}` is not a plain path with `/`", path.escape_debug()));
    }
    let components: Vec<&str> = path.split('/').collect();
    if components.iter().any(|part| part.is_empty() || *part == "." || *part == "..") {
        return Some(format!("`{path}` has an empty, `.` or `..` component"));
    }
    // Names that some file systems take for another name (`.git ` and `git~1` for `.git`), and names that
    // are not what they look like.
    let is_odd = |part: &&&str| {
        part.contains(['~', ':', '*', '?', '"', '<', '>', '|'])
            || part.ends_with(['.', ' '])
            || part.starts_with(' ')
            || !part.is_ascii()
    };
    if let Some(part) = components.iter().find(is_odd) {
        return Some(format!("`{}` is not a plain name", part.escape_debug()));
    }
    if let Some(part) = components.iter().find(|part| part.starts_with('.')) {
        return Some(format!("`{part}` is hidden; such files are never changed automatically"));
    }
    let lower: Vec<String> = components.iter().map(|part| part.to_lowercase()).collect();
    let (name, folders) = lower.split_last()?;
    if let Some(folder) = folders.iter().find(|folder| NEVER_FOLDERS.contains(&folder.as_str())) {
        return Some(format!("files under `{folder}/` are never changed automatically"));
    }
    if NEVER_FILES.contains(&name.as_str()) || name.ends_with(".lock") {
        return Some(format!(
            "`{path}` decides what is built or run; it is never changed automatically"
        ));
    }
    if GENERATED_ENDS.iter().any(|end| name.ends_with(end)) {
        return Some(format!("`{path}` has the name of a generated file"));
    }
    None
}
