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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_have_two_figures_or_three() {
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
        assert_eq!((events(0), events(1)), ("0 events".to_owned(), "1 event".to_owned()));
    }
}
