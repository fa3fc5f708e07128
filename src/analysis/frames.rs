//! From an event's frames to files of the repository.

use crate::domain::event::{Event, Frame};
use crate::domain::in_app;
use crate::source::Sources;
use crate::source::paths;

/// Files of in-app frames that agents look at; the innermost are the ones that matter.
const MAX_FILES: usize = 8;

/// The repository's path of a frame's file, if there is exactly one that fits.
pub fn path_in(frame: &Frame, sources: &dyn Sources) -> Option<String> {
    let package = frame.package.as_deref();
    let krate = package.or_else(|| in_app::crate_of(frame.function.as_deref()?));
    paths::locate(sources.paths(), frame.path()?, krate).one().map(str::to_owned)
}

/// The files that the in-app frames of the raised exception point at, innermost first, each once.
pub fn in_app_files(event: &Event, sources: &dyn Sources) -> Vec<String> {
    let mut files = Vec::new();
    let frames = event.exceptions.iter().rev().filter_map(|e| e.stacktrace.as_ref());
    for frame in frames.flat_map(|s| s.frames.iter().rev()).filter(|f| f.in_app == Some(true)) {
        if let Some(path) = path_in(frame, sources)
            && !files.contains(&path)
        {
            files.push(path);
        }
        if files.len() == MAX_FILES {
            break;
        }
    }
    files
}

/// Those of `files` that belong to the same Cargo package as the first: the package in which it
/// failed. Asking the compiler about the callers' packages too would build all that they depend on.
pub fn in_package_of_first(files: &[String], sources: &dyn Sources) -> Vec<String> {
    let package = |file: &str| {
        let mut folder = file;
        loop {
            folder = folder.rsplit_once('/').map_or("", |(parent, _)| parent);
            let manifest = match folder {
                "" => "Cargo.toml".to_owned(),
                folder => format!("{folder}/Cargo.toml"),
            };
            if folder.is_empty() || sources.paths().binary_search(&manifest).is_ok() {
                return folder.to_owned();
            }
        }
    };
    let Some(first) = files.first().map(|file| package(file)) else { return Vec::new() };
    files.iter().filter(|file| package(file) == first).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Revision;

    struct Listed(Vec<String>, Revision);

    impl Sources for Listed {
        fn paths(&self) -> &[String] {
            &self.0
        }
        fn read(&self, _: &str) -> Option<std::sync::Arc<str>> {
            None
        }
        fn revision(&self) -> &Revision {
            &self.1
        }
    }

    #[test]
    fn only_files_of_the_failing_package_are_compiled() {
        let paths = ["Cargo.toml", "desk/Cargo.toml", "orders/Cargo.toml", "orders/src/a/b.rs"];
        let sources = Listed(paths.map(str::to_owned).to_vec(), Revision::default());
        let files = ["orders/src/a/b.rs", "desk/src/main.rs", "orders/src/lib.rs", "src/x.rs"];
        let files = files.map(str::to_owned);
        let kept = in_package_of_first(&files, &sources);
        assert_eq!(kept, ["orders/src/a/b.rs", "orders/src/lib.rs"]);
    }
}
