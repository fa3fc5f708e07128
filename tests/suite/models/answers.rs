//! Whole answers to errors with red herrings: exchanges as they went over the wire are played again, and
//! `andon eval live` must judge them as a person would.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use andon::eval::live::exchange::{Exchange, reduced};
use axum::body::Bytes;
use axum::extract::State;
use axum::http::Response;
use axum::routing::post;
use serde_json::Value;

/// The program.
const ANDON: &str = env!("CARGO_BIN_EXE_andon");

/// Cases with their exchanges.
const ANSWERS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/answers");

/// A server that answers as it was answered once, if it is asked the same in the same order.
struct Replay {
    left: Mutex<std::collections::VecDeque<Exchange>>,
    faults: Mutex<Vec<String>>,
}

impl Replay {
    async fn start(file: &Path) -> (Arc<Self>, String, tokio::task::JoinHandle<()>) {
        let text = std::fs::read_to_string(file).unwrap();
        let left = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let replay = Arc::new(Self { left: Mutex::new(left), faults: Mutex::default() });
        let router = axum::Router::new()
            .route("/v1/chat/completions", post(answer))
            .with_state(Arc::clone(&replay));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/v1", listener.local_addr().unwrap());
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        (replay, url, task)
    }
}

async fn answer(State(replay): State<Arc<Replay>>, body: Bytes) -> Response<String> {
    let asked = reduced(&serde_json::from_slice(&body).unwrap());
    let next = replay.left.lock().unwrap().pop_front();
    let said = match next {
        Some(said) if said.asked == asked => said,
        Some(said) => {
            let fault = format!("asked {asked:#}\nwhere it was {:#}", said.asked);
            replay.faults.lock().unwrap().push(fault);
            return Response::builder().status(400).body(String::new()).unwrap();
        }
        None => {
            replay.faults.lock().unwrap().push(format!("asked once more: {asked:#}"));
            return Response::builder().status(400).body(String::new()).unwrap();
        }
    };
    let mut response = Response::builder().status(said.status);
    for (name, value) in said.headers {
        response = response.header(name, value);
    }
    response.body(said.body).unwrap()
}

fn cases() -> Vec<PathBuf> {
    let mut cases: Vec<PathBuf> =
        std::fs::read_dir(ANSWERS).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.retain(|path| path.is_dir());
    cases.sort();
    assert!(cases.len() >= 8, "{cases:?}");
    cases
}

/// The report of `andon eval live` over a case whose model says what it said in an exchange.
async fn judged(case: &Path, exchange: &str) -> Value {
    let file = case.join(format!("exchanges/{exchange}.jsonl"));
    let (replay, url, task) = Replay::start(&file).await;
    let streams = std::fs::read_to_string(&file).unwrap().contains("\"stream\":true");
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("andon.toml");
    std::fs::write(
        &config,
        format!(
            "[[models.routes]]\nname = \"replay\"\nbase_url = \"{url}\"\nmodel = \"by-hand\"\nprice_in = 1.0\nprice_out = 2.0\nstream = {streams}\nretries = 0\n"
        ),
    )
    .unwrap();
    let output = tokio::process::Command::new(ANDON)
        .env_clear()
        .envs(std::env::vars_os().filter(|(name, _)| name == "PATH" || name == "HOME"))
        .arg("--config")
        .arg(&config)
        .args(["eval", "live", "--json"])
        .arg(case)
        .output()
        .await
        .unwrap();
    task.abort();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(*replay.faults.lock().unwrap(), Vec::<String>::new(), "{}", case.display());
    assert_eq!(replay.left.lock().unwrap().len(), 0, "{}: not all was asked", case.display());
    report
}

fn not_so(report: &Value) -> Vec<&str> {
    let checks = report["cases"][0]["checks"].as_array().unwrap();
    checks.iter().filter(|c| c["held"] == false).map(|c| c["what"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn an_answer_that_sees_through_the_red_herrings_passes() {
    for case in cases() {
        let report = judged(&case, "good").await;
        assert_eq!(not_so(&report), Vec::<&str>::new(), "{}", case.display());
        assert_eq!(report["total"]["passed"], 1);
        assert!(report["total"]["dollars"].as_f64().unwrap() > 0.0);
    }
}

#[tokio::test]
async fn an_answer_that_is_led_astray_is_told_so() {
    for case in cases() {
        let report = judged(&case, "fooled").await;
        let not_so = not_so(&report);
        assert!(
            not_so.iter().any(|what| what.starts_with("not led astray by")),
            "{}: {not_so:?}",
            case.display()
        );
        assert_eq!(report["total"]["passed"], 0);
    }
}

#[tokio::test]
async fn without_a_model_it_says_what_to_set() {
    let output = tokio::process::Command::new(ANDON)
        .env_clear()
        .args(["eval", "live", ANSWERS])
        .current_dir(tempfile::tempdir().unwrap().path())
        .output()
        .await
        .unwrap();
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("no model is configured") && said.contains("OPENAI_MODEL"), "{said}");
}
