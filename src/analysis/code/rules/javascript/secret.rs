//! Secrets in the code.

use super::super::{Code, Found, TreeRule, secrets};
use super::literal;

pub(super) const RULES: &[TreeRule] =
    &[TreeRule { rule: secrets::rule("javascript/hard-coded-secret"), find: hard_coded }];

fn hard_coded(code: &Code<'_>, found: &mut Found) {
    if code.is_test {
        return;
    }
    for kind in ["string", "template_string"] {
        for string in code.tree.all(kind) {
            let (Some(text), Some(parent)) = (literal(string), string.parent()) else { continue };
            let name = match parent.kind() {
                "variable_declarator" => parent.field_text("name"),
                "assignment_expression" => parent.field_text("left"),
                "pair" => parent
                    .field("key")
                    .filter(|key| !key.same_as(string))
                    .map_or("", |key| key.text()),
                "public_field_definition" | "field_definition" => parent
                    .field("name")
                    .or_else(|| parent.field("property"))
                    .map_or("", |name| name.text()),
                _ => "",
            };
            let name = name.rsplit('.').next().unwrap_or_default().trim_matches(['"', '\'']);
            if secrets::known_shape(text) {
                found.add(string.start(), secrets::SHAPE_MESSAGE);
            } else if secrets::named(name, text) {
                found.add(string.start(), secrets::message(name));
            }
        }
    }
}
