//! What was learnt: found again, watched for coming back, forgotten with a user, made into rules.

use andon::domain::pattern::{Likeness, Pattern, PatternVerdict};
use andon::domain::rule::{self, RuleStatus};
use andon::store::patterns::FoundBy;
use andon::store::patterns::outcome::Recurrence;
use jiff::SignedDuration;

use super::sample::Sample;
use super::{Bed, noon, on_both};

on_both!(
    what_was_learnt_is_found_by_fingerprint_frames_and_words,
    what_came_back_ranks_lower_and_counts_each_mending_once,
    a_new_event_of_a_mended_issue_asks_for_one_look,
    a_release_is_new_once_and_has_commits_looked_for,
    nothing_of_a_deleted_users_event_stays_in_what_was_learnt,
    a_rule_is_proposed_once_and_decided_on_the_record,
    recorded_errors_with_one_cause_are_recognised,
    patterns_are_found_by_a_text_anywhere_in_them_the_pinned_first,
);

fn likeness(frames: &[&str], words: &str) -> Likeness {
    let frames: Vec<String> = frames.iter().map(|frame| (*frame).to_owned()).collect();
    Likeness::of_frames(frames, words)
}

async fn learn(bed: &Bed, project: i64, fingerprint: &str, likeness: &Likeness) -> i64 {
    let mut pattern = Pattern::new(project, PatternVerdict::Accepted, noon());
    pattern.fingerprint = fingerprint.into();
    pattern.fix = format!("fix of {fingerprint}");
    pattern.frames.clone_from(&likeness.frames);
    bed.store.learn_pattern(&pattern, likeness, None, noon()).await.unwrap()
}

async fn what_was_learnt_is_found_by_fingerprint_frames_and_words(bed: Bed) {
    let (shop, other) = (bed.project("shop").await, bed.project("other").await);
    let place = likeness(&["shop::last_price", "shop::total"], "index out of bounds");
    let words = likeness(&["elsewhere::run"], "certificate of the payment provider expired");
    let by_place = learn(&bed, shop, "f1", &place).await;
    let by_words = learn(&bed, shop, "f2", &words).await;
    for n in 0..20 {
        let noise = likeness(&[&format!("noise::{n}")], &format!("another thing {n} failed"));
        learn(&bed, shop, &format!("n{n}"), &noise).await;
    }
    learn(&bed, other, "f1", &place).await;

    let found = async |fingerprint: &str, likeness: &Likeness| {
        let found = bed.store.similar_patterns(shop, fingerprint, likeness).await.unwrap();
        found.into_iter().map(|one| (one.pattern.id, one.by)).collect::<Vec<_>>()
    };
    assert_eq!(found("f1", &Likeness::default()).await, [(by_place, FoundBy::Fingerprint)]);
    let near = likeness(&["shop::last_price", "shop::report"], "range end out of bounds");
    assert_eq!(found("new", &near).await[0], (by_place, FoundBy::Frames));
    let alike = likeness(&["x::y"], "the certificate of a payment provider has expired");
    assert_eq!(found("new", &alike).await[0], (by_words, FoundBy::Words));
    assert_eq!(found("new", &likeness(&["x::y"], "quite different")).await, []);
    let ranked = bed.store.patterns_by_words(shop, &alike).await.unwrap();
    assert_eq!(ranked[0].0, by_words);
    assert!(ranked.iter().all(|(id, _)| *id <= by_place + 21), "another project's stay there");
}

async fn what_came_back_ranks_lower_and_counts_each_mending_once(bed: Bed) {
    let shop = bed.project("shop").await;
    let alike = likeness(&["shop::total"], "index out of bounds");
    let mut pattern = Pattern::new(shop, PatternVerdict::Accepted, noon());
    pattern.fingerprint = "f1".into();
    pattern.fix = "the one that did not last".into();
    pattern.mended_at = Some(noon());
    pattern.frames.clone_from(&alike.frames);
    let first = bed.store.learn_pattern(&pattern, &alike, None, noon()).await.unwrap();
    let second = learn(&bed, shop, "f2", &alike).await;
    let order = async || {
        let found = bed.store.similar_patterns(shop, "new", &alike).await.unwrap();
        found.into_iter().map(|one| one.pattern.id).collect::<Vec<_>>()
    };
    let before = order().await;
    assert_eq!(before.len(), 2);

    let later = noon() + SignedDuration::from_hours(1);
    let again = Recurrence { at: later, release: Some("shop@2"), why: "so" };
    assert!(bed.store.pattern_recurred(first, &again, later).await.unwrap());
    assert!(!bed.store.pattern_recurred(first, &again, later).await.unwrap(), "known already");
    let known = bed.store.pattern(first).await.unwrap().unwrap();
    assert_eq!((known.recurred, known.recurrences), (true, 1));
    assert_eq!((known.recurred_at, known.recurred_in.as_deref()), (Some(later), Some("shop@2")));
    assert_eq!(order().await, [second, first]);
    assert!(bed.store.recurred_patterns(99).await.unwrap().is_empty());

    // Mended anew, and again in vain.
    let mended = later + SignedDuration::from_hours(1);
    let anew = Pattern { mended_at: Some(mended), ..pattern };
    assert_eq!(bed.store.learn_pattern(&anew, &alike, None, mended).await.unwrap(), first);
    assert!(
        !bed.store.pattern_recurred(first, &again, mended).await.unwrap(),
        "it was before that"
    );
    let third = Recurrence { at: mended + SignedDuration::from_hours(1), ..again };
    assert!(bed.store.pattern_recurred(first, &third, third.at).await.unwrap());
    assert_eq!(bed.store.pattern(first).await.unwrap().unwrap().recurrences, 2);
}

