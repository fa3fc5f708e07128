//! The same as `walk`, over a text of JSON that is only looked at: what is to go is collected, and all
//! else is copied as it stands. Where something unusual stands (a repeated or escaped key, a secret in a
//! key, a private key in lines of source, paths that the operator names) this one gives up, and `walk`
//! does it.

mod hits;
mod keys;
mod payload;
#[cfg(test)]
mod tests;
mod way;

use std::borrow::Cow;

use self::hits::Hits;
use self::keys::KnownKeys;
use self::payload::Edits;
use self::way::{Step, Way};
use super::places::{self, Meaning, Place, Shape};
use super::text::{self, Kind};
use super::walk::{MAX_MARKED_VALUES, MIN_SECRET_BYTES, PRIVATE_KEY};
use super::{Report, Scrubber, mark, numbers};
use crate::domain::json::{self, Doc, Form, Node, Val};

/// What came of it.
#[derive(Debug, Default)]
pub struct Quick {
    /// The scrubbed text; `None` if nothing had to go.
    pub text: Option<String>,
    /// What was removed.
    pub report: Report,
}

pub(super) fn scrub(scrubber: &Scrubber, doc: &mut Doc<'_>) -> Option<Quick> {
    let has_paths = !scrubber.paths.is_empty() || !scrubber.keep_paths.is_empty();
    if has_paths || doc.may_repeat() || doc.has_escaped_keys() {
        return None;
    }
    let hits = if scrubber.defaults { scrubber.needles.find(doc.text()) } else { Vec::new() };
    let mut walk = Walk {
        scrubber,
        doc,
        hits: Hits::new(hits),
        ats: Hits::new(memchr::memchr_iter(b'@', doc.text().as_bytes()).collect()),
        keys: KnownKeys::default(),
        edits: Edits::default(),
        report: Report::default(),
    };
    walk.value(0, Place::Root, None)?;
    let Walk { edits, report, .. } = walk;
    let text = edits.apply(doc);
    Some(Quick { text, report })
}

struct Walk<'s, 'd> {
    scrubber: &'s Scrubber,
    doc: &'d Doc<'d>,
    /// Where a shape may be.
    hits: Hits,
    /// Where an `@` is.
    ats: Hits,
    keys: KnownKeys,
    edits: Edits,
    report: Report,
}

fn text_of<'d>(doc: &'d Doc<'d>, at: usize) -> Cow<'d, str> {
    Val::of(doc, at).as_str().unwrap_or_default()
}

impl Walk<'_, '_> {
    fn value(&mut self, at: usize, place: Place, way: Option<&Way<'_>>) -> Option<()> {
        let node = self.doc.node(at);
        match node.kind {
            _ if place == Place::Untouched => Some(()),
            json::Kind::Text => self.text(at, node, place, way),
            json::Kind::Object => self.object(at, node, place, way),
            json::Kind::List => self.list(at, node, place, way),
            json::Kind::Number => {
                self.number(at, node, place, way);
                Some(())
            }
            json::Kind::Null | json::Kind::False | json::Kind::True | json::Kind::Key => Some(()),
        }
    }

    fn number(&mut self, at: usize, node: Node, place: Place, way: Option<&Way<'_>>) {
        let digits = self.doc.slice(node).as_bytes();
        let long = digits.len() >= numbers::MIN_CARD_DIGITS;
        if long
            && place != Place::Source
            && self.scrubber.defaults
            && digits.iter().all(u8::is_ascii_digit)
            && numbers::is_card(digits)
        {
            self.edits.put(at, node, mark::of("card"));
            self.note(way, "card");
        }
    }

    fn text(&mut self, at: usize, node: Node, place: Place, way: Option<&Way<'_>>) -> Option<()> {
        let kind = match place {
            Place::Source => Kind::Source,
            Place::Fingerprint => return Some(()),
            _ => Kind::Prose,
        };
        let shapes = self.may_have_shapes(node);
        let bytes = self.doc.bytes(node);
        if !shapes && !text::may_hold(self.scrubber, bytes, kind, self.ats.within(node)) {
            return Some(());
        }
        let text = text_of(self.doc, at);
        if shapes && kind == Kind::Source && text.contains(PRIVATE_KEY) {
            // Its other lines are looked for then.
            return None;
        }
        if let Some((scrubbed, rules)) = text::scrub_known(self.scrubber, &text, kind, shapes) {
            self.edits.put(at, node, scrubbed);
            for rule in rules {
                self.note(way, rule);
            }
        }
        Some(())
    }

    /// Whether a shape could be in a text. Of what is written with numbers of characters, nobody knows.
    fn may_have_shapes(&mut self, node: Node) -> bool {
        node.form == Form::Unicode || self.hits.within(node)
    }

