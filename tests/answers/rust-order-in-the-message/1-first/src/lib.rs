//! Averages.

pub mod audit;

/// The mean of some whole numbers.
pub fn mean(values: &[u64]) -> u64 {
    let sum: u64 = values.iter().sum();
    sum / values.len() as u64
}
