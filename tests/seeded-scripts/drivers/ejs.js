// npm ejs 3.1.10
const ejs = require(process.argv[2]);
const view = "<% for (let i = 0; i < list.length; i++) { -%>\n<li><%= list[i].name %> <%- raw %> <%# c %> <%% x %></li>\n<%_ } _%>\n<% if (user) { %><%= user.name %><% } else { %>none<% } %>";
const data = { list: [{ name: "<a>" }, { name: "b" }], raw: "<b>", user: { name: "ann" } };
for (const options of [{}, { rmWhitespace: true }, { strict: true, localsName: "it", destructuredLocals: ["list", "raw", "user"] }, { compileDebug: false, _with: true }, { client: true, delimiter: "%" }, { context: { x: 1 }, debug: false, cache: true, filename: "/tmp/v.ejs" }]) {
  const out = ejs.render(view, data, options);
  if (!out.includes("&lt;a&gt;")) throw new Error("bad output " + out);
}
ejs.render("<?= a ?>", { a: 1 }, { delimiter: "?" });
ejs.render("[%= a %]", { a: 1 }, { openDelimiter: "[", closeDelimiter: "]" });
const fn = ejs.compile("<%- include('part', {x: 3}) %>", { includer: (path) => ({ template: "part <%= x %>" }) });
fn({});
ejs.clearCache();
ejs.escapeXML("<&'\">");
ejs.fileLoader = () => "file <%= a %>";
ejs.renderFile("/tmp/none.ejs", { a: 2, settings: { views: "/tmp", "view cache": false, "view options": { rmWhitespace: true } } }, (error, text) => { if (error) throw error; });
ejs.resolveInclude("b", "/tmp/a.ejs");
const t = new ejs.Template("<%= a %>", { async: true });
t.compile()({ a: 1 }).then((text) => text.length);
for (const bad of ["<% if (x) { %>", "<%= missing.x %>", "<% unclosed"]) {
  try { ejs.render(bad, { settings: {} }); } catch (error) { if (/Cannot read prop.*(?!missing)/.test(error.message) && !/missing/.test(error.message + error.stack)) throw error; String(error.message); }
}
