//! No door is open by accident: every route, without credentials, with too few, from a foreign page.

use reqwest::{Method, StatusCode, header};

use crate::support::server::{Server, andon};

/// Every route of the API with the scope that it needs. A route that is missing here fails
/// `every_route_is_listed`.
pub(crate) const API: &[(&str, &str, &str)] = &[
    ("GET", "/api/projects", "read"),
    ("POST", "/api/projects", "admin"),
    ("GET", "/api/issues", "read"),
    ("GET", "/api/issues/1", "read"),
    ("GET", "/api/issues/1/events", "read"),
    ("GET", "/api/projects/1/events/00000000000000000000000000000001", "read"),
    ("GET", "/api/projects/1/events/00000000000000000000000000000001/payload", "read"),
    ("GET", "/api/issues/1/rollups", "read"),
    ("POST", "/api/issues/1/analyse", "review"),
    ("POST", "/api/issues/1/merge", "review"),
    ("POST", "/api/issues/1/unmerge", "review"),
    ("GET", "/api/projects/1/export", "read"),
    ("GET", "/api/projects/1/settings", "read"),
    ("PUT", "/api/projects/1/settings", "admin"),
    ("DELETE", "/api/projects/1/users/1", "admin"),
    ("GET", "/api/projects/1/events/00000000000000000000000000000001/attachments/1", "read"),
    ("GET", "/api/projects/1/items", "read"),
    ("GET", "/api/projects/1/outcomes", "read"),
    ("GET", "/api/projects/1/keys", "read"),
    ("POST", "/api/projects/1/keys", "admin"),
    ("DELETE", "/api/projects/1/keys/1", "admin"),
    ("DELETE", "/api/projects/1", "admin"),
    ("GET", "/api/suggestions", "read"),
    ("GET", "/api/suggestions/1", "read"),
    ("PUT", "/api/suggestions/1", "review"),
    ("GET", "/api/healings", "read"),
    ("GET", "/api/audit", "admin"),
    ("POST", "/api/execute", "execute"),
    ("GET", "/api/executions", "read"),
    ("GET", "/api/executions/1", "read or execute"),
    ("GET", "/api/executions/1/stream", "read or execute"),
    ("POST", "/api/executions/1/cancel", "read or execute"),
    ("GET", "/api/agents", "read"),
    ("GET", "/api/agents/style", "read"),
    ("POST", "/api/agents", "admin"),
    ("PUT", "/api/agents/style", "admin"),
    ("DELETE", "/api/agents/style", "admin"),
    ("GET", "/api/metrics", "read"),
    ("GET", "/api/openapi.json", "read or execute"),
    ("GET", "/api/spend", "read"),
    ("GET", "/api/patterns", "read"),
    ("GET", "/api/patterns/1", "read"),
    ("PUT", "/api/patterns/1", "review"),
    ("DELETE", "/api/patterns/1", "review"),
    ("PUT", "/api/issues/1/cause", "review"),
    ("GET", "/api/rules", "read"),
    ("GET", "/api/rules/1", "read"),
    ("PUT", "/api/rules/1", "review"),
    ("DELETE", "/api/rules/1", "review"),
];

const GUI: &[(&str, &str)] = &[
    ("GET", "/gui"),
    ("GET", "/gui/issues"),
    ("GET", "/gui/issues/1"),
    ("GET", "/gui/review"),
    ("GET", "/gui/suggestions/1"),
    ("GET", "/gui/healings"),
    ("GET", "/gui/projects"),
    ("GET", "/gui/projects/1"),
    ("GET", "/gui/executions"),
    ("GET", "/gui/executions/1"),
    ("GET", "/gui/executions/1/live"),
    ("POST", "/gui/executions/1/cancel"),
    ("GET", "/gui/agents"),
    ("POST", "/gui/agents/style/switch"),
    ("POST", "/gui/agents/style/limits"),
    ("GET", "/gui/patterns"),
    ("GET", "/gui/patterns/1"),
    ("POST", "/gui/patterns/1/edit"),
    ("POST", "/gui/patterns/1/pin"),
    ("POST", "/gui/patterns/1/delete"),
    ("GET", "/gui/spend"),
    ("POST", "/gui/suggestions/1/approve"),
    ("POST", "/gui/suggestions/1/reject"),
    ("POST", "/gui/suggestions/1/apply"),
    ("POST", "/gui/suggestions/1/rollback"),
    ("POST", "/gui/issues/1/analyse"),
    ("POST", "/gui/issues/1/merge"),
    ("POST", "/gui/issues/1/unmerge"),
    ("POST", "/gui/logout"),
];

