//! One text: what in it could be a secret at all is told by one look at its bytes; then only the
//! searches that could find something run.

use super::addresses::{self, EMAIL_RULE, IP_RULE, URL_RULE};
use super::look::Seen;
use super::{Scrubber, assignments, keys, mark, numbers, shapes};

/// The rules of texts that are named nowhere else.
pub(super) const RULES: &[&str] = &[URL_RULE, EMAIL_RULE, IP_RULE];

/// Places of one text that are marked one by one; a text with more is replaced as a whole, so that
/// marks cannot make it grow without bound.
const MAX_PLACES: usize = 200;

/// Digits of the shortest IPv4 address.
const MIN_IP_DIGITS: usize = 4;

/// What a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Messages, URLs, bodies: values of keys inside it are looked for.
    Prose,
    /// A line of source: `let password = read();` is no secret, a key's shape is.
    Source,
}

/// A place that is to go.
#[derive(Clone, Copy, Debug)]
struct Place<'s> {
    start: usize,
    end: usize,
    rule: &'s str,
}

/// Times that a text is searched, again and again after something was removed: a mark is another neighbour
/// than what stood there, so that a second look can see more. A text in which the last of them still finds
/// something is replaced as a whole.
const MAX_ROUNDS: usize = 8;

/// The text without secrets, and the rules that removed them; `None` if there are none.
pub(super) fn scrub<'s>(
    scrubber: &'s Scrubber,
    text: &str,
    kind: Kind,
) -> Option<(String, Vec<&'s str>)> {
    scrub_known(scrubber, text, kind, true)
}

/// The same, where it may be known that no shape is in the text.
pub(super) fn scrub_known<'s>(
    scrubber: &'s Scrubber,
    text: &str,
    kind: Kind,
    shapes: bool,
) -> Option<(String, Vec<&'s str>)> {
    let (mut scrubbed, mut rules) = once(scrubber, text, kind, shapes)?;
    for _ in 1..MAX_ROUNDS {
        let Some((again, more)) = once(scrubber, &scrubbed, kind, true) else {
            rules.sort_unstable();
            rules.dedup();
            return Some((scrubbed, rules));
        };
        scrubbed = again;
        rules.extend(more);
    }
    // Somebody made it so that each look uncovers more.
    rules.truncate(1);
    Some((mark::of(rules[0]), rules))
}

/// Whether anything but a shape could be in a text, of which escapes of one letter may not be undone
/// yet: they only add letters that no search looks for. `at` tells whether an `@` is in it.
pub(super) fn may_hold(scrubber: &Scrubber, text: &[u8], kind: Kind, at: bool) -> bool {
    let keys = kind == Kind::Prose && scrubber.has_keys();
    let signs = keys || at || scrubber.ip;
    let seen = if signs { Seen::of(text) } else { Seen::digits_of(text) };
    !scrubber.own_patterns.is_empty()
        || scrubber.defaults && (seen.digits >= numbers::MIN_DIGITS || at && seen.colon)
        || keys && (seen.equals || seen.colon)
        || scrubber.email && at
        || scrubber.ip && (seen.colon || seen.digits >= MIN_IP_DIGITS)
}

/// The places of a text that are to go.
pub(super) fn places<'s>(scrubber: &'s Scrubber, text: &str) -> Vec<(usize, usize, &'s str)> {
    let mut places = find(scrubber, text, Kind::Prose, true);
    spare_marks(scrubber, text, &mut places);
    joined(places).into_iter().map(|place| (place.start, place.end, place.rule)).collect()
}

fn once<'s>(
    scrubber: &'s Scrubber,
    text: &str,
    kind: Kind,
    shapes: bool,
) -> Option<(String, Vec<&'s str>)> {
    let mut places = find(scrubber, text, kind, shapes);
    if places.is_empty() {
        return None;
    }
    spare_marks(scrubber, text, &mut places);
    let places = joined(places);
    if places.is_empty() {
        return None;
    }
    let mut rules: Vec<&str> = places.iter().map(|place| place.rule).collect();
    if places.len() > MAX_PLACES {
        rules.truncate(1);
        return Some((mark::of(rules[0]), rules));
    }
    let mut out = String::with_capacity(text.len());
    let mut kept = 0;
    for place in &places {
        out.push_str(&text[kept..place.start]);
        out.push_str(&mark::of(place.rule));
        kept = place.end;
    }
    out.push_str(&text[kept..]);
    Some((out, rules))
}

