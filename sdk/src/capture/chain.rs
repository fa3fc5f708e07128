//! An error and its sources, as text.

use std::error::Error;
use std::fmt;

use crate::guarded::guarded_or;
use crate::protocol::{Exception, Mechanism};

/// Sources of an error that are followed.
const MAX_SOURCES: usize = 50;

/// Bytes of what one error says.
pub(super) const MAX_TEXT_BYTES: usize = 16 * 1024;

/// Bytes of a type's name.
const MAX_NAME_BYTES: usize = 128;

/// The error and what caused it, the innermost first, as the protocol has them.
pub(crate) fn exceptions<E: Error + ?Sized>(error: &E, mechanism: &Mechanism) -> Vec<Exception> {
    let (module, kind) = static_name::<E>().unwrap_or_else(|| (None, debug_name(&error)));
    let mut chain = vec![Exception {
        kind,
        module,
        value: said(&error),
        stacktrace: None,
        mechanism: Some(mechanism.clone()),
    }];
    let mut source = guarded_or(|| error.source(), "an error's source()", None);
    while let Some(inner) = source {
        if chain.len() > MAX_SOURCES {
            break;
        }
        // Its `Debug` names one of its parts.
        let is_io = inner.is::<std::io::Error>();
        chain.push(Exception {
            kind: if is_io { "Error".to_owned() } else { debug_name(&inner) },
            module: is_io.then(|| "std::io".to_owned()),
            value: said(&inner),
            stacktrace: None,
            mechanism: None,
        });
        source = guarded_or(|| inner.source(), "an error's source()", None);
    }
    chain.reverse();
    chain
}

/// What an error says.
pub(crate) fn said(error: &dyn fmt::Display) -> String {
    let say = || {
        let mut text = Bounded::new(MAX_TEXT_BYTES);
        // An error here is the bound.
        let _ = fmt::write(&mut text, format_args!("{error}"));
        text.text
    };
    guarded_or(say, "an error's Display", "(its Display panicked)".to_owned())
}

/// The name that the compiler knows, in module and type; `None` for a trait object, of which it knows none.
fn static_name<E: ?Sized>() -> Option<(Option<String>, String)> {
    let name = std::any::type_name::<E>();
    if name.starts_with("dyn ") || name.contains("Box<dyn ") {
        return None;
    }
    // Generic arguments have paths of their own.
    let plain = name.split('<').next().unwrap_or(name);
    let (module, kind) = match plain.rsplit_once("::") {
        Some((module, kind)) => (Some(module.to_owned()), kind),
        None => (None, plain),
    };
    Some((module, kind.to_owned()))
}

/// The type's name as a derived `Debug` begins: `ParseIntError { kind: … }`, `Timeout(…)`, `NotFound`.
fn debug_name(error: &dyn fmt::Debug) -> String {
    let say = || {
        let mut begin = Beginning::default();
        // An error here says that the name is at its end.
        let _ = fmt::write(&mut begin, format_args!("{error:?}"));
        begin
    };
    let Beginning { name, rest } = guarded_or(say, "an error's Debug", Beginning::default());
    // A `Debug` that only repeats the text is no name.
    let is_name = name.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && (rest.is_empty() || rest.starts_with(" {") || rest.starts_with('('));
    if is_name { name } else { "Error".to_owned() }
}

/// A name, and what stands behind it. The rest is not even made: a backtrace among the fields would have all
/// its symbols looked up.
#[derive(Default)]
struct Beginning {
    name: String,
    rest: String,
}

impl fmt::Write for Beginning {
    fn write_str(&mut self, part: &str) -> fmt::Result {
        for c in part.chars() {
            if self.rest.is_empty() && (c.is_alphanumeric() || c == '_' || c == ':') {
                self.name.push(c);
            } else {
                self.rest.push(c);
            }
            if self.rest.starts_with('(')
                || self.rest.len() >= 2
                || self.name.len() > MAX_NAME_BYTES
            {
                return Err(fmt::Error);
            }
        }
        Ok(())
    }
}

/// A text of the application's, cut where an error's would be.
pub(crate) fn cut(text: &mut String) {
    text.truncate(text.floor_char_boundary(MAX_TEXT_BYTES));
}

/// Text of at most so many bytes; what is more is not even made.
pub(crate) struct Bounded {
    pub(crate) text: String,
    most: usize,
}

