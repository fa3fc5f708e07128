//! Amounts, as people read them.

/// Each unit of bytes is so many of the one before.
const UNIT: f64 = 1000.0;

/// `1 event`, `12 events`.
pub fn events(count: u64) -> String {
    match count {
        1 => "1 event".to_owned(),
        count => format!("{count} events"),
    }
}

/// `512 bytes`, `3.4 kB`, `120 MB`.
pub fn bytes(count: u64) -> String {
    let mut amount = count as f64;
    if amount < UNIT {
        return if count == 1 { "1 byte".to_owned() } else { format!("{count} bytes") };
    }
    let mut unit = "";
    for next in ["kB", "MB", "GB", "TB", "PB", "EB"] {
        // What would be shown as 1000 is shown as 1 of the next.
        if amount < UNIT - 0.5 && !unit.is_empty() {
            break;
        }
        (amount, unit) = (amount / UNIT, next);
    }
    if amount < 9.95 { format!("{amount:.1} {unit}") } else { format!("{amount:.0} {unit}") }
}

/// `12,345`
pub fn number(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Money in millionths of a dollar: `$12.30`, and below a dollar to the hundredth of a cent: `$0.0042`.
pub fn dollars(micros: u64) -> String {
    match micros {
        0 => "$0".to_owned(),
        1..100 => "under $0.0001".to_owned(),
        100..1_000_000 => format!("$0.{:04}", micros / 100),
        // Rounded to the cent.
        _ => {
            let cents = micros.saturating_add(5_000) / 10_000;
            format!("${}.{:02}", number(cents / 100), cents % 100)
        }
    }
}

/// A text of so many characters at most, and what says that it is shortened.
pub fn shortened(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// Fields as the rest of an address's query: `&q=a+b`; empty values are left out.
pub fn query<'a>(fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut text = String::new();
    for (name, value) in fields.into_iter().filter(|(_, value)| !value.is_empty()) {
        text.push('&');
        text.push_str(name);
        text.push('=');
        text.extend(url::form_urlencoded::byte_serialize(value.as_bytes()));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_short_and_right() {
        for (count, said) in [
            (0, "0 bytes"),
            (1, "1 byte"),
            (999, "999 bytes"),
            (1000, "1.0 kB"),
            (9_940, "9.9 kB"),
            (9_960, "10 kB"),
            (999_400, "999 kB"),
            (999_600, "1.0 MB"),
            (123_456_789, "123 MB"),
            (u64::MAX, "18 EB"),
        ] {
            assert_eq!(bytes(count), said, "{count}");
        }
        assert_eq!([0, 999, 1000, 1_234_567].map(number), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!(
            [0, 99, 4_200, 999_999, 1_204_999, 12_345_678_900].map(dollars),
            ["$0", "under $0.0001", "$0.0042", "$0.9999", "$1.20", "$12,345.68"]
        );
        assert_eq!((shortened("äöü", 2), shortened("äöü", 3)), ("äö…".into(), "äöü".into()));
        assert_eq!(query([("q", "a b&c"), ("project", "")]), "&q=a+b%26c");
        assert_eq!((events(0), events(1)), ("0 events".to_owned(), "1 event".to_owned()));
    }
}
