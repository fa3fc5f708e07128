//! From bytes to the text that rustc lexes: UTF-8, without BOM and shebang, line ends normalised.

use crate::guard::text::MAX_FILE_BYTES;

/// How comments that give orders are recognised.
const DIRECTIVES: &[&str] = &[
    "//@",
    "//~",
    "// @",
    "compile-flags:",
    "// edition:",
    "// run-pass",
    "// check-pass",
    "// build-pass",
    "// aux-build:",
    "// ignore-",
    "// only-",
    "// error-pattern:",
    "// normalize-",
    "cbindgen:",
    "LCOV_EXCL",
    "GRCOV_EXCL",
    "grcov-excl",
    "cov:ignore",
    "tarpaulin",
    "flutter_rust_bridge:",
    "NOLINT",
    "nolint",
    "rustfmt-skip",
    "ANCHOR",
];

/// A source file as rustc sees it after loading.
pub(super) struct Text {
    /// The code: no BOM, no shebang line, `\r\n` as `\n`.
    pub(super) code: String,
    /// Lines of the file before `code` starts (1 if there is a shebang).
    pub(super) lines_before: usize,
    /// The shebang line with what stands before it, byte for byte.
    pub(super) shebang: Option<String>,
    /// Bytes of the file before `code` starts.
    pub(super) code_start: usize,
}

/// Reads a file's bytes. The error is the end of a sentence that starts with the side's name.
pub(super) fn read(bytes: &[u8]) -> Result<Text, String> {
    if bytes.len() > MAX_FILE_BYTES {
        return Err(format!("is larger than {MAX_FILE_BYTES} bytes"));
    }
    let raw = std::str::from_utf8(bytes).map_err(|error| {
        let line = 1 + bytes[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count();
        format!("is not UTF-8 (line {line})")
    })?;
    let without_mark = raw.strip_prefix('\u{feff}').unwrap_or(raw);
    if without_mark.starts_with('\u{feff}') {
        return Err("starts with two byte order marks".to_owned());
    }
    let shebang_end = shebang_length(without_mark);
    let (head, code) = without_mark.split_at(shebang_end);
    let mark_length = raw.len() - without_mark.len();
    let shebang = (shebang_end > 0).then(|| raw[..mark_length + shebang_end].to_owned());
    let code = if code.contains('\r') { code.replace("\r\n", "\n") } else { code.to_owned() };
    Ok(Text {
        code,
        lines_before: head.matches('\n').count(),
        shebang,
        code_start: mark_length + shebang_end,
    })
}

/// Length of the shebang line with its line end, by rustc's rule: `#!` that does not start an inner
/// attribute. 0 if there is none.
fn shebang_length(text: &str) -> usize {
    let Some(rest) = text.strip_prefix("#!") else { return 0 };
    if super::lex::skip_gap(rest).starts_with('[') {
        return 0;
    }
    text.find('\n').map_or(text.len(), |end| end + 1)
}

/// The lines, trimmed, that hold a comment which some tool takes for an order: test headers and expected
/// errors, C binding generators, coverage.
pub(super) fn directives(code: &str) -> Vec<&str> {
    code.split('\n')
        .filter(|line| line.contains('/') && DIRECTIVES.iter().any(|word| line.contains(word)))
        .map(str::trim)
        .collect()
}
