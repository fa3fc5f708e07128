//! What an agent did, one thing after the other: what was sent to a model is shown as it was sent.

use serde_json::Value;

use super::amount;
use super::when::When;
use super::words::{Badge, Tone};
use crate::domain::execution::{Step, StepKind};

/// One thing that an agent did, ready to print.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepView {
    /// Its number.
    pub id: i64,
    /// What kind of thing.
    pub kind: Badge,
    /// One line.
    pub title: String,
    /// When.
    pub at: When,
    /// The whole of it.
    pub detail: StepDetail,
}

/// The whole of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StepDetail {
    /// The title says it all.
    None,
    /// A tool was called.
    Tool {
        /// As the model wrote them.
        arguments: String,
        /// `1.2 kB`, or why it was refused.
        result: String,
        /// Whether it was refused.
        refused: bool,
    },
    /// A model was asked.
    Model(Box<ModelStep>),
    /// Anything else, as JSON.
    Other(String),
}

/// A question and its answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ModelStep {
    /// What was sent beyond what had been sent before, in order.
    pub sent: Vec<MessageView>,
    /// The tools that it was offered.
    pub tools: Vec<String>,
    /// How many values were replaced by placeholders so far.
    pub hidden: u64,
    /// What it said.
    pub said: String,
    /// The tools that it wanted.
    pub calls: Vec<(String, String)>,
    /// `stop`, `length`, …
    pub finish: Option<String>,
    /// Tokens of question and answer.
    pub tokens: Option<(String, String)>,
    /// Why there is no answer.
    pub error: Option<String>,
}

/// One message to a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageView {
    /// Who speaks: `system`, `user`, `assistant`, `tool`.
    pub role: String,
    /// Its text, as it was sent.
    pub text: String,
    /// `1.2 kB`
    pub size: String,
}

impl StepView {
    /// Ready to print.
    pub fn new(step: &Step, now: jiff::Timestamp) -> Self {
        let (word, tone) = match step.kind {
            StepKind::Note => ("note", Tone::Neutral),
            StepKind::Tool => ("tool", Tone::Neutral),
            StepKind::Model => ("model", Tone::Info),
        };
        Self {
            id: step.id,
            kind: Badge { text: word.to_owned(), tone },
            title: step.title.clone(),
            at: When::new(step.at, now),
            detail: detail(step),
        }
    }
}

fn detail(step: &Step) -> StepDetail {
    let detail = &step.detail;
    match step.kind {
        StepKind::Tool if detail["arguments"].is_string() => {
            let refused = detail["result"]["refused"].as_str();
            let bytes = detail["result"]["bytes"].as_u64();
            StepDetail::Tool {
                arguments: text(&detail["arguments"]),
                result: match (refused, bytes) {
                    (Some(why), _) => why.to_owned(),
                    (None, Some(bytes)) => amount::bytes(bytes),
                    (None, None) => detail["result"].to_string(),
                },
                refused: refused.is_some(),
            }
        }
        StepKind::Model if detail["sent"].is_object() => {
            StepDetail::Model(Box::new(model(&detail["sent"], &detail["received"])))
        }
        _ if detail.is_null() || detail.as_object().is_some_and(serde_json::Map::is_empty) => {
            StepDetail::None
        }
        _ => StepDetail::Other(format!("{detail:#}")),
    }
}

fn model(sent: &Value, received: &Value) -> ModelStep {
    let tokens = received["tokens"].as_array();
    let count = |at: usize| tokens?.get(at)?.as_u64().map(amount::number);
    ModelStep {
        sent: list(&sent["messages"]).iter().map(message).collect(),
        tools: list(&sent["tools"]).iter().map(text).collect(),
        hidden: sent["hidden_values"].as_u64().unwrap_or(0),
        said: text(&received["content"]),
        calls: list(&received["calls"])
            .iter()
            .map(|call| (text(&call["name"]), text(&call["arguments"])))
            .collect(),
        finish: received["finish"].as_str().map(str::to_owned),
        tokens: count(0).zip(count(1)),
        error: received["error"].as_str().map(str::to_owned),
    }
}

fn message(message: &Value) -> MessageView {
    let mut said = text(&message["content"]);
    for call in list(&message["calls"]) {
        said.push_str(&format!("\n{} {}", text(&call["name"]), text(&call["arguments"])));
    }
    MessageView { role: text(&message["role"]), size: amount::bytes(said.len() as u64), text: said }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

/// A text as it is; anything else as JSON, nothing as nothing.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(kind: StepKind, detail: Value) -> StepDetail {
        let now: jiff::Timestamp = "2026-11-21T12:00:00Z".parse().unwrap();
        StepView::new(&Step { id: 1, at: now, kind, title: "t".into(), detail }, now).detail
    }

    #[test]
    fn what_was_sent_is_shown_as_it_was_sent() {
        let detail = json!({
            "sent": { "messages": [{ "role": "user", "content": " a\n\u{202e}b " }], "tools": ["list"], "hidden_values": 2 },
            "received": { "content": "c", "calls": [{ "id": "1", "name": "list", "arguments": "{" }], "finish": "stop", "tokens": [1200, 7] },
        });
        let StepDetail::Model(step) = of(StepKind::Model, detail) else { panic!("no model step") };
        assert_eq!(step.sent[0].text, " a\n\u{202e}b ");
        assert_eq!((step.sent[0].role.as_str(), step.hidden), ("user", 2));
        assert_eq!(step.calls, [("list".to_owned(), "{".to_owned())]);
        assert_eq!(step.tokens, Some(("1,200".into(), "7".into())));
    }

    #[test]
    fn a_detail_of_any_shape_is_shown() {
        assert_eq!(of(StepKind::Note, json!({})), StepDetail::None);
        assert_eq!(of(StepKind::Note, Value::Null), StepDetail::None);
        for odd in [json!([1]), json!("x"), json!({ "sent": 1 }), json!({ "arguments": {} })] {
            for kind in [StepKind::Note, StepKind::Tool, StepKind::Model] {
                assert!(matches!(of(kind, odd.clone()), StepDetail::Other(_)), "{odd}");
            }
        }
        let odd = json!({ "sent": { "messages": [1, null], "tools": 3 }, "received": "gone" });
        assert!(matches!(of(StepKind::Model, odd), StepDetail::Model(_)));
    }
}
