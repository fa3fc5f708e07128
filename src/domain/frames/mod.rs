//! Frames of every language: whose code a frame is, and the name under which it counts in grouping.
//!
//! One file a language (a [`Dialect`]). Whose code a frame is: where the file lies decides first; then
//! what the function or its module is called; then what the sender says; then the language's default.
//! The name: module and function without what compilers, bundlers and frameworks make up; where there
//! is no module the file's name, without what differs from one machine or deploy to the next. Line
//! numbers never count. No regular expressions: all this runs on every frame of every event.

mod dotnet;
mod generic;
mod go;
mod java;
mod javascript;
mod language;
mod native;
mod native_names;
mod path;
mod php;
mod python;
mod ruby;
pub mod rust;
#[cfg(test)]
mod tests;
mod text;

use std::borrow::Cow;

use super::event::{Event, Frame};
pub use language::Language;

/// Names are looked at up to this many bytes; what is longer was made by a machine.
const MAX_NAME_BYTES: usize = 1024;

/// Layers of made-up names over each other that are taken off.
const MAX_LAYERS: usize = 16;

/// Whose code a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// The application's own.
    App,
    /// A dependency's, or a part of the standard library that says something.
    Library,
    /// What carries every call or every error: the runtime, the loader, the reporting SDK.
    Machinery,
}

/// What a frame gave for its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// Nothing at all.
    Nothing,
    /// Only the file, or a module without a function.
    Place,
    /// A function.
    Function,
}

/// What one language's frames look like.
trait Dialect: Sync {
    /// Whose code lies at `path`, if the path alone tells.
    fn by_path(&self, _path: &str) -> Option<Origin> {
        None
    }

    /// Whose code lies where this frame lies, if that alone tells.
    fn by_place(&self, frame: &Frame) -> Option<Origin> {
        let whole = frame.abs_path.as_deref();
        let short = frame.filename.as_deref().filter(|short| whole != Some(*short));
        whole.and_then(|path| self.by_path(path)).or_else(|| self.by_path(short?))
    }

    /// Whose code it is by the name of its function or module.
    fn by_name(&self, _frame: &Frame) -> Option<Origin> {
        None
    }

    /// Whose code it is if nothing tells and nobody says.
    fn by_default(&self, _frame: &Frame) -> Origin {
        Origin::App
    }

    /// The function's name without what was made up; empty if that leaves nothing.
    fn function<'a>(&self, name: &'a str) -> Cow<'a, str>;

    /// The module's or class's name without what was made up.
    fn module<'a>(&self, name: &'a str) -> Cow<'a, str> {
        Cow::Borrowed(name)
    }

    /// The type of an exception without what was made up.
    fn error_type<'a>(&self, name: &'a str) -> Cow<'a, str> {
        Cow::Borrowed(name)
    }

    /// Whether a function's name says by itself in which module it is.
    fn is_qualified(&self, _function: &str) -> bool {
        false
    }

    /// Whether the class, not the function, has the name that somebody wrote.
    fn is_named_by_class(&self, _function: &str) -> bool {
        false
    }

    /// Whether senders give modules too unevenly to count on them.
    fn prefers_file(&self) -> bool {
        false
    }

    /// What stands between a module and a function.
    fn joint(&self) -> &'static str {
        "."
    }
}

/// How the frames of one stack are read.
#[derive(Clone, Copy, Debug)]
pub struct Reading {
    language: Option<Language>,
    /// The door judges frames of this platform by Rust's rule, whatever they are written in.
    native_door: bool,
    /// What it means where the sender says nothing: beside frames that it calls its own, that they are
    /// not.
    silence: Option<Origin>,
}

impl Reading {
    /// How `frames`, sent by `platform`, are read.
    pub fn of(platform: &str, frames: &[Frame]) -> Self {
        let mut reading = Self {
            language: Language::of_platform(platform),
            native_door: platform == "native",
            silence: None,
        };
        let own = |frame: &Frame| {
            frame.in_app == Some(true) && reading.dialect(frame).by_place(frame).is_none()
        };
        if frames.iter().any(|frame| frame.in_app.is_none()) && frames.iter().any(own) {
            reading.silence = Some(Origin::Library);
        }
        reading
    }

    /// The language that `frame` is written in.
    pub fn language(&self, frame: &Frame) -> Language {
        match self.language {
            Some(Language::Native) if Language::of_file(frame) == Some(Language::Rust) => {
                Language::Rust
            }
            Some(language) => language,
            None => Language::of_file(frame).unwrap_or(Language::Generic),
        }
    }

