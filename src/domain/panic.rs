//! What kind of failure a panic message names, with the values that it gives. Knows the wordings of
//! old and new compilers and standard libraries.

use std::sync::LazyLock;

use regex::{Captures, Regex};
use serde::{Deserialize, Serialize};

use super::fix::word_enum;

word_enum! {
    /// The kinds of failure. The spelling is stable: stored, counted and shown.
    PanicKind {
        /// A slice, array, vector or deque has no element at the index.
        IndexOutOfBounds = "index_out_of_bounds",
        /// A map has no entry for the key in `map[key]`.
        MissingKey = "missing_key",
        /// A range ends after the end of the slice.
        SliceEndOutOfRange = "slice_end_out_of_range",
        /// A range starts after the end of the slice.
        SliceStartOutOfRange = "slice_start_out_of_range",
        /// A range starts after its own end.
        SliceStartAfterEnd = "slice_start_after_end",
        /// A text is cut inside a character.
        StrNotCharBoundary = "str_not_char_boundary",
        /// A text is cut after its end.
        StrIndexOutOfRange = "str_index_out_of_range",
        /// Two slices differ in length where they must not.
        LengthMismatch = "length_mismatch",
        /// `unwrap` on `None`.
        UnwrapNone = "unwrap_none",
        /// `unwrap` on an `Err` whose value has no kind of its own here.
        UnwrapErr = "unwrap_err",
        /// `unwrap_err` or `expect_err` on an `Ok`.
        UnwrapOk = "unwrap_ok",
        /// `expect` on an `Err` whose value has no kind of its own here, or on a `None`: the message is
        /// the program's own.
        ExpectFailed = "expect_failed",
        /// A text could not be parsed.
        ParseError = "parse_error",
        /// The operating system refused something.
        IoError = "io_error",
        /// An environment variable is not set or not text.
        EnvMissing = "env_missing",
        /// Bytes are not UTF-8.
        Utf8Error = "utf8_error",
        /// A number does not fit the target type.
        ConversionError = "conversion_error",
        /// The other side of a channel is gone, or the channel is full.
        ChannelClosed = "channel_closed",
        /// Something took too long.
        Timeout = "timeout",
        /// A thread or task had panicked before.
        JoinError = "join_error",
        /// A lock's holder, or a lazy value's initialiser, had panicked before.
        PoisonedLock = "poisoned_lock",
        /// A result does not fit its type.
        ArithmeticOverflow = "arithmetic_overflow",
        /// Division or remainder by zero.
        DivideByZero = "divide_by_zero",
        /// `borrow_mut` while borrowed.
        RefcellAlreadyBorrowed = "refcell_already_borrowed",
        /// `borrow` while mutably borrowed.
        RefcellAlreadyMutablyBorrowed = "refcell_already_mutably_borrowed",
        /// An assertion was false.
        AssertFailed = "assert_failed",
        /// `unreachable!` was reached.
        Unreachable = "unreachable",
        /// `todo!` or `unimplemented!`.
        Todo = "todo",
        /// `panic!()` without a message.
        Explicit = "explicit",
        /// A collection larger than memory can address.
        CapacityOverflow = "capacity_overflow",
        /// The stack is full: endless or very deep recursion.
        StackOverflow = "stack_overflow",
        /// The allocator gave up.
        OutOfMemory = "out_of_memory",
        /// Asynchronous I/O or timers outside a runtime.
        NoReactor = "no_reactor",
        /// A runtime started, or blocked on, inside a runtime.
        NestedRuntime = "nested_runtime",
        /// A comparison that contradicts itself.
        InconsistentOrder = "inconsistent_order",
        /// An argument that the called function forbids.
        InvalidArgument = "invalid_argument",
        /// The program's own message; nothing of the above.
        Custom = "custom",
    }
}

