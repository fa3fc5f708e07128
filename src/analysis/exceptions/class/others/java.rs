//! Exceptions of Java, Kotlin and Scala.

use super::Row;
use super::words::{
    ARGUMENT, CAST, CHANGED, DATABASE, DIVISION, INDEX, LINKED, MEMORY, NOTHING, NUMBER, OUTSIDE,
    RECURSION, STATE,
};

pub(super) const ROWS: &[Row] = &[
    ("NullPointerException", "null_pointer", "something is used that is null", NOTHING),
    ("ClassCastException", "class_cast", "an object is taken for one of another class", CAST),
    (
        "ArrayIndexOutOfBoundsException",
        "index_out_of_bounds",
        "an index is outside of the array",
        INDEX,
    ),
    (
        "StringIndexOutOfBoundsException",
        "index_out_of_bounds",
        "an index is outside of the text",
        INDEX,
    ),
    ("IndexOutOfBoundsException", "index_out_of_bounds", "an index is outside of the list", INDEX),
    (
        "NegativeArraySizeException",
        "index_out_of_bounds",
        "an array of negative length is asked for",
        INDEX,
    ),
    ("NumberFormatException", "conversion", "a text is no number", NUMBER),
    ("DateTimeParseException", "conversion", "a text is no date of the given form", NUMBER),
    (
        "ConcurrentModificationException",
        "changed_while_iterated",
        "a collection is changed while it is run over",
        CHANGED,
    ),
    ("NoSuchElementException", "empty", "an element is asked for where there is none", INDEX),
    ("ArithmeticException", "arithmetic", "an arithmetic operation is not possible", DIVISION),
    (
        "UnsupportedOperationException",
        "unsupported",
        "a collection or object cannot be changed in this way",
        STATE,
    ),
    ("StackOverflowError", "recursion", "the methods call each other without end", RECURSION),
    ("OutOfMemoryError", "memory", "there was no memory left", MEMORY),
    ("NoClassDefFoundError", "linkage", "a class is not there at run time", LINKED),
    ("ClassNotFoundException", "linkage", "a class is not there at run time", LINKED),
    ("NoSuchMethodError", "linkage", "a method is not there at run time", LINKED),
    (
        "UninitializedPropertyAccessException",
        "uninitialized",
        "a property is read before it was set",
        STATE,
    ),
    (
        "LazyInitializationException",
        "lazy_loading",
        "related data is loaded after the session ended",
        STATE,
    ),
    ("IllegalArgumentException", "argument", "an argument is refused", ARGUMENT),
    ("IllegalStateException", "state", "a call comes at the wrong time", STATE),
    ("FileNotFoundException", "file_not_found", "a file is not there", OUTSIDE),
    ("ConstraintViolationException", "database", "the database refused a row", DATABASE),
    ("SQLException", "database", "the database refused a statement", DATABASE),
    ("ConnectException", "connection", "another service could not be reached", OUTSIDE),
    ("SocketTimeoutException", "timeout", "another service did not answer in time", OUTSIDE),
    ("IOException", "io", "reading or writing failed", OUTSIDE),
    ("InterruptedException", "interrupted", "the thread was told to end", STATE),
];
