//! A table of what is proved, and of lies.

use crate::domain::fix::ProvedClass::{self, Import, Other, Style};
use crate::guard::{Change, judge};

fn class_of(path: &str, before: &str, after: &str) -> (ProvedClass, String) {
    let (before, after) = (before.as_bytes(), after.as_bytes());
    let verdict = judge(&Change { path, before, after, claimed: None, facts: None });
    (verdict.proved_class, verdict.reason)
}

fn check(path: &str, wanted: ProvedClass, before: &str, after: &str) {
    let (found, reason) = class_of(path, before, after);
    assert_eq!(found, wanted, "{before:?} -> {after:?}: {reason}");
}

#[test]
fn layout_is_style() {
    for (path, before, after) in [
        ("a.js", "x = 1", "x = 1;\n"),
        ("a.js", "f(a,b)\n", "f(\n  a,\n  b,\n);\n"),
        ("a.js", "x = 'a'\n", "x = \"a\"\n"),
        ("a.js", "const f = a => a\n", "const f = (a) => a;\n"),
        ("a.js", "if (a) { b() }\n", "if (a) {\n  b();\n}\n"),
        ("a.js", "x = 0XFF\n", "x = 0xff\n"),
        ("a.js", "// remark\nx = 1\n", "/* another */\nx = 1;\n"),
        ("a.js", "'use strict'\nx = 1\n", "'use strict';\n\nx = 1;\n"),
        ("a.jsx", "x = <a>\n  b\n  {c}</a>\n", "x = (\n  <a>\n    b\n    {c}\n  </a>\n);\n"),
        ("a.ts", "type A = {a: number, b: string}\n", "type A = { a: number; b: string };\n"),
        ("a.ts", "let a = <any>b\n", "let a = <any>b;\n"),
        ("a.tsx", "const f = <T,>(a: T) => <b>{a}</b>\n", "const f = <T,>(a: T) => <b>{a}</b>;\n"),
        ("a.cjs", "return 1\n", "return 1;\n"),
        ("a.mjs", "await a\n", "await a;\n"),
        ("a.js", "x = `a${ b }`\n", "x = `a${b}`\n"),
        ("a.js", "// @ts-check\nx=1\n", "// @ts-check\nx = 1;\n"),
        (
            "a.js",
            "x(  /* webpackChunkName: 'a' */ 'b')\n",
            "x(/* webpackChunkName: 'a' */ \"b\");\n",
        ),
        ("a.js", "a()  // eslint-disable-line\n", "a(); // eslint-disable-line\n"),
        ("a.js", "x = 1\r\ny = `a\r\nb`\r\n", "x = 1\ny = `a\nb`\n"),
        ("a.js", "#!/usr/bin/env node\nx=1\n", "#!/usr/bin/env node\nx = 1\n"),
    ] {
        check(path, Style, before, after);
    }
}

