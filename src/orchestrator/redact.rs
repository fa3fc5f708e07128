//! What leaves for a model leaves without secrets and personal data: placeholders stand in their place, and
//! what comes back gets the values again. One redactor for one execution, so that the same value has the
//! same placeholder in all that is sent.

use std::collections::HashMap;

use crate::config::ModelsConfig;
use crate::domain::scrub::{PatternRule, ScrubError, ScrubRules, Scrubber};

/// Looks at one text: a placeholder is another neighbour than what stood there, so that a second look can
/// see more.
const MAX_ROUNDS: usize = 8;

/// What every placeholder begins with; a word, so that code stays code around it.
const BEGIN: &str = "REDACTED_";

/// What is sent of a text in which each look uncovers more.
const WITHHELD: &str = "[withheld: this text cannot be made safe to send]";

/// The rules of what never leaves: those of the configuration with e-mail and IP addresses added, whatever
/// is stored.
pub fn rules(stored: &ScrubRules, models: &ModelsConfig) -> Result<Scrubber, ScrubError> {
    let mut rules = ScrubRules {
        enabled: true,
        defaults: true,
        email: true,
        ip: true,
        paths: Vec::new(),
        keep_paths: Vec::new(),
        ..stored.clone()
    };
    for (number, regex) in models.redact.iter().enumerate() {
        let name = format!("own-{}", number + 1);
        rules.patterns.push(PatternRule { name, regex: regex.clone() });
    }
    Scrubber::new(&rules)
}

/// Values and what stands for them.
#[derive(Debug)]
pub struct Redactor<'s> {
    scrubber: &'s Scrubber,
    /// Makes placeholders that no sender can guess.
    begin: String,
    by_value: HashMap<String, String>,
    by_placeholder: Vec<(String, String)>,
}

impl<'s> Redactor<'s> {
    /// With nothing hidden yet. `nonce` is a word that no sender knows.
    pub fn new(scrubber: &'s Scrubber, nonce: &str) -> Self {
        let begin = format!("{BEGIN}{nonce}_");
        Self { scrubber, begin, by_value: HashMap::new(), by_placeholder: Vec::new() }
    }

    /// The text as it may leave.
    pub fn hide(&mut self, text: &str) -> String {
        let mut text = text.to_owned();
        for _ in 0..MAX_ROUNDS {
            match self.hide_once(&text) {
                Some(hidden) => text = hidden,
                None => return text,
            }
        }
        match self.hide_once(&text) {
            Some(_) => WITHHELD.to_owned(),
            None => text,
        }
    }

    fn hide_once(&mut self, text: &str) -> Option<String> {
        let scrubber = self.scrubber;
        let mut out = String::with_capacity(text.len());
        let mut kept = 0;
        for (start, end, rule) in scrubber.places(text) {
            let value = &text[start..end];
            // What was hidden already is no secret any more.
            if value.contains(&self.begin) {
                continue;
            }
            out.push_str(&text[kept..start]);
            out.push_str(&self.placeholder(value, rule));
            kept = end;
        }
        if kept == 0 && out.is_empty() {
            return None;
        }
        out.push_str(&text[kept..]);
        Some(out)
    }

    fn placeholder(&mut self, value: &str, rule: &str) -> String {
        if let Some(known) = self.by_value.get(value) {
            return known.clone();
        }
        let rule: String = rule
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' })
            .collect();
        // The end keeps one from being the beginning of another.
        let placeholder = format!("{}{rule}_{}_", self.begin, self.by_placeholder.len() + 1);
        self.by_value.insert(value.to_owned(), placeholder.clone());
        self.by_placeholder.push((placeholder.clone(), value.to_owned()));
        placeholder
    }

    /// The text with the values again.
    pub fn reveal(&self, text: &str) -> String {
        if !text.contains(&self.begin) {
            return text.to_owned();
        }
        self.by_placeholder.iter().fold(text.to_owned(), |text, (placeholder, value)| {
            if text.contains(placeholder) { text.replace(placeholder, value) } else { text }
        })
    }

    /// All texts of a JSON value with their values again.
    pub fn reveal_json(&self, value: &mut serde_json::Value) {
        match value {
            serde_json::Value::String(text) => *text = self.reveal(text),
            serde_json::Value::Array(list) => {
                list.iter_mut().for_each(|one| self.reveal_json(one));
            }
            serde_json::Value::Object(fields) => {
                fields.values_mut().for_each(|one| self.reveal_json(one));
            }
            _ => {}
        }
    }

    /// How many values are hidden.
    pub fn hidden(&self) -> usize {
        self.by_placeholder.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_leaves_has_no_secret_and_what_comes_back_has_it_again() {
        let models =
            ModelsConfig { redact: vec!["ACME-[0-9]{4}".into()], ..ModelsConfig::default() };
        let scrubber =
            rules(&ScrubRules { enabled: false, ..ScrubRules::default() }, &models).unwrap();
        let mut redactor = Redactor::new(&scrubber, "q7");
        let text = "password=hunter2hunter2 of ada@example.org at 203.0.113.9, order ACME-1234, \
                    and ada@example.org again";
        let hidden = redactor.hide(text);
        for secret in ["hunter2", "ada@example.org", "203.0.113.9", "ACME-1234"] {
            assert!(!hidden.contains(secret), "{hidden}");
        }
        assert_eq!(redactor.hidden(), 4, "{hidden}");
        assert_eq!(redactor.reveal(&hidden), text);
        assert_eq!(redactor.hide(&hidden), hidden, "hiding again changes nothing");
        let mut json = serde_json::json!({ "a": [hidden.clone()] });
        redactor.reveal_json(&mut json);
        assert_eq!(json["a"][0], text);
    }

    #[test]
    fn ten_values_are_told_apart() {
        let models = ModelsConfig::default();
        let scrubber = rules(&ScrubRules::default(), &models).unwrap();
        let mut redactor = Redactor::new(&scrubber, "q7");
        let text: String = (0..30).map(|n| format!("user{n}@example.org, ")).collect();
        let hidden = redactor.hide(&text);
        assert_eq!(redactor.reveal(&hidden), text);
    }
}
