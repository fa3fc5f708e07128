//! Whether what was acknowledged is there whole: events are read back through the API, as they are
//! understood and as they were sent, and compared with what was sent.

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::api::Visitor;
use super::server::Project;
use crate::load::Acknowledged;
use crate::random::Random;
use crate::template::Templates;

/// How a text says that something was taken out.
const MARK_BEGIN: &str = "[scrubbed: ";
const MARK_END: char = ']';

/// What was found.
#[derive(Clone, Copy, Debug, Default)]
pub struct ReadBack {
    /// Events that were read back whole.
    pub events: usize,
    /// Places in them that were scrubbed, and are marked.
    pub marks: usize,
}

/// Reads `count` of the acknowledged events back, picked at random; an error names the first that
/// differs from what was sent by more than marks.
pub fn read_back(
    visitor: &mut Visitor,
    project: &Project,
    templates: &Templates,
    acknowledged: &[Acknowledged],
    count: usize,
) -> Result<ReadBack> {
    let mut found = ReadBack::default();
    let mut random = Random::unrepeatable();
    for _ in 0..count.min(acknowledged.len()) {
        let one = &acknowledged[random.below(acknowledged.len() as u64) as usize];
        let sent = templates.event_json(one.template as usize, &one.id);
        let sent: Value = serde_json::from_str(&sent)?;
        let path = format!("/api/projects/{}/events/{}", project.id, one.id);
        let kept: Value = serde_json::from_slice(visitor.get(&format!("{path}/payload"))?)?;
        compare("", &sent, &kept, &mut found.marks)
            .with_context(|| format!("the payload of {}", one.id))?;
        let shown: Value = serde_json::from_slice(visitor.get(&path)?)?;
        understood(&sent, &shown["event"]).with_context(|| format!("event {}", one.id))?;
        found.events += 1;
    }
    Ok(found)
}

/// The event as it is understood has what it is made of.
fn understood(sent: &Value, event: &Value) -> Result<()> {
    let (was, is) = (&sent["exception"]["values"][0], &event["exceptions"][0]);
    let length = |value: &Value| value.as_array().map(Vec::len);
    let same = [
        ("id", sent["event_id"] == event["event_id"]),
        ("release", sent["release"] == event["release"]),
        ("type", was["type"] == is["type"]),
        ("message", was["value"] == is["value"]),
        ("frames", length(&was["stacktrace"]["frames"]) == length(&is["stacktrace"]["frames"])),
        ("breadcrumbs", length(&sent["breadcrumbs"]["values"]) == length(&event["breadcrumbs"])),
    ];
    match same.iter().find(|(_, same)| !same) {
        Some((what, _)) => bail!("its {what} is not what was sent"),
        None => Ok(()),
    }
}

/// Equal, except where a mark stands. Counts the marks.
fn compare(at: &str, sent: &Value, kept: &Value, marks: &mut usize) -> Result<()> {
    match (sent, kept) {
        (Value::Object(sent), Value::Object(kept)) if sent.len() == kept.len() => {
            for (key, value) in sent {
                let other = kept.get(key).with_context(|| format!("{at}.{key} is gone"))?;
                compare(&format!("{at}.{key}"), value, other, marks)?;
            }
        }
        (Value::Array(sent), Value::Array(kept)) if sent.len() == kept.len() => {
            for (index, (value, other)) in sent.iter().zip(kept).enumerate() {
                compare(&format!("{at}[{index}]"), value, other, marks)?;
            }
        }
        (_, Value::String(kept)) if kept.contains(MARK_BEGIN) => {
            let sent = sent.as_str().map_or_else(|| sent.to_string(), str::to_owned);
            *marks += around_marks(&sent, kept).with_context(|| format!("{at}: {kept}"))?;
        }
        _ if sent == kept => {}
        _ => bail!("{at} was {sent} and is {kept}"),
    }
    Ok(())
}

/// What stands around the marks stood in the text in the same order. Returns how many marks there are.
fn around_marks(sent: &str, kept: &str) -> Result<usize> {
    let mut pieces = kept.split(MARK_BEGIN);
    let first = pieces.next().unwrap_or_default();
    let mut rest = sent.strip_prefix(first).context("the beginning differs")?;
    let mut marks = 0;
    for piece in pieces {
        let (_, text) = piece.split_once(MARK_END).context("a mark without an end")?;
        let at = rest.find(text).context("what follows a mark was not sent")?;
        rest = &rest[at + text.len()..];
        marks += 1;
    }
    Ok(marks)
}
