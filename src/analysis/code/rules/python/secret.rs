//! Secrets in the code.

use super::super::{Code, Found, TreeRule, secrets};
use super::literal;

pub(super) const RULES: &[TreeRule] =
    &[TreeRule { rule: secrets::rule("python/hard-coded-secret"), find: hard_coded }];

fn hard_coded(code: &Code<'_>, found: &mut Found) {
    if code.is_test {
        return;
    }
    for string in code.tree.all("string") {
        let Some(text) = literal(string) else { continue };
        let Some(parent) = string.parent() else { continue };
        let name = match parent.kind() {
            "assignment" => parent.field_text("left"),
            "keyword_argument" | "default_parameter" | "typed_default_parameter" => {
                parent.field_text("name")
            }
            "pair" => parent
                .field("key")
                .filter(|key| !key.same_as(string))
                .and_then(literal)
                .unwrap_or_default(),
            _ => "",
        };
        let name = name.rsplit('.').next().unwrap_or_default();
        if secrets::known_shape(text) {
            found.add(string.start(), secrets::SHAPE_MESSAGE);
        } else if secrets::named(name, text) {
            found.add(string.start(), secrets::message(name));
        }
    }
}
