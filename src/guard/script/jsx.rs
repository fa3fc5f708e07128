//! White space in JSX, as every compiler of it reads a text between tags: lines are trimmed at their inner
//! ends, blank ones dropped, the others joined by one space. Texts of which nothing is left are no children.

use oxc_allocator::Allocator;
use oxc_ast::ast::{JSXChild, JSXElement, JSXFragment, Program};
use oxc_ast_visit::{VisitMut, walk_mut};

/// Brings all texts between tags into that form.
pub(super) fn normalise<'a>(memory: &'a Allocator, program: &mut Program<'a>) {
    Normaliser { memory }.visit_program(program);
}

struct Normaliser<'a> {
    memory: &'a Allocator,
}

impl<'a> VisitMut<'a> for Normaliser<'a> {
    fn visit_jsx_element(&mut self, element: &mut JSXElement<'a>) {
        self.children(&mut element.children);
        walk_mut::walk_jsx_element(self, element);
    }

    fn visit_jsx_fragment(&mut self, fragment: &mut JSXFragment<'a>) {
        self.children(&mut fragment.children);
        walk_mut::walk_jsx_fragment(self, fragment);
    }
}

impl<'a> Normaliser<'a> {
    fn children(&self, children: &mut oxc_allocator::Vec<'a, JSXChild<'a>>) {
        for child in children.iter_mut() {
            if let JSXChild::Text(text) = child {
                // As it is written: white space that is written as `&#32;` stays.
                let written = text.raw.as_ref().map_or(text.value.as_str(), |raw| raw.as_str());
                let meant = meant(written);
                text.value = self.memory.alloc_str(&meant).into();
            }
        }
        children.retain(|child| !matches!(child, JSXChild::Text(text) if text.value.is_empty()));
    }
}

/// The text that is meant. Only spaces, tabs and line ends are white space here.
fn meant(text: &str) -> String {
    let blank = |c: char| c == ' ' || c == '\t';
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let lines: Vec<&str> = text.split('\n').collect();
    let last = lines.len() - 1;
    let mut kept = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let line = if at == 0 { line } else { line.trim_start_matches(blank) };
        let line = if at == last { line } else { line.trim_end_matches(blank) };
        if !line.is_empty() {
            kept.push(line.replace('\t', " "));
        }
    }
    kept.join(" ")
}

#[cfg(test)]
mod tests {
    use super::meant;

    #[test]
    fn only_white_space_around_line_ends_is_dropped() {
        assert_eq!(meant("\n  a  b\n  c \n"), "a  b c");
        assert_eq!(meant(" a "), " a ");
        assert_eq!(meant(" "), " ");
        assert_eq!(meant("\n   \n"), "");
        assert_eq!(meant("a\n\n b"), "a b");
        assert_eq!(meant("a \n b "), "a b ");
    }
}
