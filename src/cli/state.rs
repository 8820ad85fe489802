//! What a build remembers in `.podleaf/`, beside the site's sources. All of it can be deleted at any time.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use rayon::iter::Either;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::diagnostic::io::machine;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::disk::Disk;
use crate::hash::{ContentHash, Hasher};
use crate::lock::{self, Before};
use crate::memo::{self, Memo, N_SHARDS};
use crate::output::MANIFEST;
use crate::runs::{RunStore, StoredRun};
use crate::search::run;
use crate::site::{Request, Site};
use crate::source::World;
use crate::write::Target;

/// Its name, in the site's folder.
pub(super) const FOLDER: &str = ".podleaf";
/// Shards are smaller by far; what is larger is not ours.
const MAX_BYTES: u64 = 1 << 30;

/// The folder of what is remembered.
#[derive(Debug)]
pub(super) struct State {
    folder: PathBuf,
}

/// A build that had nothing to do would end like this one.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct LastBuild {
    /// The hash of everything that the build could see without reading.
    pub(super) seen: ContentHash,
    /// The hash of the manifest that it wrote.
    manifest: ContentHash,
    /// When the sources were listed, in nanoseconds since 1970.
    pub(super) listed_at: i64,
    /// What was found past the list.
    pub(super) diagnostics: Diagnostics,
    /// The line that sums it up.
    pub(super) line: String,
}

impl LastBuild {
    /// Whether what it wrote is there still.
    pub(super) fn stands(&self, target: &Target) -> bool {
        target.untouched() == Some(self.manifest)
    }
}

impl State {
    pub(super) fn of(root: &Path) -> Self {
        Self { folder: root.join(FOLDER) }
    }

    /// All that is remembered of episodes. Whatever cannot be read is not remembered.
    pub(super) fn memo(&self) -> Memo {
        let shard = |shard| match self.read(&shard_name(shard)).and_then(|bytes| memo::decode(&bytes)) {
            Some(known) => Either::Left(known),
            None => Either::Right(self.read(&turns_name(shard)).and_then(|bytes| lock::decode_turns(&bytes))),
        };
        let (shards, lost): (Vec<_>, Vec<Option<Before>>) = (0..N_SHARDS).into_par_iter().partition_map(shard);
        Memo::new(shards).with_turns(lost.into_iter().flatten().flatten().collect())
    }

    /// Remembers what is new in a site. Where the folder cannot be written, the next build is slower, no more.
    pub(super) fn remember(&self, site: &Site) -> Option<Diagnostic> {
        let shards = site.changed_shards();
        let save = |&shard: &usize| {
            self.write(&turns_name(shard), &site.turns(shard))?;
            self.write(&shard_name(shard), &site.shard(shard))
        };
        let saved = shards.par_iter().try_for_each(save);
        let cannot = |error| {
            let warning = machine("not-remembered", "write", &self.folder, &error).into_warning();
            warning.help("the next build will read everything again")
        };
        saved.err().map(cannot)
    }

    /// The last build into this output, if it saw just what is there now. What it wrote may not be there any more.
    pub(super) fn last(&self, output: &Path, disk: &Disk, request: &Request) -> Option<LastBuild> {
        let last: LastBuild = postcard::from_bytes(&self.read(&last_name(output))?).ok()?;
        let is_settled = disk.files().iter().all(|file| file.stamp.is_settled(last.listed_at));
        (is_settled && last.seen == seen(disk, request)).then_some(last)
    }

    /// Remembers how a build ended.
    pub(super) fn remember_last(
        &self,
        output: &Path,
        (disk, request): (&Disk, &Request),
        (diagnostics, line): (Diagnostics, String),
    ) {
        let Ok(manifest) = fs::read(output.join(MANIFEST)) else { return };
        let manifest = ContentHash::of(&manifest);
        let (seen, listed_at) = (seen(disk, request), disk.listed_at());
        if let Ok(bytes) = postcard::to_allocvec(&LastBuild { seen, manifest, listed_at, diagnostics, line }) {
            // Without it the next build looks at everything again.
            _ = self.write(&last_name(output), &bytes);
        }
    }

    /// The names of the files of a search index, if it has this key.
    pub(super) fn index(&self, output: &Path, key: ContentHash) -> Option<Vec<String>> {
        let (stored, names): (ContentHash, Vec<String>) =
            postcard::from_bytes(&self.read(&index_name(output))?).ok()?;
        (stored == key).then_some(names)
    }

    /// Remembers the names of the files of a search index.
    pub(super) fn remember_index(&self, output: &Path, key: ContentHash, names: &[String]) {
        if let Ok(bytes) = postcard::to_allocvec(&(key, names)) {
            // Without it the next build merges all runs again.
            _ = self.write(&index_name(output), &bytes);
        }
    }

    fn read(&self, name: &str) -> Option<Vec<u8>> {
        let file = File::open(self.folder.join(name)).ok()?;
        let metadata = file.metadata().ok().filter(fs::Metadata::is_file)?;
        let mut bytes = Vec::with_capacity(usize::try_from(metadata.len().min(MAX_BYTES)).ok()? + 1);
        file.take(MAX_BYTES).read_to_end(&mut bytes).ok()?;
        Some(bytes)
    }

    /// A new file under a name of its own, then the name: another build sees the old file or the new one.
    fn write(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let new = self.folder.join(format!("{name}.{}", std::process::id()));
        let written = match write_new(&new, bytes) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                fs::create_dir_all(&self.folder)?;
                fs::write(self.folder.join(".gitignore"), "*\n")?;
                write_new(&new, bytes)
            }
            written => written,
        };
        let moved = written.and_then(|()| fs::rename(&new, self.folder.join(name)));
        moved.inspect_err(|_| _ = fs::remove_file(&new))
    }
}

impl RunStore for State {
    fn run(&self, shard: u32, key: ContentHash) -> Option<StoredRun> {
        StoredRun::read(File::open(self.folder.join(run_name(shard))).ok()?, key)
    }

    fn keep(&self, shard: u32, key: ContentHash, parts: &[Vec<u8>]) -> Option<StoredRun> {
        self.write(&run_name(shard), &run::stored(key, parts)).ok()?;
        self.run(shard, key)
    }
}

fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    File::create(path)?.write_all(bytes)
}

fn shard_name(shard: usize) -> String {
    format!("episodes-{shard:02x}")
}

/// The turns of the same episodes.
fn turns_name(shard: usize) -> String {
    format!("turns-{shard:02x}")
}

/// The terms of the episodes of a shard, which is not one of the memo.
fn run_name(shard: u32) -> String {
    format!("terms-{shard:02x}")
}

fn index_name(output: &Path) -> String {
    format!("search-{}", ContentHash::of(output.as_os_str().as_encoded_bytes()).letters(8))
}

fn last_name(output: &Path) -> String {
    format!("last-{}", ContentHash::of(output.as_os_str().as_encoded_bytes()).letters(8))
}

/// The hash of all that a build can see without reading: stamps of the sources, what it was asked, the program.
pub(super) fn seen(disk: &Disk, request: &Request) -> ContentHash {
    let mut key = Hasher::new();
    key.part(memo::FINGERPRINT.as_bytes()).part(format!("{request:?}").as_bytes());
    for file in disk.files() {
        let stamp = file.stamp;
        key.part(file.path.as_str().as_bytes()).number(stamp.size).number(stamp.inode);
        key.number(stamp.modified.cast_unsigned()).number(stamp.changed.cast_unsigned());
    }
    key.finish()
}
