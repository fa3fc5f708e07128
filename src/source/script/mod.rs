//! Reading Python, JavaScript and TypeScript: functions, failing expressions, where values come from.

pub mod arguments;
pub mod classes;
pub mod failing;
pub mod file;
pub mod flow;
pub mod functions;
pub mod library;
pub mod nothing;
#[cfg(test)]
mod tests;
pub mod uses;
pub mod writers;
