//! Where to send, and as whom.

use std::fmt;
use std::str::FromStr;

use url::Url;

/// A DSN: `http://KEY@HOST:PORT/PROJECT`, possibly with a path before the project.
#[derive(Clone, PartialEq, Eq)]
pub struct Dsn {
    key: String,
    /// The address up to the project, with a slash at its end.
    base: Url,
    project: String,
}

/// Why a text is no DSN.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DsnError {
    /// It is no address at all.
    #[error("it is no URL ({0}); a DSN looks like http://KEY@HOST/PROJECT")]
    NoUrl(url::ParseError),
    /// Neither `http` nor `https`.
    #[error("its scheme is `{0}`; it must be http or https")]
    Scheme(String),
    /// Nothing stands before the `@`.
    #[error("it has no key; a DSN looks like http://KEY@HOST/PROJECT")]
    NoKey,
    /// Nothing stands behind the last `/`.
    #[error("it names no project; a DSN looks like http://KEY@HOST/PROJECT")]
    NoProject,
    /// `https` without the feature for it.
    #[error("it is an https address, and andon-sdk was built without its feature `tls`")]
    NoTls,
}

impl FromStr for Dsn {
    type Err = DsnError;

    fn from_str(text: &str) -> Result<Self, DsnError> {
        let mut url = Url::parse(text.trim()).map_err(DsnError::NoUrl)?;
        match url.scheme() {
            "http" => {}
            "https" if cfg!(feature = "tls") => {}
            "https" => return Err(DsnError::NoTls),
            other => return Err(DsnError::Scheme(other.to_owned())),
        }
        let key = url.username().to_owned();
        if key.is_empty() {
            return Err(DsnError::NoKey);
        }
        let path = url.path().trim_end_matches('/').to_owned();
        let (before, project) = path.rsplit_once('/').unwrap_or(("", ""));
        if project.is_empty() {
            return Err(DsnError::NoProject);
        }
        let project = project.to_owned();
        url.set_path(&format!("{before}/"));
        url.set_query(None);
        url.set_fragment(None);
        // They can always be taken away from an address with a host, which http addresses have.
        let _ = url.set_username("");
        let _ = url.set_password(None);
        Ok(Self { key, base: url, project })
    }
}

impl Dsn {
    /// Where envelopes go.
    pub(crate) fn envelope_url(&self) -> String {
        format!("{}api/{}/envelope/", self.base, self.project)
    }

    /// The key, which may only send.
    pub(crate) fn key(&self) -> &str {
        &self.key
    }

    /// A name for a folder, which differs where key or project differ, and does not show the key. A server
    /// that moved to another address is still the same one.
    pub(crate) fn folder(&self) -> String {
        let text = format!("{}\n{}", self.key, self.project);
        let half = |part: &str| crc32fast::hash(part.as_bytes());
        format!("{:08x}{:08x}", half(&text), half(&text.chars().rev().collect::<String>()))
    }
}

impl fmt::Debug for Dsn {
    /// Without the key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Dsn({}{})", self.base, self.project)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dsn_says_where_and_as_whom() {
        let dsn: Dsn = " http://abc@localhost:5001/7\n".parse().unwrap();
        assert_eq!(dsn.envelope_url(), "http://localhost:5001/api/7/envelope/");
        assert_eq!(dsn.key(), "abc");
        assert_eq!(format!("{dsn:?}"), "Dsn(http://localhost:5001/7)");
        let behind: Dsn = "http://abc:old@example.org/errors/in/7/?x=1#y".parse().unwrap();
        assert_eq!(behind.envelope_url(), "http://example.org/errors/in/api/7/envelope/");
        assert_eq!(dsn.folder(), behind.folder(), "the server moved");
        let other: Dsn = "http://abd@localhost:5001/7".parse().unwrap();
        assert_ne!(dsn.folder(), other.folder());
        assert_eq!(dsn.folder().len(), 16);
    }

    #[test]
    fn what_is_none_says_why() {
        for (text, why) in [
            ("", "no URL"),
            ("localhost:5001/1", "scheme is `localhost`"),
            ("ftp://abc@example.org/1", "scheme is `ftp`"),
            ("http://example.org/1", "no key"),
            ("http://abc@example.org", "no project"),
            ("http://abc@example.org//", "no project"),
        ] {
            let error = text.parse::<Dsn>().unwrap_err().to_string();
            assert!(error.contains(why), "{text}: {error}");
        }
    }
}
