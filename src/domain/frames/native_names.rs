//! Native names without parameters, template arguments, closures and what optimisers append.

use super::text::is_number;

/// What Swift's demangler writes before a name.
const SWIFT_PREFIXES: &[&str] = &[
    "partial apply for ",
    "partial apply forwarder for ",
    "specialized ",
    "merged ",
    "@objc ",
    "@nonobjc ",
    "static ",
    "dispatch thunk of ",
    "protocol witness for ",
    "implicit ",
    "auto",
    "await resume partial function for ",
    "suspend resume partial function for ",
];

/// What optimisers append after a dot, with or without a number.
const CLONE_SUFFIXES: &[&str] = &[
    "isra",
    "constprop",
    "part",
    "cold",
    "lto_priv",
    "llvm",
    "localalias",
    "clone",
    "resume",
    "destroy",
    "cleanup",
    "warm",
    "hot",
    "unlikely",
    "startup",
    "eh_frame",
    "str",
];

/// What is left of a name of which all was made up.
const LAMBDA: &str = "lambda";

/// The name that somebody wrote.
pub(super) fn clean(name: &str) -> String {
    let name = without_offset(name);
    if let Some(method) = objective_c(name) {
        return method.to_owned();
    }
    let name = match name.strip_prefix("__").and_then(|rest| rest.split_once("_block_invoke")) {
        Some((own, _)) if !own.is_empty() => own,
        _ => name,
    };
    let own = components(swift(name));
    if own.is_empty() { LAMBDA.to_owned() } else { own }
}

/// `total` of `total+0x1f` and `total + 31`.
fn without_offset(name: &str) -> &str {
    if let Some(at) = name.find("+0x").filter(|at| *at > 0) {
        return name[..at].trim_end();
    }
    match name.rsplit_once(" + ") {
        Some((own, offset)) if is_number(offset) => own,
        _ => name,
    }
}

/// `-[Cart total:]` of itself and of `__16-[Cart total:]_block_invoke_2`.
fn objective_c(name: &str) -> Option<&str> {
    let before = name.trim_start_matches(|c: char| c == '_' || c.is_ascii_digit());
    if !before.starts_with("-[") && !before.starts_with("+[") {
        return None;
    }
    Some(&before[..=before.find(']')?])
}

/// Without what stands before a Swift name; the function around, for a closure.
fn swift(name: &str) -> &str {
    let mut name = name;
    loop {
        let before = name;
        for prefix in SWIFT_PREFIXES {
            name = match name.strip_prefix(prefix) {
                // `auto` stands before `closure #1` only; many names begin with it.
                Some(rest) if *prefix != "auto" || rest.starts_with("closure #") => rest,
                Some(rest) if *prefix == "implicit " && !rest.starts_with("closure #") => name,
                Some(rest) => rest,
                None => name,
            };
        }
        // `(1) await resume partial function for …`
        if let Some((number, rest)) = name.strip_prefix('(').and_then(|rest| rest.split_once(") "))
            && is_number(number)
        {
            name = rest;
        }
        if name.starts_with("closure #")
            && let Some((_, outer)) = name.split_once(" in ")
        {
            name = outer;
        }
        if name == before {
            break;
        }
    }
    // `Cart.total.getter : Swift.Int`; `… in conformance Cart`
    let name = name.split(" : ").next().unwrap_or_default();
    name.split(" in conformance ").next().unwrap_or_default()
}

/// The components found so far.
#[derive(Default)]
struct Components<'a> {
    own: Vec<&'a str>,
    after_lambda: bool,
}

impl<'a> Components<'a> {
    /// Takes a component unless it was made up; the call operator of a lambda was.
    fn end(&mut self, own: &'a str) {
        if is_made_up(own) {
            self.after_lambda |= !own.is_empty();
        } else if !(self.after_lambda && own == "operator()") {
            self.own.push(own);
            self.after_lambda = false;
        }
    }
}

