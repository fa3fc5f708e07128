//! Reads one line of rules.

use super::matcher::Matcher;
use super::template::Template;
use super::{MAX_MATCHERS, MAX_PARTS, Part, Rule};

/// What separates matchers from what is made of them.
const ARROW: &str = "->";

/// How a rule is written, for those who write it otherwise.
const SHAPE: &str = "a rule is written `matcher:pattern -> part part title=\"…\"`";

/// What is wrong in a line.
pub(super) struct Wrong {
    pub(super) column: usize,
    pub(super) problem: String,
    pub(super) help: String,
}

/// Reads `matcher:pattern … -> part … title="…"`.
pub(super) fn rule(line: &str) -> Result<Rule, Wrong> {
    let mut cursor = Cursor { line, at: 0 };
    let matchers = matchers(&mut cursor)?;
    let mut rule = Rule { matchers, parts: Vec::new(), title: None };
    loop {
        cursor.skip(|c| c.is_whitespace() || c == ',');
        let start = cursor.at;
        if cursor.rest().is_empty() {
            break;
        }
        if let Some(value) = cursor.rest().strip_prefix("title=") {
            cursor.at = line.len() - value.len();
            if rule.title.is_some() {
                return Err(cursor.wrong(start, "there are two titles", "leave one of them out"));
            }
            let (text, from) = cursor.part()?;
            rule.title = Some(cursor.template(&text, from)?);
            continue;
        }
        if rule.title.is_some() {
            return Err(cursor.wrong(start, "a part stands after the title", "put the title last"));
        }
        let (text, from) = cursor.part()?;
        let template = cursor.template(&text, from)?;
        let part = if template.is_default() {
            Part::Default
        } else if template.has_default() {
            let help = "put a space on both sides of it";
            return Err(cursor.wrong(start, "`{{ default }}` is not a part by itself", help));
        } else {
            Part::Text(template)
        };
        if rule.parts.len() == MAX_PARTS {
            let problem = format!("there are more than {MAX_PARTS} parts");
            return Err(cursor.wrong(start, &problem, "join some of them in quotes"));
        }
        rule.parts.push(part);
    }
    if rule.parts.is_empty() {
        let help = "write at least one, for example `-> database-down`";
        return Err(cursor.wrong(cursor.at, "nothing is said of the fingerprint", help));
    }
    Ok(rule)
}

fn matchers(cursor: &mut Cursor<'_>) -> Result<Vec<Matcher>, Wrong> {
    let mut matchers = Vec::new();
    loop {
        cursor.skip(char::is_whitespace);
        let start = cursor.at;
        if cursor.rest().is_empty() {
            return Err(cursor.wrong(start, "there is no `->`", SHAPE));
        }
        if let Some(after) = cursor.rest().strip_prefix(ARROW) {
            if matchers.is_empty() {
                return Err(cursor.wrong(start, "there is no matcher before `->`", SHAPE));
            }
            cursor.at = cursor.line.len() - after.len();
            return Ok(matchers);
        }
        let negated = cursor.rest().starts_with('!');
        cursor.at += usize::from(negated);
        let from = cursor.at;
        cursor.skip(|c| !c.is_whitespace() && c != ':' && c != '"');
        let name = &cursor.line[from..cursor.at];
        if !cursor.rest().starts_with(':') || name.is_empty() {
            let problem = match name {
                "" => "a matcher has no name".to_owned(),
                name => format!("`{name}` has no pattern"),
            };
            let help = "a matcher is written `name:pattern`, with nothing between";
            return Err(cursor.wrong(from, &problem, help));
        }
        cursor.at += 1;
        let pattern_at = cursor.at;
        let pattern = cursor.pattern()?;
        if pattern.is_empty() {
            let help = "write what it must be; `*` is anything, `\"\"` an empty text";
            if !cursor.line[pattern_at..].starts_with("\"\"") {
                return Err(cursor.wrong(pattern_at, &format!("`{name}` has no pattern"), help));
            }
        }
        let matcher = Matcher::new(name, pattern, negated)
            .map_err(|(problem, help)| cursor.wrong(from, &problem, &help))?;
        if matchers.len() == MAX_MATCHERS {
            let problem = format!("there are more than {MAX_MATCHERS} matchers");
            return Err(cursor.wrong(start, &problem, "make two rules of it"));
        }
        matchers.push(matcher);
    }
}

