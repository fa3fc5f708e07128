//! Whether what a claim points at exists, at the commit that was read.

use std::sync::LazyLock;

use regex::Regex;

use crate::domain::analysis::Evidence;
use crate::domain::execution::StruckOut;
use crate::source::Sources;
use crate::source::rust::file::line_of;

/// Stands where a sentence named a file that does not exist.
const STRUCK: &str = "(struck out)";

/// Characters of a claim that are kept to show what was struck out.
const MAX_CLAIM_CHARS: usize = 300;

/// Something in a sentence that is meant as a source file, with a line perhaps.
static MENTION: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let endings = "rs|py|pyi|js|jsx|mjs|cjs|ts|tsx|java|kt|go|rb|php|cs|c|h|cpp|hpp|toml|yaml|yml|json|sql|html|css|sh";
    Regex::new(&format!(r"[A-Za-z0-9_./\\-]*[A-Za-z0-9_-]\.(?:{endings})\b(?::(\d{{1,7}}))?")).ok()
});

/// A line that is claimed to stand somewhere, checked: with the line number that it really has.
pub(super) fn evidence(claimed: &Evidence, sources: &dyn Sources) -> Result<Evidence, StruckOut> {
    let struck = |why: String| {
        let claim =
            format!("{}:{} `{}`: {}", claimed.file, claimed.line, claimed.quote, claimed.why);
        StruckOut { claim: shortened(&claim), why }
    };
    let path = claimed.file.trim_start_matches("./");
    let Some(text) = sources.read(path) else {
        return Err(struck(format!("there is no file {path} at this commit")));
    };
    let wanted = claimed.quote.trim();
    let here = line_of(&text, claimed.line).unwrap_or_default();
    let found = |line: u32, quote: &str| Evidence {
        file: path.to_owned(),
        line,
        quote: quote.to_owned(),
        why: claimed.why.clone(),
    };
    if wanted.is_empty() {
        return Err(struck("it quotes nothing".to_owned()));
    }
    if here.trim() == wanted {
        return Ok(found(claimed.line, here));
    }
    // Models count badly; a line that stands there only once is surely the one.
    let mut same = (1_u32..).zip(text.lines()).filter(|(_, line)| line.trim() == wanted);
    match (same.next(), same.next()) {
        (Some((line, quote)), None) => Ok(found(line, quote)),
        (Some(_), Some(_)) => Err(struck(format!(
            "line {} of {path} does not say this; several others do",
            claimed.line
        ))),
        _ => Err(struck(format!("{path} has no such line"))),
    }
}

/// Sentences of which those that name files or lines that do not exist are left out.
pub(super) fn sentences(
    given: Vec<String>,
    sources: &dyn Sources,
    struck: &mut Vec<StruckOut>,
) -> Vec<String> {
    let mut kept = Vec::new();
    for sentence in given {
        match missing_in(&sentence, sources).into_iter().next() {
            Some((mention, why)) => struck
                .push(StruckOut { claim: shortened(&sentence), why: format!("{mention}: {why}") }),
            None => kept.push(sentence),
        }
    }
    kept
}

/// A sentence that cannot be left out, with what does not exist struck out of it.
pub(super) fn sentence(given: &str, sources: &dyn Sources, struck: &mut Vec<StruckOut>) -> String {
    let mut text = given.to_owned();
    for (mention, why) in missing_in(given, sources) {
        text = text.replace(&mention, STRUCK);
        struck.push(StruckOut { claim: mention, why });
    }
    text
}

/// What a sentence names and the repository does not have.
fn missing_in(sentence: &str, sources: &dyn Sources) -> Vec<(String, String)> {
    let (Some(mentions), false) = (MENTION.as_ref(), sources.paths().is_empty()) else {
        return Vec::new();
    };
    let mut missing = Vec::new();
    for hit in mentions.captures_iter(sentence) {
        let (Some(whole), line) = (hit.get(0), hit.get(1)) else { continue };
        let path = whole.as_str().split(':').next().unwrap_or_default().trim_start_matches("./");
        // A name alone stands for a file anywhere.
        let ends = |known: &&String| {
            known.as_str() == path
                || known.strip_suffix(path).is_some_and(|rest| rest.ends_with('/'))
        };
        let Some(known) = sources.paths().iter().find(ends) else {
            missing.push((
                whole.as_str().to_owned(),
                "there is no such file at this commit".to_owned(),
            ));
            continue;
        };
        let line: Option<u32> = line.and_then(|line| line.as_str().parse().ok());
        if let Some(line) = line
            && sources.read(known).is_some_and(|text| line_of(&text, line).is_none())
        {
            missing.push((whole.as_str().to_owned(), format!("{known} has no line {line}")));
        }
    }
    missing
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(MAX_CLAIM_CHARS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
