//! The source lines that an event carries with its frames, as sources: all that is known of files when
//! there is no repository.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::domain::event::Frame;
use crate::source::{Revision, Sources};

/// Frames whose line number is higher are left out: the lines before it are unknown, and stand as empty
/// ones.
const MAX_LINE: u32 = 100_000;
/// Bytes kept of one line.
const MAX_LINE_BYTES: usize = 4 * 1024;

/// Files of which only the lines around the frames are known; unknown lines are empty.
pub struct EventSources {
    paths: Vec<String>,
    texts: BTreeMap<String, Arc<str>>,
    revision: Revision,
}

impl EventSources {
    /// From frames with source context.
    pub fn new(frames: &[Frame]) -> Self {
        let mut lines: BTreeMap<String, BTreeMap<u32, &str>> = BTreeMap::new();
        for frame in frames {
            let (Some(path), Some(number), Some(line)) =
                (frame.path(), frame.lineno, frame.context_line.as_deref())
            else {
                continue;
            };
            if number == 0 || number > MAX_LINE {
                continue;
            }
            let file = lines.entry(name(path)).or_default();
            file.insert(number, line);
            for (before, text) in (1..).zip(frame.pre_context.iter().rev()) {
                if let Some(number) = number.checked_sub(before).filter(|number| *number > 0) {
                    file.entry(number).or_insert(text);
                }
            }
            for (after, text) in (1..).zip(&frame.post_context) {
                file.entry(number.saturating_add(after)).or_insert(text);
            }
        }
        let texts: BTreeMap<String, Arc<str>> =
            lines.into_iter().map(|(path, lines)| (path, sparse_text(&lines).into())).collect();
        Self {
            paths: texts.keys().cloned().collect(),
            texts,
            revision: Revision {
                commit: None,
                note: Some("Only the source lines that came with the event were read.".to_owned()),
            },
        }
    }
}

fn name(path: &str) -> String {
    path.replace('\\', "/").trim_start_matches("./").trim_start_matches('/').to_owned()
}

fn sparse_text(lines: &BTreeMap<u32, &str>) -> String {
    let mut text = String::new();
    let mut next = 1;
    for (number, line) in lines {
        while next < *number {
            text.push('\n');
            next += 1;
        }
        // One line of context is one line, whatever the sender put into it.
        let line = line.split('\n').next().unwrap_or_default().trim_end_matches('\r');
        text.push_str(&line[..line.floor_char_boundary(MAX_LINE_BYTES)]);
        text.push('\n');
        next += 1;
    }
    text
}

impl Sources for EventSources {
    fn paths(&self) -> &[String] {
        &self.paths
    }

    fn read(&self, path: &str) -> Option<Arc<str>> {
        self.texts.get(path).map(Arc::clone)
    }

    fn revision(&self) -> &Revision {
        &self.revision
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_keep_their_numbers() {
        let frame = Frame {
            abs_path: Some("/srv/shop/src/cart.rs".into()),
            lineno: Some(5),
            pre_context: vec!["three".into(), "four".into()],
            context_line: Some("five".into()),
            post_context: vec!["six".into()],
            ..Frame::default()
        };
        let sources = EventSources::new(&[frame]);
        assert_eq!(sources.paths(), ["srv/shop/src/cart.rs"]);
        let text = sources.read("srv/shop/src/cart.rs").unwrap();
        assert_eq!(text.as_ref(), "\n\nthree\nfour\nfive\nsix\n");
    }

    #[test]
    fn absurd_frames_cost_nothing() {
        let frame = |lineno| Frame {
            abs_path: Some("a.rs".into()),
            lineno: Some(lineno),
            context_line: Some("x\ny".into()),
            pre_context: vec!["before".into(); 3],
            ..Frame::default()
        };
        assert!(EventSources::new(&[frame(u32::MAX), frame(0)]).paths().is_empty());
        let sources = EventSources::new(&[frame(1)]);
        assert_eq!(sources.read("a.rs").unwrap().as_ref(), "x\n");
    }
}
