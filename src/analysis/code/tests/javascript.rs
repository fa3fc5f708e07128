//! The rules of JavaScript and TypeScript.

use super::super::rules;
use super::{Case, check, check_complete};
use crate::source::tree::Grammar;

const CASES: &[Case] = &[
    (
        "javascript/loose-equality",
        &["if (a == 1) { f() }", "x = f(a) != b"],
        &[
            "if (a === 1) { f() }",
            "if (a == null) { f() }",
            "x = typeof a != 'string'",
            "s = 'a == b'",
            "// a == b\n",
            "if (undefined != a) {}",
        ],
    ),
    (
        "javascript/nan-comparison",
        &["if (x === NaN) { f() }", "y = Number.NaN != x"],
        &["if (Number.isNaN(x)) { f() }", "y = NaN", "z = 'x === NaN'"],
    ),
    (
        "javascript/unknown-typeof",
        &["if (typeof x === 'undefned') {}", "y = 'strnig' == typeof x"],
        &[
            "if (typeof x === 'undefined') {}",
            "if (typeof x === kind) {}",
            "switch (typeof x) { case 'a': }",
        ],
    ),
    (
        "javascript/assignment-in-condition",
        &["if (a = 1) { f() }", "if (a = b) { f() }"],
        &[
            "if (a === 1) { f() }",
            "if ((a = b)) { f() }",
            "if (m = re.exec(s)) { f() }",
            "while (a = b) { f() }",
        ],
    ),
    (
        "javascript/index-as-condition",
        &[
            "if (a.indexOf(b)) { f() }",
            "x = a.indexOf(b) ? 1 : 2",
            "if (a.indexOf(b) && c) { f() }",
        ],
        &[
            "if (a.indexOf(b) >= 0) { f() }",
            "if (!a.indexOf(b)) { f() }",
            "if (a.includes(b)) {}",
            "i = a.indexOf(b)",
            "if (~a.indexOf(b)) {}",
        ],
    ),
    (
        "javascript/unreachable",
        &[
            "function f() { return 1; g() }",
            "function f() { throw e; g() }",
            "for (;;) { continue; g() }",
        ],
        &[
            "function f() { return g(); function g() {} }",
            "function f() { if (a) return 1; g() }",
            "function f() { return 1; var x }",
            "switch (a) { case 1: return 1; break }",
        ],
    ),
    (
        "javascript/leave-in-finally",
        &[
            "function f() { try { g() } finally { return 1 } }",
            "for (;;) { try { g() } finally { break } }",
        ],
        &[
            "function f() { try { return g() } finally { h() } }",
            "function f() { try { g() } finally { for (;;) { break } } }",
            "function f() { try { g() } finally { x.map(() => { return 1 }) } }",
            "function f() { try { g() } finally { switch (a) { case 1: break } } }",
        ],
    ),
    (
        "javascript/throw-text",
        &["throw 'no'", "throw `no ${x}`", "throw 'no ' + x"],
        &["throw new Error('no')", "throw e", "throw a + b", "throw f('no')"],
    ),
    (
        "javascript/duplicate-case",
        &[
            "switch (a) { case 1: f(); case 1: g() }",
            "switch (a) { case 'x': case B: case 'x': g() }",
        ],
        &[
            "switch (a) { case 1: f(); case 2: g() }",
            "switch (a) { case f(): case f(): }",
            "switch (a) { case 1: switch (b) { case 1: } }",
        ],
    ),
    (
        "javascript/var",
        &["let a = 1\nvar b = 2"],
        &["var a = 1\nvar b = 2", "let a = 1\nconst b = 2", "let a = 'var b = 1'"],
    ),
    (
        "javascript/floating-promise",
        &[
            "async function g() { await h() }\nasync function f() { g() }",
            "const g = async () => { await h() }\nasync function f() { g() }",
        ],
        &[
            "async function g() { await h() }\nasync function f() { await g() }",
            "async function g() { await h() }\nasync function f() { g().catch(e => log(e)) }",
            "async function g() { await h() }\nasync function f() { void g() }",
            "async function g() { try { await h() } catch (e) { log(e) } }\nasync function f() { g() }",
            "function g() {}\nasync function f() { g() }",
            "async function g() { await h() }\nasync function f(g) { g() }",
        ],
    ),
    (
        "javascript/return-without-await-in-try",
        &["async function f() { try { return fetch(u) } catch (e) { return null } }"],
        &[
            "async function f() { try { return await fetch(u) } catch (e) { return null } }",
            "async function f() { try { a() } catch (e) { return fetch(u) } }",
            "function f() { try { return fetch(u) } catch (e) { return null } }",
            "async function f() { try { return fetch(u) } finally { g() } }",
            "async function f() { try { await Promise.all(x.map(() => { return fetch(u) })) } catch (e) { } }",
        ],
    ),
    (
        "javascript/promise-as-condition",
        &[
            "async function ok() { return true }\nasync function f() { if (ok()) { g() } }",
            "async function ok() { return 1 }\nfunction f() { if (!ok()) { g() } }",
        ],
        &[
            "async function ok() { return true }\nasync function f() { if (await ok()) { g() } }",
            "function ok() { return true }\nif (ok()) { g() }",
        ],
    ),
    (
        "javascript/async-for-each",
        &["xs.forEach(async (x) => { await f(x) })"],
        &[
            "xs.forEach((x) => { f(x) })",
            "await Promise.all(xs.map(async (x) => { await f(x) }))",
            "xs.forEach(async (x) => { try { await f(x) } catch (e) { log(e) } })",
        ],
    ),
    (
        "javascript/async-executor",
        &["new Promise(async (resolve) => { resolve(await f()) })"],
        &["new Promise((resolve) => { resolve(f()) })", "new Worker(async () => { await f() })"],
    ),
    (
        "javascript/await-in-loop",
        &[
            "async function f() { const r = []; for (const x of xs) { r.push(await g(x)) } return r }",
        ],
        &[
            "async function f() { for (const x of xs) { await g(x) } }",
            "async function f() { for (const x of xs) { r.push(await g(x, r)) } }",
            "async function f() { for await (const x of xs) { r.push(await g(x)) } }",
            "async function f() { while (a) { r.push(await g()) } }",
            "async function f() { for (const x of xs) { r.push(await g(x)); if (r.length > 3) break } }",
        ],
    ),
    (
        "javascript/eval",
        &[
            "function f(text) { return eval(text) }",
            "setTimeout('run(' + this.name + ')', 10)",
            "new Function(req.body.code)",
            "eval(`x = ${options.value}`)",
        ],
        &[
            "eval('1 + 1')",
            "setTimeout(f, 10)",
            "setTimeout(() => f(name), 10)",
            "function f(code) { return new Function('a', code) }",
            "// eval(x.y)\n",
        ],
    ),
    (
        "javascript/shell-command",
        &[
            "const { exec } = require('child_process')\nexec(`ls ${path}`)",
            "import cp from 'node:child_process'\ncp.execSync('ls ' + path)",
        ],
        &[
            "const { exec } = require('child_process')\nexec('ls')",
            "re.exec(`a${b}`)",
            "const { exec, execFile } = require('child_process')\nexecFile('ls', [path])",
            "const { exec } = require('child_process')\nexec('kill ' + child.pid)",
            "exec(`ls ${path}`)",
            "const { exec } = require('child_process')\nconst p = quoteAll(path)\nexec(`ls ${p}`)",
        ],
    ),
    (
        "javascript/sql-text",
        &[
            "db.query(`SELECT * FROM users WHERE id = ${id}`)",
            "const q = \"DELETE FROM t WHERE a = '\" + a + \"'\"\ndb.run(q)",
        ],
        &[
            "db.query('SELECT * FROM users WHERE id = ?', [id])",
            "db.query(sql`SELECT * FROM users WHERE id = ${id}`)",
            "db.query(`SELECT * FROM ${TABLE} WHERE id = ?`, [id])",
            "db.query(`SELECT * FROM t WHERE id IN (${placeholders})`, ids)",
            "log.run(`Select a file from ${folder}`)",
        ],
    ),
    (
        "javascript/backtracking-expression",
        &["const r = /^(a+)+$/", "const r = new RegExp('^(\\\\d*)*x')"],
        &[
            "const r = /^(a+)$/",
            "const r = /^(ab+)+$/",
            "const s = '^(a+)+$'",
            "const r = /\\(a+\\)+$/",
        ],
    ),
    (
        "javascript/tls-verification-off",
        &[
            "https.get({ rejectUnauthorized: false })",
            "process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'",
        ],
        &[
            "https.get({ rejectUnauthorized: true })",
            "https.get({ rejectUnauthorized: strict })",
            "process.env.OTHER = '0'",
        ],
    ),
    (
        "javascript/weak-password-hash",
        &["const h = crypto.createHash('md5').update(user.password).digest('hex')"],
        &[
            "const h = crypto.createHash('md5').update(body).digest('hex')",
            "const h = crypto.scryptSync(password, salt, 64)",
        ],
    ),
    (
        "javascript/guessable-token",
        &[
            "const resetToken = Math.random().toString(36)",
            "user.apiKey = Math.random()",
            "function newSession() { const token = Math.random() }",
        ],
        &[
            "const colour = Math.random()",
            "const token = Math.random()",
            "const resetToken = crypto.randomUUID()",
        ],
    ),
    (
        "javascript/markup-from-value",
        &[
            "function f(name) { el.innerHTML = `<b>${name}</b>` }",
            "el.innerHTML = location.hash",
            "el.insertAdjacentHTML('beforeend', '<i>' + user.name + '</i>')",
        ],
        &[
            "el.innerHTML = '<b>x</b>'",
            "el.textContent = `<b>${name}</b>`",
            "el.innerHTML = `<b>${escapeHtml(name)}</b>`",
            "el.innerHTML = DOMPurify.sanitize(location.hash)",
            "el.innerHTML = `<b>${items.length}</b>`",
            "el.innerHTML = ''",
            "function f(name) { el.innerHTML = name }",
            "el.innerHTML = `<b>${items[i] ? 'a' : 'b'}</b>`",
        ],
    ),
    (
        "javascript/state-changed-in-place",
        &[
            "function A() { const [xs, setXs] = useState([]); const f = () => { xs.push(1); setXs(xs) } }",
            "function A() { const [x, setX] = useState({}); x.name = 'a' }",
        ],
        &[
            "function A() { const [xs, setXs] = useState([]); setXs([...xs, 1]) }",
            "function A() { const xs = []; xs.push(1) }",
            "function A() { const r = useRef(0); r.current = 1 }",
        ],
    ),
    (
        "javascript/prototype-pollution",
        &[
            "function merge(a, b) { for (const k in b) { if (typeof b[k] === 'object') { merge(a[k], b[k]) } else { a[k] = b[k] } } }",
        ],
        &[
            "function merge(a, b) { for (const k in b) { if (k === '__proto__') continue; if (typeof b[k] === 'object') { merge(a[k], b[k]) } else { a[k] = b[k] } } }",
            "function copy(a, b) { for (const k in b) { a[k] = b[k] } }",
        ],
    ),
    (
        "javascript/for-in-array",
        &[
            "for (const i in [1, 2]) { f(i) }",
            "const xs = s.split(',')\nfor (const x in xs) { f(x) }",
            "for (const k in Object.keys(o)) { f(k) }",
        ],
        &[
            "for (const x of [1, 2]) { f(x) }",
            "for (const k in o) { f(k) }",
            "const o = {}\nfor (const k in o) { f(k) }",
        ],
    ),
    (
        "javascript/duplicate-key",
        &["x = { a: 1, b: 2, a: 3 }", "x = { a: 1, 'a': 3 }"],
        &[
            "x = { a: 1, b: 2 }",
            "x = { a: { b: 1 }, b: 2 }",
            "x = { [a]: 1, [a]: 2 }",
            "x = { ...a, ...a }",
        ],
    ),
    (
        "javascript/parse-int-radix",
        &["x = parseInt(s)", "x = Number.parseInt(req.query.a)"],
        &[
            "x = parseInt(s, 10)",
            "x = parseFloat(s)",
            "x = o.parseInt(s)",
            "x = parseInt(1.5)",
            "xs.map(parseInt)",
        ],
    ),
    (
        "javascript/unguarded-json-parse",
        &["x = JSON.parse(localStorage.getItem('a'))"],
        &[
            "try { x = JSON.parse(localStorage.getItem('a')) } catch (e) { x = 1 }",
            "x = JSON.parse(JSON.stringify(y))",
        ],
    ),
    (
        "javascript/hard-coded-secret",
        &["const apiKey = '9f8a7c6b5d4e3f2a1b0c'", "x = { clientSecret: 'kX9mQ2vL7pR4' }"],
        &[
            "const apiKey = process.env.API_KEY",
            "const apiKey = 'your-api-key-123'",
            "const apiKeyName = '9f8a7c6b5d4e3f2a1b0c'",
        ],
    ),
];

