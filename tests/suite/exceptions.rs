//! An exception of Python, through the server, to a root cause.

use reqwest::StatusCode;
use serde_json::json;

use crate::support::eventually;
use crate::support::server::Server;
use crate::support_repo::TestRepo;

const CART: &str = "\
from shop.stock import find


class Cart:
    def __init__(self, codes):
        self.codes = codes

    def total(self):
        return sum(self.price(code) for code in self.codes)

    def price(self, code):
        item = find(code)
        return item.cents
";

const STOCK: &str = "\
ITEMS = []


def find(code):
    for item in ITEMS:
        if item.code == code:
            return item
    return None
";

#[tokio::test]
async fn a_python_event_ends_in_a_root_cause_with_lines_of_the_repository() {
    let server = Server::start();
    let repo = TestRepo::with(&[("shop/cart.py", CART), ("shop/stock.py", STOCK)]);
    let project = server.create_project("shop", &["--repo", repo.root().to_str().unwrap()]);
    let frame = |function: &str, line: u32| {
        json!({
            "function": function, "module": "shop.cart", "filename": "shop/cart.py",
            "abs_path": "/srv/app/shop/cart.py", "lineno": line, "in_app": true,
            "vars": {"code": "'b7'", "item": "None"},
        })
    };
    let event = json!({
        "event_id": "5".repeat(32), "platform": "python", "level": "error",
        "exception": {"values": [{
            "type": "AttributeError",
            "value": "'NoneType' object has no attribute 'cents'",
            "stacktrace": {"frames": [frame("total", 9), frame("price", 13)]},
        }]},
    });
    let envelope = format!("{{}}\n{{\"type\":\"event\"}}\n{event}\n");
    assert_eq!(server.envelope(&project, envelope.into_bytes()).await.status(), StatusCode::OK);
    let issue = eventually("the analysis", async || {
        let issue = server.json("/api/issues/1").await;
        (issue["analysis"]["status"] == "done").then_some(issue)
    })
    .await;
    let cause = &issue["root_cause"];
    assert_eq!(cause["class"], "attribute_of_none", "{issue:#}");
    assert_eq!((&cause["file"], &cause["line"]), (&json!("shop/cart.py"), &json!(13)));
    assert_eq!(cause["function"], "Cart.price");
    let summary = cause["summary"].as_str().unwrap();
    assert!(summary.contains("`item` was None"), "{summary}");
    assert!(summary.contains("`item` comes from `find(code)` (line 12)"), "{summary}");
    let evidence = cause["evidence"].as_array().unwrap();
    assert!(evidence.iter().any(|one| one["quote"] == "        item = find(code)"), "{cause:#}");
    let candidates = cause["candidates"].as_array().unwrap();
    let named: Vec<&str> = candidates.iter().filter_map(|one| one["function"].as_str()).collect();
    assert_eq!(named[0], "Cart.price");
    assert!(named.contains(&"find"), "who made the value is a candidate: {named:?}");
    let ran =
        issue["executions"].as_array().unwrap().iter().find(|e| e["agent"] == "exception-analyst");
    assert_eq!(ran.unwrap()["status"], "done");
}