#[test]
fn what_only_looks_like_layout_is_not() {
    for (path, before, after) in [
        ("a.js", "x = 'a b'\n", "x = 'a  b'\n"),
        ("a.js", "x = `a b`\n", "x = `a  b`\n"),
        ("a.js", "function f() { return a }\n", "function f() { return\na }\n"),
        ("a.js", "a\n++b\n", "a++\nb\n"),
        ("a.js", "a = b\n(c)\n", "a = b;\n(c)\n"),
        ("a.js", "'use strict'\nx = 1\n", "('use strict')\nx = 1\n"),
        ("a.js", "x = 1\n", "'use strict'\nx = 1\n"),
        ("a.js", "'use strict'\nx = 1\n", "x = 1\n"),
        ("a.js", "'use\\x20strict'\nx = 1\n", "'use strict'\nx = 1\n"),
        ("a.js", "(a?.b).c\n", "a?.b.c\n"),
        ("a.js", "x = a ?? (b || c)\n", "x = (a ?? b) || c\n"),
        ("a.js", "(0, a.b)()\n", "a.b()\n"),
        // Only the second gives the function a name.
        ("a.js", "(a) = function () {}\n", "a = function () {}\n"),
        ("a.js", "[(a) = () => {}] = b\n", "[a = () => {}] = b\n"),
        ("a.js", "x = /a b/\n", "x = /a  b/\n"),
        ("a.js", "x = {a: 1, b: 2}\n", "x = {b: 2, a: 1}\n"),
        ("a.jsx", "x = <a>b c</a>\n", "x = <a>b  c</a>\n"),
        ("a.jsx", "x = <a> b</a>\n", "x = <a>b</a>\n"),
        ("a.jsx", "x = <a>\n b</a>\n", "x = <a> b</a>\n"),
        ("a.jsx", "x = <a b=\"c d\" />\n", "x = <a b=\"c  d\" />\n"),
        ("a.jsx", "x = <a>&#32;\n</a>\n", "x = <a>\n</a>\n"),
        ("a.ts", "// @ts-ignore\na()\nb()\n", "a()\n// @ts-ignore\nb()\n"),
        ("a.ts", "// @ts-ignore\na(); b()\n", "// @ts-ignore\na();\nb()\n"),
        ("a.ts", "// @ts-expect-error\na()\n", "a()\n"),
        ("a.ts", "a!\n", "a\n"),
        ("a.ts", "let a: number\n", "let a: string\n"),
        ("a.js", "a() // eslint-disable-line\nb()\n", "a()\nb() // eslint-disable-line\n"),
        ("a.js", "/* eslint-disable */\na()\n", "a()\n"),
        (
            "a.js",
            "import(/* webpackChunkName: 'a' */ 'b')\n",
            "import(/* webpackChunkName: 'c' */ 'b')\n",
        ),
        ("a.js", "x = /* @__PURE__ */ a()\n", "x = a()\n"),
        ("a.js", "#!/usr/bin/env node\nx=1\n", "#!/usr/bin/env deno\nx=1\n"),
        ("a.js", "x = a\n", "x = \u{430}\n"),
        ("a.js", "x = 'a'\n", "x = 'a\u{200b}'\n"),
        ("a.js", "x = 1\n", "x = (\n"),
        // A comment in a script, two operators in a module.
        ("a.js", "x<!--y\n", "x < !--y\n"),
        ("a.js", "x = 1 // a \u{2028} b()\n", "x = 1 // a b()\n"),
        ("a.js", "label: a: b()\n", "label: b()\n"),
        ("a.js", "// @flow\nx = (a: number)\n", "// @flow\nx = (a : number)\n"),
        ("a.json", "{}", "{ }"),
        ("a.vue", "<a></a>", "<a> </a>"),
        ("a.d.ts", "declare const a: number", "declare const a: number;\n"),
        ("a.min.js", "x=1", "x = 1"),
    ] {
        check(path, Other, before, after);
    }
}

#[test]
fn imports_of_node_itself_may_change_places_and_go() {
    for (path, before, after) in [
        (
            "a.mjs",
            "import b from 'path'\nimport a from 'fs'\na(b)\n",
            "import a from 'fs'\nimport b from 'path'\na(b)\n",
        ),
        ("a.js", "import { b, a } from './x'\na(b)\n", "import { a, b } from './x'\na(b)\n"),
        (
            "a.js",
            "import fs from 'node:fs'\nimport os from 'os'\nos.x()\n",
            "import os from 'os'\nos.x()\n",
        ),
        ("a.js", "import { a, b } from 'fs'\na()\n", "import { a } from 'fs'\na()\n"),
        (
            "a.js",
            "const b = require('path')\nconst a = require('fs')\na(b)\n",
            "const a = require('fs')\nconst b = require('path')\na(b)\n",
        ),
        (
            "a.cjs",
            "const fs = require('fs')\nconst x = require('./x')\nx()\n",
            "const x = require('./x')\nx()\n",
        ),
        ("a.js", "const { a, b } = require('fs')\na()\n", "const { a } = require('fs')\na()\n"),
        ("a.ts", "import type { Stats } from 'fs'\nexport let a = 1\n", "export let a = 1\n"),
        ("a.mjs", "import fs from 'fs'\nx()\n", "x()\n"),
        (
            "a.ts",
            "import path from 'path'\nimport a from './path/a'\na()\n",
            "import a from './path/a'\na()\n",
        ),
        (
            "a.js",
            "// The path of it.\nimport path from 'path'\nexport let a = 'the path is'\n",
            "// The path of it.\nexport let a = 'the path is'\n",
        ),
    ] {
        check(path, Import, before, after);
    }
}

