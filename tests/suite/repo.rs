//! Repositories: opening them, the code of a release, the working tree.
#![allow(clippy::unwrap_used, reason = "tests; clippy knows only functions marked as such")]

use andon::domain::fixed_text::FixedText;
use andon::domain::patch::{FileChange, Patch};
use andon::repo::{FixAsked, RepoError, Repository};
use andon::source::Sources;

use crate::support_repo::TestRepo;

#[test]
fn opening_says_what_is_wrong_and_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let error = Repository::open(folder.path().join("missing")).unwrap_err();
    assert!(matches!(error, RepoError::NotADirectory { .. }), "{error}");

    let error = Repository::open(folder.path()).unwrap_err();
    assert!(matches!(error, RepoError::NotARepository { .. }), "{error}");
    assert!(error.to_string().contains("git init"), "{error}");

    git2::Repository::init_bare(folder.path().join("bare")).unwrap();
    let error = Repository::open(folder.path().join("bare")).unwrap_err();
    assert!(matches!(error, RepoError::Bare { .. }), "{error}");

    let empty = TestRepo::empty();
    let repository = Repository::open(empty.root()).unwrap();
    assert!(matches!(repository.head(), Err(RepoError::NoCommits { .. })));
    assert!(matches!(repository.sources_for_release(None), Err(RepoError::NoCommits { .. })));
}

#[test]
fn a_folder_inside_leads_to_the_top_and_links_are_resolved() {
    let repo = TestRepo::with(&[("src/deep/a.rs", "fn a() {}\n")]);
    let link = repo.root().join("link");
    std::os::unix::fs::symlink(repo.root().join("src"), &link).unwrap();
    let top = repo.root().canonicalize().unwrap();
    assert_eq!(Repository::open(repo.root().join("src/deep")).unwrap().root(), top);
    assert_eq!(Repository::open(link.join("deep")).unwrap().root(), top);
}

#[test]
fn a_release_leads_to_its_commit() {
    let repo = TestRepo::with(&[("a.txt", "one\n")]);
    let first = Repository::open(repo.root()).unwrap().head().unwrap();
    repo.tag("v1.2.3");
    repo.write("a.txt", "two\n");
    let second = repo.commit("second");
    repo.tag("shop-2.0.0");
    repo.write("a.txt", "three\n");
    let head = repo.commit("third");
    let repository = Repository::open(repo.root()).unwrap();

    let read = |release: Option<&str>| {
        let sources = repository.sources_for_release(release).unwrap();
        let text = sources.read("a.txt").unwrap().to_string();
        (sources.revision().commit.clone().unwrap(), text, sources.revision().note.clone())
    };
    for release in [
        first.clone(),
        first.to_uppercase(),
        format!("shop@{first}"),
        format!("shop@{}", &first[..7]),
        format!("shop@9.9.9+{}", &first[..12]),
        format!("v9.9.9-3-g{}", &first[..10]),
        "1.2.3".into(),
        "v1.2.3".into(),
        "shop@1.2.3".into(),
        "shop@v1.2.3".into(),
        "shop@1.2.3+build.7".into(),
    ] {
        assert_eq!(read(Some(&release)), (first.clone(), "one\n".into(), None), "{release}");
    }
    assert_eq!(read(Some("shop@2.0.0")), (second, "two\n".into(), None));

    let absent = "0123456789abcdef0123456789abcdef01234567";
    for (release, word) in [
        (None, "no release"),
        (Some("  "), "no release"),
        (Some("shop@7.7.7"), "shop@7.7.7"),
        (Some("20240115"), "20240115"),
        (Some("../../etc/passwd"), "names no commit"),
        (Some("bad..ref~^:name\u{0}\u{1}"), "names no commit"),
        (Some(absent), "not in this repository"),
        (Some("shop@abc1234"), "not in this repository"),
    ] {
        let (commit, text, note) = read(release);
        assert_eq!((commit, text.as_str()), (head.clone(), "three\n"), "{release:?}");
        assert!(note.as_deref().is_some_and(|note| note.contains(word)), "{release:?}: {note:?}");
    }
    // The SHA is unknown, but the tag is there: nearer than HEAD, and said.
    let (commit, _, note) = read(Some("shop@1.2.3+abc1234"));
    assert_eq!(commit, first);
    assert!(note.unwrap().contains("abc1234"));
    let long = "x".repeat(100_000);
    assert!(read(Some(&long)).2.unwrap().len() < 300);
}

#[test]
fn a_commit_has_files_and_neither_links_nor_submodules_nor_binaries_as_text() {
    let repo = TestRepo::with(&[("src/a.rs", "fn a() {}\n"), ("b.rs", "fn b() {}\n")]);
    std::os::unix::fs::symlink("/etc/passwd", repo.root().join("link.rs")).unwrap();
    std::fs::write(repo.root().join("binary.rs"), b"\xff\xfe\x00").unwrap();
    std::fs::write(repo.root().join("huge.rs"), vec![b' '; 3 * 1024 * 1024]).unwrap();
    repo.commit("odd ones");
    let sources = Repository::open(repo.root()).unwrap().sources_for_release(None).unwrap();
    assert_eq!(sources.paths(), ["b.rs", "binary.rs", "huge.rs", "src/a.rs"]);
    assert_eq!(sources.read("src/a.rs").as_deref(), Some("fn a() {}\n"));
    for path in ["link.rs", "binary.rs", "huge.rs", "../b.rs", "/etc/passwd", "src", "src/", ""] {
        assert_eq!(sources.read(path), None, "{path}");
    }
}

