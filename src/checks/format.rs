//! rustfmt in the sandbox, on one file's text.

use std::path::{Path, PathBuf};

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
        let configuration = self.rustfmt_configuration(path)?;
        let newline_style = newline_style(&configuration);
        let args = vec![
            "--edition".into(),
            edition.into(),
            "--emit".into(),
            "stdout".into(),
            "--config-path".into(),
            configuration.into(),
        ];
        let crlf = starts_with_crlf(&text);
        let output = self.run(rustfmt, args, Some(text.into_bytes()), None).await?;
        let refused = |reason: String| CheckError::Format { path: path.to_owned(), reason };
        if output.timed_out {
            return Err(refused("it took too long and was stopped".into()));
        }
        if !output.status.success() || output.stdout_cut {
            return Err(refused(first_error(&output.stderr)));
        }
        let formatted =
            String::from_utf8(output.stdout).map_err(|_| refused("it wrote no UTF-8".into()))?;
        // rustfmt keeps a file's line ends unless told otherwise, but cannot see them on standard input.
        let lost = crlf && newline_style.is_none_or(|style| style.eq_ignore_ascii_case("auto"));
        Ok(if lost { formatted.replace('\n', "\r\n") } else { formatted })
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

/// Whether the first line ends as on Windows, which is how rustfmt tells a file's line ends.
fn starts_with_crlf(text: &str) -> bool {
    text.split_once('\n').is_some_and(|(line, _)| line.ends_with('\r'))
}

/// The line ends that a configuration asks for, if it says anything about them.
fn newline_style(configuration: &Path) -> Option<String> {
    let text = std::fs::read_to_string(configuration).ok()?;
    let table: toml::Table = toml::from_str(&text).ok()?;
    Some(table.get("newline_style")?.as_str()?.to_owned())
}
