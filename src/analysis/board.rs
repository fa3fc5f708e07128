//! The places that may have to change, with what points at each of them.

use crate::domain::analysis::Candidate;

/// Candidates given at most.
const MAX_CANDIDATES: usize = 5;

/// A place in the code.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    /// Path below the repository root.
    pub(super) file: &'a str,
    /// From 1.
    pub(super) line: u32,
    /// The function around it.
    pub(super) function: Option<&'a str>,
}

/// A place with the weight of all that points at it, and the most that one thing gave.
#[derive(Debug)]
struct Entry {
    candidate: Candidate,
    sum: f64,
    most: f64,
}

/// All places so far. A function that several things point at has the sum of their weights.
#[derive(Debug, Default)]
pub(super) struct Board {
    entries: Vec<Entry>,
}

impl Board {
    /// Adds what points at a place. The line and the reason are those of what weighs most.
    pub(super) fn add(&mut self, place: Place<'_>, weight: f64, why: String) {
        let same = |one: &Candidate| {
            one.file == place.file
                && match (one.function.as_deref(), place.function) {
                    (Some(a), Some(b)) => a == b,
                    (None, None) => true,
                    _ => one.line == place.line,
                }
        };
        match self.entries.iter_mut().find(|entry| same(&entry.candidate)) {
            Some(known) => {
                if weight > known.most {
                    known.candidate.line = place.line;
                    known.candidate.why = why;
                    known.most = weight;
                }
                known.sum += weight;
            }
            None => self.entries.push(Entry {
                candidate: Candidate {
                    file: place.file.to_owned(),
                    line: place.line,
                    function: place.function.map(str::to_owned),
                    why,
                },
                sum: weight,
                most: weight,
            }),
        }
    }

    /// The best, in order; of equals the first that was added.
    pub(super) fn best(mut self) -> Vec<Candidate> {
        self.entries.sort_by(|a, b| b.sum.total_cmp(&a.sum));
        self.entries.into_iter().take(MAX_CANDIDATES).map(|entry| entry.candidate).collect()
    }
}
