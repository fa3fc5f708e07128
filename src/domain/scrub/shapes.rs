//! Secrets that are known by their shape: keys of well-known services, JWTs, private keys.

use regex::Regex;

use super::ScrubError;

/// The rules of this file.
pub(super) const RULES: &[&str] = &[
    "private-key",
    "jwt",
    "aws-key",
    "github-token",
    "gitlab-token",
    "slack-token",
    "stripe-key",
    "google-key",
    "model-key",
    "npm-token",
    "andon-token",
    "bearer",
    "basic-auth",
];

/// Bytes that the shortest shape has.
pub(super) const MIN_BYTES: usize = 15;

/// All in one, so that a text is read once. Each begins with letters of its own, by which the rule
/// is told and the search is fast.
const ALL: &str = concat!(
    r"(?s-u:-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----",
    r"(?:[ -~\s]*?-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|[ -~\s]*))",
    r"|(?-u:\b)(?:",
    r"eyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*){2,4}",
    r"|(?:AKIA|ASIA)[A-Z0-9]{16}(?-u:\b)",
    r"|gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{22,255}",
    r"|glpat-[A-Za-z0-9_-]{20,255}",
    r"|xox[abeoprs]-[A-Za-z0-9-]{10,255}|hooks\.slack\.com/services/[A-Za-z0-9/_-]{20,255}",
    r"|(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{10,255}|whsec_[A-Za-z0-9]{16,255}",
    r"|AIza[0-9A-Za-z_-]{35}|ya29\.[0-9A-Za-z_-]{20,2000}|GOCSPX-[0-9A-Za-z_-]{20,255}",
    r"|sk-[A-Za-z0-9_-]{20,255}",
    r"|npm_[A-Za-z0-9]{36}",
    r"|andon_[A-Za-z0-9_-]{32,255}",
    r"|(?:[Bb]earer|BEARER) +[A-Za-z0-9._~+/=-]{8,4000}",
    r"|(?:[Bb]asic|BASIC) +[A-Za-z0-9+/=_-]{8,4000}",
    ")",
);

/// How each rule's shapes begin.
const BEGINNINGS: &[(&str, &str)] = &[
    ("-----", "private-key"),
    ("eyJ", "jwt"),
    ("AKIA", "aws-key"),
    ("ASIA", "aws-key"),
    ("glpat-", "gitlab-token"),
    ("github_pat_", "github-token"),
    ("gh", "github-token"),
    ("xox", "slack-token"),
    ("hooks.", "slack-token"),
    ("sk_", "stripe-key"),
    ("rk_", "stripe-key"),
    ("whsec_", "stripe-key"),
    ("AIza", "google-key"),
    ("ya29.", "google-key"),
    ("GOCSPX-", "google-key"),
    ("sk-", "model-key"),
    ("npm_", "npm-token"),
    ("andon_", "andon-token"),
];

/// The shapes, compiled.
#[derive(Debug)]
pub(super) struct Shapes {
    all: Regex,
}

impl Shapes {
    pub(super) fn new() -> Result<Self, ScrubError> {
        let all = Regex::new(ALL).map_err(|e| ScrubError::new("scrub.defaults", e.to_string()))?;
        Ok(Self { all })
    }

    /// Calls `found(start, end, rule)` for each.
    pub(super) fn find(&self, text: &str, mut found: impl FnMut(usize, usize, &'static str)) {
        for hit in self.all.find_iter(text) {
            let shown = hit.as_str();
            match BEGINNINGS.iter().find(|(beginning, _)| shown.starts_with(beginning)) {
                // Words in kebab case may begin so; keys have digits.
                Some((_, "model-key")) if !looks_random(&shown[3..]) => {}
                Some((_, rule)) => found(hit.start(), hit.end(), rule),
                None => {
                    // The scheme stays: `Bearer [scrubbed: bearer]`.
                    let Some(space) = shown.rfind(' ') else { continue };
                    let rule = match shown.as_bytes()[0] {
                        b'b' | b'B' if shown[1..].starts_with(['e', 'E']) => "bearer",
                        _ => "basic-auth",
                    };
                    if looks_random(&shown[space + 1..]) {
                        found(hit.start() + space + 1, hit.end(), rule);
                    }
                }
            }
        }
    }
}

/// Whether this is no plain word: it has a digit, `=` or capital letters inside.
pub(super) fn looks_random(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.iter().any(|b| b.is_ascii_digit() || *b == b'=')
        || bytes.windows(2).any(|w| w[0].is_ascii_lowercase() && w[1].is_ascii_uppercase())
}
