//! Reads what cargo and rustc say as JSON.

use std::collections::HashSet;
use std::path::{Component, Path, PathBuf};

use cargo_metadata::Message;
use cargo_metadata::diagnostic as rustc;

use crate::domain::diagnostic::{
    Applicability, Diagnostic, DiagnosticLevel, DiagnosticSuggestion, Replacement, Span,
};

/// The longest error line that is repeated in a sentence, in characters.
const ERROR_LINE_MAX_CHARS: usize = 400;

/// What a run said.
#[derive(Debug, Default)]
pub(super) struct Said {
    /// Each message once.
    pub(super) diagnostics: Vec<Diagnostic>,
    /// How the build ended; `None` if cargo did not get that far.
    pub(super) finished: Option<bool>,
}

/// Reads cargo's messages. Paths are made relative to `root`; `workspace` is where cargo ran rustc,
/// below `root`. What is not a message (a build script may print anything) is passed over.
pub(super) fn read(stdout: &[u8], root: &Path, workspace: &str) -> Said {
    let mut said = Said::default();
    let mut seen = HashSet::new();
    let places = Places { root, workspace };
    for line in stdout.split(|&byte| byte == b'\n') {
        match serde_json::from_slice(line) {
            Ok(Message::CompilerMessage(message)) => {
                if let Some(diagnostic) = places.diagnostic(&message.message)
                    && seen.insert(identity(&diagnostic))
                {
                    said.diagnostics.push(diagnostic);
                }
            }
            Ok(Message::BuildFinished(end)) => said.finished = Some(end.success),
            _ => {}
        }
    }
    said
}

/// What a file that is compiled for several targets says each time.
pub(super) fn identity(said: &Diagnostic) -> (DiagnosticLevel, Option<String>, String, Vec<Span>) {
    (said.level, said.code.clone(), said.message.clone(), said.spans.clone())
}

/// The first `error:` line of a program's standard error with the cause that follows it.
pub(super) fn first_error(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    let mut lines = text.lines().skip_while(|line| !line.starts_with("error")).peekable();
    let mut sentence = match lines.next() {
        Some(line) => line.trim_start_matches("error:").trim().to_owned(),
        None => text
            .lines()
            .rev()
            .find(|line| !line.trim().is_empty())
            .unwrap_or("nothing")
            .trim()
            .to_owned(),
    };
    if lines.peek().is_some_and(|line| line.is_empty()) {
        let causes = lines.skip_while(|line| !line.starts_with("Caused by")).skip(1);
        for cause in causes.map_while(|line| line.strip_prefix("  ")) {
            sentence.push_str("; ");
            sentence.push_str(cause.trim());
        }
    }
    sentence.chars().take(ERROR_LINE_MAX_CHARS).collect()
}

struct Places<'a> {
    root: &'a Path,
    workspace: &'a str,
}

