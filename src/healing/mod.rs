//! Prove, verify, back up, journal, apply, keep or roll back.
