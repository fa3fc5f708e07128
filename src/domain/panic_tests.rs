use super::*;

/// Message, kind, some of its values.
type Row = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

#[test]
fn every_wording_has_its_class_and_values() {
    let table: &[Row] = &[
        (
            "index out of bounds: the len is 3 but the index is 8",
            "index_out_of_bounds",
            &[("index", "8"), ("len", "3")],
        ),
        (
            "swap_remove index (is 3) should be < len (is 1)",
            "index_out_of_bounds",
            &[("operation", "swap_remove"), ("index", "3")],
        ),
        ("insertion index (is 3) should be <= len (is 1)", "index_out_of_bounds", &[("len", "1")]),
        ("Out of bounds access", "index_out_of_bounds", &[]),
        ("no entry found for key", "missing_key", &[]),
        (
            "range end index 9 out of range for slice of length 3",
            "slice_end_out_of_range",
            &[("end", "9"), ("len", "3")],
        ),
        (
            "range start index 7 out of range for slice of length 3",
            "slice_start_out_of_range",
            &[("start", "7")],
        ),
        (
            "slice index starts at 3 but ends at 1",
            "slice_start_after_end",
            &[("start", "3"), ("end", "1")],
        ),
        ("begin > end (3 > 2) when slicing `héllo`", "slice_start_after_end", &[("text", "héllo")]),
        (
            "begin <= end (2 <= 1) when slicing `{#}`",
            "slice_start_after_end",
            &[("start", "2"), ("end", "1")],
        ),
        (
            "end byte index 2 is not a char boundary; it is inside 'é' (bytes 1..3) of `héllo`",
            "str_not_char_boundary",
            &[
                ("side", "end"),
                ("index", "2"),
                ("character", "'é'"),
                ("from", "1"),
                ("to", "3"),
                ("text", "héllo"),
            ],
        ),
        (
            "byte index 1 is not a char boundary; it is inside '😃' (bytes 0..4) of `😃!`",
            "str_not_char_boundary",
            &[("text", "😃!")],
        ),
        (
            "byte index 3 is not a char boundary; it is inside '\\u{2000}' (bytes 1..4) of `a\nb`",
            "str_not_char_boundary",
            &[("text", "a\nb")],
        ),
        (
            "assertion failed: self.is_char_boundary(new_len)",
            "str_not_char_boundary",
            &[("argument", "new_len")],
        ),
        (
            "start byte index 9 is out of bounds of `hé`",
            "str_index_out_of_range",
            &[("index", "9"), ("text", "hé")],
        ),
        (
            "byte index 2 is out of bounds of ``",
            "str_index_out_of_range",
            &[("index", "2"), ("text", "")],
        ),
        (
            "copy_from_slice: source slice length (1) does not match destination slice length (2)",
            "length_mismatch",
            &[("left", "1")],
        ),
        ("called `Option::unwrap()` on a `None` value", "unwrap_none", &[]),
        (
            "called `Result::unwrap()` on an `Err` value: ParseIntError { kind: InvalidDigit }",
            "parse_error",
            &[("error", "ParseIntError"), ("detail", "InvalidDigit")],
        ),
        (
            "called `Result::unwrap()` on an `Err` value: ParseFloatError { kind: Invalid }",
            "parse_error",
            &[("error", "ParseFloatError")],
        ),
        (
            "called `Result::unwrap()` on an `Err` value: ParseBoolError",
            "parse_error",
            &[("error", "ParseBoolError")],
        ),
        (
            "a number: ParseIntError { kind: Empty }",
            "parse_error",
            &[("said", "a number"), ("detail", "Empty")],
        ),
        (
            "called `Result::unwrap()` on an `Err` value: Error(\"EOF while parsing a value\", line: 1, column: 0)",
            "parse_error",
            &[("line", "1")],
        ),
        (
            "called `Result::unwrap()` on an `Err` value: Os { code: 2, kind: NotFound, message: \"No such file or directory\" }",
            "io_error",
            &[("code", "2"), ("detail", "NotFound")],
        ),
        ("called `Result::unwrap()` on an `Err` value: NotPresent", "env_missing", &[]),
        (
            "called `Result::unwrap()` on an `Err` value: FromUtf8Error { bytes: [255, 254], error: Utf8Error { valid_up_to: 0, error_len: Some(1) } }",
            "utf8_error",
            &[("index", "0")],
        ),
        (
            "called `Result::unwrap()` on an `Err` value: TryFromIntError(())",
            "conversion_error",
            &[],
        ),
        ("called `Result::unwrap()` on an `Err` value: RecvError", "channel_closed", &[]),
        ("called `Result::unwrap()` on an `Err` value: Elapsed(())", "timeout", &[]),
        ("called `Result::unwrap()` on an `Err` value: Any { .. }", "join_error", &[]),
        (
            "called `Result::unwrap()` on an `Err` value: JoinError::Panic(Id(3), \"boom\", ...)",
            "join_error",
            &[],
        ),
        ("called `Result::unwrap()` on an `Err` value: PoisonError { .. }", "poisoned_lock", &[]),
        (
            "called `Result::unwrap()` on an `Err` value: \"PoisonError { inner: .. }\"",
            "unwrap_err",
            &[],
        ),
        ("LazyLock instance has previously been poisoned", "poisoned_lock", &[]),
        (
            "called `Result::unwrap()` on an `Err` value: LayoutError",
            "unwrap_err",
            &[("error", "LayoutError")],
        ),
        ("called `Result::unwrap_err()` on an `Ok` value: 1", "unwrap_ok", &[("value", "1")]),
        ("attempt to subtract with overflow", "arithmetic_overflow", &[("operation", "subtract")]),
        (
            "attempt to calculate the remainder with overflow",
            "arithmetic_overflow",
            &[("operation", "remainder")],
        ),
        (
            "attempt to shift left with overflow",
            "arithmetic_overflow",
            &[("operation", "shift left")],
        ),
        (
            "overflow when subtracting durations",
            "arithmetic_overflow",
            &[("operation", "subtract")],
        ),
        ("attempt to divide by zero", "divide_by_zero", &[("operation", "divide")]),
        (
            "attempt to calculate the remainder with a divisor of zero",
            "divide_by_zero",
            &[("operation", "remainder")],
        ),
        ("RefCell already borrowed", "refcell_already_borrowed", &[]),
        ("already borrowed: BorrowMutError", "refcell_already_borrowed", &[]),
        ("RefCell already mutably borrowed", "refcell_already_mutably_borrowed", &[]),
        ("already mutably borrowed: BorrowError", "refcell_already_mutably_borrowed", &[]),
        (
            "assertion `left == right` failed\n  left: 1\n right: 3",
            "assert_failed",
            &[("operator", "=="), ("left", "1"), ("right", "3")],
        ),
        (
            "assertion `left == right` failed: with 1\n  left: 1\n right: 3",
            "assert_failed",
            &[("said", "with 1")],
        ),
        (
            "assertion failed: `(left == right)`\n  left: `1`,\n right: `2`",
            "assert_failed",
            &[("left", "1"), ("right", "2")],
        ),
        ("assertion failed: a > 3", "assert_failed", &[("condition", "a > 3")]),
        (
            "internal error: entered unreachable code: never 1",
            "unreachable",
            &[("said", "never 1")],
        ),
        ("not yet implemented: later", "todo", &[("said", "later")]),
        ("not implemented", "todo", &[]),
        ("explicit panic", "explicit", &[]),
        ("capacity overflow", "capacity_overflow", &[]),
        ("thread 'main' (15329) has overflowed its stack", "stack_overflow", &[]),
        (
            "memory allocation of 4611686018427387904 bytes failed",
            "out_of_memory",
            &[("bytes", "4611686018427387904")],
        ),
        (
            "there is no reactor running, must be called from the context of a Tokio 1.x runtime",
            "no_reactor",
            &[],
        ),
        (
            "Cannot start a runtime from within a runtime. This happens because…",
            "nested_runtime",
            &[],
        ),
        (
            "user-provided comparison function does not correctly implement a total order",
            "inconsistent_order",
            &[],
        ),
        ("chunk size must be non-zero", "invalid_argument", &[]),
        ("span 0..6 should be in input:\n```\na=1\n```", "custom", &[]),
        ("", "custom", &[]),
    ];
    for (message, kind, values) in table {
        let class = classify(message);
        assert_eq!(class.kind.as_str(), *kind, "{message}: {class:?}");
        for (name, value) in *values {
            assert_eq!(class.value(name), Some(*value), "{message}: {name}");
        }
    }
}

#[test]
fn every_kind_says_why() {
    for kind in PanicKind::ALL {
        assert!(why(*kind).len() > 20, "{kind}");
    }
}
