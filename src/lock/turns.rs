//! The ids of an episode's turns, from the lock and from what they were before.

use std::collections::{BTreeMap, BTreeSet};

use super::align::aligned;
use super::{Locked, Turn};
use crate::hash::Hasher;
use crate::model::episode::Episode;
use crate::model::transcript::TurnId;

/// Turns with the ids of their words, the ids in their page and their measures: what a [`Before`](super::Before)
/// gives at the next build. `None` where the record is of another version of the program.
pub fn turns(defaults: &[TurnId], ids: &[TurnId], episode: &Episode) -> Option<Vec<Turn>> {
    let transcript = episode.structure.unpack()?;
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
        let hash = Hasher::new().part(default.as_str().as_bytes()).part(&order.to_le_bytes()).finish();
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
