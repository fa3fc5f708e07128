//! What a rule asks of an event.

use crate::domain::event::{Event, Exception, Frame};
use crate::domain::frames::{Language, Origin, Reading};

use super::glob::{Glob, Style};

/// What is asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Type,
    Value,
    Message,
    Logger,
    Level,
    Release,
    Environment,
    Platform,
    Transaction,
    Family,
    Tag(String),
    Function,
    Module,
    Path,
    Package,
    App,
}

/// The names of the fields that have a fixed one.
const NAMES: &[(&str, Field)] = &[
    ("error.type", Field::Type),
    ("type", Field::Type),
    ("error.value", Field::Value),
    ("value", Field::Value),
    ("message", Field::Message),
    ("logger", Field::Logger),
    ("level", Field::Level),
    ("release", Field::Release),
    ("environment", Field::Environment),
    ("platform", Field::Platform),
    ("transaction", Field::Transaction),
    ("family", Field::Family),
    ("stack.function", Field::Function),
    ("function", Field::Function),
    ("stack.module", Field::Module),
    ("module", Field::Module),
    ("stack.abs_path", Field::Path),
    ("path", Field::Path),
    ("stack.package", Field::Package),
    ("package", Field::Package),
    ("app", Field::App),
];

/// One thing that must hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Matcher {
    field: Field,
    negated: bool,
    test: Test,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Test {
    Fits(Glob),
    Is(bool),
    OneOf(Vec<Glob>),
}

impl Matcher {
    /// Reads what stands before and after the colon. The error says what is wrong and what would be
    /// right.
    pub(super) fn new(name: &str, pattern: &str, negated: bool) -> Result<Self, (String, String)> {
        let field = match name.strip_prefix("tags.") {
            Some("") => {
                let help = "name the tag, as in `tags.region:eu-*`".to_owned();
                return Err(("`tags.` names no tag".to_owned(), help));
            }
            Some(tag) => Field::Tag(tag.to_owned()),
            None => NAMES
                .iter()
                .find(|(known, _)| *known == name)
                .map(|(_, field)| field.clone())
                .ok_or_else(|| (format!("`{name}` is not a matcher"), help_for(name)))?,
        };
        let test = match field {
            Field::App => Test::Is(match pattern.to_ascii_lowercase().as_str() {
                "yes" | "true" | "1" => true,
                "no" | "false" | "0" => false,
                _ => {
                    let help = "write `app:yes` or `app:no`".to_owned();
                    return Err((format!("`{pattern}` is neither yes nor no"), help));
                }
            }),
            Field::Family => Test::OneOf(
                pattern
                    .split(',')
                    .map(|word| Glob::parse(word.trim(), Style::AnyCase))
                    .collect::<Result<_, _>>()?,
            ),
            _ => Test::Fits(Glob::parse(pattern, style(&field))?),
        };
        Ok(Self { field, negated, test })
    }

    fn fits(&self, text: Option<&str>) -> bool {
        match (&self.test, text) {
            (Test::Fits(glob), Some(text)) => glob.matches(text),
            (Test::OneOf(globs), Some(text)) => globs.iter().any(|glob| glob.matches(text)),
            _ => false,
        }
    }

    fn is_about_frames(&self) -> bool {
        use Field as F;
        matches!(self.field, F::Function | F::Module | F::Path | F::Package | F::App)
    }

    fn is_about_exceptions(&self) -> bool {
        matches!(self.field, Field::Type | Field::Value)
    }

    fn holds_for_event(&self, event: &Event) -> bool {
        let fits = match &self.field {
            Field::Message => {
                self.fits(event.message.as_deref())
                    || event.exceptions.iter().any(|e| self.fits(e.value.as_deref()))
            }
            Field::Logger => self.fits(event.logger.as_deref()),
            Field::Level => self.fits(Some(event.level.as_str())),
            Field::Release => self.fits(event.release.as_deref()),
            Field::Environment => self.fits(event.environment.as_deref()),
            Field::Platform => self.fits(Some(&event.platform)),
            Field::Transaction => self.fits(event.transaction.as_deref()),
            Field::Family => self.fits(Some(family(&event.platform))),
            Field::Tag(name) => self.fits(event.tags.get(name).map(String::as_str)),
            _ => false,
        };
        fits != self.negated
    }

    fn holds_for_exception(&self, exception: &Exception) -> bool {
        let text = match self.field {
            Field::Type => exception.ty.as_deref(),
            _ => exception.value.as_deref(),
        };
        self.fits(text) != self.negated
    }

    fn holds_for_frame(&self, reading: &Reading, frame: &Frame) -> bool {
        // A rule may be written after what the sender says or after what is shown.
        let either = |raw: Option<&str>, clean: &dyn Fn() -> bool| {
            raw.is_some_and(|raw| self.fits(Some(raw)) || clean())
        };
        let fits = match self.field {
            Field::Function => {
                either(frame.function.as_deref(), &|| self.fits(Some(&reading.function(frame))))
            }
            Field::Module => {
                either(frame.module.as_deref(), &|| self.fits(Some(&reading.module(frame))))
            }
            Field::Path => {
                self.fits(frame.abs_path.as_deref()) || self.fits(frame.filename.as_deref())
            }
            Field::Package => self.fits(frame.package.as_deref()),
            Field::App => self.test == Test::Is(reading.origin(frame) == Origin::App),
            _ => false,
        };
        fits != self.negated
    }
}

/// Whether all of `matchers` hold for `event`.
pub(super) fn all_hold(matchers: &[Matcher], event: &Event) -> bool {
    let of_event = |m: &&Matcher| !m.is_about_frames() && !m.is_about_exceptions();
    if !matchers.iter().filter(of_event).all(|m| m.holds_for_event(event)) {
        return false;
    }
    let mut of_exceptions = matchers.iter().filter(|m| m.is_about_exceptions()).peekable();
    if of_exceptions.peek().is_some()
        && !event
            .exceptions
            .iter()
            .any(|exception| of_exceptions.clone().all(|m| m.holds_for_exception(exception)))
    {
        return false;
    }
    let mut of_frames = matchers.iter().filter(|m| m.is_about_frames()).peekable();
    if of_frames.peek().is_none() {
        return true;
    }
    event.exceptions.iter().filter_map(|e| e.stacktrace.as_ref()).any(|stack| {
        let reading = Reading::of(&event.platform, &stack.frames);
        let holds = |frame: &Frame| of_frames.clone().all(|m| m.holds_for_frame(&reading, frame));
        stack.frames.iter().any(holds)
    })
}

/// How each field is compared, as Sentry does.
fn style(field: &Field) -> Style {
    match field {
        Field::Value | Field::Message | Field::Level => Style::AnyCase,
        Field::Path | Field::Package => Style::Path,
        _ => Style::Exact,
    }
}

/// Sentry's families of platforms.
fn family(platform: &str) -> &'static str {
    match Language::of_platform(platform) {
        Some(Language::JavaScript) => "javascript",
        Some(Language::Native | Language::Rust) => "native",
        _ => "other",
    }
}

fn help_for(name: &str) -> String {
    let lower = name.to_ascii_lowercase();
    let near = NAMES.iter().map(|(known, _)| *known).find(|known| {
        let last = known.rsplit('.').next().unwrap_or(known);
        *known == lower || lower.ends_with(last) || lower.starts_with(last)
    });
    match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => {
            let names: Vec<_> = NAMES.iter().map(|(known, _)| *known).collect();
            format!("there are {}, tags.NAME", names.join(", "))
        }
    }
}
