//! JSON in what a model answered: it was asked for nothing else, and may have wrapped it all the same.

use serde_json::Value;

/// The object in an answer.
pub(super) fn json_in(content: &str) -> Result<Value, String> {
    let text = content.trim();
    let text = unfenced(text).unwrap_or(text);
    match serde_json::from_str::<Value>(text) {
        Ok(value @ Value::Object(_)) => Ok(value),
        Ok(_) => Err("it is JSON, but no object".to_owned()),
        Err(error) => {
            // One object with sentences around it.
            let (Some(start), Some(end)) = (text.find('{'), text.rfind('}')) else {
                return Err("it is prose, not JSON".to_owned());
            };
            let inner = text.get(start..=end).unwrap_or_default();
            match serde_json::from_str::<Value>(inner) {
                Ok(value @ Value::Object(_)) => Ok(value),
                _ => Err(format!("it is not valid JSON: {error}")),
            }
        }
    }
}

/// What stands between ``` and ```.
fn unfenced(text: &str) -> Option<&str> {
    let inner = text.strip_prefix("```")?.strip_suffix("```")?;
    let inner = inner.strip_prefix("json").unwrap_or(inner);
    Some(inner.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_found_however_it_is_wrapped() {
        for text in [
            "{\"a\": 1}",
            "```json\n{\"a\": 1}\n```",
            "Here it is:\n{\"a\": 1}\nI hope that helps.",
        ] {
            assert_eq!(json_in(text).unwrap()["a"], 1, "{text}");
        }
        assert!(json_in("I think the cause is …").unwrap_err().contains("prose"));
        assert!(json_in("[1]").unwrap_err().contains("no object"));
        assert!(json_in("{\"a\": ").unwrap_err().contains("JSON"));
        assert!(json_in("").is_err());
        assert!(json_in("}{").is_err());
    }
}
