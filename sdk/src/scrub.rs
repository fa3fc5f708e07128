//! Takes values out that look secret by their name, before anything leaves the process. The server has
//! rules of its own, which also look at the values; this is the first of the two.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use crate::protocol::{Breadcrumb, Event};

/// What stands in the place of a value.
pub const FILTERED: &str = "[Filtered]";

/// Words that make a name look secret, wherever in it they stand.
const WORDS: [&str; 17] = [
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "secret",
    "token",
    "api_key",
    "apikey",
    "api-key",
    "auth",
    "credential",
    "private_key",
    "privatekey",
    "session",
    "cookie",
    "csrf",
    "bearer",
];

/// Levels of nesting that are looked into; what lies deeper goes.
const MAX_DEPTH: usize = 32;

/// Takes secrets out of an event.
pub(crate) fn scrub(event: &mut Event, more: &[String]) {
    let words = Words { more };
    words.texts(&mut event.tags);
    for (name, value) in &mut event.contexts {
        words.value(name, value, 0);
    }
    for breadcrumb in &mut event.breadcrumbs.values {
        if !breadcrumb.data.is_empty() {
            words.breadcrumb(breadcrumb);
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
        if let Some(query) = &mut request.query_string {
            *query = words.query(query);
        }
    }
}

struct Words<'a> {
    more: &'a [String],
}

impl Words<'_> {
    fn fits(&self, name: &str) -> bool {
        let name = name.to_lowercase();
        WORDS.iter().any(|word| name.contains(word))
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
            Value::Array(list) => {
                for value in list {
                    self.value("", value, depth + 1);
                }
            }
            _ => {}
        }
    }

    fn breadcrumb(&self, breadcrumb: &mut Arc<Breadcrumb>) {
        for (name, value) in &mut Arc::make_mut(breadcrumb).data {
            self.value(name, value, 0);
        }
    }

    /// `a=1&token=2`, without the 2.
    fn query(&self, query: &str) -> String {
        let pairs = query.split('&').map(|pair| match pair.split_once('=') {
            Some((name, _)) if self.fits(name) => format!("{name}={FILTERED}"),
            _ => pair.to_owned(),
        });
        pairs.collect::<Vec<_>>().join("&")
    }
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
}
