//! Which turn of now is which turn of before.
//!
//! Turns with the same opening are the same turn, wherever they stand. What is said often, such as `Yes.`, has an id
//! that rests on its order, so that it goes with its neighbours (Heckel, "A technique for isolating differences
//! between files", 1978). What is left lies in gaps, where speaker, order and length decide: reworded, split or merged.

use std::collections::{BTreeMap, BTreeSet};

use super::Turn;
use crate::model::transcript::TurnId;

/// The table of a gap has at most so many cells; a larger gap is cut into pieces.
const MAX_CELLS: usize = 10_000;
const PIECE: usize = 100;
/// Gaps are parted at turns that are alike, so deep at most.
const MAX_DEPTH: usize = 12;

/// For each turn of now the index of the one that it was before, each of which is used once.
///
/// Takes n log n steps for n turns, and up to 100 for each turn of a long stretch that is all new.
pub fn aligned(before: &[Turn], now: &[Turn]) -> Vec<Option<usize>> {
    let mut matching = Matching::new(before, now);
    matching.match_openings();
    matching.vote_speakers();
    matching.extend_forwards();
    matching.extend_backwards();
    matching.vote_speakers();
    matching.fill_gaps();
    matching.old_of
}

/// Speaker and length of a turn.
type Token = (u32, u32);

struct Matching<'m> {
    before: &'m [Turn],
    now: &'m [Turn],
    /// For each turn of now, the index of its old one.
    old_of: Vec<Option<usize>>,
    /// For each old turn, the index of its new one.
    new_of: Vec<Option<usize>>,
    /// The speaker of now for one of before, where the matched turns say it.
    speakers: BTreeMap<u32, u32>,
    /// Openings that occur more than once, by the six letters that their ids begin with.
    common: BTreeSet<String>,
}

impl<'m> Matching<'m> {
    fn new(before: &'m [Turn], now: &'m [Turn]) -> Self {
        let ids = before.iter().chain(now).map(|turn| turn.default);
        let common = ids.filter(|id| id.as_str().len() > 6).map(|id| id.as_str()[..6].to_owned()).collect();
        let (old_of, new_of) = (vec![None; now.len()], vec![None; before.len()]);
        Self { before, now, old_of, new_of, speakers: BTreeMap::new(), common }
    }

    fn pair(&mut self, old: usize, new: usize) {
        self.old_of[new] = Some(old);
        self.new_of[old] = Some(new);
    }

    /// Whether the id rests on order as well: equal openings have six, seven and eight letters of one hash, then others.
    fn is_common(&self, id: TurnId) -> bool {
        id.as_str().len() > 6 || self.common.contains(id.as_str())
    }

    fn match_openings(&mut self) {
        let by_id: BTreeMap<TurnId, usize> = self.before.iter().enumerate().map(|(idx, t)| (t.default, idx)).collect();
        for (new, turn) in self.now.iter().enumerate() {
            if let Some(&old) = by_id.get(&turn.default).filter(|_| !self.is_common(turn.default)) {
                self.pair(old, new);
            }
        }
    }

    /// A speaker has another index where somebody else speaks first now.
    fn vote_speakers(&mut self) {
        let mut votes: BTreeMap<(u32, u32), u32> = BTreeMap::new();
        for (new, old) in self.old_of.iter().enumerate() {
            let Some(old) = old else { continue };
            *votes.entry((self.before[*old].speaker, self.now[new].speaker)).or_insert(0) += 1;
        }
        let mut ranked: Vec<_> = votes.into_iter().collect();
        ranked.sort_by_key(|&(pair, n)| (std::cmp::Reverse(n), pair));
        self.speakers.clear();
        for ((old, new), _) in ranked {
            self.speakers.entry(old).or_insert(new);
        }
    }

    /// The speaker of an old turn by the indexes of now.
    fn speaker(&self, old: usize) -> u32 {
        let speaker = self.before[old].speaker;
        self.speakers.get(&speaker).copied().unwrap_or(speaker)
    }

    fn token(&self, old: usize) -> Token {
        (self.speaker(old), self.before[old].length)
    }

