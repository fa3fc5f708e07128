// npm @xmldom/xmldom 0.8.10
const { DOMParser, XMLSerializer, DOMImplementation } = require(process.argv[2]);
const text = `<?xml version="1.0"?><!DOCTYPE shop [<!ENTITY x "y">]><shop xmlns="urn:a" xmlns:b="urn:b" id="s1"><!-- c --><item b:kind='k' n="1">text &amp; more &#65;</item><item n="2"><![CDATA[<raw>]]><b:inner/>tail</item><?pi data?><empty a="&lt;&quot;"/></shop>`;
const silent = { warning() {}, error() {}, fatalError(e) { throw new Error("fatal " + e); } };
const doc = new DOMParser({ locator: {}, errorHandler: silent }).parseFromString(text, "text/xml");
const root = doc.documentElement;
if (root.getElementsByTagName("item").length !== 2) throw new Error("items");
root.getElementsByTagNameNS("urn:b", "inner").item(0), root.getElementsByTagName("*").length, doc.getElementById("s1"), root.getAttribute("id"), root.lookupNamespaceURI("b"), root.lookupPrefix("urn:b"), root.isDefaultNamespace("urn:a"), doc.getElementsByClassName("x").length;
const item = root.getElementsByTagName("item")[0];
item.setAttribute("z", "9"), item.setAttributeNS("urn:c", "c:q", "v"), item.hasAttribute("z"), item.getAttributeNS("urn:b", "kind"), item.removeAttribute("n"), item.getAttributeNodeNS("urn:c", "q"), item.removeAttributeNS("urn:c", "q"), item.attributes.getNamedItem("z").value, item.attributes.length;
const made = doc.createElement("new"); made.appendChild(doc.createTextNode("a]]>b<")); made.appendChild(doc.createComment("said")); made.appendChild(doc.createCDATASection("cd"));
const fragment = doc.createDocumentFragment(); fragment.appendChild(doc.createElementNS("urn:d", "d:x")); fragment.appendChild(doc.createProcessingInstruction("p", "q"));
root.insertBefore(made, item); root.appendChild(fragment); root.replaceChild(doc.createElement("r"), root.lastChild); root.removeChild(root.firstChild);
made.firstChild.splitText(1), made.normalize(), made.firstChild.appendData("x"), made.firstChild.insertData(1, "y"), made.firstChild.deleteData(0, 1), made.firstChild.replaceData(0, 1, "zz"), made.firstChild.substringData(0, 2), made.textContent, (item.textContent = "set"), root.cloneNode(true).hasChildNodes(), doc.importNode(item, true), doc.cloneNode(true), root.contains && root.contains(item), root.compareDocumentPosition && item.nextSibling, item.parentNode.nodeName;
const out = new XMLSerializer().serializeToString(doc);
if (!out.includes("<new>")) throw new Error(out);
new XMLSerializer().serializeToString(doc, false, (n) => n), String(root), doc.toString(true), root.childNodes.toString();
const impl = new DOMImplementation(); const other = impl.createDocument("urn:z", "z:root", impl.createDocumentType("z:root", "pub", "sys")); other.documentElement.appendChild(other.createElementNS("urn:y", "y")); other.documentElement.setAttribute("a", "b\n<"); new XMLSerializer().serializeToString(other), impl.hasFeature("Core", "1.0");
const html = new DOMParser({ errorHandler: silent }).parseFromString("<html><body><p class='a b'>x<br>y<img src=a><script>if (a < b) {}</script><p>z &nbsp; &copy;</body></html>", "text/html");
html.getElementsByClassName("a b").length, new XMLSerializer().serializeToString(html), html.documentElement.getElementsByTagName("p").length;
for (const bad of ["<a><b></a>", "<a b=c d>", "<a", "x", "<a>&unknown;</a>", "<a b='1' b='2'/>", "<!-- x", "<a></a><b></b>", "<a:b/>", "<![CDATA[x", "</a>", "<a b=\"x/>", "<?x", "<!DOCTYPE", "<a b='<'/>"]) { try { String(new DOMParser({ errorHandler: silent }).parseFromString(bad, "text/xml")); } catch (e) { if (!/fatal|invalid|element|unclosed|end tag|must|ParseError|Hierarchy/i.test(e.message + e.name)) throw e; } }
