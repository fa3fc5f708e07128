//! The wire: what is sent to `/chat/completions` and what comes back. Our own shapes, because servers
//! differ: what a server leaves out or adds must not make its answer unreadable. The names are those of
//! OpenAI's reference (<https://platform.openai.com/docs/api-reference/chat>).

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::config::{JsonMode, OutputCap, RouteConfig};

/// A tool call, as a model asks for it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToolCall {
    /// Told again with the result.
    pub id: String,
    /// The tool's name.
    pub name: String,
    /// JSON, as the model wrote it: not always valid.
    pub arguments: String,
}

/// One message of a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "role", rename_all = "lowercase")]
pub enum Message {
    /// The rules.
    System {
        /// The text.
        content: String,
    },
    /// A question.
    User {
        /// The text.
        content: String,
    },
    /// What the model answered.
    Assistant {
        /// The text.
        content: String,
        /// The tools that it wants.
        calls: Vec<ToolCall>,
    },
    /// What a tool gave.
    Tool {
        /// Of which call.
        id: String,
        /// The text.
        content: String,
    },
}

impl Message {
    fn to_wire(&self) -> Value {
        match self {
            Self::System { content } => json!({ "role": "system", "content": content }),
            Self::User { content } => json!({ "role": "user", "content": content }),
            Self::Assistant { content, calls } if calls.is_empty() => {
                json!({ "role": "assistant", "content": content })
            }
            Self::Assistant { content, calls } => {
                let calls: Vec<Value> = calls.iter().map(call_to_wire).collect();
                json!({ "role": "assistant", "content": content, "tool_calls": calls })
            }
            Self::Tool { id, content } => {
                json!({ "role": "tool", "tool_call_id": id, "content": content })
            }
        }
    }

    /// Bytes of its texts, and some for what is around them.
    pub fn bytes(&self) -> usize {
        /// What a server adds to a message, in tokens at most.
        const AROUND: usize = 16;
        AROUND
            + match self {
                Self::System { content } | Self::User { content } => content.len(),
                Self::Assistant { content, calls } => {
                    content.len()
                        + calls
                            .iter()
                            .map(|call| call.name.len() + call.arguments.len() + AROUND)
                            .sum::<usize>()
                }
                Self::Tool { id, content } => id.len() + content.len(),
            }
    }
}

fn call_to_wire(call: &ToolCall) -> Value {
    json!({
        "id": call.id,
        "type": "function",
        "function": { "name": call.name, "arguments": call.arguments },
    })
}

/// A question.
#[derive(Clone, Debug)]
pub struct Question<'a> {
    /// The conversation so far.
    pub messages: &'a [Message],
    /// What may be called: name, description and JSON schema of the arguments.
    pub tools: &'a [Value],
    /// The schema of the answer, with a name, where one of a given shape is wanted.
    pub schema: Option<(&'a str, &'a Value)>,
}

impl Question<'_> {
    /// Bytes of all that is sent: no tokeniser makes more tokens than there are bytes.
    pub fn bytes(&self) -> usize {
        let schema = self.schema.map_or(0, |(_, schema)| schema.to_string().len());
        let tools: usize = self.tools.iter().map(|tool| tool.to_string().len()).sum();
        self.messages.iter().map(Message::bytes).sum::<usize>() + tools + schema
    }

    /// The body of the request.
    pub fn to_wire(&self, route: &RouteConfig) -> Value {
        let messages: Vec<Value> = self.messages.iter().map(Message::to_wire).collect();
        let cap = match route.output_cap {
            OutputCap::MaxCompletionTokens => "max_completion_tokens",
            OutputCap::MaxTokens => "max_tokens",
        };
        let mut body = json!({
            "model": route.model,
            "messages": messages,
            cap: route.max_output_tokens,
            "stream": route.stream,
        });
        if route.stream {
            body["stream_options"] = json!({ "include_usage": true });
        }
        if !self.tools.is_empty() {
            let tools =
                self.tools.iter().map(|tool| json!({ "type": "function", "function": tool }));
            body["tools"] = tools.collect();
        }
        if let Some((name, schema)) = self.schema {
            match route.json {
                JsonMode::Schema => {
                    body["response_format"] = json!({
                        "type": "json_schema",
                        "json_schema": { "name": name, "strict": true, "schema": strict(schema) },
                    });
                }
                JsonMode::Object => body["response_format"] = json!({ "type": "json_object" }),
                JsonMode::None => {}
            }
        }
        body
    }
}