    fn new_token(&self, new: usize) -> Token {
        (self.now[new].speaker, self.now[new].length)
    }

    /// Whether two turns that are not matched yet say the same, which is said more than once.
    fn is_same_common(&self, old: usize, new: usize) -> bool {
        self.new_of[old].is_none()
            && self.old_of[new].is_none()
            && self.is_common(self.before[old].default)
            && self.is_common(self.now[new].default)
            && self.token(old) == self.new_token(new)
    }

    fn extend_forwards(&mut self) {
        let mut next = Some(0);
        for new in 0..self.now.len() {
            if let Some(old) = next.filter(|&old| old < self.before.len() && self.is_same_common(old, new)) {
                self.pair(old, new);
            }
            next = self.old_of[new].map(|old| old + 1);
        }
    }

    fn extend_backwards(&mut self) {
        let mut next = self.before.len().checked_sub(1);
        for new in (0..self.now.len()).rev() {
            if let Some(old) = next.filter(|&old| self.is_same_common(old, new)) {
                self.pair(old, new);
            }
            next = self.old_of[new].and_then(|old| old.checked_sub(1));
        }
    }

    /// Aligns what is left between the turns that keep their order.
    fn fill_gaps(&mut self) {
        let pairs: Vec<(usize, usize)> =
            self.old_of.iter().enumerate().filter_map(|(new, old)| Some(((*old)?, new))).collect();
        let ends = [(self.before.len(), self.now.len())];
        let (mut old_from, mut new_from) = (0, 0);
        for (old_to, new_to) in increasing(&pairs).into_iter().chain(ends) {
            let old: Vec<usize> = (old_from..old_to).filter(|&idx| self.new_of[idx].is_none()).collect();
            let new: Vec<usize> = (new_from..new_to).filter(|&idx| self.old_of[idx].is_none()).collect();
            self.gap(&old, &new, 0);
            (old_from, new_from) = (old_to + 1, new_to + 1);
        }
    }

    fn gap(&mut self, old: &[usize], new: &[usize], depth: usize) {
        let (mut old, mut new) = (old, new);
        while let ([first_old, old_rest @ ..], [first_new, new_rest @ ..]) = (old, new)
            && self.token(*first_old) == self.new_token(*first_new)
        {
            self.pair(*first_old, *first_new);
            (old, new) = (old_rest, new_rest);
        }
        while let ([old_rest @ .., last_old], [new_rest @ .., last_new]) = (old, new)
            && self.token(*last_old) == self.new_token(*last_new)
        {
            self.pair(*last_old, *last_new);
            (old, new) = (old_rest, new_rest);
        }
        if old.is_empty() || new.is_empty() {
            return;
        }
        let alike = if depth < MAX_DEPTH { self.alike(old, new) } else { Vec::new() };
        if alike.is_empty() {
            return self.pieces(old, new);
        }
        let (mut old_from, mut new_from) = (0, 0);
        for (old_to, new_to) in alike.into_iter().chain([(old.len(), new.len())]) {
            self.gap(&old[old_from..old_to], &new[new_from..new_to], depth + 1);
            if old_to < old.len() {
                self.pair(old[old_to], new[new_to]);
            }
            (old_from, new_from) = ((old_to + 1).min(old.len()), (new_to + 1).min(new.len()));
        }
    }

    /// Places in two gaps that have the same speaker and length, which occur once in each; in order.
    /// In large gaps the two turns behind have to agree as well, since few lengths occur once there.
    fn alike(&self, old: &[usize], new: &[usize]) -> Vec<(usize, usize)> {
        let window = if old.len() * new.len() > MAX_CELLS { 3 } else { 1 };
        let old: Vec<Token> = old.iter().map(|&idx| self.token(idx)).collect();
        let new: Vec<Token> = new.iter().map(|&idx| self.new_token(idx)).collect();
        let mut places: BTreeMap<&[Token], (Vec<usize>, Vec<usize>)> = BTreeMap::new();
        for (at, tokens) in old.windows(window).enumerate() {
            places.entry(tokens).or_default().0.push(at);
        }
        for (at, tokens) in new.windows(window).enumerate() {
            places.entry(tokens).or_default().1.push(at);
        }
        let once = places.into_values().filter_map(|(old, new)| match (old.as_slice(), new.as_slice()) {
            ([old], [new]) => Some((*old, *new)),
            _ => None,
        });
        let mut pairs: Vec<(usize, usize)> = once.collect();
        pairs.sort_unstable_by_key(|&(_, new)| new);
        increasing(&pairs)
    }

