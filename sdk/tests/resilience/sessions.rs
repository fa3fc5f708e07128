//! Healing of tower-sessions' sessions before each request.

use std::sync::{Arc, Mutex};

use andon_sdk::resilience::{Key, Schema, SessionHealingLayer};
use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use axum::response::Response;
use axum::routing::get;
use serde_json::{Value, json};
use tower::ServiceExt as _;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Error, Result};
use tower_sessions::{MemoryStore, Session, SessionManagerLayer, SessionStore};

/// A store that fails as it is told to, and keeps a list of what is done to it.
#[derive(Debug, Clone, Default)]
struct Store {
    inside: MemoryStore,
    log: Arc<Mutex<Vec<&'static str>>>,
    /// What loading one session fails with.
    broken: Arc<Mutex<Option<Broken>>>,
}

type Broken = (Id, fn() -> Error);

impl Store {
    fn note(&self, what: &'static str) {
        self.log.lock().unwrap().push(what);
    }

    fn take_log(&self) -> Vec<&'static str> {
        std::mem::take(&mut *self.log.lock().unwrap())
    }

    /// Puts a session there, and gives its cookie.
    async fn session(&self, data: Value) -> (Id, String) {
        let session = Session::new(None, Arc::new(self.inside.clone()), None);
        for (key, value) in data.as_object().unwrap() {
            session.insert(key, value).await.unwrap();
        }
        session.save().await.unwrap();
        let id = session.id().unwrap();
        (id, format!("id={id}"))
    }

    async fn data(&self, id: &Id) -> Option<Value> {
        self.inside.load(id).await.unwrap().map(|record| json!(record.data))
    }
}

#[async_trait]
impl SessionStore for Store {
    async fn create(&self, record: &mut Record) -> Result<()> {
        self.note("create");
        self.inside.create(record).await
    }

    async fn save(&self, record: &Record) -> Result<()> {
        self.note("save");
        self.inside.save(record).await
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        self.note("load");
        match *self.broken.lock().unwrap() {
            Some((broken, error)) if broken == *id => return Err(error()),
            _ => {}
        }
        self.inside.load(id).await
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        self.note("delete");
        self.inside.delete(id).await
    }
}

fn schema() -> Schema {
    Schema::new().key(Key::integer("xp").default(0)).key(Key::text("name"))
}

/// An application that shows what is in the session.
fn app(store: &Store, healing: SessionHealingLayer) -> Router {
    let show = async |session: Session| match session.get::<Value>("xp").await {
        Ok(xp) => (StatusCode::OK, json!(xp).to_string()),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()),
    };
    Router::new()
        .route("/", get(show))
        .route("/idle", get(async || "idle"))
        .layer(healing)
        .layer(SessionManagerLayer::new(store.clone()).with_secure(false))
}

async fn ask(store: &Store, path: &str, cookie: Option<&str>) -> Response {
    ask_of(app(store, SessionHealingLayer::new(schema())), path, cookie).await
}

async fn ask_of(app: Router, path: &str, cookie: Option<&str>) -> Response {
    let mut request = Request::get(path);
    if let Some(cookie) = cookie {
        request = request.header(header::COOKIE, cookie);
    }
    app.oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
}

