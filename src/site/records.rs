//! Records of episodes: from the memo where its files are the same, else from the files.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use crate::config::Config;
use crate::diagnostic::Diagnostics;
use crate::graph::files::EpisodeFiles;
use crate::hash::{ContentHash, Hasher};
use crate::lock;
use crate::memo::{self, Known, Memo, Proof, Published};
use crate::model::episode::Episode;
use crate::model::show::ShowSettings;
use crate::parse::decode::decode;
use crate::parse::episode::{Inherited, episode_record};
use crate::parse::words::Words;
use crate::path::SitePath;
use crate::site::load::read_bytes;
use crate::source::{Stamp, World};

/// What is remembered of an episode beside its record.
#[derive(Debug)]
pub(super) struct Head {
    pub(super) proof: Proof,
    pub(super) diagnostics: Diagnostics,
    /// The hash of all that the record was made from.
    pub(super) record: ContentHash,
    pub(super) published: Option<Published>,
}

/// What came of an episode's files.
#[derive(Debug)]
pub(super) enum Record {
    /// A record, from the memo or from the files.
    Read(Box<Read>),
    /// The main file cannot be read.
    Unread(Diagnostics),
}

/// A record with all that was learnt on the way to it.
#[derive(Debug)]
pub(super) struct Read {
    pub(super) files: EpisodeFiles,
    pub(super) episode: Episode,
    pub(super) head: Head,
    /// Whether the memo does not have it so.
    pub(super) is_new: bool,
    pub(super) is_parsed: bool,
    /// The turns that were published, by guid, where the record is another one now.
    pub(super) before: Option<(String, Vec<lock::Turn>)>,
}

impl Record {
    pub(super) fn diagnostics(&self) -> &Diagnostics {
        match self {
            Self::Read(read) => &read.head.diagnostics,
            Self::Unread(diagnostics) => diagnostics,
        }
    }
}

/// The records of all episodes, in parallel; results in the order of the files.
pub(super) fn records(
    world: &dyn World,
    episodes: Vec<EpisodeFiles>,
    memo: &mut Memo,
    config: &Config,
    words: &Words,
    names: &BTreeSet<String>,
    shows: &BTreeMap<String, ShowSettings>,
) -> Vec<Record> {
    let mut common = Hasher::new();
    common.part(memo::FINGERPRINT.as_bytes()).json(&config.words).json(names);
    common.json(&(&config.timezone, config.mend_punctuation));
    let common = common.finish();
    let with_known = |files: EpisodeFiles| {
        let known = memo.take(&files.main);
        (files, known)
    };
    let work: Vec<(EpisodeFiles, Option<Known>)> = episodes.into_iter().map(with_known).collect();
    let record = |(files, known): (EpisodeFiles, Option<Known>)| {
        let language = shows.get(&files.show).and_then(|show| show.language.as_ref());
        let inherited =
            Inherited { words, names, language, timezone: &config.timezone, mend_punctuation: config.mend_punctuation };
        record(world, files, known, Hasher::new().hash(common).json(&language).finish(), &inherited)
    };
    work.into_par_iter().map(record).collect()
}

/// The record of one episode: what is known of it where its files are the same, else from the files.
fn record(
    world: &dyn World,
    files: EpisodeFiles,
    known: Option<Known>,
    inherited_hash: ContentHash,
    inherited: &Inherited<'_>,
) -> Record {
    let paths = || std::iter::once(&files.main).chain(&files.notes);
    let stamps: Vec<Stamp> = paths().map(|path| stamp(world, path)).collect();
    let finish = |mut episode: Episode, proof: Proof, diagnostics, published: Option<Published>, is_new| {
        let mut record = Hasher::new();
        record.hash(inherited_hash);
        episode.read.iter().for_each(|(path, hash)| _ = record.part(path.as_str().as_bytes()).hash(*hash));
        episode.media.clone_from(&files.media);
        // A lock that could not be written does not have the ids that are kept: then the memo says them.
        let kept = published.as_ref().filter(|published| !published.kept.is_empty());
        let before = kept.and_then(|published| published_turns(published, &episode));
        let head = Head { proof, diagnostics, record: record.finish(), published };
        Read { files: files.clone(), episode, head, is_new, is_parsed: false, before }
    };
    let is_same = |known: &Known| {
        known.proof.inherited == inherited_hash && known.episode.read.iter().map(|(path, _)| path).eq(paths())
    };
    let known = match known {
        Some(known) if is_same(&known) && known.proof.holds(&stamps) => {
            let read = finish(known.episode, known.proof, known.diagnostics, known.published, false);
            return Record::Read(Box::new(read));
        }
        known => known,
    };
    let mut diagnostics = Diagnostics::new();
    let mut all_bytes = Vec::new();
    for path in paths() {
        match read_bytes(world, path) {
            Ok(bytes) => all_bytes.push((path, bytes)),
            Err(diagnostic) => diagnostics.push(diagnostic),
        }
    }
    let proof = Proof { stamps, listed_at: world.listed_at(), inherited: inherited_hash };
    let hashes = || all_bytes.iter().map(|(_, bytes)| ContentHash::of(bytes));
    let has_same_bytes = |known: &Known| known.episode.read.iter().map(|(_, hash)| *hash).eq(hashes());
    let known = match known {
        Some(known) if is_same(&known) && has_same_bytes(&known) => {
            let read = finish(known.episode, proof, known.diagnostics, known.published, true);
            return Record::Read(Box::new(read));
        }
        known => known,
    };
    let mut texts = Vec::new();
    for (path, bytes) in all_bytes {
        let (file, found) = decode(path, bytes);
        diagnostics.append(found);
        texts.extend(file);
    }
    if texts.first().is_none_or(|file| file.path != files.main) {
        return Record::Unread(diagnostics);
    }
    let main = texts.remove(0);
    let (episode, found) = episode_record(main, texts, inherited);
    diagnostics.append(found);
    let old = known.as_ref().and_then(turns_before);
    let published = known.and_then(|known| known.published);
    let read = finish(episode, proof, diagnostics, published, true);
    Record::Read(Box::new(Read { is_parsed: true, before: old, ..read }))
}

/// The turns of an episode as they were published, by its guid.
pub(super) fn turns_before(known: &Known) -> Option<(String, Vec<lock::Turn>)> {
    published_turns(known.published.as_ref()?, &known.episode)
}

fn published_turns(published: &Published, episode: &Episode) -> Option<(String, Vec<lock::Turn>)> {
    let defaults = &episode.turn_ids;
    let kept = if published.kept.is_empty() { defaults } else { &published.kept };
    // The ids are those of another record, where it is parsed anew.
    (kept.len() == defaults.len()).then_some(())?;
    Some((published.guid.clone(), lock::turns(defaults, kept, episode)?))
}

/// The stamp of a file when it was listed.
pub(super) fn stamp(world: &dyn World, path: &SitePath) -> Stamp {
    let files = world.files();
    files.binary_search_by(|entry| entry.path.cmp(path)).map_or_else(|_| Stamp::default(), |idx| files[idx].stamp)
}
