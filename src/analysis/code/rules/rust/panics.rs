//! What panics on input that will come.

use syn::{Expr, Lit, RangeLimits};

use super::super::{Found, Rule};
use super::read::{bare, call, chain, name_of, place_of, text_literal};
use super::{Cx, Look, RustRule};
use crate::domain::fix::{IssueType, Severity};
use crate::source::rust::file::{bytes, range_of};

pub(super) const RULES: &[RustRule] = &[
    RustRule {
        rule: Rule {
            id: "rust/unwrap-on-input",
            issue_type: IssueType::Bug,
            severity: Severity::Medium,
            why: "Input that does not parse, a missing file or variable is to be expected; here it panics. Hand the error on with `?` or say what to do instead.",
            same_as: &["clippy::unwrap_used"],
        },
        look: Look::Expr(unwrap_on_input),
    },
    RustRule {
        rule: Rule {
            id: "rust/length-minus-one",
            issue_type: IssueType::Bug,
            severity: Severity::Medium,
            why: "Nothing in the function rules out that it is empty; then the subtraction overflows, which panics, or in a release build gives the largest number.",
            same_as: &[],
        },
        look: Look::Expr(length_minus_one),
    },
    RustRule {
        rule: Rule {
            id: "rust/text-cut-at-byte",
            issue_type: IssueType::Bug,
            severity: Severity::Medium,
            why: "It panics if the text is shorter, and if a character that takes several bytes lies across the place. `get(…)` gives None instead; `char_indices` finds the place of a character.",
            same_as: &["clippy::string_slice"],
        },
        look: Look::Expr(text_cut_at_byte),
    },
    RustRule {
        rule: Rule {
            id: "rust/unchecked-index",
            issue_type: IssueType::Bug,
            severity: Severity::Medium,
            why: "The function can say that there is nothing, or that it failed, and panics all the same when the index is too large. Use `get`.",
            same_as: &["clippy::indexing_slicing"],
        },
        look: Look::Expr(unchecked_index),
    },
    RustRule {
        rule: Rule {
            id: "rust/panic-in-drop",
            issue_type: IssueType::Bug,
            severity: Severity::Medium,
            why: "A value is also dropped while a panic is on its way; a second one ends the process at once.",
            same_as: &[],
        },
        look: Look::Expr(panic_in_drop),
    },
];

/// Functions that fail on what comes from outside.
const READING: &[&str] = &[
    "std::env::var",
    "std::fs::read",
    "std::fs::read_to_string",
    "std::fs::File::open",
    "std::fs::write",
    "std::fs::File::create",
    "std::fs::read_dir",
    "std::fs::create_dir_all",
    "serde_json::from_str",
    "serde_json::from_slice",
    "serde_json::from_reader",
    "toml::from_str",
    "serde_yaml::from_str",
];

fn unwrap_on_input(cx: &Cx<'_>, expr: &Expr, found: &mut Found) {
    let Expr::MethodCall(unwrap) = expr else { return };
    // `expect` has somebody's reason with it.
    let explained = || is_explained(cx, bytes(unwrap.method.span()).start);
    if unwrap.method != "unwrap" || cx.around.is_test() || explained() {
        return;
    }
    let what = match bare(&unwrap.receiver) {
        Expr::MethodCall(parse) if parse.method == "parse" && parse.args.is_empty() => {
            // A text that stands in the code was tried when it was written, one that was just made of a
            // pattern's match as well.
            let from_code = chain(&parse.receiver).any(|one| {
                text_literal(one).is_some() || is_capture(one) || matches!(one, Expr::Macro(_))
            });
            if from_code
                || place_of(&parse.receiver)
                    .is_some_and(|place| place.chars().all(|c| !c.is_lowercase()))
            {
                return;
            }
            "parse".to_owned()
        }
        Expr::MethodCall(read) if read.method == "read_line" && read.args.len() == 1 => {
            "read_line".to_owned()
        }
        one => {
            let Some((path, call)) = call(one) else { return };
            let full = cx.around.resolve(&path);
            let written = call.args.first().and_then(text_literal);
            let of_build = written.as_deref().is_some_and(|name| {
                name.starts_with("CARGO") || name == "OUT_DIR" || name == "TARGET"
            });
            let of_code = written.is_some() && !full.starts_with("std::");
            if !READING.contains(&full.as_str())
                || of_build
                || of_code
                || call.args.first().is_some_and(is_included)
            {
                return;
            }
            path
        }
    };
    let at = bytes(unwrap.method.span()).start;
    found.add(at, format!("`{}` panics when `{what}` fails.", unwrap.method));
}

