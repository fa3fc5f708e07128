//! Spike protection: of an issue that floods, the first events of each hour are kept whole, then one
//! in so many; all are counted. Off unless the operator switches it on.

use std::collections::HashMap;

use jiff::Timestamp;

use crate::store::StoreError;
use crate::store::rollups::{HOUR, bucket};
use crate::store::sql::{self, Tx};

const IN_HOUR: &str = "SELECT events FROM rollups
    WHERE issue_id = $1 AND grain = 3600 AND bucket = $2";

/// How much of a flood is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spikes {
    /// Events of an issue that are kept whole in each hour; 0 switches the protection off.
    pub keep_per_issue_hour: u64,
    /// Beyond that, one in so many is kept.
    pub then_one_in: u64,
}

impl Spikes {
    /// Everything is kept.
    pub const OFF: Self = Self { keep_per_issue_hour: 0, then_one_in: 1 };

    /// Whether everything is kept.
    pub(super) fn is_off(self) -> bool {
        self.keep_per_issue_hour == 0
    }

    /// Whether the event that is the `nth` of its issue's hour (from 0) is kept whole.
    fn keeps(self, nth: i64) -> bool {
        let nth = u64::try_from(nth).unwrap_or_default();
        match nth.checked_sub(self.keep_per_issue_hour) {
            None => true,
            Some(beyond) => (beyond + 1).is_multiple_of(self.then_one_in.max(1)),
        }
    }

    /// Which of these events are kept whole, in their order. `of` tells an event's issue and when it came.
    pub(super) async fn whole(
        self,
        tx: &mut Tx,
        order: &[usize],
        of: impl Fn(usize) -> (i64, Timestamp),
    ) -> Result<Vec<bool>, StoreError> {
        let mut whole = vec![true; order.len()];
        if self.is_off() {
            return Ok(whole);
        }
        let mut seen = HashMap::<(i64, i64), i64>::new();
        for (whole, index) in whole.iter_mut().zip(order) {
            let (issue_id, received_at) = of(*index);
            let hour = bucket(received_at, HOUR);
            let count = match seen.get(&(issue_id, hour)) {
                Some(count) => *count,
                None => sql::query_scalar(IN_HOUR)
                    .bind(issue_id)
                    .bind(hour)
                    .fetch_optional(&mut *tx)
                    .await?
                    .unwrap_or(0),
            };
            *whole = self.keeps(count);
            seen.insert((issue_id, hour), count + 1);
        }
        Ok(whole)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_are_kept_and_then_one_in_so_many() {
        let spikes = Spikes { keep_per_issue_hour: 3, then_one_in: 10 };
        let kept: Vec<i64> = (0..40).filter(|n| spikes.keeps(*n)).collect();
        assert_eq!(kept, [0, 1, 2, 12, 22, 32]);
    }
}
