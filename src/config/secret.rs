//! A secret of the configuration, which shows itself as hidden wherever the configuration is shown.

use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What is shown of it.
const HIDDEN: &str = "(hidden)";

/// A secret, or none.
#[derive(Clone, Debug, Default)]
pub struct Secret(Option<SecretString>);

impl Secret {
    /// A secret; an empty text is none.
    pub fn new(text: &str) -> Self {
        Self((!text.is_empty()).then(|| SecretString::from(text.to_owned())))
    }

    /// The secret, for who must send it.
    pub fn get(&self) -> Option<&SecretString> {
        self.0.as_ref()
    }

    /// Whether there is one.
    pub fn is_set(&self) -> bool {
        self.0.is_some()
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        let text = |one: &Self| one.0.as_ref().map(|text| text.expose_secret().to_owned());
        text(self) == text(other)
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(if self.is_set() { HIDDEN } else { "" })
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from).map(|text| Self::new(&text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_never_shown() {
        let secret = Secret::new("hunter2");
        assert!(!format!("{secret:?}").contains("hunter2"));
        assert_eq!(serde_json::to_string(&secret).unwrap(), "\"(hidden)\"");
        assert_eq!(serde_json::to_string(&Secret::default()).unwrap(), "\"\"");
    }
}
