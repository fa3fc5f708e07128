//! Stand-ins for the SDK's core, without any logic.

/// The id of a reported event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventId;

/// How grave something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "a stand-in")]
pub enum Level {
    Debug,
    Info,
    Warning,
    Error,
    Fatal,
}

/// Reports an error.
pub fn capture_error<E: std::error::Error + ?Sized>(_error: &E) -> EventId {
    EventId
}

/// Reports a message.
pub fn capture_message(_message: &str, _level: Level) -> EventId {
    EventId
}

/// Something that happened before an event.
#[derive(Debug, Clone)]
pub struct Breadcrumb;

#[expect(missing_docs, reason = "a stand-in")]
impl Breadcrumb {
    pub fn new(_message: impl Into<String>) -> Self {
        Self
    }

    pub fn category(self, _category: impl Into<String>) -> Self {
        self
    }

    pub fn level(self, _level: Level) -> Self {
        self
    }

    pub fn data(self, _key: impl Into<String>, _value: impl Into<serde_json::Value>) -> Self {
        self
    }
}

/// Keeps a breadcrumb for the next event.
pub fn add_breadcrumb(_breadcrumb: Breadcrumb) {}

/// What is attached to events.
#[derive(Debug)]
pub struct Scope;

#[expect(missing_docs, reason = "a stand-in")]
impl Scope {
    pub fn set_tag(&mut self, _key: impl Into<String>, _value: impl Into<String>) {}

    pub fn set_context(&mut self, _key: impl Into<String>, _value: serde_json::Value) {}

    pub fn set_fingerprint(&mut self, _fingerprint: Vec<String>) {}
}

/// Runs `inside` with a scope of its own.
pub fn with_scope<R>(configure: impl FnOnce(&mut Scope), inside: impl FnOnce() -> R) -> R {
    configure(&mut Scope);
    inside()
}
