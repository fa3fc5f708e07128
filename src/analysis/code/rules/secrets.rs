//! Whether a piece of text in the code is a secret: by the shape of well-known services' keys, or by the
//! name that it is given to, if it also looks like one.

use std::sync::LazyLock;

use regex::Regex;

use super::Rule;
use super::names;
use crate::domain::fix::{IssueType, Severity};

/// Longer texts are not looked at, in bytes.
const MAX_SECRET_BYTES: usize = 4_096;

/// The shortest text that a name can make a secret.
const MIN_NAMED_CHARS: usize = 12;

/// How different the characters of a secret are, in bits a character.
const MIN_ENTROPY_BITS: f64 = 3.2;

/// What all languages' rules of this kind say.
pub(super) const WHY: &str = "Whoever can read the code, its history or a built program has it, and it cannot be changed without a release. Take it from the environment or a secret store, and replace this one.";

/// The rule of a language.
pub(super) const fn rule(id: &'static str) -> Rule {
    Rule {
        id,
        issue_type: IssueType::Security,
        severity: Severity::High,
        why: WHY,
        same_as: &["S105", "S106", "S107"],
    }
}

/// Shapes that nothing else has. A failure to compile is a fault of ours, which a test would show.
static SHAPES: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r"-----BEGIN (?:[A-Z]{2,10} )?PRIVATE KEY-----\s*[A-Za-z0-9+/]{40}",
        r"|(?-u:\b)(?:AKIA|ASIA)[A-Z0-9]{16}(?-u:\b)",
        r"|(?-u:\b)gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{22}",
        r"|(?-u:\b)glpat-[A-Za-z0-9_-]{20}",
        r"|(?-u:\b)xox[abpr]-[0-9]{8,}-[A-Za-z0-9-]{10}",
        r"|(?-u:\b)[sr]k_live_[A-Za-z0-9]{16}",
        r"|(?-u:\b)AIza[0-9A-Za-z_-]{35}(?-u:\b)",
        r"|(?-u:\b)sk-(?:proj-|ant-)?[A-Za-z0-9_-]{40}",
        r"|(?-u:\b)npm_[A-Za-z0-9]{36}(?-u:\b)",
    ))
    .ok()
});

/// What a text looks like by itself, whatever it is called.
pub(super) fn known_shape(text: &str) -> bool {
    if text.len() > MAX_SECRET_BYTES || text.len() < 16 || is_placeholder(text) {
        return false;
    }
    SHAPES.as_ref().is_some_and(|shapes| shapes.is_match(text))
}

/// Whether a text that is given to a name is a secret.
pub(super) fn named(name: &str, text: &str) -> bool {
    names::is_secret(name) && looks_secret(text)
}

/// Letters and digits without a pattern; no words, no path, no address, no placeholder.
fn looks_secret(text: &str) -> bool {
    let count = text.chars().count();
    if !(MIN_NAMED_CHARS..=MAX_SECRET_BYTES).contains(&count) || is_placeholder(text) {
        return false;
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-+/=.!@#$%^&*".contains(c);
    text.chars().all(plain)
        && text.chars().any(|c| c.is_ascii_digit())
        && text.chars().any(|c| c.is_ascii_alphabetic())
        && !text.contains("..")
        && !text.starts_with(['/', '.', '#', '@', '$', '%'])
        && entropy(text) >= MIN_ENTROPY_BITS
}

fn is_placeholder(text: &str) -> bool {
    let small = text.to_ascii_lowercase();
    ["example", "changeme", "change-me", "change_me", "your", "xxxx", "placeholder", "dummy", "sample", "test", "fake", "1234567890", "abcdef", "secret", "password", "redacted", "<", "{", "..."]
        .iter()
        .any(|word| small.contains(word))
        // A key in a text that is longer than the word keeps the shape's own beginning.
        && !small.contains("private key-----")
}

/// Shannon's, over the characters.
fn entropy(text: &str) -> f64 {
    let mut counts = std::collections::BTreeMap::new();
    for c in text.chars() {
        *counts.entry(c).or_insert(0_u32) += 1;
    }
    let all = text.chars().count() as f64;
    counts.values().map(|&count| f64::from(count) / all).map(|share| -share * share.log2()).sum()
}

/// The message about a name.
pub(super) fn message(name: &str) -> String {
    format!("`{name}` is given a secret that stands in the code.")
}

/// The message about a shape.
pub(super) const SHAPE_MESSAGE: &str = "A key of a well-known kind stands in the code.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_compile_and_are_known() {
        assert!(SHAPES.is_some());
        assert!(known_shape(&format!("ghp_{}", "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7cF0iL3oR6")));
        assert!(known_shape("AKIAQ7RT5VZX3NM2KLPW"));
        assert!(!known_shape("AKIAIOSFODNN7EXAMPLE"), "the one of the documentation");
        assert!(!known_shape("akia is how they begin, more or less"));
    }

    #[test]
    fn a_name_alone_makes_no_secret() {
        assert!(named("api_key", "9f8a7c6b5d4e3f2a1b0c"));
        for text in [
            "",
            "access_token",
            "your-api-key-123",
            "https://a.b/c1",
            "aaaaaaaaaaaa1",
            "x-api-key",
            "hunter2",
            "{token1234567}",
        ] {
            assert!(!named("api_key", text), "{text}");
        }
        assert!(!named("checksum", "9f8a7c6b5d4e3f2a1b0c"));
    }
}
