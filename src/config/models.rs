//! Models: where they are, what they cost, how much may be spent.

use serde::{Deserialize, Serialize};

use super::secret::Secret;

/// Dollars of a cap at most.
const MAX_DOLLARS: f64 = 1_000_000.0;

/// Seconds of a time-out at most.
const MAX_SECONDS: u64 = 60 * 60;

/// Where OpenAI's own models are.
pub const OPENAI: &str = "https://api.openai.com/v1";

/// Models, their prices and caps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ModelsConfig {
    /// Whether models are asked at all.
    pub enabled: bool,
    /// The most that is spent on one issue, in dollars.
    pub dollars_per_issue: f64,
    /// The most that is spent from midnight to midnight (UTC), in dollars.
    pub dollars_per_day: f64,
    /// The most that is spent in a month of the calendar (UTC), in dollars.
    pub dollars_per_month: f64,
    /// Events that an issue must have before a model is asked about it.
    pub min_events: u64,
    /// How long an answer is used again for the same error, code, prompt and model, in days; 0 never.
    pub cache_days: u64,
    /// Patterns (regular expressions) of what is never to leave, beside secrets, e-mail and IP addresses.
    pub redact: Vec<String>,
    /// Where models are, best first: the next is asked when one cannot answer.
    pub routes: Vec<RouteConfig>,
}

/// How a model is spoken to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RouteKind {
    /// As OpenAI's API does; most servers of one's own do.
    #[default]
    Openai,
    /// As Azure does: `base_url` is the resource, `model` the deployment.
    Azure,
}

/// How far a model can be made to answer in JSON.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JsonMode {
    /// It takes a JSON schema.
    #[default]
    Schema,
    /// It can be told to answer in JSON; the schema stands in the prompt.
    Object,
    /// Neither.
    None,
}

/// What a model calls the cap on its answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutputCap {
    /// `max_completion_tokens`
    #[default]
    MaxCompletionTokens,
    /// `max_tokens`, of older and many local servers.
    MaxTokens,
}

/// One way to a model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RouteConfig {
    /// What it is called where it is shown.
    pub name: String,
    /// How it is spoken to.
    #[serde(default)]
    pub kind: RouteKind,
    /// Where it is; OpenAI's own if empty.
    #[serde(default)]
    pub base_url: String,
    /// The key; empty for a server that wants none, or to take `OPENAI_API_KEY`.
    #[serde(default)]
    pub api_key: Secret,
    /// The model's name.
    pub model: String,
    /// Azure's version of its API.
    #[serde(default)]
    pub api_version: String,
    /// Dollars for a million tokens sent.
    pub price_in: f64,
    /// Dollars for a million tokens received.
    pub price_out: f64,
    /// How long an answer may take, in seconds.
    #[serde(default = "timeout")]
    pub timeout_seconds: u64,
    /// How long a model may be silent while it answers, in seconds.
    #[serde(default = "silence")]
    pub silence_seconds: u64,
    /// Tokens of an answer at most. Models that think first need room for it.
    #[serde(default = "output")]
    pub max_output_tokens: u32,
    /// What the model calls that.
    #[serde(default)]
    pub output_cap: OutputCap,
    /// How far it can be made to answer in JSON.
    #[serde(default)]
    pub json: JsonMode,
    /// Whether its answer is received as it is made.
    #[serde(default = "yes")]
    pub stream: bool,
    /// How often a question is put again that was refused or broke off.
    #[serde(default = "retries")]
    pub retries: u32,
    /// Failures in a row after which it is left alone.
    #[serde(default = "breaker_failures")]
    pub breaker_failures: u32,
    /// For how long, in seconds.
    #[serde(default = "breaker_seconds")]
    pub breaker_seconds: u64,
}

fn timeout() -> u64 {
    180
}

fn silence() -> u64 {
    60
}

fn output() -> u32 {
    8192
}

fn yes() -> bool {
    true
}

fn retries() -> u32 {
    2
}

fn breaker_failures() -> u32 {
    5
}

fn breaker_seconds() -> u64 {
    60
}

impl Default for ModelsConfig {
    fn default() -> Self {
        Self {
            enabled: true,
            dollars_per_issue: 1.0,
            dollars_per_day: 10.0,
            dollars_per_month: 100.0,
            min_events: 1,
            cache_days: 30,
            redact: Vec::new(),
            routes: Vec::new(),
        }
    }
}

impl ModelsConfig {
    /// Adds what the usual variables of OpenAI's clients say: a route where none is configured, and the key
    /// of routes to OpenAI itself that have none. A key goes to nobody else.
    pub(super) fn complete(
        &mut self,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<(), String> {
        if self.routes.is_empty() {
            self.routes.extend(route_of_environment(&variable)?);
        }
        let key = variable("OPENAI_API_KEY").unwrap_or_default();
        for route in &mut self.routes {
            if !route.api_key.is_set() && route.url() == OPENAI {
                route.api_key = Secret::new(&key);
            }
        }
        Ok(())
    }

    /// What no type can say; the text names the key.
    pub(super) fn check(&self) -> Result<(), String> {
        let caps = [
            ("models.dollars_per_issue", self.dollars_per_issue),
            ("models.dollars_per_day", self.dollars_per_day),
            ("models.dollars_per_month", self.dollars_per_month),
        ];
        if let Some((key, value)) = caps.iter().find(|(_, v)| !(0.0..=MAX_DOLLARS).contains(v)) {
            return Err(format!("{key} is {value}; it must be from 0 to {MAX_DOLLARS}"));
        }
        for pattern in &self.redact {
            regex::Regex::new(pattern)
                .map_err(|e| format!("models.redact: `{pattern}` is no regular expression: {e}"))?;
        }
        for (number, route) in self.routes.iter().enumerate() {
            route.check().map_err(|(key, why)| format!("models.routes[{number}].{key} {why}"))?;
            if self.routes[..number].iter().any(|other| other.name == route.name) {
                return Err(format!("models.routes has two routes `{}`", route.name));
            }
        }
        Ok(())
    }
}

impl RouteConfig {
    /// Where it is.
    pub fn url(&self) -> &str {
        if self.base_url.is_empty() { OPENAI } else { self.base_url.trim_end_matches('/') }
    }

