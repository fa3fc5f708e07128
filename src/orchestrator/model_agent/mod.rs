//! An agent that asks a model: gather with tools → reason → put into the shape of its schema. What the
//! model claims is checked by the agent's reader; what it may use is bounded by its file.

mod context;
mod conversation;
mod parse;

use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context as _, bail};
use futures_util::future::BoxFuture;
use serde_json::{Value, json};

use self::conversation::Conversation;
use super::files::{Part, Prompts, Schema};
use super::model::{Models, ToolCall};
use super::tools::{Reach, Toolbox};
use super::{Agent, AgentFile, Answer, ReadAnswer, Run, Task};
use crate::domain::execution::StepKind;
use crate::domain::hash::ContentHash;
use crate::domain::scrub::Scrubber;

/// Refused tool calls in a row after which no more tools are offered.
const MAX_REFUSED_IN_A_ROW: usize = 3;

/// Questions that are kept for the conclusion: to reason, to put it into shape, to mend that.
const CONCLUDING_STEPS: u32 = 3;

/// One model agent, made of its files.
pub(super) struct ModelAgent {
    pub(super) file: AgentFile,
    pub(super) prompts: Prompts,
    pub(super) schema: Schema,
    pub(super) reader: Arc<dyn ReadAnswer>,
    pub(super) models: Arc<Models>,
    pub(super) scrubber: Arc<Scrubber>,
}

impl Agent for ModelAgent {
    fn run<'a>(&'a self, task: &'a Task, run: &'a Run) -> BoxFuture<'a, anyhow::Result<Answer>> {
        Box::pin(async move {
            if let Some(why) = self.models.why_none() {
                return Ok(Answer::skipped(why));
            }
            if let Some(issue) = &task.issue
                && u64::try_from(issue.events).unwrap_or(0) < self.models.min_events
            {
                return Ok(Answer::skipped(format!(
                    "the issue has {} events; models are asked from {} on (models.min_events)",
                    issue.events, self.models.min_events
                )));
            }
            self.answer(task, run).await
        })
    }
}

impl ModelAgent {
    async fn answer(&self, task: &Task, run: &Run) -> anyhow::Result<Answer> {
        let key = self.cache_key(task);
        if let Some(answer) = self.known(task, run, key.as_deref()).await? {
            return Ok(answer);
        }
        // What nobody outside can know: it closes quoted data, and is part of every placeholder.
        let nonce = format!("{:08x}", rand::random::<u32>());
        let context = context::context(self, task, &nonce);
        let prompt = self.file.prompt.as_deref().unwrap_or_default();
        let render = |part| self.prompts.render(prompt, part, &context);
        let mut talk = Conversation::new(self, task, run, &nonce);
        talk.system(&render(Part::System)?);
        talk.user(&render(Part::Task)?);
        if !self.gather(task, run, &nonce, &mut talk).await? {
            talk.user(&render(Part::Reason)?);
            talk.ask(&[], None).await?;
        }
        talk.user(&render(Part::Format)?);
        let (raw, answer) = self.format(task, &mut talk).await?;
        if let (Some(key), 1..) = (key, self.models.cache_days) {
            let issue = task.issue.as_ref().map(|issue| issue.id);
            run.store.keep_model_answer(&key, issue, &raw, run.clock.now()).await?;
        }
        Ok(answer)
    }

    /// An answer to the same question that was given before.
    async fn known(
        &self,
        task: &Task,
        run: &Run,
        key: Option<&str>,
    ) -> anyhow::Result<Option<Answer>> {
        let (Some(key), days @ 1..) = (key, self.models.cache_days) else { return Ok(None) };
        let hours = i64::try_from(days).unwrap_or(i64::MAX / 24).saturating_mul(24);
        let since = run.clock.now().saturating_sub(jiff::SignedDuration::from_hours(hours));
        let since = since.unwrap_or(jiff::Timestamp::MIN);
        let Some(raw) = run.store.model_answer(key, since).await? else { return Ok(None) };
        // The reader may have grown stricter since.
        let Ok(answer) = self.reader.read(&self.file.name, raw, task, true) else {
            return Ok(None);
        };
        run.with_usage(|usage| usage.cached = true);
        run.step(
            StepKind::Note,
            "answered from before: same error, code, prompt and model",
            json!({}),
        )
        .await;
        Ok(Some(answer))
    }

