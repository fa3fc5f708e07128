//! Trees of the languages that syn does not read. tree-sitter reads any text, whole or broken, and marks
//! what it did not understand; what it costs is bounded here.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use tree_sitter::{Language, Node, ParseOptions, Parser, Tree};

/// Longer texts are not parsed.
const MAX_TEXT_BYTES: usize = 4 * 1024 * 1024;

/// How long one text may take.
const MAX_PARSE_TIME: Duration = Duration::from_secs(5);

/// A language with a grammar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Grammar {
    /// `.py`, `.pyi`
    Python,
    /// `.js`, `.jsx`, `.mjs`, `.cjs`
    JavaScript,
    /// `.ts`, `.mts`, `.cts`
    TypeScript,
    /// `.tsx`
    Tsx,
}

impl Grammar {
    /// By a file's name.
    pub fn of_path(path: &str) -> Option<Self> {
        let (_, extension) = path.rsplit_once('.')?;
        match extension {
            "py" | "pyi" => Some(Self::Python),
            "js" | "jsx" | "mjs" | "cjs" => Some(Self::JavaScript),
            "ts" | "mts" | "cts" => Some(Self::TypeScript),
            "tsx" => Some(Self::Tsx),
            _ => None,
        }
    }

    fn language(self) -> Language {
        match self {
            Self::Python => tree_sitter_python::LANGUAGE.into(),
            Self::JavaScript => tree_sitter_javascript::LANGUAGE.into(),
            Self::TypeScript => tree_sitter_typescript::LANGUAGE_TYPESCRIPT.into(),
            Self::Tsx => tree_sitter_typescript::LANGUAGE_TSX.into(),
        }
    }
}

/// Why a text was not parsed. That it has mistakes is no reason: those are in the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TreeProblem {
    /// Larger than 4 MiB.
    #[error("it is larger than 4 MiB")]
    TooLarge,
    /// Not done within five seconds.
    #[error("reading it took longer than 5 s")]
    TooSlow,
    /// The grammar does not fit the parser.
    #[error("its grammar could not be loaded")]
    NoGrammar,
}

/// Parses `text`.
pub fn parse(grammar: Grammar, text: &str) -> Result<Tree, TreeProblem> {
    if text.len() > MAX_TEXT_BYTES {
        return Err(TreeProblem::TooLarge);
    }
    let mut parser = Parser::new();
    parser.set_language(&grammar.language()).map_err(|_| TreeProblem::NoGrammar)?;
    let begun = Instant::now();
    let mut in_time = |_: &tree_sitter::ParseState| match begun.elapsed() < MAX_PARSE_TIME {
        true => ControlFlow::Continue(()),
        false => ControlFlow::Break(()),
    };
    let options = ParseOptions::new().progress_callback(&mut in_time);
    let bytes = text.as_bytes();
    let mut read = |from: usize, _| bytes.get(from..).unwrap_or_default();
    parser.parse_with_options(&mut read, None, Some(options)).ok_or(TreeProblem::TooSlow)
}

/// Calls `each` for every node below `root` and `root` itself, outer ones first, until it breaks. Walks
/// without recursion: text from outside can be nested as deeply as it likes.
pub fn walk<'tree>(root: Node<'tree>, mut each: impl FnMut(Node<'tree>) -> ControlFlow<()>) {
    let mut cursor = root.walk();
    loop {
        if each(cursor.node()).is_break() {
            return;
        }
        if cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(grammar: Grammar, text: &str) -> Vec<String> {
        let tree = parse(grammar, text).unwrap();
        let mut kinds = Vec::new();
        walk(tree.root_node(), |node| {
            if node.is_named() {
                kinds.push(node.kind().to_owned());
            }
            ControlFlow::Continue(())
        });
        kinds
    }

    #[test]
    fn each_grammar_reads_its_own_language() {
        assert!(
            kinds(Grammar::Python, "def f(x):\n    return x[0]\n").contains(&"subscript".into())
        );
        assert!(
            kinds(Grammar::JavaScript, "const f = (x) => x?.y\n")
                .contains(&"arrow_function".into())
        );
        assert!(
            kinds(Grammar::TypeScript, "let x: number = <any>y;")
                .contains(&"type_assertion".into())
        );
        assert!(
            kinds(Grammar::Tsx, "const x = <A b={1}/>;")
                .contains(&"jsx_self_closing_element".into())
        );
    }

    #[test]
    fn what_is_nested_very_deeply_is_walked_to_its_end() {
        let depth = 50_000;
        let text = format!("x = {}1{}\n", "(".repeat(depth), ")".repeat(depth));
        assert!(kinds(Grammar::Python, &text).len() > 3);
        let open = "[".repeat(depth);
        assert!(!kinds(Grammar::JavaScript, &open).is_empty());
    }

    #[test]
    fn what_is_too_large_is_said_so() {
        let text = "x".repeat(MAX_TEXT_BYTES + 1);
        assert_eq!(parse(Grammar::Python, &text).unwrap_err(), TreeProblem::TooLarge);
    }
}
