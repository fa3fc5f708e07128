//! Keys and tokens: made from the operating system's randomness, stored only as hashes.

use secrecy::SecretString;

use crate::domain::hash::ContentHash;

/// What every API token begins with, so that scanners for leaked secrets can find one.
const TOKEN_PREFIX: &str = "andon_";

/// Random bytes of a token, a cookie or a CSRF token.
const SECRET_BYTES: usize = 32;

/// Random bytes of a project key, as in every DSN.
const KEY_BYTES: usize = 16;

fn random_hex<const N: usize>() -> String {
    hex::encode(rand::random::<[u8; N]>())
}

/// A new API token.
pub fn new_token() -> SecretString {
    format!("{TOKEN_PREFIX}{}", random_hex::<SECRET_BYTES>()).into()
}

/// A new cookie value.
pub fn new_cookie() -> SecretString {
    random_hex::<SECRET_BYTES>().into()
}

/// A new CSRF token.
pub fn new_csrf() -> String {
    random_hex::<SECRET_BYTES>()
}

/// A new project key: 32 hexadecimal digits.
pub fn new_project_key() -> String {
    random_hex::<KEY_BYTES>()
}

/// What is stored of a secret. A plain hash is enough: the secrets have 256 random bits.
pub fn hash(secret: &str) -> ContentHash {
    ContentHash::of(secret.as_bytes())
}

/// Whether two texts are equal, in a time that does not depend on where they differ.
pub fn equal(a: &str, b: &str) -> bool {
    use subtle::ConstantTimeEq;
    a.as_bytes().ct_eq(b.as_bytes()).into()
}
