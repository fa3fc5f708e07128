//! Pages for what did not work.

use askama::Template;

use super::parts::chrome::Chrome;

/// An error, for a person: never internal text.
#[derive(Clone, Debug, Template)]
#[template(path = "error.html")]
pub struct ErrorPage {
    /// Header.
    pub chrome: Chrome,
    /// The HTTP status.
    pub status: u16,
    /// A few words.
    pub title: String,
    /// What to do.
    pub advice: String,
    /// The request's number, to look up in the log.
    pub request_id: Option<String>,
}

impl ErrorPage {
    /// An error with our own words; `advice` says what to do.
    pub fn new(
        chrome: Chrome,
        status: u16,
        title: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self { chrome, status, title: title.into(), advice: advice.into(), request_id: None }
    }

    /// The words for a status, where nothing better is known.
    pub fn for_status(chrome: Chrome, status: u16) -> Self {
        let (title, advice) = match status {
            403 => (
                "The form was too old",
                "Nothing was changed. Go back, reload the page and send the form again.",
            ),
            404 => (
                "There is no such page",
                "The issue or suggestion may have been deleted, or the address is mistyped.",
            ),
            409 => (
                "It changed while you looked at it",
                "Nothing was changed. Look at it as it stands now, and decide again.",
            ),
            429 => ("Too many requests", "Wait a minute and try again."),
            _ => (
                "Something went wrong on our side",
                "Nothing that was stored is lost. Try again; if it stays, look into the server's log.",
            ),
        };
        Self::new(chrome, status, title, advice)
    }
}