#[test]
fn imports_that_may_do_something_or_are_named_stay() {
    for (path, before, after) in [
        ("a.js", "import './b'\nimport './a'\n", "import './a'\nimport './b'\n"),
        ("a.js", "import a from 'a'\nb()\n", "b()\n"),
        (
            "a.js",
            "import b from './b'\nimport a from './a'\na(b)\n",
            "import a from './a'\nimport b from './b'\na(b)\n",
        ),
        (
            "a.js",
            "import b from './b'\nimport a from 'fs'\na(b)\n",
            "import a from 'fs'\nimport b from './b'\na(b)\n",
        ),
        (
            "a.ts",
            "import { A } from './a'\nimport './c'\nimport { b } from './a'\nlet x: A = b\n",
            "import { A, b } from './a'\nimport './c'\nlet x: A = b\n",
        ),
        (
            "a.js",
            "import { a as b, b as a } from './x'\na(b)\n",
            "import { a, b } from './x'\na(b)\n",
        ),
        ("a.ts", "import { A } from './a'\nlet x: A\n", "import type { A } from './a'\nlet x: A\n"),
        ("a.js", "import 'fs'\nx()\n", "x()\n"),
        // Beside the import that goes, an order that goes too.
        (
            "a.js",
            "import fs from 'fs'\nx()\nimport a from './a' // eslint-disable-line\na()\n",
            "x()\nimport a from './a'\na()\n",
        ),
        // Without it the file is a script, whose names are everybody's.
        ("a.ts", "import type { Stats } from 'fs'\nlet a = 1\n", "let a = 1\n"),
        ("a.js", "import fs from 'fs'\nlet a = 1\n", "let a = 1\n"),
        ("a.js", "import fs from 'fs'\nfs.x()\n", "fs.x()\n"),
        ("a.js", "import fs from 'fs'\nx({ fs })\n", "x({ fs })\n"),
        ("a.js", "import fs from 'fs'\nexport { fs }\n", "export { fs }\n"),
        (
            "a.js",
            "const fs = require('fs')\nmodule.exports = { fs }\n",
            "module.exports = { fs }\n",
        ),
        ("a.js", "const fs = require('fs')\neval('f' + 's')\n", "eval('f' + 's')\n"),
        ("a.js", "const fs = require('fs')\nsetTimeout('fs.x()')\n", "setTimeout('fs.x()')\n"),
        ("a.js", "const fs = require('fs')\nx = \\u0066s\n", "x = \\u0066s\n"),
        (
            "a.js",
            "const fs = require('fs')\n/** @type {fs.Stats} */\nlet a\n",
            "/** @type {fs.Stats} */\nlet a\n",
        ),
        ("a.jsx", "import Fs from 'fs'\nx = <Fs />\n", "x = <Fs />\n"),
        ("a.ts", "import fs from 'fs'\nlet a: fs.Stats\n", "let a: fs.Stats\n"),
        ("a.js", "import domain from 'domain'\nx()\n", "x()\n"),
        ("a.js", "import fs from 'fs' // eslint-disable-line\nx()\n", "x()\n"),
        ("a.js", "let fs = require('fs')\nx()\n", "const fs = require('fs')\nx()\n"),
        ("a.js", "const fs = require('fs').promises\nx()\n", "x()\n"),
        ("a.js", "const { a = b() } = require('fs')\nx()\n", "x()\n"),
        ("a.js", "import fs from 'fs'\nx()\n", "import fs from 'memfs'\nx()\n"),
        ("a.js", "x()\n", "import fs from 'fs'\nx()\n"),
        (
            "a.js",
            "setup()\nconst fs = require('fs')\nfs()\n",
            "const fs = require('fs')\nsetup()\nfs()\n",
        ),
        (
            "a.js",
            "'use strict'\nconst b = require('path')\nconst a = require('fs')\na(b)\n",
            "const a = require('fs')\nconst b = require('path')\na(b)\n",
        ),
        ("a.js", "import fs from 'fs'\nx(1)\n", "x(2)\n"),
        ("a.mjs", "import a from 'fs' with { type: 'json' }\nx()\n", "x()\n"),
        ("a.ts", "import fs = require('fs')\nx()\n", "x()\n"),
    ] {
        check(path, Other, before, after);
    }
}

