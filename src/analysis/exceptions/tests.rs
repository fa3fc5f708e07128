use std::collections::BTreeMap;
use std::sync::Arc;

use super::*;
use crate::domain::event::{Exception, Frame, StackTrace};
use crate::source::Revision;

struct Files {
    paths: Vec<String>,
    texts: BTreeMap<String, Arc<str>>,
    revision: Revision,
}

impl Files {
    fn new(files: &[(&str, &str)]) -> Self {
        let texts: BTreeMap<String, Arc<str>> =
            files.iter().map(|(path, text)| ((*path).to_owned(), Arc::from(*text))).collect();
        Self { paths: texts.keys().cloned().collect(), texts, revision: Revision::default() }
    }
}

impl Sources for Files {
    fn paths(&self) -> &[String] {
        &self.paths
    }

    fn read(&self, path: &str) -> Option<Arc<str>> {
        self.texts.get(path).cloned()
    }

    fn revision(&self) -> &Revision {
        &self.revision
    }
}

fn bare() -> Event {
    Event::bare("0".repeat(32), jiff::Timestamp::UNIX_EPOCH)
}

fn of_text(text: &str, files: &[(&str, &str)]) -> RootCause {
    let mut event = bare();
    event.message = Some(text.to_owned());
    let cause = analyse(&event, &Files::new(files)).unwrap().root_cause;
    // What is quoted stands there, byte for byte.
    for evidence in &cause.evidence {
        let text = files.iter().find(|(path, _)| *path == evidence.file).unwrap().1;
        let line = text.split('\n').nth(evidence.line as usize - 1).unwrap();
        assert_eq!(line.trim_end_matches('\r'), evidence.quote);
    }
    assert!(cause.candidates.len() <= 5);
    cause
}

fn named(cause: &RootCause) -> Vec<&str> {
    cause.candidates.iter().map(|one| one.function.as_deref().unwrap_or("-")).collect()
}

const SHOP: &str = "\
class Cart:
    def __init__(self, lines):
        self.lines = lines
        self.rate = None

    def check(self, count):
        if count < 0:
            raise ValueError('count must not be negative')
        return count

    def total(self):
        return self.rate * 3

    def order(self, count):
        return self.check(count - 5)

def load(row):
    price = convert(row)
    return price.strip()

def convert(row):
    if row:
        row = None
    return row
";

fn python(function: &str, lines: &[(&str, u32)], error: &str) -> String {
    let mut text = "Traceback (most recent call last):\n".to_owned();
    for (name, line) in lines {
        text.push_str(&format!("  File \"/srv/shop/cart.py\", line {line}, in {name}\n"));
    }
    assert_eq!(lines.last().unwrap().0, function);
    text + error + "\n"
}

#[test]
fn who_set_the_attribute_and_who_made_the_value_are_candidates() {
    let files = [("shop/cart.py", SHOP)];
    let error = "TypeError: unsupported operand type(s) for *: 'NoneType' and 'int'";
    let cause = of_text(&python("total", &[("total", 12)], error), &files);
    assert_eq!(cause.class, "operand_types");
    assert_eq!(named(&cause)[..2], ["Cart.total", "Cart.__init__"]);
    assert!(cause.summary.contains("`self.rate * 3`"), "{}", cause.summary);

    let error = "AttributeError: 'NoneType' object has no attribute 'strip'";
    let cause = of_text(&python("load", &[("load", 19)], error), &files);
    assert_eq!(cause.class, "attribute_of_none");
    assert_eq!(named(&cause)[..2], ["load", "convert"]);
    assert!(
        cause.summary.contains("`price` comes from `convert(row)` (line 18)"),
        "{}",
        cause.summary
    );
    assert!(cause.evidence.iter().any(|one| one.line == 24), "what convert returns: {cause:#?}");
}

