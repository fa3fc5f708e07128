//! Where in an event a value is, and what that means for it.

/// Where in an event a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
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

/// What a value is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// `{…}`
    Object,
    /// `[…]`
    List,
    /// Anything without values in it.
    Single,
}

/// What a key may mean, depending on where it stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Meaning(u16);

impl Meaning {
    const FINGERPRINT: Self = Self(1);
    const SHAPES: Self = Self(1 << 1);
    const ROOT_FACT: Self = Self(1 << 2);
    const ID: Self = Self(1 << 3);
    const STACK: Self = Self(1 << 4);
    const FRAMES: Self = Self(1 << 5);
    const SOURCE: Self = Self(1 << 6);
    const FRAME_FACT: Self = Self(1 << 7);
    /// `value` of `{"name": …, "value": …}`.
    pub(super) const VALUE: Self = Self(1 << 8);
    /// Its `name`.
    pub(super) const NAME: Self = Self(1 << 9);
    /// Its `key`, where it has no `name`.
    pub(super) const KEY: Self = Self(1 << 10);

    const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) const fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

/// What a key may mean.
pub(super) fn meaning(key: &str) -> Meaning {
    match key {
        "fingerprint" => Meaning::FINGERPRINT,
        "modules" | "debug_meta" => Meaning::SHAPES,
        "event_id" => Meaning::ROOT_FACT.and(Meaning::ID),
        "platform" => Meaning::ROOT_FACT.and(Meaning::FRAME_FACT),
        "timestamp" | "release" | "dist" | "level" | "environment" | "start_timestamp"
        | "received" | "version" => Meaning::ROOT_FACT,
        "trace_id" | "span_id" | "parent_span_id" | "replay_id" | "debug_id" => Meaning::ID,
        "stacktrace" | "raw_stacktrace" => Meaning::STACK,
        "frames" => Meaning::FRAMES,
        "pre_context" | "context_line" | "post_context" => Meaning::SOURCE,
        "function" | "raw_function" | "module" | "package" | "filename" | "abs_path" | "lineno"
        | "colno" | "in_app" | "instruction_addr" | "symbol_addr" | "image_addr" | "symbol" => {
            Meaning::FRAME_FACT
        }
        "value" => Meaning::VALUE,
        "name" => Meaning::NAME,
        "key" => Meaning::KEY,
        _ => Meaning::default(),
    }
}

impl Place {
    /// Where a value is whose key means `key`, in an object that is here.
    #[inline]
    pub(super) fn of_child(self, key: Meaning, shape: Shape, is_id: impl FnOnce() -> bool) -> Self {
        let single = shape == Shape::Single;
        match self {
            Self::Root if key.has(Meaning::FINGERPRINT) => Self::Fingerprint,
            Self::Root if key.has(Meaning::SHAPES) => Self::ShapesOnly,
            Self::Root if key.has(Meaning::ROOT_FACT) && single => Self::Untouched,
            _ if key.has(Meaning::ID) && is_id() => Self::Untouched,
            _ if key.has(Meaning::STACK) && shape == Shape::Object => Self::StackTrace,
            Self::StackTrace if key.has(Meaning::FRAMES) && shape == Shape::List => Self::Frames,
            Self::Frame if key.has(Meaning::SOURCE) => Self::Source,
            Self::Frame if key.has(Meaning::FRAME_FACT) && single => Self::Untouched,
            Self::ShapesOnly | Self::Fingerprint | Self::Source => self,
            _ => Self::Anywhere,
        }
    }

    /// Where an item is, of a list that is here.
    #[inline]
    pub(super) fn of_item(self, shape: Shape) -> Self {
        match self {
            Self::Frames if shape == Shape::Object => Self::Frame,
            Self::Frames | Self::Frame | Self::StackTrace | Self::Root => Self::Anywhere,
            _ => self,
        }
    }

    /// Whether keys of an object that is here may hold secrets.
    #[inline]
    pub(super) fn has_doubtful_keys(self) -> bool {
        matches!(self, Self::Anywhere | Self::ShapesOnly | Self::Root)
    }
}

/// Whether a text that is to be an id is one.
pub(super) fn is_id(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-')
}

/// Bytes of a line of a private key, where only a part of one stands in the source shown.
const MIN_KEY_LINE_BYTES: usize = 16;

/// Whether a line of source may be one of a private key.
pub(super) fn is_key_line(line: &str) -> bool {
    let line = line.trim_matches(|c: char| c.is_ascii_whitespace() || "\"'\\,;+".contains(c));
    let line = line.strip_suffix("\\n").unwrap_or(line);
    line.len() >= MIN_KEY_LINE_BYTES
        && line.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'='))
}
