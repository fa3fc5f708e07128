//! Keys whose values are secrets. A key is read as words (`userPassword`, `X-Api-Key`,
//! `card[number]`), and words are compared whole, so that `author` is no `auth`.

use super::ScrubError;
use super::mark::OWN_KEY;
use super::rules::check_count;

/// Bytes of a key that are looked at.
const MAX_KEY_BYTES: usize = 128;

/// Words of a key that are looked at.
const MAX_WORDS: usize = 16;

/// The rules that a key can match.
pub const RULES: &[&str] = &[
    "password",
    "token",
    "secret",
    "auth",
    "credentials",
    "cookie",
    "session",
    "key",
    "card",
    "ssn",
];

/// Last words that make a key harmless: `token_count`, `auth_method`, `password_changed_at`.
const HARMLESS_ENDINGS: &[&[u8]] = &[
    b"count",
    b"counts",
    b"type",
    b"types",
    b"limit",
    b"limits",
    b"length",
    b"len",
    b"size",
    b"expires",
    b"expiry",
    b"expiration",
    b"in",
    b"at",
    b"url",
    b"uri",
    b"endpoint",
    b"policy",
    b"required",
    b"enabled",
    b"disabled",
    b"valid",
    b"invalid",
    b"kind",
    b"status",
    b"error",
    b"errors",
    b"method",
    b"methods",
    b"provider",
    b"attempts",
    b"strength",
    b"usage",
    b"budget",
    b"index",
    b"position",
    b"scope",
    b"scopes",
    b"issuer",
    b"ttl",
    b"lifetime",
    b"version",
    b"algorithm",
    b"service",
    b"module",
    b"handler",
    b"middleware",
    b"manager",
    b"plugin",
    b"mode",
    b"name",
    b"rs",
    b"py",
    b"js",
    b"ts",
    b"tsx",
    b"jsx",
    b"go",
    b"java",
    b"kt",
    b"rb",
    b"php",
    b"c",
    b"h",
    b"cpp",
    b"cs",
    b"swift",
    b"html",
    b"json",
    b"toml",
    b"yml",
    b"yaml",
];

/// What stands before `pass` where it means a password.
const PASS_OWNERS: &[&[u8]] = &[
    b"db",
    b"user",
    b"smtp",
    b"mysql",
    b"pg",
    b"postgres",
    b"redis",
    b"mail",
    b"ftp",
    b"admin",
    b"root",
    b"http",
    b"proxy",
    b"database",
];

/// A key in lower case, cut into words, without allocating.
struct Words {
    bytes: [u8; MAX_KEY_BYTES],
    ends: [(u8, u8); MAX_WORDS],
    count: usize,
}

impl Words {
    fn of(key: &[u8]) -> Self {
        // The end of a long key says more than its beginning.
        let key = &key[key.len().saturating_sub(MAX_KEY_BYTES)..];
        let mut words = Self { bytes: [0; MAX_KEY_BYTES], ends: [(0, 0); MAX_WORDS], count: 0 };
        let mut start = 0;
        for (i, byte) in key.iter().enumerate() {
            words.bytes[i] = byte.to_ascii_lowercase();
            let part = byte.is_ascii_alphanumeric() || !byte.is_ascii();
            if !part {
                words.push(start, i);
                start = i + 1;
                continue;
            }
            let before = i.checked_sub(1).map(|p| key[p]);
            let after_lower = before.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
            let after_upper = before.is_some_and(|b| b.is_ascii_uppercase());
            let lower_follows = key.get(i + 1).is_some_and(u8::is_ascii_lowercase);
            // `apiKey`, `APIKey`
            if byte.is_ascii_uppercase() && (after_lower || after_upper && lower_follows) {
                words.push(start, i);
                start = i;
            }
        }
        words.push(start, key.len());
        words
    }

    fn push(&mut self, start: usize, end: usize) {
        if start < end && self.count < MAX_WORDS {
            // Both are at most MAX_KEY_BYTES.
            self.ends[self.count] = (start as u8, end as u8);
            self.count += 1;
        }
    }

