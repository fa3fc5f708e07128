//! Events, or money, over time as bars: inline SVG without styles or script, and the same numbers as words and as a
//! table.

use std::fmt::Write as _;

use jiff::Timestamp;

use super::amount;

/// Seconds of an hour.
const HOUR_SECONDS: i64 = 3600;
/// Seconds of a day.
const DAY_SECONDS: i64 = 24 * HOUR_SECONDS;

/// Units of a chart's height. Its width and height on the page are the stylesheet's.
const HEIGHT: u64 = 100;
/// Units from one bar to the next.
const STEP: usize = 10;
/// Units of a bar's width.
const BAR: usize = 8;
/// Units of the lowest bar: one event beside a million can still be seen.
const LOWEST: u64 = 3;

/// Units of a sparkline's height.
const SPARK_HEIGHT: u64 = 20;
/// Units from one bar of a sparkline to the next.
const SPARK_STEP: usize = 4;
/// Units of such a bar's width.
const SPARK_BAR: usize = 3;
/// Units of the lowest such bar.
const SPARK_LOWEST: u64 = 2;

/// How long a bar stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grain {
    /// An hour.
    Hour,
    /// A day, in UTC.
    Day,
}

impl Grain {
    /// In seconds.
    pub const fn seconds(self) -> i64 {
        match self {
            Self::Hour => HOUR_SECONDS,
            Self::Day => DAY_SECONDS,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "day",
        }
    }

    fn name(self, begin: i64) -> String {
        let format = match self {
            Self::Hour => "%Y-%m-%d %H:%M UTC",
            Self::Day => "%Y-%m-%d",
        };
        // Only the end of time has no name.
        Timestamp::from_second(begin)
            .map_or_else(|_| "–".into(), |t| t.strftime(format).to_string())
    }
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Events.
    Events,
    /// Millionths of a dollar.
    Money,
}

impl Measure {
    fn say(self, count: u64) -> String {
        match self {
            Self::Events => amount::events(count),
            Self::Money => amount::dollars(count),
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Events => "Events",
            Self::Money => "Spent",
        }
    }
}

/// Events or money by hour or day, without a gap, up to now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Series {
    measure: Measure,
    grain: Grain,
    /// When the first begins, in seconds since 1970.
    begin: i64,
    counts: Vec<u64>,
}

impl Series {
    /// The `length` hours or days that end with the one that holds `now`. `buckets` are those that have
    /// events: when each begins, in seconds since 1970, and how many.
    pub fn new(
        grain: Grain,
        length: usize,
        buckets: impl IntoIterator<Item = (i64, i64)>,
        now: Timestamp,
    ) -> Self {
        let begin = Self::since(grain, length, now).as_second();
        let mut counts = vec![0_u64; length];
        for (at, events) in buckets {
            let index = at.saturating_sub(begin).div_euclid(grain.seconds());
            if let Some(count) = usize::try_from(index).ok().and_then(|i| counts.get_mut(i)) {
                *count += u64::try_from(events).unwrap_or(0);
            }
        }
        Self { measure: Measure::Events, grain, begin, counts }
    }

    /// The same numbers as something else than events.
    #[must_use]
    pub fn of(self, measure: Measure) -> Self {
        Self { measure, ..self }
    }

    /// When such a series begins.
    pub fn since(grain: Grain, length: usize, now: Timestamp) -> Timestamp {
        let step = grain.seconds();
        let back = i64::try_from(length.saturating_sub(1)).unwrap_or(0).saturating_mul(step);
        let last = now.as_second().div_euclid(step) * step;
        Timestamp::from_second(last.saturating_sub(back)).unwrap_or(Timestamp::MIN)
    }

    fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    fn most(&self) -> u64 {
        self.counts.iter().copied().max().unwrap_or(0)
    }

    fn begin_of(&self, index: usize) -> i64 {
        self.begin + i64::try_from(index).unwrap_or(0) * self.grain.seconds()
    }

    fn words(&self) -> String {
        format!("the last {} {}s", self.counts.len(), self.grain.word())
    }
}

