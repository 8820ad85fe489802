//! Records of episodes: from the memo where its files are the same, else from the files.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;

use crate::config::Config;
use crate::diagnostic::Diagnostics;
use crate::graph::files::EpisodeFiles;
use crate::hash::{ContentHash, Hasher};
use crate::lock;
use crate::media;
use crate::memo::{self, Known, Memo, Proof, Published};
use crate::model::media::{Facts, MediaFile};
use crate::model::show::ShowSettings;
use crate::parse::decode::decode;
use crate::parse::episode::{EpisodeSources, Inherited, episode_record};
use crate::parse::words::Words;
use crate::path::SitePath;
use crate::site::load::read_bytes;
use crate::source::{Stamp, World};

/// What is known of an episode: its files, its record, and what is remembered beside it.
#[derive(Debug, Clone)]
pub(super) struct Head {
    pub(super) files: Arc<EpisodeFiles>,
    pub(super) known: Arc<Known>,
    /// The hash of all that the record was made from.
    pub(super) record: ContentHash,
}

impl Head {
    /// Notes what is published; whether it is something else than before.
    pub(super) fn publish(&mut self, published: Option<Published>) -> bool {
        let is_other = self.known.published != published;
        if is_other {
            Arc::make_mut(&mut self.known).published = published;
        }
        is_other
    }
}

/// What came of an episode's files.
#[derive(Debug)]
pub(super) enum Record {
    /// A record, from the memo or from the files.
    Read(Read),
    /// The main file cannot be read, or no file is a transcript; with what is known of the episode.
    Unread(Diagnostics, Option<Arc<Known>>),
}

/// A record with all that was learnt on the way to it.
#[derive(Debug)]
pub(super) struct Read {
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
            Self::Read(read) => &read.head.known.diagnostics,
            Self::Unread(diagnostics, _) => diagnostics,
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
        (Arc::new(files), known)
    };
    let work: Vec<(Arc<EpisodeFiles>, Option<Arc<Known>>)> = episodes.into_iter().map(with_known).collect();
    let record = |(files, known): (Arc<EpisodeFiles>, Option<Arc<Known>>)| {
        let language = shows.get(&files.show).and_then(|show| show.language.as_ref());
        let inherited =
            Inherited { words, names, language, timezone: &config.timezone, mend_punctuation: config.mend_punctuation };
        record(world, files, known, Hasher::new().hash(common).json(&language).finish(), &inherited)
    };
    work.into_par_iter().map(record).collect()
}