    fn get(&self, index: usize) -> Option<&[u8]> {
        let (start, end) = *self.ends[..self.count].get(index)?;
        self.bytes.get(start.into()..end.into())
    }

    fn iter(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.count).filter_map(|i| self.get(i))
    }
}

/// The rule by which a key's value is a secret, if it is one.
pub fn secret(key: &str) -> Option<&'static str> {
    secret_bytes(key.as_bytes())
}

pub(super) fn secret_bytes(key: &[u8]) -> Option<&'static str> {
    // The shortest are `pwd`, `ssn`, `cvv`.
    if key.len() < 3 || !may_be_secret(key) {
        return None;
    }
    secret_words(key)
}

fn secret_words(key: &[u8]) -> Option<&'static str> {
    let words = Words::of(key);
    let mut before: &[u8] = b"";
    let mut found = None;
    for (i, word) in words.iter().enumerate() {
        if let Some(rule) = rule_of_word(word).or_else(|| rule_of_pair(before, word)) {
            found = Some((i, rule));
            // A password in any part is one, whatever else is said.
            if rule == "password" {
                break;
            }
        }
        before = word;
    }
    let (at, rule) = found?;
    let last = words.get(words.count - 1)?;
    (at + 1 == words.count || !HARMLESS_ENDINGS.contains(&last)).then_some(rule)
}

/// Two letters of each word by which [`rule_of_word`] and [`rule_of_pair`] know a secret, as rare ones as
/// it has: a key without any is none.
const LETTERS: &[&[u8; 2]] = &[
    b"wd", // pwd, passwd
    b"ss", // pass…, session, sess, ssn, ssh
    b"jw", // jwt
    b"be", // bearer
    b"sr", // csrf, xsrf
    b"cr", // secret, cred…, credit, encryption
    b"ut", // auth…
    b"oo", // cookie
    b"ke", // key, token
    b"cv", // cvv, cvc
    b"rd", // card
    b"cc", // cc, ccnumber
    b"nn", // connect.sid
    b"cu", // security
];

/// [`LETTERS`] as a bit for each pair of letters.
const PAIRS: [u32; 32] = {
    let mut pairs = [0; 32];
    let mut i = 0;
    while i < LETTERS.len() {
        let [first, second] = *LETTERS[i];
        pairs[(first % 32) as usize] |= 1 << (second % 32);
        i += 1;
    }
    pairs
};

/// Whether a pair of [`LETTERS`] is in the key. Letters' case does not matter; some signs pass for letters.
fn may_be_secret(key: &[u8]) -> bool {
    key.windows(2).any(|w| PAIRS[usize::from(w[0] % 32)] >> (w[1] % 32) & 1 == 1)
}

fn rule_of_word(word: &[u8]) -> Option<&'static str> {
    let word = word.strip_suffix(b"2").unwrap_or(word);
    Some(match word {
        b"pwd" | b"passwd" | b"passphrase" | b"passcode" => "password",
        b"jwt" | b"bearer" | b"csrf" | b"xsrf" => "token",
        b"secret" | b"secrets" => "secret",
        b"auth" | b"oauth" | b"authorization" | b"authentication" | b"aspxauth" => "auth",
        b"credential" | b"credentials" | b"creds" => "credentials",
        b"cookie" | b"cookies" | b"setcookie" => "cookie",
        b"sessionid" | b"sessid" | b"sessionkey" => "session",
        b"apikeys" | b"privatekey" | b"accesskey" | b"secretkey" | b"signingkey"
        | b"encryptionkey" => "key",
        b"cvv" | b"cvc" | b"cardnumber" | b"creditcard" | b"creditcardnumber" | b"ccnumber" => {
            "card"
        }
        b"ssn" => "ssn",
        _ if word.len() < 5 => return None,
        _ if contains(word, b"password") || contains(word, b"passwd") || word.ends_with(b"pwd") => {
            "password"
        }
        _ if word.ends_with(b"token") => "token",
        _ if word.ends_with(b"secret") => "secret",
        _ if word.ends_with(b"apikey") => "key",
        _ if word.ends_with(b"sessid") || word.ends_with(b"sessionid") => "session",
        _ => return None,
    })
}

