//! Times on the media, and calendar dates.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A time on the media in milliseconds from its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct MediaTime(pub u64);

impl MediaTime {
    /// The time as people read it: `12:34`, `1:02:03`.
    pub fn clock(self) -> String {
        let mut out = String::with_capacity(8);
        self.push_clock(&mut out);
        out
    }

    /// Appends [`MediaTime::clock`].
    pub fn push_clock(self, out: &mut String) {
        let [hours, minutes, seconds] = self.parts();
        if hours > 0 {
            push(hours, out);
            out.push(':');
            push_two(minutes, out);
        } else {
            push(minutes, out);
        }
        out.push(':');
        push_two(seconds, out);
    }

    /// The time in seconds.
    pub fn seconds(self) -> f64 {
        self.0 as f64 / 1000.0
    }

    /// Appends the time as captions have it, `01:02:03.004`, with `mark` before the milliseconds.
    pub fn push_timestamp(self, mark: char, out: &mut String) {
        let [hours, minutes, seconds] = self.parts();
        for number in [hours, minutes, seconds] {
            push_two(number, out);
            out.push(':');
        }
        out.pop();
        out.push(mark);
        let millis = self.0 % 1000;
        push_two(millis / 10, out);
        push(millis % 10, out);
    }

    /// The time as an ISO 8601 duration: `PT1H2M3S`.
    pub fn iso(self) -> String {
        let mut out = String::with_capacity(12);
        self.push_iso(&mut out);
        out
    }

    /// Appends [`MediaTime::iso`].
    pub fn push_iso(self, out: &mut String) {
        let [hours, minutes, seconds] = self.parts();
        out.push_str("PT");
        for (number, unit) in [(hours, 'H'), (minutes, 'M'), (seconds, 'S')] {
            if number > 0 || unit == 'S' && hours + minutes == 0 {
                push(number, out);
                out.push(unit);
            }
        }
    }

    fn parts(self) -> [u64; 3] {
        let seconds = self.0 / 1000;
        [seconds / 3600, seconds / 60 % 60, seconds % 60]
    }
}

fn push(number: u64, out: &mut String) {
    out.push_str(itoa::Buffer::new().format(number));
}

fn push_two(number: u64, out: &mut String) {
    if number < 10 {
        out.push('0');
    }
    push(number, out);
}

/// A calendar day, in the site's time zone. Ordered by time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Day {
    /// Year, 1 to 9999.
    pub year: i16,
    /// Month, 1 to 12.
    pub month: i8,
    /// Day of the month, from 1.
    pub day: i8,
}

impl fmt::Display for Day {
    /// ISO 8601: `2026-03-14`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

/// When an episode came out: a day, and the moment where the source names one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Published {
    /// The day in the site's time zone.
    pub day: Day,
    /// Seconds since 1970-01-01 UTC; midnight of the day where no time is given.
    pub timestamp: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_for_people_and_for_machines() {
        let check = |seconds: u64, clock: &str, iso: &str| {
            let time = MediaTime(seconds * 1000 + 999);
            assert_eq!((time.clock().as_str(), time.iso().as_str()), (clock, iso));
        };
        check(0, "0:00", "PT0S");
        check(59, "0:59", "PT59S");
        check(60, "1:00", "PT1M");
        check(754, "12:34", "PT12M34S");
        check(3600, "1:00:00", "PT1H");
        check(3723, "1:02:03", "PT1H2M3S");
        check(360_005, "100:00:05", "PT100H5S");
    }
}
