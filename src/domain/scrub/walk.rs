//! An event's JSON from top to bottom, without recursion: which rules hold where.

use serde_json::{Map, Value};

use super::path::Segment;
use super::text::{self, Kind};
use super::{Removed, Report, Scrubber, mark, numbers};

/// Places that are reported one by one.
const MAX_REPORTED: usize = 30;

/// Bytes of a reported path.
const MAX_PATH_BYTES: usize = 200;

/// Values of an object under a secret key that are marked one by one, which keeps the names of
/// cookies; a larger one is replaced as a whole.
const MAX_MARKED_VALUES: usize = 50;

/// Bytes of a line of a private key, where only a part of one stands in the source shown.
const MIN_KEY_LINE_BYTES: usize = 16;

/// Bytes of the shortest text that can hold a secret by its shape: `a@b.eu`.
const MIN_SECRET_BYTES: usize = 6;

/// What stands in a private key's first line.
const PRIVATE_KEY: &str = "PRIVATE KEY";

/// Where in an event a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// The event itself.
    Root,
    /// Anything without a place of its own.
    Anywhere,
    /// Keys are names of packages and the like there: only shapes count.
    ShapesOnly,
    /// The sender's grouping.
    Fingerprint,
    /// `stacktrace`
    StackTrace,
    /// Its `frames`
    Frames,
    /// One frame.
    Frame,
    /// Lines of source.
    Source,
    /// Never touched.
    Untouched,
}

/// One step of the way to a value.
struct Node<'v> {
    parent: usize,
    segment: Segment<'v>,
}

struct Walk<'s, 'v> {
    scrubber: &'s Scrubber,
    nodes: Vec<Node<'v>>,
    stack: Vec<(&'v mut Value, Place, usize)>,
    report: Report,
    /// Whether a private key began in a line of source, and whether its other lines are looked for.
    key_lines: (bool, bool),
}

/// The event itself has no node.
const ROOT: usize = usize::MAX;

pub(super) fn walk(scrubber: &Scrubber, value: &mut Value) -> Report {
    let (report, again) = once(scrubber, value, Report::default(), false);
    if !again {
        return report;
    }
    once(scrubber, value, report, true).0
}

fn once(scrubber: &Scrubber, value: &mut Value, report: Report, key_lines: bool) -> (Report, bool) {
    let mut walk = Walk {
        scrubber,
        nodes: Vec::new(),
        stack: Vec::new(),
        report,
        key_lines: (false, key_lines),
    };
    walk.value(value, Place::Root, ROOT);
    while let Some((value, place, node)) = walk.stack.pop() {
        match value {
            Value::Object(map) => walk.object(map, place, node),
            Value::Array(list) => walk.list(list, place, node),
            _ => {}
        }
    }
    (walk.report, walk.key_lines.0 && !key_lines)
}

impl<'v> Walk<'_, 'v> {
    fn value(&mut self, value: &'v mut Value, place: Place, node: usize) {
        match value {
            Value::Null | Value::Bool(_) => {}
            _ if place == Place::Untouched => {}
            Value::String(text) => self.text(text, place, node),
            Value::Number(number) => {
                let digits = number.as_u64().filter(|n| numbers::CARD_NUMBERS.contains(n));
                if place != Place::Source
                    && self.scrubber.defaults
                    && digits.is_some_and(|n| numbers::is_card(n.to_string().as_bytes()))
                {
                    *value = Value::String(mark::of("card"));
                    self.note(node, "card");
                }
            }
            Value::Array(_) | Value::Object(_) => self.stack.push((value, place, node)),
        }
    }

    fn text(&mut self, value: &mut String, place: Place, node: usize) {
        let kind = match place {
            Place::Source => Kind::Source,
            Place::Fingerprint => return,
            _ => Kind::Prose,
        };
        if place == Place::Source && self.scrubber.defaults {
            if self.key_lines.1 && is_key_line(value) {
                *value = mark::of("private-key");
                self.note(node, "private-key");
                return;
            }
            self.key_lines.0 |= value.len() > PRIVATE_KEY.len() && value.contains(PRIVATE_KEY);
        }
        if let Some((scrubbed, rules)) = text::scrub(self.scrubber, value, kind) {
            *value = scrubbed;
            for rule in rules {
                self.note(node, rule);
            }
        }
    }

