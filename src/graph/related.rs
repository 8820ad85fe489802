//! Related episodes: people and topics in common, nearest in time first; each with its reason.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use rayon::prelude::*;

/// Candidates looked at for each person or topic that an episode has.
const NEAREST: usize = 24;
/// Related episodes shown.
const SHOWN: usize = 3;

/// Why an episode is related.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// The same series, by index.
    Series(usize),
    /// The same guest, by index.
    Person(usize),
    /// The same topic, by index.
    Topic(usize),
}

impl Reason {
    /// How much it counts.
    fn weight(self) -> u32 {
        match self {
            Self::Series(_) => 4,
            Self::Person(_) => 3,
            Self::Topic(_) => 2,
        }
    }
}

/// A related episode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Related {
    /// Its index.
    pub episode: usize,
    /// The strongest thing in common.
    pub reason: Reason,
}

/// What an episode has in common with others; hosts are left out, since they are in every episode of a show.
pub type Ties = Vec<Reason>;

/// The related episodes of each episode. `ties` is in the order of the archive, which is the order of time.
///
/// The result of one episode depends on its near neighbours only, not on counts over the archive.
pub fn related(ties: &[Ties]) -> Vec<Vec<Related>> {
    let mut by_reason: BTreeMap<Reason, Vec<usize>> = BTreeMap::new();
    for (episode, reasons) in ties.iter().enumerate() {
        reasons.iter().for_each(|reason| by_reason.entry(*reason).or_default().push(episode));
    }
    (0..ties.len()).into_par_iter().map(|episode| related_to(episode, &ties[episode], &by_reason)).collect()
}

fn related_to(episode: usize, reasons: &[Reason], by_reason: &BTreeMap<Reason, Vec<usize>>) -> Vec<Related> {
    let mut reasons = reasons.to_vec();
    reasons.sort_unstable();
    // Each episode that shares a reason as one number: its index, then the reason's. There are hundreds for each.
    let n_reasons = reasons.len();
    let mut shared: Vec<usize> = Vec::with_capacity(n_reasons * 2 * NEAREST);
    for (idx, reason) in reasons.iter().enumerate() {
        let list = &by_reason[reason];
        let at = list.partition_point(|&other| other < episode);
        let near = &list[at.saturating_sub(NEAREST)..(at + NEAREST).min(list.len())];
        shared.extend(near.iter().filter(|&&other| other != episode).map(|other| other * n_reasons + idx));
    }
    shared.sort_unstable();
    let scored = shared.chunk_by(|one, next| one / n_reasons == next / n_reasons).map(|ties| {
        let score: u32 = ties.iter().map(|tie| reasons[tie % n_reasons].weight()).sum();
        let (other, strongest) = (ties[0] / n_reasons, reasons[ties[0] % n_reasons]);
        (Reverse(score), other.abs_diff(episode), other, strongest)
    });
    let mut found: Vec<_> = scored.collect();
    if found.len() > SHOWN {
        found.select_nth_unstable(SHOWN);
        found.truncate(SHOWN);
    }
    found.sort_unstable();
    found.into_iter().map(|(_, _, episode, reason)| Related { episode, reason }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_in_common_comes_first() {
        let ties = vec![
            vec![Reason::Topic(0)],
            vec![Reason::Topic(0), Reason::Person(7)],
            vec![],
            vec![Reason::Person(7), Reason::Topic(0)],
        ];
        let found = related(&ties);
        let of_last: Vec<(usize, Reason)> = found[3].iter().map(|r| (r.episode, r.reason)).collect();
        assert_eq!(of_last, [(1, Reason::Person(7)), (0, Reason::Topic(0))]);
        assert!(found[2].is_empty());
    }
}
