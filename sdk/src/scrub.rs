//! Takes values out that look secret by their name, before anything leaves the process. The server has
//! rules of its own, which also look at the values; this is the first of the two.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use crate::protocol::{Breadcrumb, Event};

/// What stands in the place of a value.
pub const FILTERED: &str = "[Filtered]";

/// Words that make a name look secret, wherever in it they stand. A `-` in a name counts as a `_`.
const WORDS: [&str; 24] = [
    "password",
    "passwd",
    "passphrase",
    "passcode",
    "pwd",
    "secret",
    "token",
    "api_key",
    "apikey",
    "access_key",
    "accesskey",
    "auth",
    "credential",
    "private_key",
    "privatekey",
    "session",
    "cookie",
    "csrf",
    "bearer",
    "jwt",
    "assertion",
    "oidc",
    "signature",
    "signing_key",
];

/// Words that do so as a whole part of a name only: `db_pass`, but not `passenger`.
const PARTS: [&str; 4] = ["pass", "pw", "otp", "sig"];

/// What stands between the pairs of an address, and before them.
const BETWEEN: [char; 4] = ['&', ';', '?', '#'];

/// Levels of nesting that are looked into; what lies deeper goes.
const MAX_DEPTH: usize = 32;

/// Takes secrets out of an event.
pub(crate) fn scrub(event: &mut Event, more: &[String]) {
    let words = Words { more };
    words.texts(&mut event.tags);
    words.values(&mut event.contexts);
    for breadcrumb in &mut event.breadcrumbs.values {
        if !breadcrumb.data.is_empty() {
            words.values(&mut Arc::make_mut(breadcrumb).data);
        }
    }
    if let Some(user) = &mut event.user
        && user.other.keys().any(|name| words.fits(name))
    {
        words.texts(&mut Arc::make_mut(user).other);
    }
    if let Some(request) = &mut event.request {
        let request = Arc::make_mut(request);
        words.texts(&mut request.headers);
        for address in request.headers.values_mut().chain(&mut request.url) {
            words.address(address);
        }
        if let Some(query) = &mut request.query_string {
            *query = words.pairs(query);
        }
    }
}

/// Whether a text is the address of something, and not one that speaks of it.
fn is_address(text: &str) -> bool {
    text.contains("://") && !text.contains(char::is_whitespace)
}

/// Takes secrets out of a breadcrumb.
pub(crate) fn scrub_breadcrumb(breadcrumb: &mut Breadcrumb, more: &[String]) {
    Words { more }.values(&mut breadcrumb.data);
}

struct Words<'a> {
    more: &'a [String],
}

impl Words<'_> {
    fn fits(&self, name: &str) -> bool {
        let name = name.to_lowercase();
        let plain = name.replace('-', "_");
        WORDS.iter().any(|word| plain.contains(word))
            || plain.split(|c: char| !c.is_alphanumeric()).any(|part| PARTS.contains(&part))
            || self.more.iter().any(|word| name.contains(word.as_str()))
    }

    fn texts(&self, texts: &mut BTreeMap<String, String>) {
        for (name, value) in texts {
            if self.fits(name) {
                FILTERED.clone_into(value);
            }
        }
    }

    fn value(&self, name: &str, value: &mut Value, depth: usize) {
        if self.fits(name) || depth >= MAX_DEPTH {
            *value = FILTERED.into();
            return;
        }
        match value {
            Value::Object(object) => {
                for (name, value) in object {
                    self.value(name, value, depth + 1);
                }
            }
            Value::String(text) if is_address(text) => self.address(text),
            Value::Array(list) => {
                for value in list {
                    self.value("", value, depth + 1);
                }
            }
            _ => {}
        }
    }

    fn values(&self, values: &mut BTreeMap<String, Value>) {
        for (name, value) in values {
            self.value(name, value, 0);
        }
    }

    /// What stands behind the path of an address, and who asks for it.
    fn address(&self, text: &mut String) {
        if let Some(begin) = text.find(['?', '#']) {
            let pairs = self.pairs(&text[begin..]);
            text.replace_range(begin.., &pairs);
        }
        if let Some((before, rest)) = text.split_once("://")
            && let Some((who, _)) =
                rest.split(['/', '?', '#']).next().and_then(|to| to.rsplit_once('@'))
        {
            let begin = before.len() + "://".len();
            text.replace_range(begin..begin + who.len(), FILTERED);
        }
    }

    /// `a=1&token=2`, without the 2.
    fn pairs(&self, query: &str) -> String {
        let pairs = query.split_inclusive(BETWEEN).map(|pair| {
            let end = pair.strip_suffix(BETWEEN).map_or("", |inner| &pair[inner.len()..]);
            match pair.split_once('=') {
                Some((name, _)) if self.fits(&decoded(name)) => format!("{name}={FILTERED}{end}"),
                _ => pair.to_owned(),
            }
        });
        pairs.collect()
    }
}

