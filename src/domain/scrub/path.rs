//! Paths that an operator names: `request.headers.X-Internal`, `extra.*.iban`.

use super::ScrubError;
use super::rules::check_count;

/// Steps of one path; JSON deeper than 128 is refused when it is read.
const MAX_STEPS: usize = 32;

/// One step from the event's root on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Segment<'v> {
    /// A key; the name of a pair in a list of pairs is one as well.
    Key(&'v str),
    /// A place in a list, from 0.
    Index(usize),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Any,
    Deep,
    Name(String),
}

/// A path with `*` for one step and `**` for any number of steps. Letters' case does not matter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathPattern {
    steps: Vec<Step>,
}

impl PathPattern {
    /// Reads the list under the setting `key`.
    pub(super) fn parse_all(key: &str, texts: &[String]) -> Result<Vec<Self>, ScrubError> {
        check_count(key, texts.len())?;
        let refuse = |i: usize, reason: &str| ScrubError::new(format!("{key}[{i}]"), reason);
        texts
            .iter()
            .enumerate()
            .map(|(i, text)| Self::parse(text).map_err(|reason| refuse(i, &reason)))
            .collect()
    }

    /// Reads one; the error is the reason.
    pub fn parse(text: &str) -> Result<Self, String> {
        let steps: Vec<Step> = text
            .split('.')
            .map(|step| match step {
                "*" => Step::Any,
                "**" => Step::Deep,
                name => Step::Name(name.to_owned()),
            })
            .collect();
        if steps.iter().any(|step| matches!(step, Step::Name(name) if name.trim().is_empty())) {
            return Err(format!("`{text}` has an empty step; write it like extra.*.iban"));
        }
        if steps.len() > MAX_STEPS {
            return Err(format!("has {} steps; {MAX_STEPS} are taken", steps.len()));
        }
        if steps.iter().all(|step| *step != Step::Any && *step != Step::Deep) || steps.len() > 1 {
            return Ok(Self { steps });
        }
        Err(format!("`{text}` is the whole event; `scrub.enabled = false` turns scrubbing off"))
    }

    /// Whether exactly this place is meant.
    pub fn matches(&self, place: &[Segment<'_>]) -> bool {
        // One row of the usual table: which numbers of steps can have been used so far.
        let mut reached = vec![false; self.steps.len() + 1];
        reached[0] = true;
        self.skip_deep(&mut reached);
        for segment in place {
            let mut next = vec![false; reached.len()];
            for (i, step) in self.steps.iter().enumerate().filter(|(i, _)| reached[*i]) {
                match step {
                    Step::Deep => next[i] = true,
                    Step::Any => next[i + 1] = true,
                    Step::Name(name) => next[i + 1] |= is_named(*segment, name),
                }
            }
            self.skip_deep(&mut next);
            reached = next;
        }
        reached.last().copied().unwrap_or(false)
    }

    /// `**` may stand for nothing.
    fn skip_deep(&self, reached: &mut [bool]) {
        for (i, step) in self.steps.iter().enumerate() {
            if reached[i] && *step == Step::Deep {
                reached[i + 1] = true;
            }
        }
    }
}

fn is_named(segment: Segment<'_>, name: &str) -> bool {
    match segment {
        Segment::Key(key) => key.eq_ignore_ascii_case(name),
        Segment::Index(index) => name.parse() == Ok(index),
    }
}