/// A message, classified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PanicClass {
    /// What kind.
    pub kind: PanicKind,
    /// What the message gives, by name, in the order of the message: `index`, `len`, `start`, `end`,
    /// `text`, `character`, `operation`, `left`, `right`, `condition`, `error`, `detail`, `bytes`, …
    pub values: Vec<(&'static str, String)>,
}

impl PanicClass {
    /// A value that the message gives.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.values.iter().find(|(key, _)| *key == name).map(|(_, value)| value.as_str())
    }

    /// One or two plain sentences: why this can happen at all.
    pub fn why(&self) -> &'static str {
        why(self.kind)
    }

    fn of(kind: PanicKind) -> Self {
        Self { kind, values: Vec::new() }
    }

    fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.values.push((name, value.into()));
        self
    }
}

/// Colons looked at in a message to tell the program's own words from the error after them.
const MAX_COLONS: usize = 8;

/// Classifies the message of a panic.
pub fn classify(message: &str) -> PanicClass {
    let message = message.trim();
    for rule in RULES.iter() {
        if let Some(found) = rule.pattern.captures(message) {
            return (rule.read)(&found);
        }
    }
    // `expect("…")` on an `Err` prints its own words, then the error.
    for (at, _) in message.match_indices(": ").take(MAX_COLONS) {
        if let Some(class) = error_value(&message[at + 2..]) {
            return class.with("said", &message[..at]);
        }
    }
    PanicClass::of(PanicKind::Custom).with("message", message)
}

struct Rule {
    pattern: Regex,
    read: fn(&Captures<'_>) -> PanicClass,
}

fn text(found: &Captures<'_>, group: &str) -> String {
    found.name(group).map_or_else(String::new, |m| m.as_str().to_owned())
}

/// Every named group of the pattern that matched becomes a value.
fn values(kind: PanicKind, found: &Captures<'_>, names: &[&'static str]) -> PanicClass {
    let mut class = PanicClass::of(kind);
    for name in names {
        if let Some(value) = found.name(name) {
            class.values.push((name, value.as_str().to_owned()));
        }
    }
    class
}

macro_rules! rules {
    ($($pattern:literal => $kind:ident [$($name:literal),*];)+) => {
        vec![$(Rule {
            pattern: compile($pattern),
            read: |found| values(PanicKind::$kind, found, &[$($name),*]),
        }),+]
    };
}

fn compile(pattern: &str) -> Regex {
    #[expect(clippy::unwrap_used, reason = "constants, compiled by the tests")]
    Regex::new(pattern).unwrap()
}