#[test]
fn a_function_that_checks_passes_the_blame_on() {
    let files = [("shop/cart.py", SHOP)];
    let text =
        python("check", &[("order", 15), ("check", 8)], "ValueError: count must not be negative");
    let cause = of_text(&text, &files);
    assert_eq!(named(&cause)[0], "Cart.order", "{cause:#?}");
    assert!(
        cause.summary.contains("The condition `count < 0` in line 7 led there."),
        "{}",
        cause.summary
    );
}

#[test]
fn the_key_that_is_missing_leads_to_who_writes_it() {
    let text = "def fill(rows):\n    return [{'cent': row} for row in rows]\n\ndef store(d):\n    d['cents'] = 1\n\ndef total(rows):\n    return sum(row['cents'] for row in rows)\n";
    let cause =
        of_text(&python("total", &[("total", 8)], "KeyError: 'cents'"), &[("shop/cart.py", text)]);
    assert_eq!(cause.class, "key_error");
    assert_eq!(named(&cause), ["total", "store"]);
    assert!(
        cause.summary.starts_with("The key `cents` is not in the mapping, at `row['cents']`"),
        "{}",
        cause.summary
    );
}

#[test]
fn javascript_is_read_by_column_in_every_engines_words() {
    let code = "class Cart {\n  constructor(lines) { this.lines = lines; }\n  total() { return this.lines.map((one) => one.price.cents); }\n}\nfunction load(rows) { return new Cart(rows.map(parse)).total(); }\nconst parse = (row) => ({ prize: row });\n";
    let files = [("src/cart.js", code)];
    for (error, stack) in [
        (
            "TypeError: Cannot read properties of undefined (reading 'cents')",
            "    at /srv/src/cart.js:3:54\n    at Array.map (<anonymous>)\n    at Cart.total (/srv/src/cart.js:3:31)\n    at load (/srv/src/cart.js:5:56)\n",
        ),
        (
            "TypeError: can't access property \"cents\", one.price is undefined",
            "total/<@https://x.example/src/cart.js:3:44\ntotal@https://x.example/src/cart.js:3:31\nload@https://x.example/src/cart.js:5:56\n",
        ),
        (
            "TypeError: undefined is not an object (evaluating 'one.price.cents')",
            "@https://x.example/src/cart.js:3:54\nmap@[native code]\ntotal@https://x.example/src/cart.js:3:31\nload@https://x.example/src/cart.js:5:56\n",
        ),
    ] {
        let cause = of_text(&format!("{error}\n{stack}"), &files);
        assert_eq!(cause.class, "property_of_nothing", "{error}");
        assert!(cause.summary.contains("at `one.price.cents` (in Cart.total"), "{}", cause.summary);
        assert_eq!(named(&cause)[0], "Cart.total");
        assert!(named(&cause).contains(&"load"), "{:?}", named(&cause));
    }
}

#[test]
fn minified_frames_are_said_to_be_so() {
    let text =
        "TypeError: e is not a function\n    at t (https://x.example/js/main.3f9a.js:1:48211)\n";
    let cause = of_text(text, &[("src/cart.js", "let a = 1;\n")]);
    assert_eq!((cause.class.as_str(), cause.file.as_deref()), ("not_a_function", None));
    assert!(cause.notes.iter().any(|note| note.contains("minified")), "{:?}", cause.notes);
}