fn method(name: &str) -> Method {
    name.parse().unwrap()
}

fn token(server: &Server, scope: &str) -> String {
    let output = andon()
        .args(["token", "create", scope, "--scope", scope, "--json", "--data"])
        .arg(server.data())
        .output()
        .unwrap();
    let made: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    made["token"].as_str().unwrap().to_owned()
}

#[test]
fn every_route_is_listed() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/server");
    let mut found = 0;
    for file in ["api/mod.rs", "gui/mod.rs", "ingest.rs", "run.rs"] {
        let text = std::fs::read_to_string(root.join(file)).unwrap();
        for piece in text.split(".route(").skip(1) {
            let path = piece.split('"').nth(1).unwrap();
            let shape = |p: &str| {
                let parts = p.trim_end_matches('/').split('/');
                let names: Vec<&str> = parts
                    .map(|s| {
                        if s.starts_with('{') || s.starts_with(['0', '1']) || s == "style" {
                            "*"
                        } else {
                            s
                        }
                    })
                    .collect();
                names.join("/")
            };
            let open = [
                "/health",
                "/",
                "/gui/login",
                "/gui/static/{file}",
                "/api/{project}/envelope/",
                "/api/{project}/envelope",
                "/api/{project}/store/",
                "/api/{project}/store",
                "/api/{project}/security/",
                "/api/{project}/security",
                "/api/events",
                "/gui/{*rest}",
            ];
            let listed = API.iter().map(|(_, p, _)| *p).chain(GUI.iter().map(|(_, p)| *p));
            assert!(
                open.contains(&path) || listed.map(shape).any(|p| p == shape(path)),
                "{file}: {path} is not in this test's lists"
            );
            found += 1;
        }
    }
    assert!(found > 20, "only {found} routes were found; has the way they are written changed?");
}

#[tokio::test]
async fn the_api_wants_a_token_with_the_right_scope() {
    let server = Server::start();
    let tokens = ["execute", "read", "review", "admin"].map(|scope| (scope, token(&server, scope)));
    for (name, path, needed) in API {
        let send = async |credentials: Option<&str>| {
            let mut request =
                server.plain(method(name), path).header("content-type", "application/json");
            if let Some(token) = credentials {
                request = request.bearer_auth(token);
            }
            request.body("{}").send().await.unwrap()
        };
        for nobody in [None, Some("andon_0000"), Some("")] {
            let refused = send(nobody).await;
            assert_eq!(refused.status(), StatusCode::UNAUTHORIZED, "{name} {path} {nobody:?}");
            assert_eq!(refused.headers()[header::CONTENT_TYPE], "application/problem+json");
        }
        for (scope, token) in &tokens {
            let status = send(Some(token)).await.status();
            let may = may(scope, needed);
            assert_eq!(status != StatusCode::FORBIDDEN, may, "{name} {path} as {scope}: {status}");
            assert_ne!(status, StatusCode::UNAUTHORIZED, "{name} {path} as {scope}");
        }
    }
}

/// Whether a token with one scope may do what needs another: `review` includes `read` and `execute`,
/// `admin` all; an application sees nothing but its own tasks, and who only looks gives none.
fn may(scope: &str, needed: &str) -> bool {
    match needed {
        "execute" => scope != "read",
        "read or execute" => true,
        "read" => scope != "execute",
        "review" => ["review", "admin"].contains(&scope),
        _ => scope == "admin",
    }
}

