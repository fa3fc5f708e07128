use super::*;

fn now() -> Timestamp {
    "2026-11-21T12:34:56Z".parse().unwrap()
}

fn hour(text: &str) -> i64 {
    text.parse::<Timestamp>().unwrap().as_second()
}

#[test]
fn a_series_ends_with_the_hour_of_now_and_leaves_out_what_is_older() {
    let buckets = [
        (hour("2026-11-21T12:00:00Z"), 3),
        (hour("2026-11-21T11:00:00Z"), 1),
        (hour("2026-11-20T13:00:00Z"), 5),
        (hour("2026-11-20T12:00:00Z"), 100),
        (hour("2026-11-21T13:00:00Z"), 100),
        (i64::MIN, 100),
        (i64::MAX, 100),
    ];
    let series = Series::new(Grain::Hour, 24, buckets, now());
    assert_eq!(series.counts[0], 5);
    assert_eq!(series.counts[22..], [1, 3]);
    assert_eq!(series.total(), 9);
    assert_eq!(
        Series::since(Grain::Day, 30, now()),
        "2026-10-23T00:00:00Z".parse::<Timestamp>().unwrap()
    );
}

#[test]
fn the_highest_bar_fills_the_chart_and_the_lowest_can_be_seen() {
    let buckets = [(hour("2026-11-21T12:00:00Z"), i64::MAX), (hour("2026-11-21T10:00:00Z"), 1)];
    let chart = Chart::new("hours", &Series::new(Grain::Hour, 48, buckets, now()));
    let heights: Vec<u64> = chart.bars.iter().map(|bar| bar.height).collect();
    assert_eq!(heights, [LOWEST, HEIGHT]);
    assert!(chart.bars.iter().all(|bar| bar.y + bar.height == HEIGHT));
    assert_eq!(chart.bars[1].x + STEP, chart.width);
    assert_eq!(chart.bars[0].when, "2026-11-21 10:00 UTC");
    assert_eq!(chart.bars[0].amount, "1 event");
    assert_eq!(chart.title, "Last 48 hours");
}

#[test]
fn a_chart_is_also_a_sentence() {
    let said = |buckets: &[(i64, i64)]| {
        let buckets = buckets.iter().copied();
        Chart::new("days", &Series::new(Grain::Day, 30, buckets, now())).summary
    };
    assert_eq!(said(&[]), "No events.");
    let day = hour("2026-11-20T00:00:00Z");
    assert_eq!(said(&[(day, 1)]), "1 event, all in one day: 2026-11-20.");
    assert_eq!(
        said(&[(day, 7), (day - DAY_SECONDS, 2)]),
        "9 events, at most 7 in one day: 2026-11-20."
    );
}

#[test]
fn a_sparkline_is_one_path() {
    let buckets = [(hour("2026-11-21T12:00:00Z"), 40), (hour("2026-11-21T11:00:00Z"), 10)];
    let spark = Spark::new(&Series::new(Grain::Hour, 24, buckets, now()));
    assert_eq!(spark.words, "50 events in the last 24 hours");
    assert_eq!(spark.path, "M88 20v-5h3v5zM92 20v-20h3v20z");
    assert_eq!(spark.width, 96);
    let none = Spark::new(&Series::new(Grain::Hour, 24, [], now()));
    assert_eq!((none.words.as_str(), none.path.as_str()), ("no events in the last 24 hours", ""));
}

#[test]
fn money_is_said_as_money() {
    let buckets =
        [(hour("2026-11-20T00:00:00Z"), 1_250_000), (hour("2026-11-19T00:00:00Z"), 4_200)];
    let series = Series::new(Grain::Day, 30, buckets, now()).of(Measure::Money);
    let chart = Chart::new("days", &series);
    assert_eq!(chart.summary, "$1.25, at most $1.25 in one day: 2026-11-20.");
    assert_eq!(chart.bars[0].amount, "$0.0042");
    assert_eq!(chart.measure, "Spent");
    let none = Series::new(Grain::Day, 30, [], now()).of(Measure::Money);
    assert_eq!(Chart::new("days", &none).summary, "Nothing was spent.");
}
