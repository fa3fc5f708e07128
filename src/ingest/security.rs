//! What browsers report by themselves: violations of a content security policy, the lists of the
//! Reporting API, Expect-CT, Expect-Staple and public-key pins, each turned into an event.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::value::RawValue;

use super::IngestError;
use super::json::{self, Parsed, Scrubbed};
use crate::domain::event::facts::{believable, event_id};
use crate::domain::event::fields::{MAX_NAME_BYTES, MAX_TEXT_BYTES, Notes, bounded, text, time};
use crate::domain::event::{Event, Level};
use crate::domain::json::{Kind, Val, lenient};
use crate::domain::scrub::Scrubber;

/// Reports of one list that are read; browsers send a handful.
const MAX_REPORTS: usize = 50;

/// What a report says, whatever its shape was.
struct Finding {
    /// `csp`, `expect-ct`, `hpkp`, or the Reporting API's type.
    kind: String,
    level: Level,
    message: String,
    /// What the grouping goes by, beside the kind.
    parts: Vec<String>,
    tags: Vec<(&'static str, Option<String>)>,
    happened: Option<Timestamp>,
}

/// Reads one report or a list of them. `release` and `environment` are the address's.
pub fn parse(
    body: &[u8],
    scrubber: &Scrubber,
    release: Option<&str>,
    environment: Option<&str>,
    received_at: Timestamp,
) -> Result<Vec<Parsed<'static>>, IngestError> {
    let mut notes = Notes::default();
    let malformed =
        |e: serde_json::Error| IngestError::Malformed(format!("the report is not valid JSON: {e}"));
    let is_list = body.trim_ascii_start().starts_with(b"[");
    let (payloads, replaced) = lenient::read_with(body, |text| match is_list {
        true => serde_json::from_str::<Vec<Box<RawValue>>>(text),
        false => serde_json::from_str(text).map(|one| vec![one]),
    });
    let payloads = payloads.map_err(malformed)?;
    for said in replaced.said() {
        notes.push("event", said);
    }
    let found = payloads.len();
    if found > MAX_REPORTS {
        notes.push("reports", format!("only the first {MAX_REPORTS} of {found} are read"));
    }
    let common = notes.into_inner();
    let mut reports = Vec::new();
    for payload in payloads.into_iter().take(MAX_REPORTS) {
        let mut notes = Notes::starting_with(common.clone());
        let Scrubbed { doc, payload, user } =
            json::object(payload.get().as_bytes(), "a report", scrubber, &mut notes)?;
        let finding = read(doc.root(), &mut notes).ok_or_else(|| {
            IngestError::Malformed(
                "this is no report that is understood: `csp-report`, a Reporting API list, `expect-ct-report`, `expect-staple-report` or `known-pins`".into(),
            )
        })?;
        let mut named = |name: &str, value: Option<&str>| {
            value.map(|value| bounded(value, name, MAX_NAME_BYTES, &mut notes))
        };
        let (release, environment) = (named("release", release), named("environment", environment));
        let event = Event { user, ..event(finding, release, environment, received_at, notes) };
        let kept_notes = event.dropped.clone();
        reports.push(Parsed { event, payload: payload.into_owned().into(), kept_notes });
    }
    Ok(reports)
}

fn event(
    finding: Finding,
    release: Option<String>,
    environment: Option<String>,
    received_at: Timestamp,
    mut notes: Notes,
) -> Event {
    let mut fingerprint = vec![finding.kind.clone()];
    fingerprint.extend(finding.parts);
    let mut tags: BTreeMap<String, String> = finding
        .tags
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)))
        .collect();
    tags.insert("report".into(), finding.kind.clone());
    Event {
        event_id: event_id(None, &mut notes),
        timestamp: believable(finding.happened, received_at, &mut notes),
        level: finding.level,
        platform: "other".into(),
        release,
        environment,
        transaction: None,
        server_name: None,
        logger: Some(finding.kind),
        message: Some(finding.message),
        exceptions: Vec::new(),
        breadcrumbs: Vec::new(),
        tags,
        fingerprint: Some(fingerprint),
        stack_text: None,
        user: None,
        dropped: notes.into_inner(),
    }
}