#[test]
fn the_working_tree_has_tracked_and_new_files_but_nothing_ignored_or_linked() {
    let repo = TestRepo::with(&[
        (".gitignore", "ignored/\n*.log\n"),
        ("src/a.rs", "committed\n"),
        ("gone.rs", "x\n"),
        ("folder/inner.rs", "inside\n"),
    ]);
    repo.write("src/a.rs", "edited\n");
    repo.write("new/b.rs", "untracked\n");
    repo.write("ignored/c.rs", "no\n");
    repo.write("x.log", "no\n");
    std::fs::remove_file(repo.root().join("gone.rs")).unwrap();
    // A tracked file whose folder is now a link to somewhere else.
    let outside = tempfile::tempdir().unwrap();
    std::fs::write(outside.path().join("inner.rs"), "outside\n").unwrap();
    std::fs::remove_dir_all(repo.root().join("folder")).unwrap();
    std::os::unix::fs::symlink(outside.path(), repo.root().join("folder")).unwrap();
    std::os::unix::fs::symlink("src/a.rs", repo.root().join("link.rs")).unwrap();

    let repository = Repository::open(repo.root()).unwrap();
    let sources = repository.working_sources().unwrap();
    assert_eq!(sources.paths(), [".gitignore", "new/b.rs", "src/a.rs"]);
    assert_eq!(sources.read("src/a.rs").as_deref(), Some("edited\n"));
    assert_eq!(sources.read("folder/inner.rs"), None);
    assert!(sources.revision().note.is_some());
    assert!(repository.open_file("folder/inner.rs").is_err());
    assert!(repository.open_file("../etc/passwd").is_err());
    assert!(repository.open_file("/etc/passwd").is_err());
}

#[test]
fn clean_means_the_bytes_of_head() {
    let repo = TestRepo::with(&[("a.rs", "one\n"), ("b.rs", "two\n")]);
    repo.write("b.rs", "owt\n");
    repo.write("c.rs", "three\n");
    let repository = Repository::open(repo.root()).unwrap();
    assert!(repository.is_clean("a.rs").unwrap());
    assert!(!repository.is_clean("b.rs").unwrap());
    assert!(!repository.is_clean("c.rs").unwrap());
    repo.git().index().unwrap().add_path(std::path::Path::new("b.rs")).unwrap();
    assert!(!repository.is_clean("b.rs").unwrap());
}

#[test]
fn a_fix_is_found_among_the_commits_by_its_message_its_lines_or_the_lines_it_was_for() {
    let fault = "fn a() {\n    list[0]\n}\n\nfn b() {\n    rows[0]\n}\n";
    let fixed = |from: &str, to: &str| {
        let files = vec![FileChange {
            path: "a.rs".into(),
            before: fault.into(),
            after: fault.replace(from, to),
        }];
        FixedText::of(&Patch { files })
    };
    let repo = TestRepo::with(&[("a.rs", fault)]);
    repo.tag("v1");
    let text = fault.replace("list[0]", "list.get(0)?");
    repo.write("a.rs", &text);
    let as_proposed = repo.commit("look before");
    repo.write("a.rs", &text.replace("rows[0]", "rows.pop()"));
    let otherwise = repo.commit("another way; see andon#70");
    repo.write("b.rs", "");
    let named = repo.commit("Fixes ANDON#7");
    repo.tag("v2");
    let repository = Repository::open(repo.root()).unwrap();
    let ask = |names: &[&str], fixed: FixedText| FixAsked {
        since: 0,
        names: names.iter().map(|name| (*name).to_owned()).collect(),
        fixed,
    };
    let list = fixed("list[0]", "list.get(0)?");
    let asked = [
        ask(&[], list.clone()),
        ask(&[], fixed("rows[0]", "rows.get(0)?")),
        ask(&["andon#7"], list.clone()),
        ask(&["andon#8"], FixedText::default()),
        FixAsked { since: i64::MAX, ..ask(&["andon#7"], list.clone()) },
    ];
    let found = repository.fix_commits(&asked).unwrap();
    let said: Vec<_> = found.iter().map(|one| one.as_ref().map(|f| (&*f.commit, f.why))).collect();
    let expected = [
        Some((&*as_proposed, "it brought the lines of the fix")),
        Some((&*otherwise, "it changed the lines that the fix was for")),
        Some((&*named, "its message names the issue")),
        None,
        None,
    ];
    assert_eq!(said, expected);

    let commit = |tag: &str| repository.release_commit(tag).unwrap();
    let (before, after) = (commit("shop@1").unwrap(), commit("v2").unwrap());
    assert_eq!(commit("v3"), None, "a release that is not known is not taken for HEAD");
    assert_eq!(repository.has_commit(&after, &as_proposed).unwrap(), Some(true));
    assert_eq!(repository.has_commit(&before, &as_proposed).unwrap(), Some(false));
    assert_eq!(repository.has_commit(&before, "0123456789").unwrap(), None);
    assert!(repository.commit_has_text(&after, &list).unwrap());
    assert!(!repository.commit_has_text(&before, &list).unwrap());
}
