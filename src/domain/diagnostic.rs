//! What a compiler or linter said, in one shape for all of them.

use serde::{Deserialize, Serialize};

use super::fix::word_enum;

word_enum! {
    /// How serious a diagnostic is.
    DiagnosticLevel {
        /// Does not compile.
        Error = "error",
        /// Compiles, with a warning.
        Warning = "warning",
        /// Note, help, failure note.
        Note = "note",
    }
}

word_enum! {
    /// What the tool promises about its own suggestion (rustc's words). Intent, not proof.
    Applicability {
        /// The tool means this to be applied as it is.
        MachineApplicable = "MachineApplicable",
        /// The tool is guessing.
        MaybeIncorrect = "MaybeIncorrect",
        /// The text has gaps to fill in.
        HasPlaceholders = "HasPlaceholders",
        /// The tool says nothing.
        Unspecified = "Unspecified",
    }
}

/// A stretch of a file.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Span {
    /// Path below the repository root, with `/`.
    pub file: String,
    /// First byte, from 0.
    pub byte_start: usize,
    /// One past the last byte.
    pub byte_end: usize,
    /// First line, from 1.
    pub line_start: usize,
    /// First column in characters, from 1.
    pub column_start: usize,
    /// Last line, from 1.
    pub line_end: usize,
    /// One past the last column.
    pub column_end: usize,
    /// Whether this is the place that the diagnostic is about.
    pub is_primary: bool,
    /// The text at the marker, if any.
    pub label: Option<String>,
}

/// One replacement of a suggestion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replacement {
    /// What is replaced (empty: an insertion).
    pub span: Span,
    /// With what.
    pub text: String,
}

/// A way to mend a diagnostic, as the tool offers it: all replacements together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiagnosticSuggestion {
    /// The tool's sentence.
    pub message: String,
    /// The tool's promise.
    pub applicability: Applicability,
    /// What to replace.
    pub replacements: Vec<Replacement>,
}

/// One message of a compiler or linter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnostic {
    /// `E0433`, `unused_imports`, …
    pub code: Option<String>,
    /// How serious.
    pub level: DiagnosticLevel,
    /// The first line.
    pub message: String,
    /// The whole text as the tool prints it, without colours.
    pub rendered: String,
    /// Where; primary spans first.
    pub spans: Vec<Span>,
    /// What the tool offers. Several are alternatives, not steps.
    pub suggestions: Vec<DiagnosticSuggestion>,
}

impl Diagnostic {
    /// The first primary span, if the diagnostic has a place.
    pub fn primary(&self) -> Option<&Span> {
        self.spans.iter().find(|span| span.is_primary)
    }

    /// What makes two diagnostics of different runs "the same": everything but the exact position,
    /// which a fix above it may move.
    pub fn key(&self) -> (Option<&str>, &str, Option<&str>) {
        (self.code.as_deref(), &self.message, self.primary().map(|span| span.file.as_str()))
    }
}