fn read(report: Val<'_>, notes: &mut Notes) -> Option<Finding> {
    let object = |key: &str| report.get(key).filter(|inner| inner.kind() == Kind::Object);
    if let Some(csp) = object("csp-report") {
        return Some(policy(csp, notes));
    }
    for (key, kind) in
        [("expect-ct-report", "expect-ct"), ("expect-staple-report", "expect-staple")]
    {
        if let Some(inner) = object(key) {
            return Some(certificate(kind, inner, notes));
        }
    }
    if report.get("known-pins").is_some() {
        return Some(certificate("hpkp", report, notes));
    }
    let (kind, body) = (report.get("type").and_then(Val::as_str)?, object("body")?);
    if kind == "csp-violation" {
        return Some(policy(body, notes));
    }
    let kind = bounded(&kind, "type", MAX_NAME_BYTES, notes);
    let host = text(report.get("url"), "url", MAX_TEXT_BYTES, notes).map(|url| host_of(&url));
    // Most of these name a rule or a cause, and say more in a message.
    let cause = short(body, &["id", "reason", "type", "policyId", "featureId"], notes);
    let said = text(body.get("message"), "body.message", MAX_TEXT_BYTES, notes);
    let message = said
        .or_else(|| cause.clone())
        .map_or_else(|| kind.clone(), |said| format!("{kind}: {said}"));
    Some(Finding {
        level: if kind == "crash" || kind == "network-error" {
            Level::Error
        } else {
            Level::Warning
        },
        message,
        parts: [cause, host.clone()].into_iter().flatten().collect(),
        tags: vec![("host", host)],
        happened: None,
        kind,
    })
}

/// A violation of a content security policy; the older keys have dashes.
fn policy(csp: Val<'_>, notes: &mut Notes) -> Finding {
    let directive = short(
        csp,
        &["effective-directive", "effectiveDirective", "violated-directive", "violatedDirective"],
        notes,
    )
    // Older browsers give the whole directive, with its sources.
    .and_then(|directive| directive.split_whitespace().next().map(str::to_owned))
    .unwrap_or_else(|| "unknown directive".into());
    let blocked = short(csp, &["blocked-uri", "blockedURL", "blockedURI"], notes);
    let blocked_host = blocked.as_deref().map_or_else(|| "inline".to_owned(), host_of);
    let document = short(csp, &["document-uri", "documentURL", "documentURI"], notes);
    let source = short(csp, &["source-file", "sourceFile"], notes);
    let line = text(csp.get("line-number").or_else(|| csp.get("lineNumber")), "line", 20, notes);
    let only_reported = short(csp, &["disposition"], notes).as_deref() == Some("report");
    let verb = if only_reported { "would block" } else { "blocked" };
    Finding {
        kind: "csp".into(),
        level: if only_reported { Level::Warning } else { Level::Error },
        message: format!("the policy's {directive} {verb} {blocked_host}"),
        parts: vec![directive.clone(), blocked_host.clone()],
        tags: vec![
            ("directive", Some(directive)),
            ("blocked", Some(blocked_host)),
            ("host", document.as_deref().map(host_of)),
            ("disposition", Some(if only_reported { "report" } else { "enforce" }.into())),
            ("source", source.map(|s| without_query(&s))),
            ("line", line),
        ],
        happened: None,
    }
}

/// A certificate that was not as the site demanded.
fn certificate(kind: &str, report: Val<'_>, notes: &mut Notes) -> Finding {
    let host = short(report, &["hostname"], notes).unwrap_or_else(|| "an unnamed host".into());
    let port = text(report.get("port"), "port", 20, notes);
    let happened = time(report.get("date-time"), "date-time", notes);
    let what = match kind {
        "expect-ct" => "no certificate transparency",
        "expect-staple" => "no valid stapled answer",
        _ => "none of the pinned keys",
    };
    Finding {
        kind: kind.into(),
        level: Level::Error,
        message: format!("{host} showed {what}"),
        parts: vec![host.clone()],
        tags: vec![("host", Some(host)), ("port", port)],
        happened,
    }
}

fn short(map: Val<'_>, keys: &[&str], notes: &mut Notes) -> Option<String> {
    keys.iter()
        .filter_map(|key| text(map.get(key), key, MAX_NAME_BYTES, notes))
        .find(|found| !found.is_empty())
}

/// The host of an address; `inline`, `eval`, `data` and the like as they are. Addresses hold what
/// people typed: no more of them goes into messages and groups.
fn host_of(address: &str) -> String {
    match url::Url::parse(address) {
        Ok(url) => url.host_str().map_or_else(|| url.scheme().to_owned(), str::to_owned),
        Err(_) => without_query(address),
    }
}

fn without_query(address: &str) -> String {
    address.split(['?', '#']).next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests;
