//! The lines that docs/connect shows are the lines that run here: a block of code below a comment
//! `<!-- runs: NAME -->` is taken from the page, with this test's DSN in place of the page's.

use std::path::Path;

use reqwest::{Method, StatusCode};
use serde_json::Value;

use super::{Arrived, RELEASE, Stand, application, browser, installed};

/// The DSN of the pages.
const PAGES_DSN: &str = "http://KEY@andon.example:5001/1";

/// What the pages' tests raise.
const TEST: &str = "a test of Andon";

fn page(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/connect");
    std::fs::read_to_string(folder.join(name)).unwrap()
}

/// The block of code below the comment.
fn block(page_name: &str, comment: &str) -> String {
    let page = page(page_name);
    let after = page
        .split_once(&format!("<!-- {comment} -->\n```"))
        .unwrap_or_else(|| panic!("{page_name} has no block `{comment}`"))
        .1;
    let (_, code) = after.split_once('\n').unwrap();
    code.split_once("\n```").unwrap().0.to_owned() + "\n"
}

/// The same, with the DSN of this test if it holds one.
fn runs(stand: &Stand, page_name: &str, name: &str) -> String {
    block(page_name, &format!("runs: {name}")).replace(PAGES_DSN, &stand.dsn())
}

/// What the test adds so that the page's lines do something, and end.
fn driver(name: &str) -> String {
    std::fs::read_to_string(application("pages").join(name)).unwrap()
}

/// One event came, and says what the page's `init` says.
async fn one_event(stand: &Stand) -> (Arrived, Value) {
    let arrived = stand.arrived(1).await;
    let event = arrived.stored[0].event.clone();
    assert_eq!(event["release"], RELEASE);
    assert_eq!(event["environment"], "production");
    (arrived, event)
}

