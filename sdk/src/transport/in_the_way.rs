//! Errors for which something between here and the server answers with a fault, while it takes others: a
//! filter that does not like a text, a body that is too long for the time there is. They must not keep
//! everything behind them from being sent.

use std::collections::HashMap;

/// How often in a row an error is tried before others go first.
const TRIES: u32 = 3;

/// How often it comes last and fails again, while others are taken, until it is given up.
const ROUNDS: u32 = 5;

/// Errors that are remembered.
const MAX_KNOWN: usize = 1000;

/// What is to be done with an error that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Again,
    OthersFirst,
    GiveUp,
}

/// What failed lately.
#[derive(Debug, Default)]
pub(super) struct InTheWay {
    /// The one in hand, and how often it failed in a row.
    in_hand: Option<(u32, u32)>,
    /// Those that others went before: in how many rounds they failed, and what was taken before the last.
    known: HashMap<u32, (u32, u64)>,
    /// How many were taken.
    taken: u64,
}

impl InTheWay {
    pub(super) fn taken(&mut self, error: &[u8]) {
        self.taken += 1;
        self.in_hand = None;
        if !self.known.is_empty() {
            self.known.remove(&crc32fast::hash(error));
        }
    }

    pub(super) fn failed(&mut self, error: &[u8]) -> Verdict {
        let number = crc32fast::hash(error);
        if let Some((rounds, taken)) = self.known.get_mut(&number) {
            // A server that takes nothing says nothing of this one.
            if self.taken > *taken {
                (*rounds, *taken) = (*rounds + 1, self.taken);
            }
            if *rounds < ROUNDS {
                return Verdict::OthersFirst;
            }
            self.known.remove(&number);
            return Verdict::GiveUp;
        }
        let before = self.in_hand.filter(|(in_hand, _)| *in_hand == number);
        let tries = before.map_or(0, |(_, tries)| tries) + 1;
        if tries < TRIES {
            self.in_hand = Some((number, tries));
            return Verdict::Again;
        }
        self.in_hand = None;
        if self.known.len() >= MAX_KNOWN {
            self.known.clear();
        }
        self.known.insert(number, (0, self.taken));
        Verdict::OthersFirst
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_fails_while_others_are_taken_is_given_up() {
        let mut way = InTheWay::default();
        let fail = |way: &mut InTheWay, times: usize| -> Vec<Verdict> {
            (0..times).map(|_| way.failed(b"stuck")).collect()
        };
        assert_eq!(fail(&mut way, 3), [Verdict::Again, Verdict::Again, Verdict::OthersFirst]);
        assert!(fail(&mut way, 100).iter().all(|is| *is == Verdict::OthersFirst), "it is away");
        for _ in 1..ROUNDS {
            way.taken(b"another");
            assert_eq!(fail(&mut way, 2), [Verdict::OthersFirst, Verdict::OthersFirst]);
        }
        way.taken(b"another");
        assert_eq!(fail(&mut way, 1), [Verdict::GiveUp]);
        assert_eq!(way.failed(b"one"), Verdict::Again);
        way.taken(b"one");
        assert_eq!(way.failed(b"one"), Verdict::Again, "nothing is held against it");
    }
}