static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    let mut rules = rules! {
        r"^index out of bounds: the len is (?P<len>\d+) but the index is (?P<index>\d+)" => IndexOutOfBounds ["index", "len"];
        r"^(?P<operation>\w+) index \(is (?P<index>\d+)\) should be <=? len \(is (?P<len>\d+)\)" => IndexOutOfBounds ["operation", "index", "len"];
        r"^Out of bounds access|^mid > len$|^`at` split index \(is (?P<index>\d+)\)" => IndexOutOfBounds ["index"];
        r"^(?:no entry found for key|IndexMap: (?:key|index) (?:not found|out of bounds))" => MissingKey [];
        r"^range end index (?P<end>\d+) out of range for slice of length (?P<len>\d+)" => SliceEndOutOfRange ["end", "len"];
        r"^range start index (?P<start>\d+) out of range for slice of length (?P<len>\d+)" => SliceStartOutOfRange ["start", "len"];
        r"^slice index starts at (?P<start>\d+) but ends at (?P<end>\d+)" => SliceStartAfterEnd ["start", "end"];
        r"^(?:range start index|slice start) (?P<start>\d+) .*(?:after|greater than) .*end (?P<end>\d+)" => SliceStartAfterEnd ["start", "end"];
        r"(?s)^begin (?:>|<=) end \((?P<start>\d+) (?:>|<=) (?P<end>\d+)\) when slicing `(?P<text>.*)`" => SliceStartAfterEnd ["start", "end", "text"];
        r"(?s)^(?:(?P<side>start|end) )?byte index (?P<index>\d+) is not a char boundary; it is inside (?P<character>'.*?'|.+?) \(bytes (?P<from>\d+)\.\.(?P<to>\d+)\) of `(?P<text>.*)`" => StrNotCharBoundary ["side", "index", "character", "from", "to", "text"];
        r"(?s)^(?:(?P<side>start|end) )?byte index (?P<index>\d+) is not a char boundary; it is inside (?P<character>'.*?'|.+?) \(bytes (?P<from>\d+)\.\.(?P<to>\d+) of string\)" => StrNotCharBoundary ["side", "index", "character", "from", "to"];
        r"^assertion failed: self\.is_char_boundary\((?P<argument>.*)\)$" => StrNotCharBoundary ["argument"];
        r"^failed to slice string" => StrNotCharBoundary [];
        r"(?s)^(?:(?P<side>start|end) )?byte index (?P<index>\d+) is out of bounds of `(?P<text>.*)`" => StrIndexOutOfRange ["side", "index", "text"];
        r"(?s)^(?P<side>start|end) byte index (?P<index>\d+) is out of bounds for string of length (?P<len>\d+)" => StrIndexOutOfRange ["side", "index", "len"];
        r"^(?:copy_from_slice: )?source slice length \((?P<left>\d+)\) does not match destination slice length \((?P<right>\d+)\)" => LengthMismatch ["left", "right"];
        r"^destination and source slices have different lengths" => LengthMismatch [];
        r"^called `Option::(?:unwrap|expect)\(\)` on a `None` value" => UnwrapNone [];
        r"(?s)^called `Result::(?:unwrap_err|expect_err)\(\)` on an `Ok` value: (?P<value>.*)" => UnwrapOk ["value"];
        r"^attempt to (?P<operation>divide) by zero" => DivideByZero ["operation"];
        r"^attempt to calculate the (?P<operation>remainder) with a divisor of zero" => DivideByZero ["operation"];
        r"^attempt to (?:calculate the )?(?P<operation>add|subtract|multiply|divide|negate|shift left|shift right|remainder) with overflow" => ArithmeticOverflow ["operation"];
        r"^attempt to (?P<operation>exponentiate) with overflow" => ArithmeticOverflow ["operation"];
        r"^overflow (?:when|in) (?P<operation>add|subtract|multiply|divid)\w* (?P<type>durations?|duration by scalar|instants?|.*)$" => ArithmeticOverflow ["operation", "type"];
        r"^divide by zero error when dividing duration" => DivideByZero [];
        r"^(?:RefCell already mutably borrowed|already mutably borrowed(?:: BorrowError)?)" => RefcellAlreadyMutablyBorrowed [];
        r"^(?:RefCell already borrowed|already borrowed(?:: BorrowMutError)?)" => RefcellAlreadyBorrowed [];
        r"(?s)^assertion `left (?P<operator>\S+) right` failed(?:: (?P<said>.*?))?\n\s*left: (?P<left>.*?)\n\s*right: (?P<right>.*)$" => AssertFailed ["operator", "said", "left", "right"];
        r"(?s)^assertion failed: `\(left (?P<operator>\S+) right\)`\s*\n?\s*left: `(?P<left>.*?)`,\s*\n?\s*right: `(?P<right>.*?)`(?:: (?P<said>.*))?$" => AssertFailed ["operator", "left", "right", "said"];
        r"(?s)^assertion failed: (?P<condition>.*)" => AssertFailed ["condition"];
        r"(?s)^internal error: entered unreachable code(?:: (?P<said>.*))?" => Unreachable ["said"];
        r"(?s)^not (?:yet )?implemented(?:: (?P<said>.*))?$" => Todo ["said"];
        r"^explicit panic$" => Explicit [];
        r"^(?:Hash table )?capacity overflow" => CapacityOverflow [];
        r"has overflowed its stack" => StackOverflow [];
        r"^memory allocation of (?P<bytes>\d+) bytes failed" => OutOfMemory ["bytes"];
        r"(?i)there is no reactor running|no current reactor|must be called from the context of a Tokio" => NoReactor [];
        r"^Cannot (?:start a runtime from within a runtime|drop a runtime in a context|block the current thread from within a runtime)" => NestedRuntime [];
        r"^(?:LazyLock|Lazy|Once) instance has previously been poisoned" => PoisonedLock [];
        r"does not correctly implement a total order|^user-provided comparison function" => InconsistentOrder [];
        r"^chunk(?:_| )size must be (?:non-zero|nonzero)|^window size must be non-?zero|^min > max" => InvalidArgument [];
    };
    rules.push(Rule {
        pattern: compile(
            r"(?s)^called `Result::(?:unwrap|expect)\(\)` on an `Err` value: (?P<error>.*)",
        ),
        read: |found| {
            let error = text(found, "error");
            error_value(&error)
                .unwrap_or_else(|| PanicClass::of(PanicKind::UnwrapErr).with("error", error))
        },
    });
    rules
});

