//! The address of the database: a secret, because it may hold a password.

use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::store::Database;

/// What stands for a password where the configuration is shown.
const HIDDEN: &str = "(hidden)";

/// `postgres://user:password@host:port/name`, or nothing for SQLite in the data folder. Shows itself
/// without its password.
#[derive(Clone, Debug, Default)]
pub struct DatabaseUrl(Option<SecretString>);

impl DatabaseUrl {
    /// Reads an address; an empty one is none.
    pub fn new(text: &str) -> Self {
        Self((!text.is_empty()).then(|| SecretString::from(text.to_owned())))
    }

    /// Where the data is.
    pub fn database(&self) -> Database {
        self.0.clone().map_or(Database::InFolder, Database::Postgres)
    }

    /// What is wrong with it, without repeating it.
    pub(super) fn check(&self) -> Result<(), &'static str> {
        let Some(url) = &self.0 else { return Ok(()) };
        let url = url::Url::parse(url.expose_secret())
            .map_err(|_| "is no URL; it must be like postgres://user:password@host:5432/name")?;
        if !matches!(url.scheme(), "postgres" | "postgresql") {
            return Err("must begin with postgres://, or be empty for SQLite in the data folder");
        }
        Ok(())
    }

    fn shown(&self) -> String {
        let Some(url) = &self.0 else { return String::new() };
        match url::Url::parse(url.expose_secret()) {
            Ok(mut url) => {
                if url.password().is_some() && url.set_password(Some(HIDDEN)).is_err() {
                    return HIDDEN.to_owned();
                }
                // A password may also stand there.
                url.set_query(None);
                url.to_string()
            }
            Err(_) => HIDDEN.to_owned(),
        }
    }
}

impl PartialEq for DatabaseUrl {
    fn eq(&self, other: &Self) -> bool {
        let text = |url: &Self| url.0.as_ref().map(|url| url.expose_secret().to_owned());
        text(self) == text(other)
    }
}

impl Serialize for DatabaseUrl {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&self.shown())
    }
}

impl<'de> Deserialize<'de> for DatabaseUrl {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from).map(|text| Self::new(&text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_never_shown() {
        for url in [
            "postgres://andon:hunter2@db.example:5432/andon",
            "postgres://db.example/andon?user=andon&password=hunter2",
            "hunter2 is no url",
        ] {
            let url = DatabaseUrl::new(url);
            assert!(!url.shown().contains("hunter2"), "{}", url.shown());
            assert!(!format!("{url:?}").contains("hunter2"));
            assert!(!serde_json::to_string(&url).unwrap().contains("hunter2"));
        }
    }

    #[test]
    fn what_is_no_address_of_a_database_is_explained() {
        assert!(DatabaseUrl::new("").check().is_ok());
        assert!(DatabaseUrl::new("postgresql://localhost/andon").check().is_ok());
        assert!(DatabaseUrl::new("mysql://localhost/andon").check().is_err());
        assert!(DatabaseUrl::new("andon").check().is_err());
    }
}