async fn body(answer: Response) -> String {
    let bytes = axum::body::to_bytes(answer.into_body(), usize::MAX).await.unwrap();
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn cookie_of(answer: &Response) -> Option<String> {
    let cookie = answer.headers().get(header::SET_COOKIE)?.to_str().unwrap();
    Some(cookie.split(';').next().unwrap().to_owned())
}

#[tokio::test]
async fn a_session_is_healed_before_the_handler_sees_it_and_saved() {
    let store = Store::default();
    let (id, cookie) = store.session(json!({ "xp": "12", "name": [], "other": "kept" })).await;
    let answer = ask(&store, "/", Some(&cookie)).await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(body(answer).await, "12");
    assert_eq!(store.data(&id).await, Some(json!({ "xp": 12, "other": "kept" })));
    assert_eq!(store.take_log(), ["load", "save"]);
}

#[tokio::test]
async fn a_session_that_needs_no_repair_is_not_saved() {
    let store = Store::default();
    let (_, cookie) = store.session(json!({ "xp": 3, "name": "Ada" })).await;
    for path in ["/", "/idle"] {
        let answer = ask(&store, path, Some(&cookie)).await;
        assert_eq!(cookie_of(&answer), None);
        assert_eq!(store.take_log(), ["load"]);
    }
}

#[tokio::test]
async fn visitors_without_a_session_are_given_none() {
    let store = Store::default();
    let answer = ask(&store, "/", None).await;
    assert_eq!(cookie_of(&answer), None);
    assert_eq!(body(answer).await, "null");
    assert_eq!(store.take_log(), [""; 0]);

    // An id that the store does not know, and one that is none.
    let unknown = format!("id={}", Id(7));
    assert_eq!(body(ask(&store, "/", Some(&unknown)).await).await, "null");
    assert_eq!(store.take_log(), ["load"]);
    assert_eq!(body(ask(&store, "/", Some("id=%00nonsense")).await).await, "null");
    assert_eq!(store.take_log(), [""; 0]);
}

#[tokio::test]
async fn visitors_are_given_one_if_that_is_asked_for() {
    let store = Store::default();
    let healing = SessionHealingLayer::new(schema()).for_everybody();
    let answer = ask_of(app(&store, healing), "/", None).await;
    assert!(cookie_of(&answer).is_some());
    assert_eq!(body(answer).await, "0");
    assert_eq!(store.take_log(), ["create"]);
}

#[tokio::test]
async fn a_session_that_cannot_be_decoded_is_replaced() {
    let store = Store::default();
    let (id, cookie) = store.session(json!({ "xp": 12 })).await;
    *store.broken.lock().unwrap() = Some((id, || Error::Decode("poison".to_owned())));
    let answer = ask(&store, "/", Some(&cookie)).await;
    assert_eq!(answer.status(), StatusCode::OK);
    let new = cookie_of(&answer).expect("there is a new session");
    assert_ne!(new, cookie);
    assert_eq!(body(answer).await, "0");
    assert_eq!(store.take_log(), ["load", "delete", "create"]);
    assert_eq!(store.data(&id).await, None);

    // The new one is as good as any.
    let answer = ask(&store, "/", Some(&new)).await;
    assert_eq!(cookie_of(&answer), None);
    assert_eq!(body(answer).await, "0");
    assert_eq!(store.take_log(), ["load"]);
}

#[tokio::test]
async fn a_session_that_cannot_be_decoded_is_kept_if_that_is_asked_for() {
    let store = Store::default();
    let (id, cookie) = store.session(json!({ "xp": 12 })).await;
    *store.broken.lock().unwrap() = Some((id, || Error::Decode("of a newer version".to_owned())));
    let healing = SessionHealingLayer::new(schema()).keep_undecodable();
    let answer = ask_of(app(&store, healing), "/idle", Some(&cookie)).await;
    assert_eq!(body(answer).await, "idle");
    assert!(!store.take_log().iter().any(|what| ["delete", "save", "create"].contains(what)));
    assert!(store.data(&id).await.is_some());
}

#[tokio::test]
async fn a_store_that_is_down_does_not_cost_anybody_the_session() {
    let store = Store::default();
    let (id, cookie) = store.session(json!({ "xp": "12" })).await;
    *store.broken.lock().unwrap() = Some((id, || Error::Backend("down".to_owned())));
    // A page that needs no session is served, one that does fails by itself.
    assert_eq!(body(ask(&store, "/idle", Some(&cookie)).await).await, "idle");
    let answer = ask(&store, "/", Some(&cookie)).await;
    assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert!(!store.take_log().iter().any(|what| ["delete", "save", "create"].contains(what)));

    *store.broken.lock().unwrap() = None;
    assert_eq!(body(ask(&store, "/", Some(&cookie)).await).await, "12");
}

#[tokio::test]
async fn a_validator_that_panics_is_not_the_visitors_problem() {
    let store = Store::default();
    let (_, cookie) = store.session(json!({ "xp": 12 })).await;
    let key = Key::integer("xp").default(0).valid(|value| value.as_str().unwrap().is_empty());
    let healing = SessionHealingLayer::new(Schema::new().key(key));
    let answer = ask_of(app(&store, healing), "/", Some(&cookie)).await;
    assert_eq!(body(answer).await, "0");
}

#[tokio::test]
async fn without_sessions_the_layer_is_no_hindrance() {
    let healing = SessionHealingLayer::new(schema());
    let app = Router::new().route("/", get(async || "fine")).layer(healing);
    assert_eq!(body(ask_of(app, "/", None).await).await, "fine");
}
