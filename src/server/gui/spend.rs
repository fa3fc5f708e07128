//! The page of what models cost.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use super::extract::PageFields;
use super::pages::{PageError, chrome, page};
use super::session::SignedIn;
use super::views::parts::chart::{Grain, Series};
use super::views::parts::chrome::Section;
use super::views::spend::{AllSpent, SpendInput, SpendPage};
use crate::server::app::App;
use crate::server::problem::Problem;

/// Days that may be chosen.
const CHOICES: &[u32] = &[7, 30, 90];

/// Days that are looked at unless asked otherwise.
const DEFAULT_DAYS: u32 = 30;

/// Rows by day, agent and model that are read.
const MAX_ROWS: u32 = 10_000;

/// Issues that are listed.
const ISSUE_ROWS: u32 = 20;

#[derive(Debug, Deserialize)]
pub(super) struct SpendQuery {
    days: Option<u32>,
}

pub(super) async fn show(
    State(app): State<Arc<App>>,
    Extension(who): SignedIn,
    PageFields(query): PageFields<SpendQuery>,
) -> Result<Response, PageError> {
    let days = query.days.unwrap_or(DEFAULT_DAYS);
    if !CHOICES.contains(&days) {
        return Err(Problem::bad_request("days must be 7, 30 or 90").into());
    }
    let now = app.clock.now();
    let own = who.principal.project_id;
    let all = match own {
        Some(_) => None,
        None => {
            let length = usize::try_from(days).unwrap_or(1);
            let since = Series::since(Grain::Day, length, now);
            let rows = app.store.spend_since(since, MAX_ROWS).await?;
            Some(AllSpent {
                was_cut: rows.len() as u64 == u64::from(MAX_ROWS),
                rows,
                so_far: app.store.spent_so_far(now).await?,
            })
        }
    };
    let input = SpendInput {
        days,
        choices: CHOICES,
        caps: app.orchestrator.models().caps(),
        all,
        issues: app.store.costliest_issues(own, ISSUE_ROWS).await?,
    };
    let chrome = chrome(&app, &who, Section::Spend).await?;
    Ok(page(StatusCode::OK, &SpendPage::new(chrome, input, now)))
}