async fn python(stand: &Stand, files: &[(&str, String)]) {
    let folder = stand.folder("page");
    for (name, text) in files {
        std::fs::write(folder.join(name), text).unwrap();
    }
    let mut command = stand.command(installed::python());
    command.arg("main.py").current_dir(&folder).env_remove("SENTRY_DSN");
    stand.run(command, 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_python_page() {
    let stand = Stand::start().await;
    let script = ["python-setup", "python-check"].map(|name| runs(&stand, "python.md", name));
    python(&stand, &[("main.py", [script.concat(), driver("check.py")].concat())]).await;
    let (_, event) = one_event(&stand).await;
    assert_eq!(event["exceptions"][0]["type"], "ZeroDivisionError");

    for framework in ["flask", "fastapi"] {
        let stand = Stand::start().await;
        let script = runs(&stand, "python.md", &format!("python-{framework}"));
        python(&stand, &[("main.py", [script, driver(&format!("{framework}.py"))].concat())]).await;
        let (arrived, event) = one_event(&stand).await;
        assert_eq!(event["exceptions"][0]["value"], TEST);
        let url = arrived.stored[0].payload["request"]["url"].as_str().unwrap();
        assert!(url.ends_with("/andon-test"), "{framework}: {url}");
    }

    let stand = Stand::start().await;
    let settings = [runs(&stand, "python.md", "python-django"), driver("django_settings.py")];
    let urls = runs(&stand, "python.md", "python-django-urls");
    let files =
        [("settings.py", settings.concat()), ("urls.py", urls), ("main.py", driver("django.py"))];
    python(&stand, &files).await;
    let (arrived, event) = one_event(&stand).await;
    assert_eq!(event["exceptions"][0]["value"], TEST);
    assert_eq!(event["transaction"], "/andon-test/");
    assert_eq!(arrived.stored[0].payload["request"]["method"], "GET");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_node_page() {
    for (application, ending) in [("check", ""), ("express", "express.mjs")] {
        let stand = Stand::start().await;
        let folder = installed::node_folder(&stand, &[]);
        let instrument = runs(&stand, "node.md", "node-instrument");
        std::fs::write(folder.join("instrument.mjs"), instrument).unwrap();
        let mut script = runs(&stand, "node.md", &format!("node-{application}"));
        if ending.is_empty() {
            script.insert_str(0, "import * as Sentry from \"@sentry/node\";\n");
        } else {
            script += &driver(ending);
        }
        std::fs::write(folder.join("app.mjs"), script).unwrap();
        let mut command = stand.command(installed::node());
        command.args(["--import", "./instrument.mjs", "app.mjs"]).current_dir(folder);
        command.env_remove("SENTRY_DSN");
        stand.run(command, 0).await;
        let (arrived, event) = one_event(&stand).await;
        assert_eq!(event["exceptions"][0]["value"], TEST);
        if application == "express" {
            let request = &arrived.stored[0].payload["request"];
            assert!(request["url"].as_str().unwrap().ends_with("/andon-test"), "{request}");
            assert_eq!(event["transaction"], "GET /andon-test");
            assert!(arrived.sent.counted["sessions"] > 0, "{:?}", arrived.sent.counted);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_browser_page() {
    let stand = Stand::start().await;
    let folder = installed::node_folder(&stand, &[]);
    let script = ["browser-setup", "browser-check"].map(|name| runs(&stand, "browser.md", name));
    std::fs::write(folder.join("page.js"), [script.concat(), driver("browser.js")].concat())
        .unwrap();
    browser::visit(&stand, &folder, &serde_json::json!({}), "").await;
    let (_, event) = one_event(&stand).await;
    assert_eq!(event["exceptions"][0]["value"], TEST);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ruby_page() {
    let stand = Stand::start().await;
    let script = ["ruby-setup", "ruby-check"].map(|name| runs(&stand, "ruby.md", name)).concat();
    // A busy machine may need longer than the SDK's two seconds.
    let patience = "Sentry.init do |config|\n  config.transport.timeout = 60\n";
    let script = script.replace("Sentry.init do |config|\n", patience);
    let file = stand.folder("page").join("main.rb");
    std::fs::write(&file, [script, driver("ruby.rb")].concat()).unwrap();
    let mut command = stand.command("/usr/bin/ruby");
    command.arg(file).env_remove("SENTRY_DSN");
    stand.run(command, 0).await;
    let (_, event) = one_event(&stand).await;
    assert_eq!(event["exceptions"][0]["type"], "ZeroDivisionError");
}

#[test]
fn the_go_page_shows_what_was_built() {
    // scripts/sdks.sh builds it.
    installed::go_application();
    let built = std::fs::read_to_string(application("go/page/main.go")).unwrap();
    assert_eq!(block("go.md", "builds: go"), built);
}

#[tokio::test]
async fn the_http_page() {
    let stand = Stand::start().await;
    let send = async |name: &str, now: &str| {
        let call = block("http.md", &format!("runs: {name}"));
        let json = call.split_once("-d '").unwrap().1.trim_end().strip_suffix('\'').unwrap();
        let json = json.replace("2026-11-21T12:00:00Z", now);
        let request = stand.server.plain(Method::POST, "/api/events").body(json);
        let answer = request.bearer_auth(&stand.project.key).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{name}");
        let answer: Value = answer.json().await.unwrap();
        assert_eq!(answer["dropped"], serde_json::json!([]), "{name}");
        let id = answer["event_id"].as_str().unwrap();
        stand.server.json(&format!("/api/projects/{}/events/{id}", stand.project.id)).await
    };
    let small = send("http-small", "").await;
    assert_eq!(small["event"]["exceptions"][0]["value"], "disk is full");
    // A time that is believed, whenever this runs.
    let now = small["received_at"].as_str().unwrap().to_owned();
    let large = send("http-large", &now).await["event"].clone();
    assert_eq!(large["message"], "the nightly report failed");
    assert_eq!(large["level"], "fatal");
    assert_eq!(large["tags"]["till"], "3");
    assert_eq!(large["transaction"], "nightly-report");
    assert_eq!(large["fingerprint"][1], "nightly");
    let frames = large["exceptions"][0]["stacktrace"]["frames"].as_array().unwrap();
    assert_eq!(frames.last().unwrap()["lineno"], 12);
}

/// A block that nothing here names would say that it runs, and not run.
#[test]
fn every_block_that_says_it_runs_is_run_here() {
    let here = include_str!("pages.rs");
    for name in ["python.md", "node.md", "browser.md", "ruby.md", "http.md"] {
        let page = page(name);
        for line in page.lines().filter_map(|line| line.strip_prefix("<!-- runs: ")) {
            let block = line.trim_end_matches(" -->");
            let known = here.contains(&format!("\"{block}\""));
            let made = ["flask", "fastapi", "check", "express"]
                .iter()
                .any(|part| block.ends_with(part) && here.contains(&format!("\"{part}\"")));
            assert!(known || made, "{name}: {block}");
        }
    }
}
