//! Healing of sessions before each request.

use std::pin::Pin;
use std::sync::{Arc, Once};
use std::task::{Context, Poll};

use serde_json::json;
use tower_layer::Layer;
use tower_service::Service;
use tower_sessions::Session;
use tower_sessions::session::Error as SessionError;
use tower_sessions::session_store::Error as StoreError;

use super::heal::{Key, Repair, Schema, tell};
use super::report;
use crate::{Level, capture_error};

/// A tower layer that heals the session of tower-sessions before each request. It belongs inside the
/// `SessionManagerLayer`: in axum, `.layer(healing).layer(sessions)`.
///
/// - A session that needs no repair is neither changed nor saved.
/// - A visitor without a session is not given one, unless [`for_everybody`](Self::for_everybody) is set.
/// - A session that the store cannot decode is deleted and replaced by a new one with a new id, and reported;
///   the visitor is logged out, and the request goes on. Where two versions of the application share a store,
///   one may not read what the other wrote: see [`keep_undecodable`](Self::keep_undecodable).
/// - If the store cannot be reached, sessions are left alone and the error is reported.
///
/// Only the keys of the schema are looked at.
#[derive(Debug, Clone)]
pub struct SessionHealingLayer {
    schema: Arc<Schema>,
    for_everybody: bool,
    keeps_undecodable: bool,
}

impl SessionHealingLayer {
    /// Heals by `schema`.
    #[must_use]
    pub fn new(schema: Schema) -> Self {
        Self { schema: Arc::new(schema), for_everybody: false, keeps_undecodable: false }
    }

    /// Leaves sessions that cannot be decoded as they are, and reports them: the request goes on, and has an
    /// error where it reads its session.
    #[must_use]
    pub fn keep_undecodable(mut self) -> Self {
        self.keeps_undecodable = true;
        self
    }

    /// Gives the defaults also to visitors without a session, which creates one for each of them.
    #[must_use]
    pub fn for_everybody(mut self) -> Self {
        self.for_everybody = true;
        self
    }
}

impl<S> Layer<S> for SessionHealingLayer {
    type Service = SessionHealing<S>;

    fn layer(&self, inner: S) -> Self::Service {
        SessionHealing { inner, layer: self.clone() }
    }
}

/// The service that [`SessionHealingLayer`] makes.
#[derive(Debug, Clone)]
pub struct SessionHealing<S> {
    inner: S,
    layer: SessionHealingLayer,
}

impl<S, B> Service<http::Request<B>> for SessionHealing<S>
where
    S: Service<http::Request<B>> + Clone + Send + 'static,
    S::Future: Send,
    B: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: http::Request<B>) -> Self::Future {
        // The clone need not be ready; the one that is goes with the request.
        let clone = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, clone);
        let layer = self.layer.clone();
        Box::pin(async move {
            match request.extensions().get::<Session>().cloned() {
                Some(session) => layer.heal(&session).await,
                None => tell_there_are_no_sessions(),
            }
            inner.call(request).await
        })
    }
}

impl SessionHealingLayer {
    async fn heal(&self, session: &Session) {
        if session.id().is_none() && !self.for_everybody {
            return;
        }
        match self.heal_keys(session).await {
            Ok(repairs) => tell(&repairs),
            Err(SessionError::Store(StoreError::Decode(_)) | SessionError::SerdeJson(_)) => {
                self.replace(session).await;
            }
            Err(error) => {
                capture_error(&error);
            }
        }
    }

    async fn heal_keys(&self, session: &Session) -> Result<Vec<Repair>, SessionError> {
        let mut repairs = Vec::new();
        for key in self.schema.keys() {
            let value = session.get_value(key.name()).await?;
            // Only the first look tells whether the store has the session of the cookie.
            if session.id().is_none() && !self.for_everybody {
                break;
            }
            repairs.extend(heal_key(session, key, value.as_ref()).await?);
        }
        Ok(repairs)
    }

    /// Puts a new session in the place of one that cannot be decoded. The error's text is not reported:
    /// decoders quote what they stumble over.
    async fn replace(&self, session: &Session) {
        if self.keeps_undecodable {
            let message = "A session could not be decoded and was left as it is";
            report::message(Level::Warning, message, &["andon-session-kept"], json!({}));
            return;
        }
        let message = "A session could not be decoded and was replaced by a new one";
        let fingerprint = ["andon-session-replaced"];
        report::message(Level::Warning, message, &fingerprint, json!({}));
        // First the session in memory becomes empty, as it is loaded no more then, ...
        session.clear().await;
        // ... then it parts from its id, under which the store still has what cannot be decoded.
        if let Err(error) = session.cycle_id().await {
            capture_error(&error);
        }
        for key in self.schema.keys() {
            if let Err(error) = heal_key(session, key, None).await {
                capture_error(&error);
                return;
            }
        }
    }
}

async fn heal_key(
    session: &Session,
    key: &Key,
    value: Option<&serde_json::Value>,
) -> Result<Option<Repair>, SessionError> {
    let Some(healed) = key.heal(value) else { return Ok(None) };
    match healed.value {
        Some(value) => session.insert_value(key.name(), value).await?,
        None => session.remove_value(key.name()).await?,
    };
    Ok(Some(healed.repair))
}

fn tell_there_are_no_sessions() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let message =
            "SessionHealingLayer found no session: it belongs inside a SessionManagerLayer";
        report::message(Level::Error, message, &["andon-session-layer"], json!({}));
    });
}