/// Whether a comment stands on the line or the one above it: somebody has thought about it.
fn is_explained(cx: &Cx<'_>, at: usize) -> bool {
    let line = cx.file.line_at(at);
    // What documents an item does not speak of this line.
    let has_comment = |line: u32| {
        let text = cx.file.line(line).unwrap_or_default();
        text.split_once("//").is_some_and(|(_, words)| !words.starts_with(['/', '!']))
    };
    has_comment(line) || has_comment(line.saturating_sub(1))
}

/// A match of a regular expression: it has the shape that was asked for.
fn is_capture(expr: &Expr) -> bool {
    matches!(expr, Expr::MethodCall(call) if ["captures", "name", "get", "group"].iter().any(|name| call.method == name))
        || matches!(expr, Expr::Index(_))
}

fn is_included(expr: &Expr) -> bool {
    matches!(bare(expr), Expr::Macro(one) if one.mac.path.segments.last().is_some_and(|p| p.ident.to_string().starts_with("include")))
}

fn length_minus_one(cx: &Cx<'_>, expr: &Expr, found: &mut Found) {
    let Expr::Binary(minus) = expr else { return };
    if !matches!(minus.op, syn::BinOp::Sub(_)) || cx.around.is_test() {
        return;
    }
    let Expr::MethodCall(length) = bare(&minus.left) else { return };
    let is_one = matches!(bare(&minus.right), Expr::Lit(syn::ExprLit { lit: Lit::Int(_), .. }));
    if length.method != "len" || !length.args.is_empty() || !is_one {
        return;
    }
    let (Some(name), Some(function)) = (name_of(&length.receiver), cx.around.functions.last())
    else {
        return;
    };
    let Some(ty) = function.type_of(&name) else { return };
    let may_be_empty = ty.starts_with("&[") && !ty.contains(';')
        || ty == "&str"
        || ty == "String"
        || ty == "&String"
        || ty.contains("Vec<");
    // In a loop or a closure over it, it is not empty.
    if !may_be_empty
        || function.tells_of_panics
        || !function.is_public
        || !cx.around.loops.is_empty()
        || cx.around.closures > 0
    {
        return;
    }
    let Some(text) = cx.function_text() else { return };
    let lengths = text.matches(&format!("{name}.len()")).count();
    let subtracted = text.matches(&format!("{name}.len()-")).count();
    let asked =
        ["is_empty()", "first()", "last()", "split_first()", "split_last()", "iter()", "get("]
            .iter()
            .any(|question| text.contains(&format!("{name}.{question}")));
    if lengths == subtracted && !asked && !text.contains(&format!("match{name}")) {
        found.add(
            range_of(minus).start,
            format!("`{name}.len() - …` overflows when `{name}` is empty."),
        );
    }
}

