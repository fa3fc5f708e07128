//! Which commit a release was built from.

use git2::{Oid, Repository};

/// The shortest abbreviation of a SHA that is believed to be one.
const SHA_MIN_DIGITS: usize = 7;

/// A full SHA-1, and a full SHA-256.
const SHA_FULL_DIGITS: [usize; 2] = [40, 64];

/// How much of a release's name is repeated in a note, in characters.
const NOTE_RELEASE_MAX_CHARS: usize = 100;

/// The longest release name that is looked at, in bytes. Sentry's own limit is 250.
const RELEASE_MAX_BYTES: usize = 1000;

/// The commit of `release`, and why it is not the release's own if it is not.
pub(super) fn commit_of(
    git: &Repository,
    release: Option<&str>,
    head: Oid,
) -> (Oid, Option<String>) {
    let release = release.map(str::trim).filter(|text| !text.is_empty());
    let Some(release) = release else {
        return (head, Some("The event names no release, so the code of HEAD was read.".into()));
    };
    let shown: String = release.chars().take(NOTE_RELEASE_MAX_CHARS).collect();
    if release.len() > RELEASE_MAX_BYTES {
        let note = format!("The release `{shown}…` is too long for a name; HEAD was read.");
        return (head, Some(note));
    }
    let shas = sha_candidates(release);
    if let Some(commit) = shas.iter().find_map(|sha| commit_by_sha(git, sha)) {
        return (commit, None);
    }
    let missing = shas.into_iter().find(|sha| looks_like_a_sha(sha));
    let tag =
        tag_candidates(release).into_iter().find_map(|tag| Some((commit_by_tag(git, &tag)?, tag)));
    match (tag, missing) {
        (Some((commit, _)), None) => (commit, None),
        (Some((commit, tag)), Some(sha)) => (
            commit,
            Some(format!(
                "Commit {sha} of release `{shown}` is not in this repository; the tag {tag} was read instead."
            )),
        ),
        (None, Some(sha)) => (
            head,
            Some(format!(
                "Commit {sha} of release `{shown}` is not in this repository (fetch it?); HEAD was read instead."
            )),
        ),
        (None, None) => (
            head,
            Some(format!(
                "The release `{shown}` names no commit and no tag of this repository; HEAD was read instead."
            )),
        ),
    }
}

/// The parts of a release's name that could be a SHA, longest first.
fn sha_candidates(release: &str) -> Vec<&str> {
    let mut found: Vec<&str> = release
        .split(|c: char| !c.is_ascii_alphanumeric())
        // `git describe` puts a g before the SHA.
        .map(|part| match part.strip_prefix('g') {
            Some(rest) if is_hex(rest) => rest,
            _ => part,
        })
        .filter(|part| is_hex(part))
        .collect();
    found.sort_by_key(|part| std::cmp::Reverse(part.len()));
    found
}

fn is_hex(part: &str) -> bool {
    (SHA_MIN_DIGITS..=SHA_FULL_DIGITS[1]).contains(&part.len())
        && part.bytes().all(|b| b.is_ascii_hexdigit())
}

/// Whether a hexadecimal word that names no commit was surely meant as one: a date or a word such as
/// `defaced` was not.
fn looks_like_a_sha(part: &str) -> bool {
    SHA_FULL_DIGITS.contains(&part.len())
        || (part.bytes().any(|b| b.is_ascii_digit())
            && part.bytes().any(|b| b.is_ascii_alphabetic()))
}

fn commit_by_sha(git: &Repository, sha: &str) -> Option<Oid> {
    git.find_commit_by_prefix(&sha.to_ascii_lowercase()).ok().map(|commit| commit.id())
}

/// The names that a release's tag may have, most telling first.
fn tag_candidates(release: &str) -> Vec<String> {
    let (name, version) = match release.rsplit_once('@') {
        Some((name, version)) => (Some(name), version),
        None => (None, release),
    };
    let mut versions = vec![version];
    if let Some((plain, _build)) = version.split_once('+') {
        versions.push(plain);
    }
    let mut tags = vec![release.to_owned()];
    for version in versions {
        tags.push(version.to_owned());
        tags.push(format!("v{version}"));
        if let Some(name) = name {
            for separator in ["-", "@", "/", "_"] {
                tags.push(format!("{name}{separator}{version}"));
                tags.push(format!("{name}{separator}v{version}"));
            }
        }
    }
    tags
}

fn commit_by_tag(git: &Repository, tag: &str) -> Option<Oid> {
    let name = format!("refs/tags/{tag}");
    if !git2::Reference::is_valid_name(&name) {
        return None;
    }
    git.find_reference(&name).ok()?.peel_to_commit().ok().map(|commit| commit.id())
}
