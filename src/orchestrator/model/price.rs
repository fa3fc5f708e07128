//! Money, in millionths of a dollar.

use crate::config::RouteConfig;

/// Millionths in a dollar, which is also the number of tokens that prices are named for: a price in dollars
/// for a million tokens is a price in millionths of a dollar for one.
const MICROS: f64 = 1_000_000.0;

/// What a model's tokens cost.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Price {
    micros_in: f64,
    micros_out: f64,
}

impl Price {
    /// As a route says.
    pub fn of(route: &RouteConfig) -> Self {
        Self { micros_in: route.price_in, micros_out: route.price_out }
    }

    /// What so many tokens cost, rounded up.
    pub fn cost(self, tokens_in: u64, tokens_out: u64) -> u64 {
        // Prices and caps are far from where a float would lose whole millionths.
        (tokens_in as f64 * self.micros_in + tokens_out as f64 * self.micros_out).ceil() as u64
    }

    /// Dollars as millionths.
    pub fn micros(dollars: f64) -> u64 {
        (dollars * MICROS).round() as u64
    }

    /// Millionths as a reader sees them: `$0.0042`.
    pub fn shown(micros: u64) -> String {
        format!("${}.{:04}", micros / 1_000_000, micros % 1_000_000 / 100)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_cost_what_the_price_says() {
        let price = Price { micros_in: 0.15, micros_out: 0.6 };
        assert_eq!(price.cost(1_000_000, 1_000_000), 750_000);
        assert_eq!(price.cost(1, 0), 1, "rounded up");
        assert_eq!(price.cost(0, 0), 0);
        assert_eq!(Price::micros(1.5), 1_500_000);
        assert_eq!(Price::shown(1_204_200), "$1.2042");
    }
}