/// The jobs of a kind that wait.
async fn waiting(bed: &Bed, kind: &str) -> i64 {
    bed.number(&format!("SELECT COUNT(*) FROM jobs WHERE kind = '{kind}' AND state = 'queued'"))
        .await
}

async fn a_new_event_of_a_mended_issue_asks_for_one_look(bed: Bed) {
    let shop = bed.project("shop").await;
    let issue = bed.keep(&[Sample::new(shop, 1, "f1").ready()]).await[0].issue_id;
    bed.keep(&[Sample::new(shop, 2, "f2").ready()]).await;
    assert_eq!(waiting(&bed, "check_recurrence").await, 0);

    let mut pattern = Pattern::new(shop, PatternVerdict::Accepted, noon());
    pattern.issue_id = Some(issue);
    pattern.mended_at = Some(noon() - SignedDuration::from_mins(1));
    bed.store.learn_pattern(&pattern, &Likeness::default(), None, noon()).await.unwrap();
    assert_eq!(bed.store.mended_patterns(issue).await.unwrap().len(), 1);
    let many: Vec<_> = (10..30).map(|n| Sample::new(shop, n, "f1").ready()).collect();
    bed.keep(&many).await;
    bed.keep(&[Sample::new(shop, 30, "f1").ready(), Sample::new(shop, 31, "f2").ready()]).await;
    assert_eq!(waiting(&bed, "check_recurrence").await, 1, "however many events");

    let later = noon() + SignedDuration::from_mins(1);
    bed.store.watch_issue(issue, Some(later), noon()).await.unwrap();
    bed.run("DELETE FROM jobs").await;
    bed.keep(&[Sample::new(shop, 40, "f1").ready()]).await;
    assert_eq!(waiting(&bed, "check_recurrence").await, 0, "not yet again");
    bed.store.watch_issue(issue, None, noon()).await.unwrap();
    assert_eq!(bed.store.watched_issues(shop).await.unwrap(), [issue], "it was asked for later");
    bed.store.watch_issue(issue, None, later).await.unwrap();
    assert!(bed.store.watched_issues(shop).await.unwrap().is_empty());
    bed.keep(&[Sample::new(shop, 41, "f1").ready()]).await;
    assert_eq!(waiting(&bed, "check_recurrence").await, 0, "not any more");
}

async fn a_release_is_new_once_and_has_commits_looked_for(bed: Bed) {
    let shop = bed.project("shop").await;
    let of = |n: u64, release: &str, hours: i64| {
        let sample = Sample::new(shop, n, "f1").at(noon() + SignedDuration::from_hours(hours));
        Sample { release: Some(release.into()), ..sample }.ready()
    };
    let issue = bed.keep(&[of(1, "shop@1", 0), of(2, "shop@1", 0)]).await[0].issue_id;
    assert_eq!(bed.store.release_first_seen(shop, "shop@1").await.unwrap(), Some(noon()));
    assert_eq!(bed.store.release_first_seen(shop, "shop@2").await.unwrap(), None);
    assert_eq!(waiting(&bed, "look_at_release").await, 0, "there is nothing to look for");

    let mut pattern = Pattern::new(shop, PatternVerdict::Accepted, noon());
    pattern.issue_id = Some(issue);
    pattern.mended_at = Some(noon() + SignedDuration::from_mins(30));
    bed.store.learn_pattern(&pattern, &Likeness::default(), None, noon()).await.unwrap();
    let store = bed.another().await;
    bed.keep(&[of(3, "shop@1", 1), of(4, "shop@2", 2)]).await;
    assert_eq!(waiting(&bed, "look_at_release").await, 1);
    assert_eq!(store.watched_issues(shop).await.unwrap(), [issue]);
    let releases = store.releases_of_issue(issue, pattern.mended_at.unwrap()).await.unwrap();
    let names: Vec<_> = releases.iter().map(|one| one.release.as_deref().unwrap()).collect();
    assert_eq!(names, ["shop@1", "shop@2"]);
    let open = store.patterns_without_commit(shop, noon()).await.unwrap();
    assert_eq!(open.len(), 1);
    store.pattern_commit(open[0].id, "abc", "its message names the issue", noon()).await.unwrap();
    assert!(store.patterns_without_commit(shop, noon()).await.unwrap().is_empty());
}