    fn object(&mut self, map: &'v mut Map<String, Value>, place: Place, node: usize) {
        self.names(map, place, node);
        // `{"name": "Authorization", "value": "…"}`
        let named = ["name", "key"]
            .iter()
            .filter(|_| place == Place::Anywhere && map.contains_key("value"))
            .find_map(|key| map.get(*key).and_then(Value::as_str))
            .and_then(|name| self.scrubber.key_rule(name.as_bytes()));
        for (key, value) in map.iter_mut() {
            let inner = place_of(place, key, value);
            let secret = match inner {
                _ if key == "value" && named.is_some() => named,
                Place::Anywhere => self.scrubber.key_rule(key.as_bytes()),
                _ => None,
            };
            self.child(value, inner, node, Segment::Key(key), secret);
        }
    }

    fn list(&mut self, list: &'v mut [Value], place: Place, node: usize) {
        for (i, value) in list.iter_mut().enumerate() {
            let inner = match (place, &*value) {
                (Place::Frames, Value::Object(_)) => Place::Frame,
                (Place::Frames | Place::Frame | Place::StackTrace | Place::Root, _) => {
                    Place::Anywhere
                }
                (place, _) => place,
            };
            // A pair in a list of pairs: headers, query, tags.
            let is_pair = inner == Place::Anywhere
                && value.as_array().is_some_and(|p| matches!(p[..], [Value::String(_), _]));
            if is_pair {
                let Value::Array(pair) = value else { continue };
                let [Value::String(name), value] = pair.as_mut_slice() else { continue };
                self.name(name, node);
                let secret = self.scrubber.key_rule(name.as_bytes());
                self.child(value, inner, node, Segment::Key(name), secret);
                continue;
            }
            self.child(value, inner, node, Segment::Index(i), None);
        }
    }

    /// One value of a container. `secret` is the rule of its key.
    fn child(
        &mut self,
        value: &'v mut Value,
        place: Place,
        parent: usize,
        segment: Segment<'v>,
        secret: Option<&'static str>,
    ) {
        let scrubber = self.scrubber;
        let has_paths = !scrubber.paths.is_empty() || !scrubber.keep_paths.is_empty();
        let is_container = matches!(value, Value::Array(_) | Value::Object(_));
        let plain = !has_paths && secret.is_none();
        if plain && (place == Place::Untouched || value.is_null() || value.is_boolean()) {
            return;
        }
        let node = self.nodes.len();
        self.nodes.push(Node { parent, segment });
        if has_paths {
            let way = self.way(node);
            if scrubber.keep_paths.iter().any(|pattern| pattern.matches(&way)) {
                return;
            }
            if scrubber.paths.iter().any(|pattern| pattern.matches(&way)) {
                self.remove(value, mark::OWN_PATH, node);
                return;
            }
        }
        match secret {
            Some(rule) => self.redact(value, rule, node),
            None => self.value(value, place, node),
        }
        if !is_container && node + 1 == self.nodes.len() {
            // Nobody below refers to it.
            self.nodes.pop();
        }
    }

    /// The value of a secret key goes. Yes, no and nothing tell nobody anything.
    fn redact(&mut self, value: &'v mut Value, rule: &'static str, node: usize) {
        let keeps_names = value.as_object().is_some_and(|map| {
            map.len() <= MAX_MARKED_VALUES && !map.values().any(|v| v.is_array() || v.is_object())
        });
        if !keeps_names {
            if value.as_array().is_none_or(|list| !list.is_empty()) {
                self.remove(value, rule, node);
            }
            return;
        }
        if let Value::Object(map) = value {
            for (key, value) in map.iter_mut() {
                let inner = self.nodes.len();
                self.nodes.push(Node { parent: node, segment: Segment::Key(key) });
                self.remove(value, rule, inner);
            }
        }
    }

    fn remove(&mut self, value: &mut Value, rule: &str, node: usize) {
        match value {
            Value::Null | Value::Bool(_) if rule != mark::OWN_PATH => return,
            Value::String(text) if text.is_empty() || self.scrubber.marks.is_mark(text) => return,
            _ => *value = Value::String(mark::of(rule)),
        }
        self.note(node, rule);
    }