    fn pieces(&mut self, old: &[usize], new: &[usize]) {
        let n_pieces = if old.len() * new.len() <= MAX_CELLS { 1 } else { old.len().max(new.len()).div_ceil(PIECE) };
        let cut = |len: usize, piece: usize| len * piece / n_pieces;
        for piece in 0..n_pieces {
            let old = &old[cut(old.len(), piece)..cut(old.len(), piece + 1)];
            let new = &new[cut(new.len(), piece)..cut(new.len(), piece + 1)];
            self.table(old, new);
        }
    }

    /// The best way to explain new turns by old ones.
    fn table(&mut self, old: &[usize], new: &[usize]) {
        let width = new.len() + 1;
        let tokens: Vec<Token> = old.iter().map(|&idx| self.token(idx)).collect();
        let new_tokens: Vec<Token> = new.iter().map(|&idx| self.new_token(idx)).collect();
        let mut best = vec![(0_u32, Step::SkipNew); (old.len() + 1) * width];
        // From the ends to the beginning, so that the first of equal ways is the one that is walked.
        for i in (0..=old.len()).rev() {
            for j in (0..=new.len()).rev() {
                let mut cell = (0, Step::SkipNew);
                for step in STEPS {
                    let (n_old, n_new) = step.size();
                    if i + n_old > old.len() || j + n_new > new.len() {
                        continue;
                    }
                    let Some(score) = score(step, &tokens[i..i + n_old], &new_tokens[j..j + n_new]) else { continue };
                    let score = score + best[(i + n_old) * width + j + n_new].0;
                    if score > cell.0 {
                        cell = (score, step);
                    }
                }
                best[i * width + j] = cell;
            }
        }
        let (mut i, mut j) = (0, 0);
        while best[i * width + j].0 > 0 {
            let step = best[i * width + j].1;
            if !matches!(step, Step::SkipOld | Step::SkipNew) {
                self.pair(old[i], new[j]);
            }
            let (n_old, n_new) = step.size();
            (i, j) = (i + n_old, j + n_new);
        }
    }
}

/// How well a step explains new turns by old ones; `None` where it does not.
fn score(step: Step, old: &[Token], new: &[Token]) -> Option<u32> {
    let close = |old: u32, new: u32, least: u32| Some(closeness(old, new)).filter(|close| *close >= least);
    let (speaker, length) = (|idx: usize| old[idx].0, |idx: usize| old[idx].1);
    let (new_speaker, new_length) = (|idx: usize| new[idx].0, |idx: usize| new[idx].1);
    let whole = |old: u32, new: u32| close(old, new, 700).map(|close| 1000 + close);
    match step {
        Step::SkipOld | Step::SkipNew => Some(0),
        Step::Same if speaker(0) == new_speaker(0) => close(length(0), new_length(0), 100).map(|close| 1000 + close),
        // The label alone was wrong.
        Step::Same => (length(0) == new_length(0) && length(0) >= 20).then_some(900),
        Step::Split => {
            let is_one = speaker(0) == new_speaker(0) && speaker(0) == new_speaker(1);
            whole(length(0), new_length(0).saturating_add(new_length(1))).filter(|_| is_one)
        }
        Step::SplitAround => {
            let is_one = speaker(0) == new_speaker(0) && speaker(0) == new_speaker(2);
            let is_one = is_one && speaker(0) != new_speaker(1);
            whole(length(0), new_length(0).saturating_add(new_length(2))).filter(|_| is_one)
        }
        Step::Merge => {
            let is_one = speaker(0) == new_speaker(0) && speaker(1) == new_speaker(0);
            whole(length(0).saturating_add(length(1)), new_length(0)).filter(|_| is_one)
        }
        Step::MergeAround => {
            let is_one = speaker(0) == new_speaker(0) && speaker(2) == new_speaker(0);
            let is_one = is_one && speaker(1) != new_speaker(0);
            whole(length(0).saturating_add(length(2)), new_length(0)).filter(|_| is_one)
        }
    }
}

