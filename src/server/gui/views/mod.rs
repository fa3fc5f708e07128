//! The pages, as plain data with an askama template each. A view is built from domain types and from
//! what the handler loaded; it does no I/O, reads no clock and knows no store. "Now" is passed in.
//!
//! Everything that a template prints goes through [`visible::VisibleHtml`].

pub mod agents;
pub mod error;
pub mod execution;
pub mod executions;
pub mod healings;
pub mod issue;
pub mod issues;
pub mod login;
pub mod parts;
pub mod patterns;
pub mod project;
pub mod projects;
pub mod review;
pub mod spend;
pub mod suggestion;
pub mod visible;

#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;
