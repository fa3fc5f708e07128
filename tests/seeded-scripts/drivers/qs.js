// npm qs 6.13.0
const qs = require(process.argv[2]);
const eq = (a, b) => { if (JSON.stringify(a) !== JSON.stringify(b)) throw new RangeError("expected " + JSON.stringify(b) + " got " + JSON.stringify(a)); };
eq(qs.parse("a[b][c]=d&a[b][e]=f"), { a: { b: { c: "d", e: "f" } } });
eq(qs.parse("a[]=b&a[]=c"), { a: ["b", "c"] });
for (const text of ["a.b=c", "a[1]=b&a[0]=c", "a=b&a=c", "a[b]=1&a=2", "a[100]=x", "a[b][c][d][e][f][g][h]=i", "?a=1;b=2", "a=%E2%9C%93&utf8=%26%2310003%3B", "a", "a=", "a[][b]=c", "a[0][b]=1&a[1][b]=2", "[a]=1", "a[toString]=x", "a=1,2,3", "a%5Bb%5D=c", "a[b", "a[]=&a[]=b", "a.b.c=1&a.b.d=2", "__proto__[x]=1", "a[hasOwnProperty]=b&a[x]=y"]) {
  for (const options of [{}, { allowDots: true, comma: true }, { depth: 2, arrayLimit: 0, parameterLimit: 5 }, { delimiter: /[;&]/ }, { parseArrays: false, ignoreQueryPrefix: true }, { strictNullHandling: true, allowSparse: true }, { charset: "iso-8859-1", charsetSentinel: true, interpretNumericEntities: true }, { duplicates: "last", allowEmptyArrays: true, decodeDotInKeys: true, allowDots: true }, { decoder: (s, d, c, t) => d(s, d, c), allowPrototypes: true }, { duplicates: "first", depth: false }]) {
    const object = qs.parse(text, options);
    for (const how of [{}, { encode: false, arrayFormat: "brackets" }, { arrayFormat: "comma", commaRoundTrip: true }, { arrayFormat: "repeat", skipNulls: true }, { allowDots: true, encodeDotInKeys: true, encodeValuesOnly: true }, { addQueryPrefix: true, sort: (a, b) => a.localeCompare(b), format: "RFC1738" }, { filter: ["a", "b", 0], strictNullHandling: true }, { filter: (k, v) => v, charset: "iso-8859-1", charsetSentinel: true, allowEmptyArrays: true }]) qs.stringify(object, how);
  }
}
eq(qs.stringify({ a: [1, { b: 2 }], d: new Date(0), n: null, u: undefined, f: true, o: {}, e: [], big: "\u{1F600} x" }), "a%5B0%5D=1&a%5B1%5D%5Bb%5D=2&d=1970-01-01T00%3A00%3A00.000Z&n=&f=true&big=%F0%9F%98%80%20x");
qs.stringify({ a: "b c" }, { encoder: (s, d, c, t) => d(s, d, c), serializeDate: (d) => +d }), qs.parse({ "a[b]": "c", d: ["e", "f"] }), qs.parse(""), qs.stringify(null), qs.stringify({ a: { b: Buffer.from("x") } }), qs.formats.RFC3986;
const cycle = { a: {} }; cycle.a.b = cycle;
try { qs.stringify(cycle); } catch (e) { if (!/Cyclic/.test(e.message)) throw e; }
for (const bad of [[{ charset: "x" }], [{ decoder: 3 }], [{ duplicates: "q" }], [{ allowEmptyArrays: 1 }]]) { try { qs.parse("a=b", ...bad); } catch (e) { if (!/must|option|Decoder/.test(e.message)) throw e; } }