#[test]
fn without_a_repository_the_events_own_lines_and_values_are_read() {
    let mut event = bare();
    event.platform = "python".into();
    let frame = Frame {
        function: Some("price".into()),
        abs_path: Some("/srv/shop/cart.py".into()),
        lineno: Some(7),
        in_app: Some(true),
        pre_context: vec!["def price(code):".into(), "    item = find(code)".into()],
        context_line: Some("    return item.cents".into()),
        vars: BTreeMap::from([("item".into(), "None".into()), ("code".into(), "'b7'".into())]),
        ..Frame::default()
    };
    event.exceptions = vec![Exception {
        ty: Some("AttributeError".into()),
        value: Some("'NoneType' object has no attribute 'cents'".into()),
        stacktrace: Some(StackTrace { frames: vec![frame] }),
        ..Exception::default()
    }];
    let cause = analyse(&event, &crate::source::NoSources::default()).unwrap().root_cause;
    assert!(cause.summary.contains("`item` was None"), "{}", cause.summary);
    assert!(cause.summary.contains("`item` comes from `find(code)` (line 6)"), "{}", cause.summary);
    assert_eq!(cause.evidence[0].quote, "    return item.cents");
    assert_eq!(cause.function.as_deref(), Some("price"));
    assert!(cause.notes.iter().any(|note| note.contains("no repository")));
}

#[test]
fn other_languages_are_explained_and_their_frames_are_candidates() {
    let cases = [
        (
            "java.lang.NullPointerException: x is null\n\tat shop.Cart.total(Cart.java:2)\n",
            "null_pointer",
            "src/shop/Cart.java",
        ),
        (
            "panic: runtime error: index out of range [5] with length 3\n\ngoroutine 1 [running]:\nmain.total(...)\n\t/srv/shop/cart.go:2 +0x1\n",
            "index_out_of_bounds",
            "shop/cart.go",
        ),
        (
            "shop/cart.rb:2:in `total': undefined method `x' for nil (NoMethodError)\n\tfrom shop/main.rb:1:in `<main>'\n",
            "nil_method",
            "shop/cart.rb",
        ),
        (
            "PHP Fatal error:  Uncaught Error: Call to a member function x() on null in /srv/shop/cart.php:2\nStack trace:\n#0 {main}\n  thrown\n",
            "null_member",
            "shop/cart.php",
        ),
        (
            "System.NullReferenceException: Object reference not set\n   at Shop.Cart.Total() in /srv/shop/Cart.cs:line 2\n",
            "null_reference",
            "shop/Cart.cs",
        ),
    ];
    for (text, class, path) in cases {
        let cause = of_text(text, &[(path, "one\ntwo\n")]);
        assert_eq!(cause.class, class, "{text}");
        if path.ends_with(".java") {
            continue;
        }
        assert_eq!(cause.candidates[0].file, path, "{text}");
        assert_eq!(cause.evidence[0].quote, "two");
    }
}

#[test]
fn rust_and_what_is_no_exception_are_left_to_others() {
    let none = |event: &Event| analyse(event, &Files::new(&[])).is_none();
    let mut event = bare();
    assert!(none(&event));
    event.message = Some("thread 'main' panicked at src/x.rs:1:2:\nboom".into());
    assert!(none(&event));
    event.message = Some("disk is nearly full".into());
    assert!(none(&event));
    event.platform = "python".into();
    assert!(none(&event), "a message alone is no exception");
}

#[test]
fn files_that_do_not_parse_and_lines_that_are_not_there_end_in_an_answer() {
    for code in ["", "def f(:\n  x[\n", "\u{0}\u{0}", "é"] {
        for line in [1, 2, 900] {
            let text = python("f", &[("f", line)], "KeyError: 'x'");
            let cause = of_text(&text, &[("shop/cart.py", code)]);
            assert_eq!(cause.class, "key_error");
            assert_eq!(cause.file.as_deref(), Some("shop/cart.py"));
        }
    }
}