    fn dialect(&self, frame: &Frame) -> &'static dyn Dialect {
        self.language(frame).dialect()
    }

    /// Whose code `frame` is.
    pub fn origin(&self, frame: &Frame) -> Origin {
        let dialect = self.dialect(frame);
        if let Some(known) = dialect.by_place(frame).or_else(|| dialect.by_name(frame)) {
            return known;
        }
        let distrusted = self.native_door && self.language(frame) == Language::Native;
        match frame.in_app {
            Some(true) => Origin::App,
            Some(false) if !distrusted => Origin::Library,
            _ => self.silence.unwrap_or_else(|| dialect.by_default(frame)),
        }
    }

    /// The function's name without what was made up; empty if that leaves nothing.
    pub fn function<'a>(&self, frame: &'a Frame) -> Cow<'a, str> {
        let dialect = self.dialect(frame);
        settle(frame.function.as_deref().unwrap_or_default(), |name| dialect.function(name))
    }

    /// The module's name without what was made up; empty if there is none.
    pub fn module<'a>(&self, frame: &'a Frame) -> Cow<'a, str> {
        let dialect = self.dialect(frame);
        settle(frame.module.as_deref().unwrap_or_default(), |name| dialect.module(name))
    }

    /// Appends the name under which `frame` counts.
    pub fn write_key(&self, frame: &Frame, out: &mut String) -> Key {
        let dialect = self.dialect(frame);
        let function =
            settle(frame.function.as_deref().unwrap_or_default(), |name| dialect.function(name));
        let module = frame.module.as_deref().filter(|_| !dialect.prefers_file());
        let module = settle(module.unwrap_or_default(), |name| dialect.module(name));
        if !function.is_empty() && dialect.is_qualified(&function) && module.is_empty() {
            out.push_str(&function);
            return Key::Function;
        }
        if !module.is_empty() {
            if function.is_empty() {
                out.push_str(&module);
                let named = frame.function.as_deref().is_some_and(|f| dialect.is_named_by_class(f));
                return if named { Key::Function } else { Key::Place };
            }
            let within = function
                .strip_prefix(&*module)
                .is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'));
            if !within {
                out.push_str(&module);
                out.push_str(dialect.joint());
            }
            out.push_str(&function);
            return Key::Function;
        }
        // The short path first: senders that know the project's folder leave it out there.
        let file = frame.filename.as_deref().filter(|name| !name.is_empty());
        let file = file.or(frame.abs_path.as_deref()).or(frame.package.as_deref());
        let file = file.unwrap_or_default();
        let start = out.len();
        path::write_file(text::cut(file.trim(), MAX_NAME_BYTES), out);
        match (function.is_empty(), out.len() > start) {
            (true, false) => Key::Nothing,
            (true, true) => Key::Place,
            (false, has_file) => {
                if has_file {
                    out.push(':');
                }
                out.push_str(&function);
                Key::Function
            }
        }
    }
}

/// Whether `frame`, sent by `platform` and read by itself, is the application's own code.
pub fn is_in_app(platform: &str, frame: &Frame) -> bool {
    Reading::of(platform, std::slice::from_ref(frame)).origin(frame) == Origin::App
}

/// The type of an exception without what was made up: `Cart$1` of Java is `Cart`.
pub fn error_type<'a>(platform: &str, name: &'a str) -> Cow<'a, str> {
    let language = Language::of_platform(platform).unwrap_or(Language::Generic);
    let dialect = language.dialect();
    settle(name, |name| dialect.error_type(name))
}

/// Takes out what was made up until nothing is left to take out: what one layer hid may be seen only
/// then. What is only cut is not copied.
fn settle<'a>(name: &'a str, clean: impl for<'b> Fn(&'b str) -> Cow<'b, str>) -> Cow<'a, str> {
    let mut name = text::cut(name.trim(), MAX_NAME_BYTES).trim_end();
    if name.is_empty() {
        return Cow::Borrowed("");
    }
    for layer in 0..MAX_LAYERS {
        match clean(name) {
            Cow::Borrowed(rest) => {
                let rest = rest.trim();
                if rest.len() == name.len() {
                    break;
                }
                name = rest;
            }
            Cow::Owned(other) if other == name => break,
            Cow::Owned(other) => {
                let mut settled = other.trim().to_owned();
                for _ in layer + 1..MAX_LAYERS {
                    let next = clean(&settled);
                    let next = next.trim();
                    if next == settled {
                        break;
                    }
                    settled = next.to_owned();
                }
                return Cow::Owned(settled);
            }
        }
    }
    Cow::Borrowed(name)
}

/// Writes into every frame whether it is the application's own code, for whoever shows or reads it.
/// Version 1 of grouping goes by what stood there before, so group first.
pub fn mark(event: &mut Event) {
    for exception in &mut event.exceptions {
        let Some(stack) = &mut exception.stacktrace else { continue };
        let reading = Reading::of(&event.platform, &stack.frames);
        for frame in &mut stack.frames {
            frame.in_app = Some(reading.origin(frame) == Origin::App);
        }
    }
}
