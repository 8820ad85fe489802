//! Related episodes: people, topics and rare terms in common, nearest in time first; each with its reason.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::Range;

use rayon::prelude::*;

/// Candidates looked at for each person or topic that an episode has.
const NEAREST: usize = 24;
/// Candidates looked at for each rare term.
const NEAREST_BY_TERM: usize = 4;
/// A term is rare if at most one episode in two to this power has it.
const RARE: u32 = 2;
/// Such a term counts twice.
const VERY_RARE: u32 = 5;
/// Of an episode's terms so many are looked at, the rarest.
const RAREST: usize = 16;
/// Terms alone make a relation if they count so much together,
const FEWEST_TERMS: u32 = 2;
/// and never count more than this.
const MOST_BY_TERMS: u32 = 3;
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
    /// Rare terms.
    Terms,
}

impl Reason {
    /// How much it counts.
    fn weight(self) -> u32 {
        match self {
            Self::Series(_) => 4,
            Self::Person(_) => 3,
            Self::Topic(_) => 2,
            Self::Terms => 1,
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

/// The related episodes of each episode. `ties` and `terms` are in the order of the archive, which is the order of time;
/// terms are those of [`Episode`](crate::model::episode::Episode).
///
/// Of counts over the archive only those of terms matter, and of these the powers of two.
pub fn related(ties: &[Ties], terms: &[&[u32]]) -> Vec<Vec<Related>> {
    let mut by_reason: BTreeMap<Reason, Vec<usize>> = BTreeMap::new();
    for (episode, reasons) in ties.iter().enumerate() {
        reasons.iter().for_each(|reason| by_reason.entry(*reason).or_default().push(episode));
    }
    let rare = RareTerms::of(terms);
    (0..ties.len())
        .into_par_iter()
        .map(|episode| {
            let mut reasons = ties[episode].clone();
            reasons.sort_unstable();
            let of_reason = |&reason: &Reason| Common {
                reason,
                weight: reason.weight(),
                near: near(&by_reason[&reason], episode, NEAREST),
            };
            let of_term = |(rarity, range): &(u32, Range<usize>)| Common {
                reason: Reason::Terms,
                weight: Reason::Terms.weight() + u32::from(*rarity >= VERY_RARE),
                near: near(&rare.episodes[range.clone()], episode, NEAREST_BY_TERM),
            };
            let common: Vec<_> = reasons.iter().map(of_reason).chain(rare.of[episode].iter().map(of_term)).collect();
            related_to(episode, &common)
        })
        .collect()
}

/// Something that an episode has, with other episodes that have it.
struct Common<'a> {
    reason: Reason,
    weight: u32,
    /// The episode itself may be among them.
    near: &'a [usize],
}

/// The terms of an archive that few of its episodes have.
struct RareTerms {
    /// Episodes by term, in order.
    episodes: Vec<usize>,
    /// Of each episode the rarest terms: how rare, as a power of two, and where the term's episodes are.
    of: Vec<Vec<(u32, Range<usize>)>>,
}

impl RareTerms {
    fn of(terms: &[&[u32]]) -> Self {
        let each = terms.iter().enumerate().flat_map(|(episode, terms)| terms.iter().map(move |&term| (term, episode)));
        let mut all: Vec<(u32, usize)> = each.collect();
        all.par_sort_unstable();
        let mut of: Vec<Vec<(u32, Range<usize>)>> = vec![Vec::new(); terms.len()];
        let mut start = 0;
        for episodes in all.chunk_by(|(one, _), (next, _)| one == next) {
            let range = start..start + episodes.len();
            start = range.end;
            let rarity = (terms.len() / episodes.len()).ilog2();
            if episodes.len() > 1 && rarity >= RARE {
                episodes.iter().for_each(|(_, episode)| of[*episode].push((rarity, range.clone())));
            }
        }
        for terms in &mut of {
            terms.sort_unstable_by_key(|(rarity, range)| (Reverse(*rarity), range.start));
            terms.truncate(RAREST);
        }
        Self { episodes: all.into_iter().map(|(_, episode)| episode).collect(), of }
    }
}

/// The episodes of a list that are nearest to one, on either side.
fn near(list: &[usize], episode: usize, most: usize) -> &[usize] {
    let at = list.partition_point(|&other| other < episode);
    &list[at.saturating_sub(most)..(at + most).min(list.len())]
}

fn related_to(episode: usize, common: &[Common<'_>]) -> Vec<Related> {
    // Each episode that shares something as one number: its index, then that thing's. There are hundreds for each.
    let mut shared: Vec<u64> = Vec::with_capacity(common.iter().map(|one| one.near.len()).sum());
    for (idx, one) in common.iter().enumerate() {
        shared
            .extend(one.near.iter().filter(|&&other| other != episode).map(|&other| (other as u64) << 32 | idx as u64));
    }
    shared.sort_unstable();
    let mut found = Vec::with_capacity(SHOWN + 1);
    for ties in shared.chunk_by(|one, next| one >> 32 == next >> 32) {
        let (mut score, mut of_terms) = (0, 0);
        let tie = |packed: u64| &common[(packed & u64::from(u32::MAX)) as usize];
        for tie in ties.iter().map(|&packed| tie(packed)) {
            if tie.reason == Reason::Terms { of_terms += tie.weight } else { score += tie.weight }
        }
        let (other, strongest) = ((ties[0] >> 32) as usize, tie(ties[0]).reason);
        if strongest == Reason::Terms && of_terms < FEWEST_TERMS {
            continue;
        }
        let score = score + of_terms.min(MOST_BY_TERMS);
        let one = (Reverse(score), other.abs_diff(episode), other, strongest);
        let at = found.partition_point(|better| *better < one);
        if at < SHOWN {
            found.insert(at, one);
            found.truncate(SHOWN);
        }
    }
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
        let found = related(&ties, &[&[][..]; 4]);
        let of_last: Vec<(usize, Reason)> = found[3].iter().map(|r| (r.episode, r.reason)).collect();
        assert_eq!(of_last, [(1, Reason::Person(7)), (0, Reason::Topic(0))]);
        assert!(found[2].is_empty());
    }

    #[test]
    fn rare_terms_relate_and_common_ones_do_not() {
        let ties = vec![vec![]; 8];
        let terms: [&[u32]; 8] = [&[1, 7, 8], &[1], &[1, 7, 8], &[1, 9], &[1], &[1, 9], &[1], &[]];
        let found = related(&ties, &terms);
        assert_eq!(found[0], [Related { episode: 2, reason: Reason::Terms }]);
        assert_eq!(found[2], [Related { episode: 0, reason: Reason::Terms }]);
        // One term of two episodes in eight is not enough.
        assert!(found[3].is_empty() && found[1].is_empty());
        let ties: Vec<Ties> = (0..8).map(|episode| if episode < 4 { vec![Reason::Topic(0)] } else { vec![] }).collect();
        let of_first: Vec<_> = related(&ties, &terms)[0].iter().map(|one| (one.episode, one.reason)).collect();
        assert_eq!(of_first, [(2, Reason::Topic(0)), (1, Reason::Topic(0)), (3, Reason::Topic(0))]);
    }
}
