//! Tests of the rules and of the way as a whole.
