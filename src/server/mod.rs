//! HTTP: wiring, worker loop, authentication, API, GUI.
