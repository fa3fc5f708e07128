//! Lists in pages.

pub mod paging;
pub mod totals;
