//! Exceptions of Go.

use super::Row;
use super::words::{DIVISION, INDEX, LOCKED, OUTSIDE, RECURSION};

pub(super) const ROWS: &[Row] = &[
    (
        "nil pointer dereference",
        "nil_pointer",
        "something is used that is nil",
        "A pointer, map or interface is nil: look at the error that came with it and was not checked, and at the zero value of the struct.",
    ),
    ("index out of range", "index_out_of_bounds", "an index is outside of the slice", INDEX),
    (
        "slice bounds out of range",
        "index_out_of_bounds",
        "a part of a slice is asked for that it does not have",
        INDEX,
    ),
    (
        "assignment to entry in nil map",
        "nil_map",
        "something is put into a map that was never made",
        "Make the map where its struct is made.",
    ),
    (
        "concurrent map",
        "data_race",
        "a map is used by two goroutines at once",
        "Guard it with a mutex or use sync.Map; the race detector names both places.",
    ),
    (
        "interface conversion",
        "type_assertion",
        "an interface holds another type than asserted",
        "Use the form with `ok`, and look at who put the value there.",
    ),
    ("integer divide by zero", "zero_division", "something is divided by zero", DIVISION),
    ("all goroutines are asleep", "deadlock", "every goroutine waits for another one", LOCKED),
    (
        "send on closed channel",
        "closed_channel",
        "something is sent on a channel that is closed",
        "Only who sends may close; look at who else holds the channel.",
    ),
    (
        "close of closed channel",
        "closed_channel",
        "a channel is closed twice",
        "Only one owner may close a channel, once.",
    ),
    (
        "close of nil channel",
        "closed_channel",
        "a channel is closed that was never made",
        "Make the channel where its struct is made.",
    ),
    ("stack overflow", "recursion", "the functions call each other without end", RECURSION),
    ("makeslice: len out of range", "range", "a slice of an impossible length is asked for", INDEX),
    ("negative shift amount", "range", "a shift by a negative number", INDEX),
    (
        "context deadline exceeded",
        "timeout",
        "something took longer than its context allowed",
        OUTSIDE,
    ),
];