    /// Keys can hold secrets as well: `{"sent to": {"name@example.org": 1}}`.
    fn names(&mut self, map: &mut Map<String, Value>, place: Place, node: usize) {
        if !matches!(place, Place::Anywhere | Place::ShapesOnly | Place::Root) {
            return;
        }
        // Most keys are shorter than anything that the built-in rules look for.
        let shortest = if self.scrubber.own_patterns.is_empty() { MIN_SECRET_BYTES } else { 1 };
        let secret: Vec<String> = map
            .keys()
            .filter(|key| key.len() >= shortest)
            .filter(|key| text::scrub(self.scrubber, key, Kind::Source).is_some())
            .cloned()
            .collect();
        for key in secret {
            let Some(value) = map.remove(&key) else { continue };
            let Some((scrubbed, rules)) = text::scrub(self.scrubber, &key, Kind::Source) else {
                continue;
            };
            for rule in rules {
                self.note(node, rule);
            }
            map.insert(scrubbed, value);
        }
    }

    fn name(&mut self, name: &mut String, node: usize) {
        if let Some((scrubbed, rules)) = text::scrub(self.scrubber, name, Kind::Source) {
            *name = scrubbed;
            for rule in rules {
                self.note(node, rule);
            }
        }
    }

    fn note(&mut self, node: usize, rule: &str) {
        if self.report.removed.len() == MAX_REPORTED {
            self.report.more += 1;
            return;
        }
        let path = shown(&self.way(node));
        self.report.removed.push(Removed { path, rule: rule.to_owned() });
    }

    fn way(&self, mut node: usize) -> Vec<Segment<'v>> {
        let mut way = Vec::new();
        while let Some(step) = self.nodes.get(node) {
            way.push(step.segment);
            node = step.parent;
        }
        way.reverse();
        way
    }
}

/// Where a value under `key` is, if what holds it is at `place`.
fn place_of(place: Place, key: &str, value: &Value) -> Place {
    let container = matches!(value, Value::Array(_) | Value::Object(_));
    match (place, key) {
        (Place::Root, "fingerprint") => Place::Fingerprint,
        (Place::Root, "modules" | "debug_meta") => Place::ShapesOnly,
        (
            Place::Root,
            "event_id" | "timestamp" | "release" | "dist" | "platform" | "level" | "environment"
            | "start_timestamp" | "received" | "version",
        ) if !container => Place::Untouched,
        (_, "trace_id" | "span_id" | "parent_span_id" | "event_id" | "replay_id" | "debug_id")
            if is_id(value) =>
        {
            Place::Untouched
        }
        (_, "stacktrace" | "raw_stacktrace") if value.is_object() => Place::StackTrace,
        (Place::StackTrace, "frames") if value.is_array() => Place::Frames,
        (Place::Frame, "pre_context" | "context_line" | "post_context") => Place::Source,
        (
            Place::Frame,
            "function" | "raw_function" | "module" | "package" | "filename" | "abs_path" | "lineno"
            | "colno" | "in_app" | "instruction_addr" | "symbol_addr" | "image_addr" | "symbol"
            | "platform",
        ) if !container => Place::Untouched,
        (Place::ShapesOnly | Place::Fingerprint | Place::Source, _) => place,
        _ => Place::Anywhere,
    }
}

fn is_id(value: &Value) -> bool {
    value.as_str().is_some_and(|id| id.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-'))
}

fn is_key_line(line: &str) -> bool {
    let line = line.trim_matches(|c: char| c.is_ascii_whitespace() || "\"'\\,;+".contains(c));
    let line = line.strip_suffix("\\n").unwrap_or(line);
    line.len() >= MIN_KEY_LINE_BYTES
        && line.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'='))
}

fn shown(way: &[Segment<'_>]) -> String {
    let mut out = String::new();
    for segment in way {
        match segment {
            Segment::Index(index) => out.push_str(&format!("[{index}]")),
            Segment::Key(key) => {
                if !out.is_empty() {
                    out.push('.');
                }
                out.push_str(&key[..key.floor_char_boundary(MAX_PATH_BYTES)]);
            }
        }
        if out.len() > MAX_PATH_BYTES {
            out.truncate(out.floor_char_boundary(MAX_PATH_BYTES));
            out.push('…');
            break;
        }
    }
    // Databases refuse NUL.
    out.replace('\0', "\u{fffd}")
}
