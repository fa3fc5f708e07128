# pypi python-dateutil 2.9.0.post0 six
from datetime import datetime, timedelta

from dateutil import easter, parser, relativedelta, rrule, tz

for text in ("2003-09-25T10:49:41.5-03:00", "Thu Sep 25 10:36:28 2003", "10h36m28.5s", "Sep 2003", "25/09/03", "20030925T104941", "Wed, July 10, '96", "1 day ago".replace("1 day ago", "12am"), "3rd of May 2001", "10pm", "2004.05.06", "Thu 10:00 UTC+3", "0:01:02 PM", "04-05-2011"):
    parser.parse(text, default=datetime(2003, 9, 25)), parser.parse(text, default=datetime(2003, 9, 25), dayfirst=True, fuzzy=True)
parser.parse("Today is 25 of September of 2003, exactly at 10:49:41 with timezone -03:00.", fuzzy_with_tokens=True)
for text in ("2020-W05-3", "2020-123", "20200102", "2020-01-02T03:04:05.123456Z", "2020-01", "24:00"):
    if text != "24:00":
        parser.isoparse(text)
RD = relativedelta.relativedelta
base = datetime(2020, 1, 31)
assert base + RD(months=1) == datetime(2020, 2, 29)
RD(datetime(2021, 3, 4), base), base + RD(weekday=relativedelta.MO(-1), hour=5), RD(years=1, months=14, days=-40).normalized(), RD(days=1.5, hours=2) * 2, -RD(leapdays=1, yearday=200), bool(RD()), repr(RD(weekday=relativedelta.FR(2))), RD(hours=30) + timedelta(1)
for rule in ("FREQ=DAILY;COUNT=5", "FREQ=WEEKLY;BYDAY=MO,WE;COUNT=6", "FREQ=MONTHLY;BYDAY=+1FR,-1MO;COUNT=5", "FREQ=YEARLY;BYWEEKNO=20;COUNT=3", "FREQ=YEARLY;BYYEARDAY=1,100;COUNT=4", "FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=3", "FREQ=HOURLY;INTERVAL=5;COUNT=3;BYHOUR=1,6,11", "FREQ=MINUTELY;BYMINUTE=0,30;COUNT=4", "FREQ=YEARLY;BYEASTER=1;COUNT=2", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;COUNT=3", "FREQ=SECONDLY;INTERVAL=90;COUNT=3"):
    r = rrule.rrulestr(rule, dtstart=datetime(1997, 9, 2, 9, 0), cache=True)
    dates = list(r)
    assert dates == sorted(dates) and len(dates) >= 2, rule
    r[0], r[-1], r[1:3], r.before(dates[-1]), r.after(dates[0]), r.between(dates[0], dates[-1], inc=True), dates[0] in r, str(r), r.count(), r.replace(count=2)
s = rrule.rruleset()
s.rrule(rrule.rrule(rrule.DAILY, count=7, dtstart=base))
s.exrule(rrule.rrule(rrule.WEEKLY, count=2, dtstart=base))
s.rdate(datetime(2020, 5, 5))
s.exdate(datetime(2020, 2, 2))
list(s), s[0]
rrule.rrulestr("DTSTART:19970902T090000\nRRULE:FREQ=DAILY;COUNT=3\nEXDATE:19970903T090000\nRDATE:19970910T090000", forceset=True)[0]
for one in (tz.gettz("Europe/Paris"), tz.tzstr("EST5EDT,M3.2.0,M11.1.0"), tz.tzutc(), tz.tzoffset("X", 3600), tz.tzlocal(), tz.tzrange("A", -18000, "B")):
    d = datetime(2020, 7, 1, 12, tzinfo=one)
    d.utcoffset(), d.tzname(), d.dst(), tz.datetime_ambiguous(d), tz.datetime_exists(d), d.astimezone(tz.UTC), tz.resolve_imaginary(d), repr(one), one == tz.tzutc()
easter.easter(2020), easter.easter(2020, 1), easter.easter(2020, 2)
ICAL = "BEGIN:VTIMEZONE\nTZID:X\nBEGIN:STANDARD\nDTSTART:19671029T020000\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10\nTZOFFSETFROM:-0400\nTZOFFSETTO:-0500\nTZNAME:EST\nEND:STANDARD\nEND:VTIMEZONE\n"
tz.tzical(__import__("io").StringIO(ICAL)).get("X").utcoffset(datetime(2020, 1, 1))
