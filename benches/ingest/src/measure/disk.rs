//! Bytes on the disk.

use std::path::Path;

use anyhow::Result;

/// What the files of a folder hold, in bytes, with all below.
pub fn bytes_in(folder: &Path) -> Result<u64> {
    let mut bytes = 0;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let facts = entry.metadata()?;
        bytes += if facts.is_dir() { bytes_in(&entry.path())? } else { facts.len() };
    }
    Ok(bytes)
}
