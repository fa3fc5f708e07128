//! Comments of JavaScript and TypeScript that are more than a remark.

use crate::guard::anchors::Reach;

/// What a comment holds that compilers and bundlers take for an order: they count lines.
const OF_LINES: &[&str] = &[
    "@ts-",
    "@flow",
    "@noflow",
    "$flow",
    "@jsx",
    "webpack",
    "turbopack",
    "@vite-ignore",
    "@__",
    "#__",
];

/// What a comment holds that other tools take for an order: linters, formatters,
/// coverage, test runners, source maps, licences that bundlers keep.
const ORDERS: &[&str] = &[
    "eslint",
    "prettier-ignore",
    "@format",
    "@prettier",
    "@noprettier",
    "biome-ignore",
    "oxlint",
    "deno-",
    "tslint:",
    "jshint",
    "jslint",
    "jscs:",
    "standard ",
    "global ",
    "globals ",
    "exported ",
    "istanbul",
    "c8 ",
    "v8 ",
    "node:coverage",
    "@license",
    "@preserve",
    "@cc_on",
    "sourcemappingurl",
    "sourceurl",
    "<reference",
    "<amd",
    "@jest-",
    "@vitest-",
    "@babel",
    "@swc",
    "@esbuild",
    "@internal",
    "stylelint",
    "nosemgrep",
    "nosonar",
    "nosec",
    "codeql",
    "lgtm",
    "cspell",
    "@refresh",
    "@client",
    "@server",
    "vim:",
];

/// Whether a comment gives an order, and what it is about. Comments with `!` at their beginning are kept by
/// who makes code small.
pub(super) fn order(comment: &str) -> Option<Reach> {
    let lower = comment.to_lowercase();
    let holds = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    if holds(OF_LINES) {
        return Some(Reach::Line);
    }
    (lower.starts_with("/*!") || holds(ORDERS)).then_some(Reach::Statement)
}
