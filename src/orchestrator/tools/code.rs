//! Reading the code.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Reach, Tool, arguments, schema};

/// Lines given at once.
const MAX_LINES: u32 = 300;
/// Entries of a listing.
const MAX_ENTRIES: usize = 200;
/// Hits of a search.
const MAX_HITS: usize = 60;
/// Files that a search reads.
const MAX_FILES_SEARCHED: usize = 5_000;
/// Bytes of a search's text.
const MAX_NEEDLE_BYTES: usize = 200;
/// Bytes of a line that are shown.
const MAX_LINE_BYTES: usize = 400;

pub(super) const READ_FILE: Tool = Tool {
    name: "read_file",
    description: "Read lines of a file of the repository, numbered. Paths are below the repository's root.",
    arguments: || {
        schema(
            &json!({
                "path": { "type": "string" },
                "from": { "type": "integer", "minimum": 1, "description": "First line; 1 if not given" },
                "to": { "type": "integer", "minimum": 1, "description": "Last line; at most 300 lines are given" },
            }),
            &["path"],
        )
    },
    run: read_file,
};

pub(super) const LIST: Tool = Tool {
    name: "list",
    description: "List the files and folders directly below a folder of the repository.",
    arguments: || {
        schema(
            &json!({ "folder": { "type": "string", "description": "The root if empty" } }),
            &["folder"],
        )
    },
    run: list,
};

pub(super) const SEARCH: Tool = Tool {
    name: "search",
    description: "Find a text (not a pattern) in the repository's files: path, line number and line of each hit.",
    arguments: || {
        schema(
            &json!({
                "text": { "type": "string" },
                "below": { "type": "string", "description": "Only in paths that begin with this" },
            }),
            &["text"],
        )
    },
    run: search,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReadFile {
    path: String,
    from: Option<u32>,
    to: Option<u32>,
}

fn read_file(reach: &Reach, given: Value) -> Result<String, String> {
    let ReadFile { path, from, to } = arguments(given)?;
    let path = plain(&path);
    // Only what is listed can be read: there is no way out by `..` or by a link.
    let Some(text) = reach.sources.read(path) else {
        return Err(missing(reach, path));
    };
    let from = from.unwrap_or(1).max(1);
    let to = to.unwrap_or(u32::MAX).min(from.saturating_add(MAX_LINES - 1));
    let all = text.lines().count();
    if from as usize > all {
        return Err(format!("{path} has {all} lines"));
    }
    let mut out = String::new();
    for (number, line) in (1_u32..).zip(text.lines()).skip(from as usize - 1) {
        if number > to {
            break;
        }
        out.push_str(&format!("{number}: {}\n", short(line)));
    }
    if (to as usize) < all {
        out.push_str(&format!("(lines {from} to {to} of {all})\n"));
    }
    Ok(out)
}

fn missing(reach: &Reach, path: &str) -> String {
    let name = path.rsplit('/').next().unwrap_or(path);
    let same: Vec<&str> = reach
        .sources
        .paths()
        .iter()
        .filter(|known| known.rsplit('/').next() == Some(name))
        .take(5)
        .map(String::as_str)
        .collect();
    match same.as_slice() {
        [] => format!("there is no file {path} that can be read as text"),
        some => format!("there is no file {path}; there is {}", some.join(", ")),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    folder: String,
}

fn list(reach: &Reach, given: Value) -> Result<String, String> {
    let List { folder } = arguments(given)?;
    let folder = plain(&folder).trim_end_matches('/');
    let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
    let mut entries: Vec<&str> = Vec::new();
    for path in reach.sources.paths().iter().filter_map(|path| path.strip_prefix(&prefix)) {
        let entry = path.find('/').map_or(path, |slash| &path[..=slash]);
        if !entries.contains(&entry) {
            entries.push(entry);
            if entries.len() > MAX_ENTRIES {
                return Err(format!("{folder} has more than {MAX_ENTRIES} entries; use search"));
            }
        }
    }
    if entries.is_empty() {
        Err(format!("there is no folder {folder}"))
    } else {
        Ok(entries.join("\n"))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Search {
    text: String,
    below: Option<String>,
}

fn search(reach: &Reach, given: Value) -> Result<String, String> {
    let Search { text: needle, below } = arguments(given)?;
    if needle.trim().is_empty() || needle.len() > MAX_NEEDLE_BYTES {
        return Err(format!("the text must have 1 to {MAX_NEEDLE_BYTES} bytes"));
    }
    let below = below.as_deref().map(plain).unwrap_or_default();
    let mut hits = Vec::new();
    let paths = reach.sources.paths().iter().filter(|path| path.starts_with(below));
    for path in paths.take(MAX_FILES_SEARCHED) {
        let Some(text) = reach.sources.read(path) else { continue };
        if !text.contains(&needle) {
            continue;
        }
        for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| line.contains(&needle)) {
            if hits.len() == MAX_HITS {
                hits.push(format!("(more than {MAX_HITS} hits: narrow it)"));
                return Ok(hits.join("\n"));
            }
            hits.push(format!("{path}:{number}: {}", short(line.trim())));
        }
    }
    if hits.is_empty() { Ok("no hits".to_owned()) } else { Ok(hits.join("\n")) }
}

/// A path as the repository lists it.
fn plain(path: &str) -> &str {
    path.trim().trim_start_matches("./").trim_start_matches('/')
}

fn short(line: &str) -> &str {
    &line[..line.floor_char_boundary(MAX_LINE_BYTES)]
}
