//! Times as captions and recognisers write them, and which of them can be true.

use crate::model::time::MediaTime;
use crate::parse::timed::oddity::{Oddities, Oddity};
use crate::parse::timed::{TimedCue, TimedText};
use crate::parse::transcript::{LONGEST, longest_row};
use crate::swar::HIGH;

/// A timing line of WebVTT or SRT.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Timing {
    pub(super) start: Result<MediaTime, Oddity>,
    pub(super) end: Result<MediaTime, Oddity>,
    /// The mark before the milliseconds of the start: `.` or `,`.
    pub(super) mark: Option<u8>,
}

/// Reads `00:00:01.000 --> 00:00:02,5`, with settings or coordinates behind it. `None` for other lines: the text of a
/// cue may have an arrow in it.
pub(super) fn timing(line: &str) -> Option<Timing> {
    // Nearly all lines are words, or two times of the usual form.
    let first = line.bytes().find(|byte| !byte.is_ascii_whitespace())?;
    if first.is_ascii() && !is_part(first) {
        return None;
    }
    if let Some(timing) = usual_timing(line) {
        return Some(timing);
    }
    let arrow = memchr::memchr_iter(b'-', line.as_bytes()).find(|&at| line[at..].starts_with("-->"))?;
    let (before, after) = (line[..arrow].trim(), line[arrow + 3..].trim_start());
    let after = after.split_ascii_whitespace().next().unwrap_or_default();
    if !(is_time_like(before) || before.is_empty() && is_time_like(after)) {
        return None;
    }
    let mark = before.bytes().find(|byte| matches!(byte, b'.' | b','));
    Some(Timing { start: timestamp(before), end: timestamp(after), mark })
}

/// Reads `00:00:01.000 --> 00:00:02.000`.
fn usual_timing(line: &str) -> Option<Timing> {
    let (start, rest) = line.split_at_checked(USUAL_BYTES)?;
    let (end, settings) = rest.strip_prefix(" --> ")?.split_at_checked(USUAL_BYTES)?;
    if !(settings.is_empty() || settings.starts_with(' ')) {
        return None;
    }
    let mark = start.bytes().find(|byte| matches!(byte, b'.' | b','));
    Some(Timing { start: usable(usual(start)?, false), end: usable(usual(end)?, false), mark })
}

fn is_part(byte: u8) -> bool {
    byte.is_ascii_digit() || matches!(byte, b':' | b'.' | b',' | b'-' | b' ')
}

fn is_time_like(text: &str) -> bool {
    text.bytes().all(is_part) && text.bytes().any(|byte| byte.is_ascii_digit())
}

/// Reads `01:02:03.004`, `02:03,4` and `0:1:2`: seconds, minutes, and hours of any width. Milliseconds are optional.
pub(in crate::parse) fn timestamp(text: &str) -> Result<MediaTime, Oddity> {
    if let Some(millis) = usual(text) {
        return usable(millis, false);
    }
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (whole, fraction) = digits.split_once(['.', ',']).unwrap_or((digits, ""));
    let mut parts = [0_u64; 3];
    let mut n_parts = 0;
    for part in whole.split(':') {
        let slot = parts.get_mut(n_parts).ok_or(Oddity::UnreadableTime)?;
        *slot = number(part.trim())?;
        n_parts += 1;
    }
    if n_parts < 2 {
        return Err(Oddity::UnreadableTime);
    }
    let [hours, minutes, seconds] = if n_parts == 3 { parts } else { [0, parts[0], parts[1]] };
    if seconds > 59 || (n_parts == 3 && minutes > 59) {
        return Err(Oddity::UnreadableTime);
    }
    let millis = if fraction.is_empty() { 0 } else { thousandths(fraction.trim())? };
    let whole = hours.saturating_mul(3600).saturating_add(minutes.saturating_mul(60)).saturating_add(seconds);
    let millis = whole.saturating_mul(1000).saturating_add(millis);
    usable(millis, negative)
}

/// Bytes of `01:02:03.004`.
const USUAL_BYTES: usize = 12;

