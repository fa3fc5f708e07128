//! The one way from a string to a page: HTML is escaped, and characters that hide or reorder text are
//! shown by their number. Attackers write error messages and patches too; what a reviewer approves
//! must be what it looks like.

use std::fmt::{self, Write};

use askama::filters::{Escaper, Html};

/// askama's escaper for every `.html` template (named in `askama.toml`).
#[derive(Clone, Copy, Debug, Default)]
pub struct VisibleHtml;

impl Escaper for VisibleHtml {
    fn write_escaped_str<W: Write>(&self, mut dest: W, text: &str) -> fmt::Result {
        let mut rest = 0;
        for (at, c) in text.char_indices() {
            if is_hidden(c, &text[..at], &text[at + c.len_utf8()..]) {
                Html.write_escaped_str(&mut dest, &text[rest..at])?;
                write!(dest, "⟦U+{:04X}⟧", u32::from(c))?;
                rest = at + c.len_utf8();
            }
        }
        Html.write_escaped_str(&mut dest, &text[rest..])
    }
}

/// Whether `c` changes how the text around it looks without showing itself.
fn is_hidden(c: char, before: &str, after: &str) -> bool {
    match c {
        '\t' | '\n' | ' '..='~' => false,
        '\r' => !after.starts_with('\n'),
        // The rest of the C0 controls, delete, and the C1 controls.
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' => true,
        // Bidirectional controls.
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
            true
        }
        // Nothing to see, or a line end that is not one.
        '\u{ad}' | '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{200b}' => true,
        '\u{2028}' | '\u{2029}' | '\u{2060}'..='\u{2065}' | '\u{206a}'..='\u{206f}' => true,
        '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' => true,
        // Tags: a whole invisible copy of ASCII.
        '\u{e0000}'..='\u{e0fff}' => true,
        // Joiners belong in some scripts and in emoji, but not beside ASCII.
        '\u{200c}' | '\u{200d}' => {
            before.chars().next_back().is_none_or(|c| c.is_ascii())
                || after.chars().next().is_none_or(|c| c.is_ascii())
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let mut out = String::new();
        VisibleHtml.write_escaped_str(&mut out, text).unwrap();
        out
    }

    #[test]
    fn html_is_escaped() {
        assert_eq!(
            shown(r#"<script>alert("1")</script> & 'x'"#),
            "&#60;script&#62;alert(&#34;1&#34;)&#60;/script&#62; &#38; &#39;x&#39;"
        );
    }

    #[test]
    fn every_bidirectional_control_is_shown_by_its_number() {
        for number in [
            0x061c, 0x200e, 0x200f, 0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2066, 0x2067, 0x2068,
            0x2069,
        ] {
            let c = char::from_u32(number).unwrap();
            assert_eq!(shown(&format!("a{c}<b")), format!("a⟦U+{number:04X}⟧&#60;b"));
        }
    }

    #[test]
    fn what_cannot_be_seen_is_shown_and_what_can_is_left() {
        assert_eq!(shown("\u{1b}[31m\0"), "⟦U+001B⟧[31m⟦U+0000⟧");
        assert_eq!(shown("a\u{200b}b\u{feff}"), "a⟦U+200B⟧b⟦U+FEFF⟧");
        assert_eq!(shown("\u{e0041}"), "⟦U+E0041⟧");
        assert_eq!(shown("one\r\ntwo\rthree\t!"), "one\r\ntwo⟦U+000D⟧three\t!");
        assert_eq!(shown("admin\u{200d}"), "admin⟦U+200D⟧");
        for ordinary in ["Grüße, 世界", "שלום", "می\u{200c}خواهم", "👩\u{200d}🔬"]
        {
            assert_eq!(shown(ordinary), ordinary);
        }
    }
}