#[tokio::test]
async fn the_gui_wants_a_sign_in_and_forms_from_its_own_pages() {
    let server = Server::start();
    for (name, path) in GUI {
        let answer = server.plain(method(name), path).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::SEE_OTHER, "{name} {path}");
        assert!(answer.headers()["location"].to_str().unwrap().starts_with("/gui/login"), "{path}");
    }
    let cookie = sign_in(&server, &server.token.clone()).await;
    let page =
        server.plain(Method::GET, "/gui/issues").header("cookie", &cookie).send().await.unwrap();
    assert_eq!(page.status(), StatusCode::OK);
    assert!(
        page.headers()["content-security-policy"].to_str().unwrap().contains("default-src 'none'")
    );
    let page = page.text().await.unwrap();
    let csrf = page.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap();

    let post = async |origin: Option<&str>, csrf: &str| {
        let mut request = server
            .plain(Method::POST, "/gui/suggestions/1/approve")
            .header("cookie", &cookie)
            .form(&[("csrf", csrf)]);
        if let Some(origin) = origin {
            request = request.header("origin", origin);
        }
        request.send().await.unwrap().status()
    };
    let ours = server.url.clone();
    assert_eq!(post(Some("https://evil.example"), csrf).await, StatusCode::FORBIDDEN);
    assert_eq!(post(Some("null"), csrf).await, StatusCode::FORBIDDEN);
    assert_eq!(post(Some(&ours), "").await, StatusCode::FORBIDDEN);
    assert_eq!(post(Some(&ours), "0123").await, StatusCode::FORBIDDEN);
    // Let through: there is just no such suggestion.
    assert_eq!(post(Some(&ours), csrf).await, StatusCode::NOT_FOUND);

    let reader = sign_in(&server, &token(&server, "read")).await;
    let page =
        server.plain(Method::GET, "/gui/issues").header("cookie", &reader).send().await.unwrap();
    let page = page.text().await.unwrap();
    assert!(!page.contains("/analyse\""), "who may not decide is shown no forms for it");
    let csrf = page.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let refused = server
        .plain(Method::POST, "/gui/suggestions/1/approve")
        .header("cookie", &reader)
        .form(&[("csrf", csrf)])
        .send()
        .await
        .unwrap();
    assert_eq!(refused.status(), StatusCode::FORBIDDEN, "who may look may not decide");
}

#[tokio::test]
async fn a_wrong_token_does_not_sign_in_and_signing_out_ends_the_session() {
    let server = Server::start();
    let wrong = server
        .plain(Method::POST, "/gui/login")
        .form(&[("token", "andon_wrong"), ("next", "")])
        .send()
        .await
        .unwrap();
    assert_eq!(wrong.status(), StatusCode::UNAUTHORIZED);
    assert!(!wrong.headers().contains_key("set-cookie"));
    let cookie = sign_in(&server, &server.token.clone()).await;
    let get = async || {
        let request = server.plain(Method::GET, "/gui/issues").header("cookie", &cookie);
        request.send().await.unwrap()
    };
    let page = get().await.text().await.unwrap();
    let csrf = page.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let out = server
        .plain(Method::POST, "/gui/logout")
        .header("cookie", &cookie)
        .form(&[("csrf", csrf)])
        .send()
        .await
        .unwrap();
    assert_eq!(out.status(), StatusCode::SEE_OTHER);
    assert_eq!(get().await.status(), StatusCode::SEE_OTHER, "the old cookie is worth nothing");
}

#[tokio::test]
async fn odd_requests_are_refused_as_problems_and_pages() {
    let server = Server::start();
    let refused = async |request: reqwest::RequestBuilder, kind: &str| {
        let answer = request.send().await.unwrap();
        let status = answer.status();
        let content_type = answer.headers()[header::CONTENT_TYPE].to_str().unwrap().to_owned();
        assert!(content_type.starts_with(kind), "{status} {content_type}");
        status
    };
    let api = |name: &str, path: &str| server.plain(method(name), path).bearer_auth(&server.token);
    let json = "application/problem+json";
    for (path, status) in [
        ("/api/issues?limit=abc", 400),
        ("/api/issues?project=%ff", 400),
        ("/api/issues/99999999999999999999", 404),
        ("/api/issues/%ff", 404),
        ("/api/projects/1/events/%ff", 404),
    ] {
        assert_eq!(refused(api("GET", path), json).await, status, "{path}");
    }
    let put = || api("PUT", "/api/suggestions/1");
    assert_eq!(refused(put().body("{}"), json).await, 415);
    let typed = || put().header("content-type", "application/json");
    assert_eq!(refused(typed().body("{"), json).await, 400);
    assert_eq!(refused(typed().body("{\"status\":\"loved\"}"), json).await, 422);
    assert_eq!(refused(server.plain(Method::POST, "/api/%ff/envelope/"), json).await, 404);

    let cookie = sign_in(&server, &server.token.clone()).await;
    let gui = |path: &str| server.plain(Method::GET, path).header("cookie", &cookie);
    for (path, status) in [
        ("/gui/issues?page=abc", 400),
        ("/gui/issues/abc", 404),
        ("/gui/issues/99999999999999999999", 404),
        ("/gui/suggestions/%ff", 404),
    ] {
        assert_eq!(refused(gui(path), "text/html").await, status, "{path}");
    }
}

