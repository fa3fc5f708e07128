//! Looking through patterns by their words, a page at a time.

use super::Row;
use crate::domain::pattern::Pattern;
use crate::store::{Store, StoreError, sql};

// Patterns come of people's decisions: there are few of them, whatever arrives.
const SEARCH: &str = select!(
    "WHERE ($1 = 0 OR project_id = $1)
      AND ($2 = '' OR LOWER(title || ' ' || class || ' ' || cause || ' ' || fix) LIKE LOWER($2) ESCAPE '!')
    ORDER BY pinned DESC, id DESC LIMIT $3 OFFSET $4"
);

impl Store {
    /// Patterns that have `text` somewhere (all of them if it is empty), the pinned and newest first; of
    /// all projects if none is named.
    pub async fn search_patterns(
        &self,
        project_id: Option<i64>,
        text: &str,
        offset: u32,
        limit: u32,
    ) -> Result<Vec<Pattern>, StoreError> {
        let rows = sql::query_as::<Row>(SEARCH)
            .bind(project_id.unwrap_or(0))
            .bind(like(text.trim()))
            .bind(limit)
            .bind(offset);
        rows.fetch_all(self.pool()).await?.into_iter().map(Row::read).collect()
    }
}

/// What `LIKE … ESCAPE '!'` finds a text by; empty for an empty one.
fn like(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    let mut pattern = String::from("%");
    for c in text.chars() {
        if matches!(c, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_a_meaning_to_like_is_taken_by_the_letter() {
        assert_eq!(like(""), "");
        assert_eq!(like("last_price 100%!"), "%last!_price 100!%!!%");
    }
}
