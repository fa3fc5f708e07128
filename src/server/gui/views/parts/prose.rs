//! Sentences with code in them: what stands between backticks is printed as code.

/// A sentence in pieces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Prose {
    /// In reading order.
    pub pieces: Vec<ProsePiece>,
}

/// A stretch of a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProsePiece {
    /// The text, without the backticks.
    pub text: String,
    /// Whether it is code.
    pub is_code: bool,
}

impl Prose {
    /// Splits `text` at its backticks. One without a partner on the same line stays as it is.
    pub fn new(text: &str) -> Self {
        let mut pieces = Vec::new();
        let mut push = |text: &str, is_code| {
            if !text.is_empty() {
                pieces.push(ProsePiece { text: text.to_owned(), is_code });
            }
        };
        let mut rest = text;
        let mut searched = 0;
        while let Some(open) = rest[searched..].find('`').map(|at| searched + at) {
            let inside = &rest[open + 1..];
            let end =
                inside.find(['`', '\n']).filter(|end| *end > 0 && inside[*end..].starts_with('`'));
            match end {
                Some(end) => {
                    push(&rest[..open], false);
                    push(&inside[..end], true);
                    rest = &inside[end + 1..];
                    searched = 0;
                }
                None => {
                    // An empty pair, or one without a partner: text, as are all backticks beside it.
                    let run = inside.len() - inside.trim_start_matches('`').len();
                    searched = open + 1 + run;
                }
            }
        }
        push(rest, false);
        Self { pieces }
    }

    /// Whether there is nothing to say.
    pub fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let piece =
            |p: &ProsePiece| if p.is_code { format!("<{}>", p.text) } else { p.text.clone() };
        Prose::new(text).pieces.iter().map(piece).collect()
    }

    #[test]
    fn code_stands_between_backticks() {
        assert_eq!(shown("`a[i]` fails when `i` is 3"), "<a[i]> fails when <i> is 3");
        assert_eq!(shown("no code"), "no code");
        assert!(Prose::new("").is_empty());
    }

    #[test]
    fn a_lone_backtick_is_a_backtick() {
        assert_eq!(shown("a ` b"), "a ` b");
        assert_eq!(shown("a `b\nc` d"), "a `b\nc` d");
        assert_eq!(shown("`` and `x`"), "`` and <x>");
        assert_eq!(shown("```"), "```");
    }
}
