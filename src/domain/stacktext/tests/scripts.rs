use super::*;

#[test]
fn pythons_chains_are_read_cause_first() {
    let told = fixture("py_chain");
    let expected = [
        "python",
        "KeyError: 'a1'",
        "  *load /app/shop/chain.py:8:8",
        "  *total /app/shop/chain.py:5:8",
        "ValueError: no line a1",
        "  *main /app/shop/chain.py:13",
        "  *load /app/shop/chain.py:10",
        "JSONDecodeError: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)",
        "  *<module> /app/shop/chain.py:16",
        "  *main /app/shop/chain.py:15",
        "  loads /usr/lib/python3.11/json/__init__.py:346:8",
    ];
    assert_eq!(told[..expected.len()], expected);
    let text = std::fs::read_to_string(format!(
        "{}/tests/fixtures/stacktext/py_chain.txt",
        env!("CARGO_MANIFEST_DIR")
    ))
    .unwrap();
    let parsed = read(&text).unwrap();
    assert_eq!(parsed.exceptions[2].module.as_deref(), Some("json.decoder"));
    let frame = &parsed.exceptions[0].stacktrace.as_ref().unwrap().frames[1];
    assert_eq!(frame.context_line.as_deref(), Some("return self.lines[code][\"cents\"] + 1"));
}

#[test]
fn members_of_a_group_stand_before_it() {
    let told = fixture("py_group");
    let heads: Vec<&String> = told.iter().filter(|line| !line.starts_with(' ')).collect();
    assert_eq!(
        heads,
        [
            "python",
            "ZeroDivisionError: division by zero",
            "AttributeError: 'NoneType' object has no attribute 'name'",
            "ExceptionGroup: both (2 sub-exceptions)",
        ]
    );
    assert!(told.contains(&"  *one /app/shop/group.py:1:19".to_owned()), "{told:#?}");
}

#[test]
fn recursions_notes_and_syntax_errors_are_read() {
    let deep = fixture("py_deep");
    assert_eq!(deep[1], "RecursionError: maximum recursion depth exceeded");
    assert_eq!(deep.len(), 6);
    assert_eq!(
        fixture("py_bad"),
        ["python", "SyntaxError: invalid syntax", "  *- /app/shop/bad.py:1:7"]
    );
    let notes = fixture("py_notes");
    assert_eq!(
        notes[1],
        "AttributeError: 'NoneType' object has no attribute 'items'\nwhile reading k"
    );
}

#[test]
fn a_traceback_within_a_log_is_found() {
    let text = "2026-01-02 03:04:05 ERROR Traceback (most recent call last):\n  File \"/app/a.py\", line 3, in f\n    x.y\nrequests.exceptions.HTTPError: 404\n2026-01-02 03:04:06 INFO next\n";
    assert_eq!(told(&read(text).unwrap()), ["python", "HTTPError: 404", "  *f /app/a.py:3"]);
}

#[test]
fn nodes_causes_are_read_cause_first() {
    let told = fixture("js_app");
    assert_eq!(
        told,
        [
            "node",
            "TypeError: Cannot read properties of undefined (reading 'cents')",
            "  *main /app/shop/app.js:9:25",
            "  *load /app/shop/app.js:7:16",
            "  *new Cart /app/shop/app.js:2:43",
            "  Array.map <anonymous>:0",
            "  *- /app/shop/app.js:2:68",
            "Error: cart 7 cannot be loaded",
            "  *main /app/shop/app.js:9:25",
            "  *load /app/shop/app.js:7:60",
        ]
    );
}

#[test]
fn other_forms_of_v8_are_read() {
    let multi = fixture("js_multi");
    assert_eq!(multi[1], "RangeError: out of range:\n  x: 5\n  most: 3");
    assert_eq!(multi.last().unwrap(), "  *refuse /app/shop/multi.js:1:28");
    let eval = fixture("js_eval");
    assert_eq!(eval[1], "TypeError: Cannot read properties of undefined (reading 'c')");
    assert_eq!(eval.last().unwrap(), "  *inner /app/shop/eval.js:1:29");
    assert!(eval.contains(&"  *get name /app/shop/eval.js:2:33".to_owned()), "{eval:#?}");
    assert_eq!(fixture("js_agg")[1], "TypeError: one failed");
    assert_eq!(
        fixture("js_code")[1],
        "Error: ENOENT: no such file or directory, open '/nowhere/x.json'"
    );
    let esm = fixture("js_esm");
    assert_eq!(esm.last().unwrap(), "  *total /app/shop/esm.mjs:1:51");
    let code = "TypeError [ERR_INVALID_ARG_TYPE]: The \"path\" argument must be a string\n    at f (/a.js:1:2)\n";
    assert_eq!(told(&read(code).unwrap())[1], "TypeError: The \"path\" argument must be a string");
    let rejection = "(node:12) UnhandledPromiseRejectionWarning: Error: late\n    at f (webpack-internal:///./src/a.js:1:2)\n";
    assert_eq!(
        told(&read(rejection).unwrap()),
        ["javascript", "Error: late", "  *f webpack-internal:///./src/a.js:1:2"]
    );
}

#[test]
fn firefox_and_safari_are_read() {
    let firefox = "TypeError: order is undefined\nload/<@https://shop.example/js/main.js:12:34\nasync*load@https://shop.example/js/main.js:9:1\n@https://shop.example/js/main.js line 5 > eval:1:1\nmap@[native code]\n";
    assert_eq!(
        told(&read(firefox).unwrap()),
        [
            "javascript",
            "TypeError: order is undefined",
            "  map [native code]:0",
            "  *- https://shop.example/js/main.js:5",
            "  *load https://shop.example/js/main.js:9:1",
            "  *load/< https://shop.example/js/main.js:12:34",
        ]
    );
    let safari = "total@https://shop.example/a.js:1:2\nglobal code@https://shop.example/a.js:3:4";
    assert_eq!(told(&read(safari).unwrap())[2], "  *global code https://shop.example/a.js:3:4");
}
