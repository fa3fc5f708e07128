//! Real files, mutated: what is only layout must be proved, what is not must never be.

use proptest::prelude::*;

use super::{Expected, judge_text};
use crate::guard::rust::lex::{self, Kind, Tokens};
use crate::guard::rust::region::{MacroNames, Region, places};

/// Files of this repository, as they are.
const FILES: &[&str] = &[
    include_str!("../lex.rs"),
    include_str!("../syntax.rs"),
    include_str!("../compare.rs"),
    include_str!("../removal.rs"),
    include_str!("../../../domain/fix.rs"),
    include_str!("../../../domain/diagnostic.rs"),
    include_str!("../../../cli/guard.rs"),
];

/// Puts `gap` before token `at`, in place of the gap that is there.
fn with_gap(tokens: &Tokens<'_>, at: usize, gap: &str) -> String {
    let start = tokens.list[at].start as usize;
    let before = start - tokens.gap(at).len();
    format!("{}{gap}{}", &tokens.text[..before], &tokens.text[start..])
}

fn in_import(tokens: &Tokens<'_>, at: usize) -> bool {
    let mut start = at;
    while start > 0 && !matches!(tokens.at(start - 1), ";") {
        start -= 1;
        if tokens.at(start) == "use" {
            return true;
        }
        if at - start > 200 {
            break;
        }
    }
    tokens.at(at) == "use"
}

/// Another token in place of one.
fn mutated(text: &str, kind: Kind, how: usize) -> String {
    match (kind, how % 3) {
        (_, 0) => String::new(),
        (Kind::Ident | Kind::Lifetime, 1) => format!("{text}x"),
        (Kind::Literal, 1) if text.starts_with('"') => text.replacen('"', "\" ", 1),
        (Kind::Literal, 1) => format!("{text}0"),
        (Kind::Doc, 1) => format!("{text} "),
        (Kind::Punct, 1) => {
            if text == "-" {
                "+".to_owned()
            } else {
                "-".to_owned()
            }
        }
        (Kind::Open | Kind::Close, 1) => ";".to_owned(),
        _ => format!("{text} {text}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_changed_token_is_never_proved(file in 0..FILES.len(), place in any::<prop::sample::Index>(), how in 0..3_usize) {
        let text = FILES[file];
        let tokens = lex::lex(text).unwrap();
        let at = place.index(tokens.list.len());
        prop_assume!(!in_import(&tokens, at));
        // Removing or doubling these is layout by the rules that have their own cases.
        prop_assume!(!matches!(tokens.at(at), "," | ";" | "|" | "{" | "}"));
        let token = tokens.list[at];
        let changed = format!(
            "{}{}{}",
            &text[..token.start as usize],
            mutated(tokens.at(at), token.kind, how),
            &text[token.end as usize..]
        );
        let (class, auto, reason) = judge_text(text, &changed, None);
        prop_assert_eq!(class, Expected::Other, "{} at {}: {}", tokens.at(at), at, reason);
        prop_assert!(!auto);
    }

    #[test]
    fn another_gap_in_plain_code_is_proved_style(
        file in 0..FILES.len(),
        place in any::<prop::sample::Index>(),
        gap in prop::sample::select(vec![" ", "\n", "\n\n    ", "\t", " /* note */ ", " // note\n", "\r\n"]),
    ) {
        let text = FILES[file];
        let tokens = lex::lex(text).unwrap();
        let names = MacroNames::collect(&tokens);
        let at = place.index(tokens.list.len());
        prop_assume!(places(&tokens, &names)[at].region == Region::Code);
        let joined = tokens.gap(at).is_empty() && at > 0
            && tokens.kind(at) == Some(Kind::Punct) && tokens.kind(at - 1) == Some(Kind::Punct);
        // What follows a doc comment on its line belongs to it.
        let after_doc = at > 0 && tokens.kind(at - 1) == Some(Kind::Doc) && !gap.starts_with('\n');
        prop_assume!(!joined && !after_doc);
        let changed = with_gap(&tokens, at, gap);
        prop_assume!(changed != text);
        let (class, auto, reason) = judge_text(text, &changed, None);
        prop_assert_eq!(class, Expected::Style, "before {}: {}", tokens.at(at), reason);
        prop_assert!(auto);
    }

    #[test]
    fn an_operator_split_or_joined_is_never_silently_proved(
        file in 0..FILES.len(),
        place in any::<prop::sample::Index>(),
    ) {
        let text = FILES[file];
        let tokens = lex::lex(text).unwrap();
        let pairs: Vec<usize> = (1..tokens.list.len())
            .filter(|at| {
                tokens.gap(*at).is_empty()
                    && matches!((tokens.at(*at - 1), tokens.at(*at)), ("&", "&") | ("=", ">") | ("-", ">") | (":", ":") | ("=", "=") | ("|", "|") | ("!", "="))
            })
            .collect();
        let at = *place.get(&pairs);
        let changed = with_gap(&tokens, at, " ");
        let (class, auto, reason) = judge_text(text, &changed, None);
        // A split operator never parses, but for `||` without arguments, which is the same closure.
        if tokens.at(at) != "|" {
            prop_assert_eq!((class, auto), (Expected::Other, false), "{}{}: {}", tokens.at(at - 1), tokens.at(at), reason);
        }
    }
}

#[test]
fn removing_or_doubling_any_comma_or_brace_leaves_the_same_tree_or_is_refused() {
    // Small enough to try every token.
    let text = include_str!("../../../domain/facts.rs");
    let tokens = lex::lex(text).unwrap();
    for (at, token) in tokens.list.iter().enumerate() {
        let changed = format!("{}{}", &text[..token.start as usize], &text[token.end as usize..]);
        let (class, _, _) = judge_text(text, &changed, None);
        let next = tokens.at(at + 1);
        let trailing = tokens.at(at) == "," && matches!(next, ")" | "]" | "}" | ">");
        assert!(class == Expected::Other || trailing, "removing `{}` at {at}", tokens.at(at));
    }
}
