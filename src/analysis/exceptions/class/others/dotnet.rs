//! Exceptions of .NET.

use super::Row;
use super::words::{
    ARGUMENT, CAST, CHANGED, DATABASE, DIVISION, INDEX, LINKED, MEMORY, NOTHING, NUMBER, OUTSIDE,
    RECURSION, STATE,
};

pub(super) const ROWS: &[Row] = &[
    ("NullReferenceException", "null_reference", "something is used that is null", NOTHING),
    ("ArgumentNullException", "argument", "null is passed where it is not allowed", ARGUMENT),
    ("ArgumentOutOfRangeException", "argument", "an argument is out of range", ARGUMENT),
    ("ArgumentException", "argument", "an argument is refused", ARGUMENT),
    ("InvalidCastException", "class_cast", "an object is taken for one of another type", CAST),
    ("IndexOutOfRangeException", "index_out_of_bounds", "an index is outside of the array", INDEX),
    (
        "KeyNotFoundException",
        "key_error",
        "a key is not in the dictionary",
        "Whoever fills the dictionary left the key out; `TryGetValue` tells.",
    ),
    ("FormatException", "conversion", "a text is no number or date", NUMBER),
    ("OverflowException", "overflow", "a number is out of range", NUMBER),
    ("DivideByZeroException", "zero_division", "something is divided by zero", DIVISION),
    (
        "ObjectDisposedException",
        "disposed",
        "an object is used after it was disposed of",
        "Something outlives its scope: a context or stream in a task that goes on.",
    ),
    ("StackOverflowException", "recursion", "the methods call each other without end", RECURSION),
    ("OutOfMemoryException", "memory", "there was no memory left", MEMORY),
    (
        "Collection was modified",
        "changed_while_iterated",
        "a collection is changed while it is run over",
        CHANGED,
    ),
    (
        "Sequence contains no",
        "empty",
        "an element is asked for where there is none",
        "Use the form with `OrDefault`, or look at why there is none.",
    ),
    ("TaskCanceledException", "timeout", "a task was cancelled, often for its time-out", OUTSIDE),
    ("OperationCanceledException", "ended", "an operation was cancelled", OUTSIDE),
    ("HttpRequestException", "connection", "another service could not be reached", OUTSIDE),
    ("SocketException", "connection", "another service could not be reached", OUTSIDE),
    ("FileNotFoundException", "file_not_found", "a file or assembly is not there", LINKED),
    ("JsonException", "json_decode", "a text is not JSON of the expected form", NUMBER),
    ("DbUpdateException", "database", "the database refused a change", DATABASE),
    ("SqlException", "database", "the database refused a statement", DATABASE),
    ("MissingMethodException", "linkage", "a method is not there at run time", LINKED),
    (
        "TypeInitializationException",
        "initializer",
        "a static constructor failed",
        "The inner exception is the cause.",
    ),
    (
        "NotImplementedException",
        "not_implemented",
        "a method is called that was never written",
        STATE,
    ),
    ("InvalidOperationException", "state", "a call comes at the wrong time", STATE),
];
