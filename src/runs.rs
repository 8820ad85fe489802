//! The terms of an opened site by shards: remembered on disk, made where they are not, and merged into files.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt;

use rayon::prelude::*;

use crate::hash::ContentHash;
use crate::search::index::{IndexFile, merge, merge_range};
use crate::search::run::{HEAD, PARTS, RunReader, stored_head};
use crate::search::slots::N_SHARDS;
use crate::site::search::Numbered;
use crate::site::{Site, Stale};
use crate::source::World;

/// Where runs are remembered.
pub trait RunStore: Send + Sync {
    /// The run of a shard, if it is there and has this key.
    fn run(&self, shard: u32, key: ContentHash) -> Option<StoredRun>;
    /// Remembers the run of a shard. `None` where that cannot be.
    fn keep(&self, shard: u32, key: ContentHash, parts: &[Vec<u8>]) -> Option<StoredRun>;
}

/// The run of a shard on disk.
#[derive(Debug)]
pub struct StoredRun {
    file: File,
    lengths: [usize; PARTS.len()],
}

impl StoredRun {
    /// The run in a file, if it is whole and has this key.
    pub fn read(mut file: File, key: ContentHash) -> Option<Self> {
        let mut head = [0; HEAD];
        file.read_exact(&mut head).ok()?;
        let (stored, lengths) = stored_head(&head);
        let is_whole = file.metadata().ok()?.len() == (HEAD + lengths.iter().sum::<usize>()) as u64;
        (stored == key && is_whole).then_some(Self { file, lengths })
    }

    fn part(&self, part: usize) -> io::Result<Vec<u8>> {
        let start = HEAD + self.lengths[..part].iter().sum::<usize>();
        let mut bytes = vec![0; self.lengths[part]];
        self.file.read_exact_at(&mut bytes, start as u64)?;
        Ok(bytes)
    }
}

/// A run: on disk, or here where it cannot be remembered.
#[derive(Debug)]
enum Run {
    Stored(StoredRun),
    Held(Vec<Vec<u8>>),
}

impl Run {
    fn part(&self, part: usize) -> io::Result<Cow<'_, [u8]>> {
        Ok(match self {
            Self::Stored(run) => Cow::Owned(run.part(part)?),
            Self::Held(parts) => Cow::Borrowed(&parts[part]),
        })
    }

    fn len(&self, part: usize) -> usize {
        match self {
            Self::Stored(run) => run.lengths[part],
            Self::Held(parts) => parts[part].len(),
        }
    }
}

/// The runs of all shards.
#[derive(Debug)]
pub struct Runs {
    runs: Vec<Run>,
    n_episodes: u32,
}

/// The terms of one file of a preview: from the first one to that of the next file, within a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cut {
    part: usize,
    /// The first term that may be in it.
    pub first: String,
    next: Option<String>,
}

impl Runs {
    /// Takes over the runs that are remembered, one for each shard, and makes the others.
    ///
    /// # Errors
    /// See [`Stale`].
    pub fn open(site: &Site, world: &dyn World, numbered: &Numbered, kept: &dyn RunStore) -> Result<Self, Stale> {
        let run = |shard| remembered(site, world, numbered, (kept, shard));
        let runs = (0..N_SHARDS).into_par_iter().map(run).collect::<Result<_, _>>()?;
        Ok(Self { runs, n_episodes: numbered.n_episodes() as u32 })
    }

    /// Makes the run of one shard where it is not remembered; whether it is then.
    ///
    /// # Errors
    /// See [`Stale`].
    pub fn prepare(
        site: &Site,
        world: &dyn World,
        numbered: &Numbered,
        kept: (&dyn RunStore, u32),
    ) -> Result<bool, Stale> {
        remembered(site, world, numbered, kept).map(|run| matches!(run, Run::Stored(_)))
    }

    /// Hands on the files of one part.
    ///
    /// # Errors
    /// What was remembered cannot be read.
    pub fn merged(&self, part: usize, take: impl FnMut(IndexFile)) -> io::Result<()> {
        let parts = self.parts(part)?;
        merge(&parts.iter().map(AsRef::as_ref).collect::<Vec<_>>(), self.n_episodes, take);
        Ok(())
    }

    /// One file of a preview.
    ///
    /// # Errors
    /// See [`Runs::merged`].
    pub fn cut_out(&self, cut: &Cut) -> io::Result<Vec<u8>> {
        let parts = self.parts(cut.part)?;
        let parts: Vec<&[u8]> = parts.iter().map(AsRef::as_ref).collect();
        let next = cut.next.as_ref().map(String::as_bytes);
        Ok(merge_range(&parts, self.n_episodes, (cut.first.as_bytes(), next)))
    }

    /// Where the files of a preview begin: found in one run, without merging any.
    ///
    /// # Errors
    /// See [`Runs::merged`].
    pub fn cuts(&self) -> io::Result<Vec<Cut>> {
        let mut cuts = Vec::new();
        for (part, first) in FIRST_TERMS.into_iter().enumerate() {
            let n_bytes: usize = self.runs.iter().map(|run| run.len(part)).sum();
            let mut firsts = vec![first.to_owned()];
            if let Some(sample) = self.runs.iter().max_by_key(|run| run.len(part)) {
                let (sample, n_files) = (sample.part(part)?, n_bytes / PREVIEW_BYTES + 1);
                let mut reader = RunReader::new(&sample);
                while reader.next_entry().is_some() {
                    let n_read = sample.len() - reader.n_left();
                    if n_read * n_files >= firsts.len() * sample.len() && firsts.len() < n_files {
                        firsts.extend(std::str::from_utf8(&reader.term).map(str::to_owned));
                    }
                }
            }
            let nexts: Vec<Option<String>> = firsts.iter().skip(1).cloned().map(Some).chain([None]).collect();
            cuts.extend(firsts.into_iter().zip(nexts).map(|(first, next)| Cut { part, first, next }));
        }
        Ok(cuts)
    }

    fn parts(&self, part: usize) -> io::Result<Vec<Cow<'_, [u8]>>> {
        self.runs.iter().map(|run| run.part(part)).collect()
    }
}

fn remembered(
    site: &Site,
    world: &dyn World,
    numbered: &Numbered,
    (kept, shard): (&dyn RunStore, u32),
) -> Result<Run, Stale> {
    // Of an empty shard there is nothing to remember.
    if !numbered.has_shard(shard) {
        return Ok(Run::Held(vec![Vec::new(); PARTS.len()]));
    }
    let key = numbered.run_key(shard);
    if let Some(run) = kept.run(shard, key) {
        return Ok(Run::Stored(run));
    }
    let parts = site.run(world, numbered, shard)?;
    Ok(kept.keep(shard, key, &parts).map_or(Run::Held(parts), Run::Stored))
}

/// About as many bytes of runs go into one file of a preview.
const PREVIEW_BYTES: usize = 64 << 10;

/// The first term that each part may have: see [`PARTS`].
const FIRST_TERMS: [&str; PARTS.len()] = ["", "b", "d", "f", "i", "m", "p", "s", "t", "\u{80}", "\u{6000}", "\u{8000}"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_begin_with_their_first_terms() {
        for (first, byte) in FIRST_TERMS.iter().zip(PARTS) {
            assert!(first.as_bytes().first().is_none_or(|own| *own == byte || byte == 0x80 && *own == 0xc2));
        }
    }
}