    fn check(&self) -> Result<(), (&'static str, String)> {
        if self.name.is_empty() {
            return Err(("name", "is empty".to_owned()));
        }
        if self.model.is_empty() {
            return Err(("model", "is empty".to_owned()));
        }
        let url =
            url::Url::parse(self.url()).map_err(|e| ("base_url", format!("is no URL: {e}")))?;
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return Err(("base_url", "must begin with http:// or https:// and a host".to_owned()));
        }
        if self.kind == RouteKind::Azure
            && (self.base_url.is_empty() || self.api_version.is_empty())
        {
            return Err(("kind", "is azure, which needs base_url and api_version".to_owned()));
        }
        for (key, price) in [("price_in", self.price_in), ("price_out", self.price_out)] {
            if !(0.0..=MAX_DOLLARS).contains(&price) {
                return Err((key, "must be dollars for a million tokens, from 0 on".to_owned()));
            }
        }
        let seconds = [
            ("timeout_seconds", self.timeout_seconds),
            ("silence_seconds", self.silence_seconds),
            ("breaker_seconds", self.breaker_seconds),
        ];
        if let Some((key, value)) = seconds.iter().find(|(_, v)| !(1..=MAX_SECONDS).contains(v)) {
            return Err((key, format!("is {value}; it must be from 1 to {MAX_SECONDS}")));
        }
        if self.max_output_tokens == 0 {
            return Err(("max_output_tokens", "must be at least 1".to_owned()));
        }
        if self.breaker_failures == 0 {
            return Err(("breaker_failures", "must be at least 1".to_owned()));
        }
        Ok(())
    }
}

/// The route that the usual variables of OpenAI's clients describe, and why there is none although some
/// are set. A key alone is no wish to spend money: the model and its prices must be named too.
fn route_of_environment(
    variable: impl Fn(&str) -> Option<String>,
) -> Result<Option<RouteConfig>, String> {
    let set = |name: &str| variable(name).filter(|value| !value.is_empty());
    let (key, url, model) = (set("OPENAI_API_KEY"), set("OPENAI_BASE_URL"), set("OPENAI_MODEL"));
    if key.is_none() && url.is_none() {
        return Ok(None);
    }
    let Some(model) = model else {
        return Err("OPENAI_API_KEY or OPENAI_BASE_URL is set, but no model is named; no model is asked. Set OPENAI_MODEL, OPENAI_PRICE_IN and OPENAI_PRICE_OUT (dollars for a million tokens), or [[models.routes]]".to_owned());
    };
    let price = |name: &str| match set(name) {
        None if is_here(url.as_deref()) => Ok(0.0),
        None => Err(format!(
            "{name} is not set, so that no cap could hold; no model is asked. Set it to the dollars for a million tokens of {model} (0 for a server of your own)"
        )),
        Some(text) => {
            text.parse::<f64>().map_err(|_| format!("{name} is `{text}`, which is no number"))
        }
    };
    let route = RouteConfig {
        name: "openai".to_owned(),
        kind: RouteKind::Openai,
        price_in: price("OPENAI_PRICE_IN")?,
        price_out: price("OPENAI_PRICE_OUT")?,
        base_url: url.unwrap_or_default(),
        api_key: Secret::new(&key.unwrap_or_default()),
        model,
        api_version: String::new(),
        timeout_seconds: timeout(),
        silence_seconds: silence(),
        max_output_tokens: output(),
        output_cap: OutputCap::default(),
        json: JsonMode::default(),
        stream: yes(),
        retries: retries(),
        breaker_failures: breaker_failures(),
        breaker_seconds: breaker_seconds(),
    };
    route
        .check()
        .map_err(|(key, why)| format!("the route of the OPENAI_… variables: {key} {why}"))?;
    Ok(Some(route))
}

/// Whether an address is this machine's own.
fn is_here(url: Option<&str>) -> bool {
    let url = url.and_then(|url| url::Url::parse(url).ok());
    match url.as_ref().and_then(url::Url::host) {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pairs: &[(&str, &str)]) -> Result<Option<RouteConfig>, String> {
        route_of_environment(|name| {
            pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn a_key_alone_asks_no_model() {
        assert_eq!(of(&[]), Ok(None));
        assert!(of(&[("OPENAI_API_KEY", "k")]).unwrap_err().contains("OPENAI_MODEL"));
        let priceless = of(&[("OPENAI_API_KEY", "k"), ("OPENAI_MODEL", "m")]);
        assert!(priceless.unwrap_err().contains("OPENAI_PRICE_IN"));
    }

    #[test]
    fn a_server_of_ones_own_costs_nothing() {
        let route =
            of(&[("OPENAI_BASE_URL", "http://127.0.0.1:8080/v1/"), ("OPENAI_MODEL", "m")]).unwrap();
        let route = route.unwrap();
        assert_eq!((route.price_in, route.url()), (0.0, "http://127.0.0.1:8080/v1"));
        assert!(!route.api_key.is_set());
    }
}