/// Reads `01:02:03.004`, as nearly all are written: an hour of captions has thousands.
fn usual(text: &str) -> Option<u64> {
    const FORM: u64 = u64::from_le_bytes(*b"00:00:00");
    let (clock, &[b'.' | b',', x, y, z]) = text.as_bytes().split_first_chunk()? else { return None };
    // Each byte is the digit, and 0 for a colon, unless the form is another one: then one of them is more than 9.
    let digits = u64::from_le_bytes(*clock) ^ FORM;
    let largest = u64::from_le_bytes([9, 9, 0, 5, 9, 0, 5, 9]);
    let is_clock = digits & HIGH == 0 && (largest + HIGH - digits) & HIGH == HIGH;
    let [h, i, _, m, n, _, s, t] = digits.to_le_bytes().map(u64::from);
    let seconds = (h * 10 + i) * 3600 + (m * 10 + n) * 60 + s * 10 + t;
    let thousandths = [x, y, z].iter().try_fold(0, |sum, byte| {
        let digit = byte.wrapping_sub(b'0');
        (digit < 10).then_some(sum * 10 + u64::from(digit))
    })?;
    is_clock.then_some(seconds * 1000 + thousandths)
}

fn number(text: &str) -> Result<u64, Oddity> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Oddity::UnreadableTime);
    }
    let digit = |sum: u64, byte: u8| sum.saturating_mul(10).saturating_add(u64::from(byte - b'0'));
    Ok(text.bytes().fold(0, digit))
}

fn thousandths(text: &str) -> Result<u64, Oddity> {
    number(text)?;
    Ok(text.bytes().chain([b'0'; 3]).take(3).fold(0, |sum, byte| sum * 10 + u64::from(byte - b'0')))
}

/// A number of milliseconds as a time.
pub(super) fn usable(millis: u64, negative: bool) -> Result<MediaTime, Oddity> {
    match (negative, millis) {
        (true, 1..) => Err(Oddity::NegativeTime),
        (_, millis) if millis > LONGEST.0 => Err(Oddity::AbsurdTime),
        (_, millis) => Ok(MediaTime(millis)),
    }
}

/// A number of milliseconds as a time, from what JSON calls a number.
pub(super) fn usable_number(millis: f64) -> Result<MediaTime, Oddity> {
    if !millis.is_finite() {
        return Err(Oddity::UnreadableTime);
    }
    // Saturates, and what is too large is absurd in any case.
    usable(millis.abs().round() as u64, millis < 0.0)
}

/// Leaves out starts that go back, with as few as can be, and ends before their start; reports overlaps.
///
/// One absurd time does not make all that follow it wrong: the longest run of starts in order stays.
pub(super) fn check(timed: &mut TimedText, oddities: &mut Oddities) {
    let is_sorted = timed.cues.iter().filter_map(|cue| cue.start).is_sorted();
    if !is_sorted {
        drop_unordered(&mut timed.cues, oddities);
    }
    let mut last_end = MediaTime(0);
    for cue in &mut timed.cues {
        let ends_early = matches!((cue.start, cue.end), (Some(start), Some(end)) if end < start);
        if ends_early {
            cue.end = None;
            oddities.add(Oddity::EndBeforeStart, cue.at);
        }
        if cue.start.is_some_and(|start| start < last_end) {
            oddities.add(Oddity::Overlap, cue.at);
        }
        last_end = cue.end.or(cue.start).unwrap_or(last_end);
    }
    check_words(timed);
}

/// Leaves out times past the end of the recording.
pub(super) fn check_end(timed: &mut TimedText, end: MediaTime, oddities: &mut Oddities) {
    // A length is often rounded to a second.
    let is_late = |time: MediaTime| time.0 > end.0.saturating_add(1000);
    for cue in timed.cues.iter_mut().filter(|cue| cue.start.is_some_and(is_late)) {
        (cue.start, cue.end) = (None, None);
        oddities.add(Oddity::PastEnd, cue.at);
    }
    timed.words.retain(|word| !is_late(word.start));
}

/// Leaves out times of words that go back, or lie outside of their cue.
fn check_words(timed: &mut TimedText) {
    let (mut cues, mut last) = (timed.cues.iter().peekable(), MediaTime(0));
    timed.words.retain(|word| {
        while cues.next_if(|cue| cue.text.end <= word.text.start).is_some() {}
        let Some(cue) = cues.peek() else { return false };
        let begins = cue.start.is_none_or(|start| start <= word.start);
        let fits = begins && cue.end.is_none_or(|end| word.start <= end) && last <= word.start;
        last = if fits { word.start } else { last };
        fits
    });
}

