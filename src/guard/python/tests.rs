//! A table of what is proved, and of lies.

use crate::domain::fix::ProvedClass::{self, Import, Other, Style};
use crate::guard::{Change, judge};

fn class_of(path: &str, before: &str, after: &str) -> (ProvedClass, String) {
    let (before, after) = (before.as_bytes(), after.as_bytes());
    let verdict = judge(&Change { path, before, after, claimed: None, facts: None });
    (verdict.proved_class, verdict.reason)
}

fn check(wanted: ProvedClass, before: &str, after: &str) {
    let (found, reason) = class_of("shop/cart.py", before, after);
    assert_eq!(found, wanted, "{before:?} -> {after:?}: {reason}");
}

#[test]
fn layout_is_style() {
    for (before, after) in [
        ("x = 1\n", "x  =  1\n"),
        ("f(a,b)\n", "f(\n    a,\n    b,\n)\n"),
        ("x = 'a'\n", "x = \"a\"\n"),
        ("x = 0XFF\n", "x = 0xff\n"),
        ("x = u'a'\n", "x = 'a'\n"),
        ("if a:\n  b()\nelse:\n  c()\n", "if a:\n    b()\nelse:\n    c()\n"),
        ("x = (1)\n", "x = 1\n"),
        ("return_ = 1; y = 2\n", "return_ = 1\ny = 2\n"),
        ("x = 1\r\ny = '''a\r\nb'''\r\n", "x = 1\ny = '''a\nb'''\n"),
        ("class A():\n    pass\n", "class A:\n    pass\n"),
        ("# a remark\nx = 1\n", "# another remark\n\nx = 1  # and one more\n"),
        ("x = a if b else c\n", "x = (\n    a\n    if b\n    else c\n)\n"),
        ("for a, in b: pass\n", "for (a,) in b:\n    pass\n"),
        ("x = 'a' 'b'\n", "x = (\n    'a'\n    'b'\n)\n"),
        ("x = f'{ a }'\n", "x = f'{a}'\n"),
        ("x = [1,2,] # noqa\n", "x = [1, 2]  # noqa\n"),
        (
            "#!/usr/bin/env python3\n# -*- coding: utf-8 -*-\nx=1\n",
            "#!/usr/bin/env python3\n# -*- coding: utf-8 -*-\nx = 1\n",
        ),
        ("match a:\n  case 1: pass\n", "match a:\n    case 1:\n        pass\n"),
        ("def f[T](a:T): pass\n", "def f[T](a: T):\n    pass\n"),
        ("x = t'{a}';y = 1\n", "x = t'{a}'\ny = 1\n"),
        ("# fmt: off\nx=1\n# fmt: on\ny=2\n", "# fmt: off\nx=1\n# fmt: on\ny = 2\n"),
    ] {
        check(Style, before, after);
    }
}

#[test]
fn what_only_looks_like_layout_is_not() {
    for (before, after) in [
        ("x = 'a b'\n", "x = 'a  b'\n"),
        ("if a:\n    b()\n    c()\n", "if a:\n    b()\nc()\n"),
        ("x = (1,)\n", "x = (1)\n"),
        ("x[1]\n", "x[1,]\n"),
        ("(a): int = 1\n", "a: int = 1\n"),
        ("x = f'{a=}'\n", "x = f'{a = }'\n"),
        ("x = t'{ a+b }'\n", "x = t'{a + b}'\n"),
        ("def f():\n    '''One.\n    Two.'''\n", "def f():\n    '''One.\n        Two.'''\n"),
        ("x = b'a'\n", "x = 'a'\n"),
        ("x = r'\\n'\n", "x = '\\n'\n"),
        ("@a\n@b\ndef f(): pass\n", "@b\n@a\ndef f(): pass\n"),
        ("x = {'a': 1, 'b': 2}\n", "x = {'b': 2, 'a': 1}\n"),
        ("#!/usr/bin/python3\nx=1\n", "#!/usr/bin/python2\nx = 1\n"),
        ("# coding: utf-8\nx=1\n", "x = 1\n"),
        ("x=1\n", "# coding: ascii\nx = 1\n"),
        ("# coding: latin-1\nx='a'\n", "# coding: latin-1\nx = 'a'\n"),
        ("x = f(a)  # type: ignore\n", "x = f(a)\n"),
        ("x = f(a,  # noqa\n      b)\n", "x = f(a, b)  # noqa\n"),
        ("x = []  # type: List[int]\ny = []\n", "x = []\ny = []  # type: List[int]\n"),
        ("# fmt: off\nx=1\n# fmt: on\ny=2\n", "# fmt: off\nx=1\ny=2\n# fmt: on\n"),
        ("# pragma: no cover\nif a: b()\n", "if a: b()\n"),
        ("with a, b: pass\n", "with (a, b): pass\n"),
        ("x = f'{a[\"b\"]}'\n", "x = f'{a['b']}'\n"),
        (
            "# /// script\n# dependencies = [\"a\"]\n# ///\nx=1\n",
            "# /// script\n# dependencies = [\"b\"]\n# ///\nx=1\n",
        ),
        ("a = 1\n", "\u{430} = 1\n"),
        ("x = 'a'\n", "x = 'a\u{200b}'\n"),
        ("print 1\n", "print  1\n"),
        ("x = 1\n", "x = (\n"),
        ("from __future__ import annotations\nx=1\n", "x=1\nfrom __future__ import annotations\n"),
        ("x = -1\n", "x = - 2\n"),
        ("x = not a\n", "x = a\n"),
        ("a\n(b)\n", "a(b)\n"),
    ] {
        check(Other, before, after);
    }
}

