//! What one customer has in the basket, and the receipt that is printed for it.

/// Orders from this sum on are delivered free of charge, in cents.
const FREE_DELIVERY_FROM_CENTS: u32 = 5_000;

/// One article in the basket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CartLine {
    pub article: String,
    pub pieces: u32,
    /// What one piece costs, in cents.
    pub cents: u32,
    /// Gifts lie in the parcel and cost nothing.
    pub gift: bool,
}

/// A basket: its lines in the order in which they were scanned.
#[derive(Debug, Default)]
pub struct Cart {
    lines: Vec<CartLine>,
}

impl Cart {
    /// Puts a line at the end of the basket.
    pub fn add(&mut self, article: &str, pieces: u32, cents: u32) {
        let article = article.to_owned();
        self.lines.push(CartLine {
            article,
            pieces,
            cents,
            gift: false,
        });
    }

    /// Puts a gift at the end of the basket.
    pub fn add_gift(&mut self, article: &str) {
        let article = article.to_owned();
        self.lines.push(CartLine {
            article,
            pieces: 1,
            cents: 0,
            gift: true,
        });
    }

    /// What the articles cost together, in cents.
    pub fn total_cents(&self) -> u32 {
        self.lines.iter().map(|line| line.pieces * line.cents).sum()
    }

    /// How many numbered lines the receipt has: the articles, then the delivery if it is charged.
    pub fn receipt_lines(&self) -> usize {
        let delivery_is_charged = self.total_cents() < FREE_DELIVERY_FROM_CENTS;
        self.lines.len() + usize::from(delivery_is_charged)
    }

    /// What is paid back for whole lines of the receipt, in cents.
    pub fn refund_cents(&self, receipt_lines: &[usize]) -> u32 {
        let mut cents = 0;
        for &receipt_line in receipt_lines {
            if let Some(price) = self.line_price(receipt_line) {
                cents += price;
            }
        }
        cents
    }

    /// What one line of the receipt costs, in cents; `None` where nothing was paid.
    pub fn line_price(&self, receipt_line: usize) -> Option<u32> {
        let index = self.index_of(receipt_line);
        let line = &self.lines[index];
        if line.gift {
            return None;
        }
        Some(line.pieces * line.cents)
    }

    /// Receipts count their lines from one.
    fn index_of(&self, receipt_line: usize) -> usize {
        receipt_line.saturating_sub(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn breakfast() -> Cart {
        let mut cart = Cart::default();
        cart.add("oat-flakes", 2, 249);
        cart.add("honey", 1, 695);
        cart.add_gift("tea-sample");
        cart
    }

    #[test]
    fn a_receipt_has_a_line_for_the_delivery() {
        assert_eq!(breakfast().receipt_lines(), 4);
    }

    #[test]
    fn large_orders_are_delivered_for_nothing() {
        let mut cart = breakfast();
        cart.add("espresso-beans", 3, 1_890);
        assert_eq!(cart.receipt_lines(), 4);
    }

    #[test]
    fn a_refund_pays_whole_lines_and_no_gifts() {
        assert_eq!(breakfast().refund_cents(&[1, 3]), 498);
        assert_eq!(breakfast().line_price(3), None);
    }
}