    /// What an answer is kept under; only answers about an issue's code at a commit are.
    fn cache_key(&self, task: &Task) -> Option<String> {
        let issue = task.issue.as_ref()?;
        let revision = task.release.revision().commit.clone()?;
        let prompt = self.prompts.version(self.file.prompt.as_deref().unwrap_or_default());
        let parts = json!([
            self.file.name,
            task.project_id,
            issue.fingerprint,
            revision,
            prompt,
            self.file.tools,
            *self.schema.value,
            self.models.names(),
            // What it is to judge is part of the question.
            task.so_far
                .proposals
                .iter()
                .map(|p| (&p.title, p.patch.unified_diff()))
                .collect::<Vec<_>>(),
        ]);
        Some(ContentHash::of(parts.to_string().as_bytes()).as_str().to_owned())
    }

    /// Lets the model look around until it comes to a conclusion by itself; says whether it has.
    async fn gather(
        &self,
        task: &Task,
        run: &Run,
        nonce: &str,
        talk: &mut Conversation<'_>,
    ) -> anyhow::Result<bool> {
        let reach = Reach {
            sources: Arc::clone(&task.release),
            history: task.history.clone(),
            event: Arc::clone(&task.event),
            similar: Arc::clone(&task.similar),
        };
        let toolbox = Arc::new(Mutex::new(Toolbox::new(reach, &self.file.tools)));
        let tools = toolbox.lock().unwrap_or_else(PoisonError::into_inner).specifications();
        let mut refused = 0;
        while talk.steps_left() > CONCLUDING_STEPS && refused < MAX_REFUSED_IN_A_ROW {
            let reply = talk.ask(&tools, None).await?;
            if reply.calls.is_empty() {
                return Ok(true);
            }
            for call in &reply.calls {
                let result = self.call(call, run, &toolbox, talk).await?;
                refused = if result.is_ok() { 0 } else { refused + 1 };
                talk.tool(call, &quoted(nonce, &result));
            }
        }
        Ok(false)
    }

    async fn call(
        &self,
        call: &ToolCall,
        run: &Run,
        toolbox: &Arc<Mutex<Toolbox>>,
        talk: &Conversation<'_>,
    ) -> anyhow::Result<Result<String, String>> {
        // The model knows placeholders; the repository has the real thing.
        let arguments = talk.reveal(&call.arguments);
        let (name, toolbox) = (call.name.clone(), Arc::clone(toolbox));
        let work = {
            let (name, arguments) = (name.clone(), arguments.clone());
            move || toolbox.lock().unwrap_or_else(PoisonError::into_inner).call(&name, &arguments)
        };
        let result = tokio::task::spawn_blocking(work).await.context("a tool fell over")?;
        run.with_usage(|usage| usage.tools.push(name.clone()));
        let outcome = match &result {
            Ok(text) => json!({ "bytes": text.len() }),
            Err(reason) => json!({ "refused": reason }),
        };
        let mut title = format!("{name} {}", call.arguments);
        title.truncate(title.floor_char_boundary(200));
        run.step(StepKind::Tool, &title, json!({ "arguments": call.arguments, "result": outcome }))
            .await;
        Ok(result)
    }

    /// Asks for the conclusion in the shape of the schema, with one chance to mend it.
    async fn format(
        &self,
        task: &Task,
        talk: &mut Conversation<'_>,
    ) -> anyhow::Result<(Value, Answer)> {
        let mut faults = Vec::new();
        for last in [false, true] {
            let reply = talk.ask(&[], Some(&self.schema)).await?;
            match self.read(task, talk, &reply.content, last) {
                Ok(read) => return Ok(read),
                Err(found) => faults = found,
            }
            if !last {
                talk.user(&format!(
                    "This does not fit:\n- {}\nAnswer again, with JSON that fits the schema and nothing else.",
                    faults.join("\n- ")
                ));
            }
        }
        bail!("the model's answer does not fit, even after it was told why: {}", faults.join("; "))
    }

    fn read(
        &self,
        task: &Task,
        talk: &Conversation<'_>,
        content: &str,
        last: bool,
    ) -> Result<(Value, Answer), Vec<String>> {
        let mut value = parse::json_in(content).map_err(|why| vec![why])?;
        let faults = self.schema.faults(&value);
        if !faults.is_empty() {
            return Err(faults);
        }
        talk.reveal_json(&mut value);
        let answer = self.reader.read(&self.file.name, value.clone(), task, last)?;
        Ok((value, answer))
    }
}

/// A tool's result, as data.
fn quoted(nonce: &str, result: &Result<String, String>) -> String {
    match result {
        Ok(text) => context::data(nonce, text),
        Err(reason) => format!("refused: {reason}"),
    }
}
