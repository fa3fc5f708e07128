//! Patterns with `*`, `?` and, in paths, `**`.

/// Bytes of a pattern.
pub(super) const MAX_PATTERN_BYTES: usize = 512;

/// Stars of a pattern.
pub(super) const MAX_STARS: usize = 16;

/// Bytes of a text that are compared.
const MAX_TEXT_BYTES: usize = 4 * 1024;

/// Steps after which a text counts as not matched: more than any sensible pattern takes, and what
/// bounds a text that was made to be slow.
const MAX_STEPS: usize = 256 * 1024;

/// What a pattern is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// Letter for letter.
    Exact,
    /// Capital and small letters are the same.
    AnyCase,
    /// So they are, and only `**` goes over a `/`.
    Path,
}

/// A pattern, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Glob {
    tokens: Vec<Token>,
    style: Style,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token {
    Letter(char),
    /// `?`
    One,
    /// `*`
    Star,
    /// `**` in a path: a star that goes over `/`.
    Deep,
}

impl Glob {
    /// Reads a pattern; a backslash takes what follows it literally. The error says what is wrong and
    /// what would be right.
    pub(super) fn parse(pattern: &str, style: Style) -> Result<Self, (String, String)> {
        if pattern.len() > MAX_PATTERN_BYTES {
            let help = format!("write at most {MAX_PATTERN_BYTES} bytes");
            return Err((format!("the pattern has {} bytes", pattern.len()), help));
        }
        let mut tokens: Vec<Token> = Vec::new();
        let mut letters = pattern.chars();
        while let Some(c) = letters.next() {
            let token = match c {
                '\\' => Token::Letter(style.fold(letters.next().unwrap_or('\\'))),
                '?' => Token::One,
                '*' => match tokens.last() {
                    Some(Token::Star) if style == Style::Path => {
                        tokens.pop();
                        Token::Deep
                    }
                    Some(Token::Star | Token::Deep) => continue,
                    _ => Token::Star,
                },
                c => Token::Letter(style.fold(c)),
            };
            tokens.push(token);
        }
        let stars = tokens.iter().filter(|t| matches!(t, Token::Star | Token::Deep)).count();
        if stars > MAX_STARS {
            let help = format!("use at most {MAX_STARS}");
            return Err((format!("the pattern has {stars} stars"), help));
        }
        Ok(Self { tokens, style })
    }

    /// Whether all of `text` fits the pattern; of a long one, all of its beginning.
    pub(super) fn matches(&self, text: &str) -> bool {
        let text = &text[..text.floor_char_boundary(MAX_TEXT_BYTES)];
        if self.fits(text) {
            return true;
        }
        // `**/cart/*` is to fit `cart/x`, too.
        self.style == Style::Path
            && self.tokens.first() == Some(&Token::Deep)
            && !text.starts_with(['/', '\\'])
            && self.fits(&["/", text].concat())
    }

    /// Two places, one in the text and one in the pattern, and for each kind of star the place to go
    /// back to.
    fn fits(&self, text: &str) -> bool {
        let (mut at, mut token) = (0, 0);
        let mut star: Option<(usize, usize)> = None;
        let mut deep: Option<(usize, usize)> = None;
        let letter = |at: usize| text[at..].chars().next();
        for _ in 0..MAX_STEPS {
            let here = letter(at);
            match (self.tokens.get(token), here) {
                (None, None) => return true,
                (Some(Token::Star), _) => {
                    token += 1;
                    star = Some((token, at));
                    continue;
                }
                (Some(Token::Deep), _) => {
                    token += 1;
                    (deep, star) = (Some((token, at)), None);
                    continue;
                }
                (Some(Token::One), Some(c)) if !self.stops(c) => {
                    (at, token) = (at + c.len_utf8(), token + 1);
                    continue;
                }
                (Some(Token::Letter(wanted)), Some(c)) if self.style.fold(c) == *wanted => {
                    (at, token) = (at + c.len_utf8(), token + 1);
                    continue;
                }
                _ => {}
            }
            // It does not fit here: the last star takes one letter more.
            if let Some((next, from)) = star
                && let Some(c) = letter(from).filter(|c| !self.stops(*c))
            {
                (at, token) = (from + c.len_utf8(), next);
                star = Some((next, at));
            } else if let Some((next, from)) = deep
                && let Some(c) = letter(from)
            {
                (at, token) = (from + c.len_utf8(), next);
                (deep, star) = (Some((next, at)), None);
            } else {
                return false;
            }
        }
        false
    }

    fn stops(&self, c: char) -> bool {
        self.style == Style::Path && matches!(c, '/' | '\\')
    }
}

