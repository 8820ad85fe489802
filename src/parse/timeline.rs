//! How long turns take on the media, where most of them say when they begin.

use crate::model::time::MediaTime;

/// Whether enough turns say when they begin: more than half of them.
pub(super) fn is_timed(n_timed: usize, n_turns: usize) -> bool {
    n_timed * 2 > n_turns
}

/// The length of each turn in milliseconds, at least 1, from where turns begin and how many characters they have.
/// `None` where half of them or more do not say when they begin, or nothing says how fast anybody speaks.
///
/// A turn ends where the next one begins, the last one with the recording. Between two that say when they begin, and
/// where the end is not known, characters decide.
pub(super) fn lengths(turns: &[(Option<MediaTime>, u32)], duration: Option<MediaTime>) -> Option<Vec<u32>> {
    let started: Vec<(usize, u64)> =
        turns.iter().enumerate().filter_map(|(idx, (start, _))| Some((idx, start.as_ref()?.0))).collect();
    if !is_timed(started.len(), turns.len()) {
        return None;
    }
    let (&(first, first_start), &(last, last_start)) = (started.first()?, started.last()?);
    let mut lengths = Vec::with_capacity(turns.len());
    spread(&turns[..first], first_start, &mut lengths);
    for pair in started.windows(2) {
        let [(from, start), (to, end)] = [pair[0], pair[1]];
        spread(&turns[from..to], end.saturating_sub(start), &mut lengths);
    }
    let rest = match duration {
        Some(end) if end.0 > last_start => end.0 - last_start,
        _ => {
            let said = chars(&turns[first..last]);
            (said > 0).then(|| chars(&turns[last..]) * last_start.saturating_sub(first_start) / said)?
        }
    };
    spread(&turns[last..], rest, &mut lengths);
    Some(lengths)
}

fn chars(turns: &[(Option<MediaTime>, u32)]) -> u64 {
    turns.iter().map(|(_, chars)| u64::from(*chars)).sum()
}

/// Shares a time out among turns by their characters.
fn spread(turns: &[(Option<MediaTime>, u32)], time: u64, lengths: &mut Vec<u32>) {
    let all = chars(turns).max(1);
    let share = |chars: u32| u32::try_from(time * u64::from(chars) / all).unwrap_or(u32::MAX).max(1);
    lengths.extend(turns.iter().map(|(_, chars)| share(*chars)));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(turns: &[(Option<u64>, u32)], duration: Option<u64>, expected: Option<&[u32]>) {
        let turns: Vec<_> = turns.iter().map(|&(start, chars)| (start.map(MediaTime), chars)).collect();
        assert_eq!(lengths(&turns, duration.map(MediaTime)).as_deref(), expected, "{turns:?}");
    }

    #[test]
    fn turns_take_until_the_next_begins() {
        check(&[(Some(0), 10), (Some(3000), 90), (Some(5000), 50)], Some(9000), Some(&[3000, 2000, 4000]));
        check(&[(Some(0), 10), (None, 30), (Some(4000), 20)], Some(5000), Some(&[1000, 3000, 1000]));
        check(&[(None, 1), (Some(500), 10), (Some(1500), 10)], Some(2000), Some(&[500, 1000, 500]));
    }

    #[test]
    fn an_end_that_nobody_knows_is_by_characters() {
        check(&[(Some(1000), 10), (Some(2000), 20)], None, Some(&[1000, 2000]));
        check(&[(Some(1000), 10), (Some(2000), 20)], Some(1500), Some(&[1000, 2000]));
        check(&[(Some(1000), 10)], None, None);
    }

    #[test]
    fn few_times_are_no_timeline() {
        check(&[(Some(0), 10), (None, 10)], Some(1000), None);
        check(&[], Some(1000), None);
    }
}
