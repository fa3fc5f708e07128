//! What classes are made from, and which of their attributes are functions in truth.

use super::file::ScriptFile;
use super::functions::Function;

/// Bytes of a class's head that are read.
const MAX_HEAD_BYTES: usize = 300;

/// Classes named in one head.
const MAX_BASES: usize = 6;

/// The classes in the head of `class`, if the file has it: `Base` of `class Cart(Base):` and of `class Cart
/// extends Base {`.
pub fn bases(file: &ScriptFile, class: &str) -> Vec<String> {
    let text = file.text();
    let head = format!("class {class}");
    for (at, _) in text.match_indices(&head) {
        let rest = &text[at + head.len()..];
        let rest = &rest[..rest.floor_char_boundary(MAX_HEAD_BYTES)];
        let is_longer = rest.starts_with(|c: char| c.is_alphanumeric() || c == '_');
        let end = match file.is_python() {
            true => rest.find(':'),
            false => rest.find('{'),
        };
        let Some(end) = end.filter(|_| !is_longer) else { continue };
        let words = rest[..end].split(|c: char| !c.is_alphanumeric() && c != '_');
        return words
            .filter(|word| word.starts_with(char::is_uppercase) && *word != class)
            .take(MAX_BASES)
            .map(str::to_owned)
            .collect();
    }
    Vec::new()
}

/// Whether reading an attribute calls this function: `@property`, `get total() {…}`.
pub fn is_getter(file: &ScriptFile, function: &Function) -> bool {
    if function.class.is_none() {
        return false;
    }
    let text = file.slice(function.range.clone());
    if !file.is_python() {
        return text.starts_with("get ") || text.starts_with("static get ");
    }
    let mut line = function.line;
    // Decorators stand in the lines before.
    while line > 1 {
        line -= 1;
        let text = file.line(line).unwrap_or_default().trim();
        if !text.starts_with('@') {
            return false;
        }
        if text.ends_with("property") || text.ends_with("property()") {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn file(path: &str, text: &str) -> ScriptFile {
        ScriptFile::parse(path, &Arc::from(text)).unwrap().unwrap()
    }

    #[test]
    fn bases_and_getters_are_read_in_both_languages() {
        let python = file(
            "a.py",
            "class CartLine(Other): pass\nclass Cart(Base[int], mixins.Mixin, metaclass=Meta):\n    @cached_property\n    def total(self):\n        return 1\n    def sum(self):\n        return 2\n",
        );
        assert_eq!(bases(&python, "Cart"), ["Base", "Mixin", "Meta"]);
        assert!(bases(&python, "Shop").is_empty());
        let getters: Vec<bool> =
            python.functions().iter().map(|function| is_getter(&python, function)).collect();
        assert_eq!(getters, [true, false]);
        let script = file(
            "a.js",
            "class Cart extends Base {\n  get total() { return 1; }\n  sum() { return 2; }\n}\n",
        );
        assert_eq!(bases(&script, "Cart"), ["Base"]);
        let getters: Vec<bool> =
            script.functions().iter().map(|function| is_getter(&script, function)).collect();
        assert_eq!(getters, [true, false]);
    }
}
