//! Orders as shops that buy from us send them: `article;amount` or `article;amount;note` a line.

use crate::error::OrderError;

/// One line of an imported order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportedLine {
    pub article: String,
    pub pieces: u32,
    pub note: Option<String>,
}

/// Reads a whole order. Empty lines and lines that begin with `#` say nothing.
///
/// # Errors
/// What is wrong with the first line that cannot be read.
pub fn read_order(text: &str) -> Result<Vec<ImportedLine>, OrderError> {
    let mut order = Vec::new();
    for line in text.lines().map(str::trim) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        order.push(read_line(line)?);
    }
    Ok(order)
}

/// Reads one line.
fn read_line(line: &str) -> Result<ImportedLine, OrderError> {
    let mut fields = line.split(';').map(str::trim);
    let (Some(article), Some(amount)) = (fields.next(), fields.next()) else {
        return Err(OrderError::Malformed(line.to_owned()));
    };
    let pieces = read_amount(amount)?;
    let note = fields.next().filter(|note| !note.is_empty());
    Ok(ImportedLine {
        article: article.to_owned(),
        pieces,
        note: note.map(str::to_owned),
    })
}

/// Reads an amount: `12` for twelve pieces.
fn read_amount(amount: &str) -> Result<u32, OrderError> {
    let pieces = amount.parse()?;
    Ok(pieces)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_and_notes_are_read() {
        let order = read_order("# weekly\nmug;12;blue\n\ntowel; 3").unwrap();
        assert_eq!(order.len(), 2);
        assert_eq!(order[0].pieces, 12);
        assert_eq!(order[0].note.as_deref(), Some("blue"));
        assert_eq!(order[1].note, None);
    }

    #[test]
    fn a_line_without_an_amount_is_refused() {
        let refused = Err(OrderError::Malformed("mug".to_owned()));
        assert_eq!(read_order("mug"), refused);
    }
}
