//! The project key in a request: by `X-Sentry-Auth` or `Authorization`, or by query.

/// The key of a `Sentry sentry_key=…, sentry_version=7` header, of a `Bearer …` one, or of a
/// `sentry_key=…` (or `key=…`) query; the header comes first.
pub fn project_key<'a>(
    sentry_auth: Option<&'a str>,
    authorization: Option<&'a str>,
    query: Option<&'a str>,
) -> Option<&'a str> {
    sentry_auth
        .and_then(from_sentry_header)
        .or_else(|| authorization.and_then(from_sentry_header))
        .or_else(|| authorization.and_then(from_bearer))
        .or_else(|| query.and_then(from_query))
        .filter(|key| !key.is_empty())
}

fn from_sentry_header(header: &str) -> Option<&str> {
    let pairs =
        header.trim().strip_prefix("Sentry").or_else(|| header.trim().strip_prefix("sentry"))?;
    pairs.split(',').find_map(|pair| pair.trim().strip_prefix("sentry_key=").map(str::trim))
}

fn from_bearer(header: &str) -> Option<&str> {
    let (scheme, key) = header.trim().split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| key.trim())
}

fn from_query(query: &str) -> Option<&str> {
    query
        .split('&')
        .find_map(|pair| pair.strip_prefix("sentry_key=").or_else(|| pair.strip_prefix("key=")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_that_senders_use() {
        let sentry = "Sentry sentry_key=abc, sentry_version=7, sentry_client=sentry.rust/0.49";
        assert_eq!(project_key(Some(sentry), None, None), Some("abc"));
        assert_eq!(project_key(None, Some(sentry), None), Some("abc"));
        assert_eq!(project_key(None, Some("Bearer abc"), None), Some("abc"));
        assert_eq!(project_key(None, None, Some("sentry_version=7&sentry_key=abc")), Some("abc"));
        assert_eq!(project_key(Some(sentry), None, Some("sentry_key=other")), Some("abc"));
        assert_eq!(project_key(Some("Sentry"), Some("Basic x"), Some("sentry_key=")), None);
    }
}