fn text_cut_at_byte(cx: &Cx<'_>, expr: &Expr, found: &mut Found) {
    let Expr::Index(index) = expr else { return };
    let Expr::Range(range) = bare(&index.index) else { return };
    if cx.around.is_test()
        || !matches!(range.limits, RangeLimits::HalfOpen(_) | RangeLimits::Closed(_))
    {
        return;
    }
    let number = |end: &Option<Box<Expr>>| match end.as_deref().map(bare) {
        Some(Expr::Lit(syn::ExprLit { lit: Lit::Int(number), .. })) => {
            number.base10_parse::<u64>().ok()
        }
        _ => None,
    };
    let cut = [number(&range.start), number(&range.end)].into_iter().flatten().find(|at| *at > 0);
    let (Some(cut), Some(name), Some(function)) =
        (cut, name_of(&index.expr), cx.around.functions.last())
    else {
        return;
    };
    if !matches!(function.type_of(&name), Some("&str" | "String" | "&String"))
        || function.tells_of_panics
        || !function.is_public
    {
        return;
    }
    let Some(text) = cx.function_text() else { return };
    const LOOKS: &[&str] = &[
        "is_char_boundary",
        "starts_with",
        "ends_with",
        "is_ascii",
        ".len()",
        "strip_",
        "as_bytes",
        "find(",
        ".bytes()",
        "chars()",
        "matches!",
        "match",
    ];
    if !LOOKS.iter().any(|look| text.contains(look)) {
        found
            .add(range_of(expr).start, format!("`{name}` is cut at byte {cut} whatever it holds."));
    }
}

fn unchecked_index(cx: &Cx<'_>, expr: &Expr, found: &mut Found) {
    let Expr::Index(index) = expr else { return };
    let (Some(name), Some(function)) = (name_of(&index.index), cx.around.functions.last()) else {
        return;
    };
    let can_say = function.output.starts_with("Option<")
        || function.output.starts_with("Result<")
        || function.output.contains("::Result<");
    let of_others = function.is_public
        && function.of_trait.is_none()
        && !function.is_unsafe
        && !function.tells_of_panics;
    if function.type_of(&name) != Some("usize")
        || !can_say
        || !of_others
        || cx.around.is_test()
        || cx.around.closures > 0
    {
        return;
    }
    let Some(place) = place_of(&index.expr) else { return };
    // Any other use of the index may be what rules it out. With its white space: words must stay words.
    let text = cx.file.slice(function.range.clone());
    if !cx.around.pay(text.len() as u64 / 64 + 1) {
        return;
    }
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let others = text.match_indices(&name).filter(|(at, _)| {
        let (before, after) = (&text[..*at], &text[at + name.len()..]);
        let whole = !before.ends_with(is_word) && !after.starts_with(is_word);
        let in_brackets = before.trim_end().ends_with('[') && after.trim_start().starts_with(']');
        let declared = after.trim_start().starts_with(':') && !after.trim_start().starts_with("::");
        whole && !in_brackets && !declared
    });
    if others.count() == 0 {
        found.add(
            range_of(expr).start,
            format!("`{place}[{name}]` panics when `{name}` is too large."),
        );
    }
}

fn panic_in_drop(cx: &Cx<'_>, expr: &Expr, found: &mut Found) {
    // What fails for reasons that have nothing to do with the value: not `take().unwrap()`.
    const FAILING: &[&str] = &[
        "lock",
        "read",
        "write",
        "send",
        "recv",
        "join",
        "flush",
        "write_all",
        "get_mut",
        "into_inner",
        "wait",
        "kill",
        "sync_all",
        "shutdown",
    ];
    let Some(function) = cx.around.functions.last() else { return };
    let in_drop = function.of_trait.as_deref() == Some("Drop") && function.name == "drop";
    let Expr::MethodCall(unwrap) = expr else { return };
    if !in_drop || cx.around.is_test() || cx.around.closures > 0 {
        return;
    }
    let fails = match bare(&unwrap.receiver) {
        Expr::MethodCall(inner) => FAILING.iter().any(|name| inner.method == name),
        one => call(one).is_some_and(|(path, _)| cx.around.resolve(&path).starts_with("std::fs::")),
    };
    let unwraps = unwrap.method == "unwrap" || unwrap.method == "expect";
    if unwraps && fails && cx.function_text().is_some_and(|text| !text.contains("panicking()")) {
        let at = bytes(unwrap.method.span()).start;
        let message =
            format!("`{}` in `drop` can panic while another panic is on its way.", unwrap.method);
        found.add(at, message);
    }
}