impl Bounded {
    pub(crate) fn new(most: usize) -> Self {
        Self { text: String::new(), most }
    }
}

impl fmt::Write for Bounded {
    fn write_str(&mut self, part: &str) -> fmt::Result {
        let room = self.most - self.text.len();
        if part.len() <= room {
            self.text.push_str(part);
            return Ok(());
        }
        self.text.push_str(&part[..part.floor_char_boundary(room)]);
        self.most = self.text.len();
        Err(fmt::Error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MECHANISM: Mechanism = Mechanism { kind: "generic", handled: true };

    #[derive(Debug, thiserror::Error)]
    #[error("the order {number} was not stored")]
    struct NotStored<T: fmt::Debug> {
        number: T,
        source: Box<dyn Error + Send + Sync>,
    }

    fn chain_of<E: Error + ?Sized>(error: &E) -> Vec<(String, String)> {
        exceptions(error, &MECHANISM).into_iter().map(|e| (e.kind, e.value)).collect()
    }

    #[test]
    fn a_chain_has_names_and_texts_the_cause_first() {
        let parse = "x".parse::<u8>().unwrap_err();
        let error = NotStored { number: 7, source: Box::new(parse) };
        let chain = exceptions(&error, &MECHANISM);
        assert_eq!(chain[0].kind, "ParseIntError");
        assert_eq!(chain[0].value, "invalid digit found in string");
        assert_eq!(chain[1].kind, "NotStored");
        assert_eq!(chain[1].module.as_deref(), Some("andon_sdk::capture::chain::tests"));
        assert_eq!(chain[1].value, "the order 7 was not stored");
        assert_eq!((&chain[0].mechanism, &chain[1].mechanism), (&None, &Some(MECHANISM)));
        let unknown: &(dyn Error + Send + Sync) = &error;
        assert_eq!(chain_of(unknown)[1].0, "NotStored");
        let disk = std::io::Error::from_raw_os_error(28);
        let chain = exceptions(&NotStored { number: 7, source: disk.into() }, &MECHANISM);
        assert_eq!((&*chain[0].kind, chain[0].module.as_deref()), ("Error", Some("std::io")));
    }

    #[test]
    fn texts_that_are_no_names_are_none() {
        for (error, name) in [
            (Box::<dyn Error>::from("it is gone"), "Error"),
            (Box::<dyn Error>::from(""), "Error"),
            (Box::<dyn Error>::from("Word"), "Error"),
            (Box::new(fmt::Error), "Error"),
            (Box::new(std::env::VarError::NotPresent), "NotPresent"),
        ] {
            assert_eq!(chain_of(&*error)[0].0, name);
        }
    }

    struct Nasty;
    impl fmt::Debug for Nasty {
        fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
            panic!("no debug")
        }
    }
    impl fmt::Display for Nasty {
        fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
            panic!("no display")
        }
    }
    impl Error for Nasty {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            Some(&Nasty)
        }
    }

    #[test]
    fn only_the_name_of_a_debug_is_made() {
        struct Dear;
        impl fmt::Debug for Dear {
            fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
                unreachable!("a backtrace is looked up")
            }
        }
        #[derive(Debug, thiserror::Error)]
        #[error("a tuple")]
        struct Wrapped(Dear);
        #[derive(Debug, thiserror::Error)]
        #[error("with fields")]
        struct Fields {
            dear: Dear,
        }
        let tuple: Box<dyn Error> = Box::new(Wrapped(Dear));
        let fields: Box<dyn Error> = Box::new(Fields { dear: Dear });
        assert_eq!(chain_of(&*tuple)[0].0, "Wrapped");
        assert_eq!(chain_of(&*fields)[0].0, "Fields");
    }

    #[test]
    fn errors_that_panic_or_have_no_end_are_bounded() {
        let chain = chain_of(&Nasty);
        assert_eq!(chain.len(), MAX_SOURCES + 1);
        assert!(chain.iter().all(|(_, text)| text == "(its Display panicked)"));
        let long = "é".repeat(MAX_TEXT_BYTES);
        let chain = chain_of(&*Box::<dyn Error>::from(long));
        assert_eq!(chain[0].1.len(), MAX_TEXT_BYTES);
    }
}
