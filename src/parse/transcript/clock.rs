//! Times on the media as people and programs write them: `0:12`, `01:02:03`, `00:03:54.10`, `00:01:02,500`, `00：12`.

use crate::model::time::MediaTime;

/// Reads a whole text as a time: `M:SS` with minutes of any size, or `H:MM:SS` with hours of any size, both with a
/// fraction of a second behind a point or a comma where there is one (cut to milliseconds). Colons may be full width.
///
/// `None` for anything else: a sign, a unit, seconds or minutes past 59, more than three numbers.
/// Whether the time can be true of a recording is not looked at: `99:00:00` is one.
///
/// ```
/// use podleaf::{model::time::MediaTime, parse::transcript::clock::parse_clock};
///
/// assert_eq!(parse_clock("1:02:03.5"), Some(MediaTime(3_723_500)));
/// assert_eq!(parse_clock("75:30"), Some(MediaTime(4_530_000)));
/// assert_eq!(parse_clock("1:60"), None);
/// ```
pub fn parse_clock(text: &str) -> Option<MediaTime> {
    let clock = Clock::at_head(text).filter(|clock| clock.len == text.len())?;
    clock.time
}

/// The time at the head of a text, and what follows it.
pub(in crate::parse) fn clock_at_head(text: &str) -> Option<(MediaTime, &str)> {
    let clock = Clock::at_head(text)?;
    Some((clock.time?, &text[clock.len..]))
}

/// What is shaped as a time at the head of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Clock {
    /// Its length in bytes.
    pub(super) len: usize,
    /// The time; `None` where it has only the shape of one: `12:75`, `1:75:00`.
    pub(super) time: Option<MediaTime>,
}

impl Clock {
    /// Two or three numbers with colons between them, the last one or two of them of two digits, with a fraction.
    pub(super) fn at_head(text: &str) -> Option<Self> {
        let (first, mut at) = number(text)?;
        let mut parts = [first, 0, 0];
        let mut n_parts = 1;
        while let Some(colon) = colon_len(&text[at..]) {
            let digits = text.as_bytes()[at + colon..].iter().take_while(|byte| byte.is_ascii_digit()).count();
            if digits != 2 || n_parts == 3 {
                return None;
            }
            parts[n_parts] = number(&text[at + colon..])?.0;
            n_parts += 1;
            at += colon + digits;
        }
        if n_parts == 1 {
            return None;
        }
        let (millis, fraction) = fraction(&text[at..]);
        let [hours, minutes, seconds] = if n_parts == 3 { parts } else { [0, parts[0], parts[1]] };
        let fits = seconds < 60 && (minutes < 60 || n_parts == 2);
        let whole = hours.checked_mul(60).and_then(|all| all.checked_add(minutes)?.checked_mul(60));
        let whole = whole.and_then(|all| all.checked_add(seconds)?.checked_mul(1000)?.checked_add(millis));
        Some(Self { len: at + fraction, time: whole.filter(|_| fits).map(MediaTime) })
    }
}

/// A number and the length of its digits.
fn number(text: &str) -> Option<(u64, usize)> {
    let len = text.bytes().take_while(u8::is_ascii_digit).count();
    Some((text[..len].parse().ok()?, len))
}

/// The length of a colon with a digit behind it.
fn colon_len(text: &str) -> Option<usize> {
    let rest = text.strip_prefix([':', '：'])?;
    rest.starts_with(|c: char| c.is_ascii_digit()).then(|| text.len() - rest.len())
}

/// The milliseconds of a fraction at the head of a text, and its length.
fn fraction(text: &str) -> (u64, usize) {
    let digits = text.strip_prefix(['.', ',']).unwrap_or_default();
    let n_digits = digits.bytes().take_while(u8::is_ascii_digit).count();
    let millis = digits.bytes().take(n_digits).chain(std::iter::repeat(b'0')).take(3);
    let millis = millis.fold(0, |millis, digit| millis * 10 + u64::from(digit - b'0'));
    (millis, if n_digits == 0 { 0 } else { n_digits + 1 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_in_all_spellings() {
        let check = |text: &str, millis| assert_eq!(parse_clock(text), Some(MediaTime(millis)), "{text}");
        check("0:00", 0);
        check("0:12", 12_000);
        check("00:12", 12_000);
        check("12:34", 754_000);
        check("125:00", 7_500_000);
        check("1:02:03", 3_723_000);
        check("00:00:03.52", 3_520);
        check("00:03:54.1", 234_100);
        check("00:00:01,0405", 1_040);
        check("00：01：05", 65_000);
        check("100:00:00", 360_000_000);
    }

    #[test]
    fn what_is_no_time() {
        let all = [
            "",
            "12",
            "1:2",
            "1:234",
            "12:",
            ":12",
            "-0:12",
            "1:60",
            "1:60:00",
            "1:00:75",
            "1:02:03:04",
            "0:12.",
            "0:12 ",
            "a0:12",
        ];
        for text in all.into_iter().chain(["99999999999999999999:00", "9999999999999999999:00:00"]) {
            assert_eq!(parse_clock(text), None, "{text}");
        }
    }

    #[test]
    fn a_shape_is_told_from_a_time() {
        assert_eq!(Clock::at_head("12:75 x"), Some(Clock { len: 5, time: None }));
        assert_eq!(Clock::at_head("0:12. So"), Some(Clock { len: 4, time: Some(MediaTime(12_000)) }));
        assert_eq!(Clock::at_head("3:16:2"), None);
    }
}
