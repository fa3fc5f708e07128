//! Passwords in URLs; e-mail and IP addresses.

use std::net::IpAddr;

/// The rule of a password in a URL.
pub(super) const URL_RULE: &str = "url-password";
/// The rule of e-mail addresses.
pub(super) const EMAIL_RULE: &str = "email";
/// The rule of IP addresses.
pub(super) const IP_RULE: &str = "ip";

/// Bytes of a URL's user and password that are looked at.
const MAX_AUTHORITY_BYTES: usize = 1024;

/// Bytes of an e-mail address on each side of the `@`.
const MAX_EMAIL_SIDE_BYTES: usize = 255;

/// Bytes of the longest IPv6 address, with one in IPv4's form at its end.
const MAX_IP_BYTES: usize = 45;

/// Bytes of a port with its colon, and of the sentence's end.
const MAX_PORT_BYTES: usize = 8;

/// `https://user:PASSWORD@host`
pub(super) fn find_url_passwords(text: &str, mut found: impl FnMut(usize, usize)) {
    for (at, _) in text.match_indices("://") {
        let start = at + 3;
        let rest = &text.as_bytes()[start..];
        let rest = &rest[..rest.len().min(MAX_AUTHORITY_BYTES)];
        let end = |b: &u8| {
            b.is_ascii_whitespace() || matches!(b, b'/' | b'?' | b'#' | b'"' | b'\'' | b'<' | b'>')
        };
        let authority = &rest[..rest.iter().position(end).unwrap_or(rest.len())];
        let Some(host) = authority.iter().rposition(|b| *b == b'@') else { continue };
        let Some(colon) = authority[..host].iter().position(|b| *b == b':') else { continue };
        if colon + 1 < host {
            found(start + colon + 1, start + host);
        }
    }
}

/// `name@example.org`
pub(super) fn find_emails(text: &[u8], mut found: impl FnMut(usize, usize)) {
    let is_local = |b: u8| b.is_ascii_alphanumeric() || b"._%+-".contains(&b);
    let is_domain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-');
    let mut after = 0;
    for at in (0..text.len()).filter(|i| text[*i] == b'@') {
        let floor = at.saturating_sub(MAX_EMAIL_SIDE_BYTES).max(after);
        let start =
            text[floor..at].iter().rposition(|b| !is_local(*b)).map_or(floor, |n| floor + n + 1);
        let rest = &text[at + 1..text.len().min(at + 1 + MAX_EMAIL_SIDE_BYTES)];
        let length = rest.iter().position(|b| !is_domain(*b)).unwrap_or(rest.len());
        let domain = rest[..length].trim_ascii_end();
        let domain = domain.strip_suffix(b".").unwrap_or(domain);
        let top = domain.rsplit(|b| *b == b'.').next().unwrap_or_default();
        let real =
            domain.contains(&b'.') && top.len() > 1 && top.iter().all(u8::is_ascii_alphanumeric);
        if start < at && real {
            after = at + 1 + domain.len();
            found(start, after);
        }
    }
}

/// IPv4 and IPv6 addresses but loopback and "any" ones, which are nobody's.
pub(super) fn find_ips(text: &str, mut found: impl FnMut(usize, usize)) {
    let bytes = text.as_bytes();
    let is_part = |b: u8| b.is_ascii_hexdigit() || matches!(b, b'.' | b':');
    let mut at = 0;
    while at < bytes.len() {
        if !is_part(bytes[at]) {
            at += 1;
            continue;
        }
        let end = bytes[at..].iter().position(|b| !is_part(*b)).map_or(bytes.len(), |n| at + n);
        let in_word = |b: Option<&u8>| b.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_');
        let before = at.checked_sub(1).and_then(|i| bytes.get(i));
        let alone = !in_word(before) && !in_word(bytes.get(end));
        if alone
            && end - at <= MAX_IP_BYTES + MAX_PORT_BYTES
            && let Some(length) = ip_length(&text[at..end])
        {
            found(at, at + length);
        }
        at = end;
    }
}

/// How much of the beginning is an address: what follows may be a port or the end of a sentence.
fn ip_length(token: &str) -> Option<usize> {
    let whole = token.trim_end_matches(['.', ':']);
    let is_somebodys = |text: &str| match text.parse::<IpAddr>() {
        Ok(ip) => {
            !ip.is_loopback() && !ip.is_unspecified() && text.bytes().any(|b| b.is_ascii_digit())
        }
        Err(_) => false,
    };
    if is_somebodys(whole) {
        return Some(whole.len());
    }
    let (host, port) = whole.rsplit_once(':')?;
    (host.contains('.') && port.bytes().all(|b| b.is_ascii_digit()) && is_somebodys(host))
        .then_some(host.len())
}
