//! HTTP: wiring, worker loop, authentication, API, GUI.

pub mod gui;