const TYPED: &[Case] = &[
    (
        "typescript/as-any",
        &["const x = y as any;"],
        &[
            "const x = y as unknown;",
            "const x = (window as any).y;",
            "let x: any;",
            "const x = <any>y;",
        ],
    ),
    (
        "typescript/ts-ignore",
        &["// @ts-ignore\nf(1);"],
        &[
            "// @ts-ignore the types of f are wrong\nf(1);",
            "// @ts-expect-error\nf(1);",
            "const s = '// @ts-ignore';",
        ],
    ),
    (
        "typescript/found-for-certain",
        &["const x = xs.find((y) => y.a)!;", "const b = document.getElementById('a')!.value;"],
        &[
            "const x = xs.find((y) => y.a);",
            "const x = m.get('a')!;",
            "const x = find(y)!;",
            "if (!xs.find(f)) {}",
        ],
    ),
];

#[test]
fn each_rule_finds_what_it_is_for_and_leaves_its_near_misses_alone() {
    check("app.js", CASES);
    check("app.ts", TYPED);
}

#[test]
fn the_rules_of_javascript_hold_in_typescript() {
    check("app.ts", CASES);
    check("app.tsx", CASES);
}

#[test]
fn each_rule_has_cases() {
    let rules = rules::of(Grammar::TypeScript).iter().copied().flatten();
    let all: Vec<Case> = CASES.iter().chain(TYPED).copied().collect();
    check_complete(rules.map(|one| one.rule.id), &all);
}