#[test]
fn what_failed_while_another_exception_was_handled_is_the_cause() {
    let code = "\
def load(key):
    try:
        return CACHE[key]
    except KeyError:
        return parse(key)

def parse(key):
    first, second = split(key)
    return first

def split(key):
    return None
";
    let frame = |line: u32, name: &str, text: &str| {
        format!("  File \"/srv/shop/cart.py\", line {line}, in {name}\n    {text}\n")
    };
    let chain = |link: &str, last: &str| {
        format!(
            "Traceback (most recent call last):\n{}KeyError: 'b'\n\n{link}\n\nTraceback (most recent call last):\n{}{}{last}\n",
            frame(3, "load", "return CACHE[key]"),
            frame(5, "load", "return parse(key)"),
            frame(8, "parse", "first, second = split(key)"),
        )
    };
    let while_handled = "During handling of the above exception, another exception occurred:";
    let text = chain(while_handled, "TypeError: cannot unpack non-iterable NoneType object");
    let cause = of_text(&text, &[("shop/cart.py", code)]);
    assert_eq!(cause.class, "not_iterable");
    assert_eq!(named(&cause)[..2], ["parse", "split"]);
    let caused = "The above exception was the direct cause of the following exception:";
    let cause = of_text(&chain(caused, "ValueError: no"), &[("shop/cart.py", code)]);
    assert_eq!(cause.class, "key_error");
}

#[test]
fn every_member_of_a_group_is_a_cause_of_its_own() {
    let code = "function first() { return a.b; }\n\nfunction second() { return c.d; }\n";
    let text = "AggregateError: all failed\n    at main (/srv/shop/main.js:9:9) {\n  [errors]: [\n    TypeError: Cannot read properties of undefined (reading 'b')\n        at first (/srv/shop/cart.js:1:29),\n    TypeError: Cannot read properties of undefined (reading 'd')\n        at second (/srv/shop/cart.js:3:30)\n  ]\n}\n";
    let cause = of_text(text, &[("shop/cart.js", code)]);
    assert_eq!(cause.class, "property_of_nothing");
    assert_eq!(named(&cause)[..2], ["first", "second"]);
}

#[test]
fn values_are_followed_to_the_argument_that_was_given_for_them() {
    let code = "\
def total(order):
    lines = rows(order)
    return summed(lines, rate(order))

def summed(lines, factor):
    return lines[0] * factor.value

def rows(order):
    return [order]

def rate(order):
    if order:
        return None
    return order.rate
";
    let error = "AttributeError: 'NoneType' object has no attribute 'value'";
    let text = python("summed", &[("total", 3), ("summed", 6)], error);
    let cause = of_text(&text, &[("shop/cart.py", code)]);
    assert_eq!(named(&cause)[1], "rate", "{:?}", named(&cause));
    assert!(!named(&cause).contains(&"rows"), "{:?}", named(&cause));
}

#[test]
fn who_decides_who_writes_nothing_and_who_names_the_argument_are_candidates() {
    let code = "\
class Cart(Base):
    def price(self):
        if self.is_open():
            return self.rate.value
        return 0

class Base:
    def is_open(self):
        return True

    def reset(self):
        self.rate = None

    def start(self):
        self.rate = Rate()

    def copy(self, other):
        other['rates'] = 1
        return Cart(**other)
";
    let files = [("shop/cart.py", code)];
    let error = "AttributeError: 'NoneType' object has no attribute 'value'";
    let cause = of_text(&python("price", &[("price", 4)], error), &files);
    let names = named(&cause);
    assert_eq!(names[..2], ["Cart.price", "Base.reset"], "{names:?}");
    assert!(names.contains(&"Base.is_open"), "{names:?}");
    let error = "TypeError: Cart.__init__() got an unexpected keyword argument 'rates'";
    let cause = of_text(&python("clone", &[("clone", 5)], error), &files);
    assert!(named(&cause).contains(&"Base.copy"), "{:?}", named(&cause));
}

#[test]
fn a_java_file_is_found_by_its_package() {
    let text = "java.lang.NullPointerException: x is null\n\tat com.shop.Cart.total(Cart.java:2)\n";
    let files =
        [("app/src/main/java/com/shop/Cart.java", "one\ntwo\n"), ("old/Cart.java", "a\nb\n")];
    let cause = of_text(text, &files);
    assert_eq!(cause.file.as_deref(), Some("app/src/main/java/com/shop/Cart.java"));
}
