//! What was removed from one event.

use super::path::Segment;

/// Places that are reported one by one.
pub(super) const MAX_REPORTED: usize = 30;

/// Bytes of a reported path.
const MAX_PATH_BYTES: usize = 200;

/// Something that was removed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Removed {
    /// Where, e.g. `request.headers.Authorization` or `exception.values[0].value`; bounded.
    pub path: String,
    /// The rule that removed it, e.g. `card`.
    pub rule: String,
}

/// What was removed from one event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// The first places.
    pub removed: Vec<Removed>,
    /// How many more there were.
    pub more: usize,
}

impl Report {
    /// Whether nothing was removed.
    pub fn is_empty(&self) -> bool {
        self.removed.is_empty() && self.more == 0
    }

    /// Adds a place; `way` is only asked for if the place is shown.
    pub(super) fn note<'w>(&mut self, rule: &str, way: impl FnOnce() -> Vec<Segment<'w>>) {
        if self.removed.len() == MAX_REPORTED {
            self.more += 1;
            return;
        }
        self.removed.push(Removed { path: shown(&way()), rule: rule.to_owned() });
    }
}

fn shown(way: &[Segment<'_>]) -> String {
    let mut out = String::new();
    for segment in way {
        match segment {
            Segment::Index(index) => out.push_str(&format!("[{index}]")),
            Segment::Key(key) => {
                if !out.is_empty() {
                    out.push('.');
                }
                out.push_str(&key[..key.floor_char_boundary(MAX_PATH_BYTES)]);
            }
        }
        if out.len() > MAX_PATH_BYTES {
            out.truncate(out.floor_char_boundary(MAX_PATH_BYTES));
            out.push('…');
            break;
        }
    }
    // Databases refuse NUL.
    out.replace('\0', "\u{fffd}")
}
