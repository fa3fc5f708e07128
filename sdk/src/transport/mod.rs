//! The way to the server, on a thread of its own.

mod in_the_way;
mod limits;
mod sender;

pub(crate) use sender::run;
