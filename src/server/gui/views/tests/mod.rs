//! The pages, over sample data.

mod agents;
mod data;
mod every_page;
mod issue;
mod suggestion;
mod text;

use askama::Template;

use super::parts::chrome::Section;
use super::samples::{chrome, now};
use super::suggestion::SuggestionPage;
use crate::domain::suggestion::Suggestion;

const ATTACK: &str = "<script>alert(\"1\")</script><img src=x onerror='y'>";

fn suggestion_html(suggestion: &Suggestion) -> String {
    SuggestionPage::new(chrome(Section::Review), suggestion, None, now()).render().unwrap()
}

fn assert_no_markup_from_outside(html: &str, what: &str) {
    assert!(html.contains("&#60;script&#62;"), "{what}: the text is not on the page at all");
    assert!(!html.contains("<script>"), "{what}: a script element from outside");
    assert!(!html.contains("<img src=x"), "{what}: an element from outside");
}