/// Keeps the longest row of starts that do not go back.
fn drop_unordered(cues: &mut [TimedCue], oddities: &mut Oddities) {
    let starts = cues.iter().enumerate().filter_map(|(idx, cue)| Some((idx, cue.start?)));
    let mut row = longest_row(&starts.collect::<Vec<_>>()).into_iter().peekable();
    for (idx, cue) in cues.iter_mut().enumerate() {
        if row.next_if_eq(&idx).is_none() && cue.start.take().is_some() {
            cue.end = None;
            oddities.add(Oddity::UnorderedTime, cue.at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_in_all_spellings() {
        let check = |text: &str, millis| assert_eq!(timestamp(text), Ok(MediaTime(millis)), "{text}");
        check("00:00:01.000", 1000);
        check("00:00:01,04", 1040);
        check("01:02", 62_000);
        check("1:2:3.4567", 3_723_456);
        check("009:00:00.000", 32_400_000);
        check("90:00.5", 5_400_500);
        check("-00:00:00.000", 0);
    }

    #[test]
    fn any_byte_in_any_place_of_a_usual_time() {
        let digits =
            [Some(9), Some(9), None, Some(5), Some(9), None, Some(5), Some(9), None, Some(9), Some(9), Some(9)];
        let worth = [36_000_000, 3_600_000, 0, 600_000, 60_000, 0, 10_000, 1000, 0, 100, 10, 1];
        for (at, largest) in digits.into_iter().enumerate() {
            for byte in 0..0x80_u8 {
                let mut text = *b"00:00:00.000";
                let is_mark = text[at] == byte || at == 8 && byte == b',';
                text[at] = byte;
                let digit = byte.wrapping_sub(b'0');
                let expected = match largest {
                    Some(largest) => (digit <= largest).then_some(u64::from(digit) * worth[at]),
                    None => is_mark.then_some(0),
                };
                assert_eq!(usual(std::str::from_utf8(&text).unwrap()), expected, "{byte} at {at}");
            }
        }
        assert_eq!(usual("23:59:59,999"), Some(86_399_999));
        assert_eq!((usual("00:00:00.00"), usual("00:00:00.0000"), usual("00:0é:0.000")), (None, None, None));
    }

    #[test]
    fn times_that_cannot_be() {
        let check = |text: &str, oddity| assert_eq!(timestamp(text), Err(oddity), "{text}");
        check("99:99:99", Oddity::UnreadableTime);
        check("00:75", Oddity::UnreadableTime);
        check("12", Oddity::UnreadableTime);
        check("", Oddity::UnreadableTime);
        check("1:2:3:4", Oddity::UnreadableTime);
        check("-00:00:01.000", Oddity::NegativeTime);
        check("24:00:00.001", Oddity::AbsurdTime);
        check("99999999999999999999999:00:00", Oddity::AbsurdTime);
        assert_eq!(usable_number(1e300), Err(Oddity::AbsurdTime));
        assert_eq!(usable_number(-0.1), Ok(MediaTime(0)));
        assert_eq!(usable_number(f64::NAN), Err(Oddity::UnreadableTime));
    }

    #[test]
    fn timing_lines() {
        let times = |line| timing(line).map(|timing| (timing.start.ok(), timing.end.ok()));
        let both = Some((Some(MediaTime(1000)), Some(MediaTime(2000))));
        assert_eq!(times("00:00:01,000 --> 00:00:02,000"), both);
        assert_eq!(times("00:01.000-->00:02.000 align:start position:0%"), both);
        assert_eq!(times("0:01 --> 0:02 X1:40 X2:600"), both);
        assert_eq!(times("00:01.000 -->"), Some((Some(MediaTime(1000)), None)));
        assert_eq!(times("--> 00:02.000"), Some((None, Some(MediaTime(2000)))));
        assert_eq!(times("from A --> B"), None);
        assert_eq!(times("-- well -- 12"), None);
    }
}
