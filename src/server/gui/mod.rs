//! The web GUI: what a person sees at `/gui`, and what it is made of.

pub mod assets;
pub mod views;
