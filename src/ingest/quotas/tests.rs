use jiff::SignedDuration;

use super::*;
use crate::domain::healing::HealingMode;
use crate::domain::quota::{Reason, Scope};
use crate::domain::quota_set::CategoryQuota;
use crate::store::counts::Counts;
use crate::store::projects::NewProject;

const NOON: &str = "2026-11-30T12:00:00Z";

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

async fn store() -> (tempfile::TempDir, Store, Sender) {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).await.unwrap();
    let new = NewProject { name: "a", public_key: "k", repo: None, healing: HealingMode::Off };
    let project_id = store.create_project(&new, "ada", at(NOON)).await.unwrap().id;
    let key_id = store.project_keys(project_id).await.unwrap()[0].id;
    (dir, store, Sender { project_id, key_id })
}

fn minute(events: u64) -> QuotaSet {
    QuotaSet { events_per_minute: events, ..QuotaSet::default() }
}

/// What the writer does.
async fn commit(store: &Store, taken: Vec<Taken>) {
    let usage = taken.iter().flat_map(|one| one.usage().to_vec()).collect();
    let counts = Counts { items: Vec::new(), usage };
    let totals = store.store_counts(&counts, at(NOON)).await.unwrap();
    settle(taken, &totals);
}

async fn passes(quotas: &Quotas, sender: Sender, category: Category, now: &str) -> u32 {
    let now = at(now);
    quotas.load(quotas.configured(), sender.project_id, now).await.unwrap();
    let mut count = 0;
    while count < 100
        && let Ok(taken) = quotas.check(quotas.configured(), sender, category, 1, now)
    {
        commit(&quotas.store, vec![taken]).await;
        count += 1;
    }
    count
}

#[tokio::test]
async fn each_window_lets_its_number_pass_and_begins_anew_on_the_clock() {
    let (_dir, store, sender) = store().await;
    let config = QuotaSet {
        events_per_minute: 3,
        events_per_hour: 5,
        events_per_month: 9,
        ..QuotaSet::default()
    };
    let quotas = Quotas::new(&config, store);
    let error = Category::Error;
    assert_eq!(passes(&quotas, sender, error, "2026-11-30T22:58:59.999999Z").await, 3);
    assert_eq!(passes(&quotas, sender, error, "2026-11-30T22:58:59.999999Z").await, 0);
    assert_eq!(passes(&quotas, sender, error, "2026-11-30T22:59:00Z").await, 2, "the hour's five");
    assert_eq!(passes(&quotas, sender, error, "2026-11-30T22:59:59.999999Z").await, 0);
    assert_eq!(passes(&quotas, sender, error, "2026-11-30T23:00:00Z").await, 3);
    assert_eq!(passes(&quotas, sender, error, "2026-11-30T23:59:59Z").await, 1, "the month's nine");
    assert_eq!(passes(&quotas, sender, error, "2026-12-01T00:00:00Z").await, 3, "a new month");
}

#[tokio::test]
async fn the_window_that_lasts_longest_says_when_to_come_back() {
    let (_dir, store, sender) = store().await;
    let config = QuotaSet { events_per_minute: 1, events_per_month: 1, ..QuotaSet::default() };
    let quotas = Quotas::new(&config, store);
    assert_eq!(passes(&quotas, sender, Category::Error, NOON).await, 1);
    let check = |now: &str| {
        quotas.check(quotas.configured(), sender, Category::Security, 1, at(now)).unwrap_err()
    };
    let mut refused = check("2026-11-30T12:00:30Z");
    assert_eq!((refused.scope, refused.reason), (Scope::Project, Reason::QuotaMonth));
    assert_eq!(refused.retry_after_seconds, 3600, "no longer than a raised quota goes unnoticed");
    assert_eq!(check("2026-11-30T23:59:50Z").retry_after_seconds, 10);
    let mut limits = Limits::default();
    limits.add(check("2026-11-30T23:59:50Z"));
    refused.category = Category::Error;
    limits.add(refused);
    assert_eq!(limits.header(), "10:error;security:project:quota_month", "each quota once");
    assert!(limits.sentence().contains("quotas.events_per_month"), "{}", limits.sentence());
}

#[tokio::test]
async fn a_key_has_a_quota_of_its_own_under_that_of_its_project() {
    let (_dir, store, first) = store().await;
    let second = Sender { key_id: first.key_id + 1, ..first };
    let config = QuotaSet { key_events_per_minute: 3, ..minute(5) };
    let quotas = Quotas::new(&config, store);
    assert_eq!(passes(&quotas, first, Category::Error, NOON).await, 3);
    let refused =
        quotas.check(quotas.configured(), first, Category::Error, 1, at(NOON)).unwrap_err();
    assert_eq!(refused.scope, Scope::Key);
    assert_eq!(passes(&quotas, second, Category::Error, NOON).await, 2);
    let refused =
        quotas.check(quotas.configured(), second, Category::Error, 1, at(NOON)).unwrap_err();
    assert_eq!(refused.scope, Scope::Project);
    let other = Sender { project_id: first.project_id + 1, key_id: 9 };
    quotas.load(quotas.configured(), other.project_id, at(NOON)).await.unwrap();
    assert!(
        quotas.check(quotas.configured(), other, Category::Error, 3, at(NOON)).is_ok(),
        "another project's is its own"
    );
}

