// npm js-yaml 4.1.0
const yaml = require(process.argv[2]);
const text = `# c
name: shop
list:
  - one
  - two: 2
    three: [a, b, {c: d}]
  - |
    block
    text
  - >-
    folded
    text
anchor: &a {x: 1, y: 2.5}
alias: *a
merged:
  <<: *a
  z: 0x1f
date: 2020-01-02
stamp: 2001-12-14t21:59:43.10-05:00
? complex
: "quoted \\n \\u263A text"
empty:
bool: yes
n: ~
set: !!set {a, b}
omap: !!omap [a: 1, b: 2]
bin: !!binary aGVsbG8=
pairs: !!pairs [x: 1, x: 2]
float: [.inf, -.INF, .nan, 1e3, 0o14, 0b11, 1_000]
`;
const data = yaml.load(text, { filename: "x.yaml", onWarning: () => {}, listener: () => {} });
if (data.merged.x !== 1 || data.list.length !== 4) throw new Error("bad load");
for (const options of [{}, { indent: 4, noArrayIndent: true, flowLevel: 2 }, { sortKeys: true, lineWidth: 20, noRefs: true }, { styles: { "!!null": "empty", "!!bool": "uppercase", "!!int": "hex" }, quotingType: '"', forceQuotes: true }, { skipInvalid: true, condenseFlow: true, replacer: (k, v) => v, sortKeys: (a, b) => (a < b ? 1 : -1) }]) {
  const out = yaml.dump({ ...data, f: options.skipInvalid ? () => 1 : "f", long: "word ".repeat(30), multi: "a\nb\n", odd: "- x: # y", esc: "\u0007 tab\t", self: [data.anchor, data.anchor], num: -0, arr: [[1, [2]], []], o: {} }, options);
  yaml.load(out);
}
yaml.loadAll("--- 1\n--- [2]\n...\n", (doc) => doc);
yaml.loadAll("%YAML 1.2\n%TAG ! tag:x,2000:\n---\n!foo ab\n", null, { schema: yaml.DEFAULT_SCHEMA.extend(new yaml.Type("tag:x,2000:foo", { kind: "scalar", construct: (d) => d })) });
const Point = new yaml.Type("!point", { kind: "sequence", resolve: (d) => d.length === 2, construct: ([x, y]) => ({ x, y, point: true }), predicate: (o) => o && o.point, represent: (o) => [o.x, o.y] });
const schema = yaml.DEFAULT_SCHEMA.extend({ implicit: [], explicit: [Point] });
yaml.dump(yaml.load("- !point [1, 2]\n", { schema }), { schema });
yaml.load("a: 1", { schema: yaml.FAILSAFE_SCHEMA }), yaml.load("[1, true]", { schema: yaml.JSON_SCHEMA, json: true }), yaml.load("- 1", { schema: yaml.CORE_SCHEMA });
for (const bad of ["a: [1", "a: b: c", "\tx: 1", "{a", "*b", "a: 'x", "a: 1\na: 2", "- a\nb: c", "!<x a", "? [", "&a &b c", "a: |x\n b"]) {
  try { yaml.load(bad); } catch (error) { if (!(error instanceof yaml.YAMLException)) throw error; error.toString(true), error.mark && error.mark.snippet; }
}
