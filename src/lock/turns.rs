//! The ids of an episode's turns, from the lock and from what they were before.

use std::collections::{BTreeMap, BTreeSet};

use super::align::aligned;
use super::{Locked, Turn};
use crate::hash::Hasher;
use crate::model::episode::Episode;
use crate::model::transcript::{Transcript, TurnId};

/// Turns with the ids of their words, the ids in their page and their measures: what a [`Before`](super::Before)
/// gives at the next build. `None` where the record is of another version of the program.
pub fn turns(defaults: &[TurnId], ids: &[TurnId], episode: &Episode) -> Option<Vec<Turn>> {
    let transcript = Transcript::unpacked(&episode.structure)?;
    let measured = transcript.turns().map(|turn| {
        let length = turn.paragraphs.iter().map(|paragraph| paragraph.span.end - paragraph.span.start).sum();
        (turn.speaker, length)
    });
    let all = defaults.iter().zip(ids).zip(measured);
    Some(all.map(|((&default, &id), (speaker, length))| Turn { default, id, speaker, length }).collect())
}

/// The ids that the page of an episode has; `None` where they are those of the words.
///
/// Where the text is the one that the lock knows, the lock says it all. Where it changed since, turns are aligned with
/// those of the last build, if these are known; but lines of the lock that the last build did not have, such as
/// those of a merge, stand above it.
pub(super) fn turn_ids(
    locked: &Locked,
    is_same_text: bool,
    episode: &Episode,
    before: impl FnOnce() -> Option<Vec<Turn>>,
) -> Option<Vec<TurnId>> {
    let defaults = &episode.turn_ids;
    let before = if is_same_text { None } else { before() };
    let now = before.as_ref().and_then(|_| turns(defaults, defaults, episode));
    let ids = match (before, now) {
        (Some(before), Some(now)) => kept(&locked.turns, &before, &now),
        _ if locked.turns.is_empty() => return None,
        _ => {
            let line = |default: &TurnId| locked.turns.get(default).copied();
            assigned(defaults, defaults.iter().map(line).collect())
        }
    };
    (ids != *defaults).then_some(ids)
}

/// The ids of the turns of now.
fn kept(lines: &BTreeMap<TurnId, TurnId>, before: &[Turn], now: &[Turn]) -> Vec<TurnId> {
    let known: BTreeMap<TurnId, TurnId> = before.iter().map(|turn| (turn.default, turn.id)).collect();
    let mut wanted: Vec<Option<TurnId>> = aligned(before, now).into_iter().map(|old| Some(before[old?].id)).collect();
    for (turn, wanted) in now.iter().zip(&mut wanted) {
        if let Some(&line) = lines.get(&turn.default).filter(|&line| known.get(&turn.default) != Some(line)) {
            *wanted = Some(line);
        }
    }
    let defaults: Vec<TurnId> = now.iter().map(|turn| turn.default).collect();
    // A line that is new stands above what the last build knew, so that its id is given first.
    let is_line = |idx: usize| lines.get(&defaults[idx]) == wanted[idx].as_ref();
    let mut taken = BTreeSet::new();
    let mut first = vec![None; wanted.len()];
    for pass in [true, false] {
        for idx in 0..wanted.len() {
            if is_line(idx) == pass {
                first[idx] = wanted[idx].filter(|id| taken.insert(*id));
            }
        }
    }
    assigned(&defaults, first)
}

/// The ids that are wanted, each once; the others have those of their words, or a longer one where another turn
/// keeps that.
fn assigned(defaults: &[TurnId], wanted: Vec<Option<TurnId>>) -> Vec<TurnId> {
    let mut taken = BTreeSet::new();
    let wanted: Vec<Option<TurnId>> = wanted.into_iter().map(|id| id.filter(|id| taken.insert(*id))).collect();
    let own: BTreeSet<TurnId> = defaults.iter().copied().collect();
    let pairs = defaults.iter().zip(wanted);
    let ids = pairs.map(|(&default, wanted)| match wanted {
        Some(id) => id,
        None if taken.insert(default) => default,
        None => longer(default, |id| !own.contains(&id) && taken.insert(id)),
    });
    ids.collect()
}

