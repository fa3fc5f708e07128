//! Dispatches to [`andon::cli`].
fn main() {}
