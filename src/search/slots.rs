//! Numbers of episodes in the index.
//!
//! An episode's number follows from its guid, so that another episode that comes, goes or changes leaves it alone: it is
//! the guid's hash within a range four to eight times as large as the archive, or the next free number after it.

use std::collections::BTreeSet;

use crate::hash::ContentHash;

/// The index is made of so many ranges of episodes.
pub const N_SHARDS: u32 = 64;

/// The numbers of the episodes with these guids, in their order, and one more than the largest number there can be: a
/// power of two. Equal guids have different numbers.
pub fn slots(guids: &[&str]) -> (Vec<u32>, u32) {
    let n_slots = (guids.len() as u32).saturating_mul(4).next_power_of_two().clamp(N_SHARDS, 1 << 30);
    let wanted = |guid: &str| ContentHash::of(guid.as_bytes()).number() & (n_slots - 1);
    let mut order: Vec<(u32, usize)> = guids.iter().enumerate().map(|(idx, guid)| (wanted(guid), idx)).collect();
    order.sort_unstable_by_key(|&(slot, idx)| (slot, guids[idx]));
    let mut taken = BTreeSet::new();
    let mut slots = vec![0; guids.len()];
    for (wanted, idx) in order {
        let mut slot = wanted;
        while !taken.insert(slot) {
            slot = (slot + 1) & (n_slots - 1);
        }
        slots[idx] = slot;
    }
    (slots, n_slots)
}

/// The shard of an episode.
pub fn shard(slot: u32, n_slots: u32) -> u32 {
    slot / (n_slots / N_SHARDS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_different_and_stay_when_another_episode_comes() {
        let guids: Vec<String> = (0..900).map(|n| format!("guid {n}")).collect();
        let all: Vec<&str> = guids.iter().map(String::as_str).collect();
        let (slots_of_all, n_slots) = slots(&all);
        assert_eq!(n_slots, 4096);
        assert_eq!(slots_of_all.iter().collect::<BTreeSet<_>>().len(), all.len());
        assert!(slots_of_all.iter().all(|&slot| shard(slot, n_slots) < N_SHARDS));
        let (fewer, _) = slots(&all[..899]);
        let n_moved = fewer.iter().zip(&slots_of_all).filter(|(one, other)| one != other).count();
        assert!(n_moved <= 2, "{n_moved}");
        let mut turned: Vec<&str> = all.clone();
        turned.reverse();
        let (mut again, _) = slots(&turned);
        again.reverse();
        assert_eq!(again, slots_of_all);
        assert_eq!(slots(&[]), (Vec::new(), N_SHARDS));
    }
}