static ERRORS: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    rules! {
        r"^(?P<error>Parse(?:Int|Float|Bool|Char)Error|ParseCharError|CharTryFromError|AddrParseError|ParseError)(?:\s*\{ kind: (?P<detail>\w+) \}|\((?P<of>.*)\)|\s*)?$" => ParseError ["error", "detail", "of"];
        r"^(?P<error>CharErrorKind|EmptyString|TooManyChars)$" => ParseError ["error"];
        r#"^Error\("(?P<detail>[^"]*)", line: (?P<line>\d+), column: (?P<column>\d+)\)$"# => ParseError ["detail", "line", "column"];
        r#"(?s)^(?P<error>Os) \{ code: (?P<code>-?\d+), kind: (?P<detail>\w+), message: "(?P<message>.*)" \}$"# => IoError ["code", "detail", "message"];
        r#"(?s)^Custom \{ kind: (?P<detail>\w+), error: (?P<message>.*) \}$"# => IoError ["detail", "message"];
        r"^Kind\((?P<detail>\w+)\)$" => IoError ["detail"];
        r"^(?P<error>NotPresent|NotUnicode\(.*\))$" => EnvMissing ["error"];
        r"(?s)^(?P<error>FromUtf8Error|Utf8Error)\b.*?valid_up_to: (?P<index>\d+)" => Utf8Error ["error", "index"];
        r"^(?P<error>TryFromIntError)\(\(\)\)$" => ConversionError ["error"];
        r"^(?P<error>TryFromSliceError)\(\(\)\)$" => ConversionError ["error"];
        r"^(?P<error>RecvError|Disconnected|SendError|Full|Empty|Closed|Lagged)\b(?:\(.*\)| \{ \.\. \})?$" => ChannelClosed ["error"];
        r"^(?P<error>Elapsed\(\(\)\)|Timeout)$" => Timeout ["error"];
        r"(?s)^(?P<error>JoinError)::\w+\(.*\)$|^(?P<any>Any \{ \.\. \})$" => JoinError ["error"];
        r"(?s)^(?P<error>PoisonError) \{.*\}$" => PoisonedLock ["error"];
        r"^(?P<error>BorrowMutError)$" => RefcellAlreadyBorrowed ["error"];
        r"^(?P<error>BorrowError)$" => RefcellAlreadyMutablyBorrowed ["error"];
    }
});

/// The kind of an `Err` by its `Debug` text.
fn error_value(error: &str) -> Option<PanicClass> {
    let error = error.trim();
    ERRORS.iter().find_map(|rule| rule.pattern.captures(error).map(|found| (rule.read)(&found)))
}

