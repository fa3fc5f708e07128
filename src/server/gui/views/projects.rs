//! `/gui/projects`: who sends.

use askama::Template;

use super::parts::chrome::Chrome;

/// One project of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectRow {
    /// Its number.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// Its repository on the server, if it has one there.
    pub repo: Option<String>,
    /// How far the healer may go.
    pub healing: String,
}

/// The list of projects.
#[derive(Clone, Debug, Template)]
#[template(path = "projects.html")]
pub struct ProjectsPage {
    /// Header.
    pub chrome: Chrome,
    /// Oldest first.
    pub projects: Vec<ProjectRow>,
}
