//! One test binary, a module a capability; everything goes through the public door.

mod checks;
mod compiler_agent;
mod healing;
mod repo;
mod support_repo;
