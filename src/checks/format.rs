//! rustfmt in the sandbox, on one file's text.

use std::path::PathBuf;

use super::messages::first_error;
use super::{CheckError, PrivateCopy};

/// The names that rustfmt's configuration may have, in the order in which it looks for them.
const CONFIGURATION_NAMES: [&str; 2] = [".rustfmt.toml", "rustfmt.toml"];

impl PrivateCopy {
    /// The text of a file as rustfmt would write it, by the edition of its package and the
    /// repository's own configuration. Changes nothing; modules that the file declares are not looked
    /// at.
    pub async fn format(&self, path: &str) -> Result<String, CheckError> {
        let text = self.read(path)?;
        let rustfmt = self.workshop.toolchain.rustfmt()?;
        let edition = self.edition_of(path).await?;
        let args = vec![
            "--edition".into(),
            edition.into(),
            "--emit".into(),
            "stdout".into(),
            "--config-path".into(),
            self.rustfmt_configuration(path)?.into(),
        ];
        let output = self.run(rustfmt, args, Some(text.into_bytes()), None).await?;
        let refused = |reason: String| CheckError::Format { path: path.to_owned(), reason };
        if output.timed_out {
            return Err(refused("it took too long and was stopped".into()));
        }
        if !output.status.success() || output.stdout_cut {
            return Err(refused(first_error(&output.stderr)));
        }
        String::from_utf8(output.stdout).map_err(|_| refused("it wrote no UTF-8".into()))
    }

    /// The nearest configuration at or above the file, within the repository; else an empty one, so
    /// that rustfmt looks no further.
    fn rustfmt_configuration(&self, path: &str) -> Result<PathBuf, CheckError> {
        let place = self.place(path)?;
        let found = place
            .ancestors()
            .skip(1)
            .take_while(|folder| folder.starts_with(self.root()))
            .flat_map(|folder| CONFIGURATION_NAMES.map(|name| folder.join(name)))
            .find(|file| file.is_file());
        if let Some(found) = found {
            return Ok(found);
        }
        let empty = self.workshop.temporary.join("rustfmt.toml");
        // A build script may have left anything there, a link among others.
        let _ = std::fs::remove_file(&empty);
        std::fs::write(&empty, "").map_err(CheckError::io("write", &empty))?;
        Ok(empty)
    }
}
