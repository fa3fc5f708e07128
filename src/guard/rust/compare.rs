//! Token against token: what must be equal, and which gaps may differ.

use std::collections::BTreeMap;

use super::known;
use super::lex::Kind;
use super::region::{self, Region};
use super::side::{self, Side};

/// Stands for the start of an arm's or closure's body.
const BEGIN: u32 = u32::MAX - 1;
/// Stands for the end of an arm's body.
const END: u32 = u32::MAX;

/// A side's tokens without what is only layout.
pub(super) struct Stream {
    /// Token indices and markers.
    elements: Vec<u32>,
    /// Where each token is in `elements`, or where it would be.
    position: Vec<u32>,
}

impl Stream {
    /// Where a token is in the stream.
    pub(super) fn position(&self, token: usize) -> u32 {
        self.position.get(token).copied().unwrap_or(u32::MAX)
    }
}

/// What two equal streams still differ in.
#[derive(Default)]
pub(super) struct Findings {
    /// How many tokens were compared.
    pub(super) compared: usize,
    /// Commas, braces or semicolons that mean nothing were added or removed.
    pub(super) layout_tokens: bool,
    /// Joined punctuation differs, and the syntax trees were compared.
    pub(super) trees: bool,
}

/// Builds a side's stream. Without `with_uses`, imports that may move are left out.
pub(super) fn stream(side: &Side<'_>, with_uses: bool) -> Stream {
    let count = side.tokens.list.len();
    let mut elements = Vec::with_capacity(count + count / 8);
    let mut position = Vec::with_capacity(count);
    let mut uses = side.syntax.uses.iter().filter(|item| item.movable && !with_uses).peekable();
    for index in 0..count {
        position.push(u32::try_from(elements.len()).unwrap_or(u32::MAX));
        while uses.peek().is_some_and(|item| item.tokens.end <= index) {
            uses.next();
        }
        if uses.peek().is_some_and(|item| item.tokens.contains(&index)) {
            continue;
        }
        let mark = side.syntax.marks[index];
        elements.extend((0..mark.begins).map(|_| BEGIN));
        if !mark.dropped {
            elements.push(u32::try_from(index).unwrap_or(u32::MAX));
        }
        elements.extend((0..mark.ends).map(|_| END));
    }
    Stream { elements, position }
}

