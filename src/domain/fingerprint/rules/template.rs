//! Texts with `{{ variables }}` that an event fills.

use std::borrow::Cow;
use std::cell::OnceCell;

use crate::domain::event::{Event, Frame};
use crate::domain::fingerprint::stack;
use crate::domain::frames::Reading;

/// Bytes that one variable may fill in.
const MAX_FILLED_BYTES: usize = 1024;

/// An event that fills variables. What takes a search in it is searched for once, however many variables
/// a sender's fingerprint has.
pub(in crate::domain::fingerprint) struct Source<'e> {
    event: &'e Event,
    frame: OnceCell<Option<(Reading, &'e Frame)>>,
}

impl<'e> Source<'e> {
    pub(in crate::domain::fingerprint) fn new(event: &'e Event) -> Self {
        Self { event, frame: OnceCell::new() }
    }

    fn frame(&self) -> Option<(Reading, &'e Frame)> {
        *self.frame.get_or_init(|| stack::failing_frame(self.event))
    }
}

/// A text with variables.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::domain::fingerprint) struct Template(Vec<Piece>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Variable(Variable),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Variable {
    Default,
    Type,
    Value,
    Function,
    Module,
    Package,
    Path,
    Filename,
    Transaction,
    Message,
    Level,
    Logger,
    Release,
    Environment,
    Platform,
    Tag(String),
}

/// The variables that have a fixed name.
const NAMES: &[(&str, Variable)] = &[
    ("default", Variable::Default),
    ("error.type", Variable::Type),
    ("type", Variable::Type),
    ("error.value", Variable::Value),
    ("value", Variable::Value),
    ("stack.function", Variable::Function),
    ("function", Variable::Function),
    ("stack.module", Variable::Module),
    ("module", Variable::Module),
    ("stack.package", Variable::Package),
    ("package", Variable::Package),
    ("stack.abs_path", Variable::Path),
    ("path", Variable::Path),
    ("stack.filename", Variable::Filename),
    ("transaction", Variable::Transaction),
    ("message", Variable::Message),
    ("level", Variable::Level),
    ("logger", Variable::Logger),
    ("release", Variable::Release),
    ("environment", Variable::Environment),
    ("platform", Variable::Platform),
];

/// A variable that is not known, and where in the text it stands.
pub(super) struct Unknown {
    pub(super) at: usize,
    pub(super) problem: String,
    pub(super) help: String,
}

impl Template {
    /// Reads a text of a rule, in which all variables must be known.
    pub(super) fn parse(text: &str) -> Result<Self, Unknown> {
        let mut pieces = Vec::new();
        let mut at = 0;
        while let Some(open) = text[at..].find("{{") {
            let start = at + open;
            push_text(&mut pieces, &text[at..start]);
            let unknown = |problem, help| Unknown { at: start, problem, help };
            let Some(length) = text[start..].find("}}") else {
                let help = "end the variable with `}}`".to_owned();
                return Err(unknown("`{{` is not closed".to_owned(), help));
            };
            let name = text[start + 2..start + length].trim();
            let Some(variable) = variable(name) else {
                let names: Vec<_> = NAMES.iter().map(|(known, _)| *known).collect();
                let help = format!("there are {}, tags.NAME", names.join(", "));
                return Err(unknown(format!("`{name}` is not a variable"), help));
            };
            pieces.push(Piece::Variable(variable));
            at = start + length + 2;
        }
        push_text(&mut pieces, &text[at..]);
        Ok(Self(pieces))
    }

    /// Reads a part of a sender's fingerprint, in which what is not known is just text.
    pub(in crate::domain::fingerprint) fn of_sender(text: &str) -> Self {
        Self::parse(text).unwrap_or_else(|_| Self(vec![Piece::Text(text.to_owned())]))
    }

    /// Whether it is `{{ default }}` and nothing else.
    pub(super) fn is_default(&self) -> bool {
        self.0 == [Piece::Variable(Variable::Default)]
    }

    /// Whether `{{ default }}` is in it.
    pub(super) fn has_default(&self) -> bool {
        self.0.contains(&Piece::Variable(Variable::Default))
    }

    /// The text with what `source` gives.
    pub(in crate::domain::fingerprint) fn fill(&self, source: &Source<'_>) -> String {
        let mut out = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Variable(variable) => {
                    let value = variable.value(source);
                    let value = value.as_deref().unwrap_or(variable.missing());
                    out.push_str(&value[..value.floor_char_boundary(MAX_FILLED_BYTES)]);
                }
            }
        }
        out
    }
}

impl Variable {
    fn value<'e>(&self, source: &Source<'e>) -> Option<Cow<'e, str>> {
        let event = source.event;
        let raised = event.exception();
        let frame = || source.frame();
        let named = |name: Cow<'e, str>| (!name.is_empty()).then_some(name);
        match self {
            Self::Default => return Some(Cow::Owned(event.title())),
            Self::Type => raised?.ty.as_deref(),
            Self::Value => raised?.value.as_deref(),
            Self::Function => return frame().and_then(|(reading, f)| named(reading.function(f))),
            Self::Module => return frame().and_then(|(reading, f)| named(reading.module(f))),
            Self::Package => frame()?.1.package.as_deref(),
            Self::Path => frame()?.1.path(),
            Self::Filename => frame()?.1.filename.as_deref(),
            Self::Transaction => event.transaction.as_deref(),
            Self::Message => event.message.as_deref().or_else(|| raised?.value.as_deref()),
            Self::Level => Some(event.level.as_str()),
            Self::Logger => event.logger.as_deref(),
            Self::Release => event.release.as_deref(),
            Self::Environment => event.environment.as_deref(),
            Self::Platform => Some(&*event.platform),
            Self::Tag(name) => event.tags.get(name).map(String::as_str),
        }
        .map(Cow::Borrowed)
    }

    /// What stands where the event has nothing.
    fn missing(&self) -> &'static str {
        match self {
            Self::Default => "<no title>",
            Self::Type => "<no type>",
            Self::Value => "<no value>",
            Self::Function => "<no function>",
            Self::Module => "<no module>",
            Self::Package => "<no package>",
            Self::Path | Self::Filename => "<no path>",
            Self::Transaction => "<no transaction>",
            Self::Message => "<no message>",
            Self::Level => "<no level>",
            Self::Logger => "<no logger>",
            Self::Release => "<no release>",
            Self::Environment => "<no environment>",
            Self::Platform => "<no platform>",
            Self::Tag(_) => "<no tag>",
        }
    }
}

fn push_text(pieces: &mut Vec<Piece>, text: &str) {
    if !text.is_empty() {
        pieces.push(Piece::Text(text.to_owned()));
    }
}

fn variable(name: &str) -> Option<Variable> {
    match name.strip_prefix("tags.") {
        Some(tag) => (!tag.is_empty()).then(|| Variable::Tag(tag.to_owned())),
        None => NAMES.iter().find(|(known, _)| *known == name).map(|(_, v)| v.clone()),
    }
}
