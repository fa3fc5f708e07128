use super::*;

#[test]
fn sources_may_be_shared_between_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<CommitSources>();
    shared::<WorkingSources>();
    shared::<Repository>();
}

/// A commit with these files, `day` days after the first of January.
fn commit(git: &git2::Repository, day: i64, subject: &str, files: &[(&str, &str)]) -> String {
    let root = git.workdir().unwrap().to_owned();
    let mut index = git.index().unwrap();
    for (path, text) in files {
        std::fs::write(root.join(path), text).unwrap();
        index.add_path(std::path::Path::new(path)).unwrap();
    }
    index.write().unwrap();
    let tree = git.find_tree(index.write_tree().unwrap()).unwrap();
    let time = git2::Time::new(1_767_225_600 + day * 86_400, 0);
    let who = git2::Signature::new("Ada", "ada@example.org", &time).unwrap();
    let parents: Vec<git2::Commit<'_>> =
        git.head().ok().and_then(|head| head.peel_to_commit().ok()).into_iter().collect();
    let parents: Vec<&git2::Commit<'_>> = parents.iter().collect();
    git.commit(Some("HEAD"), &who, &who, subject, &tree, &parents).unwrap().to_string()
}

#[test]
fn suspects_are_the_commits_of_the_last_year_that_changed_the_line_or_moved_the_text() {
    let folder = tempfile::tempdir().unwrap();
    let git = git2::Repository::init(folder.path()).unwrap();
    let first = commit(&git, 0, "Begin", &[("a.rs", "one\ntwo\nthree\n")]);
    let second = commit(&git, 100, "Index without looking", &[("a.rs", "one\nlist[at]\nthree\n")]);
    let third = commit(&git, 200, "Unrelated", &[("b.rs", "else\n")]);
    let repository = Repository::open(folder.path()).unwrap();
    let place = |line, text: Option<&str>| BlamedPlace {
        file: "a.rs".to_owned(),
        line,
        text: text.map(str::to_owned),
    };
    let found = repository.suspects(&third, &[place(2, Some("list[at]")), place(3, None)]).unwrap();
    let said: Vec<&str> = found.iter().map(|one| one.commit.as_str()).collect();
    assert_eq!(said, [second.as_str(), first.as_str()]);
    assert_eq!(found[0].subject, "Index without looking");
    assert_eq!(
        found[0].why,
        "It last changed line 2 of a.rs. It added or removed the failing text in a.rs."
    );

    // A year later neither is young enough.
    let late = commit(&git, 700, "Much later", &[("b.rs", "more\n")]);
    assert_eq!(repository.suspects(&late, &[place(2, Some("list[at]"))]).unwrap(), []);
    assert!(repository.suspects(&late, &[place(99, None)]).unwrap().is_empty());
    assert!(repository.suspects("nonsense", &[]).is_err());
}