/// Compares two streams; the error is the first thing that stands in the way, as a sentence.
pub(super) fn compare(
    (before, first): (&Side<'_>, &Stream),
    (after, second): (&Side<'_>, &Stream),
) -> Result<Findings, String> {
    let mut joined_differently = None;
    let mut last: Option<(usize, usize)> = None;
    let mut pairs = 0;
    let longest = first.elements.len().max(second.elements.len());
    for at in 0..longest {
        let elements = (first.elements.get(at), second.elements.get(at));
        let (Some(left), Some(right)) = elements else {
            return Err(token_refusal(before, elements.0, after, elements.1));
        };
        if *left >= BEGIN || *right >= BEGIN {
            if left != right {
                return Err(token_refusal(before, Some(left), after, Some(right)));
            }
            continue;
        }
        let (l, r) = (*left as usize, *right as usize);
        if before.tokens.kind(l) != after.tokens.kind(r)
            || before.tokens.at(l) != after.tokens.at(r)
        {
            return Err(token_refusal(before, Some(left), after, Some(right)));
        }
        pairs += 1;
        if let Some((last_left, last_right)) = last
            && glued(before, last_left, l) != glued(after, last_right, r)
            && !(both_end_generics(before, last_left, l) && both_end_generics(after, last_right, r))
        {
            joined_differently = joined_differently.or(Some((l, r)));
            if before.places[l].region != Region::Code || after.places[r].region != Region::Code {
                return Err(gap_refusal(after, r, "how punctuation is joined changed"));
            }
        }
        compare_gaps(before, l, after, r)?;
        last = Some((l, r));
    }
    check_indentation(before, first, after, second)?;
    check_positions(before, first, after, second)?;
    let layout_tokens = before.syntax.marks.iter().filter(|mark| mark.dropped).count()
        != after.syntax.marks.iter().filter(|mark| mark.dropped).count();
    if let Some((_, r)) = joined_differently
        && (layout_tokens || !side::same_tree(before.tokens.text, after.tokens.text))
    {
        return Err(format!("line {}: how punctuation is joined changed", after.line(r)));
    }
    Ok(Findings { compared: pairs, layout_tokens, trees: joined_differently.is_some() })
}

/// Whether the token `index` is read as one operator with the token before it.
fn glued(side: &Side<'_>, last: usize, index: usize) -> bool {
    let byte = |at: usize| side.tokens.at(at).bytes().next().unwrap_or(0);
    last + 1 == index
        && side.tokens.kind(index) == Some(Kind::Punct)
        && side.tokens.kind(last) == Some(Kind::Punct)
        && side.tokens.gap(index).is_empty()
        && known::glues(byte(last), byte(index))
}

/// Whether both tokens are a `>` that ends a list of generics: `> >` and `>>` are the same there.
fn both_end_generics(side: &Side<'_>, last: usize, index: usize) -> bool {
    side.syntax.marks[last].ends_generics && side.syntax.marks[index].ends_generics
}

fn compare_gaps(before: &Side<'_>, l: usize, after: &Side<'_>, r: usize) -> Result<(), String> {
    let region = before.places[l].region.max(after.places[r].region);
    if region <= Region::Open {
        return Ok(());
    }
    let (left, right) = (before.tokens.gap(l), after.tokens.gap(r));
    if left == right {
        return Ok(());
    }
    let equal = match region {
        Region::Assert => left.is_empty() == right.is_empty() || beside_free_token(after, r),
        Region::Strict => unseen(before, l, after, r),
        _ => false,
    };
    if equal { Ok(()) } else { Err(gap_refusal(after, r, "white space changed")) }
}

/// Whether a gap in the condition of an `assert!` stands beside a token that is printed without regard
/// to it: the condition is printed from its syntax tree.
fn beside_free_token(side: &Side<'_>, index: usize) -> bool {
    let free = |at: usize| match side.tokens.kind(at) {
        Some(Kind::Open | Kind::Close) => true,
        _ => matches!(side.tokens.at(at), "," | "."),
    };
    free(index) || index.checked_sub(1).is_some_and(free)
}

/// Whether a macro that is not known cannot tell two different gaps apart. rustc hands a macro its tokens,
/// each with one bit: whether a gap follows. `stringify!` prints by that bit alone, so it must stay;
/// only the gap after an opening delimiter belongs to no token. White space on one line is compared
/// exactly all the same, and so are line ends inside braces, which no formatter touches.
fn unseen(before: &Side<'_>, l: usize, after: &Side<'_>, r: usize) -> bool {
    let (left, right) = (before.tokens.gap(l), after.tokens.gap(r));
    let braces = has_braces(after, r);
    let opens = r.checked_sub(1).is_some_and(|at| matches!(after.tokens.at(at), "(" | "["));
    if opens && !braces {
        return true;
    }
    match (left.is_empty(), right.is_empty()) {
        (false, false) => {}
        (one, other) => return one == other,
    }
    match (left.contains('\n'), right.contains('\n')) {
        (false, false) => without_comments(left) == without_comments(right),
        (true, true) => true,
        _ => !braces,
    }
}

/// Inside the braces of a macro that is not known, lines may mean something by how far they are indented to
/// each other: what was indented alike must stay so, and what was deeper must stay deeper.
fn check_indentation(
    before: &Side<'_>,
    first: &Stream,
    after: &Side<'_>,
    second: &Stream,
) -> Result<(), String> {
    let mut owner = u32::MAX;
    let mut widths: BTreeMap<usize, usize> = BTreeMap::new();
    for (left, right) in first.elements.iter().zip(&second.elements) {
        if *left >= BEGIN {
            continue;
        }
        let (l, r) = (*left as usize, *right as usize);
        let place = before.places[l];
        if place.region != Region::Strict || !has_braces(before, l) {
            continue;
        }
        if place.owner != owner {
            owner = place.owner;
            widths.clear();
        }
        let last_line = |gap: &'_ str| gap.rsplit_once('\n').map(|(_, line)| line.len());
        let (old_gap, new_gap) = (before.tokens.gap(l), after.tokens.gap(r));
        let (Some(old), Some(new)) = (last_line(old_gap), last_line(new_gap)) else { continue };
        let shallower = widths.range(..old).next_back().is_none_or(|(_, width)| *width < new);
        let deeper = widths.range(old + 1..).next().is_none_or(|(_, width)| *width > new);
        if !shallower || !deeper || *widths.entry(old).or_insert(new) != new {
            return Err(gap_refusal(after, r, "how lines are indented to each other changed"));
        }
    }
    Ok(())
}

/// Whether the macro around the gap before a token is called with braces.
fn has_braces(side: &Side<'_>, index: usize) -> bool {
    let owner = side.places[index].owner as usize;
    side.tokens.at(owner + 1) == "!"
        && side.tokens.at(owner + 2) != "("
        && side.tokens.at(owner + 2) != "["
}

/// A gap on one line, without its block comments.
fn without_comments(gap: &str) -> String {
    let mut blank = String::new();
    let mut rest = gap;
    while let Some(start) = rest.find("/*") {
        blank.push_str(&rest[..start]);
        rest = super::lex::skip_gap(&rest[start..]);
    }
    blank.push_str(rest);
    blank
}

fn owner_name<'t>(side: &Side<'t>, index: usize) -> &'t str {
    side.tokens.at(side.places[index].owner as usize)
}

fn gap_refusal(side: &Side<'_>, index: usize, what: &str) -> String {
    let is_attribute = index < side.places.len() && {
        let owner = side.places[index].owner as usize;
        side.tokens.at(owner + 1) != "!"
    };
    let container = if is_attribute { "the attribute" } else { "the macro" };
    format!(
        "line {}: {what} inside {container} `{}`, which may see it",
        side.line(index),
        owner_name(side, index)
    )
}