#[tokio::test]
async fn only_the_doors_for_events_are_open_to_pages_of_other_origins() {
    const ASKED: &str = "access-control-request-method";
    let server = Server::start();
    let project = server.create_project("shop", &[]);
    let origin = "https://shop.example";
    let doors = ["envelope/", "envelope", "store/", "store", "security/", "security"];
    let mut doors: Vec<String> =
        doors.iter().map(|door| format!("/api/{}/{door}", project.id)).collect();
    doors.push("/api/events".to_owned());
    for path in &doors {
        let asked = server.plain(Method::OPTIONS, path).header("origin", origin);
        let asked = asked.header(ASKED, "POST").send().await.unwrap();
        assert!(asked.status().is_success(), "{path}");
        let headers = asked.headers();
        assert_eq!(headers[header::ACCESS_CONTROL_ALLOW_ORIGIN], "*", "{path}");
        assert!(headers[header::ACCESS_CONTROL_ALLOW_METHODS].to_str().unwrap().contains("POST"));
        assert!(headers.contains_key(header::ACCESS_CONTROL_MAX_AGE));
        let allowed = headers[header::ACCESS_CONTROL_ALLOW_HEADERS].to_str().unwrap();
        for name in [
            "x-sentry-auth",
            "content-type",
            "sentry-trace",
            "baggage",
            "content-encoding",
            "authorization",
        ] {
            assert!(allowed.split(", ").any(|a| a == name), "{path}: {name} of {allowed}");
        }
        // Refusals, before the body and after it, and of the method: a page may read them all.
        for request in [
            server.plain(Method::POST, path),
            server.plain(Method::POST, &format!("{path}?sentry_key={}", project.key)).body("?"),
            server.plain(Method::GET, path),
        ] {
            let refused = request.header("origin", origin).send().await.unwrap();
            assert!(refused.status().is_client_error(), "{path}");
            let headers = refused.headers();
            assert_eq!(headers[header::ACCESS_CONTROL_ALLOW_ORIGIN], "*", "{path}");
            let exposed = headers[header::ACCESS_CONTROL_EXPOSE_HEADERS].to_str().unwrap();
            assert_eq!(exposed, "X-Sentry-Error, X-Sentry-Rate-Limits, Retry-After");
            assert!(!headers["x-sentry-error"].is_empty());
        }
    }

    let shut = API.iter().map(|(name, path, _)| (*name, *path)).chain(GUI.iter().copied());
    for (name, path) in shut.chain([("GET", "/health"), ("GET", "/nowhere")]) {
        for name in [name, "OPTIONS"] {
            for token in [None, Some(&server.token)] {
                let mut request = server.plain(method(name), path).header("origin", origin);
                request = request.header(ASKED, "GET");
                if let Some(token) = token {
                    request = request.bearer_auth(token);
                }
                let answer = request.send().await.unwrap();
                let opened: Vec<_> = answer
                    .headers()
                    .keys()
                    .filter(|name| name.as_str().starts_with("access-control-"))
                    .collect();
                assert!(opened.is_empty(), "{name} {path}: {opened:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_strangers_body_is_not_read() {
    let server = Server::start();
    let project = server.create_project("shop", &[]);
    let send = |key: &str| {
        server
            .plain(Method::POST, &format!("/api/{}/envelope/?sentry_key={key}", project.id))
            .header("content-encoding", "gzip")
            .body("not gzip")
            .send()
    };
    let refused = send("0123").await.unwrap();
    assert_eq!(refused.status(), StatusCode::FORBIDDEN);
    assert_eq!(refused.headers()[header::CONNECTION], "close", "it is not sent into any more");
    assert_eq!(send(&project.key).await.unwrap().status(), StatusCode::BAD_REQUEST);
}

#[test]
fn a_first_start_that_fails_does_not_use_up_the_token() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let failed = andon()
        .args(["serve", "--listen", &taken.local_addr().unwrap().to_string(), "--data"])
        .arg(&data)
        .output()
        .unwrap();
    assert!(!failed.status.success());
    assert!(!String::from_utf8_lossy(&failed.stdout).contains("andon_"));
    let server = Server::start_in(folder);
    assert!(server.token.starts_with("andon_"), "the second start prints it");
}

async fn sign_in(server: &Server, token: &str) -> String {
    let answer = server
        .plain(Method::POST, "/gui/login")
        .form(&[("token", token), ("next", "")])
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    let cookie = answer.headers()["set-cookie"].to_str().unwrap().to_owned();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
    cookie.split(';').next().unwrap().to_owned()
}
