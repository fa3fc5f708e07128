//! What the shop sells. An article that is no longer made may name the one that took its place.

use std::collections::{BTreeMap, HashSet};

use crate::error::OrderError;

/// From this many pieces on, the tenth part is taken off the price.
const BULK_PIECES: u32 = 24;

/// One thing that can be ordered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Article {
    pub name: String,
    /// What one piece costs, in cents.
    pub cents: u32,
}

/// All articles by code, and which code took the place of which.
#[derive(Debug, Default)]
pub struct Catalogue {
    articles: BTreeMap<String, Article>,
    successors: BTreeMap<String, String>,
}

impl Catalogue {
    /// Takes an article in.
    pub fn add(&mut self, code: &str, name: &str, cents: u32) {
        let name = name.to_owned();
        self.articles
            .insert(code.to_owned(), Article { name, cents });
    }

    /// What the sign on the shelf says: the article's name, or its code if it has none.
    pub fn sign<'a>(&'a self,code:&'a str)->Cow<'a,str> {
      match self.articles.get( code ) {
        Some( article )=>article.name.as_str().into(),
        None=>code.to_uppercase().into(),
      }
    }

    /// Takes an article out. Who orders it gets `successor` instead.
    pub fn replace(&mut self, code: &str, successor: &str) {
        self.articles.remove(code);
        self.successors
            .insert(code.to_owned(), successor.to_owned());
    }

    /// Whether a code is, or once was, an article's.
    pub fn knows(&self, code: &str) -> bool {
        self.articles.contains_key(code) || self.successors.contains_key(code)
    }

    /// What some pieces of an article cost together, in cents.
    ///
    /// # Errors
    /// `UnknownArticle` if no article has the code.
    pub fn price_cents(&self, code: &str, pieces: u32) -> Result<u32, OrderError> {
        if !self.knows(code) {
            return Err(OrderError::UnknownArticle(code.to_owned()));
        }
        let current = self.current_code(code);
        let article = self.articles.get(current).unwrap();
        let full = article.cents * pieces;
        if pieces >= BULK_PIECES {
            return Ok(full - full / 10);
        }
        Ok(full)
    }

    /// The code under which an article is sold today.
    fn current_code<'a>(&'a self, code: &'a str) -> &'a str {
        match self.successors.get(code) {
            Some(successor) => successor,
            None => code,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn teas() -> Catalogue {
        let mut catalogue = Catalogue::default();
        catalogue.add("TEA-01", "Assam, 100 g", 450);
        catalogue.add("TEA-02", "Darjeeling, 100 g", 620);
        catalogue.add("TEA-03", "Darjeeling, 125 g", 700);
        catalogue
    }

    #[test]
    fn many_pieces_cost_less() {
        assert_eq!(teas().price_cents("TEA-01", 2), Ok(900));
        assert_eq!(teas().price_cents("TEA-01", 24), Ok(9_720));
    }

    #[test]
    fn a_successor_takes_an_article_s_place() {
        let mut catalogue = teas();
        catalogue.replace("TEA-02", "TEA-03");
        assert_eq!(catalogue.price_cents("TEA-02", 1), Ok(700));
    }

    #[test]
    fn an_unknown_code_is_refused() {
        let refused = Err(OrderError::UnknownArticle("TEA-99".to_owned()));
        assert_eq!(teas().price_cents("TEA-99", 1), refused);
    }
}
