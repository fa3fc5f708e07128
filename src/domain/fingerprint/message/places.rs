//! Where something is: URLs, mail addresses, network addresses, paths.

use super::{Found, digits, ends_word, run};

/// Bytes of a URL's scheme.
const MAX_SCHEME_BYTES: usize = 16;

/// Bytes before the `@` of a mail address, as the standard has it.
const MAX_LOCAL_BYTES: usize = 64;

/// Colons of a network address, the one after it included.
const MAX_COLONS: usize = 9;

/// What ends a path or a URL.
fn ends_place(c: char) -> bool {
    c.is_whitespace() || "'\"`<>()[]{},;|".contains(c)
}

/// `https://api.example.org:8443/a?b=c`; of the host its last two names stay.
pub(super) fn url(text: &str) -> Option<Found<'_>> {
    let head = &text[..text.floor_char_boundary(MAX_SCHEME_BYTES + 3)];
    let scheme = head.find("://")?;
    let is_scheme = |b: u8| b.is_ascii_alphanumeric() || b"+.-".contains(&b);
    if scheme < 2
        || !text.as_bytes()[0].is_ascii_alphabetic()
        || !text[..scheme].bytes().all(is_scheme)
    {
        return None;
    }
    let start = scheme + 3;
    let end = text[start..].find(ends_place).map_or(text.len(), |at| start + at);
    let end = start + text[start..end].trim_end_matches(['.', ':', '!', '?']).len();
    let authority = text[start..end].split(['/', '?', '#', '\\']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let host = host.split(':').next().unwrap_or_default();
    let name = host.bytes().any(|b| b.is_ascii_alphabetic())
        && host.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.".contains(&b));
    let domain = match host.rmatch_indices('.').nth(1) {
        Some((at, _)) => &host[at + 1..],
        None => host,
    };
    let mut found = Found::new(end, "<url>");
    found.kept = (name && !domain.is_empty()).then_some(domain);
    Some(found)
}

/// `a.b+c@example.org`
pub(super) fn email(text: &str) -> Option<Found<'_>> {
    let local = |b: u8| b.is_ascii_alphanumeric() || b"._%+-".contains(&b);
    let at = text.bytes().take(MAX_LOCAL_BYTES + 1).position(|b| !local(b))?;
    let domain = text[at..].strip_prefix('@')?;
    let end = domain
        .bytes()
        .position(|b| !(b.is_ascii_alphanumeric() || b"-.".contains(&b)))
        .unwrap_or(domain.len());
    let domain = domain[..end].trim_end_matches(['.', '-']);
    (domain.contains('.') && !domain.starts_with('.'))
        .then(|| Found::new(at + 1 + domain.len(), "<email>"))
}

/// IPv4 and IPv6 with mask or port, and addresses of network cards.
pub(super) fn ip(text: &str) -> Option<Found<'_>> {
    let found = v4(text).map(|length| (length, "<ip>")).or_else(|| v6(text))?;
    let (mut length, kind) = found;
    let rest = &text[length..];
    // `10.0.0.1:80`, `10.0.0.0/8`, `fe80::1%eth0`
    if let Some(tail) = rest.strip_prefix([':', '/'])
        && digits(tail) > 0
    {
        length += 1 + digits(tail);
    } else if let Some(tail) = rest.strip_prefix('%')
        && run(tail) > 0
    {
        length += 1 + run(tail);
    }
    ends_word(&text[length..]).then(|| Found::new(length, kind))
}

fn v4(text: &str) -> Option<usize> {
    let mut at = 0;
    for index in 0..4 {
        if index > 0 {
            at += usize::from(text[at..].starts_with('.'));
        }
        let length = digits(&text[at..]);
        if length == 0 || length > 3 || text[at..at + length].parse::<u16>().ok()? > 255 {
            return None;
        }
        at += length;
        if index < 3 && !text[at..].starts_with('.') {
            return None;
        }
    }
    let rest = &text[at..];
    // `1.2.3.4.5` is a version.
    let goes_on = rest.strip_prefix('.').is_some_and(|tail| digits(tail) > 0);
    (!goes_on).then_some(at)
}

fn v6(text: &str) -> Option<(usize, &'static str)> {
    let bytes = text.as_bytes();
    let (mut at, mut colons, mut group, mut skipped) = (0, 0, 0, 0);
    let (mut has_digit, mut pairs) = (false, true);
    loop {
        match bytes.get(at) {
            Some(b) if b.is_ascii_hexdigit() => {
                group += 1;
                has_digit |= b.is_ascii_digit();
                if group > 4 {
                    return None;
                }
            }
            Some(b':') => {
                skipped += usize::from(at > 0 && bytes[at - 1] == b':');
                pairs &= group == 2;
                colons += 1;
                group = 0;
                if colons > MAX_COLONS {
                    return None;
                }
            }
            _ => break,
        }
        at += 1;
    }
    // `at fe80::1: refused`
    if at > 1 && bytes[at - 1] == b':' && bytes[at - 2] != b':' {
        at -= 1;
        colons -= 1;
    } else if colons == 5 && pairs && group == 2 {
        return Some((at, "<mac>"));
    }
    let address = &text[..at];
    let whole = colons == 7 && skipped == 0 && !address.starts_with(':');
    let cut = skipped == 1 && has_digit;
    (whole || cut).then_some((at, "<ip>"))
}

/// `/etc/shop.toml`, `~/shop`, `./a`, `C:\shop`, `\\host\share`, `images/17.png`.
pub(super) fn path(text: &str) -> Option<Found<'_>> {
    let bytes = text.as_bytes();
    let is_name = |at: usize| {
        bytes
            .get(at)
            .is_some_and(|b| b.is_ascii_alphanumeric() || b"._-~$%@*".contains(b) || *b >= 0x80)
    };
    let drive = bytes[0].is_ascii_alphabetic() && text[1..].starts_with(":\\")
        || bytes[0].is_ascii_alphabetic() && text[1..].starts_with(":/") && is_name(3);
    let rooted = drive
        || bytes[0] == b'/' && is_name(1)
        || ["~/", "./", "../", ".\\", "..\\"].iter().any(|root| text.starts_with(root))
        || text.starts_with("\\\\") && is_name(2);
    let from = if drive { 2 } else { 0 };
    if !rooted && !bytes[0].is_ascii_alphanumeric() && bytes[0] != b'_' && bytes[0] != b'.' {
        return None;
    }
    let ends = |c: char| ends_place(c) || ":=&?!".contains(c);
    let end = text[from..].find(ends).map_or(text.len(), |at| from + at);
    let chunk = text[..end].trim_end_matches('.');
    if rooted {
        return (chunk.len() > 1).then(|| Found::new(chunk.len(), "<path>"));
    }
    // `and/or` and `text/html` are words, `a/b/c` and `a/b.png` paths; `12/34` are numbers.
    let (mut slashes, mut last, mut letters) = (0, 0, false);
    for (at, b) in chunk.bytes().enumerate() {
        if matches!(b, b'/' | b'\\') {
            (slashes, last) = (slashes + 1, at + 1);
        }
        letters |= b.is_ascii_alphabetic();
    }
    let ending = chunk[last..].rsplit_once('.').map(|(_, ending)| ending);
    let has_ending = ending.is_some_and(|ending| {
        (1..=5).contains(&ending.len()) && ending.bytes().all(|b| b.is_ascii_alphanumeric())
    });
    (letters && (slashes > 1 || slashes == 1 && has_ending))
        .then(|| Found::new(chunk.len(), "<path>"))
}
