//! What a call gives for a parameter: the way of a value from a function back to its caller.

use std::ops::{ControlFlow, Range};

use tree_sitter::Node;

use super::file::ScriptFile;
use super::functions::Function;

/// Parameters and arguments that are looked at.
const MAX_EACH: usize = 32;

/// How a parameter takes what it is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Takes {
    /// One argument, by its place or its name.
    One,
    /// All further ones: `*args`, `...rest`.
    Rest,
    /// Those with names of their own: `**kwargs`.
    Named,
}

/// The expressions in a call's arguments that end up in one of the parameters `wanted` of `called`. Empty
/// where that cannot be told.
pub fn given_for(
    file: &ScriptFile,
    call: &Range<usize>,
    called: (&ScriptFile, &Function),
    wanted: &[String],
) -> Vec<Range<usize>> {
    let parameters = parameters(called.0, called.1);
    let mut given = Vec::new();
    for (place, (name, takes)) in parameters.iter().enumerate() {
        if !wanted.contains(name) {
            continue;
        }
        for (at, argument) in arguments(file, call).iter().enumerate().take(MAX_EACH) {
            let fits = match (&argument.name, takes) {
                (Some(keyword), Takes::One) => keyword == name,
                (Some(keyword), Takes::Named) => {
                    !parameters.iter().any(|(known, _)| known == keyword)
                }
                (Some(_), Takes::Rest) => false,
                // What is spread may end up anywhere.
                (None, _) if argument.spread => true,
                (None, Takes::One) => at == place,
                (None, Takes::Rest) => at >= place,
                (None, Takes::Named) => false,
            };
            if fits && !given.contains(&argument.value) {
                given.push(argument.value.clone());
            }
        }
    }
    given
}

/// The parameters that take arguments; the object itself left out.
fn parameters(file: &ScriptFile, function: &Function) -> Vec<(String, Takes)> {
    let Some(list) = node_at(file, &function.parameters) else { return Vec::new() };
    if list.kind() == "identifier" {
        return vec![(file.text_of(list).to_owned(), Takes::One)];
    }
    let mut cursor = list.walk();
    let mut found = Vec::new();
    for (place, one) in list.named_children(&mut cursor).take(MAX_EACH).enumerate() {
        let takes = match one.kind() {
            "list_splat_pattern" | "rest_pattern" => Takes::Rest,
            "dictionary_splat_pattern" => Takes::Named,
            "comment" | "keyword_separator" | "positional_separator" => continue,
            _ => Takes::One,
        };
        let name = name_of(file, one);
        let is_itself = place == 0 && matches!(name, "self" | "cls" | "this");
        if !is_itself {
            found.push((name.to_owned(), takes));
        }
    }
    found
}

/// The name that a parameter is known by; of one that is taken apart all of its text.
fn name_of<'f>(file: &'f ScriptFile, parameter: Node<'_>) -> &'f str {
    let mut node = parameter;
    for _ in 0..4 {
        let inner = node
            .child_by_field_name("name")
            .or_else(|| node.child_by_field_name("pattern"))
            .or_else(|| node.child_by_field_name("left"));
        let wraps = matches!(
            node.kind(),
            "typed_parameter" | "list_splat_pattern" | "rest_pattern" | "dictionary_splat_pattern"
        );
        match inner.or_else(|| if wraps { node.named_child(0) } else { None }) {
            Some(inner) => node = inner,
            None => break,
        }
    }
    file.text_of(node)
}

struct Argument {
    name: Option<String>,
    value: Range<usize>,
    spread: bool,
}

fn arguments(file: &ScriptFile, call: &Range<usize>) -> Vec<Argument> {
    let Some(list) = list_of(file, call) else { return Vec::new() };
    let mut cursor = list.walk();
    let named = list.named_children(&mut cursor).filter(|one| one.kind() != "comment");
    named
        .take(MAX_EACH)
        .map(|one| match one.kind() {
            "keyword_argument" => Argument {
                name: one.child_by_field_name("name").map(|name| file.text_of(name).to_owned()),
                value: one.child_by_field_name("value").unwrap_or(one).byte_range(),
                spread: false,
            },
            kind => Argument {
                name: None,
                value: one.byte_range(),
                spread: matches!(kind, "list_splat" | "dictionary_splat" | "spread_element"),
            },
        })
        .collect()
}

/// The list of arguments of the call with exactly this range.
fn list_of<'f>(file: &'f ScriptFile, call: &Range<usize>) -> Option<Node<'f>> {
    let mut list = None;
    file.walk_within(call, |node, _| {
        // A statement that is nothing but the call has the same range.
        if list.is_none() && node.byte_range() == *call {
            list = node.child_by_field_name("arguments");
        }
        match list {
            None => ControlFlow::Continue(()),
            Some(_) => ControlFlow::Break(()),
        }
    });
    list
}

/// The outermost node with exactly this range.
fn node_at<'f>(file: &'f ScriptFile, range: &Range<usize>) -> Option<Node<'f>> {
    let mut found = None;
    file.walk_within(range, |node, _| {
        if node.byte_range() == *range && node.is_named() {
            found = Some(node);
            return ControlFlow::Break(());
        }
        match found {
            None => ControlFlow::Continue(()),
            Some(_) => ControlFlow::Break(()),
        }
    });
    found
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn given(path: &str, text: &str, call: &str, wanted: &[&str]) -> Vec<String> {
        let file = ScriptFile::parse(path, &Arc::from(text)).unwrap().unwrap();
        let start = text.rfind(call).unwrap();
        let function = file.functions()[0].clone();
        let wanted: Vec<String> = wanted.iter().map(|one| (*one).to_owned()).collect();
        given_for(&file, &(start..start + call.len()), (&file, &function), &wanted)
            .into_iter()
            .map(|range| file.slice(range).to_owned())
            .collect()
    }

    #[test]
    fn arguments_find_their_parameters_by_place_and_by_name() {
        let text = "\
class Cart:
    def add(self, line, count: int = 1, *more, price=0, **rest):
        pass

cart.add(first(x), second, third, price=cost, extra=y)
";
        let call = "cart.add(first(x), second, third, price=cost, extra=y)";
        assert_eq!(given("a.py", text, call, &["line"]), ["first(x)"]);
        assert_eq!(given("a.py", text, call, &["count", "price"]), ["second", "cost"]);
        assert_eq!(given("a.py", text, call, &["more"]), ["third"]);
        assert_eq!(given("a.py", text, call, &["rest"]), ["y"]);
        assert!(given("a.py", text, call, &["self"]).is_empty());
    }

    #[test]
    fn what_is_spread_may_be_any_parameter() {
        let text = "function add(line, { count }, ...rest) {}\nadd(...all, two, three);\n";
        assert_eq!(given("a.js", text, "add(...all, two, three)", &["line"]), ["...all"]);
        assert_eq!(given("a.js", text, "add(...all, two, three)", &["rest"]), ["...all", "three"]);
    }
}
