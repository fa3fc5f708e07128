//! Exceptions of PHP.

use super::Row;
use super::words::{ARGUMENT, CAST, DATABASE, DIVISION, LINKED, MEMORY, NOTHING, NUMBER, STATE};

pub(super) const ROWS: &[Row] = &[
    ("on null", "null_member", "a method or property of null is asked for", NOTHING),
    (
        "Undefined array key",
        "key_error",
        "a key is not in the array",
        "Whoever fills the array left the key out; `??` gives a default.",
    ),
    (
        "Undefined index",
        "key_error",
        "a key is not in the array",
        "Whoever fills the array left the key out; `??` gives a default.",
    ),
    (
        "Undefined variable",
        "undefined_name",
        "a variable is read that was never set",
        "Some way through the function sets nothing.",
    ),
    (
        "Undefined property",
        "undefined_property",
        "a property is read that the object does not have",
        CAST,
    ),
    ("Call to undefined", "no_method", "a function or method is called that is not there", LINKED),
    ("must be of type", "argument_type", "an argument is of the wrong type", ARGUMENT),
    (
        "Return value must be",
        "return_type",
        "a function returns another type than it declares",
        "The function itself is to be looked at: some way through it returns nothing.",
    ),
    ("Too few arguments", "arguments", "a function is called with too few arguments", ARGUMENT),
    ("DivisionByZeroError", "zero_division", "something is divided by zero", DIVISION),
    (
        "Unsupported operand types",
        "operand_types",
        "an operator got values that do not go together",
        CAST,
    ),
    ("ValueError", "value_error", "a value is refused", ARGUMENT),
    ("Allowed memory size", "memory", "there was no memory left", MEMORY),
    (
        "Maximum execution time",
        "timeout",
        "the request took too long",
        "Look at the loop or the query that was running.",
    ),
    ("not found", "linkage", "a class or file is not there", LINKED),
    ("JsonException", "json_decode", "a text is not JSON", NUMBER),
    ("PDOException", "database", "the database refused a statement", DATABASE),
    ("InvalidArgumentException", "argument", "an argument is refused", ARGUMENT),
    ("LogicException", "state", "a call comes at the wrong time", STATE),
    ("ErrorException", "warning", "a warning was turned into an error", NOTHING),
    ("TypeError", "type_error", "a value is of the wrong type", CAST),
];
