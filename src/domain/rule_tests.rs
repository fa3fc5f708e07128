//! What repeated verdicts propose, and what they do not.

use super::*;

fn verdict(n: i64, verdict: PatternVerdict, shape: &str, path: &str) -> Pattern {
    Pattern {
        id: n,
        fingerprint: format!("f{n}"),
        class: "index_out_of_bounds".into(),
        cause: "The form lets empty lists through.".into(),
        shape: shape.into(),
        path: path.into(),
        decided_by: "ada".into(),
        ..Pattern::new(1, verdict, Timestamp::UNIX_EPOCH)
    }
}

fn three(kind: PatternVerdict) -> Vec<Pattern> {
    ["src/shop/a.rs", "src/shop/b.rs", "src/shop/c/d.rs"]
        .iter()
        .zip(1..)
        .map(|(path, n)| verdict(n, kind, "- [ + .get ?", path))
        .collect()
}

fn proposed(verdicts: &[Pattern]) -> Option<Rule> {
    propose(verdicts.last().unwrap(), verdicts, 3)
}

#[test]
fn three_rejections_of_one_shape_propose_to_hold_it_back_where_they_were() {
    let verdicts = three(PatternVerdict::Rejected);
    assert_eq!(proposed(&verdicts[..2]), None, "two are no habit");
    let rule = proposed(&verdicts).unwrap();
    assert_eq!((rule.kind, rule.status), (RuleKind::HoldBack, RuleStatus::Proposed));
    assert_eq!((rule.path.as_str(), rule.shape.as_str()), ("src/shop", "- [ + .get ?"));
    assert_eq!(rule.evidence.len(), 3);
    assert!(rule.sentence.contains("below src/shop/"), "{}", rule.sentence);
    assert!(rule.is_about("index_out_of_bounds", "src/shop/x.rs"));
    assert!(!rule.is_about("index_out_of_bounds", "src/shopping/x.rs"), "another folder");
    assert!(!rule.is_about("unwrap_none", "src/shop/x.rs"), "another class");
}

#[test]
fn the_same_error_three_times_is_one_verdict() {
    let mut verdicts = three(PatternVerdict::Rejected);
    verdicts.iter_mut().for_each(|one| one.fingerprint = "f1".into());
    assert_eq!(proposed(&verdicts), None);
}

#[test]
fn a_verdict_to_the_contrary_is_no_habit() {
    for (kind, contrary) in [
        (PatternVerdict::Rejected, PatternVerdict::Accepted),
        (PatternVerdict::Accepted, PatternVerdict::Rejected),
    ] {
        let mut verdicts = three(kind);
        verdicts.insert(0, verdict(9, contrary, "- [ + .get ?", "src/shop/e.rs"));
        assert_eq!(proposed(&verdicts), None, "{kind}");
        verdicts[0].path = "tools/e.rs".into();
        assert!(proposed(&verdicts).is_some(), "{kind}: it was elsewhere");
    }
    let mut verdicts = three(PatternVerdict::Accepted);
    verdicts[0].recurred = true;
    assert_eq!(proposed(&verdicts), None, "a fix that did not last is none to hold up");
}

#[test]
fn other_shapes_and_what_has_none_propose_nothing() {
    let mut verdicts = three(PatternVerdict::Rejected);
    verdicts[0].shape = "+ .unwrap_or_default".into();
    assert_eq!(proposed(&verdicts), None);
    verdicts.iter_mut().for_each(|one| one.shape = String::new());
    assert_eq!(proposed(&verdicts), None, "only names changed: that is no shape");
    verdicts.iter_mut().for_each(|one| one.class = "unknown".into());
    assert_eq!(proposed(&verdicts), None);
}

#[test]
fn a_cause_that_was_given_three_times_is_known() {
    let mut verdicts = three(PatternVerdict::Corrected);
    let rule = proposed(&verdicts).unwrap();
    assert_eq!((rule.kind, rule.pattern_id), (RuleKind::KnownCause, Some(3)));
    assert_eq!(rule.cause, "The form lets empty lists through.");
    verdicts[1].cause = "The disk was full.".into();
    assert_eq!(proposed(&verdicts), None);
    // Other words, but the same thing to be done.
    verdicts.iter_mut().for_each(|one| one.classification = Some(Classification::Action));
    let rule = proposed(&verdicts).unwrap();
    assert_eq!(rule.classification, Some(Classification::Action));
    verdicts[0].classification = Some(Classification::CodeFix);
    assert_eq!(proposed(&verdicts), None);
}

#[test]
fn a_place_that_is_not_known_makes_it_the_whole_project() {
    let mut verdicts = three(PatternVerdict::Rejected);
    verdicts[0].path = String::new();
    let rule = proposed(&verdicts).unwrap();
    assert_eq!(rule.path, "");
    assert!(rule.is_about("index_out_of_bounds", "anywhere.rs"));
}