impl Places<'_> {
    /// `None` for what only counts or repeats others.
    fn diagnostic(&self, message: &rustc::Diagnostic) -> Option<Diagnostic> {
        let level = match message.level {
            rustc::DiagnosticLevel::Error | rustc::DiagnosticLevel::Ice => DiagnosticLevel::Error,
            rustc::DiagnosticLevel::Warning => DiagnosticLevel::Warning,
            _ => DiagnosticLevel::Note,
        };
        let counts_others = message.spans.is_empty()
            && (level == DiagnosticLevel::Note
                || message.message.starts_with("aborting due to")
                || message.message.ends_with("warning emitted")
                || message.message.ends_with("warnings emitted"));
        if counts_others {
            return None;
        }
        let mut spans: Vec<Span> =
            message.spans.iter().filter_map(|span| self.outermost(span)).collect();
        spans.sort_by_key(|span| !span.is_primary);
        Some(Diagnostic {
            code: message.code.as_ref().map(|code| code.code.clone()),
            level,
            message: message.message.clone(),
            rendered: message.rendered.clone().unwrap_or_else(|| message.message.clone()),
            spans,
            suggestions: self.suggestions(message),
        })
    }

    fn suggestions(&self, message: &rustc::Diagnostic) -> Vec<DiagnosticSuggestion> {
        let mut suggestions = Vec::new();
        for child in std::iter::once(message).chain(&message.children) {
            let offered: Vec<&rustc::DiagnosticSpan> =
                child.spans.iter().filter(|span| span.suggested_replacement.is_some()).collect();
            for alternative in alternatives(&offered) {
                let replacements: Option<Vec<Replacement>> =
                    alternative.iter().map(|span| self.replacement(span)).collect();
                if let Some(replacements) = replacements {
                    suggestions.push(DiagnosticSuggestion {
                        message: child.message.clone(),
                        applicability: weakest(alternative),
                        replacements,
                    });
                }
            }
        }
        suggestions
    }

    /// `None` if the place lies in a macro's expansion or outside the repository: text cannot be
    /// replaced there.
    fn replacement(&self, span: &rustc::DiagnosticSpan) -> Option<Replacement> {
        if span.expansion.is_some() {
            return None;
        }
        Some(Replacement { span: self.span(span)?, text: span.suggested_replacement.clone()? })
    }

    /// Where a reader finds it: for what a macro wrote, the outermost use of the macro that lies in the
    /// repository.
    fn outermost(&self, span: &rustc::DiagnosticSpan) -> Option<Span> {
        let mut best = self.span(span);
        let mut current = span;
        while let Some(expansion) = &current.expansion {
            current = &expansion.span;
            if let Some(mut place) = self.span(current) {
                place.is_primary = span.is_primary;
                place.label.clone_from(&span.label);
                best = Some(place);
            }
        }
        best
    }

    fn span(&self, span: &rustc::DiagnosticSpan) -> Option<Span> {
        Some(Span {
            file: self.path(&span.file_name)?,
            byte_start: usize::try_from(span.byte_start).ok()?,
            byte_end: usize::try_from(span.byte_end).ok()?,
            line_start: span.line_start,
            column_start: span.column_start,
            line_end: span.line_end,
            column_end: span.column_end,
            is_primary: span.is_primary,
            label: span.label.clone(),
        })
    }

    /// A path below the root, or `None` for files of dependencies, of the build and of rustc itself.
    fn path(&self, file: &str) -> Option<String> {
        let given = Path::new(file);
        let relative = if given.is_absolute() {
            given.strip_prefix(self.root).ok()?.to_owned()
        } else {
            Path::new(self.workspace).join(given)
        };
        let mut clean = PathBuf::new();
        for part in relative.components() {
            match part {
                Component::Normal(name) => clean.push(name),
                Component::CurDir => {}
                Component::ParentDir if clean.pop() => {}
                _ => return None,
            }
        }
        // Such as `<anon>`, or a generated file that is no part of the repository.
        self.root.join(&clean).is_file().then(|| clean.to_str().map(str::to_owned))?
    }
}

/// rustc writes all alternatives of one help into one list. Each begins at the place that the first one
/// begins at; the replacements of one alternative lie apart from each other.
fn alternatives<'a, 'b>(
    spans: &'a [&'b rustc::DiagnosticSpan],
) -> impl Iterator<Item = &'a [&'b rustc::DiagnosticSpan]> {
    spans.chunk_by(|_, next| !same_place(spans[0], next))
}

fn same_place(a: &rustc::DiagnosticSpan, b: &rustc::DiagnosticSpan) -> bool {
    (&a.file_name, a.byte_start, a.byte_end) == (&b.file_name, b.byte_start, b.byte_end)
}

fn weakest(spans: &[&rustc::DiagnosticSpan]) -> Applicability {
    let of = |span: &rustc::DiagnosticSpan| match span.suggestion_applicability {
        Some(rustc::Applicability::MachineApplicable) => Applicability::MachineApplicable,
        Some(rustc::Applicability::MaybeIncorrect) => Applicability::MaybeIncorrect,
        Some(rustc::Applicability::HasPlaceholders) => Applicability::HasPlaceholders,
        _ => Applicability::Unspecified,
    };
    spans.iter().map(|span| of(span)).max().unwrap_or(Applicability::Unspecified)
}

#[cfg(test)]
mod tests;
