//! The shape of an edit: which methods, words and signs it takes out and puts in, whatever the names of
//! the program's own things. Two edits of one shape do the same to different code.

use std::collections::BTreeMap;

use similar::{ChangeTag, TextDiff};

use super::patch::Patch;

/// Tokens of a shape, of each side.
const MAX_TOKENS: usize = 8;

/// Bytes of changed lines that are looked at.
const MAX_BYTES: usize = 16 * 1024;

/// Words that say what code does, in the languages for which edits are made.
const WORDS: [&str; 28] = [
    "if",
    "else",
    "match",
    "return",
    "let",
    "for",
    "while",
    "loop",
    "break",
    "continue",
    "use",
    "import",
    "from",
    "try",
    "except",
    "catch",
    "finally",
    "throw",
    "raise",
    "await",
    "async",
    "None",
    "Some",
    "Ok",
    "Err",
    "null",
    "undefined",
    "clone",
];

/// Signs that say what code does, the longer ones first.
const SIGNS: [&str; 14] =
    ["?.", "??", "&&", "||", "==", "!=", "<=", ">=", "..", "?", "[", "&", "!", "*"];

/// The shape of a patch: `- [ + .get ?`. Nothing for one that changes only names, numbers or white space.
pub fn shape(patch: &Patch) -> String {
    let (mut out, mut into) = (Tokens::default(), Tokens::default());
    for file in &patch.files {
        let diff = TextDiff::from_lines(&file.before, &file.after);
        for change in diff.iter_all_changes() {
            match change.tag() {
                ChangeTag::Delete => out.read(change.value()),
                ChangeTag::Insert => into.read(change.value()),
                ChangeTag::Equal => {}
            }
        }
    }
    let side = |sign: &str, have: &Tokens, other: &Tokens| {
        let more = have.counts.iter().filter(|(token, times)| {
            other.counts.get(token.as_str()).is_none_or(|theirs| theirs < *times)
        });
        let tokens: Vec<&str> = more.map(|(token, _)| token.as_str()).take(MAX_TOKENS).collect();
        if tokens.is_empty() { String::new() } else { format!("{sign} {}", tokens.join(" ")) }
    };
    let sides = [side("-", &out, &into), side("+", &into, &out)];
    sides.into_iter().filter(|side| !side.is_empty()).collect::<Vec<_>>().join(" ")
}

#[derive(Default)]
struct Tokens {
    counts: BTreeMap<String, u32>,
    bytes: usize,
}

impl Tokens {
    fn read(&mut self, line: &str) {
        self.bytes += line.len();
        let code = line.trim();
        if self.bytes > MAX_BYTES || code.starts_with("//") || code.starts_with('#') {
            return;
        }
        let mut rest = code;
        while let Some(first) = rest.chars().next() {
            let length = if is_name(first) {
                let length = rest.find(|c: char| !is_name(c)).unwrap_or(rest.len());
                if WORDS.contains(&&rest[..length]) {
                    self.add(&rest[..length]);
                }
                length
            } else if let Some(method) = method(rest) {
                self.add(method);
                method.len()
            } else if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
                self.add(sign);
                sign.len()
            } else {
                first.len_utf8()
            };
            rest = &rest[length..];
        }
    }

    fn add(&mut self, token: &str) {
        *self.counts.entry(token.to_owned()).or_default() += 1;
    }
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// `.get` of `.get(0)…`.
fn method(text: &str) -> Option<&str> {
    let name = text.strip_prefix('.')?;
    let length = name.find(|c: char| !is_name(c))?;
    (length > 0 && name[length..].starts_with('(') && !name.starts_with(|c: char| c.is_numeric()))
        .then(|| &text[..=length])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::patch::FileChange;

    fn of(before: &str, after: &str) -> String {
        let files = vec![FileChange {
            path: "a".into(),
            before: format!("x\n{before}\ny\n"),
            after: format!("x\n{after}\ny\n"),
        }];
        shape(&Patch { files })
    }

    #[test]
    fn the_same_edit_of_other_code_has_the_same_shape() {
        let one = of("    let a = rows[at];", "    let a = rows.get(at).copied()?;");
        let two = of("  prices[0] + 1", "  prices.get(0).copied()? + 1");
        assert_eq!(one, "- [ + .copied .get ?");
        assert_eq!(one, two);
        assert_ne!(one, of("rows[at]", "rows.get(at).copied().unwrap_or_default()"));
        assert_eq!(of("if a == b {", "if a == c {"), "", "only a name");
        assert_eq!(of("// old [x]", "// new .get(?)"), "", "comments do nothing");
        assert_eq!(of("return row.x", "return row?.x"), "+ ?.");
    }

    #[test]
    fn any_text_has_a_shape() {
        for text in ["", ".", "..", ".é(", "?…?.", "日本.語(", ".1("] {
            let _ = of("", text);
        }
    }
}
