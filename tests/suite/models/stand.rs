//! A server with a model beside it, and a small repository with a fault.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::fake::FakeModel;
use crate::support::eventually_within;
use crate::support::server::Server;
use crate::support_repo::TestRepo;

/// Checks compile code: on a busy machine with cold caches that takes a while.
const COMPILING: std::time::Duration = std::time::Duration::from_secs(300);

/// The file with the fault.
pub(crate) const CART: &str = "src/lib.rs";

const CODE: &str = "//! A cart.

/// What somebody wants to buy.
pub struct Cart {
    /// Prices.
    pub items: Vec<u32>,
}

impl Cart {
    /// The price of what was put in last.
    pub fn last_price(&self) -> u32 {
        let last = self.items.len() - 1;
        self.items[last]
    }
}
";

/// A server with a project, and its repository.
pub(crate) struct Stand {
    pub(crate) server: Server,
    pub(crate) repo: TestRepo,
}

impl Stand {
    /// With this configuration file.
    pub(crate) fn new(config: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("andon.toml");
        std::fs::write(&file, config).unwrap();
        let repo = TestRepo::empty();
        repo.write(
            "Cargo.toml",
            "[package]\nname = \"cart\"\nversion = \"0.1.0\"\nedition = \"2024\"\n",
        );
        repo.write(
            "Cargo.lock",
            "version = 4\n\n[[package]]\nname = \"cart\"\nversion = \"0.1.0\"\n",
        );
        repo.write(CART, CODE);
        repo.commit("the cart");
        let server = Server::start_with_folder(folder, &[("ANDON_CONFIG", file.to_str().unwrap())]);
        let root = repo.root().to_str().unwrap().to_owned();
        server.create_project("cart", &["--repo", &root]);
        Self { server, repo }
    }

    /// The error as an application sends it.
    pub(crate) fn error(more: &Value) -> Value {
        let mut input = json!({
            "error": "attempt to subtract with overflow",
            "stack_trace": "thread 'main' (7) panicked at src/lib.rs:12:20:\nattempt to subtract with overflow\nstack backtrace:\n   0: cart::Cart::last_price\n             at ./src/lib.rs:12:20\n   1: cart::main\n             at ./src/main.rs:3:5\n",
            "context": { "route": "/cart" },
        });
        for (key, value) in more.as_object().into_iter().flatten() {
            input[key] = value.clone();
        }
        input
    }

    /// `POST /api/execute`.
    pub(crate) async fn execute(&self, body: &Value) -> (StatusCode, Value) {
        let request = self
            .server
            .plain(Method::POST, "/api/execute")
            .bearer_auth(&self.server.token)
            .timeout(COMPILING)
            .json(body);
        let answer = request.send().await.unwrap();
        (answer.status(), answer.json().await.unwrap())
    }

    /// Has the error analysed to the end; the issue as the API gives it.
    pub(crate) async fn analysed(&self, more: &Value) -> Value {
        let body = json!({ "task_type": "error_analysis", "input_data": Self::error(more), "wait_s": 120 });
        let (status, answer) = self.execute(&body).await;
        assert_eq!(status, StatusCode::OK, "{answer:#}");
        let issue = answer["results"]["issue_id"].clone();
        self.ended(&issue).await
    }

    /// An issue whose analysis has ended.
    pub(crate) async fn ended(&self, issue: &Value) -> Value {
        let path = format!("/api/issues/{issue}");
        eventually_within(COMPILING, "the end of an analysis", &mut async || {
            let found = self.server.json(&path).await;
            let status = found["analysis"]["status"].as_str()?.to_owned();
            (status == "done" || status == "failed").then_some(found)
        })
        .await
    }

    /// An agent's execution of an issue's analysis.
    pub(crate) fn execution<'a>(issue: &'a Value, agent: &str) -> &'a Value {
        let all = issue["executions"].as_array().unwrap();
        all.iter().find(|e| e["agent"] == agent).unwrap_or_else(|| panic!("no {agent} in {all:#?}"))
    }
}

/// Which agent a question is from.
pub(crate) fn asks(question: &Value) -> &'static str {
    let system = question["messages"][0]["content"].as_str().unwrap();
    match system {
        s if s.starts_with("You find the root cause") => "root-cause",
        s if s.starts_with("You write the smallest change") => "fix-writer",
        s if s.starts_with("You are the reviewer") => "fix-critic",
        _ => "another",
    }
}

/// Whether the answer is to fit a schema.
pub(crate) fn is_format(question: &Value) -> bool {
    question.get("response_format").is_some()
}

/// A root cause as a good model would state it.
pub(crate) fn good_cause() -> Value {
    json!({
        "found": true,
        "summary": "`self.items.len() - 1` underflows because the cart is empty (src/lib.rs:12).",
        "file": CART,
        "line": 12,
        "five_whys": ["It panics because 0 - 1 does not fit a usize.", "The length is 0 because nothing was put in."],
        "reproduction": ["Call last_price on an empty cart."],
        "classification": "code_fix",
        "classification_reason": "The function can say that there is nothing.",
        "evidence": [
            { "file": CART, "line": 12, "quote": "let last = self.items.len() - 1;", "why": "It subtracts." },
        ],
    })
}

/// Nothing proposed.
pub(crate) fn no_fix() -> Value {
    json!({ "fixes": [], "nothing_because": "the rules agent's edit is right" })
}

/// No verdicts.
pub(crate) fn no_verdicts() -> Value {
    json!({ "verdicts": [] })
}

/// A model that finds the cause at once and proposes nothing.
pub(crate) async fn obliging() -> FakeModel {
    FakeModel::start(|question, _| {
        if !is_format(question) {
            return super::fake::Play::Text("I have seen enough.".into());
        }
        super::fake::Play::json(&match asks(question) {
            "root-cause" => good_cause(),
            "fix-writer" => no_fix(),
            _ => no_verdicts(),
        })
    })
    .await
}
