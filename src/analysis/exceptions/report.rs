//! The root cause in sentences, with its evidence and ranked candidates.

use super::findings::{Code, Findings};
use super::ranking;
use super::sites::{Site, Sites};
use super::subject::Subject;
use super::values;
use crate::analysis::evidence::{EvidenceList, capitalised};
use crate::domain::analysis::RootCause;
use crate::domain::frames::{Origin as FrameOrigin, Reading};
use crate::source::script::flow::{BindingKind, Origin};
use crate::source::script::library::Library;
use crate::source::script::uses::uses;

/// Callers given as evidence.
const MAX_CALLERS: usize = 2;

/// Bytes of code quoted within a sentence.
const MAX_QUOTED_BYTES: usize = 80;

/// Puts all findings into one answer.
pub(super) fn root_cause(
    subject: &Subject,
    sites: &Sites,
    findings: &Findings,
    library: &Library<'_>,
) -> RootCause {
    let sources = library.sources();
    let Some(site) = &findings.site else { return without_source(subject, sites) };
    let code = findings.code.as_deref();
    let mut notes = subject.notes.clone();
    notes.extend(sources.revision().note.clone());
    notes.extend(sites.notes.iter().cloned());
    notes.extend(findings.notes.iter().cloned());
    if let Some(code) = code
        && code.choices > 1
        && code.failing.as_ref().is_some_and(|failing| !failing.exact)
    {
        notes.push(format!(
            "Line {} has {} expressions that can fail in this way, and nothing says which; the first is shown.",
            site.line, code.choices
        ));
    }
    let name = code.and_then(Code::name).map(str::to_owned).or_else(|| site.function.clone());
    let mut evidence = EvidenceList::new(sources);
    collect(&mut evidence, subject, site, code, sites);
    RootCause {
        summary: summary(subject, site, code, name.as_deref()),
        file: Some(site.path.clone()),
        line: Some(site.line),
        function: name,
        class: subject.class.word.to_owned(),
        confidence: None,
        confidence_cases: None,
        evidence: evidence.into_list(),
        candidates: ranking::candidates(subject, findings, sites, library),
        suspects: Vec::new(),
        notes,
        opinion: None,
    }
}

/// The answer when no source of any frame could be read.
fn without_source(subject: &Subject, sites: &Sites) -> RootCause {
    let reading = Reading::of(&subject.platform, &subject.frames);
    let own = subject.frames.iter().find(|frame| reading.origin(frame) == FrameOrigin::App);
    let place = own.map(|frame| {
        let function = frame.function.as_deref().unwrap_or("code outside of functions");
        let line = frame.lineno.map(|line| format!(" line {line}")).unwrap_or_default();
        let path = frame.path().or(frame.module.as_deref()).unwrap_or("an unknown file");
        format!(" in {}, {}{line}", cut(function), cut(path))
    });
    let mut notes = subject.notes.clone();
    notes.extend(sites.notes.iter().cloned());
    notes.push(match subject.frames.is_empty() {
        true => "The event has no frames.".to_owned(),
        false => "None of the frames leads to a file that can be read here.".to_owned(),
    });
    let what = capitalised(&subject.class.what);
    let summary = match &place {
        Some(place) => format!("{what}{place}. {}", subject.class.why),
        None => format!(
            "No root cause in the code, because no frame of the application's own is known. {what}. {}",
            subject.class.why
        ),
    };
    RootCause {
        summary,
        file: None,
        line: None,
        function: own.and_then(|frame| frame.function.clone()),
        class: subject.class.word.to_owned(),
        confidence: None,
        confidence_cases: None,
        evidence: Vec::new(),
        candidates: Vec::new(),
        suspects: Vec::new(),
        notes,
        opinion: None,
    }
}

