//! Dates and lengths of time as people write them.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ZonedDateTime};

use crate::model::time::{Day, MediaTime, Published};

/// The time zone of an IANA name, if there is one of that name.
pub fn time_zone(name: &str) -> Option<TimeZone> {
    if name.eq_ignore_ascii_case("utc") { Some(TimeZone::UTC) } else { TimeZone::get(name).ok() }
}

/// A day with or without a time and an offset; without an offset the time is that of `zone`.
///
/// Reads ISO 8601, and days as `2026/3/14`, `2026.3.14` or `2026年3月14日`. `None` where there is no such day.
pub fn published(text: &str, zone: &TimeZone) -> Option<Published> {
    let text = text.trim();
    if !text.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let moment = timestamp(text, zone).or_else(|| {
        let date = plain_date(text)?;
        date.to_zoned_datetime(zone.clone()).ok().map(|moment| moment.timestamp())
    })?;
    let date = ZonedDateTime::new(moment, zone.clone()).date();
    let day = Day { year: date.year(), month: date.month(), day: date.day() };
    (1..=9999).contains(&day.year).then(|| Published { day, timestamp: moment.as_second() })
}

fn timestamp(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    // A space before the offset is YAML's way: `2026-03-14 09:00:00 +0800`.
    let joined = match text.rsplit_once(' ') {
        Some((head, offset)) if offset.starts_with(['+', '-']) => Some(format!("{head}{offset}")),
        _ => None,
    };
    let text = joined.as_deref().unwrap_or(text);
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Some(moment);
    }
    let moment =
        if text.contains(':') { text.parse::<DateTime>().ok()? } else { text.parse::<Date>().ok()?.at(0, 0, 0, 0) };
    moment.to_zoned_datetime(zone.clone()).ok().map(|moment| moment.timestamp())
}

fn plain_date(text: &str) -> Option<Date> {
    let numbers: Vec<i16> = text
        .split(['-', '/', '.', '年', '月', '日'])
        .filter(|part| !part.is_empty())
        .map(|part| part.trim().parse().ok())
        .collect::<Option<_>>()?;
    match numbers[..] {
        [year @ 1000..=9999, month, day] => Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok(),
        _ => None,
    }
}

/// A length of time: `1:02:03`, `02:03`, seconds, or ISO 8601 `PT1H2M3S`.
pub fn duration(text: &str) -> Option<MediaTime> {
    let text = text.trim();
    let milliseconds = match text.strip_prefix(['P', 'p']) {
        Some(rest) => iso_duration(rest)?,
        None => clock(text)?,
    };
    (milliseconds <= 1000 * 3600 * 1000 * 10).then_some(MediaTime(milliseconds))
}

fn clock(text: &str) -> Option<u64> {
    let parts: Vec<&str> = text.split(':').collect();
    if parts.len() > 3 {
        return None;
    }
    let (last, first) = parts.split_last()?;
    let mut minutes: u64 = 0;
    for part in first {
        minutes = minutes.checked_mul(60)?.checked_add(number(part)?)?;
    }
    minutes.checked_mul(60_000)?.checked_add(milliseconds(last)?)
}

fn number(text: &str) -> Option<u64> {
    let ok = !text.is_empty() && text.len() <= 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    if ok { text.parse().ok() } else { None }
}

/// Seconds with or without a fraction.
fn milliseconds(text: &str) -> Option<u64> {
    let (whole, fraction) = text.split_once(['.', ',']).unwrap_or((text, "0"));
    let thousandths: String = fraction.chars().chain("000".chars()).take(3).collect();
    number(whole)?.checked_mul(1000)?.checked_add(number(&thousandths)?)
}

fn iso_duration(text: &str) -> Option<u64> {
    let rest = text.strip_prefix(['T', 't'])?;
    let mut total: u64 = 0;
    let mut from = 0;
    for (idx, unit) in rest.char_indices().filter(|(_, c)| c.is_ascii_alphabetic()) {
        let factor = match unit.to_ascii_uppercase() {
            'H' => 3600,
            'M' => 60,
            'S' => 1,
            _ => return None,
        };
        total = total.checked_add(milliseconds(&rest[from..idx])?.checked_mul(factor)?)?;
        from = idx + 1;
    }
    (from > 0 && from == rest.len()).then_some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_site() {
        let zone = time_zone("Asia/Shanghai").unwrap();
        let day = |text: &str| published(text, &zone).map(|published| published.day.to_string());
        for (text, expected) in [
            ("2026-03-14", "2026-03-14"),
            ("2026-03-14 23:30:00", "2026-03-14"),
            ("2026-03-14T23:30:00Z", "2026-03-15"),
            ("2026-03-14T23:30:00+08:00", "2026-03-14"),
            ("2026-03-14 01:30:00 +1200", "2026-03-13"),
            ("2026/3/14", "2026-03-14"),
            ("2026年3月14日", "2026-03-14"),
            ("2026-3-4", "2026-03-04"),
        ] {
            assert_eq!(day(text).as_deref(), Some(expected), "{text}");
        }
        for text in ["2024-02-30", "99999-01-01", "", "soon", "2024-13-01", "0000-01-01", "-2024-01-01"] {
            assert_eq!(day(text), None, "{text}");
        }
        assert_eq!(published("1970-01-02", &zone).unwrap().timestamp, 86_400 - 8 * 3600);
        assert!(time_zone("Mars/Olympus").is_none());
    }

    #[test]
    fn lengths_have_many_spellings() {
        for (text, expected) in [
            ("1:02:03", 3_723_000),
            ("02:03", 123_000),
            ("90", 90_000),
            ("90.5", 90_500),
            ("PT1H2M", 3_720_000),
            ("PT3.25S", 3_250),
            ("75:00", 4_500_000),
        ] {
            assert_eq!(duration(text), Some(MediaTime(expected)), "{text}");
        }
        for text in ["", "1:2:3:4", "-1", "PT", "P1D", "an hour", "1::2", "99999999999999999999", "PT1", "PT1X"] {
            assert_eq!(duration(text), None, "{text}");
        }
    }
}
