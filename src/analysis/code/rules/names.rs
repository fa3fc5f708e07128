//! What names say: whether a variable is meant to hold a secret, and the parts of a name.

/// The words of a name, in small letters: `apiKey`, `API_KEY` and `api-key` are `api`, `key`.
pub(super) fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut previous_lower = false;
    for c in name.chars().take(200) {
        if !c.is_alphanumeric() {
            previous_lower = false;
            words.push(String::new());
            continue;
        }
        if c.is_uppercase() && previous_lower || words.is_empty() {
            words.push(String::new());
        }
        previous_lower = c.is_lowercase() || c.is_numeric();
        if let Some(word) = words.last_mut() {
            word.extend(c.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Whether a name says that its value is a password.
pub(super) fn is_password(name: &str) -> bool {
    let words = words(name);
    let last = words.last().map(String::as_str).unwrap_or_default();
    matches!(last, "password" | "passwd" | "pwd" | "passphrase")
}

/// Whether any word of a text is a password's name.
pub(super) fn speaks_of_password(text: &str) -> bool {
    words(text)
        .iter()
        .any(|word| matches!(word.as_str(), "password" | "passwd" | "pwd" | "passphrase"))
}

/// Whether a name says that its value must not be known to others.
pub(super) fn is_secret(name: &str) -> bool {
    let words = words(name);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    matches!(
        words.as_slice(),
        [.., "api" | "secret" | "private" | "access" | "signing" | "encryption" | "auth", "key",]
            | [.., "access" | "auth" | "api" | "bearer" | "refresh" | "bot" | "session", "token"]
            | [.., "client" | "app" | "jwt" | "webhook" | "shared", "secret"]
            | [
                ..,
                "apikey" | "secretkey" | "password" | "passwd" | "pwd" | "passphrase" | "secret"
            ]
    )
}

/// Whether a name says that its value must not be guessed by others.
pub(super) fn is_unguessable(name: &str) -> bool {
    let words = words(name);
    let last = words.last().map(String::as_str).unwrap_or_default();
    is_secret(name)
        || matches!(last, "otp" | "csrf" | "apikey")
        || matches!(
            words.iter().map(String::as_str).collect::<Vec<_>>().as_slice(),
            [
                ..,
                "reset" | "csrf" | "invite" | "login" | "verification" | "user" | "password",
                "token"
            ]
        )
        || matches!(
            words.iter().map(String::as_str).collect::<Vec<_>>().as_slice(),
            [.., "session", "id"] | [.., "reset", "code"] | [.., "verification", "code"]
        )
}

/// Whether a function's name says that it is about who may do what.
pub(super) fn speaks_of_login(name: &str) -> bool {
    const LOGIN: &[&str] =
        &["token", "password", "session", "login", "auth", "reset", "invite", "secret"];
    words(name).iter().any(|word| LOGIN.contains(&word.as_str()))
}

/// Longer texts are no names.
const MAX_NAME_BYTES: usize = 200;

/// `MAX_ROWS`, `TABLE`: a name for what does not change.
pub(super) fn is_constant(name: &str) -> bool {
    name.len() <= MAX_NAME_BYTES
        && name.chars().any(|c| c.is_ascii_uppercase())
        && name
            .chars()
            .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || matches!(c, '_' | '.' | ':'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_taken_apart_however_they_are_written() {
        for name in ["apiKey", "API_KEY", "api-key", "ApiKey"] {
            assert_eq!(words(name), ["api", "key"], "{name}");
        }
    }

    #[test]
    fn a_name_is_a_secret_s_by_its_last_words_only() {
        for name in ["db_password", "API_KEY", "clientSecret", "authToken", "PRIVATE_KEY"] {
            assert!(is_secret(name), "{name}");
        }
        for name in [
            "password_field",
            "token",
            "tokenize",
            "primary_key",
            "key",
            "secret_name",
            "passwordLength",
        ] {
            assert!(!is_secret(name), "{name}");
        }
    }
}
