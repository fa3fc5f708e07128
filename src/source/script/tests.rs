use std::sync::Arc;

use super::failing::{Wanted, find};
use super::file::ScriptFile;
use super::flow::{BindingKind, guards, origins, returns};
use super::uses::{Receiver, uses};
use super::writers::writes;

const PYTHON: &str = "\
TABLE = {}

class Cart(Base):
    def __init__(self, lines=None):
        self.lines = lines
        self.total, self.tax = 0, None

    def price(self, code, *, scale=1):
        line = self.find(code)
        if scale > 1 and not line:
            return None
        for part in line.parts:
            line = part or line
        return line['cents'] * scale

    def find(self, code):
        return next((l for l in self.lines if l.code == code), None)

def outer(x):
    def inner(y):
        return x + y
    return inner
";

const SCRIPT: &str = "\
class Cart {
  constructor(lines) { this.lines = lines; }
  get total() { return this.sum(0); }
  #hidden = (x) => x.y;
}
const load = async (id) => {
  const { a, b: [c] } = await fetchOne(id);
  return list.map((one) => one.price.cents);
};
Cart.prototype.add = function (line) { this.lines.push(line); };
exports.parse = function parse(text) { return text.trim(); };
function Shop() { this.name = 'x'; }
module.exports = { open: function () {}, close() {} };
";

fn file(path: &str, text: &str) -> ScriptFile {
    ScriptFile::parse(path, &Arc::from(text)).unwrap().unwrap()
}

#[test]
fn functions_are_named_by_class_and_by_what_they_are_assigned_to() {
    let names =
        |file: &ScriptFile| file.functions().iter().map(|f| f.name.clone()).collect::<Vec<_>>();
    assert_eq!(
        names(&file("cart.py", PYTHON)),
        ["Cart.__init__", "Cart.price", "Cart.find", "outer", "outer.inner"]
    );
    let script = file("cart.js", SCRIPT);
    assert_eq!(
        names(&script),
        [
            "Cart.constructor",
            "Cart.total",
            "Cart.#hidden",
            "load",
            "Cart.add",
            "parse",
            "Shop",
            "open",
            "close"
        ]
    );
    let constructors: Vec<_> =
        script.functions().iter().filter(|f| f.is_constructor()).map(|f| f.name.as_str()).collect();
    assert_eq!(constructors, ["Cart.constructor", "Shop"]);
    // A function without a name belongs to the one around it.
    assert_eq!(script.functions()[script.enclosing_line(8).unwrap()].name, "load");
    assert_eq!(
        script.enclosing_line(13).map(|i| script.functions()[i].name.as_str()),
        Some("open")
    );
    assert_eq!(file("cart.py", PYTHON).enclosing_line(1), None);
    assert!(ScriptFile::parse("cart.rs", &Arc::from("")).is_none());
}

#[test]
fn the_failing_expression_is_found_by_name_and_column() {
    let python = file("cart.py", PYTHON);
    let text = |file: &ScriptFile, found: &super::failing::Failing| {
        (file.slice(found.range.clone()).to_owned(), file.slice(found.subject.clone()).to_owned())
    };
    let found = find(&python, 14, None, &Wanted::Subscript(Some("cents".into())));
    assert_eq!(text(&python, &found[0]), ("line['cents']".into(), "line['cents']".into()));
    let found = find(&python, 12, None, &Wanted::Attribute(Some("parts".into())));
    assert_eq!(text(&python, &found[0]), ("line.parts".into(), "line".into()));
    assert!(find(&python, 14, None, &Wanted::Attribute(Some("parts".into()))).is_empty());
    let script = file("cart.js", SCRIPT);
    let found = find(&script, 8, Some(40), &Wanted::Attribute(Some("cents".into())));
    assert_eq!(text(&script, &found[0]), ("one.price.cents".into(), "one.price".into()));
    assert!(found[0].exact);
    let found = find(&script, 7, None, &Wanted::Attribute(Some("a".into())));
    assert_eq!(text(&script, &found[0]).1, "await fetchOne(id)");
    let found = find(&script, 11, Some(52), &Wanted::Call(Some("trim".into())));
    assert_eq!(text(&script, &found[0]).0, "text.trim()");
}

#[test]
fn values_are_followed_to_assignments_loops_and_parameters() {
    let python = file("cart.py", PYTHON);
    let function = &python.functions()[1];
    let failing = &find(&python, 14, None, &Wanted::Subscript(None))[0];
    let used = uses(&python, &failing.subject);
    assert_eq!(used.names, ["line"]);
    let found = origins(&python, Some(function), &used, failing.range.start);
    let told: Vec<_> = found
        .iter()
        .map(|o| {
            (o.binding.name.as_str(), o.binding.kind, o.distance, python.line_at(o.binding.at))
        })
        .collect();
    assert_eq!(
        told,
        [
            ("line", BindingKind::Assigned, 0, 13),
            ("line", BindingKind::Assigned, 0, 9),
            ("part", BindingKind::Loop, 1, 12),
            ("code", BindingKind::Parameter, 1, 8),
        ]
    );
    let value = found[1].binding.value.clone().unwrap();
    let call = &uses(&python, &value).calls[0];
    assert_eq!((call.name.as_str(), call.receiver), ("find", Receiver::Itself));
    let guards = guards(&python, &function.range, failing.range.start);
    assert_eq!(guards.len(), 1);
    assert_eq!(python.slice(guards[0].range.clone()), "scale > 1 and not line");
    assert!(!guards[0].encloses);
    let returned: Vec<_> =
        returns(&python, function).into_iter().map(|r| python.slice(r)).collect();
    assert_eq!(returned, ["None", "line['cents'] * scale"]);
}

#[test]
fn writers_of_attributes_and_keys_are_found() {
    let python = file("cart.py", PYTHON);
    let init = &python.functions()[0];
    assert!(writes(&python, init, "lines", true).is_some());
    assert!(writes(&python, init, "tax", true).is_some(), "one of several at once");
    assert!(writes(&python, &python.functions()[1], "lines", true).is_none());
    let script = file("cart.js", SCRIPT);
    let writes_lines: Vec<_> = script
        .functions()
        .iter()
        .filter(|function| writes(&script, function, "lines", true).is_some())
        .map(|function| function.name.as_str())
        .collect();
    assert_eq!(writes_lines, ["Cart.constructor", "Cart.add"]);
    let keys = file(
        "a.py",
        "def f():\n    return {'code': 1, **g(name=2)}\ndef h(d):\n    d['code'] = 3\n    d.setdefault('x', 1)\n",
    );
    let all = |name: &str| {
        keys.functions().iter().filter(|f| writes(&keys, f, name, false).is_some()).count()
    };
    assert_eq!((all("code"), all("name"), all("x"), all("y")), (2, 1, 1, 0));
}

#[test]
fn text_that_is_broken_or_deep_is_read_all_the_same() {
    for text in [
        "def f(:\n  x[",
        "class A { constructor( { this.x = ",
        "f(".repeat(20_000).as_str(),
        "\u{0}é\r\n\r",
    ] {
        for path in ["a.py", "a.js", "a.ts", "a.tsx"] {
            let file = file(path, text);
            for line in [0, 1, 2, 9] {
                let _ = file.enclosing_line(line);
                for failing in find(&file, line, Some(3), &Wanted::Anything).iter().take(3) {
                    let used = uses(&file, &failing.subject);
                    let _ = origins(&file, file.functions().first(), &used, failing.range.start);
                }
            }
        }
    }
}
