//! An error that comes by way of the API: stored like one that came through the door, with its quotas,
//! scrubbing and grouping.

use serde_json::Value;

use super::desk::Desk;
use super::events::{Shape, prepare};
use crate::domain::category::Category;
use crate::ingest::plain;
use crate::ingest::quotas::Sender;
use crate::server::app::App;
use crate::server::problem::Problem;

/// The key of who has none: no row has this number.
const NO_KEY: i64 = 0;

/// A stored error.
pub(in crate::server) struct Submitted {
    pub(in crate::server) event_id: String,
    pub(in crate::server) issue_id: i64,
}

/// Stores an error of the plain schema.
pub(in crate::server) async fn plain(
    app: &App,
    project_id: i64,
    input: &Value,
) -> Result<Submitted, Problem> {
    let sender = Sender { project_id, key_id: NO_KEY };
    super::receive::gate(app, Some(sender), Category::Error)?;
    let mut desk = Desk::open(app, sender).await?;
    let taken = desk.require(Category::Error)?;
    let _place = app.writer.place().await;
    let body = serde_json::to_vec(input).map_err(|e| Problem::bad_request(e.to_string()))?;
    let ready = prepare(&desk, &body, Vec::new(), vec![taken], Shape::Other, |now| {
        plain::parse(&body, &app.scrubber, now)
    })
    .await?;
    let (event_id, accepted, _) = desk.write(ready).await?;
    Ok(Submitted { event_id, issue_id: accepted.issue_id })
}
