//! Which language a piece of code is in.

use serde::{Deserialize, Serialize};

use crate::domain::fix::word_enum;
use crate::source::tree::Grammar;

/// How much of a text without a name is looked at, in bytes.
const LOOK_BYTES: usize = 16 * 1024;

/// How many signs of one language a text must have, and none of another one.
const MIN_SIGNS: usize = 2;

word_enum! {
    /// A language that can be analysed.
    Language {
        /// `.rs`
        Rust = "rust",
        /// `.py`, `.pyi`
        Python = "python",
        /// `.js`, `.jsx`, `.mjs`, `.cjs`
        JavaScript = "javascript",
        /// `.ts`, `.tsx`, `.mts`, `.cts`
        TypeScript = "typescript",
    }
}

/// A language and, but for Rust, its grammar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) language: Language,
    pub(super) grammar: Option<Grammar>,
}

/// Why a language was not told.
pub(super) const UNKNOWN: &str = "The language cannot be told; give a file_path that ends in .rs, .py, .js, .jsx, .mjs, .cjs, .ts, .tsx, .mts or .cts.";

/// By the file's name; where it has none or one without an extension, by what the code says beyond doubt.
pub(super) fn tell(file_path: &str, code: &str) -> Option<Told> {
    let name = file_path.rsplit(['/', '\\']).next().unwrap_or_default();
    if let Some((_, extension)) = name.rsplit_once('.') {
        return by_extension(&extension.to_ascii_lowercase());
    }
    by_first_line(code).or_else(|| by_signs(code))
}

fn by_extension(extension: &str) -> Option<Told> {
    if extension == "rs" {
        return Some(Told { language: Language::Rust, grammar: None });
    }
    if extension == "pyw" {
        return Some(told(Grammar::Python));
    }
    Grammar::of_path(&format!("code.{extension}")).map(told)
}

fn told(grammar: Grammar) -> Told {
    let language = match grammar {
        Grammar::Python => Language::Python,
        Grammar::JavaScript => Language::JavaScript,
        Grammar::TypeScript | Grammar::Tsx => Language::TypeScript,
    };
    Told { language, grammar: Some(grammar) }
}

/// `#!/usr/bin/env python3`
fn by_first_line(code: &str) -> Option<Told> {
    let line = code.lines().next()?.strip_prefix("#!")?;
    let words: Vec<&str> = line.split([' ', '/']).take(12).collect();
    let named = |name: &str| words.iter().any(|word| word.trim_end_matches(['2', '3']) == name);
    match () {
        () if named("python") => Some(told(Grammar::Python)),
        () if named("node") => Some(told(Grammar::JavaScript)),
        () if named("deno") || named("ts-node") || named("tsx") => Some(told(Grammar::TypeScript)),
        () => None,
    }
}

/// Lines that only one of the languages has. TypeScript is JavaScript with more, so that its signs
/// stand beside JavaScript's.
fn by_signs(code: &str) -> Option<Told> {
    let mut end = code.len().min(LOOK_BYTES);
    while !code.is_char_boundary(end) {
        end -= 1;
    }
    let (mut rust, mut python, mut javascript, mut typescript) = (0, 0, 0, 0);
    for line in code[..end].lines().map(str::trim) {
        rust += usize::from(is_rust(line));
        python += usize::from(is_python(line));
        javascript += usize::from(is_javascript(line));
        typescript += usize::from(is_typescript(line));
    }
    let script = javascript + typescript;
    match (rust, python, script) {
        (signs, 0, 0) if signs >= MIN_SIGNS => {
            Some(Told { language: Language::Rust, grammar: None })
        }
        (0, signs, 0) if signs >= MIN_SIGNS => Some(told(Grammar::Python)),
        (0, 0, signs) if signs >= MIN_SIGNS && typescript > 0 => Some(told(Grammar::TypeScript)),
        (0, 0, signs) if signs >= MIN_SIGNS => Some(told(Grammar::JavaScript)),
        _ => None,
    }
}

fn is_rust(line: &str) -> bool {
    let open = line.ends_with('{') || line.ends_with(';');
    (open
        && [
            "fn ",
            "pub fn ",
            "async fn ",
            "pub async fn ",
            "impl ",
            "impl<",
            "pub struct ",
            "pub enum ",
        ]
        .iter()
        .any(|start| line.starts_with(start)))
        || line.starts_with("let mut ")
        || (line.starts_with("use ") && line.contains("::") && line.ends_with(';'))
        || line.starts_with("#[derive(")
}

fn is_python(line: &str) -> bool {
    (line.ends_with(':')
        && ["def ", "async def ", "elif ", "except ", "class ", "with "]
            .iter()
            .any(|start| line.starts_with(start)))
        || matches!(line, "try:" | "else:" | "except:" | "finally:")
        || (line.starts_with("from ") && line.contains(" import "))
        || (line.starts_with("import ") && !line.contains(['\'', '"', ';', '{', '*']))
}

fn is_javascript(line: &str) -> bool {
    let declares = ["const ", "let ", "var "].iter().any(|start| line.starts_with(start));
    (declares && line.contains('=') && !line.starts_with("let mut "))
        && (line.ends_with(';') && !line.contains("::")
            || line.contains("=>")
            || line.contains("require("))
        && !line.contains(": &")
        || (line.starts_with("function ") || line.starts_with("async function "))
            && line.contains('(')
        || line.starts_with("module.exports")
        || line.starts_with("export default ")
        || line.starts_with("console.log(")
        || (line.starts_with("import ") && (line.contains(" from '") || line.contains(" from \"")))
}

fn is_typescript(line: &str) -> bool {
    (line.ends_with('{')
        && (line.starts_with("interface ") || line.starts_with("export interface ")))
        || line.starts_with("import type ")
        || (line.starts_with("function ")
            || line.starts_with("export function ")
            || line.starts_with("const "))
            && [": string", ": number", ": boolean", ": void", ": Promise<"]
                .iter()
                .any(|sign| line.contains(sign))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn language(path: &str, code: &str) -> Option<Language> {
        tell(path, code).map(|told| told.language)
    }

    #[test]
    fn a_file_name_tells_whatever_the_code_looks_like() {
        assert_eq!(language("src/a.rs", "def f():"), Some(Language::Rust));
        assert_eq!(language("C:\\x\\b.PY", ""), Some(Language::Python));
        assert_eq!(language("a.b/c.tsx", ""), Some(Language::TypeScript));
        assert_eq!(language("main.go", "import os\nfrom x import y\n"), None);
    }

    #[test]
    fn code_without_a_name_is_told_by_what_only_one_language_has() {
        assert_eq!(language("", "#!/usr/bin/env python3\nx = 1"), Some(Language::Python));
        assert_eq!(language("", "import os\n\ndef f(x):\n    return x\n"), Some(Language::Python));
        assert_eq!(language("", "use std::fmt;\nfn main() {\n}\n"), Some(Language::Rust));
        assert_eq!(
            language("", "const a = require('a');\nfunction f() {}\n"),
            Some(Language::JavaScript)
        );
        assert_eq!(
            language("", "interface A {\n}\nconst f = (x) => x;"),
            Some(Language::TypeScript)
        );
    }

    #[test]
    fn what_could_be_several_is_not_told() {
        for code in
            ["", "x = 1", "hello, world", "import os", "use std::fmt;\nimport os\ndef f():\n"]
        {
            assert_eq!(language("", code), None, "{code}");
        }
        assert_eq!(language("Makefile", "all: x\n\tgcc"), None);
    }
}