impl Style {
    fn fold(self, c: char) -> char {
        match self {
            Self::Exact => c,
            Self::Path if c == '\\' => '/',
            Self::AnyCase | Self::Path => {
                if c.is_ascii() {
                    return c.to_ascii_lowercase();
                }
                let mut lower = c.to_lowercase();
                match (lower.next(), lower.next()) {
                    (Some(one), None) => one,
                    _ => c,
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn matches(style: Style, pattern: &str, text: &str) -> bool {
        Glob::parse(pattern, style).unwrap().matches(text)
    }

    #[test]
    fn stars_and_question_marks_stand_for_letters() {
        for (pattern, text, fits) in [
            ("abc", "abc", true),
            ("abc", "abcd", false),
            ("", "", true),
            ("", "a", false),
            ("*", "", true),
            ("*", "any/thing", true),
            ("a*", "a", true),
            ("*c", "abc", true),
            ("*b*", "abc", true),
            ("a*c*e", "abcde", true),
            ("a*c*e", "abcdef", false),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("a?c", "aéc", true),
            ("*aab", "aaaaab", true),
            ("\\*", "*", true),
            ("\\*", "a", false),
            ("a\\?", "a?", true),
            ("\\[x\\]", "[x]", true),
            ("[x]", "[x]", true),
            ("Abc", "abc", false),
        ] {
            assert_eq!(matches(Style::Exact, pattern, text), fits, "{pattern} {text}");
        }
        assert!(matches(Style::AnyCase, "CONNECTION *", "Connection refused"));
        assert!(matches(Style::AnyCase, "größe*", "GRÖSSE".replace("SS", "ß").as_str()));
    }

    #[test]
    fn in_paths_only_two_stars_go_over_folders() {
        for (pattern, text, fits) in [
            ("/srv/*.js", "/srv/a.js", true),
            ("/srv/*.js", "/srv/lib/a.js", false),
            ("/srv/**.js", "/srv/lib/a.js", true),
            ("**/lib/*.js", "/srv/lib/a.js", true),
            ("**/lib/*.js", "lib/a.js", true),
            ("**/lib/*.js", "/srv/lib/deep/a.js", false),
            ("**/lib/**/*.js", "/srv/lib/deep/er/a.js", true),
            ("**/node_modules/**", "C:\\shop\\Node_Modules\\x\\y.js", true),
            ("/srv/?/a", "/srv/x/a", true),
            ("/srv?a", "/srv/a", false),
        ] {
            assert_eq!(matches(Style::Path, pattern, text), fits, "{pattern} {text}");
        }
    }

    #[test]
    fn patterns_are_bounded() {
        assert!(Glob::parse(&"a".repeat(MAX_PATTERN_BYTES + 1), Style::Exact).is_err());
        assert!(Glob::parse(&"*a".repeat(MAX_STARS + 1), Style::Exact).is_err());
        assert!(Glob::parse(&"*".repeat(100), Style::Exact).is_ok());
    }

    #[test]
    fn texts_made_to_be_slow_end() {
        let text = "a/".repeat(40_000);
        for style in [Style::Exact, Style::AnyCase, Style::Path] {
            let pattern = format!("**{}b", "a/*".repeat(15));
            let _ = matches(style, &pattern, &text);
            let _ = matches(style, &format!("*{}b", "a/".repeat(200)), &text);
        }
    }

    /// What a glob means, written down without cleverness.
    fn naive(pattern: &[char], text: &[char]) -> bool {
        match pattern.split_first() {
            None => text.is_empty(),
            Some(('*', rest)) => (0..=text.len()).any(|n| naive(rest, &text[n..])),
            Some(('?', rest)) => !text.is_empty() && naive(rest, &text[1..]),
            Some((c, rest)) => text.first() == Some(c) && naive(rest, &text[1..]),
        }
    }

    fn naive_path(pattern: &[char], text: &[char]) -> bool {
        match pattern {
            [] => text.is_empty(),
            ['*', '*', rest @ ..] => (0..=text.len()).any(|n| naive_path(rest, &text[n..])),
            ['*', rest @ ..] => (0..=text.len())
                .take_while(|n| !text[..*n].contains(&'/'))
                .any(|n| naive_path(rest, &text[n..])),
            ['?', rest @ ..] => {
                text.first().is_some_and(|c| *c != '/') && naive_path(rest, &text[1..])
            }
            [c, rest @ ..] => text.first() == Some(c) && naive_path(rest, &text[1..]),
        }
    }

    proptest! {
        #[test]
        fn matching_agrees_with_what_globs_mean(pattern in "[ab*?]{0,8}", text in "[ab]{0,10}") {
            let (p, t): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
            prop_assert_eq!(matches(Style::Exact, &pattern, &text), naive(&p, &t));
        }

        #[test]
        fn matching_paths_agrees_with_what_globs_mean(pattern in "/((\\*{0,2})[ab/?]){0,5}\\*{0,2}", text in "/[ab/]{0,10}") {
            let (p, t): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
            prop_assert_eq!(matches(Style::Path, &pattern, &text), naive_path(&p, &t));
        }
    }
}
