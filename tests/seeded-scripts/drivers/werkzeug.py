# pypi Werkzeug 3.1.3 MarkupSafe
from io import BytesIO

from werkzeug import datastructures, http, routing, urls, utils, wsgi
from werkzeug.datastructures import Headers, ImmutableMultiDict, MultiDict
from werkzeug.formparser import parse_form_data
from werkzeug.routing import Map, Rule, Subdomain, Submount
from werkzeug.test import Client, EnvironBuilder, create_environ
from werkzeug.wrappers import Request, Response

m = Map([Rule("/", endpoint="index"), Rule("/user/<int:id>", endpoint="user"), Rule("/f/<path:p>/edit", endpoint="file"), Rule("/a/<any(x, y):k>/<float:n>", endpoint="any"), Rule("/s/<string(length=2):l>/", endpoint="s"),
         Rule("/d", defaults={"page": 1}, endpoint="d"), Rule("/d/<int:page>", endpoint="d"), Subdomain("api", [Submount("/v1", [Rule("/x/<uuid:u>", endpoint="x", methods=["POST"])])]), Rule("/old", redirect_to="user/3")], default_subdomain="www")
a = m.bind("x.example", "/", subdomain="www")
assert a.match("/user/7") == ("user", {"id": 7})
a.match("/f/a/b/edit"), a.match("/a/x/1.5"), a.match("/s/ab/"), a.match("/d/3"), a.build("user", {"id": 3, "q": "z"}), a.build("any", {"k": "y", "n": 2.5}, force_external=True), a.build("d", {"page": 1}), a.allowed_methods("/user/3"), list(m.iter_rules("user")), str(m), a.test("/nope")
for path in ("/nope", "/s/ab", "/old", "/d/1", "/user/x"):
    try:
        a.match(path)
    except Exception as error:
        str(error), getattr(error, "code", None)
m.bind("x.example", subdomain="api").match("/v1/x/12345678-1234-5678-1234-567812345678", method="POST")


@Request.application
def app(request):
    request.args.getlist("q", type=int), request.headers.get("X"), request.cookies.get("c"), request.accept_mimetypes.best_match(["text/html", "application/json"]), request.url, request.host, request.remote_addr
    request.if_none_match.contains("x"), request.range, request.authorization, request.content_type, request.access_route, request.accept_languages.best, request.cache_control.max_age, request.is_json, request.base_url
    if request.method == "POST":
        form = request.form.to_dict(flat=False)
        names = [f.filename for f in request.files.values()]
        data = request.get_json(silent=True)
        response = Response(f"{form}{names}{data}", mimetype="text/plain")
    else:
        response = Response([b"a", b"b"], status=201, headers=[("X-A", "1")])
    response.set_cookie("c", "v", max_age=3, path="/", samesite="Lax", secure=True)
    response.set_etag("abc")
    response.last_modified = 1577934245
    response.cache_control.max_age = 60
    response.vary.add("Accept")
    response.add_etag()
    response.www_authenticate = datastructures.WWWAuthenticate("basic", {"realm": "x"})
    return response.make_conditional(request)


client = Client(app)
r = client.get("/x?q=1&q=2&z=%C3%A9", headers={"Accept": "text/html;q=0.8, application/json", "Cookie": "c=1; d=\"x y\"", "If-None-Match": '"zz", W/"q"', "Range": "bytes=0-3,5-", "Authorization": "Basic YTpi", "Accept-Language": "de-AT, en;q=0.5", "Cache-Control": "max-age=3, no-cache"})
assert r.status_code == 201, r.status
client.post("/p", data={"a": ["1", "2"], "f": (BytesIO(b"content"), "f.txt", "text/plain")}), client.post("/j", json={"k": [1]}), client.put("/r", data=b"raw", content_type="application/octet-stream")
client.get("/x", headers={"If-Modified-Since": "Wed, 02 Jan 2030 03:04:05 GMT"})
d = MultiDict([("a", 1), ("a", 2), ("b", 3)])
d.add("c", 4), d.setlist("a", [9]), d.poplist("b"), d.to_dict(), list(d.lists()), d.update({"z": [1, 2]}), d.copy(), list(d.items(multi=True)), d.setdefault("n", 1), d.popitem(), ImmutableMultiDict(d), d.setlistdefault("q", [1])
h = Headers([("A", "1"), ("a", "2")])
h.add("C", "x", filename="f.txt"), h.getlist("a"), h.set("A", "3"), h.extend({"D": ["4", "5"]}), h["D"], str(h), h.remove("C"), h.pop("D"), h.to_wsgi_list(), h.setlist("E", ["6"]), list(h.keys()), h.insert(0, ("z", "y")) if hasattr(h, "insert") else None
http.parse_options_header("text/html; charset=utf-8; x=\"a b\"; f*=UTF-8''%c3%a4"), http.dump_header({"a": "b c", "d": None}), http.parse_list_header('a, "b, c"'), http.parse_dict_header('a=1, b="2", c'), http.parse_date("Wed, 02 Jan 2020 03:04:05 GMT"), http.http_date(1577934245), http.quote_etag("x", True), http.parse_cookie("a=b; c=d"), http.dump_cookie("k", "v ä", domain="x.example"), http.parse_range_header("bytes=0-5,-3"), http.parse_if_range_header('"x"'), http.parse_age("3"), http.is_resource_modified({"REQUEST_METHOD": "GET"}, etag="a"), http.parse_content_range_header("bytes 0-5/10"), http.parse_set_header("a, b").add("c"), http.parse_accept_header("a/b;q=0.3, c/d")
urls.iri_to_uri("http://ä.example/ü?x=ö"), urls.uri_to_iri("http://xn--4ca.example/%C3%BC"), utils.secure_filename("../a b.txt"), utils.redirect("/x"), utils.append_slash_redirect({"PATH_INFO": "/a", "QUERY_STRING": "q"})
e = EnvironBuilder("/a", query_string={"q": "1"}, method="POST", data={"x": "y"}).get_environ()
parse_form_data(e), wsgi.get_current_url(e), wsgi.get_host(e), create_environ("/b?c=d")["QUERY_STRING"]
