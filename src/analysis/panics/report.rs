//! The root cause in sentences, with its evidence and ranked candidates.

use super::borrows::{self, HeldBorrow};
use super::explain::{self, quoted_code};
use super::findings::{Code, Findings};
use super::ranking;
use super::sites::{Site, Sites};
use super::subject::Subject;
use crate::analysis::evidence::{EvidenceList, capitalised};
use crate::domain::analysis::RootCause;
use crate::domain::panic::PanicKind as K;
use crate::source::rust::callees::Library;
use crate::source::rust::facts::{BindingKind, Origin};

/// Callers given as evidence.
const MAX_CALLERS: usize = 2;

/// The answer when no source could be read at all.
pub(super) fn without_source(subject: &Subject, reason: &str) -> RootCause {
    let mut notes = subject.notes.clone();
    notes.push(reason.to_owned());
    RootCause {
        summary: format!(
            "No root cause in the code, because no source of the failing place could be read. {}. {}",
            capitalised(&explain::what(&subject.class, None)),
            subject.class.why()
        ),
        file: None,
        line: None,
        function: None,
        class: subject.class.kind.to_string(),
        confidence: None,
        confidence_cases: None,
        evidence: Vec::new(),
        candidates: Vec::new(),
        suspects: Vec::new(),
        notes,
        opinion: None,
    }
}

/// Puts all findings into one answer.
pub(super) fn root_cause(
    subject: &Subject,
    sites: &Sites,
    findings: &Findings,
    library: &Library<'_>,
) -> RootCause {
    let sources = library.sources();
    let Some(site) = &findings.site else {
        let reason = if subject.frames.is_empty() {
            "The report has no frames.".to_owned()
        } else {
            "None of the frames leads to a file that can be read here.".to_owned()
        };
        let mut cause = without_source(subject, &reason);
        cause.notes.extend(sites.notes.iter().cloned());
        // What the message shows may still lead somewhere.
        cause.candidates = ranking::candidates(findings, &subject.frames, sites, None, library);
        return cause;
    };
    let code = findings.code.as_ref();
    let held = held(findings, sites, library);
    let mut evidence = EvidenceList::new(sources);
    collect_evidence(&mut evidence, findings, site, sites, held.as_ref());

    let mut notes = subject.notes.clone();
    notes.extend(sources.revision().note.clone());
    notes.extend(sites.notes.iter().cloned());
    notes.extend(findings.notes.iter().cloned());
    if let Some(code) = code
        && code.choices > 1
        && code.failing.as_ref().is_some_and(|failing| !failing.exact)
    {
        notes.push(format!(
            "Line {} has {} expressions that can fail in this way, and the report gives no column that decides between them; the first is shown.",
            site.line, code.choices
        ));
    }
    let function = code.map(|code| code.function_name.clone()).or_else(|| site.function.clone());
    RootCause {
        summary: summary(findings, site, held.as_ref()),
        file: Some(site.path.clone()),
        line: Some(site.line),
        function,
        class: findings.class.kind.to_string(),
        confidence: None,
        confidence_cases: None,
        evidence: evidence.into_list(),
        candidates: ranking::candidates(findings, &subject.frames, sites, held.as_ref(), library),
        suspects: Vec::new(),
        notes,
        opinion: None,
    }
}

fn held(findings: &Findings, sites: &Sites, library: &Library<'_>) -> Option<HeldBorrow> {
    if !matches!(findings.class.kind, K::RefcellAlreadyBorrowed | K::RefcellAlreadyMutablyBorrowed)
    {
        return None;
    }
    let failing = findings.code.as_ref()?.failing.as_ref()?;
    let cell = borrows::cell_name(&failing.expr)?;
    borrows::held_borrow(&cell, &failing.range, sites, library)
}

fn summary(findings: &Findings, site: &Site, held: Option<&HeldBorrow>) -> String {
    let code = findings.code.as_ref();
    let what = explain::what(&findings.class, code.and_then(Code::failing_text));
    let place = match code {
        Some(code) => format!(" (in {}, {} line {})", code.function_name, site.path, site.line),
        None => format!(" ({} line {})", site.path, site.line),
    };
    let mut sentences = vec![format!("{}{place}.", capitalised(&what))];
    if let Some(held) = held {
        let (line, _) = at(held, held.borrow.start);
        sentences.push(format!(
            "The other borrow, {}, is held by {} since line {line}{}.",
            quoted_code(held.file.slice(held.borrow.clone())),
            held.function,
            match &held.held {
                borrows::Held::Let { name } => format!(", as `{name}`, which lives to the end of its scope"),
                borrows::Held::Head { .. } =>
                    ", as a temporary in the head of the construct, which lives through its whole body".to_owned(),
                borrows::Held::SameStatement =>
                    ", as a temporary that lives to the end of its statement".to_owned(),
            }
        ));
    } else if let Some(code) = code {
        sentences.extend(
            code.origins
                .iter()
                .filter(|o| o.distance == 0)
                .take(2)
                .map(|origin| origin_sentence(code, origin)),
        );
        if !code.names.is_empty() && needs_guard(findings.class.kind) {
            let place = code.failing.as_ref().map_or(0, |failing| failing.range.start);
            let guards = code.facts.guards_of(&code.all_names(), place);
            if let Some(guard) = guards.last() {
                sentences.push(format!(
                    "The condition {} in line {} looks at these values, and did not prevent it.",
                    quoted_code(code.file.slice(guard.range.clone())),
                    code.file.line_at(guard.range.start)
                ));
            } else {
                sentences
                    .push(format!("No condition on the way looks at {}.", listed(&code.names)));
            }
        }
    }
    sentences.push(findings.class.why().to_owned());
    if explain::cause_may_be_upstream(&findings.class) {
        sentences.push("It is detected here; the cause may be upstream.".to_owned());
    }
    sentences.join(" ")
}