/// A name as it is meant: `access%5Ftoken` is `access_token`.
fn decoded(name: &str) -> Cow<'_, str> {
    if !name.contains('%') {
        return name.into();
    }
    // A pair without a value is a name.
    url::form_urlencoded::parse(name.as_bytes()).map(|(name, _)| name.into_owned()).collect()
}

/// A text of somebody else's, without what stands behind the `?` of the addresses in it.
#[cfg(feature = "resilience")]
pub(crate) fn without_queries(text: &str) -> String {
    let part = |part: &str| match part.split_once('?') {
        Some((path, rest)) if path.contains("://") => {
            let end = rest.find([')', '"', '\'', '>']).map_or("", |end| &rest[end..]);
            format!("{path}?{FILTERED}{end}")
        }
        _ => part.to_owned(),
    };
    text.split(' ').map(part).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::protocol::{Level, Request, User};

    #[test]
    fn secrets_are_nowhere_and_the_rest_stays() {
        let mut event = Event::new(Level::Error);
        event.tags.insert("Api_Key".into(), "hush".into());
        event.tags.insert("shop".into(), "north".into());
        event.contexts.insert(
            "order".into(),
            json!({"id": 7, "list": [{"PASSWORD": {"deep": "hush"}}], "pin": "hush"}),
        );
        let crumb = Breadcrumb::new("asked").data("access_token", "hush").data("status", 200);
        event.breadcrumbs.values.push(Arc::new(crumb));
        event.user = Some(Arc::new(User {
            other: [("session_id".to_owned(), "hush".to_owned())].into(),
            ..User::with_id("ada")
        }));
        event.request = Some(Arc::new(Request {
            headers: [("Cookie".to_owned(), "hush".to_owned())].into(),
            query_string: Some("page=2&auth=hush&flag".to_owned()),
            ..Request::default()
        }));
        scrub(&mut event, &["pin".to_owned()]);
        let text = serde_json::to_string(&event).unwrap();
        assert!(!text.contains("hush"), "{text}");
        for kept in ["north", "\"id\":7", "\"status\":200", "ada", "page=2", "&flag"] {
            assert!(text.contains(kept), "{kept} is not in {text}");
        }
        let mut deep = json!("hush");
        for _ in 0..100 {
            deep = json!([deep]);
        }
        event.contexts.insert("deep".into(), deep);
        scrub(&mut event, &[]);
        assert!(!serde_json::to_string(&event).unwrap().contains("hush"));
    }

    #[test]
    fn names_look_secret_however_they_are_written() {
        let words = Words { more: &["x-pin".to_owned()] };
        for name in [
            "x-jwt",
            "x-goog-iap-jwt-assertion",
            "cf-access-jwt-assertion",
            "x-amzn-oidc-data",
            "private-key",
            "AWS_ACCESS_KEY_ID",
            "db_pass",
            "X-Signature",
            "sig",
            "otp",
            "passcode",
            "X-PIN",
            "X-Api-Key",
        ] {
            assert!(words.fits(name), "{name}");
        }
        for name in ["passenger", "compass", "design", "path", "accept", "key", "status"] {
            assert!(!words.fits(name), "{name}");
        }
    }

    #[test]
    fn addresses_keep_no_secrets() {
        let words = Words { more: &[] };
        for (address, scrubbed) in [
            ("https://shop/reset?token=hush&page=2", "https://shop/reset?token=[Filtered]&page=2"),
            ("/a?access%5Ftoken=hush", "/a?access%5Ftoken=[Filtered]"),
            ("https://x/cb#id_token=hush&x=1", "https://x/cb#id_token=[Filtered]&x=1"),
            ("https://x/a?b=1#c?auth=hush", "https://x/a?b=1#c?auth=[Filtered]"),
            ("https://ada:hush@x/a?b=c@d", "https://[Filtered]@x/a?b=c@d"),
            ("text/html;q=0.9, */*", "text/html;q=0.9, */*"),
            ("?é=1&%=2&token=hush", "?é=1&%=2&token=[Filtered]"),
        ] {
            let mut text = address.to_owned();
            words.address(&mut text);
            assert_eq!(text, scrubbed);
        }
        let mut value = json!({"url": "https://x/?token=hush", "said": "why? token=me"});
        words.value("", &mut value, 0);
        assert_eq!(value, json!({"url": "https://x/?token=[Filtered]", "said": "why? token=me"}));
    }

    #[test]
    #[cfg(feature = "resilience")]
    fn texts_of_others_have_no_queries() {
        let text = "error sending request for url (https://x/a?key=hush&b=1): is it there? No";
        let plain = "error sending request for url (https://x/a?[Filtered]): is it there? No";
        assert_eq!(without_queries(text), plain);
    }
}
