// npm acorn 8.14.0
const acorn = require(process.argv[2]);
const text = `#!/usr/bin/env node
import def, { a as b, "str" as c } from "m" with { type: "json" };
export * as ns from "x"; export default class A extends B { static #p = 1; x = 2; static { this.y = 3; } get z() { return this.#p; } set z(v) {} async *gen(a, { b = 1, ...c }, [d, , ...e] = []) { yield* a; await b; for await (const q of r) {} } #m() { return #p in this; } constructor() { super(); super.x?.[1]?.(2); new.target; } 'quoted'() {} [comp]() {} static async x() {} };
label: for (let i = 0, j; i < 10; i++, j--) { if (i) continue label; else break label; }
for (const k in o) ; for (var l of m) {} while (a && b || (c ?? d)) { do { x **= 2 } while (!y) }
switch (x) { case 1: case 2: break; default: throw new Error(\`t \${a + \`in \${b}\`} e\`) }
try { tag\`x\${1}\` } catch { debugger } finally { delete a.b, void 0, typeof c }
const f = async (x, y = 2) => ({ ...x, [y]: 1, z, get a() { return 1 }, async b() {}, *c() {}, __proto__: null }), re = /[a-z]+(?<n>x)\\k<n>\\u{1F600}/giu, n = 0x1f + 0b11 + 0o17 + 1_000n + .5e-3 + 89;
var { p: { q = 3 } = {}, ...rest } = obj, [r, s = r] = arr; (function () { "use strict"; return a ? b : c, d })(); x = y ? .5 : a?.b; a ||= b; c &&= d; e ??= f; i = a <!--b
import("z").then(({ default: d }) => d); import.meta.url; export { f as "g h", n }; let async; async = 3; async () => {}; if (a) ; else if (b) { } ++x; y--; "\\x41\\u0042\\n\\
cont"; a instanceof B in C; <!-- html
`.replace("i = a <!--b\n", "").replace("; <!-- html", ";");
for (const options of [{ ecmaVersion: "latest", sourceType: "module", locations: true, ranges: true, onComment: [], onToken: [], allowHashBang: true, preserveParens: true }, { ecmaVersion: 2025, sourceType: "module", directSourceFile: "x.js", sourceFile: "y", onInsertedSemicolon: () => {}, onTrailingComma: () => {}, checkPrivateFields: true }]) {
  let node; try { node = acorn.parse(text, options); } catch (e) { if (!(e instanceof SyntaxError) ) throw e; if (!process.argv[3]) throw new TypeError("driver text refused: " + e.message); }
  if (node.body.length < 10) throw new Error("too few");
}
for (const v of [3, 5, 6, 2017, 2020]) { try { acorn.parse("var a = function (b) { return b.c[d](e, -1) }, g = { get h() { return 1 }, i: 'j' }; if (a) b; else c; for (var i in o) ; l: while (1) break l; with (a) b; /re/g; 010; function f(a, b) {} x = a ? b : c; switch (a) { case 1: }", { ecmaVersion: v, allowReserved: v < 5 }); } catch (e) { if (!(e instanceof SyntaxError)) throw e; } }
acorn.parseExpressionAt("  a + b * (c - d) ; rest", 2, { ecmaVersion: 6 }), [...acorn.tokenizer("let a = `x${1}` / 2; /r/", { ecmaVersion: 6, locations: true })].length, acorn.getLineInfo("a\nb\r\nc", 4), acorn.isIdentifierStart(65, true), acorn.isIdentifierChar(0x1F600), acorn.tokTypes.name.label, acorn.lineBreakG.test("\n");
const Own = acorn.Parser.extend((P) => class extends P { parseLiteral(v) { const n = super.parseLiteral(v); n.own = true; return n; } readToken(c) { return super.readToken(c); } });
Own.parse("1 + 'x'; class A { x = 1 }", { ecmaVersion: 2022 });
acorn.parse("return 1; await x; super.y", { ecmaVersion: 2022, allowReturnOutsideFunction: true, allowAwaitOutsideFunction: true, allowSuperOutsideMethod: true });
for (const bad of ["a +", "let let", "function (", "({a:1, a})=", "'x", "`x", "/x", "/[/", "/(?<a>x)(?<a>y)/u", "class A { #x; #x }", "class A { constructor(){} constructor(){} }", "x.#y", "break", "continue l", "l: l: x", "return", "yield = 1; function* g() { yield\n* 2 }", "async () => { await }", "import a", "export { z }", "const a", "for (let x of a, b) ;", "({ __proto__: 1, __proto__: 2 })", "'use strict'; with (a) {}", "'use strict'; 010", "0b2", "1_", "\\u{110000}", "a => {} ()", "(a, b) = 1", "[...a, b] = c", "new.target", "import.meta", "super()", "delete x; 'use strict'", "function f(a, a) { 'use strict' }", "a?.b = 1", "a ?? b || c", "-1 ** 2", "if (1) function f() {} else class A {}", "let [a, a] = b", "var x; let x", "try {} ", "switch (a) { default: default: }", "@", "#!x\n#!", "\u2028'\\\u2028'", "enum", "({ a = 1 })", "async (x = await 1) => 1", "for await (x of y) ;", "class A extends B { x() { super(); } }", "export default 1; export default 2"]) for (const sourceType of ["script", "module"]) { try { acorn.parse(bad, { ecmaVersion: 2022, sourceType }); } catch (e) { if (!(e instanceof SyntaxError)) throw e; if (typeof e.pos !== "number") throw e; } }