#[test]
fn imports_of_the_standard_library_may_change_places_and_go() {
    for (before, after) in [
        ("import os\nx.eval(vars(y), dir(z))\n", "x.eval(vars(y), dir(z))\n"),
        ("import os\nx(globals=y)\n", "x(globals=y)\n"),
        ("import sys\nimport os\n\nos.x(sys)\n", "import os\nimport sys\n\nos.x(sys)\n"),
        ("import sys, os\nos.x(sys)\n", "import os\nimport sys\nos.x(sys)\n"),
        ("from os import sep, path\npath(sep)\n", "from os import path, sep\npath(sep)\n"),
        ("import os\nimport sys\nprint(sys)\n", "import sys\nprint(sys)\n"),
        ("import os, sys\nprint(sys)\n", "import sys\nprint(sys)\n"),
        ("from typing import Any, List\nx: List\n", "from typing import List\nx: List\n"),
        ("import os\nimport requests\nrequests.get()\n", "import requests\nrequests.get()\n"),
        (
            "import json\n\"\"\"Reads json from a file.\"\"\"\nx=1\n",
            "\"\"\"Reads json from a file.\"\"\"\nx = 1\n",
        ),
        ("import json as js\nx = 1\n", "x = 1\n"),
        ("import os\nimport os\nos.x()\n", "import os\nos.x()\n"),
        (
            "import sys\nimport os  # noqa\nos.x(sys)\n",
            "import os  # noqa\nimport sys\nos.x(sys)\n",
        ),
        (
            "def f():\n    import os\n    os.x()\nimport re\n",
            "def f():\n    import os\n    os.x()\n",
        ),
    ] {
        check(Import, before, after);
    }
}

#[test]
fn imports_that_may_do_something_or_are_named_stay() {
    for (before, after) in [
        ("import os\n__all__ = dir()\n", "__all__ = dir()\n"),
        ("import os\nf(exec)\n", "f(exec)\n"),
        // Beside the imports that changed, an order that goes.
        (
            "import sys\nimport os\nos.x(sys)\nimport re  # noqa\n",
            "import os\nimport sys\nos.x(sys)\nimport re\n",
        ),
        (
            "import os\nx()\n# isort: off\nimport re\nimport io\nre.x(io)\n",
            "x()\nimport re\n# isort: off\nimport io\nre.x(io)\n",
        ),
        ("import os\nf(sys.modules[__name__])\n", "f(sys.modules[__name__])\n"),
        ("import os\nf(globals=globals())\n", "f(globals=globals())\n"),
        ("import os\nx = vars()\n", "x = vars()\n"),
        // Not of the standard library, or with an effect.
        ("import requests\nx=1\n", "x=1\n"),
        ("import b\nimport a\n", "import a\nimport b\n"),
        ("import a\nimport os\nos.x()\n", "import os\nimport a\nos.x()\n"),
        ("from a import c, b\n", "from a import b, c\n"),
        ("from . import os\nx=1\n", "x=1\n"),
        ("import readline\nx=1\n", "x=1\n"),
        ("import antigravity\nx=1\n", "x=1\n"),
        ("import fcntl\nx=1\n", "x=1\n"),
        ("import xml.dom\nx=1\n", "x=1\n"),
        ("from os import *\nx=1\n", "x=1\n"),
        ("from os import *\nimport sys\nx(sys)\n", "import sys\nfrom os import *\nx(sys)\n"),
        // Named somewhere.
        ("import os\nx = os\n", "x = os\n"),
        ("import os\n__all__ = ['os']\n", "__all__ = ['os']\n"),
        ("from typing import List\ndef f(x: 'List[int]'): pass\n", "def f(x: 'List[int]'): pass\n"),
        ("from typing import List\nx = []  # type: List[int]\n", "x = []  # type: List[int]\n"),
        ("import os\nmock.patch('shop.cart.os.getcwd')\n", "mock.patch('shop.cart.os.getcwd')\n"),
        (
            "import os\ndef f():\n    '''\n    >>> os.sep\n    '''\n",
            "def f():\n    '''\n    >>> os.sep\n    '''\n",
        ),
        ("import os\neval('o' + 's')\n", "eval('o' + 's')\n"),
        ("import os\nglobals()['o' 's']\n", "globals()['o' 's']\n"),
        ("import os\ndef f():\n    global os\n", "def f():\n    global os\n"),
        // For others, or for a tool.
        ("import os as os\nx=1\n", "x=1\n"),
        ("from typing import List as List\nx=1\n", "x=1\n"),
        ("import os  # noqa\nx=1\n", "x=1\n"),
        (
            "# isort: off\nimport sys\nimport os\nos.x(sys)\n",
            "import os\n# isort: off\nimport sys\nos.x(sys)\n",
        ),
        // Another name or another module.
        ("import os\nx=1\n", "import sys\nx=1\n"),
        ("import json\njson.x()\n", "import ujson as json\njson.x()\n"),
        ("from os import path\npath()\n", "import path\npath()\n"),
        (
            "from os import path\nfrom a import path\npath()\n",
            "from a import path\nfrom os import path\npath()\n",
        ),
        ("x=1\n", "import os\nx=1\n"),
        // In another place.
        (
            "import sys\nsys.path.insert(0, 'a')\nimport os\nos.x()\n",
            "import sys\nimport os\nsys.path.insert(0, 'a')\nos.x()\n",
        ),
        (
            "try:\n    import os\nexcept ImportError:\n    pass\n",
            "try:\n    pass\nexcept ImportError:\n    pass\n",
        ),
        ("if TYPE_CHECKING:\n    import os\n    import re\n", "if TYPE_CHECKING:\n    import re\n"),
        ("from __future__ import annotations\nx=1\n", "x=1\n"),
        // With something else.
        ("import os\nx = 1\n", "x = 2\n"),
    ] {
        check(Other, before, after);
    }
    let (before, after) = ("import os\nx = 1\n", "x = 1\n");
    assert_eq!(class_of("shop/__init__.py", before, after).0, Other);
    assert_eq!(class_of("shop/cart.py", before, after).0, Import);
}

