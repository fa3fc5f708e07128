//! One side of a change: its text, its tokens and its tree.

use oxc_allocator::Allocator;
use oxc_ast::ast::{
    AssignmentExpression, AssignmentTargetWithDefault, ClassElement, Program, Statement,
};
use oxc_ast_visit::{Visit, walk};
use oxc_parser::config::TokensParserConfig;
use oxc_parser::{Kind, ParseOptions, Parser};
use oxc_span::{GetSpan as _, SourceType};

use super::jsx;
use crate::guard::anchors::Tokens;
use crate::guard::deep;
use crate::guard::path::Script;
use crate::guard::text::MAX_FILE_BYTES;
use crate::source::tree::Grammar;

/// As what a file is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// An ECMAScript module, with JSX.
    Module,
    /// A script, with JSX.
    Classic,
    /// A CommonJS module, with JSX.
    CommonJs,
    /// TypeScript.
    TypeScript,
    /// TypeScript with JSX.
    Tsx,
}

impl Way {
    /// As what a file of a kind may be read.
    pub(super) fn of(kind: Script) -> &'static [Self] {
        match kind {
            Script::Js => &[Self::Module, Self::Classic, Self::CommonJs],
            Script::Mjs => &[Self::Module],
            Script::Cjs => &[Self::CommonJs],
            Script::Ts => &[Self::TypeScript],
            Script::Tsx => &[Self::Tsx],
        }
    }

    fn source_type(self) -> SourceType {
        match self {
            Self::Module => SourceType::mjs().with_jsx(true),
            Self::Classic => SourceType::script().with_jsx(true),
            Self::CommonJs => SourceType::cjs().with_jsx(true),
            Self::TypeScript => SourceType::ts(),
            Self::Tsx => SourceType::tsx(),
        }
    }
}

/// Reads a side's bytes: UTF-8, without BOM, `\r\n` as `\n` (as the language does, even within templates).
/// The error is a whole sentence.
pub(super) fn text(name: &str, bytes: &[u8]) -> Result<String, String> {
    if bytes.len() > MAX_FILE_BYTES {
        return Err(format!("the file {name} the change is larger than {MAX_FILE_BYTES} bytes"));
    }
    let raw = std::str::from_utf8(bytes).map_err(|error| {
        let line = 1 + bytes[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count();
        format!("line {line}: the file {name} the change is not UTF-8")
    })?;
    let marked = raw.starts_with('\u{feff}');
    let body = raw.strip_prefix('\u{feff}').unwrap_or(raw);
    if body.starts_with('\u{feff}') || marked && body.starts_with("#!") {
        return Err(format!(
            "the file {name} the change has a byte order mark that does something"
        ));
    }
    Ok(if body.contains('\r') { body.replace("\r\n", "\n") } else { body.to_owned() })
}

/// The `#!` line.
pub(super) fn shebang(code: &str) -> Option<&str> {
    code.starts_with("#!").then(|| code.lines().next().unwrap_or_default())
}

/// Refuses what is nested too deeply.
pub(super) fn refuse_depth(name: &str, kind: Script, code: &str) -> Result<(), String> {
    let grammar = match kind {
        Script::Js | Script::Mjs | Script::Cjs => Grammar::JavaScript,
        Script::Ts => Grammar::TypeScript,
        Script::Tsx => Grammar::Tsx,
    };
    deep::refuse_depth(name, grammar, code)
}

/// A text, parsed.
pub(super) struct Side<'a> {
    pub(super) code: &'a str,
    pub(super) program: Program<'a>,
    pub(super) tokens: Tokens,
    /// Of each assignment, whether what is assigned to stands in brackets: then it gives a function no name,
    /// which the tree does not tell.
    pub(super) bracketed: Vec<bool>,
}

impl<'a> Side<'a> {
    /// Parses a text. The error is a whole sentence.
    pub(super) fn read(
        name: &str,
        memory: &'a Allocator,
        way: Way,
        code: &'a str,
    ) -> Result<Self, String> {
        let options = ParseOptions { preserve_parens: false, ..ParseOptions::default() };
        let parsed = Parser::new(memory, code, way.source_type())
            .with_options(options)
            .with_config(TokensParserConfig)
            .parse();
        if parsed.is_flow_language {
            return Err("the file is written in Flow, which is not proved".to_owned());
        }
        if parsed.panicked || !parsed.diagnostics.is_empty() {
            let said = parsed.diagnostics.iter().next().map(ToString::to_string);
            return Err(format!(
                "the file {name} the change cannot be parsed ({})",
                said.unwrap_or_default().lines().next().unwrap_or_default()
            ));
        }
        let mut program = parsed.program;
        let bytes = |start: u32, end: u32| start as usize..end as usize;
        let comments =
            program.comments.iter().map(|one| bytes(one.span.start, one.span.end)).collect();
        let meaning = parsed
            .tokens
            .iter()
            .filter(|token| !is_layout(token.kind()))
            .map(|token| bytes(token.start(), token.end()))
            .collect();
        let mut starts = Starts(Vec::new());
        starts.visit_program(&program);
        starts.0.sort_unstable();
        jsx::normalise(memory, &mut program);
        let mut targets = Targets(Vec::new());
        targets.visit_program(&program);
        let tokens = Tokens { meaning, comments, statements: starts.0 };
        Ok(Self { code, program, tokens, bracketed: targets.0 })
    }

    /// The line of a byte, from 1.
    pub(super) fn line(&self, at: usize) -> usize {
        let end = at.min(self.code.len());
        1 + self.code.as_bytes()[..end].iter().filter(|byte| **byte == b'\n').count()
    }
}

/// What may come and go without the tree becoming another.
fn is_layout(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::LParen | Kind::RParen | Kind::Comma | Kind::Semicolon | Kind::JSXText | Kind::Eof
    )
}

/// Collects where statements, and the members of classes and types, begin.
struct Starts(Vec<usize>);

impl<'a> Visit<'a> for Starts {
    fn visit_statement(&mut self, stmt: &Statement<'a>) {
        self.0.push(stmt.span().start as usize);
        walk::walk_statement(self, stmt);
    }

    fn visit_class_element(&mut self, element: &ClassElement<'a>) {
        self.0.push(element.span().start as usize);
        walk::walk_class_element(self, element);
    }
}

/// Looks at what is assigned to.
struct Targets(Vec<bool>);

impl<'a> Visit<'a> for Targets {
    fn visit_assignment_expression(&mut self, it: &AssignmentExpression<'a>) {
        self.0.push(it.left.span().start != it.span.start);
        walk::walk_assignment_expression(self, it);
    }

    fn visit_assignment_target_with_default(&mut self, it: &AssignmentTargetWithDefault<'a>) {
        self.0.push(it.binding.span().start != it.span.start);
        walk::walk_assignment_target_with_default(self, it);
    }
}