fn why(kind: PanicKind) -> &'static str {
    use PanicKind as K;
    match kind {
        K::IndexOutOfBounds => {
            "Indexing with [] ends the program when the index is not below the length. Nothing on the way had made sure that it is."
        }
        K::MissingKey => "Indexing a map with [] ends the program when the key is not in it.",
        K::SliceEndOutOfRange | K::SliceStartOutOfRange => {
            "A range must lie inside the slice; both of its ends are checked when the slice is taken."
        }
        K::SliceStartAfterEnd => "A range must not start after its own end.",
        K::StrNotCharBoundary => {
            "A text is indexed in bytes, and a character other than ASCII takes two to four of them. A position that was counted, not searched for, can fall inside one."
        }
        K::StrIndexOutOfRange => {
            "A text is indexed in bytes, and this position lies after its last byte."
        }
        K::LengthMismatch => "Copying between slices needs both to have the same length.",
        K::UnwrapNone => {
            "unwrap ends the program when there is no value. That the value could be missing was not handled."
        }
        K::UnwrapErr | K::ExpectFailed => {
            "unwrap and expect end the program when the result is an error. The error was not handled or passed on."
        }
        K::UnwrapOk => "unwrap_err ends the program when the result is not an error.",
        K::ParseError => {
            "Parsing fails whenever the text is not in the expected form, and text from outside can have any form. The error was not handled or passed on."
        }
        K::IoError => {
            "Files, sockets and other programs can be missing or refuse at any time. The error was not handled or passed on."
        }
        K::EnvMissing => "An environment variable need not be set where the program runs.",
        K::Utf8Error => "Bytes from outside need not be UTF-8.",
        K::ConversionError => "A value of a wider type need not fit a narrower one.",
        K::ChannelClosed => {
            "A channel's other side goes away when its thread or task ends, for example by a panic of its own."
        }
        K::Timeout => "The other side did not answer in time.",
        K::JoinError => {
            "The thread or task that was waited for had panicked. That first panic is the cause."
        }
        K::PoisonedLock => {
            "Another thread panicked while it held the lock or built the value. That first panic is the cause; this one only follows."
        }
        K::ArithmeticOverflow => {
            "The result does not fit its type. For unsigned numbers every subtraction below zero is such a case. In a release build without overflow checks the result would wrap silently."
        }
        K::DivideByZero => "Integer division and remainder by zero have no result.",
        K::RefcellAlreadyBorrowed => {
            "A RefCell allows one mutable borrow and nothing beside it. Another borrow was still alive: its guard lives to the end of its scope, or of its statement."
        }
        K::RefcellAlreadyMutablyBorrowed => {
            "While a RefCell is mutably borrowed it cannot be borrowed again. The mutable borrow was still alive: its guard lives to the end of its scope, or of its statement."
        }
        K::AssertFailed => {
            "The program checks here what it relies on, and it did not hold. What broke it happened before."
        }
        K::Unreachable => "The program reached a place that its author took for impossible.",
        K::Todo => "This part of the program has not been written.",
        K::Explicit | K::Custom => "The program itself decided to stop here.",
        K::CapacityOverflow => {
            "A collection was asked to hold more than memory can address; usually the number asked for is wrong, for example after a wrapped subtraction."
        }
        K::StackOverflow => {
            "Each call takes stack; recursion that does not end, or goes as deep as its input, uses it up."
        }
        K::OutOfMemory => {
            "The system had no memory of this size to give; a very large number points at a wrong size."
        }
        K::NoReactor => {
            "Asynchronous sockets and timers need a running runtime on the current thread."
        }
        K::NestedRuntime => {
            "A runtime was started, blocked on or dropped from inside asynchronous code."
        }
        K::InconsistentOrder => {
            "Sorting needs a comparison that never contradicts itself; floats compared by partial_cmp and hand-written orders often do."
        }
        K::InvalidArgument => "The called function does not allow this argument.",
    }
}

#[cfg(test)]
#[path = "panic_tests.rs"]
mod tests;
