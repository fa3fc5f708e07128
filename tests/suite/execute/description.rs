//! The description of the API: complete, and its examples work.

use serde_json::Value;

use crate::support::server::Server;

#[tokio::test]
async fn the_description_of_the_api_is_complete_and_its_examples_work() {
    let server = Server::start();
    let project = server.create_project("shop", &[]);
    let described = server.json("/api/openapi.json").await;
    for (method, path, scope) in crate::doors::API {
        let shape = |p: &str| {
            let names = p.split('/').map(|part| {
                let any = part.starts_with('{') || part.starts_with(['0', '1']) || part == "style";
                if any { "*" } else { part }.to_owned()
            });
            names.collect::<Vec<_>>().join("/")
        };
        let found =
            described["paths"].as_object().unwrap().iter().find(|(p, _)| shape(p) == shape(path));
        let (_, operations) = found.unwrap_or_else(|| panic!("{path} is not described"));
        let operation = &operations[method.to_lowercase()];
        let told = operation["x-andon-scope"].as_str();
        assert!(told.is_some_and(|told| scope.contains(told)), "{method} {path}: {told:?}");
    }
    // In an order in which what one needs another has made.
    let key = format!("Sentry sentry_key={}, sentry_version=7", project.key);
    let steps: &[(&str, &str, &str)] = &[
        ("get", "/health", "/health"),
        ("post", "/api/events", "/api/events"),
        ("post", "/api/execute", "/api/execute"),
        ("get", "/api/executions", "/api/executions"),
        ("get", "/api/executions/{id}", "/api/executions/1"),
        ("get", "/api/agents", "/api/agents"),
        ("post", "/api/agents", "/api/agents"),
        ("get", "/api/agents/{id}", "/api/agents/style"),
        ("put", "/api/agents/{id}", "/api/agents/style"),
        ("delete", "/api/agents/{id}", "/api/agents/second-look"),
        ("get", "/api/suggestions", "/api/suggestions?severity=high"),
        ("get", "/api/metrics", "/api/metrics"),
        ("get", "/api/spend", "/api/spend"),
        ("put", "/api/issues/{id}/cause", "/api/issues/1/cause"),
        ("get", "/api/patterns", "/api/patterns"),
        ("get", "/api/patterns/{id}", "/api/patterns/1"),
        ("put", "/api/patterns/{id}", "/api/patterns/1"),
        ("delete", "/api/patterns/{id}", "/api/patterns/1"),
        ("get", "/api/rules", "/api/rules?status=proposed"),
        ("get", "/api/issues", "/api/issues"),
        ("get", "/api/issues/{id}", "/api/issues/1"),
        ("get", "/api/issues/{id}/events", "/api/issues/1/events"),
        ("get", "/api/issues/{id}/rollups", "/api/issues/1/rollups"),
        ("post", "/api/issues/{id}/analyse", "/api/issues/1/analyse"),
        ("get", "/api/projects", "/api/projects"),
        ("post", "/api/projects", "/api/projects"),
        ("get", "/api/projects/{project}/keys", "/api/projects/1/keys"),
        ("get", "/api/projects/{project}/items", "/api/projects/1/items"),
        ("get", "/api/projects/{project}/outcomes", "/api/projects/1/outcomes"),
        ("get", "/api/projects/{project}/settings", "/api/projects/1/settings"),
        ("get", "/api/healings", "/api/healings"),
        ("get", "/api/audit", "/api/audit"),
    ];
    for (method, path, real) in steps {
        let operation = &described["paths"][path][method];
        let mut request = server.plain(method.to_uppercase().parse().unwrap(), real);
        request = match operation["x-andon-scope"].as_str() {
            Some("key") => request.header("x-sentry-auth", &key),
            _ => request.bearer_auth(&server.token),
        };
        if let Some(body) = operation.pointer("/requestBody/content/application~1json/example") {
            request = request.json(body);
        }
        let answer = request.send().await.unwrap();
        let (status, text) = (answer.status().as_u16().to_string(), answer.text().await.unwrap());
        let (told, response) = operation["responses"].as_object().unwrap().iter().next().unwrap();
        assert_eq!(&status, told, "{method} {real}: {text}");
        let Some(example) = response.pointer("/content/application~1json/example") else {
            continue;
        };
        let got: Value = serde_json::from_str(&text).unwrap();
        fits(example, &got, &format!("{method} {real}"));
    }
}

/// Whether an answer has all that its example shows.
fn fits(example: &Value, got: &Value, at: &str) {
    match (example, got) {
        (Value::Object(example), Value::Object(got)) => {
            for (key, value) in example {
                let found = got.get(key).unwrap_or_else(|| panic!("{at}: no `{key}` in {got:#?}"));
                fits(value, found, &format!("{at}.{key}"));
            }
        }
        (Value::Array(example), Value::Array(got)) => {
            if let (Some(example), Some(got)) = (example.first(), got.first()) {
                fits(example, got, &format!("{at}[0]"));
            }
        }
        (Value::Null, _) | (_, Value::Null) => {}
        (Value::Number(_), Value::Number(_)) => {}
        _ => assert_eq!(
            std::mem::discriminant(example),
            std::mem::discriminant(got),
            "{at}: {example} and {got}"
        ),
    }
}
