//! What the real server refuses of a question.

use serde_json::Value;

/// What the real server refuses.
pub(super) fn check(question: &Value, content_type: &str) -> Result<(), String> {
    let must = |holds: bool, what: &str| if holds { Ok(()) } else { Err(what.to_owned()) };
    must(content_type.starts_with("application/json"), "content-type must be application/json")?;
    must(question["model"].is_string(), "you must provide a model parameter")?;
    let known = [
        "model",
        "messages",
        "max_completion_tokens",
        "max_tokens",
        "stream",
        "stream_options",
        "tools",
        "response_format",
    ];
    for key in question.as_object().unwrap().keys() {
        must(
            known.contains(&key.as_str()),
            &format!("Unrecognized request argument supplied: {key}"),
        )?;
    }
    let messages = question["messages"].as_array().ok_or("messages is required")?;
    must(!messages.is_empty(), "messages is empty")?;
    let mut open: Vec<&str> = Vec::new();
    for message in messages {
        let role = message["role"].as_str().ok_or("role is required")?;
        if role == "tool" {
            let id = message["tool_call_id"].as_str().ok_or("tool_call_id is required")?;
            let at = open.iter().position(|one| *one == id);
            let at = at.ok_or("messages with role 'tool' must be a response to a preceding message with 'tool_calls'")?;
            open.remove(at);
        } else {
            must(
                open.is_empty(),
                "an assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'",
            )?;
        }
        must(["system", "user", "assistant", "tool"].contains(&role), "unknown role")?;
        must(message["content"].is_string(), "content must be a string")?;
        for call in message["tool_calls"].as_array().into_iter().flatten() {
            must(
                call["type"] == "function" && call["function"]["arguments"].is_string(),
                "tool_calls",
            )?;
            open.push(call["id"].as_str().ok_or("tool_calls[].id is required")?);
        }
    }
    must(open.is_empty(), "tool calls without answers at the end")?;
    if question["stream"] != true {
        must(
            question.get("stream_options").is_none(),
            "stream_options is only allowed when stream is enabled",
        )?;
    }
    if let Some(tools) = question.get("tools") {
        let tools = tools.as_array().ok_or("tools must be a list")?;
        must(!tools.is_empty(), "[] is too short - 'tools'")?;
        for tool in tools {
            must(
                tool["type"] == "function" && tool["function"]["name"].is_string(),
                "tools[].function",
            )?;
        }
    }
    if let Some(format) = question.get("response_format") {
        must(format["type"] == "json_schema", "response_format.type")?;
        let inner = &format["json_schema"];
        let is_name =
            |name: &str| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
        must(inner["name"].as_str().is_some_and(is_name), "json_schema.name")?;
        if inner["strict"] == true {
            strict(&inner["schema"])?;
        }
    }
    Ok(())
}

/// The rules of strict schemas: every object closed, every property required, no bounds on texts.
fn strict(schema: &Value) -> Result<(), String> {
    if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
        if schema["additionalProperties"] != false {
            return Err(
                "'additionalProperties' is required to be supplied and to be false.".to_owned()
            );
        }
        let required: Vec<&str> =
            schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        for (name, property) in properties {
            if !required.contains(&name.as_str()) {
                return Err(format!(
                    "'required' is required to include every key in properties. Missing '{name}'."
                ));
            }
            strict(property)?;
        }
    }
    for key in ["minLength", "maxLength"] {
        if schema.get(key).is_some() {
            return Err(format!("'{key}' is not permitted."));
        }
    }
    schema.get("items").map_or(Ok(()), strict)
}
