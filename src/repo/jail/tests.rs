use super::*;
use std::os::unix::fs::{PermissionsExt, symlink};

fn jail_with(files: &[(&str, &str)]) -> (tempfile::TempDir, Jail) {
    let dir = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let full = dir.path().join(path);
        std::fs::create_dir_all(full.parent().unwrap()).unwrap();
        std::fs::write(full, text).unwrap();
    }
    let jail = Jail::open(dir.path()).unwrap();
    (dir, jail)
}

fn read(jail: &Jail, path: &str) -> Result<FileSnapshot, JailError> {
    jail.read(&JailedPath::parse(path)?)
}

#[test]
fn odd_paths_are_refused() {
    for bad in [
        "",
        "/etc/passwd",
        "..",
        "../x",
        "a/../b",
        "a/./b",
        "./a",
        "a//b",
        "a/",
        "a\0b",
        "a\\b",
        ".git/config",
        "a/.GIT/hooks/x",
        ".Git",
        "GIT~1/config",
    ] {
        assert!(
            matches!(JailedPath::parse(bad), Err(JailError::Path { .. })),
            "{bad:?} was let through"
        );
    }
    let long = "a/".repeat(4000) + "b";
    assert!(JailedPath::parse(&long).is_err());
    for good in ["a", "src/lib.rs", ".github/x", ".gitignore", "a b/ü.rs", "..a/b.."] {
        assert!(JailedPath::parse(good).is_ok(), "{good:?} was refused");
    }
}

#[test]
fn links_are_refused_as_file_and_as_parent() {
    let (dir, jail) = jail_with(&[("real/a.rs", "x")]);
    symlink(dir.path().join("real/a.rs"), dir.path().join("real/link.rs")).unwrap();
    symlink(dir.path().join("real"), dir.path().join("linked")).unwrap();
    symlink("/", dir.path().join("real/up")).unwrap();
    assert!(matches!(read(&jail, "real/link.rs"), Err(JailError::Symlink { .. })));
    assert!(matches!(read(&jail, "linked/a.rs"), Err(JailError::Symlink { .. })));
    assert!(matches!(read(&jail, "real/up/etc/passwd"), Err(JailError::Symlink { .. })));
    assert_eq!(read(&jail, "real/a.rs").unwrap().bytes, b"x");
}

#[test]
fn the_walk_for_old_kernels_refuses_the_same() {
    let (dir, jail) = jail_with(&[("real/deep/a.rs", "x")]);
    symlink(dir.path().join("real"), dir.path().join("linked")).unwrap();
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC | OFlags::NOFOLLOW;
    assert_eq!(jail.walk_to_folder("linked/deep", flags).unwrap_err(), Errno::LOOP);
    assert_eq!(jail.walk_to_folder("real/a", flags).unwrap_err(), Errno::NOENT);
    assert!(jail.walk_to_folder("real/deep", flags).is_ok());
}

#[test]
fn what_is_not_a_plain_file_is_refused() {
    let (dir, jail) = jail_with(&[("a.rs", "x"), ("sub/b.rs", "y")]);
    std::fs::hard_link(dir.path().join("a.rs"), dir.path().join("c.rs")).unwrap();
    assert!(matches!(read(&jail, "a.rs"), Err(JailError::HardLinked { links: 2, .. })));
    assert!(matches!(read(&jail, "sub"), Err(JailError::NotAFile { .. })));
    assert!(matches!(read(&jail, "sub/b.rs/x"), Err(JailError::NotAFile { .. })));
    assert!(matches!(read(&jail, "none.rs"), Err(JailError::Missing { .. })));
    rustix::fs::mknodat(CWD, dir.path().join("pipe"), FileType::Fifo, Mode::RUSR | Mode::WUSR, 0)
        .unwrap();
    assert!(matches!(read(&jail, "pipe"), Err(JailError::NotAFile { .. })));
    let big = std::fs::File::create(dir.path().join("big")).unwrap();
    big.set_len(MAX_FILE_BYTES + 1).unwrap();
    assert!(matches!(read(&jail, "big"), Err(JailError::TooLarge { .. })));
}

#[test]
fn a_snapshot_has_bytes_and_mode() {
    let (dir, jail) = jail_with(&[("run.sh", "x\r\n")]);
    let permissions = std::fs::Permissions::from_mode(0o751);
    std::fs::set_permissions(dir.path().join("run.sh"), permissions).unwrap();
    let snapshot = read(&jail, "run.sh").unwrap();
    assert_eq!(snapshot.mode, 0o751);
    assert_eq!(snapshot.hash, ContentHash::of(b"x\r\n"));
}

#[test]
fn a_parent_swapped_for_a_link_redirects_nothing() {
    let (dir, jail) = jail_with(&[("sub/a.rs", "inside"), ("elsewhere/a.rs", "outside")]);
    let held = jail.hold(&JailedPath::parse("sub/a.rs").unwrap()).unwrap();
    std::fs::rename(dir.path().join("sub"), dir.path().join("moved")).unwrap();
    symlink(dir.path().join("elsewhere"), dir.path().join("sub")).unwrap();
    assert_eq!(held.read().unwrap().bytes, b"inside");
    assert!(matches!(jail.still_leads_to(&held), Err(JailError::Symlink { .. })));
    std::fs::remove_file(dir.path().join("sub")).unwrap();
    std::fs::create_dir(dir.path().join("sub")).unwrap();
    assert!(matches!(jail.still_leads_to(&held), Err(JailError::FolderMoved { .. })));
}
