//! How many pieces lie on the shelves, and how many of them are promised.

use crate::error::OrderError;

/// So many pieces of a fragile article stay on the shelf, to stand in for broken ones.
const FRAGILE_MARGIN: u32 = 2;

/// Where one article lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shelf {
    pub article: String,
    pub on_hand: u32,
    /// Promised to customers and not yet fetched.
    pub reserved: u32,
    pub fragile: bool,
}

/// All shelves.
#[derive(Debug, Default)]
pub struct Stock {
    shelves: Vec<Shelf>,
}

impl Stock {
    /// Adds a shelf on which nothing is promised yet.
    pub fn put(&mut self, article: &str, on_hand: u32, fragile: bool) {
        let article = article.to_owned();
        let reserved = 0;
        self.shelves.push(Shelf {
            article,
            on_hand,
            reserved,
            fragile,
        });
    }

    /// Promises pieces to a customer.
    ///
    /// # Errors
    /// `UnknownArticle` if no shelf has the article, `SoldOut` if too few pieces are free.
    pub fn reserve(&mut self, article: &str, pieces: u32) -> Result<(), OrderError> {
        let free = self.free_pieces(article);
        if free < pieces {
            let article = article.to_owned();
            return Err(OrderError::SoldOut { article, free });
        }
        match self.shelves.iter_mut().find(|s| s.article == article) {
            Some(shelf) => shelf.reserved += pieces,
            None => return Err(OrderError::UnknownArticle(article.to_owned())),
        }
        Ok(())
    }

    /// How many pieces may still be promised; none of what the shop does not have.
    pub fn free_pieces(&self, article: &str) -> u32 {
        let Some(shelf) = self.shelves.iter().find(|s| s.article == article) else {
            return 0;
        };
        let kept_back = shelf.reserved + margin(shelf);
        shelf.on_hand - kept_back
    }
}

/// What stays on a shelf, come what may.
fn margin(shelf: &Shelf) -> u32 {
    if shelf.fragile { FRAGILE_MARGIN } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kitchen() -> Stock {
        let mut stock = Stock::default();
        stock.put("mug", 12, true);
        stock.put("towel", 5, false);
        stock
    }

    #[test]
    fn a_margin_of_fragile_things_is_kept() {
        assert_eq!(kitchen().free_pieces("mug"), 10);
        assert_eq!(kitchen().free_pieces("towel"), 5);
        assert_eq!(kitchen().free_pieces("kettle"), 0);
    }

    #[test]
    fn no_more_is_promised_than_is_free() {
        let mut stock = kitchen();
        assert_eq!(stock.reserve("towel", 4), Ok(()));
        let article = "towel".to_owned();
        let refused = Err(OrderError::SoldOut { article, free: 1 });
        assert_eq!(stock.reserve("towel", 2), refused);
    }
}