fn needs_guard(kind: K) -> bool {
    matches!(
        kind,
        K::IndexOutOfBounds
            | K::SliceEndOutOfRange
            | K::SliceStartOutOfRange
            | K::SliceStartAfterEnd
            | K::StrNotCharBoundary
            | K::StrIndexOutOfRange
            | K::ArithmeticOverflow
            | K::DivideByZero
            | K::UnwrapNone
    )
}

fn listed(names: &[String]) -> String {
    let names: Vec<String> = names.iter().take(4).map(|name| format!("`{name}`")).collect();
    match names.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, before)) => format!("{} or {last}", before.join(", ")),
        None => "them".to_owned(),
    }
}

fn origin_sentence(code: &Code, origin: &Origin) -> String {
    let binding = &origin.binding;
    let line = code.file.line_at(binding.at);
    let value = binding
        .value
        .as_ref()
        .map(|value| quoted_code(code.file.slice(crate::source::rust::file::range_of(value))));
    match (binding.kind, value) {
        (BindingKind::Parameter, _) => {
            format!("`{}` is a parameter of {} (line {line}).", binding.name, code.function_name)
        }
        (BindingKind::ClosureParameter, _) => {
            format!("`{}` is a parameter of the closure in line {line}.", binding.name)
        }
        (BindingKind::For, Some(value)) => {
            format!("`{}` runs over {value} (line {line}).", binding.name)
        }
        (BindingKind::Assigned, Some(value)) => {
            format!("`{}` is changed in line {line} with {value}.", binding.name)
        }
        (_, Some(value)) => format!("`{}` comes from {value} (line {line}).", binding.name),
        (_, None) => format!("`{}` is declared in line {line}.", binding.name),
    }
}

fn at(held: &HeldBorrow, position: usize) -> (u32, &str) {
    let line = held.file.line_at(position);
    (line, held.file.line(line).unwrap_or_default())
}

fn collect_evidence(
    evidence: &mut EvidenceList<'_>,
    findings: &Findings,
    site: &Site,
    sites: &Sites,
    held: Option<&HeldBorrow>,
) {
    let code = findings.code.as_ref();
    let what = explain::what(&findings.class, code.and_then(Code::failing_text));
    evidence.add(&site.path, site.line, format!("Here it failed: {what}."));
    if let Some(held) = held {
        let (line, _) = at(held, held.borrow.start);
        evidence.add(
            &held.path,
            line,
            format!(
                "{} borrows the same RefCell here, and still holds it when the call comes.",
                held.function
            ),
        );
        let (line, _) = at(held, held.place.start);
        evidence.add(
            &held.path,
            line,
            "This call leads to the second borrow while the first is held.".to_owned(),
        );
    }
    let mut reaches_caller = false;
    if let Some(code) = code {
        for origin in &code.origins {
            reaches_caller |= origin.binding.kind == BindingKind::Parameter;
            evidence.add(
                &site.path,
                code.file.line_at(origin.binding.at),
                origin_sentence(code, origin),
            );
        }
        let place = code.failing.as_ref().map_or(0, |failing| failing.range.start);
        for guard in code.facts.guards_of(&code.all_names(), place).iter().rev().take(2) {
            evidence.add(
                &site.path,
                code.file.line_at(guard.range.start),
                format!(
                    "The condition {} is on the way{}.",
                    quoted_code(code.file.slice(guard.range.clone())),
                    if guard.encloses { " and decides whether the failing line runs" } else { "" }
                ),
            );
        }
        for callee in code.callees.iter().take(3) {
            if let Some((line, _)) = &callee.result {
                evidence.add(&callee.path, *line, format!("What {} returns.", callee.name));
            } else {
                evidence.add(
                    &callee.path,
                    callee.line,
                    format!("{} took part in the value.", callee.name),
                );
            }
        }
    }
    if reaches_caller || explain::cause_may_be_upstream(&findings.class) {
        for caller in callers(sites, site).take(MAX_CALLERS) {
            evidence.add(
                &caller.path,
                caller.line,
                "The call that led here, with these arguments.".to_owned(),
            );
        }
    }
}

/// The frames outside the failing one, each place once.
fn callers<'s>(sites: &'s Sites, site: &'s Site) -> impl Iterator<Item = &'s Site> {
    sites.list.iter().skip(1).filter(move |caller| {
        caller.line_exists && (caller.path != site.path || caller.line != site.line)
    })
}