/// The height of a bar of so many events; none if there are none.
fn height(events: u64, most: u64, full: u64, lowest: u64) -> Option<u64> {
    let share = u128::from(events) * u128::from(full) / u128::from(most.max(1));
    (events > 0).then(|| u64::try_from(share).unwrap_or(full).clamp(lowest, full))
}

/// One bar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bar {
    /// From the left.
    pub x: usize,
    /// From the top.
    pub y: u64,
    /// Downwards.
    pub height: u64,
    /// The hour or day.
    pub when: String,
    /// `12 events`, `$1.20`
    pub amount: String,
}

/// A chart, ready to print.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chart {
    /// What its parts' ids begin with; used once a page.
    pub id: &'static str,
    /// `Last 48 hours`
    pub title: String,
    /// What the bars stand for, as a table's heading: `Events`.
    pub measure: &'static str,
    /// All of it in a sentence.
    pub summary: String,
    /// Where the axis begins.
    pub from: String,
    /// Units of its width.
    pub width: usize,
    /// Units of its height.
    pub height: u64,
    /// Units of a bar's width.
    pub bar: usize,
    /// Those that are not empty, oldest first.
    pub bars: Vec<Bar>,
}

impl Chart {
    /// A chart of a series.
    pub fn new(id: &'static str, series: &Series) -> Self {
        let most = series.most();
        let bars: Vec<Bar> = series
            .counts
            .iter()
            .enumerate()
            .filter_map(|(index, events)| {
                let height = height(*events, most, HEIGHT, LOWEST)?;
                Some(Bar {
                    x: index * STEP,
                    y: HEIGHT - height,
                    height,
                    when: series.grain.name(series.begin_of(index)),
                    amount: series.measure.say(*events),
                })
            })
            .collect();
        let peak = series.counts.iter().position(|events| *events == most);
        let total = series.measure.say(series.total());
        let summary = match (bars.len(), peak) {
            (0, _) | (_, None) => match series.measure {
                Measure::Events => "No events.".to_owned(),
                Measure::Money => "Nothing was spent.".to_owned(),
            },
            (1, Some(peak)) => {
                format!(
                    "{total}, all in one {}: {}.",
                    series.grain.word(),
                    series.grain.name(series.begin_of(peak))
                )
            }
            (_, Some(peak)) => format!(
                "{total}, at most {} in one {}: {}.",
                match series.measure {
                    Measure::Events => most.to_string(),
                    Measure::Money => series.measure.say(most),
                },
                series.grain.word(),
                series.grain.name(series.begin_of(peak))
            ),
        };
        let title = series.words();
        Self {
            id,
            measure: series.measure.title(),
            title: format!("L{}", title.trim_start_matches("the l")),
            summary,
            from: series.grain.name(series.begin),
            width: series.counts.len() * STEP,
            height: HEIGHT,
            bar: BAR,
            bars,
        }
    }
}

/// A chart as large as a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spark {
    /// All of it in words.
    pub words: String,
    /// Units of its width, and its pixels.
    pub width: usize,
    /// Units of its height, and its pixels.
    pub height: u64,
    /// All bars as one path; empty if there are none.
    pub path: String,
}

impl Spark {
    /// A sparkline of a series.
    pub fn new(series: &Series) -> Self {
        let (most, mut path) = (series.most(), String::new());
        for (index, events) in series.counts.iter().enumerate() {
            if let Some(height) = height(*events, most, SPARK_HEIGHT, SPARK_LOWEST) {
                let x = index * SPARK_STEP;
                // Writing to a string does not fail.
                let _ = write!(path, "M{x} {SPARK_HEIGHT}v-{height}h{SPARK_BAR}v{height}z");
            }
        }
        let total = match series.total() {
            0 => "no events".to_owned(),
            total => series.measure.say(total),
        };
        Self {
            words: format!("{total} in {}", series.words()),
            width: series.counts.len() * SPARK_STEP,
            height: SPARK_HEIGHT,
            path,
        }
    }
}

#[cfg(test)]
mod tests;
