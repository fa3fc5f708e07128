use std::collections::BTreeMap;

use super::{AgentFile, AgentKind, Files, Known};

fn known() -> Known {
    let list = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect();
    Known {
        analysers: list(&["panics", "compiler", "style", "exceptions", "code", "health"]),
        tools: crate::orchestrator::tools::names(),
        readers: list(&["root_cause", "fixes", "critique", "data"]),
    }
}

#[test]
fn the_shipped_files_are_right_and_rules_come_before_models() {
    let files = Files::load(None, &BTreeMap::new(), &known()).unwrap();
    let names: Vec<&str> = files.agents.iter().map(|a| a.name.as_str()).collect();
    for name in ["panic-analyst", "compiler", "style", "root-cause", "fix-writer", "fix-critic"] {
        assert!(names.contains(&name), "{names:?}");
    }
    let first_model = files.agents.iter().position(|a| a.kind == AgentKind::Model).unwrap();
    assert!(files.agents[first_model..].iter().all(|a| a.kind == AgentKind::Model));
    assert!(files.is_a_file("style") && !files.is_a_file("nobody"));
}

#[test]
fn a_broken_file_is_refused_with_its_line() {
    let error =
        AgentFile::parse("agents/x.toml", "name = \"x\"\ntask = \"cooking\"\n").unwrap_err();
    assert!(
        error.to_string().starts_with("agents/x.toml, line 2: unknown variant `cooking`"),
        "{error}"
    );
    let rules = "name = \"x\"\ntask = \"error_analysis\"\nkind = \"rules\"\norder = 1\n";
    let error = AgentFile::parse("x", &format!("{rules}[limits]\nseconds = 1\n")).unwrap_err();
    assert_eq!((error.line, error.reason.as_str()), (3, "a rules agent needs `analyser`"));
    let text = format!("{rules}analyser = \"panics\"\n[limits]\nseconds = 0\n");
    assert_eq!(AgentFile::parse("x", &text).unwrap_err().line, 7);
}

#[test]
fn an_agent_that_was_added_is_checked_like_a_file() {
    let added = |text: &str| BTreeMap::from([("mine".to_owned(), text.to_owned())]);
    let text = "name = \"mine\"\ntask = \"error_analysis\"\nkind = \"rules\"\nanalyser = \"panics\"\norder = 1\n[limits]\nseconds = 1\n";
    let files = Files::load(None, &added(text), &known()).unwrap();
    assert!(files.agents.iter().any(|a| a.name == "mine") && !files.is_a_file("mine"));
    let error =
        Files::load(None, &added(&text.replace("panics", "magic")), &known()).err().unwrap();
    assert!(
        error.to_string().starts_with("agents/mine.toml, line 4: there is no analyser `magic`"),
        "{error}"
    );
    let error =
        Files::load(None, &added(&text.replace("\"mine\"", "\"other\"")), &known()).err().unwrap();
    assert_eq!(error.line, 1, "{error}");
}
