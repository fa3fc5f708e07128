//! Ruby's backtraces: in either order, with causes, quoted in the old way and the new, and as Rails
//! writes them into its log.

use super::common::{Draft, MAX_EXCEPTIONS, MAX_LINE_BYTES, cut, is_type, line_number, set_path};
use crate::domain::event::{Exception, Frame};

pub(super) fn read(lines: &[&str]) -> Option<Vec<Exception>> {
    let mut chain: Vec<Draft> = Vec::new();
    let mut reversed: Vec<Frame> = Vec::new();
    let mut before: Option<&str> = None;
    let mut functions = 0;
    let mut in_message = false;
    for line in lines {
        let line = cut(line, MAX_LINE_BYTES);
        let trimmed = line.trim();
        if let Some(frame) = counted(trimmed).and_then(place) {
            // `	2: from cart.rb:9:in `total'`: the innermost comes last.
            functions += usize::from(frame.0.function.is_some());
            reversed.push(frame.0);
            continue;
        }
        let bare = trimmed.strip_prefix("from ").unwrap_or(trimmed);
        match place(bare) {
            Some((frame, said)) if !said.is_empty() && chain.len() < MAX_EXCEPTIONS => {
                functions += usize::from(frame.function.is_some());
                let mut draft = with_type(said);
                draft.push(frame);
                reversed.reverse();
                draft.frames.append(&mut reversed);
                chain.push(draft);
                in_message = true;
            }
            Some((frame, _)) => {
                functions += usize::from(frame.function.is_some());
                in_message = false;
                if chain.is_empty() {
                    chain.push(before.map(rails).unwrap_or_default());
                }
                if let Some(last) = chain.last_mut() {
                    last.push(frame);
                }
            }
            None if chain.is_empty() && !trimmed.is_empty() => before = Some(trimmed),
            None if in_message && !trimmed.is_empty() => {
                // The type stands at the end of the message's last or first line.
                if let Some(last) = chain.last_mut() {
                    last.add_message_line(trimmed);
                }
            }
            None => {}
        }
    }
    chain.reverse();
    // A line `word:12` alone is none: somewhere there must be a function.
    (functions > 0).then(|| chain.into_iter().map(|draft| draft.finish(true)).collect())
}

/// `2: from cart.rb:9:in …`
fn counted(line: &str) -> Option<&str> {
    let (number, rest) = line.split_once(": from ")?;
    line_number(number).map(|_| rest)
}

/// `cart.rb:12:in `total': message (NoMethodError)`, split into its frame and what follows.
fn place(line: &str) -> Option<(Frame, &str)> {
    let mut from = 0;
    let (path, number, rest) = loop {
        let colon = from + line[from..].find(':')?;
        let after = &line[colon + 1..];
        let digits = after.bytes().take_while(u8::is_ascii_digit).count();
        if digits > 0 && colon > 0 {
            break (&line[..colon], line_number(&after[..digits])?, &after[digits..]);
        }
        from = colon + 1;
    };
    let in_ruby = [".rb", ".erb", ".rake", ".ru", ".haml", ".slim", "-e"];
    let in_ruby = in_ruby.iter().any(|ending| path.ends_with(ending))
        || path.starts_with("<internal:")
        || path.starts_with("(irb")
        || path.contains("/bin/");
    if !in_ruby {
        return None;
    }
    let mut frame = Frame { lineno: Some(number), ..Frame::default() };
    set_path(&mut frame, path);
    let mut rest = rest;
    if let Some(quoted) = rest.strip_prefix(":in `").or_else(|| rest.strip_prefix(":in '")) {
        // Names may hold quotes of neither kind.
        let end = quoted.find('\'')?;
        frame.function = Some(quoted[..end].to_owned());
        rest = &quoted[end + 1..];
    }
    Some((frame, rest.strip_prefix(':').unwrap_or(rest).trim()))
}

/// `message (Type)`
fn with_type(said: &str) -> Draft {
    if let Some((message, ty)) = said.strip_suffix(')').and_then(|rest| rest.rsplit_once(" ("))
        && is_type(ty)
    {
        return Draft { ty: Some(ty.to_owned()), message: message.to_owned(), ..Draft::default() };
    }
    // `Type (Type)` is what an error without a message prints.
    Draft { message: said.to_owned(), ..Draft::default() }
}

/// `NoMethodError (undefined method …):` of Rails, or `NoMethodError: undefined …`.
fn rails(line: &str) -> Draft {
    if let Some((ty, rest)) = line.trim_end_matches(':').split_once(" (")
        && is_type(ty)
        && let Some(message) = rest.strip_suffix(')')
    {
        return Draft { ty: Some(ty.to_owned()), message: message.to_owned(), ..Draft::default() };
    }
    Draft::from_header(line, "ruby")
}