/// A place in a line.
struct Cursor<'a> {
    line: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    fn rest(&self) -> &'a str {
        &self.line[self.at..]
    }

    fn skip(&mut self, while_it: impl Fn(char) -> bool) {
        let rest = self.rest();
        self.at += rest.find(|c| !while_it(c)).unwrap_or(rest.len());
    }

    fn wrong(&self, at: usize, problem: &str, help: &str) -> Wrong {
        let column = self.line[..at].chars().count() + 1;
        Wrong { column, problem: problem.to_owned(), help: help.to_owned() }
    }

    /// What stands between quotes, still with its backslashes.
    fn quoted(&mut self) -> Result<&'a str, Wrong> {
        let start = self.at + 1;
        let mut escaped = false;
        for (at, c) in self.line[start..].char_indices() {
            match c {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '"' => {
                    self.at = start + at + 1;
                    return Ok(&self.line[start..start + at]);
                }
                _ => {}
            }
        }
        Err(self.wrong(start - 1, "the quotation has no end", "close it with `\"`"))
    }

    /// A pattern: quoted, or up to the next space.
    fn pattern(&mut self) -> Result<&'a str, Wrong> {
        if self.rest().starts_with('"') {
            let start = self.at;
            let pattern = self.quoted()?;
            if !self.rest().is_empty() && !self.rest().starts_with(char::is_whitespace) {
                let help = "put a space after the closing quotation mark, or `\\` before one that belongs to the pattern";
                return Err(self.wrong(start, "the pattern goes on after its quotation", help));
            }
            return Ok(pattern);
        }
        let start = self.at;
        let mut escaped = false;
        for (at, c) in self.line[start..].char_indices() {
            if c.is_whitespace() && !escaped {
                self.at = start + at;
                return Ok(&self.line[start..self.at]);
            }
            escaped = c == '\\' && !escaped;
        }
        self.at = self.line.len();
        Ok(&self.line[start..])
    }

    /// A part without its quotes and backslashes, and where it began.
    fn part(&mut self) -> Result<(String, usize), Wrong> {
        let start = self.at;
        let raw = if self.rest().starts_with('"') {
            self.quoted()?
        } else {
            self.unquoted()?;
            &self.line[start..self.at]
        };
        let mut text = String::with_capacity(raw.len());
        let mut escaped = false;
        for c in raw.chars() {
            if c == '\\' && !escaped {
                escaped = true;
            } else {
                text.push(c);
                escaped = false;
            }
        }
        Ok((text, start))
    }

    /// Goes to the next space or comma that is not within a variable.
    fn unquoted(&mut self) -> Result<(), Wrong> {
        while let Some(c) = self.rest().chars().next() {
            if c.is_whitespace() || c == ',' {
                break;
            }
            if self.rest().starts_with("{{") {
                let Some(length) = self.rest().find("}}") else {
                    let help = "end the variable with `}}`";
                    return Err(self.wrong(self.at, "`{{` is not closed", help));
                };
                self.at += length + 2;
                continue;
            }
            self.at += c.len_utf8();
            if c == '\\' {
                self.at += self.rest().chars().next().map_or(0, char::len_utf8);
            }
        }
        Ok(())
    }

    fn template(&self, text: &str, start: usize) -> Result<Template, Wrong> {
        Template::parse(text).map_err(|unknown| {
            // Backslashes before it shift the place by a little; the variable itself is looked for.
            let near = start + unknown.at;
            let from = self.line[start..].find("{{").map_or(near, |at| (start + at).max(near));
            let from = self.line.floor_char_boundary(from.min(self.line.len()));
            self.wrong(from, &unknown.problem, &unknown.help)
        })
    }
}
