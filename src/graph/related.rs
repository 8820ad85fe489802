//! Related episodes: people and topics in common, nearest in time first; each with its reason.

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
    let mut scores: BTreeMap<usize, (u32, Reason)> = BTreeMap::new();
    for &reason in reasons {
        let list = &by_reason[&reason];
        let at = list.partition_point(|&other| other < episode);
        let near = &list[at.saturating_sub(NEAREST)..(at + NEAREST).min(list.len())];
        for &other in near.iter().filter(|&&other| other != episode) {
            let weight = match reason {
                Reason::Series(_) => 4,
                Reason::Person(_) => 3,
                Reason::Topic(_) => 2,
            };
            let score = scores.entry(other).or_insert((0, reason));
            score.0 += weight;
            score.1 = score.1.min(reason);
        }
    }
    let mut found: Vec<(u32, usize, Related)> = scores
        .into_iter()
        .map(|(other, (score, reason))| (score, other.abs_diff(episode), Related { episode: other, reason }))
        .collect();
    found.sort_by_key(|&(score, distance, related)| (std::cmp::Reverse(score), distance, related.episode));
    found.into_iter().take(SHOWN).map(|(_, _, related)| related).collect()
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