#[test]
fn depth_and_length_are_bounded() {
    for count in [100, 1_000, 30_000, 200_000] {
        for text in [
            format!("x = {}1{}\n", "(".repeat(count), ")".repeat(count)),
            format!("x = {}1{}\n", "[".repeat(count), "]".repeat(count)),
            format!("x = {}1\n", "- ".repeat(count)),
            format!("x = {}1\n", "not ".repeat(count)),
            format!("x = 1{}\n", "+1".repeat(count)),
            format!("x = 1{}\n", "**1".repeat(count)),
            format!("x = a{}\n", ".b()".repeat(count)),
            format!("x = {}1\n", "lambda: ".repeat(count)),
            format!("x = {}1\n", "1 if a else ".repeat(count)),
            format!("x = 1{}\n", " < 1".repeat(count)),
            format!("{}pass\n", "if a: pass\nel".repeat(count.min(10_000)) + "if a: "),
            format!(
                "{}\n",
                (0..count.min(400)).map(|n| " ".repeat(n) + "if a:\n").collect::<String>()
            ),
            format!("x = {}'a'{}\n", "f'{".repeat(count), "}'".repeat(count)),
            format!("x = {}\n", "'a' ".repeat(count)),
            "(".repeat(count),
            format!("{}\n", "import os\n".repeat(count / 4)),
        ] {
            let (class, reason) = class_of("a.py", &text, &format!("{text}\n"));
            assert!(matches!(class, Style | Other), "{reason}");
        }
    }
}

/// Files of this repository, written by people.
const REAL: &[&str] = &[
    include_str!("../../../scripts/registry.py"),
    include_str!("../../../scripts/eval-panics.py"),
    include_str!("../../../tests/sdks/python/app.py"),
];

#[test]
fn a_real_file_with_one_token_changed_is_never_harmless() {
    let mut tried = 0;
    for code in REAL {
        let side = super::side::Side::read("before", code).unwrap();
        let first = side.body().iter().find(|stmt| super::imports::is_other(stmt)).unwrap();
        let from = super::side::bytes(ruff_text_size::Ranged::range(first)).start;
        let tokens: Vec<_> = side.tokens.meaning.iter().filter(|one| one.start > from).collect();
        for token in tokens.iter().step_by(1 + tokens.len() / 150) {
            let text = &code[(*token).clone()];
            for changed in [format!("{text}x"), String::new(), format!("{text} {text}")] {
                let after = format!("{}{changed}{}", &code[..token.start], &code[token.end..]);
                // Twice is the same of an empty text, and of the colon of a slice: `a[1:]`, `a[1::]`.
                if matches!(text, "\"\"" | ":") && changed.len() > 2 {
                    continue;
                }
                let (class, reason) = class_of("shop/cart.py", code, &after);
                assert_eq!(class, Other, "`{text}` -> `{changed}`: {reason}");
                tried += 1;
            }
        }
    }
    assert!(tried > 500, "{tried}");
}
