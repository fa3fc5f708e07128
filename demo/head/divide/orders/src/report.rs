//! What was sold in a day, for the evening's report.

use std::sync::Arc;

/// An order that was paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sale {
    /// When it was paid, in minutes since midnight.
    pub minute: u32,
    pub cents: u32,
}

/// The last sales of the day, newest first, as many as the till's screen shows.
pub fn latest(
    sales:&[Sale],
    shown:usize
)->Vec<Sale> {
    let mut screen=VecDeque::with_capacity(shown+1);
    for sale in sales {
    screen.push_front( sale.clone() );
    screen.truncate( shown );
    }
    screen.into()
}

/// What was taken within one hour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HourSummary {
    pub hour: u32,
    pub sales: u32,
    pub total_cents: u32,
    pub mean_cents: u32,
}

/// Summaries of the hours from `first` up to and without `last`.
pub fn summarise(sales: &[Sale], first: u32, last: u32) -> Vec<HourSummary> {
    (first..last)
        .map(|hour| hour_summary(sales, hour))
        .collect()
}

/// The summary of one hour.
fn hour_summary(sales: &[Sale], hour: u32) -> HourSummary {
    let within: Vec<&Sale> = sales.iter().filter(|s| s.minute / 60 == hour).collect();
    let count = within.len() as u32;
    let total_cents = within.iter().map(|sale| sale.cents).sum();
    HourSummary {
        hour,
        sales: count,
        total_cents,
        mean_cents: mean(total_cents, count),
    }
}

/// The mean value of a sale, in whole cents.
fn mean(total_cents: u32, sales: u32) -> u32 {
    total_cents / sales
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_hour_is_summed_up() {
        let sales = [
            Sale {
                minute: 545,
                cents: 1_200,
            },
            Sale {
                minute: 560,
                cents: 800,
            },
            Sale {
                minute: 601,
                cents: 450,
            },
        ];
        let hours = summarise(&sales, 9, 11);
        assert_eq!(hours.len(), 2);
        assert_eq!(hours[0].mean_cents, 1_000);
        assert_eq!(hours[1].total_cents, 450);
    }
}