/// How a stretch of old turns becomes one of new turns. The first old turn is the first new one, but for skips.
#[derive(Debug, Clone, Copy)]
enum Step {
    Same,
    Split,
    /// Somebody speaks in between now.
    SplitAround,
    Merge,
    /// Somebody spoke in between.
    MergeAround,
    SkipOld,
    SkipNew,
}

const STEPS: [Step; 7] =
    [Step::Same, Step::Split, Step::Merge, Step::SplitAround, Step::MergeAround, Step::SkipNew, Step::SkipOld];

impl Step {
    /// How many old and new turns it takes.
    fn size(self) -> (usize, usize) {
        match self {
            Self::Same => (1, 1),
            Self::Split => (1, 2),
            Self::SplitAround => (1, 3),
            Self::Merge => (2, 1),
            Self::MergeAround => (3, 1),
            Self::SkipOld => (1, 0),
            Self::SkipNew => (0, 1),
        }
    }
}

/// 1000 for equal lengths, 0 for lengths that have nothing in common.
fn closeness(one: u32, two: u32) -> u32 {
    let (less, more) = (u64::from(one.min(two)), u64::from(one.max(two)));
    (less * 1000).checked_div(more).map_or(1000, |close| close as u32)
}

/// The longest run of pairs, which are in the order of their second parts, whose first parts increase.
fn increasing(pairs: &[(usize, usize)]) -> Vec<(usize, usize)> {
    // `ends[n]`: the pair that a run of n + 1 pairs can end in, the lowest there is.
    let mut ends: Vec<usize> = Vec::new();
    let mut previous: Vec<Option<usize>> = Vec::with_capacity(pairs.len());
    for (idx, (first, _)) in pairs.iter().enumerate() {
        let n = ends.partition_point(|&end| pairs[end].0 < *first);
        previous.push(n.checked_sub(1).map(|n| ends[n]));
        if n == ends.len() {
            ends.push(idx);
        } else {
            ends[n] = idx;
        }
    }
    let mut run = Vec::with_capacity(ends.len());
    let mut at = ends.last().copied();
    while let Some(idx) = at {
        run.push(pairs[idx]);
        at = previous[idx];
    }
    run.reverse();
    run
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::ContentHash;

    /// Turns from `speaker text` words, with ids like those of the parser.
    fn turns(text: &[&str]) -> Vec<Turn> {
        let mut used = BTreeSet::new();
        let mut turns = Vec::new();
        for (idx, said) in text.iter().enumerate() {
            let (speaker, words) = said.split_once(' ').unwrap();
            let hash = ContentHash::of(said.as_bytes()).letters(8);
            let mut ids =
                (6..=8).map(|len| hash[..len].to_owned()).chain([ContentHash::of(&idx.to_le_bytes()).letters(8)]);
            let default = ids.find_map(|id| TurnId::new(&id).filter(|id| used.insert(*id))).unwrap();
            let speaker = u32::from(speaker.as_bytes()[0] - b'a');
            turns.push(Turn { default, id: default, speaker, length: words.len() as u32 });
        }
        turns
    }

    #[track_caller]
    fn check(before: &[&str], now: &[&str], expected: &[Option<usize>]) {
        assert_eq!(aligned(&turns(before), &turns(now)), expected, "{before:?} {now:?}");
    }

    #[test]
    fn edits_keep_turns() {
        let before = ["a one two three", "b four five six", "a seven eight", "b nine ten eleven"];
        check(&before, &before, &[Some(0), Some(1), Some(2), Some(3)]);
        let reworded = ["a one two three", "b four and five", "a seven eight", "b nine ten eleven"];
        check(&before, &reworded, &[Some(0), Some(1), Some(2), Some(3)]);
        let inserted = ["a one two three", "c new", "b four five six", "a seven eight", "b nine ten eleven"];
        check(&before, &inserted, &[Some(0), None, Some(1), Some(2), Some(3)]);
        check(&before, &["a one two three", "b nine ten eleven"], &[Some(0), Some(3)]);
        let moved = ["b nine ten eleven", "a one two three", "b four five six", "a seven eight"];
        check(&before, &moved, &[Some(3), Some(0), Some(1), Some(2)]);
        check(&before, &[], &[]);
        check(&[], &["a one"], &[None]);
    }

    #[test]
    fn a_speaker_of_another_name_keeps_all_turns() {
        let before: Vec<String> =
            (0..500).map(|n| format!("{} {}", ["a", "b"][n % 2], "word ".repeat(n % 7))).collect();
        let now: Vec<String> = (0..500).map(|n| format!("{} {}", ["a", "b"][n % 2], "wörd".repeat(n % 7))).collect();
        let before: Vec<&str> = before.iter().map(String::as_str).collect();
        let now: Vec<&str> = now.iter().map(String::as_str).collect();
        let (mut before, now) = (turns(&before), turns(&now));
        before.iter_mut().zip(&now).for_each(|(before, now)| before.length = now.length);
        let expected: Vec<Option<usize>> = (0..500).map(Some).collect();
        assert_eq!(aligned(&before, &now), expected);
    }

    #[test]
    fn the_first_part_of_a_split_and_the_first_of_a_merge() {
        let whole = ["b ask", "a one two three four five six", "b and"];
        let parts = ["b ask", "a ONE two", "a three four five six x", "b and"];
        check(&whole, &parts, &[Some(0), Some(1), None, Some(2)]);
        check(&parts, &whole, &[Some(0), Some(1), Some(3)]);
        let around = ["b ask", "a ONE two", "b mm", "a three four five six x", "b and"];
        check(&whole, &around, &[Some(0), Some(1), None, None, Some(2)]);
        check(&around, &whole, &[Some(0), Some(1), Some(4)]);
    }

    #[test]
    fn what_is_said_often_goes_with_its_neighbours() {
        let before = ["a one", "b yes", "a two", "b yes", "a three", "b yes", "a four", "b yes"];
        let now = ["a zero", "b yes", "a one", "b yes", "a two", "b yes", "a three", "b yes", "a four", "b yes"];
        let expected = [None, None].into_iter().chain((0..8).map(Some)).collect::<Vec<_>>();
        check(&before, &now, &expected);
        let moved = ["a three", "b yes", "a four", "b yes", "a one", "b yes", "a two", "b yes"];
        check(&before, &moved, &[4, 5, 6, 7, 0, 1, 2, 3].map(Some));
    }

    #[test]
    fn a_new_first_speaker_moves_the_indexes() {
        let before = ["a one two", "b three four", "a five six seven"];
        let now = ["a hello", "b one two", "c three four", "b fife six seven"];
        let (before, mut now) = (turns(&before), turns(&now));
        (now[1].default, now[2].default) = (before[0].default, before[1].default);
        assert_eq!(aligned(&before, &now), [None, Some(0), Some(1), Some(2)]);
    }

    #[test]
    fn a_long_text_that_is_all_new_is_aligned_in_pieces() {
        let turn = |n: u32, length: u32| {
            let id = TurnId::new(&ContentHash::of(&n.to_le_bytes()).letters(7)).unwrap();
            Turn { default: id, id, speaker: n % 2, length }
        };
        let before: Vec<Turn> = (0..4000).map(|n| turn(n, 40 + n % 5)).collect();
        let now: Vec<Turn> = (0..4000).map(|n| turn(n + 10_000, 50 + n % 3)).collect();
        let found = aligned(&before, &now);
        assert_eq!(found.iter().flatten().collect::<BTreeSet<_>>().len(), 4000, "each is used once");
    }
}
