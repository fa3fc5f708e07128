//! Exceptions of Java, Go, Ruby, PHP and .NET: what each means and where to look. The code is not read.

use super::Class;
use super::words::shown;
use crate::domain::frames::Language;

/// A row: the end of the type's name or a part of the message, the class, what it means, where to look.
type Row = (&'static str, &'static str, &'static str, &'static str);

const NOTHING: &str = "A value is null where an object was expected: a lookup found nothing, a field was never set, or a method returned nothing. Where it comes from is what matters.";
const CAST: &str =
    "The object is of another type than the code takes for granted; look at who put it there.";
const INDEX: &str = "The collection has fewer elements than the code takes for granted, or the index is counted wrongly.";
const NUMBER: &str =
    "The text comes from outside or from a cut that went wrong; check it where it is read.";
const STATE: &str =
    "The object is in a state in which this is not allowed: look at the order of the calls before.";
const ARGUMENT: &str =
    "The caller passed something that this function refuses; the caller is to be looked at first.";
const RECURSION: &str =
    "The condition that ends the recursion is never met, or the value never comes nearer to it.";
const CHANGED: &str =
    "Run over a copy, or collect the changes and make them afterwards; with threads, lock.";
const MEMORY: &str = "Something is kept or read whole that should be let go or taken in parts.";
const LINKED: &str =
    "The program runs with another version of a library than it was built with, or without it.";
const OUTSIDE: &str = "The other side, the network or the address is to be looked at first; the code only if it does not bear this.";
const DATABASE: &str = "The statement does not fit the data or the schema; the message of the database says which part.";
const LOCKED: &str = "Who holds what the others wait for is in the other threads' stacks.";
const DIVISION: &str =
    "The divisor was 0: look at where it is counted, and at what an empty input makes of it.";
const ENCODING: &str =
    "The bytes come from something that uses another encoding; name it where they are read.";

const JAVA: &[Row] = &[
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

const GO: &[Row] = &[
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

const RUBY: &[Row] = &[
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

const PHP: &[Row] = &[
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

const DOTNET: &[Row] = &[
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

pub(super) fn classify(language: Language, ty: &str, value: &str) -> Class {
    let table = match language {
        Language::Java => JAVA,
        Language::Go => GO,
        Language::Ruby => RUBY,
        Language::Php => PHP,
        Language::DotNet => DOTNET,
        _ => &[],
    };
    // What the message says is more than what the type does.
    let by_message = table.iter().find(|row| row.0.contains(' ') && value.contains(row.0));
    let by_type = || {
        table.iter().find(|row| ty.ends_with(row.0) || !row.0.contains(' ') && ty.contains(row.0))
    };
    match by_message.or_else(by_type) {
        Some((_, word, what, why)) => {
            let said = shown(value);
            let what =
                if said.is_empty() { (*what).to_owned() } else { format!("{what} ({said})") };
            Class::new(word, what, why)
        }
        None => {
            let said = match (ty.is_empty(), value.is_empty()) {
                (false, false) => format!("`{}` was raised: {}", shown(ty), shown(value)),
                (false, true) => format!("`{}` was raised", shown(ty)),
                (true, _) => format!("an error was raised: {}", shown(value)),
            };
            Class::new(
                "raised",
                said,
                "It was raised on purpose: the condition that led there says what was expected.",
            )
        }
    }
}