/// A schema without what strict servers do not take; the whole of it is checked when the answer comes.
fn strict(schema: &Value) -> Value {
    const NOT_TAKEN: &[&str] =
        &["minLength", "maxLength", "minItems", "maxItems", "minimum", "maximum"];
    match schema {
        Value::Object(fields) => {
            let kept = fields.iter().filter(|(key, value)| {
                // A property may be called so; a bound is a number.
                !(NOT_TAKEN.contains(&key.as_str()) && value.is_number())
            });
            kept.map(|(key, value)| (key.clone(), strict(value)))
                .collect::<serde_json::Map<_, _>>()
                .into()
        }
        Value::Array(list) => list.iter().map(strict).collect(),
        other => other.clone(),
    }
}

/// An answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Reply {
    /// The text.
    pub content: String,
    /// The tools that it wants.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub calls: Vec<ToolCall>,
    /// Why it ended: `stop`, `length`, `tool_calls`, `content_filter`.
    pub finish: Option<String>,
    /// Why the model refuses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refusal: Option<String>,
    /// Tokens sent and received, as the server counted them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tokens: Option<(u64, u64)>,
}

/// A whole answer, or one piece of a stream: they differ in `message` and `delta`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Chunk {
    choices: Vec<Choice>,
    usage: Option<Usage>,
    error: Option<Value>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Choice {
    #[serde(alias = "delta")]
    message: Option<Delta>,
    finish_reason: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Delta {
    content: Option<String>,
    refusal: Option<String>,
    tool_calls: Option<Vec<CallDelta>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct CallDelta {
    index: Option<usize>,
    id: Option<String>,
    function: Option<FunctionDelta>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct FunctionDelta {
    name: Option<String>,
    /// A text; some servers send the object itself.
    arguments: Option<Value>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default)]
struct Usage {
    prompt_tokens: u64,
    completion_tokens: u64,
}

/// Calls of one answer at most.
const MAX_CALLS: usize = 32;

impl Reply {
    /// Adds what a piece says; an error is one that the server tells in the middle of its answer.
    pub(super) fn add(&mut self, chunk: Chunk) -> Result<(), String> {
        if let Some(error) = chunk.error.filter(|error| !error.is_null()) {
            let told = error.get("message").and_then(Value::as_str).map(str::to_owned);
            return Err(told.unwrap_or_else(|| error.to_string()));
        }
        if let Some(usage) = chunk.usage {
            self.tokens = Some((usage.prompt_tokens, usage.completion_tokens));
        }
        let Some(choice) = chunk.choices.into_iter().next() else { return Ok(()) };
        self.finish = choice.finish_reason.or(self.finish.take());
        let Some(delta) = choice.message else { return Ok(()) };
        self.content.push_str(&delta.content.unwrap_or_default());
        if let Some(refusal) = delta.refusal.filter(|text| !text.is_empty()) {
            self.refusal.get_or_insert_default().push_str(&refusal);
        }
        for (number, call) in delta.tool_calls.unwrap_or_default().into_iter().enumerate() {
            let index = call.index.unwrap_or(number);
            if index >= MAX_CALLS {
                continue;
            }
            if self.calls.len() <= index {
                self.calls.resize_with(index + 1, ToolCall::default);
            }
            let known = &mut self.calls[index];
            if let Some(id) = call.id.filter(|id| !id.is_empty()) {
                known.id = id;
            }
            let function = call.function.unwrap_or_default();
            known.name.push_str(&function.name.unwrap_or_default());
            match function.arguments {
                Some(Value::String(text)) => known.arguments.push_str(&text),
                Some(Value::Null) | None => {}
                Some(other) => known.arguments.push_str(&other.to_string()),
            }
        }
        Ok(())
    }

    /// The whole answer.
    pub(super) fn whole(chunk: Chunk) -> Result<Self, String> {
        let mut reply = Self::default();
        reply.add(chunk)?;
        Ok(reply)
    }

    /// Bytes that were received.
    pub(super) fn bytes(&self) -> usize {
        self.content.len()
            + self.refusal.as_ref().map_or(0, String::len)
            + self.calls.iter().map(|call| call.name.len() + call.arguments.len()).sum::<usize>()
    }
}