/// The components of a C++ or Swift name, one pass from left to right.
fn components(name: &str) -> String {
    let mut found = Components::default();
    // The component that is being read began at `start`; `rest` is what comes.
    let (mut start, mut rest) = (name, name);
    while let Some(c) = rest.chars().next() {
        let own = &start[..start.len() - rest.len()];
        if own.is_empty() && rest.starts_with("operator") {
            rest = &rest[operator_length(rest)..];
            continue;
        }
        rest = match c {
            '<' | '{' | '[' | '`' | '\'' => {
                found.end(own);
                found.after_lambda |= c == '{' || c == '\'' || rest.starts_with("<lambda");
                let after = &rest[bracket_length(rest)..];
                // `'lambda'(int)`: the parameters of a lambda belong to it.
                match c == '\'' && after.starts_with('(') {
                    true => &after[bracket_length(after)..],
                    false => after,
                }
            }
            '(' => {
                found.end(own);
                let after = &rest[bracket_length(rest)..];
                // ` const` may stand between the parameters and what is nested in the function.
                let nested = after.find("::").filter(|at| {
                    matches!(after[..*at].trim(), "" | "const" | "const &" | "&" | "noexcept")
                });
                nested.map_or("", |at| &after[at..])
            }
            ':' if rest.starts_with("::") => {
                found.end(own);
                &rest[2..]
            }
            // What stood before is what the function returns.
            ' ' => {
                found = Components::default();
                &rest[1..]
            }
            '@' => {
                found.end(own);
                ""
            }
            '.' if is_clone_suffix(&rest[1..]) => {
                found.end(own);
                ""
            }
            c => {
                rest = &rest[c.len_utf8()..];
                continue;
            }
        };
        start = rest;
    }
    found.end(start);
    found.own.join("::")
}

/// Whether a component is empty, a number of Clang's lambdas (`$_0`) or Rust's hash.
fn is_made_up(own: &str) -> bool {
    own.is_empty()
        || own.strip_prefix("$_").is_some_and(is_number)
        || own.strip_prefix("lambda_").is_some_and(|rest| super::text::is_hex(rest, 8))
        || own.len() == 17 && own.starts_with('h') && super::text::is_hex(&own[1..], 16)
}

fn is_clone_suffix(rest: &str) -> bool {
    let word = rest.split(['.', ' ']).next().unwrap_or_default();
    CLONE_SUFFIXES.contains(&word)
}

/// The bytes of an operator's name: `operator()`, `operator<<`, `operator new[]`, `operator bool`.
fn operator_length(text: &str) -> usize {
    const WORD: usize = "operator".len();
    let after = &text[WORD..];
    if after.starts_with("()") {
        return WORD + 2;
    }
    if after.starts_with(|c: char| c.is_alphanumeric() || c == '_') {
        // `operators::f` is a name like any other.
        return WORD;
    }
    let signs = after.find(|c: char| !"<>=!+-*/%^&|~,[]".contains(c)).unwrap_or(after.len());
    if signs > 0 {
        return WORD + signs;
    }
    match after.strip_prefix(' ') {
        Some(kind) => WORD + 1 + kind.find(['(', '<']).unwrap_or(kind.len()),
        None => WORD,
    }
}

/// The bytes from an opening bracket or quote to the one that closes it; all there is if none does.
fn bracket_length(text: &str) -> usize {
    let mut depth = 0usize;
    let mut last = ' ';
    let quoted = text.starts_with(['`', '\'']);
    for (at, c) in text.char_indices() {
        match c {
            '\'' if quoted && at > 0 => return at + 1,
            _ if quoted => {}
            '<' | '(' | '{' | '[' => depth += 1,
            '>' if last == '-' => {}
            '>' | ')' | '}' | ']' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at + c.len_utf8();
                }
            }
            _ => {}
        }
        last = c;
    }
    text.len()
}

#[cfg(test)]
#[path = "native_names_tests.rs"]
mod tests;
