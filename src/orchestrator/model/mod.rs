//! Models: several ways to them in an order, each left alone for a while when it fails, none of them asked
//! for more than the caps allow.

mod breaker;
mod error;
mod price;
mod route;
mod service;
mod standing;
mod wire;

use std::time::{Duration, Instant};

use jiff::SignedDuration;

pub use error::{CallError, ModelError};
pub use price::Price;
pub use route::Route;
pub use standing::{LastError, RouteStanding};
pub use wire::{Message, Question, Reply, ToolCall};

use crate::clock::Clock;
use crate::config::{ModelsConfig, RouteConfig};
use crate::domain::execution::Usage;
use crate::store::Store;
use crate::store::model_spend::{OverCap, Reservation, SpendCaps, Spent};

/// The longest that a server may make us wait before the same question is put again, in seconds; who wants
/// longer is passed over.
const MAX_WAIT_SECONDS: u64 = 60;

/// The wait before a question is put again where the server named none: doubled each time.
const FIRST_WAIT: Duration = Duration::from_millis(500);

/// What a reservation outlives the longest possible call by, in seconds.
const RESERVATION_SPARE_SECONDS: i64 = 60;

/// All ways to models, and the books.
#[derive(Debug)]
pub struct Models {
    routes: Vec<Route>,
    caps: SpendCaps,
    /// Events that an issue must have before a model is asked.
    pub min_events: u64,
    /// How long answers are used again, in days.
    pub cache_days: u64,
    why_none: String,
    store: Store,
    clock: Clock,
}

/// Who asks, and what he may still use.
#[derive(Clone, Copy, Debug)]
pub struct Asker<'a> {
    /// The agent's name.
    pub agent: &'a str,
    /// The issue, if it is about one.
    pub issue_id: Option<i64>,
    /// Millionths of a dollar that are left to the execution.
    pub cost_left: u64,
}

/// An answer, and by whom.
#[derive(Clone, Debug)]
pub struct Answered {
    /// The answer.
    pub reply: Reply,
    /// The route's name.
    pub route: String,
    /// The model's name.
    pub model: String,
}

impl Models {
    /// Makes the clients. With no routes, or switched off, every question is answered with why.
    pub fn new(
        config: &ModelsConfig,
        why_none: Option<String>,
        store: Store,
        clock: Clock,
    ) -> Result<Self, String> {
        let routes: Vec<RouteConfig> =
            if config.enabled { config.routes.clone() } else { Vec::new() };
        let why_none = if config.enabled {
            why_none.unwrap_or_else(|| "no model is configured".to_owned())
        } else {
            "models are switched off (models.enabled)".to_owned()
        };
        Ok(Self {
            routes: routes.into_iter().map(Route::new).collect::<Result<_, _>>()?,
            caps: SpendCaps {
                per_issue: Price::micros(config.dollars_per_issue),
                per_day: Price::micros(config.dollars_per_day),
                per_month: Price::micros(config.dollars_per_month),
            },
            min_events: config.min_events,
            cache_days: config.cache_days,
            why_none,
            store,
            clock,
        })
    }

    /// Why there is no model to ask, if there is none.
    pub fn why_none(&self) -> Option<&str> {
        self.routes.is_empty().then_some(self.why_none.as_str())
    }

    /// Name, model and whether each route may be asked now.
    pub fn state(&self) -> Vec<(&str, &str, bool)> {
        let now = Instant::now();
        let state = |route: &'_ Route| route.breaker.is_closed(now);
        self.routes
            .iter()
            .map(|route| (route.config.name.as_str(), route.config.model.as_str(), state(route)))
            .collect()
    }

    /// The models' names, in the routes' order: part of what an answer is kept under.
    pub fn names(&self) -> Vec<&str> {
        self.routes.iter().map(|route| route.config.model.as_str()).collect()
    }

    /// Puts a question to one route after the other until one answers. What it cost is added to `usage`
    /// and written down, answered or not.
    pub async fn ask(
        &self,
        asker: Asker<'_>,
        question: &Question<'_>,
        usage: &mut Usage,
    ) -> Result<Answered, ModelError> {
        if self.routes.is_empty() {
            return Err(ModelError::NoModel(self.why_none.clone()));
        }
        let mut failures: Vec<(String, CallError)> = Vec::new();
        let mut no_money = None;
        let now = Instant::now();
        let open: Vec<&Route> =
            self.routes.iter().filter(|route| route.breaker.is_closed(now)).collect();
        // With all of them resting the first is asked all the same: somebody must be.
        let chosen = if open.is_empty() { self.routes.iter().take(1).collect() } else { open };
        for route in chosen {
            match self.ask_route(route, asker, question, usage).await {
                Ok(reply) => {
                    return Ok(Answered {
                        reply,
                        route: route.config.name.clone(),
                        model: route.config.model.clone(),
                    });
                }
                Err(RouteError::Call(error)) => failures.push((route.config.name.clone(), error)),
                // Another one may be cheaper.
                Err(RouteError::Money(reason)) => no_money = Some(reason),
                Err(RouteError::Books(reason)) => return Err(ModelError::Books(reason)),
            }
        }
        match no_money {
            Some(reason) if failures.is_empty() => Err(ModelError::Money(reason)),
            _ => Err(ModelError::Failed(failures)),
        }
    }

