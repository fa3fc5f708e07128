//! The pages of projects.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;

use super::extract::Number;
use super::pages::{PageError, chrome, page};
use super::session::SignedIn;
use super::views::parts::amount;
use super::views::parts::chrome::Section;
use super::views::parts::when::When;
use super::views::project::{DayRow, KeyRow, ProjectInput, ProjectPage, QuotaRow};
use super::views::projects::{ProjectRow, ProjectsPage};
use crate::domain::category::Category;
use crate::domain::project::{Project, ProjectKey};
use crate::domain::quota::{Scope, Window};
use crate::domain::quota_set::QuotaSet;
use crate::server::admin;
use crate::server::app::App;
use crate::server::problem::Problem;
use crate::store::usage::Usage;

/// Rows of each table by day.
const DAY_ROWS: u32 = 60;

pub(super) async fn list(
    State(app): State<Arc<App>>,
    Extension(who): SignedIn,
) -> Result<Response, PageError> {
    let projects = app.store.projects().await?.iter().map(row).collect();
    let chrome = chrome(&app, &who, Section::Projects).await?;
    Ok(page(StatusCode::OK, &ProjectsPage { chrome, projects }))
}

pub(super) async fn show(
    State(app): State<Arc<App>>,
    Extension(who): SignedIn,
    Number(id): Number,
) -> Result<Response, PageError> {
    let project = app.store.project(id).await?;
    let project = project.ok_or_else(|| Problem::not_found(format!("project {id}")))?;
    let now = app.clock.now();
    let stats = app.store.project_stats(id).await?;
    let settings = app.store.project_settings(id).await?;
    let usage = app.store.usage(id, now).await?;
    let keys = app.store.project_keys(id).await?;
    // What this node has not written yet belongs to it.
    app.refusals.write(&app.store).await?;
    let refused = app.store.outcomes(id, DAY_ROWS).await?;
    let items = app.store.item_counts(id, DAY_ROWS).await?;
    let base = app.config.base_url();
    let input = ProjectInput {
        project: row(&project),
        created_at: project.created_at,
        dsn: admin::dsn(&base, &project),
        keys: keys.iter().map(|key| key_row(&base, id, key, &usage, now)).collect(),
        stored_events: count(stats.stored_events),
        stored_bytes: count(stats.stored_bytes),
        own_retention: settings.retention.is_some(),
        retention: settings.retention.unwrap_or(app.config.retention),
        own_quotas: settings.quotas.is_some(),
        quotas: quota_rows(settings.quotas.as_ref().unwrap_or(&app.config.quotas), &usage),
        items: items
            .into_iter()
            .map(|one| DayRow {
                day: one.day,
                what: words(&one.kind),
                why: String::new(),
                amount: one.items.to_string(),
            })
            .collect(),
        refused: refused
            .into_iter()
            .map(|one| DayRow {
                amount: quantity(one.category.parse().ok(), one.quantity),
                day: one.day,
                what: category_words(&one.category),
                why: words(&one.reason),
            })
            .collect(),
        fingerprint_rules: settings.fingerprint_rules,
    };
    let chrome = chrome(&app, &who, Section::Projects).await?;
    Ok(page(StatusCode::OK, &ProjectPage::new(chrome, input, now)))
}

fn row(project: &Project) -> ProjectRow {
    ProjectRow {
        id: project.id,
        name: project.name.clone(),
        repo: project.repo.clone(),
        healing: words(project.healing.as_str()),
    }
}

fn key_row(base: &str, project: i64, key: &ProjectKey, usage: &[Usage], now: Timestamp) -> KeyRow {
    let events = usage.iter().filter(|used| {
        used.key_id == key.id && used.window == Window::Month && used.category == Category::Error
    });
    KeyRow {
        name: key.name.clone(),
        dsn: admin::dsn_with(base, project, &key.public_key),
        events: count(events.map(|used| used.quantity).sum()),
        created: When::new(key.created_at, now),
        disabled: key.disabled_at.map(|at| When::new(at, now)),
    }
}

/// A row for each window that is limited, and for what was sent in this hour and this month.
fn quota_rows(quotas: &QuotaSet, usage: &[Usage]) -> Vec<QuotaRow> {
    let mut categories: BTreeSet<Category> = quotas.categories.keys().copied().collect();
    categories.insert(Category::Error);
    categories.extend(usage.iter().map(|used| used.category));
    let mut rows = Vec::new();
    for category in categories {
        let quota = quotas.of(category);
        for &window in Window::ALL {
            let project = quota.limit(Scope::Project, window);
            let key = quota.limit(Scope::Key, window);
            let used = usage.iter().filter(|u| u.category == category && u.window == window);
            let used = used.map(|u| u.quantity).sum();
            let limited = project > 0 || key > 0;
            if !limited && (used == 0 || window == Window::Minute) {
                continue;
            }
            let limit = |most: u64| {
                (most > 0)
                    .then(|| quantity(Some(category), i64::try_from(most).unwrap_or(i64::MAX)))
            };
            rows.push(QuotaRow {
                category: category_words(category.as_str()),
                window: window.as_str(),
                used: quantity(Some(category), used),
                project_limit: limit(project),
                key_limit: limit(key),
            });
        }
    }
    rows
}

/// Attachments are counted in bytes, everything else in items.
fn quantity(category: Option<Category>, amount: i64) -> String {
    match category {
        Some(Category::Attachment) => amount::bytes(count(amount)),
        _ => amount.to_string(),
    }
}

fn count(stored: i64) -> u64 {
    u64::try_from(stored).unwrap_or(0)
}

/// A stored word, for people.
fn words(word: &str) -> String {
    word.replace('_', " ")
}

/// A category, for people: what quotas call events is not an error of ours.
fn category_words(category: &str) -> String {
    if category == Category::Error.as_str() { "events".to_owned() } else { words(category) }
}
