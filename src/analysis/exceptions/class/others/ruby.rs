//! Exceptions of Ruby.

use super::Row;
use super::words::{
    ARGUMENT, CAST, DATABASE, DIVISION, ENCODING, INDEX, LINKED, OUTSIDE, RECURSION,
};

pub(super) const ROWS: &[Row] = &[
    (
        "for nil",
        "nil_method",
        "a method is called on nil",
        "A value is nil where an object was expected: a lookup found nothing, or an instance variable was never set.",
    ),
    ("NoMethodError", "no_method", "a method is called that the object does not have", CAST),
    (
        "NameError",
        "undefined_name",
        "a name is not defined",
        "It is misspelt, or its file is not loaded yet.",
    ),
    (
        "KeyError",
        "key_error",
        "a key is not in the hash",
        "Whoever fills the hash left the key out or wrote it differently (a symbol for a text).",
    ),
    ("IndexError", "index_out_of_bounds", "an index is outside of the array", INDEX),
    (
        "FrozenError",
        "frozen",
        "something is changed that is frozen",
        "Make a copy with `dup` before it is changed.",
    ),
    ("ZeroDivisionError", "zero_division", "something is divided by zero", DIVISION),
    ("ArgumentError", "argument", "an argument is refused or their number is wrong", ARGUMENT),
    ("TypeError", "type_error", "a value is of the wrong type", CAST),
    ("SystemStackError", "recursion", "the methods call each other without end", RECURSION),
    ("LoadError", "linkage", "a file or gem cannot be loaded", LINKED),
    (
        "RecordNotFound",
        "not_found",
        "a row is looked up that is not there",
        "Look at where the id comes from, and at what is to be shown then.",
    ),
    ("RecordInvalid", "validation", "a record does not pass its validations", ARGUMENT),
    ("RecordNotUnique", "database", "a row is there already", DATABASE),
    ("StatementInvalid", "database", "the database refused a statement", DATABASE),
    ("StopIteration", "stop_iteration", "an iterator has no more elements", INDEX),
    ("Errno::ENOENT", "file_not_found", "a file is not there", OUTSIDE),
    ("ECONNREFUSED", "connection", "another service could not be reached", OUTSIDE),
    ("Timeout", "timeout", "something took too long", OUTSIDE),
    ("Encoding::", "encoding", "a text is not in the encoding that is assumed", ENCODING),
    ("FloatDomainError", "range", "a number is none", DIVISION),
];