fn in_use(side: &Side<'_>, element: Option<&u32>) -> bool {
    element.is_some_and(|token| {
        let token = *token as usize;
        let after = side.syntax.uses.partition_point(|item| item.tokens.start <= token);
        after.checked_sub(1).is_some_and(|at| side.syntax.uses[at].tokens.contains(&token))
    })
}

fn token_refusal(
    before: &Side<'_>,
    left: Option<&u32>,
    after: &Side<'_>,
    right: Option<&u32>,
) -> String {
    let show = |side: &Side<'_>, element: Option<&u32>| match element {
        None => "the end of the file".to_owned(),
        Some(&BEGIN | &END) => "the end of an expression".to_owned(),
        Some(token) => {
            let text: String = side.tokens.at(*token as usize).chars().take(40).collect();
            format!("`{}`", text.escape_debug())
        }
    };
    let place = |element: Option<&u32>| element.filter(|e| **e < BEGIN).map(|e| *e as usize);
    let line = match (place(right), place(left)) {
        (Some(right), _) => after.line(right),
        (None, Some(left)) => before.line(left),
        (None, None) => after.line(usize::MAX),
    };
    if in_use(before, left) || in_use(after, right) {
        return format!(
            "line {line}: an import that is public, conditional or has attributes changed, or one was \
             added or removed where it cannot be proved"
        );
    }
    format!("line {line}: {} became {}", show(before, left), show(after, right))
}

/// `line!` and `column!` see where they stand. A call in plain code must stay where it is; one inside
/// another macro (whose result may stand elsewhere), or a macro that is handed their name, makes every
/// macro call stay; `Location::caller`, which may tell of any place of the file, every token.
fn check_positions(
    before: &Side<'_>,
    first: &Stream,
    after: &Side<'_>,
    second: &Stream,
) -> Result<(), String> {
    let tokens = &before.tokens;
    let is_name = |index: usize| matches!(tokens.name(index), "line" | "column");
    let sees = |index: usize| is_name(index) && matches!(tokens.at(index + 1), "!" | "$");
    let imported = before.syntax.uses.iter().flat_map(|item| &item.leaves).any(|leaf| {
        let path = leaf.path.replace("r#", "");
        let root = path.trim_start_matches(':');
        let from_std = ["std::", "core::"].iter().any(|prefix| root.starts_with(prefix));
        from_std && ["::line", "::column"].iter().any(|end| path.ends_with(end))
    });
    let count = tokens.list.len();
    let callers: Vec<usize> = (0..count).filter(|index| sees(*index)).collect();
    let handed = (0..count).any(|at| {
        is_name(at)
            && before.places[at].region >= Region::Strict
            && matches!(tokens.at(at.saturating_sub(1)), "(" | "[" | "{" | "," | ":")
            && matches!(tokens.at(at + 1), ")" | "]" | "}" | ",")
    }) && calls_what_it_is_given(before);
    let told = (1..count).any(|at| {
        tokens.name(at) == "caller"
            && tokens.at(at - 1) == ":"
            && tokens.kind(at) == Some(Kind::Ident)
    });
    if callers.is_empty() && !imported && !handed && !told {
        return Ok(());
    }
    let hidden = imported
        || handed
        || callers.iter().any(|index| before.places[*index].region != Region::Code);
    let (old_lines, new_lines) = (line_starts(before), line_starts(after));
    for (left, right) in first.elements.iter().zip(&second.elements) {
        let (l, r) = (*left as usize, *right as usize);
        let concerned =
            *left < BEGIN && (told || sees(l) || hidden && region::macro_call(tokens, l).is_some());
        if concerned && position(before, &old_lines, l) != position(after, &new_lines, r) {
            return Err(format!(
                "line {}: code moved in a file that uses `line!`, `column!` or `Location::caller`, \
                 which see it",
                after.line(r)
            ));
        }
    }
    Ok(())
}

/// Whether a macro of the file calls a macro whose name it is given (`$name!(…)`).
fn calls_what_it_is_given(side: &Side<'_>) -> bool {
    let tokens = &side.tokens;
    (2..tokens.list.len()).any(|at| {
        tokens.at(at) == "!"
            && tokens.kind(at + 1) == Some(Kind::Open)
            && (tokens.at(at - 2) == "$" || matches!(tokens.at(at - 1), "*" | "+" | "?"))
    })
}

fn line_starts(side: &Side<'_>) -> Vec<usize> {
    side.tokens.text.match_indices('\n').map(|(at, _)| at + 1).collect()
}

fn position(side: &Side<'_>, starts: &[usize], index: usize) -> (usize, usize) {
    let byte = side.tokens.list.get(index).map_or(0, |token| token.start as usize);
    let line = starts.partition_point(|start| *start <= byte);
    let start = line.checked_sub(1).map_or(0, |at| starts[at]);
    (side.lines_before + line, side.tokens.text[start..byte].chars().count())
}