fn find<'s>(scrubber: &'s Scrubber, text: &str, kind: Kind, shapes: bool) -> Vec<Place<'s>> {
    let mut places: Vec<Place<'s>> = Vec::new();
    let seen = Seen::of(text.as_bytes());
    let at = memchr::memchr(b'@', text.as_bytes()).is_some();
    if scrubber.defaults {
        if shapes && text.len() >= shapes::MIN_BYTES && scrubber.needles.any(text) {
            scrubber.shapes.find(text, |start, end, rule| places.push(Place { start, end, rule }));
        }
        if seen.digits >= numbers::MIN_DIGITS {
            numbers::find(text.as_bytes(), |start, end, rule| {
                places.push(Place { start, end, rule })
            });
        }
        if at && seen.colon {
            addresses::find_url_passwords(text, |start, end| {
                places.push(Place { start, end, rule: URL_RULE })
            });
        }
    }
    if kind == Kind::Prose && scrubber.has_keys() && (seen.equals || seen.colon) {
        let rule_of = |key: &[u8]| scrubber.key_rule(key);
        assignments::find(text.as_bytes(), &scrubber.marks, rule_of, |start, end, rule| {
            places.push(Place { start, end, rule });
        });
    }
    if scrubber.email && at {
        addresses::find_emails(text.as_bytes(), |start, end| {
            places.push(Place { start, end, rule: EMAIL_RULE })
        });
    }
    if scrubber.ip && (seen.colon || seen.digits >= MIN_IP_DIGITS) {
        addresses::find_ips(text, |start, end| places.push(Place { start, end, rule: IP_RULE }));
    }
    for (name, regex) in &scrubber.own_patterns {
        for hit in regex.find_iter(text).filter(|hit| !hit.is_empty()) {
            places.push(Place { start: hit.start(), end: hit.end(), rule: name });
        }
    }
    places
}

/// A mark is no secret; a place that ends in the middle of one takes all of it.
fn spare_marks(scrubber: &Scrubber, text: &str, places: &mut Vec<Place<'_>>) {
    let marks = scrubber.marks.find(text);
    if marks.is_empty() {
        return;
    }
    places.retain_mut(|place| {
        // The marks are in order and apart.
        let first = marks.partition_point(|(_, end)| *end <= place.start);
        for (start, end) in &marks[first..] {
            if *start >= place.end {
                break;
            }
            if *start <= place.start && place.end <= *end {
                return false;
            }
            place.start = place.start.min(*start);
            place.end = place.end.max(*end);
        }
        true
    });
}

/// In order, and those that touch each other's bytes as one.
fn joined(mut places: Vec<Place<'_>>) -> Vec<Place<'_>> {
    places.sort_unstable_by_key(|place| (place.start, std::cmp::Reverse(place.end)));
    let mut out: Vec<Place<'_>> = Vec::with_capacity(places.len());
    for place in places {
        match out.last_mut() {
            Some(last) if place.start < last.end => last.end = last.end.max(place.end),
            _ => out.push(place),
        }
    }
    out
}

impl Scrubber {
    fn has_keys(&self) -> bool {
        self.defaults || !self.own_keys.is_empty()
    }

    /// The rule by which a key's value is a secret.
    pub(super) fn key_rule(&self, key: &[u8]) -> Option<&'static str> {
        // The end of a mark, which names a rule, makes no key.
        if key.contains(&b'[') && mark::mentions(key) {
            return None;
        }
        self.own_keys
            .secret(key)
            .or_else(|| self.defaults.then(|| keys::secret_bytes(key)).flatten())
    }
}