#[tokio::test]
async fn categories_do_not_take_from_each_other_and_files_count_in_bytes() {
    let (_dir, store, sender) = store().await;
    let quota = |per_minute| CategoryQuota { per_minute, ..CategoryQuota::default() };
    let mut config = minute(1);
    config.categories.insert(Category::Transaction, quota(2));
    config.categories.insert(Category::Attachment, quota(1000));
    let quotas = Quotas::new(&config, store);
    assert_eq!(passes(&quotas, sender, Category::Error, NOON).await, 1);
    assert_eq!(passes(&quotas, sender, Category::Transaction, NOON).await, 2);
    assert_eq!(passes(&quotas, sender, Category::Session, NOON).await, 100, "no quota, no limit");
    let bytes = |quantity| {
        quotas.check(quotas.configured(), sender, Category::Attachment, quantity, at(NOON))
    };
    let held = bytes(600).unwrap();
    assert!(bytes(600).is_err());
    let fits = bytes(400).unwrap();
    assert!(bytes(1).is_err());
    drop(held);
    assert!(bytes(600).is_ok(), "what was not stored is given back");
    assert!(bytes(u64::MAX).is_err());
    drop(fits);
}

#[tokio::test]
async fn what_is_under_way_counts_and_what_fails_is_given_back() {
    let (_dir, store, sender) = store().await;
    let quotas = Quotas::new(&minute(10), store.clone());
    let take = || quotas.check(quotas.configured(), sender, Category::Error, 1, at(NOON));
    let held: Vec<Taken> = (0..10).map(|_| take().unwrap()).collect();
    assert!(take().is_err());
    drop(held);
    let held: Vec<Taken> = (0..10).map(|_| take().unwrap()).collect();
    commit(&store, held).await;
    assert!(take().is_err());
}

#[tokio::test]
async fn a_restart_knows_what_was_used() {
    let (_dir, store, sender) = store().await;
    let before = Quotas::new(&minute(5), store.clone());
    let late = "2026-11-30T12:00:59.9Z";
    assert_eq!(passes(&before, sender, Category::Error, NOON).await, 5);
    let after = Quotas::new(&minute(5), store.clone());
    assert_eq!(passes(&after, sender, Category::Error, late).await, 0);
    let raised = Quotas::new(&minute(7), store.clone());
    assert_eq!(passes(&raised, sender, Category::Error, late).await, 2);
    // What was sent while there was no quota counts for the month all the same.
    let off = Quotas::new(&QuotaSet::default(), store.clone());
    assert_eq!(passes(&off, sender, Category::Error, NOON).await, 100);
    let month = QuotaSet { events_per_month: 108, ..QuotaSet::default() };
    assert_eq!(passes(&Quotas::new(&month, store), sender, Category::Error, late).await, 1);
}

#[tokio::test]
async fn nodes_hear_of_each_other() {
    let (_dir, store, sender) = store().await;
    let (one, two) = (Quotas::new(&minute(10), store.clone()), Quotas::new(&minute(10), store));
    two.load(two.configured(), sender.project_id, at(NOON)).await.unwrap();
    assert_eq!(passes(&one, sender, Category::Error, NOON).await, 10);
    // Its own next commit brings the news, before the next look.
    let taken = two.check(two.configured(), sender, Category::Error, 1, at(NOON)).unwrap();
    commit(&two.store, vec![taken]).await;
    two.fresh.invalidate_all();
    assert_eq!(passes(&two, sender, Category::Error, NOON).await, 0);
}

#[tokio::test]
async fn late_readings_of_the_clock_count_for_the_new_window_and_a_clock_set_back_starts_anew() {
    let (_dir, store, sender) = store().await;
    let quotas = Quotas::new(&minute(2), store);
    let check = |now: &str| quotas.check(quotas.configured(), sender, Category::Error, 1, at(now));
    let first = check("2026-11-30T12:01:00Z").unwrap();
    let late = check("2026-11-30T12:00:59.999999Z").unwrap();
    assert!(check("2026-11-30T12:01:00Z").is_err(), "the window was not begun anew by a late one");
    drop((first, late));
    assert!(check("2026-11-30T11:00:00Z").is_ok());
}

#[tokio::test]
async fn old_rows_are_forgotten_and_those_under_way_are_not() {
    let (_dir, store, sender) = store().await;
    let quotas = Quotas::new(&QuotaSet { events_per_hour: 9, ..minute(9) }, store.clone());
    assert_eq!(passes(&quotas, sender, Category::Error, NOON).await, 9);
    let rows = async |now: &str| store.usage(sender.project_id, at(now)).await.unwrap().len();
    assert_eq!(rows(NOON).await, 3);
    store.forget_usage(at(NOON)).await.unwrap();
    assert_eq!(rows(NOON).await, 3);
    store.forget_usage(at(NOON) + SignedDuration::from_hours(3)).await.unwrap();
    assert_eq!(rows(NOON).await, 2, "the minute is forgotten");
    store.forget_usage(at(NOON) + SignedDuration::from_hours(49)).await.unwrap();
    assert_eq!(rows(NOON).await, 1, "the month stays");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_at_once_take_exactly_the_quota() {
    let (_dir, store, sender) = store().await;
    let quotas = Arc::new(Quotas::new(&minute(500), store.clone()));
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..16 {
        let (quotas, store) = (Arc::clone(&quotas), store.clone());
        tasks.spawn(async move {
            let mut passed = 0;
            for _ in 0..20 {
                quotas.load(quotas.configured(), sender.project_id, at(NOON)).await.unwrap();
                let some: Vec<Taken> = (0..5)
                    .filter_map(|_| {
                        quotas.check(quotas.configured(), sender, Category::Error, 1, at(NOON)).ok()
                    })
                    .collect();
                passed += some.len();
                commit(&store, some).await;
            }
            passed
        });
    }
    let passed: usize = tasks.join_all().await.into_iter().sum();
    assert_eq!(passed, 500);
}
