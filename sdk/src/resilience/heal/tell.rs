//! Reports of what was healed, without values.

use serde_json::json;

use super::{Healing, Repair};
use crate::Level;
use crate::resilience::report;

/// So many keys are named in a message.
const NAMED_IN_MESSAGE: usize = 10;

/// So many repairs are listed in an event.
const LISTED: usize = 100;

/// A breadcrumb for the keys that were missing, a warning for the values that were corrupted.
pub(in super::super) fn tell(repairs: &[Repair]) {
    let (missing, corrupted): (Vec<&Repair>, Vec<&Repair>) =
        repairs.iter().partition(|repair| repair.healing == Healing::Defaulted);
    if !missing.is_empty() {
        let message = format!("Missing session keys got their defaults: {}", names(&missing));
        report::breadcrumb("heal", Level::Info, message, &[]);
    }
    if corrupted.is_empty() {
        return;
    }
    let names = names(&corrupted);
    let message = format!("Corrupted session values were healed: {names}");
    let list: Vec<_> = corrupted.iter().take(LISTED).map(|repair| describe(repair)).collect();
    let context = json!({ "repairs": list, "number": corrupted.len() });
    report::message(Level::Warning, &message, &["andon-session-healing", &names], context);
}

fn names(repairs: &[&Repair]) -> String {
    let named: Vec<&str> =
        repairs.iter().take(NAMED_IN_MESSAGE).map(|repair| repair.key.as_str()).collect();
    let more = repairs.len().saturating_sub(NAMED_IN_MESSAGE);
    let end = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{end}", named.join(", "))
}

fn describe(repair: &Repair) -> serde_json::Value {
    json!({ "key": repair.key, "healing": repair.healing.as_str(), "found": repair.found })
}
