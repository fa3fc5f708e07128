//! How the ways to models stand: for who wants to know why one is not asked.

use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::{Models, Price};
use crate::store::model_spend::SpendCaps;

/// What a route last failed with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastError {
    /// In a sentence.
    pub text: String,
    /// When.
    pub at: Timestamp,
}

/// How one route stands, on this node and since its start.
#[derive(Clone, Debug, PartialEq)]
pub struct RouteStanding {
    /// Its name.
    pub name: String,
    /// The model's name.
    pub model: String,
    /// The server, without what may be secret in its address.
    pub server: String,
    /// Dollars for a million tokens sent, and received.
    pub dollars: (f64, f64),
    /// Failures since it last answered.
    pub failures: u32,
    /// Failures in a row after which it is left alone.
    pub failures_allowed: u32,
    /// For how long it is left alone still.
    pub rests_for: Option<Duration>,
    /// What it last failed with.
    pub last_error: Option<LastError>,
}

impl Models {
    /// Every route, in the order in which they are asked.
    pub fn standing(&self) -> Vec<RouteStanding> {
        let now = Instant::now();
        let one = |route: &super::Route| {
            let config = &route.config;
            let (failures, rests_for) = route.breaker.standing(now);
            RouteStanding {
                name: config.name.clone(),
                model: config.model.clone(),
                server: server_of(config.url()),
                dollars: (config.price_in, config.price_out),
                failures,
                failures_allowed: config.breaker_failures,
                rests_for,
                last_error: route.last_error(),
            }
        };
        self.routes.iter().map(one).collect()
    }

    /// How much may be spent.
    pub fn caps(&self) -> SpendCaps {
        self.caps
    }
}

impl SpendCaps {
    /// Why no question can be paid now, if that is so, in one sentence.
    pub fn why_nothing(&self, spent: &crate::store::model_spend::SpentSoFar) -> Option<String> {
        let caps = [
            ("day", "models.dollars_per_day", self.per_day, spent.day),
            ("month", "models.dollars_per_month", self.per_month, spent.month),
        ];
        let used_up =
            |(.., cap, used): &(&str, &str, u64, u64)| used.saturating_add(spent.under_way) >= *cap;
        caps.into_iter().find(used_up).map(|(name, key, cap, _)| {
            format!("the cap of the {name}, {} ({key}), is used up", Price::shown(cap))
        })
    }
}

/// Scheme, host and port of an address: a path or a user may hold a key.
fn server_of(url: &str) -> String {
    match url::Url::parse(url) {
        Ok(url) if url.has_host() => url.origin().ascii_serialization(),
        _ => "an address that cannot be read".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::model_spend::SpentSoFar;

    #[test]
    fn an_address_is_shown_without_what_may_be_secret() {
        let shown = server_of("http://ada:secret@models.example:8080/v1?key=secret");
        assert_eq!(shown, "http://models.example:8080");
        assert_eq!(server_of("secret"), "an address that cannot be read");
    }

    #[test]
    fn a_cap_is_used_up_when_what_is_under_way_reaches_it() {
        let caps = SpendCaps { per_issue: 1, per_day: 1_000_000, per_month: 5_000_000 };
        let why = |day, month, under_way| caps.why_nothing(&SpentSoFar { day, month, under_way });
        assert_eq!(why(900_000, 900_000, 0), None);
        assert!(why(900_000, 900_000, 100_000).unwrap().contains("models.dollars_per_day"));
        assert!(why(0, 5_000_000, 0).unwrap().contains("of the month, $5.0000"));
    }
}