fn summary(subject: &Subject, site: &Site, code: Option<&Code>, name: Option<&str>) -> String {
    let class = &subject.class;
    let place = match name {
        Some(name) => format!(" (in {name}, {} line {})", site.path, site.line),
        None => format!(" ({} line {})", site.path, site.line),
    };
    let expression = code
        .and_then(Code::failing_text)
        .filter(|text| !text.is_empty())
        .map(|text| format!(", at {}", quoted_code(text)))
        .unwrap_or_default();
    let mut sentences = vec![format!("{}{expression}{place}.", capitalised(&class.what))];
    if let Some(code) = code {
        let told = values::told(site, code);
        if !told.is_empty() {
            sentences.push(format!("When it failed, {}.", told.join(", ")));
        }
        let direct = code.origins.iter().filter(|origin| origin.distance == 0).take(2);
        sentences.extend(direct.map(|origin| origin_sentence(code, origin)));
        let own = code.uses.own.first().filter(|_| code.origins.is_empty());
        if let Some(own) = own {
            sentences
                .push(format!("It reads `{own}` of its own object, which other functions set."));
        }
        if let Some(guard) = deciding_guard(code) {
            let raises = code.failing.as_ref().is_some_and(|failing| failing.raises);
            let line = code.file.line_at(guard.start);
            let text = quoted_code(code.file.slice(guard));
            sentences.push(match raises {
                true => format!("The condition {text} in line {line} led there."),
                false => format!("The condition {text} in line {line} looks at these values, and did not prevent it."),
            });
        }
    }
    sentences.push(class.why.to_owned());
    if class.upstream {
        sentences.push("It is detected here; the cause may be upstream.".to_owned());
    }
    sentences.join(" ")
}

/// The last condition on the way that looks at the values.
fn deciding_guard(code: &Code) -> Option<std::ops::Range<usize>> {
    let raises = code.failing.as_ref().is_some_and(|failing| failing.raises);
    let shares = |range: &std::ops::Range<usize>| {
        let of_guard = uses(&code.file, range);
        of_guard.names.iter().any(|name| code.uses.names.contains(name))
            || of_guard.own.iter().any(|name| code.uses.own.contains(name))
    };
    let mut guards = code.guards.iter().rev();
    let found = guards.find(|guard| if raises { guard.encloses } else { shares(&guard.range) })?;
    Some(found.range.clone())
}

fn origin_sentence(code: &Code, origin: &Origin) -> String {
    let binding = &origin.binding;
    let line = code.file.line_at(binding.at);
    let value = binding.value.as_ref().map(|value| quoted_code(code.file.slice(value.clone())));
    let name = &binding.name;
    match (binding.kind, value) {
        (BindingKind::Parameter, Some(value)) => {
            format!("`{name}` is a parameter (line {line}) which is {value} if nothing is given.")
        }
        (BindingKind::Parameter, None) => format!("`{name}` is a parameter (line {line})."),
        (BindingKind::Loop, Some(value)) => format!("`{name}` runs over {value} (line {line})."),
        (BindingKind::Changed, Some(value)) => {
            format!("`{name}` is changed in line {line} with {value}.")
        }
        (_, Some(value)) => format!("`{name}` comes from {value} (line {line})."),
        (_, None) => format!("`{name}` is declared in line {line}."),
    }
}

fn collect(
    evidence: &mut EvidenceList<'_>,
    subject: &Subject,
    site: &Site,
    code: Option<&Code>,
    sites: &Sites,
) {
    evidence.add(&site.path, site.line, format!("Here it failed: {}.", subject.class.what));
    let mut reaches_caller = code.is_none();
    if let Some(code) = code {
        for origin in &code.origins {
            reaches_caller |= origin.binding.kind == BindingKind::Parameter;
            let line = code.file.line_at(origin.binding.at);
            evidence.add(&site.path, line, origin_sentence(code, origin));
        }
        if let Some(guard) = deciding_guard(code) {
            let line = code.file.line_at(guard.start);
            evidence.add(&site.path, line, "This condition is on the way.".to_owned());
        }
        for callee in code.callees.iter().take(3) {
            let why = format!("What {} returns went into the value.", callee.name());
            evidence.add(&callee.found.path, callee.line, why);
        }
    }
    if reaches_caller || subject.class.upstream {
        let callers = sites.list.iter().skip(1);
        for caller in callers.filter(|caller| caller.line_exists).take(MAX_CALLERS) {
            let why = "The call that led here, with these arguments.".to_owned();
            evidence.add(&caller.path, caller.line, why);
        }
    }
}

/// Code within a sentence: on one line, and short.
fn quoted_code(code: &str) -> String {
    let line = code.split_whitespace().collect::<Vec<_>>().join(" ");
    let short = &line[..line.floor_char_boundary(MAX_QUOTED_BYTES)];
    let dots = if short.len() < line.len() { "…" } else { "" };
    match short.contains('`') {
        true => format!("“{short}{dots}”"),
        false => format!("`{short}{dots}`"),
    }
}

fn cut(text: &str) -> &str {
    &text[..text.floor_char_boundary(200)]
}