async fn nothing_of_a_deleted_users_event_stays_in_what_was_learnt(bed: Bed) {
    let shop = bed.project("shop").await;
    let secret = "parcel of zebedee quillfeather lost";
    let told = |n: u64, user: &str, said: &str| {
        Sample::new(shop, n, &format!("f{n}")).of_user(user).saying(said)
    };
    let (alone, shared) = (told(1, "zebedee", secret), told(2, "zebedee", secret));
    let other = Sample { fingerprint: "f2".into(), ..told(3, "bob", "parcel of 17 lost") };
    let stored = bed.keep(&[alone.ready(), shared.ready()]).await;
    let mut ids = Vec::new();
    for (sample, stored) in [(&alone, &stored[0]), (&shared, &stored[1])] {
        let event = sample.event();
        let mut pattern = Pattern::new(shop, PatternVerdict::Accepted, noon());
        pattern.issue_id = Some(stored.issue_id);
        pattern.fingerprint.clone_from(&sample.fingerprint);
        pattern.title = event.title();
        pattern.class = "not_found".into();
        let likeness = Likeness::of(&event, None);
        let user = event.user.as_deref();
        ids.push(bed.store.learn_pattern(&pattern, &likeness, user, noon()).await.unwrap());
    }
    bed.keep(&[other.ready()]).await;
    bed.store.delete_events_of_user(shop, "zebedee", "ada", noon()).await.unwrap();

    let pattern = async |id: i64| bed.store.pattern(id).await.unwrap().unwrap();
    assert_eq!(pattern(ids[0]).await.title, "not_found", "nothing else is left of its issue");
    assert_eq!(pattern(ids[1]).await.title, "parcel of <number> lost", "as the other one says");
    let words = "SELECT COUNT(*) FROM pattern_words WHERE word IN ('zebedee', 'quillfeather')";
    assert_eq!(bed.number(words).await, 0);
    assert_eq!(bed.number("SELECT COUNT(*) FROM pattern_words WHERE word = 'parcel'").await, 1);
    bed.store.delete_events_of_user(shop, "bob", "ada", noon()).await.unwrap();
    assert_eq!(pattern(ids[1]).await.title, "not_found");
}

async fn a_rule_is_proposed_once_and_decided_on_the_record(bed: Bed) {
    let shop = bed.project("shop").await;
    for n in 1..=4 {
        let mut pattern = Pattern::new(shop, PatternVerdict::Rejected, noon());
        pattern.fingerprint = format!("f{n}");
        pattern.class = "unwrap_none".into();
        pattern.shape = "+ .unwrap_or_default".into();
        pattern.path = "src/a.rs".into();
        let learnt = bed.store.learn_pattern(&pattern, &Likeness::default(), None, noon()).await;
        pattern.id = learnt.unwrap();
        let verdicts = bed.store.patterns_of_class(shop, "unwrap_none").await.unwrap();
        if let Some(rule) = rule::propose(&pattern, &verdicts, 3) {
            assert_eq!(bed.store.propose_rule(&rule, noon()).await.unwrap(), 1);
        }
    }
    let list =
        async |status| bed.another().await.rules(Some(shop), status, i64::MAX, 9).await.unwrap();
    let rules = list(None).await;
    assert_eq!(rules.len(), 1, "the fourth verdict brought the third one's up to date");
    assert_eq!(rules[0].evidence.len(), 4);
    assert!(bed.store.rules_in_force(shop).await.unwrap().is_empty(), "nobody confirmed it");

    let confirmed = RuleStatus::Confirmed;
    assert!(bed.store.decide_rule(1, confirmed, "ada", noon()).await.unwrap());
    bed.store.count_rule_hit(1, noon()).await.unwrap();
    let force = bed.store.rules_in_force(shop).await.unwrap();
    assert_eq!((force[0].decided_by.as_deref(), force[0].hits), (Some("ada"), 1));
    assert!(list(Some(RuleStatus::Proposed)).await.is_empty());
    // Further verdicts change nothing that a person decided on.
    bed.store.propose_rule(&rules[0], noon()).await.unwrap();
    assert_eq!(list(Some(confirmed)).await.len(), 1);
    assert!(bed.store.delete_rule(1, "bob", noon()).await.unwrap());
    assert!(!bed.store.decide_rule(1, confirmed, "bob", noon()).await.unwrap());
    let trail = bed.store.audit_entries(Some("rule:1"), 9).await.unwrap();
    let said: Vec<_> = trail.iter().map(|e| format!("{} {}", e.actor, e.action)).collect();
    let mut expected = ["andon rule.proposed", "ada rule.confirmed", "bob rule.deleted"];
    if said[0] != expected[0] {
        expected.reverse();
    }
    assert_eq!(said, expected);

    // All of it goes with the project.
    bed.store.propose_rule(&rules[0], noon()).await.unwrap();
    bed.store.delete_project(shop, "ada", noon()).await.unwrap();
    while bed.store.purge_project_step(shop, noon()).await.unwrap() {}
    for table in ["rules", "patterns", "releases"] {
        assert_eq!(bed.number(&format!("SELECT COUNT(*) FROM {table}")).await, 0, "{table}");
    }
}

