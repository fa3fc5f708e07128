//! Which files no automatic change may touch, whatever its content.

/// Files that decide what is built or run.
const NEVER_FILES: &[&str] =
    &["build.rs", "cargo.toml", "cargo.lock", "rust-toolchain", "rust-toolchain.toml"];

/// Folders that belong to tools or to other people.
const NEVER_FOLDERS: &[&str] = &[".cargo", ".git", ".github", "target", "vendor", "node_modules"];

/// Why the file at `path` is never changed without a person, or `None` if it may be.
pub(super) fn refusal(path: &str) -> Option<String> {
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
    if !components.last().is_some_and(|name| name.ends_with(".rs")) {
        return Some(format!("only Rust files are proved in this version, not `{path}`"));
    }
    None
}