/// The record of one episode: what is known of it where its files are the same, else from the files.
pub(super) fn record(
    world: &dyn World,
    files: Arc<EpisodeFiles>,
    known: Option<Arc<Known>>,
    inherited_hash: ContentHash,
    inherited: &Inherited<'_>,
) -> Record {
    let paths = || std::iter::once(&files.main).chain(&files.notes).chain(&files.timed).chain(&files.chapters);
    let stamps: Vec<Stamp> = paths().map(|path| stamp(world, path)).collect();
    let hash_of =
        |known: &Known, path: &SitePath| known.episode.inputs().find(|(known, _)| known == path).map(|(_, hash)| *hash);
    let media = media(world, &files, known.as_deref());
    let has_same_media =
        |known: &Known| known.episode.media.iter().map(MediaFile::seen).eq(media.iter().map(MediaFile::seen));
    let is_same = |known: &Known| {
        let has_all = || paths().all(|path| hash_of(known, path).is_some());
        known.proof.inherited == inherited_hash
            && known.episode.inputs().count() == paths().count()
            && has_all()
            && has_same_media(known)
    };
    let known = match known {
        Some(known) if is_same(&known) && known.proof.holds(&stamps) => {
            return Record::Read(kept(files, known, media, world.listed_at(), false));
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
    let n_files = stamps.len();
    let proof = Proof { stamps, listed_at: world.listed_at(), inherited: inherited_hash };
    let has_same_bytes = |known: &Known| {
        let is_same = |(path, bytes): &(&SitePath, Vec<u8>)| hash_of(known, path) == Some(ContentHash::of(bytes));
        all_bytes.len() == n_files && all_bytes.iter().all(is_same)
    };
    let known = match known {
        Some(mut known) if is_same(&known) && has_same_bytes(&known) => {
            Arc::make_mut(&mut known).proof = proof;
            return Record::Read(kept(files, known, media, world.listed_at(), true));
        }
        known => known,
    };
    let (mut main, mut notes, mut timed, mut chapters) = (None, Vec::new(), Vec::new(), Vec::new());
    for (path, bytes) in all_bytes {
        let (file, found) = decode(path, bytes);
        diagnostics.append(found);
        if *path == files.main {
            main = file;
        } else if files.notes.contains(path) {
            notes.extend(file);
        } else if files.chapters.contains(path) {
            chapters.extend(file);
        } else {
            timed.extend(file);
        }
    }
    let Some(main) = main else { return Record::Unread(diagnostics, known) };
    let (episode, found) = episode_record(EpisodeSources { main, notes, timed, chapters, media }, inherited);
    diagnostics.append(found);
    let Some(episode) = episode else { return Record::Unread(diagnostics, known) };
    let before = known.as_ref().and_then(|known| turns_before(known));
    // The ids that were published are those of the old record.
    let published = before.clone().map(|(guid, turns)| Published { guid, kept: Vec::new(), turns: Some(turns) });
    let known = Arc::new(Known { proof, diagnostics, published, episode: Arc::new(episode) });
    let head = head(files, known);
    Record::Read(Read { head, is_new: true, is_parsed: true, before })
}

/// The media of an episode. What is known of a file that has the stamp of then is taken over, without reading it.
fn media(world: &dyn World, files: &EpisodeFiles, known: Option<&Known>) -> Vec<MediaFile> {
    let file = |path: &SitePath| {
        let stamp = stamp(world, path);
        let same = |known: &&Known| stamp.is_settled(known.proof.listed_at);
        let same = known.filter(same).and_then(|known| {
            known.episode.media.iter().find(|file| (&file.path, file.stamp) == (path, stamp)).cloned()
        });
        same.or_else(|| media_file(world, path))
    };
    files.media.iter().filter_map(file).collect()
}

/// A file of media as it is now; `None` for what is none by its name.
pub(super) fn media_file(world: &dyn World, path: &SitePath) -> Option<MediaFile> {
    let kind = media::kind(path.file_name())?;
    let facts = match world.open(path) {
        Ok(file) => media::facts(kind, path.extension(), file),
        Err(fault) => Facts::Broken(fault.reason),
    };
    Some(MediaFile { path: path.clone(), kind, stamp: stamp(world, path), facts })
}

/// A record that is known, and whose media say what they said, maybe with other stamps.
fn kept(files: Arc<EpisodeFiles>, mut known: Arc<Known>, media: Vec<MediaFile>, listed_at: i64, is_new: bool) -> Read {
    let is_new = is_new || known.episode.media != media;
    if known.episode.media != media {
        let known = Arc::make_mut(&mut known);
        Arc::make_mut(&mut known.episode).media = media;
        // What held then and has the same stamp now holds now.
        known.proof.listed_at = listed_at;
    }
    // A lock that could not be written does not have the ids that are kept: then the memo says them.
    let published = known.published.as_ref();
    let is_told = published.is_some_and(|published| published.turns.is_some() || !published.kept.is_empty());
    let before = is_told.then(|| turns_before(&known)).flatten();
    Read { head: head(files, known), is_new, is_parsed: false, before }
}

fn head(files: Arc<EpisodeFiles>, known: Arc<Known>) -> Head {
    let mut record = Hasher::new();
    record.hash(known.proof.inherited);
    known.episode.inputs().for_each(|(path, hash)| _ = record.part(path.as_str().as_bytes()).hash(*hash));
    Head { files, record: record.finish(), known }
}

/// The turns of an episode as they were published, by its guid.
pub(super) fn turns_before(known: &Known) -> Option<(String, Vec<lock::Turn>)> {
    let published = known.published.as_ref()?;
    if let Some(turns) = &published.turns {
        return Some((published.guid.clone(), turns.clone()));
    }
    let defaults = &known.episode.turn_ids;
    let kept = if published.kept.is_empty() { defaults } else { &published.kept };
    // Ids of another record would be of other turns.
    (kept.len() == defaults.len()).then_some(())?;
    Some((published.guid.clone(), lock::turns(defaults, kept, &known.episode)?))
}

/// The stamp of a file when it was listed.
pub(super) fn stamp(world: &dyn World, path: &SitePath) -> Stamp {
    let files = world.files();
    files.binary_search_by(|entry| entry.path.cmp(path)).map_or_else(|_| Stamp::default(), |idx| files[idx].stamp)
}
