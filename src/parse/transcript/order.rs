//! Which times of a file can be those of one recording.

use crate::model::time::MediaTime;
use crate::model::transcript::TimeFaultKind;

/// No recording is longer.
pub(in crate::parse) const LONGEST: MediaTime = MediaTime(24 * 3_600_000);

/// What is wrong with each of the times of a file, which stand in the order in which they are written; `None` is one
/// that can be no time. The longest row of times that never goes back is right; what is not in it goes back.
///
/// Where more than a quarter is wrong, none of them is to be used: `false`.
pub(super) fn faults(times: &[Option<MediaTime>]) -> (Vec<Option<TimeFaultKind>>, bool) {
    let mut faults: Vec<Option<TimeFaultKind>> = times
        .iter()
        .map(|time| match time {
            None => Some(TimeFaultKind::Impossible),
            Some(time) if *time > LONGEST => Some(TimeFaultKind::Late),
            Some(_) => None,
        })
        .collect();
    let possible: Vec<(usize, MediaTime)> = times
        .iter()
        .zip(&faults)
        .enumerate()
        .filter(|(_, (_, fault))| fault.is_none())
        .filter_map(|(idx, (time, _))| Some((idx, (*time)?)))
        .collect();
    // Most files are in order.
    if !possible.is_sorted_by_key(|(_, time)| *time) {
        possible.iter().for_each(|(idx, _)| faults[*idx] = Some(TimeFaultKind::Back));
        longest_row(&possible).into_iter().for_each(|idx| faults[idx] = None);
    }
    let n_faults = faults.iter().flatten().count();
    (faults, n_faults * 4 <= times.len())
}

/// The indexes of the longest row of values, such as times, that never goes back.
pub(in crate::parse) fn longest_row<T: Ord>(values: &[(usize, T)]) -> Vec<usize> {
    // From the end: for each length, the place of the greatest value that begins a row of it; for each place, the place
    // after it.
    let (mut begins, mut after): (Vec<usize>, Vec<Option<usize>>) = (Vec::new(), vec![None; values.len()]);
    for (place, (_, value)) in values.iter().enumerate().rev() {
        let length = begins.partition_point(|&begin: &usize| values[begin].1 >= *value);
        after[place] = length.checked_sub(1).map(|shorter| begins[shorter]);
        match begins.get_mut(length) {
            Some(begin) => *begin = place,
            None => begins.push(place),
        }
    }
    std::iter::successors(begins.last().copied(), |&place| after[place]).map(|place| values[place].0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(times: &[i64], expected: &str, is_right: bool) {
        let read = |&time: &i64| u64::try_from(time).ok().map(|seconds| MediaTime(seconds * 1000));
        let (found, all) = faults(&times.iter().map(read).collect::<Vec<_>>());
        let letter = |fault: &Option<TimeFaultKind>| match fault {
            None => '.',
            Some(TimeFaultKind::Impossible) => 'i',
            Some(TimeFaultKind::Late) => 'l',
            Some(TimeFaultKind::Back) => 'b',
        };
        assert_eq!((found.iter().map(letter).collect::<String>().as_str(), all), (expected, is_right), "{times:?}");
    }

    #[test]
    fn times_that_cannot_be_are_found() {
        check(&[], "", true);
        check(&[0, 5, 5, 9], "....", true);
        check(&[0, 5, 3, 9, 12], "..b..", true);
        check(&[0, 600, 3, 9, 12], ".b...", true);
        check(&[0, -1, 3, 9, 12], ".i...", true);
        check(&[0, 90_000, 3, 9, 12], ".l...", true);
        check(&[0, 5, 9, 0, 5, 9], "...bb.", false);
        check(&[5, 3], ".b", false);
        check(&[-1], "i", false);
    }

    #[test]
    fn a_million_times_in_the_wrong_order_are_judged_at_once() {
        let times: Vec<Option<MediaTime>> = (0..1_000_000).rev().map(|n| Some(MediaTime(n))).collect();
        assert!(!faults(&times).1);
    }
}
