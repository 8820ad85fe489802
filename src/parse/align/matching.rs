//! Which words of one text are which of another: a chain of matches that rises in both.

use crate::parse::align::words::Word;
use crate::parse::transcript::longest_row;

/// A word that both texts have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Pair {
    /// Index into the words of the written text.
    pub(super) written: u32,
    /// Index into those of the timed one.
    pub(super) timed: u32,
}

/// How often a gap between anchors is looked through for anchors of its own.
const ROUNDS: usize = 8;
/// Products of the lengths of two stretches up to which they are compared word by word. Longer ones without a word that
/// is rare in both have nothing in common.
const MAX_CELLS: usize = 1 << 20;
/// The same for all stretches of two texts: an hour of speech takes a hundredth of it.
const MAX_ALL_CELLS: usize = 1 << 26;

/// Two stretches that are still to be compared, and how often they were parted.
struct Gap<'w> {
    written: &'w [Word],
    timed: &'w [Word],
    /// Where the stretches begin.
    at: Pair,
    round: usize,
}

/// The words that both texts have, in the order of both.
pub(super) fn matching(written: &[Word], timed: &[Word]) -> Vec<Pair> {
    let mut pairs = Vec::new();
    let mut n_cells = 0;
    let mut gaps = vec![Gap { written, timed, at: Pair { written: 0, timed: 0 }, round: 0 }];
    while let Some(gap) = gaps.pop() {
        let gap = gap.without_ends(&mut pairs);
        if gap.written.is_empty() || gap.timed.is_empty() {
            continue;
        }
        let anchors = if gap.round < ROUNDS { anchors(gap.written, gap.timed) } else { Vec::new() };
        if anchors.is_empty() {
            let cells = gap.written.len() * gap.timed.len();
            if cells <= MAX_CELLS && n_cells <= MAX_ALL_CELLS {
                n_cells += cells;
                gap.compare(&mut pairs);
            }
        } else {
            gap.part(&anchors, &mut gaps);
            pairs.extend(anchors.iter().map(|anchor| gap.pair(anchor.written, anchor.timed)));
        }
    }
    pairs.sort_unstable();
    pairs
}

impl<'w> Gap<'w> {
    /// A pair of the stretches as one of the texts.
    fn pair(&self, written: u32, timed: u32) -> Pair {
        Pair { written: self.at.written + written, timed: self.at.timed + timed }
    }

    /// Matches what is the same at both ends; what lies between.
    fn without_ends(self, pairs: &mut Vec<Pair>) -> Self {
        let is_same = |(one, other): &(&Word, &Word)| one.hash == other.hash;
        let head = self.written.iter().zip(self.timed).take_while(is_same).count();
        pairs.extend((0..head as u32).map(|idx| self.pair(idx, idx)));
        let (written, timed) = (&self.written[head..], &self.timed[head..]);
        let tail = written.iter().rev().zip(timed.iter().rev()).take_while(is_same).count();
        let [n_written, n_timed] = [self.written.len(), self.timed.len()].map(|len| len as u32);
        pairs.extend((1..=tail as u32).map(|idx| self.pair(n_written - idx, n_timed - idx)));
        let (written, timed) = (&written[..written.len() - tail], &timed[..timed.len() - tail]);
        Self { written, timed, at: self.pair(head as u32, head as u32), round: self.round }
    }

    /// Adds the stretches between anchors.
    fn part(&self, anchors: &[Pair], gaps: &mut Vec<Self>) {
        let mut from = Pair { written: 0, timed: 0 };
        let end = Pair { written: self.written.len() as u32, timed: self.timed.len() as u32 };
        for to in anchors.iter().chain([&end]) {
            gaps.push(Self {
                written: &self.written[from.written as usize..to.written as usize],
                timed: &self.timed[from.timed as usize..to.timed as usize],
                at: self.pair(from.written, from.timed),
                round: self.round + 1,
            });
            from = Pair { written: to.written + 1, timed: to.timed + 1 };
        }
    }

    /// Matches as many words as can be: the longest common subsequence.
    fn compare(&self, pairs: &mut Vec<Pair>) {
        let (n_written, n_timed) = (self.written.len(), self.timed.len());
        let width = n_timed + 1;
        // Of each two tails, how many words they have in common.
        let mut lengths = vec![0_u16; (n_written + 1) * width];
        for row in (0..n_written).rev() {
            for column in (0..n_timed).rev() {
                let at = row * width + column;
                lengths[at] = if self.written[row].hash == self.timed[column].hash {
                    lengths[at + width + 1] + 1
                } else {
                    lengths[at + width].max(lengths[at + 1])
                };
            }
        }
        let (mut row, mut column) = (0, 0);
        while row < n_written && column < n_timed {
            let at = row * width + column;
            if self.written[row].hash == self.timed[column].hash {
                pairs.push(self.pair(row as u32, column as u32));
                (row, column) = (row + 1, column + 1);
            } else if lengths[at + width] >= lengths[at + 1] {
                row += 1;
            } else {
                column += 1;
            }
        }
    }
}

/// Words that occur once in both stretches, the longest row of them that rises in both.
fn anchors(written: &[Word], timed: &[Word]) -> Vec<Pair> {
    let (written, timed) = (once(written), once(timed));
    let mut timed = timed.iter().peekable();
    let mut both = Vec::new();
    for &(hash, idx) in &written {
        while timed.next_if(|(other, _)| *other < hash).is_some() {}
        let twin = timed.next_if(|(other, _)| *other == hash);
        both.extend(twin.map(|&(_, twin)| Pair { written: idx, timed: twin }));
    }
    both.sort_unstable();
    let rising: Vec<(usize, u32)> = both.iter().map(|pair| pair.timed).enumerate().collect();
    longest_row(&rising).into_iter().map(|idx| both[idx]).collect()
}

/// The hashes of words that occur once, in order, with the index of each.
fn once(words: &[Word]) -> Vec<(u64, u32)> {
    let mut all: Vec<(u64, u32)> = words.iter().map(|word| word.hash).zip(0..).collect();
    all.sort_unstable();
    all.chunk_by(|one, next| one.0 == next.0).filter(|same| same.len() == 1).map(|same| same[0]).collect()
}
