//! For tests: JSON texts as senders write them, and as nobody should.

use proptest::prelude::*;

/// A JSON value that can be written in more than one way, and have a key twice.
#[derive(Clone, Debug)]
pub(crate) enum Tree {
    /// As it stands: numbers, words, and what is no JSON.
    Raw(String),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Tree>),
    /// An object.
    Object(Vec<(String, Tree)>),
}

/// How it is written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Style {
    /// Spaces and line ends between the parts.
    pub(crate) spaced: bool,
    /// Only ASCII, with `\u` for the rest.
    pub(crate) ascii: bool,
    /// `\/` for `/`.
    pub(crate) slashes: bool,
    /// Every letter of a text that divides by this is written as `\u`.
    pub(crate) hidden: Option<u8>,
}

pub(crate) fn any_style() -> impl Strategy<Value = Style> {
    let hidden = prop_oneof![4 => Just(None), 1 => (2_u8..9).prop_map(Some)];
    (any::<bool>(), any::<bool>(), any::<bool>(), hidden)
        .prop_map(|(spaced, ascii, slashes, hidden)| Style { spaced, ascii, slashes, hidden })
}

impl Tree {
    pub(crate) fn written(&self, style: Style) -> String {
        let mut out = String::new();
        self.write(style, &mut out);
        out
    }

    fn write(&self, style: Style, out: &mut String) {
        let space = if style.spaced { "\n " } else { "" };
        match self {
            Self::Raw(raw) => out.push_str(raw),
            Self::Text(text) => write_text(text, style, out),
            Self::List(items) => {
                out.push('[');
                for (i, item) in items.iter().enumerate() {
                    out.push_str(if i > 0 { "," } else { "" });
                    out.push_str(space);
                    item.write(style, out);
                }
                out.push_str(space);
                out.push(']');
            }
            Self::Object(entries) => {
                out.push('{');
                for (i, (key, value)) in entries.iter().enumerate() {
                    out.push_str(if i > 0 { "," } else { "" });
                    out.push_str(space);
                    write_text(key, Style { hidden: None, ..style }, out);
                    out.push_str(space);
                    out.push(':');
                    value.write(style, out);
                }
                out.push('}');
            }
        }
    }
}

fn write_text(text: &str, style: Style, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        let hidden = style.hidden.is_some_and(|n| u32::from(c).is_multiple_of(u32::from(n)));
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '/' if style.slashes => out.push_str("\\/"),
            c if c < ' ' || hidden || style.ascii && !c.is_ascii() => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    out.push_str(&format!("\\u{unit:04x}"));
                }
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

/// Values of every kind, with `key` as keys and `text` as texts.
pub(crate) fn any_tree(
    key: impl Strategy<Value = String> + Clone + 'static,
    text: impl Strategy<Value = String> + Clone + 'static,
) -> impl Strategy<Value = Tree> + Clone {
    let raw = prop::sample::select(vec![
        "null",
        "true",
        "false",
        "0",
        "-1",
        "7",
        "4111111111111111",
        "5500005555555559",
        "18446744073709551616",
        "1.5",
        "-0",
        "1e3",
        "0.25E-2",
        "12345678901234567890123",
    ]);
    let leaf = prop_oneof![
        4 => text.prop_map(Tree::Text),
        1 => raw.prop_map(|raw| Tree::Raw(raw.to_owned())),
    ];
    leaf.prop_recursive(6, 80, 7, move |inner| {
        prop_oneof![
            2 => prop::collection::vec((key.clone(), inner.clone()), 0..7).prop_map(Tree::Object),
            1 => prop::collection::vec(inner, 0..6).prop_map(Tree::List),
        ]
    })
}

/// A text with something of it left out, doubled or put in.
pub(crate) fn mutated(text: String) -> impl Strategy<Value = Vec<u8>> {
    let length = text.len() + 1;
    let what = prop::sample::select(vec![
        &b""[..],
        b"\"",
        b"\\",
        b"{",
        b"]",
        b",",
        b"\x00",
        b"\xff",
        b"\\ud83d",
        b"e",
        b"-",
        b"0",
        b":",
    ]);
    prop::collection::vec((0..length, 0..3_usize, what), 0..4).prop_map(move |changes| {
        let mut bytes = text.clone().into_bytes();
        for (at, removed, put) in changes {
            let at = at.min(bytes.len());
            let end = (at + removed).min(bytes.len());
            bytes.splice(at..end, put.iter().copied());
        }
        bytes
    })
}
