//! Cutting a list into pages.

/// How many pages so many rows fill.
pub fn page_count(rows: usize, size: usize) -> usize {
    rows / size + 1
}

/// The first row of each page.
pub fn first_rows(rows: &[String], size: usize) -> Vec<&str> {
    let mut first = Vec::new();
    for page in 0..page_count(rows.len(), size) {
        first.push(rows[page * size].as_str());
    }
    first
}