    async fn ask_route(
        &self,
        route: &Route,
        asker: Asker<'_>,
        question: &Question<'_>,
        usage: &mut Usage,
    ) -> Result<Reply, RouteError> {
        let mut wait = FIRST_WAIT;
        let mut tries = 0;
        loop {
            let error = match self.ask_once(route, asker, question, usage).await? {
                Ok(reply) => {
                    route.breaker.succeeded();
                    return Ok(reply);
                }
                Err(error) => error,
            };
            route.note_error(&error, self.clock.now());
            if error.is_the_routes() {
                route.breaker.failed(Instant::now());
            }
            tracing::info!(route = %route.config.name, agent = asker.agent, %error, tries, "a model did not answer");
            tries += 1;
            if !error.is_passing() || tries > route.config.retries {
                return Err(RouteError::Call(error));
            }
            let pause = match &error {
                CallError::Busy { retry_after: Some(named) } => *named,
                // Askers that were turned away together are not to come back together.
                _ => wait.mul_f64(rand::random_range(0.5..1.5)),
            };
            if pause > Duration::from_secs(MAX_WAIT_SECONDS) {
                return Err(RouteError::Call(error));
            }
            wait = wait.saturating_mul(2);
            tokio::time::sleep(pause).await;
        }
    }

    /// Sets the worst case aside, asks, and writes down what it was.
    async fn ask_once(
        &self,
        route: &Route,
        asker: Asker<'_>,
        question: &Question<'_>,
        usage: &mut Usage,
    ) -> Result<Result<Reply, CallError>, RouteError> {
        let price = Price::of(&route.config);
        let sent = question.bytes() as u64;
        let worst = price.cost(sent, route.config.max_output_tokens.into());
        if worst > asker.cost_left {
            return Err(RouteError::Money(format!(
                "the next question may cost {} and {} are left to the execution (limits.cost)",
                Price::shown(worst),
                Price::shown(asker.cost_left)
            )));
        }
        let seconds = i64::try_from(route.config.timeout_seconds).unwrap_or(i64::MAX / 2);
        let lifetime = SignedDuration::from_secs(seconds + RESERVATION_SPARE_SECONDS);
        let now = self.clock.now();
        let reserved =
            self.store.reserve_spend(self.caps, asker.issue_id, worst, lifetime, now).await;
        let reservation = match reserved {
            Ok(Ok(reservation)) => reservation,
            Ok(Err(cap)) => return Err(RouteError::Money(self.over(cap, worst))),
            Err(error) => return Err(RouteError::Books(error.to_string())),
        };
        // Who stops waiting in the middle still owes for what was under way.
        let mut unsettled = Unsettled {
            models: self,
            debt: Some(Debt {
                reservation,
                agent: asker.agent.to_owned(),
                model: route.config.model.clone(),
                issue_id: asker.issue_id,
                tokens_in: sent,
                tokens_out: route.config.max_output_tokens.into(),
                cost_micros: worst,
            }),
        };
        let called = route.call(question).await;
        unsettled.debt = None;
        drop(unsettled);
        usage.steps += 1;
        let (tokens_in, tokens_out) = match (&called.result, called.was_begun) {
            (Ok(Reply { tokens: Some(counted), .. }), _) => *counted,
            // Nobody counted: what it may have been at most.
            (_, true) => (sent, called.bytes_received as u64),
            (_, false) => (0, 0),
        };
        let cost = price.cost(tokens_in, tokens_out);
        usage.tokens_in += tokens_in;
        usage.tokens_out += tokens_out;
        usage.cost_micros += cost;
        let spent = Spent {
            agent: asker.agent,
            model: &route.config.model,
            issue_id: asker.issue_id,
            tokens_in,
            tokens_out,
            cost_micros: cost,
        };
        let books = self.store.settle_spend(reservation, spent, self.clock.now()).await;
        books.map_err(|error| RouteError::Books(error.to_string()))?;
        Ok(called.result)
    }

    fn over(&self, cap: OverCap, worst: u64) -> String {
        let (name, value) = match cap {
            OverCap::Issue => ("issue (models.dollars_per_issue", self.caps.per_issue),
            OverCap::Day => ("day (models.dollars_per_day", self.caps.per_day),
            OverCap::Month => ("month (models.dollars_per_month", self.caps.per_month),
        };
        format!(
            "the next question may cost {}, which would pass the cap of the {name}, {})",
            Price::shown(worst),
            Price::shown(value)
        )
    }
}

/// What is owed at worst for a call that nobody waits for any more.
struct Debt {
    reservation: Reservation,
    agent: String,
    model: String,
    issue_id: Option<i64>,
    tokens_in: u64,
    tokens_out: u64,
    cost_micros: u64,
}

struct Unsettled<'m> {
    models: &'m Models,
    debt: Option<Debt>,
}

impl Drop for Unsettled<'_> {
    fn drop(&mut self) {
        let Some(debt) = self.debt.take() else { return };
        let (store, now) = (self.models.store.clone(), self.models.clock.now());
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        runtime.spawn(async move {
            let spent = Spent {
                agent: &debt.agent,
                model: &debt.model,
                issue_id: debt.issue_id,
                tokens_in: debt.tokens_in,
                tokens_out: debt.tokens_out,
                cost_micros: debt.cost_micros,
            };
            if let Err(error) = store.settle_spend(debt.reservation, spent, now).await {
                tracing::error!(%error, "what a model cost was not written down; its reservation expires");
            }
        });
    }
}

enum RouteError {
    Call(CallError),
    Money(String),
    Books(String),
}
