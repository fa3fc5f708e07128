//! Places with their weights.

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

/// All places so far. A function that several things point at has the sum of their weights.
#[derive(Debug, Default)]
pub(super) struct Board(Vec<(f64, Candidate)>);

impl Board {
    pub(super) fn add(&mut self, place: Place<'_>, weight: f64, why: String) {
        let same = |one: &Candidate| {
            one.file == place.file
                && match (one.function.as_deref(), place.function) {
                    (Some(a), Some(b)) => a == b,
                    _ => one.line == place.line,
                }
        };
        match self.0.iter_mut().find(|(_, one)| same(one)) {
            Some((sum, known)) => {
                if weight > *sum {
                    known.line = place.line;
                    known.why = why;
                }
                *sum += weight;
            }
            None => self.0.push((
                weight,
                Candidate {
                    file: place.file.to_owned(),
                    line: place.line,
                    function: place.function.map(str::to_owned),
                    why,
                },
            )),
        }
    }

    /// The best, in order; of equals the first that was added.
    pub(super) fn best(mut self) -> Vec<Candidate> {
        self.0.sort_by(|(a, _), (b, _)| b.total_cmp(a));
        self.0.into_iter().take(MAX_CANDIDATES).map(|(_, candidate)| candidate).collect()
    }
}