/// A few of those that `andon eval patterns` measures, on either database.
async fn recorded_errors_with_one_cause_are_recognised(bed: Bed) {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let cases = [
        "seeded/hex-0.4.3-1",
        "seeded/hex-0.4.3-2",
        "seeded/litrs-1.0.1-1",
        "seeded/litrs-1.0.1-2",
        "seeded/litrs-1.0.1-3",
        "seeded/smawk-0.3.3-2",
        "seeded/smawk-0.3.3-4",
        "seeded-scripts/acorn-10",
        "seeded-scripts/sqlparse-2",
        "seeded-scripts/sqlparse-7",
    ];
    let outcome = andon::eval::patterns::run_in(&bed.store, &cases.map(|one| root.join(one))).await;
    let outcome = outcome.unwrap();
    assert_eq!(outcome.learnt, cases.len());
    assert!(outcome.pairs.len() >= 8, "{outcome:?}");
    let found = outcome.pairs.iter().filter(|pair| pair.rank.is_some_and(|rank| rank <= 3)).count();
    assert!(found >= outcome.pairs.len() - 1, "{outcome:?}");
}

async fn patterns_are_found_by_a_text_anywhere_in_them_the_pinned_first(bed: Bed) {
    let (shop, other) = (bed.project("shop").await, bed.project("other").await);
    let learn = async |project_id, title: &str, cause: &str, fix: &str, pinned| {
        let mut pattern = Pattern::new(project_id, PatternVerdict::Corrected, noon());
        pattern.fingerprint = title.to_owned();
        pattern.class = "index_out_of_bounds".to_owned();
        pattern.title = title.to_owned();
        pattern.cause = cause.to_owned();
        pattern.fix = fix.to_owned();
        pattern.pinned = pinned;
        let likeness = Likeness::default();
        pattern.id = bed.store.learn_pattern(&pattern, &likeness, None, noon()).await.unwrap();
        assert!(bed.store.edit_pattern(&pattern, "ada", noon()).await.unwrap());
        pattern.id
    };
    let pinned = learn(shop, "Cart::total", "the cart is EMPTY", "ask first", true).await;
    let plain = learn(shop, "Cart::last", "100% of carts", "use last_price", false).await;
    let elsewhere = learn(other, "Session", "an empty session", "", false).await;
    let found = async |project, text: &str| {
        let found = bed.store.search_patterns(project, text, 0, 50).await.unwrap();
        found.iter().map(|pattern| pattern.id).collect::<Vec<_>>()
    };
    assert_eq!(found(None, "").await, [pinned, elsewhere, plain]);
    assert_eq!(found(None, " empty ").await, [pinned, elsewhere], "large or small letters");
    assert_eq!(found(Some(shop), "empty").await, [pinned]);
    assert_eq!(found(None, "OUT_OF").await.len(), 3);
    assert_eq!(found(None, "last_price").await, [plain]);
    assert_eq!(found(None, "lastXprice").await, Vec::<i64>::new());
    assert_eq!(found(None, "0%").await, [plain], "signs of the database are letters");
    assert_eq!(found(None, "!").await, Vec::<i64>::new());
    let second = bed.store.search_patterns(None, "", 1, 1).await.unwrap();
    assert_eq!(second[0].id, elsewhere);
}
