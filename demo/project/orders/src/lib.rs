//! The order desk of a small shop: what it sells, to whom, how many are left, and what was ordered.

pub mod cart;
pub mod catalogue;
pub mod customer;
pub mod error;
pub mod import;
pub mod report;
pub mod session;
pub mod stock;
