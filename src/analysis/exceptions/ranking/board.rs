//! Places with their weights.

use crate::domain::analysis::Candidate;

/// Candidates given at most.
const MAX_CANDIDATES: usize = 5;

/// All places so far. A function that several things point at has the sum of their weights.
#[derive(Debug, Default)]
pub(super) struct Board(Vec<(f64, f64, Candidate)>);

impl Board {
    pub(super) fn add(
        &mut self,
        file: &str,
        line: u32,
        function: Option<&str>,
        weight: f64,
        why: String,
    ) {
        let same = |one: &Candidate| one.file == file && one.function.as_deref() == function;
        match self.0.iter_mut().find(|(_, _, one)| same(one)) {
            Some((sum, most, known)) => {
                if weight > *most {
                    (known.line, known.why, *most) = (line, why, weight);
                }
                *sum += weight;
            }
            None => {
                let candidate = Candidate {
                    file: file.to_owned(),
                    line,
                    function: function.map(str::to_owned),
                    why,
                };
                self.0.push((weight, weight, candidate));
            }
        }
    }

    /// The best, in order; of equals the first that was added.
    pub(super) fn best(mut self) -> Vec<Candidate> {
        self.0.sort_by(|(a, ..), (b, ..)| b.total_cmp(a));
        self.0.into_iter().take(MAX_CANDIDATES).map(|(_, _, candidate)| candidate).collect()
    }
}