/// An id of eight letters in place of one that is taken.
fn longer(default: TurnId, take: impl FnMut(TurnId) -> bool) -> TurnId {
    let mut take = take;
    let mut order = 0_u32;
    loop {
        let hash = Hasher::new().part(default.as_bytes()).part(&order.to_le_bytes()).finish();
        if let Some(id) = TurnId::new(&hash.letters(8)).filter(|id| take(*id)) {
            return id;
        }
        order += 1;
    }
}

/// The lines of a lock for these ids.
pub(super) fn lines(defaults: &[TurnId], ids: Option<&[TurnId]>) -> BTreeMap<TurnId, TurnId> {
    let pairs = defaults.iter().copied().zip(ids.unwrap_or_default().iter().copied());
    pairs.filter(|(default, id)| default != id).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::hash::ContentHash;

    /// A turn of a text: who says it, the words, and a number that stays with the turn.
    #[derive(Debug, Clone)]
    struct Said {
        speaker: u32,
        words: u32,
        mark: usize,
    }

    /// Turns with ids as the parser makes them: equal openings are told apart by their order.
    fn turns(text: &[Said]) -> Vec<Turn> {
        let mut used = BTreeSet::new();
        let ids = text.iter().map(|said| {
            let hash = ContentHash::of(format!("{} {}", said.speaker, said.words).as_bytes());
            let letters = hash.letters(8);
            let more = (1_u32..).map(|n| Hasher::new().part(&hash.bytes()).part(&n.to_le_bytes()).finish().letters(8));
            let mut all = (6..=8).map(|len| letters[..len].to_owned()).chain(more);
            let id = all.find_map(|id| TurnId::new(&id).filter(|id| used.insert(*id))).unwrap();
            Turn { default: id, id, speaker: said.speaker, length: 5 + said.words % 40 }
        });
        ids.collect()
    }

    fn build(lines_before: &BTreeMap<TurnId, TurnId>, before: &[Turn], now: &[Turn]) -> Vec<Turn> {
        let ids = kept(lines_before, before, now);
        now.iter().zip(ids).map(|(turn, id)| Turn { id, ..*turn }).collect()
    }

    fn lines_of(turns: &[Turn]) -> BTreeMap<TurnId, TurnId> {
        let (defaults, ids): (Vec<_>, Vec<_>) = turns.iter().map(|turn| (turn.default, turn.id)).unzip();
        lines(&defaults, Some(&ids))
    }

    #[derive(Debug, Clone)]
    enum Edit {
        Reword(usize, u32),
        Insert(usize, u32, u32),
        Delete(usize),
        Move(usize, usize),
        Swap(usize, usize),
        /// Another label for one speaker in the whole text.
        Rename(u32),
    }

    fn edits() -> impl Strategy<Value = Vec<Edit>> {
        let one = prop_oneof![
            (any::<usize>(), 1000_u32..2000).prop_map(|(at, words)| Edit::Reword(at, words)),
            (any::<usize>(), 0_u32..3, 0_u32..2000).prop_map(|(at, speaker, words)| Edit::Insert(at, speaker, words)),
            any::<usize>().prop_map(Edit::Delete),
            (any::<usize>(), any::<usize>()).prop_map(|(from, to)| Edit::Move(from, to)),
            (any::<usize>(), any::<usize>()).prop_map(|(one, two)| Edit::Swap(one, two)),
            (0_u32..3).prop_map(Edit::Rename),
        ];
        prop::collection::vec(one, 0..8)
    }

    /// Applies an edit; returns the marks of the turns that it touched.
    fn apply(text: &mut Vec<Said>, edit: &Edit, next_mark: &mut usize) -> BTreeSet<usize> {
        let n = text.len();
        if n == 0 && !matches!(edit, Edit::Insert(..)) {
            return BTreeSet::new();
        }
        match *edit {
            Edit::Reword(at, words) => {
                text[at % n].words = words + 10_000;
                BTreeSet::from([text[at % n].mark])
            }
            Edit::Insert(at, speaker, words) => {
                *next_mark += 1;
                text.insert(at % (n + 1), Said { speaker, words, mark: *next_mark });
                BTreeSet::from([*next_mark])
            }
            Edit::Delete(at) => BTreeSet::from([text.remove(at % n).mark]),
            Edit::Move(from, to) => {
                let said = text.remove(from % n);
                text.insert(to % n, said);
                BTreeSet::new()
            }
            Edit::Swap(one, two) => {
                text.swap(one % n, two % n);
                BTreeSet::new()
            }
            Edit::Rename(speaker) => {
                let touched = text.iter_mut().filter(|said| said.speaker == speaker);
                touched
                    .map(|said| {
                        said.words += 100_000;
                        said.mark
                    })
                    .collect()
            }
        }
    }

    proptest! {
        #[test]
        fn a_lock_keeps_what_was_not_touched(
            openings in prop::collection::vec((0_u32..3, 0_u32..400), 1..40),
            builds in prop::collection::vec(edits(), 1..4),
        ) {
            let mut text: Vec<Said> = openings
                .iter()
                .enumerate()
                .map(|(mark, &(speaker, words))| Said { speaker, words, mark })
                .collect();
            let mut next_mark = text.len();
            let mut before = turns(&text);
            for edits in builds {
                let lock = lines_of(&before);
                let old = text.clone();
                let mut touched = BTreeSet::new();
                for edit in &edits {
                    touched.extend(apply(&mut text, edit, &mut next_mark));
                }
                let plain = turns(&text);
                let after = build(&lock, &before, &plain);
                let ids: BTreeSet<TurnId> = after.iter().map(|turn| turn.id).collect();
                prop_assert_eq!(ids.len(), after.len(), "every id is there once");
                prop_assert_eq!(&build(&lines_of(&after), &after, &plain), &after, "twice with the memo");
                let lines = lines_of(&after);
                let (defaults, _): (Vec<_>, Vec<_>) = after.iter().map(|turn| (turn.default, turn.id)).unzip();
                let again = assigned(&defaults, defaults.iter().map(|id| lines.get(id).copied()).collect());
                prop_assert_eq!(again, after.iter().map(|turn| turn.id).collect::<Vec<_>>(), "twice without it");
                let n_same = |text: &[Said], said: &Said| {
                    text.iter().filter(|other| (other.speaker, other.words) == (said.speaker, said.words)).count()
                };
                for (old_turn, said) in before.iter().zip(&old) {
                    let Some(at) = text.iter().position(|now| now.mark == said.mark) else { continue };
                    // What is said twice cannot be told apart for certain.
                    if touched.contains(&said.mark) || n_same(&old, said) > 1 || n_same(&text, said) > 1 {
                        continue;
                    }
                    prop_assert_eq!(after[at].id, old_turn.id, "the id of a turn that was not touched");
                }
                before = after;
            }
        }
    }

    #[test]
    fn a_line_of_a_merge_stands_above_the_last_build() {
        let said = |words, mark| Said { speaker: 0, words, mark };
        let before = turns(&[said(1, 0), said(2, 1), said(3, 2)]);
        let now = turns(&[said(1, 0), said(20, 1), said(3, 2)]);
        let other = TurnId::new("mergedx").unwrap();
        let after = build(&BTreeMap::from([(now[1].default, other)]), &before, &now);
        assert_eq!(after[1].id, other);
        assert_eq!(build(&BTreeMap::new(), &before, &now)[1].id, before[1].id);
    }

    #[test]
    fn words_whose_id_another_turn_keeps_get_a_longer_one() {
        let said = |words, mark| Said { speaker: 0, words, mark };
        let first = turns(&[said(1, 0), said(2, 1)]);
        let reworded = build(&BTreeMap::new(), &first, &turns(&[said(1, 0), said(7, 1)]));
        let text = turns(&[said(1, 0), said(7, 1), said(2, 2)]);
        let after = build(&lines_of(&reworded), &reworded, &text);
        assert_eq!(after[1].id, first[1].id);
        assert!(after[2].id != first[1].id && after[2].id.as_str().len() == 8);
    }
}
