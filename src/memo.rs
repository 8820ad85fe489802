//! What a build remembers of an episode for the next one: its record, and by what it can be told that it still holds.
//!
//! A memo saves work and decides nothing: whatever is lost, torn or doubtful is made anew from the sources. It is kept
//! in shards, so that an edit rewrites a small part.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::diagnostic::Diagnostics;
use crate::hash::ContentHash;
use crate::lock::{Before, Turn};
use crate::model::episode::Episode;
use crate::model::transcript::TurnId;
use crate::path::SitePath;
use crate::source::Stamp;

/// A number for the sources that this program was built from.
pub const FINGERPRINT: &str = env!("PODLEAF_FINGERPRINT");

/// Number of shards.
pub const N_SHARDS: usize = 64;

const MAGIC: &[u8] = b"podleaf memo 1 ";

/// By what it can be told that a record still holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// The stamp of each file of `Episode::read`, in that order.
    pub stamps: Vec<Stamp>,
    /// When those were taken, in nanoseconds since 1970.
    pub listed_at: i64,
    /// The hash of what the record has from its site and show.
    pub inherited: ContentHash,
}

/// What of an episode was published last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Published {
    /// Its guid.
    pub guid: String,
    /// The ids of its turns, where some are not those of their words; else nothing.
    #[serde(with = "crate::model::transcript::turn_ids")]
    pub kept: Vec<TurnId>,
    /// Its turns as they were then, where the record is a newer one: a preview remembers what it read, and publishes
    /// nothing.
    pub turns: Option<Vec<Turn>>,
}

/// A record with its proof, and what was found when it was made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Known {
    /// By what it can be told that the record still holds.
    pub proof: Proof,
    /// What is wrong in the files.
    pub diagnostics: Diagnostics,
    /// What was published; `None` for an episode that never was.
    pub published: Option<Published>,
    /// The record, with the turn ids of its words.
    pub episode: Arc<Episode>,
}

/// What the last build knew, by the main file of each episode.
#[derive(Debug, Default)]
pub struct Memo {
    entries: BTreeMap<SitePath, Arc<Known>>,
    before: Before,
}

impl Memo {
    /// The memo of these shards.
    pub fn new(shards: impl IntoIterator<Item = Vec<Known>>) -> Self {
        shards.into_iter().flatten().map(Arc::new).collect()
    }

    /// With the turns of episodes whose records are lost, as those of another version of the program are.
    pub fn with_turns(mut self, before: Before) -> Self {
        self.before = before;
        self
    }

    /// Takes out the turns of episodes whose records are lost.
    pub fn take_turns(&mut self) -> Before {
        std::mem::take(&mut self.before)
    }

    /// Takes out what is known of an episode.
    pub fn take(&mut self, source: &SitePath) -> Option<Arc<Known>> {
        self.entries.remove(source)
    }

    /// The shards of what was not taken out: episodes that are gone.
    pub fn left(&self) -> impl Iterator<Item = usize> {
        self.entries.keys().map(shard_of)
    }

    /// What was not taken out.
    pub fn rest(self) -> impl Iterator<Item = Arc<Known>> {
        self.entries.into_values()
    }
}

impl FromIterator<Arc<Known>> for Memo {
    fn from_iter<I: IntoIterator<Item = Arc<Known>>>(all: I) -> Self {
        let entries = all.into_iter().map(|known| (known.episode.source.clone(), known)).collect();
        Self { entries, before: Before::new() }
    }
}

/// The shard of an episode.
pub fn shard_of(source: &SitePath) -> usize {
    usize::from(ContentHash::of(source.as_str().as_bytes()).bytes()[0]) % N_SHARDS
}

/// A shard as bytes: a line that names the program, a hash of the rest, the rest.
///
/// # Panics
/// Never: records serialise.
pub fn encode(known: &[&Known]) -> Vec<u8> {
    let payload = postcard::to_allocvec(known).expect("records serialise");
    let mut out = Vec::with_capacity(payload.len() + 64);
    out.extend_from_slice(MAGIC);
    out.extend_from_slice(FINGERPRINT.as_bytes());
    out.push(b'\n');
    out.extend_from_slice(&ContentHash::of(&payload).bytes());
    out.extend_from_slice(&payload);
    out
}

/// What [`encode`] wrote. `None` for a shard of another program, and for one that is torn or changed.
pub fn decode(bytes: &[u8]) -> Option<Vec<Known>> {
    let rest = bytes.strip_prefix(MAGIC)?.strip_prefix(FINGERPRINT.as_bytes())?.strip_prefix(b"\n")?;
    let (hash, payload) = rest.split_at_checked(16)?;
    if ContentHash::of(payload).bytes() != hash {
        return None;
    }
    postcard::from_bytes(payload).ok()
}

impl Proof {
    /// Whether files with these stamps are, without reading them, those that the record was made from.
    ///
    /// A file that was changed at about the time of the list may have been changed again without a new stamp.
    pub fn holds(&self, stamps: &[Stamp]) -> bool {
        let settled = |stamp: &Stamp| stamp.is_settled(self.listed_at);
        self.stamps == stamps && stamps.iter().all(settled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::episode::{EpisodeSources, Inherited, episode_record};

    fn known(name: &str) -> Known {
        let source = SitePath::new(name).unwrap();
        let file = crate::source::SourceFile {
            path: source.clone(),
            text: "Ann: Hello there.\n\nBo: Good day.\n\nAnn: Bye.\n\nBo: Bye.\n".to_owned(),
            hash: ContentHash::of(b"x"),
        };
        let (words, names) = (crate::parse::words::Words::new(&[]), std::collections::BTreeSet::new());
        let inherited =
            Inherited { words: &words, names: &names, language: None, timezone: "UTC", mend_punctuation: None };
        let (episode, diagnostics) = episode_record(EpisodeSources::of(file), &inherited);
        let episode = episode.unwrap();
        let stamps = vec![Stamp { size: 9, modified: 1, changed: 2, inode: 3 }];
        let proof = Proof { stamps, listed_at: 9, inherited: ContentHash::of(b"") };
        let published = Some(Published { guid: "g".to_owned(), kept: episode.turn_ids.clone(), turns: None });
        Known { proof, diagnostics, published, episode: Arc::new(episode) }
    }

    fn shard(known: &[Known]) -> Vec<u8> {
        encode(&known.iter().collect::<Vec<_>>())
    }

    #[test]
    fn a_shard_reads_what_it_wrote() {
        let all = vec![known("a.md"), known("b/一.txt")];
        assert_eq!(decode(&shard(&all)), Some(all));
    }

    #[test]
    fn a_shard_that_is_torn_or_changed_anywhere_is_none() {
        let good = shard(&[known("a.md")]);
        for len in 0..good.len() {
            assert_eq!(decode(&good[..len]), None, "{len}");
            let mut bad = good.clone();
            bad[len] ^= 0x20;
            assert_eq!(decode(&bad), None, "{len}");
        }
    }

    #[test]
    fn a_stamp_is_believed_only_when_it_is_older_than_the_list() {
        let second = 1_000_000_000;
        let proof = |changed: i64| Proof {
            stamps: vec![Stamp { size: 1, modified: 0, changed, inode: 1 }],
            listed_at: 100 * second,
            inherited: ContentHash::of(b""),
        };
        assert!(proof(90 * second).holds(&proof(90 * second).stamps));
        assert!(!proof(90 * second).holds(&proof(91 * second).stamps));
        for doubtful in [99 * second, 100 * second, 200 * second] {
            assert!(!proof(doubtful).holds(&proof(doubtful).stamps), "{doubtful}");
        }
    }
}