fn rule_of_pair(before: &[u8], word: &[u8]) -> Option<&'static str> {
    Some(match (before, word) {
        (
            b"api" | b"access" | b"private" | b"signing" | b"encryption" | b"master" | b"ssh",
            b"key" | b"keys",
        ) => "key",
        (b"session" | b"sess", b"id" | b"key" | b"hash") | (b"connect", b"sid") => "session",
        (b"card", b"number" | b"no" | b"num")
        | (b"credit", b"card")
        | (b"cc", b"number" | b"num") => "card",
        (b"security", b"code") => "card",
        (b"social", b"security") => "ssn",
        (owner, b"pass") if PASS_OWNERS.contains(&owner) => "password",
        _ => return None,
    })
}

fn contains(word: &[u8], part: &[u8]) -> bool {
    word.windows(part.len()).any(|window| window == part)
}

/// The keys that an operator names.
#[derive(Debug, Default)]
pub(super) struct OwnKeys {
    /// Each as its words.
    keys: Vec<Vec<Vec<u8>>>,
}

impl OwnKeys {
    pub(super) fn new(names: &[String]) -> Result<Self, ScrubError> {
        check_count("scrub.keys", names.len())?;
        let mut keys = Vec::with_capacity(names.len());
        for (i, name) in names.iter().enumerate() {
            let words: Vec<Vec<u8>> =
                Words::of(name.as_bytes()).iter().map(<[u8]>::to_vec).collect();
            if words.is_empty() || name.len() > MAX_KEY_BYTES {
                return Err(ScrubError::new(
                    format!("scrub.keys[{i}]"),
                    format!("must be a name of 1 to {MAX_KEY_BYTES} bytes with a letter or digit"),
                ));
            }
            keys.push(words);
        }
        Ok(Self { keys })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Whether a named key's words stand in a row in this key.
    pub(super) fn secret(&self, key: &[u8]) -> Option<&'static str> {
        if self.keys.is_empty() {
            return None;
        }
        let words = Words::of(key);
        let stands = |own: &Vec<Vec<u8>>| {
            (0..words.count).any(|at| {
                own.iter().enumerate().all(|(i, word)| words.get(at + i) == Some(word.as_slice()))
            })
        };
        self.keys.iter().any(stands).then_some(OWN_KEY)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_key_that_is_passed_over_is_no_secret(key in prop::collection::vec(prop::sample::select(vec![
            "pwd", "Passwd", "passphrase", "passcode", "password", "jwt", "BEARER", "csrf", "xsrf",
            "secret", "auth", "oauth", "authorization", "authentication", "aspxauth", "credential",
            "credentials", "creds", "cookie", "cookies", "setcookie", "sessionid", "sessid",
            "sessionkey", "apikeys", "privatekey", "accesskey", "secretkey", "signingkey",
            "encryptionkey", "cvv", "cvc", "cardnumber", "creditcard", "ccnumber", "ssn", "token",
            "apikey", "api", "key", "keys", "ssh", "master", "session", "sess", "id", "hash",
            "connect", "sid", "card", "Number", "no", "num", "credit", "cc", "security", "code",
            "social", "db", "user", "http", "pass", "_", "-", "[", "2", "x", "é", ".",
        ]), 0..4)) {
            let key = key.concat();
            if !may_be_secret(key.as_bytes()) {
                prop_assert_eq!(secret_words(key.as_bytes()), None, "{}", key);
            }
        }
    }

    #[test]
    fn usual_keys_are_passed_over() {
        for key in ["lineno", "filename", "timestamp", "category", "level", "data", "function"] {
            assert!(!may_be_secret(key.as_bytes()), "{key}");
        }
    }
}
