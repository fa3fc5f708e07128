//! `/gui/login`: paste the admin token.

use askama::Template;

use super::parts::chrome::Chrome;

/// The sign-in page. Its form posts `token` and `next` to `/gui/login`.
#[derive(Clone, Debug, Template)]
#[template(path = "login.html")]
pub struct LoginPage {
    /// Header.
    pub chrome: Chrome,
    /// Why the last try failed, and what to do.
    pub error: Option<String>,
    /// Where to go after; empty: the issues.
    pub next: String,
}

impl LoginPage {
    /// `next` is the address that was asked for; anything but a page of the GUI is dropped.
    pub fn new(chrome: Chrome, next: Option<&str>, error: Option<String>) -> Self {
        let next = next.and_then(safe_next).unwrap_or_default().to_owned();
        Self { chrome, error, next }
    }
}

/// `next` if it is a page of the GUI that may follow a sign-in; `None` for any other address.
pub fn safe_next(next: &str) -> Option<&str> {
    let plain = next.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    let page = next.strip_prefix("/gui/")?;
    let inside = !next.contains("//") && !next.contains("..");
    let leads_on = !page.starts_with("login") && !page.starts_with("logout");
    (plain && inside && leads_on).then_some(next)
}

#[cfg(test)]
mod tests {
    use super::safe_next;

    #[test]
    fn only_pages_of_the_gui_may_follow_a_sign_in() {
        for good in ["/gui/issues/7", "/gui/review?page=2", "/gui/suggestions/3#diff"] {
            assert_eq!(safe_next(good), Some(good));
        }
        for bad in [
            "",
            "/",
            "//evil.example",
            "/gui",
            "https://evil.example/gui/",
            "/gui/../x",
            "/gui//x",
            "/gui/\\evil",
            "/gui/logout",
            "/gui/login",
            "/gui/x\r\nSet-Cookie: a",
            "javascript:1",
        ] {
            assert_eq!(safe_next(bad), None, "{bad}");
        }
    }
}
