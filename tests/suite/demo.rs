//! `andon demo`, as a user runs it, over every case.

use std::path::Path;

use andon::analysis::measured::Measured;
use serde_json::Value;

use crate::support::server::andon;

const CASES: &[(&str, &str, &str)] = &[
    ("index", "index_out_of_bounds", "orders/src/cart.rs"),
    ("slice", "str_not_char_boundary", "orders/src/customer.rs"),
    ("lookup", "unwrap_none", "orders/src/catalogue.rs"),
    ("overflow", "arithmetic_overflow", "orders/src/stock.rs"),
    ("borrow", "refcell_already_borrowed", "orders/src/session.rs"),
    ("parse", "parse_error", "orders/src/import.rs"),
    ("divide", "divide_by_zero", "orders/src/report.rs"),
];

#[test]
fn every_case_is_found_healed_verified_and_left_for_review() {
    // One build of the demo's program for all the cases, kept between runs of the tests.
    let build = Path::new(env!("CARGO_TARGET_TMPDIR")).join("demo-build");
    for (case, class, file) in CASES {
        let output = andon()
            .args(["demo", "--once", "--json", "--case", case, "--build-dir"])
            .arg(&build)
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{case}: {told}");
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        check(case, class, file, &report, &told);
    }
}

fn check(case: &str, class: &str, file: &str, report: &Value, told: &str) {
    let cause = &report["root_cause"];
    assert_eq!(cause["class"], class, "{case}: {told}");
    assert_eq!(cause["file"], file, "{case}");
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/analysis/measured.toml");
    let shipped: Measured = toml::from_str(&std::fs::read_to_string(shipped).unwrap()).unwrap();
    match shipped.panics.confidence(class) {
        Some((share, cases)) => {
            let said = cause["confidence"].as_f64().unwrap();
            assert!((said - share).abs() <= 0.005, "{case}: {said} was measured as {share}");
            assert_eq!(cause["confidence_cases"], cases, "{case}");
        }
        None => assert_eq!(cause["confidence"], Value::Null, "{case}: not measured yet"),
    }
    let evidence = cause["evidence"].as_array().unwrap();
    assert!(evidence.len() >= 2, "{case}");
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("demo/project");
    for one in evidence {
        let text = std::fs::read_to_string(project.join(one["file"].as_str().unwrap())).unwrap();
        let line = one["line"].as_u64().unwrap() as usize;
        assert_eq!(text.lines().nth(line - 1), one["quote"].as_str(), "{case}: byte for byte");
    }

    let suggestions = report["suggestions"].as_array().unwrap();
    let of = |claimed: &str| {
        suggestions.iter().filter(|s| s["claimed_class"] == claimed).collect::<Vec<_>>()
    };
    assert_eq!((of("import").len(), of("style").len()), (2, 1), "{case}: {told}");
    for harmless in of("import").iter().chain(&of("style")) {
        assert_eq!(harmless["proved_class"], harmless["claimed_class"], "{case}: {told}");
        assert_eq!(harmless["status"], "applied", "{case}: {told}");
        assert_eq!(harmless["verification"]["check"], "passed", "{case}: {told}");
        assert_eq!(harmless["verification"]["tests"], "not_run", "{case}");
        assert!(report["healed"].as_array().unwrap().contains(&harmless["id"]), "{case}");
    }
    let logic = of("logic");
    assert_eq!(logic.len(), 1, "{case}: {told}");
    assert_eq!(logic[0]["proved_class"], "other", "{case}");
    assert_eq!(logic[0]["status"], "pending", "{case}: a person decides");
    assert_eq!(logic[0]["verification"]["check"], "passed", "{case}: {told}");
    assert_eq!(logic[0]["files"][0], file, "{case}");
    assert_eq!(report["pending"], serde_json::json!([logic[0]["id"]]), "{case}");
    assert_eq!(report["rolled_back"], serde_json::json!([]), "{case}");
    for step in ["build", "run", "analyse", "heal", "total"] {
        assert!(report["timings"][step].as_f64().unwrap() > 0.0, "{case}: {step}");
    }
}

#[test]
fn an_unknown_case_lists_the_known_ones() {
    let output = andon().args(["demo", "--once", "--case", "nothing"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(told.contains("index, slice, lookup, overflow, borrow, parse, divide"), "{told}");
}