#[test]
fn depth_and_length_are_bounded() {
    for count in [100, 1_000, 30_000, 200_000] {
        for text in [
            format!("x = {}1{}\n", "(".repeat(count), ")".repeat(count)),
            format!("x = {}1{}\n", "[".repeat(count), "]".repeat(count)),
            format!("x = {}1\n", "!".repeat(count)),
            format!("x = 1{}\n", "+1".repeat(count)),
            format!("x = 1{}\n", "**1".repeat(count)),
            format!("x = a{}\n", ".b()".repeat(count)),
            format!("x = {}1\n", "a => ".repeat(count)),
            format!("x = {}1\n", "a = ".repeat(count)),
            format!("x = {}1\n", "a ? b : ".repeat(count)),
            format!("{}a()\n", "if (a) ".repeat(count)),
            format!("{}a()\n", "if (a) b(); else ".repeat(count)),
            format!("{}{}\n", "{".repeat(count), "}".repeat(count)),
            format!("x = {}{}\n", "`${".repeat(count), "}`".repeat(count)),
            format!("x = {}{}\n", "<a>".repeat(count), "</a>".repeat(count)),
            format!("x = {}1\n", "new ".repeat(count)),
            format!("{}a()\n", "a: ".repeat(count)),
            "(".repeat(count),
            format!("{}\n", "import 'fs';".repeat(count / 4)),
        ] {
            let (class, reason) = class_of("a.js", &text, &format!("{text}\n"));
            assert!(matches!(class, Style | Other), "{reason}");
        }
        let types = format!("let a: {}number{}\n", "A<".repeat(count), ">".repeat(count));
        class_of("a.ts", &types, &format!("{types}\n"));
    }
}

/// Files of this repository, written by people.
const REAL: &[(&str, &str)] = &[
    ("a.js", include_str!("../../../web/static/app.js")),
    ("a.mjs", include_str!("../../../tests/sdks/node/app.mjs")),
];

#[test]
fn a_real_file_with_one_token_changed_is_never_harmless() {
    let mut tried = 0;
    for (path, code) in REAL {
        let memory = oxc_allocator::Allocator::default();
        let side = super::side::Side::read("before", &memory, super::side::Way::Module, code);
        let side = side.unwrap();
        let end = side.program.body.iter().take_while(|stmt| super::imports::is_import(stmt));
        let from = end.last().map_or(0, |stmt| oxc_span::GetSpan::span(stmt).end as usize);
        let tokens: Vec<_> = side.tokens.meaning.iter().filter(|one| one.start > from).collect();
        for token in tokens.iter().step_by(1 + tokens.len() / 200) {
            let text = &code[(*token).clone()];
            for changed in [format!("{text}x"), String::new(), format!("{text} {text}")] {
                let after = format!("{}{changed}{}", &code[..token.start], &code[token.end..]);
                let (class, reason) = class_of(path, code, &after);
                assert_eq!(class, Other, "`{text}` -> `{changed}`: {reason}");
                tried += 1;
            }
        }
    }
    assert!(tried > 400, "{tried}");
}
