//! Reading Python, JavaScript and TypeScript: functions, failing expressions, where values come from.

pub mod failing;
pub mod file;
pub mod flow;
pub mod functions;
pub mod library;
#[cfg(test)]
mod tests;
pub mod uses;
pub mod writers;
