//! What is said to a model and what it says, in order. Everything that goes in is redacted here, so that
//! there is one place past which nothing leaves unredacted; everything that is sent is written down.

use anyhow::bail;
use serde_json::{Value, json};

use super::ModelAgent;
use crate::domain::execution::StepKind;
use crate::orchestrator::files::Schema;
use crate::orchestrator::model::{Asker, Message, Models, Question, Reply, ToolCall};
use crate::orchestrator::redact::Redactor;
use crate::orchestrator::{Run, Task};

/// A conversation.
pub(super) struct Conversation<'a> {
    models: &'a Models,
    run: &'a Run,
    issue_id: Option<i64>,
    schema_name: String,
    messages: Vec<Message>,
    /// How many of them were sent before: the others are what a step shows as sent.
    told: usize,
    redactor: Redactor<'a>,
}

impl<'a> Conversation<'a> {
    pub(super) fn new(agent: &'a ModelAgent, task: &Task, run: &'a Run, nonce: &str) -> Self {
        let output = agent.file.output.as_ref();
        Self {
            models: &agent.models,
            run,
            issue_id: task.issue.as_ref().map(|issue| issue.id),
            schema_name: output.map(|o| o.schema.replace('-', "_")).unwrap_or_default(),
            messages: Vec::new(),
            told: 0,
            redactor: Redactor::new(&agent.scrubber, nonce),
        }
    }

    pub(super) fn system(&mut self, text: &str) {
        let content = self.redactor.hide(text);
        self.messages.push(Message::System { content });
    }

    pub(super) fn user(&mut self, text: &str) {
        let content = self.redactor.hide(text);
        self.messages.push(Message::User { content });
    }

    pub(super) fn tool(&mut self, call: &ToolCall, result: &str) {
        let content = self.redactor.hide(result);
        self.messages.push(Message::Tool { id: call.id.clone(), content });
    }

    pub(super) fn reveal(&self, text: &str) -> String {
        self.redactor.reveal(text)
    }

    pub(super) fn reveal_json(&self, value: &mut Value) {
        self.redactor.reveal_json(value);
    }

    /// Questions that are left.
    pub(super) fn steps_left(&self) -> u32 {
        let used = self.run.with_usage(|usage| usage.steps);
        self.run.limits.steps.saturating_sub(used)
    }

    /// Sends the conversation and takes the answer into it.
    pub(super) async fn ask(
        &mut self,
        tools: &[Value],
        schema: Option<&Schema>,
    ) -> anyhow::Result<Reply> {
        let mut usage = self.run.with_usage(|usage| usage.clone());
        let limits = &self.run.limits;
        if usage.steps >= limits.steps {
            bail!("its {} steps are used up (limits.steps)", limits.steps);
        }
        if usage.tokens_in + usage.tokens_out >= limits.tokens {
            bail!("its {} tokens are used up (limits.tokens)", limits.tokens);
        }
        let asker = Asker {
            agent: &self.run.agent,
            issue_id: self.issue_id,
            cost_left: limits.cost_micros().saturating_sub(usage.cost_micros),
        };
        let question = Question {
            messages: &self.messages,
            tools,
            schema: schema.map(|schema| (self.schema_name.as_str(), &*schema.value)),
        };
        let sent = json!({
            "messages": &self.messages[self.told..],
            "tools": tools.iter().map(|tool| &tool["name"]).collect::<Vec<_>>(),
            "hidden_values": self.redactor.hidden(),
        });
        let result = self.models.ask(asker, &question, &mut usage).await;
        self.told = self.messages.len();
        if let Ok(answered) = &result {
            usage.model = Some(answered.model.clone());
            usage.route = Some(answered.route.clone());
        }
        self.run.with_usage(|known| {
            known.steps = usage.steps;
            known.tokens_in = usage.tokens_in;
            known.tokens_out = usage.tokens_out;
            known.cost_micros = usage.cost_micros;
            known.model = usage.model.clone();
            known.route = usage.route.clone();
        });
        let (title, received) = match &result {
            Ok(answered) => {
                (format!("asked {} ({})", answered.model, answered.route), json!(answered.reply))
            }
            Err(error) => ("asked in vain".to_owned(), json!({ "error": error.to_string() })),
        };
        let detail = json!({ "sent": sent, "received": received });
        self.run.step(StepKind::Model, &title, detail).await;
        let mut reply = result?.reply;
        // A model that was given no tools cannot call any.
        if tools.is_empty() {
            reply.calls.clear();
        }
        self.messages.push(Message::Assistant {
            content: reply.content.clone(),
            calls: reply.calls.clone(),
        });
        Ok(reply)
    }
}