    fn object(&mut self, at: usize, node: Node, place: Place, way: Option<&Way<'_>>) -> Option<()> {
        const PAIR: [Meaning; 3] = [Meaning::VALUE, Meaning::NAME, Meaning::KEY];
        // `{"name": "Authorization", "value": "…"}`
        let (doc, scrubber) = (self.doc, self.scrubber);
        let (mut pair_value, mut pair_name, mut pair_key) = (None, None, None);
        let mut next = at + 1;
        while next < node.next as usize {
            let key_node = doc.node(next);
            let key = self.keys.know(doc, key_node, |text| {
                let (shapes, at) = (self.hits.within(key_node), self.ats.within(key_node));
                is_unclean(scrubber, text, shapes, at)
            });
            if key.unclean && place.has_doubtful_keys() {
                return None;
            }
            let meaning = key.meaning;
            let child = next + 1;
            let value = doc.node(child);
            next = value.next as usize;
            let is_id = || value.kind == json::Kind::Text && places::is_id(&text_of(doc, child));
            let inner = place.of_child(meaning, shape_of(value), is_id);
            let secret = match inner {
                Place::Anywhere => {
                    *key.rule.get_or_insert_with(|| scrubber.key_rule(doc.bytes(key_node)))
                }
                _ => None,
            };
            if place == Place::Anywhere && PAIR.iter().any(|part| meaning.has(*part)) {
                if meaning.has(Meaning::VALUE) {
                    pair_value = Some((child, inner, secret));
                    continue;
                }
                let is_name = meaning.has(Meaning::NAME);
                let part = if is_name { &mut pair_name } else { &mut pair_key };
                *part = (value.kind == json::Kind::Text).then_some(child);
            }
            let step = Step::Key(key_node);
            self.child(child, inner, &Way { parent: way, step }, secret)?;
        }
        if let Some((child, inner, secret)) = pair_value {
            let named = pair_name
                .or(pair_key)
                .and_then(|name| scrubber.key_rule(text_of(doc, name).as_bytes()));
            let way = Way { parent: way, step: Step::Name("value") };
            self.child(child, inner, &way, named.or(secret))?;
        }
        Some(())
    }

    fn list(&mut self, at: usize, node: Node, place: Place, way: Option<&Way<'_>>) -> Option<()> {
        let (mut next, mut index) = (at + 1, 0);
        while next < node.next as usize {
            let child = next;
            let value = self.doc.node(child);
            next = value.next as usize;
            let inner = place.of_item(shape_of(value));
            match self.pair(child, value).filter(|_| inner == Place::Anywhere) {
                Some((name, second)) => {
                    let text = text_of(self.doc, name);
                    let shapes = self.may_have_shapes(self.doc.node(name));
                    if text::scrub_known(self.scrubber, &text, Kind::Source, shapes).is_some() {
                        return None;
                    }
                    let secret = self.scrubber.key_rule(text.as_bytes());
                    let way = Way { parent: way, step: Step::Name(&text) };
                    self.child(second, inner, &way, secret)?;
                }
                None => {
                    let way = Way { parent: way, step: Step::Index(index) };
                    self.child(child, inner, &way, None)?;
                }
            }
            index += 1;
        }
        Some(())
    }

    /// A pair in a list of pairs: headers, query, tags. Where its name and its value are.
    fn pair(&self, at: usize, node: Node) -> Option<(usize, usize)> {
        let (name, second, end) = (at + 1, at + 2, node.next as usize);
        let is_pair = node.kind == json::Kind::List
            && second < end
            && self.doc.node(name).kind == json::Kind::Text
            && self.doc.node(second).next as usize == end;
        is_pair.then_some((name, second))
    }

    fn child(
        &mut self,
        at: usize,
        place: Place,
        way: &Way<'_>,
        secret: Option<&'static str>,
    ) -> Option<()> {
        match secret {
            Some(rule) => self.redact(at, rule, way),
            None => return self.value(at, place, Some(way)),
        }
        Some(())
    }

    /// The value of a secret key goes. Yes, no and nothing tell nobody anything.
    fn redact(&mut self, at: usize, rule: &'static str, way: &Way<'_>) {
        let node = self.doc.node(at);
        if node.kind != json::Kind::Object || !self.keeps_names(at, node) {
            let is_empty_list = node.kind == json::Kind::List && node.next as usize == at + 1;
            if !is_empty_list {
                self.remove(at, node, rule, way);
            }
            return;
        }
        // Each value is one node.
        for key in (at + 1..node.next as usize).step_by(2) {
            let way = Way { parent: Some(way), step: Step::Key(self.doc.node(key)) };
            self.remove(key + 1, self.doc.node(key + 1), rule, &way);
        }
    }

    fn keeps_names(&self, at: usize, node: Node) -> bool {
        let mut nodes = at + 1..node.next as usize;
        nodes.len() <= 2 * MAX_MARKED_VALUES
            && nodes.all(|n| shape_of(self.doc.node(n)) == Shape::Single)
    }

    fn remove(&mut self, at: usize, node: Node, rule: &'static str, way: &Way<'_>) {
        match node.kind {
            json::Kind::Null | json::Kind::False | json::Kind::True => return,
            json::Kind::Text => {
                let text = text_of(self.doc, at);
                if text.is_empty() || self.scrubber.marks.is_mark(&text) {
                    return;
                }
            }
            _ => {}
        }
        self.edits.put(at, node, mark::of(rule));
        self.note(Some(way), rule);
    }

    fn note(&mut self, way: Option<&Way<'_>>, rule: &str) {
        let doc = self.doc;
        self.report.note(rule, || Way::segments(way, doc));
    }
}

/// Whether a key holds a secret itself.
fn is_unclean(scrubber: &Scrubber, key: &str, shapes: bool, at: bool) -> bool {
    let shortest = if scrubber.own_patterns.is_empty() { MIN_SECRET_BYTES } else { 1 };
    key.len() >= shortest
        && (shapes || text::may_hold(scrubber, key.as_bytes(), Kind::Source, at))
        && text::scrub_known(scrubber, key, Kind::Source, shapes).is_some()
}

fn shape_of(node: Node) -> Shape {
    match node.kind {
        json::Kind::Object => Shape::Object,
        json::Kind::List => Shape::List,
        _ => Shape::Single,
    }
}
