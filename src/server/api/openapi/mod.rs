//! `/api/openapi.json`: the whole API, described once. What it says is tested: every route is in it, and
//! every example is sent to a server and answered as it says.

mod operations;

use axum::Json;
use serde_json::{Map, Value, json};

use self::operations::{OPERATIONS, Operation};

/// The document. Nothing in it is secret; only, no door stands open that need not.
pub(super) async fn document() -> Json<Value> {
    Json(describe())
}

fn describe() -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for operation in OPERATIONS {
        let path = paths.entry(operation.path).or_insert_with(|| json!({}));
        path[operation.method] = describe_operation(operation);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Andon",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Errors in, causes and proved fixes out. Tokens are made by `andon token create`; each operation names the scope that it needs. Errors are problem documents (RFC 9457).",
        },
        "servers": [{ "url": "/" }],
        "security": [{ "token": [] }],
        "components": {
            "securitySchemes": {
                "token": { "type": "http", "scheme": "bearer" },
                "basic": { "type": "http", "scheme": "basic", "description": "The token as user name; only where an application is meant." },
                "key": { "type": "apiKey", "in": "header", "name": "X-Sentry-Auth", "description": "`Sentry sentry_key=KEY`: a project key, which may only send." },
            },
            "schemas": { "Problem": problem() },
        },
        "paths": paths,
    })
}

fn problem() -> Value {
    json!({
        "type": "object",
        "required": ["type", "title", "status", "detail"],
        "properties": {
            "type": { "type": "string" },
            "title": { "type": "string" },
            "status": { "type": "integer" },
            "detail": { "type": "string", "description": "What is wrong and what would be right" },
        },
    })
}

fn describe_operation(operation: &Operation) -> Value {
    let parameters: Vec<Value> = path_parameters(operation.path)
        .map(|name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }))
        .chain(operation.query.iter().map(|(name, why)| {
            json!({ "name": name, "in": "query", "required": false, "description": why, "schema": { "type": "string" } })
        }))
        .collect();
    let example: Value = serde_json::from_str(operation.answer).unwrap_or(Value::Null);
    let content = match operation.answer {
        "" => json!({}),
        _ => json!({ "application/json": { "schema": schema_of(&example), "example": example } }),
    };
    let mut described = json!({
        "summary": operation.summary,
        "x-andon-scope": operation.scope,
        "parameters": parameters,
        "responses": {
            operation.status.to_string(): { "description": "Done", "content": content },
            "default": {
                "description": "Refused",
                "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } },
            },
        },
    });
    described["security"] = match operation.scope {
        "key" => json!([{ "key": [] }]),
        "execute" => json!([{ "token": [] }, { "basic": [] }]),
        "" => json!([]),
        _ => json!([{ "token": [] }]),
    };
    if !operation.body.is_empty() {
        let example: Value = serde_json::from_str(operation.body).unwrap_or(Value::Null);
        described["requestBody"] = json!({
            "required": true,
            "content": { "application/json": { "schema": schema_of(&example), "example": example } },
        });
    }
    described
}

fn path_parameters(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
}

/// The shape of an example: what stands in it is there; more may come.
fn schema_of(example: &Value) -> Value {
    match example {
        Value::Object(fields) => {
            let properties: Map<String, Value> =
                fields.iter().map(|(name, value)| (name.clone(), schema_of(value))).collect();
            json!({ "type": "object", "properties": properties })
        }
        Value::Array(list) => match list.first() {
            Some(first) => json!({ "type": "array", "items": schema_of(first) }),
            None => json!({ "type": "array" }),
        },
        Value::String(_) => json!({ "type": "string" }),
        Value::Bool(_) => json!({ "type": "boolean" }),
        Value::Number(number) if number.is_f64() => json!({ "type": "number" }),
        Value::Number(_) => json!({ "type": "integer" }),
        Value::Null => json!({}),
    }
}
