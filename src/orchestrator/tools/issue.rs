//! What is known of the error and of others like it.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Reach, Tool, arguments, schema};

/// Similar issues given.
const MAX_SIMILAR: usize = 5;

pub(super) const SIMILAR_ISSUES: Tool = Tool {
    name: "similar_issues",
    description: "Earlier issues like this one, and how each was explained and mended.",
    arguments: || schema(&json!({}), &[]),
    run: similar,
};

pub(super) const EVENT_DETAILS: Tool = Tool {
    name: "event_details",
    description: "A part of the event as it was stored.",
    arguments: || {
        schema(
            &json!({ "part": {
                "type": "string",
                "enum": ["exceptions", "breadcrumbs", "tags"],
            } }),
            &["part"],
        )
    },
    run: details,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

fn similar(reach: &Reach, given: Value) -> Result<String, String> {
    let Nothing {} = arguments(given)?;
    if reach.similar.is_empty() {
        return Ok("nothing like it was decided on before".to_owned());
    }
    let some: Vec<&Value> = reach.similar.iter().take(MAX_SIMILAR).collect();
    serde_json::to_string_pretty(&some).map_err(|e| e.to_string())
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Part {
    Exceptions,
    Breadcrumbs,
    Tags,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Details {
    part: Part,
}

fn details(reach: &Reach, given: Value) -> Result<String, String> {
    let Details { part } = arguments(given)?;
    let event = serde_json::to_value(&*reach.event).map_err(|e| e.to_string())?;
    let of = |keys: &[&str]| -> Value {
        let pair = |key: &&str| Some(((*key).to_owned(), event.get(*key)?.clone()));
        keys.iter().filter_map(pair).collect::<serde_json::Map<_, _>>().into()
    };
    let value = match part {
        Part::Exceptions => of(&["exceptions", "stack_text"]),
        Part::Breadcrumbs => of(&["breadcrumbs"]),
        Part::Tags => of(&["tags", "release", "environment", "server_name", "transaction"]),
    };
    serde_json::to_string_pretty(&value).map_err(|e| e.to_string())
}
