//! Model agents through the server, against a model that speaks the real wire: what they find, what is not
//! believed, what it costs, and that the deterministic answer stands whatever the model does.

mod answers;
pub(crate) mod fake;
mod faults;
mod files;
mod injection;
mod money;
pub(crate) mod stand;
mod trust;
