//! A repository that asks for a toolchain (`rust-toolchain.toml`) is not checked with another one: the
//! compiler's facts would be another compiler's.

use std::path::Path;

use super::CheckError;

/// The files that name a toolchain, the one that wins first.
const FILES: &[&str] = &["rust-toolchain", "rust-toolchain.toml"];

/// Refuses if the tree asks for a toolchain that `version` (`1.95.0`, `1.97.0-nightly`) is not.
pub(super) fn check(tree: &Path, version: &str) -> Result<(), CheckError> {
    let Some(wanted) = FILES.iter().find_map(|file| channel(&tree.join(file))) else {
        return Ok(());
    };
    if fits(&wanted, version) {
        return Ok(());
    }
    Err(CheckError::OtherToolchain { wanted, have: version.to_owned() })
}

/// The channel that a file names; of an unreadable one nothing is known.
fn channel(file: &Path) -> Option<String> {
    let text = std::fs::read_to_string(file).ok()?;
    if !text.contains('[') {
        // The old form: the name alone.
        return text.lines().map(str::trim).find(|line| !line.is_empty()).map(str::to_owned);
    }
    let table: toml::Table = toml::from_str(&text).ok()?;
    let toolchain = table.get("toolchain")?;
    let named = |key: &str| toolchain.get(key).and_then(toml::Value::as_str).map(str::to_owned);
    named("channel").or_else(|| named("path"))
}

/// Whether a channel (`stable`, `1.95`, `1.95.0-x86_64-unknown-linux-gnu`, `nightly-2026-01-01`) is met.
fn fits(wanted: &str, version: &str) -> bool {
    let (number, suffix) = version.split_once('-').unwrap_or((version, ""));
    let channel = wanted.split('-').next().unwrap_or(wanted);
    match channel {
        "stable" => suffix.is_empty(),
        // Which day's nightly this is cannot be told from its version.
        "nightly" | "beta" => suffix.starts_with(channel) && wanted == channel,
        pinned => {
            suffix.is_empty()
                && (number == pinned
                    || number.strip_prefix(pinned).is_some_and(|r| r.starts_with('.')))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channels_and_versions() {
        for wanted in ["stable", "1.95", "1.95.0", "1.95.0-x86_64-unknown-linux-gnu"] {
            assert!(fits(wanted, "1.95.0"), "{wanted}");
        }
        for wanted in ["1.9", "1.70.0", "nightly", "nightly-2026-01-01", "beta", "/opt/rust"] {
            assert!(!fits(wanted, "1.95.0"), "{wanted}");
        }
        assert!(fits("nightly", "1.97.0-nightly"));
        assert!(!fits("stable", "1.97.0-nightly"));
    }

    #[test]
    fn both_forms_of_the_file() {
        let folder = tempfile::tempdir().unwrap();
        assert!(check(folder.path(), "1.95.0").is_ok());
        let file = folder.path().join("rust-toolchain.toml");
        std::fs::write(file, "[toolchain]\nchannel = \"1.70.0\"\n").unwrap();
        let refused = check(folder.path(), "1.95.0").unwrap_err().to_string();
        assert!(refused.contains("1.70.0") && refused.contains("1.95.0"), "{refused}");
        std::fs::write(folder.path().join("rust-toolchain"), "stable\n").unwrap();
        assert!(check(folder.path(), "1.95.0").is_ok(), "the old file wins, as for rustup");
    }
}
