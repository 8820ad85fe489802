//! How the system sees the files of a tree that Podleaf wrote: what is still seen so was not changed by others.
//!
//! A file whose inode, length, time of change and time of modification are those of its stamp has the bytes that were
//! hashed when it was written: the kernel sets the time of change, and no program can set it back. Whatever differs is
//! hashed. So stamps save work and decide nothing: without them all files of the tree are hashed once.

use std::collections::{BTreeSet, HashMap};
use std::fs::{self, File};
use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use rayon::prelude::*;
use rustix::fs::{AtFlags, CWD, FileType, Statx, StatxFlags};

use crate::hash::{ContentHash, Hasher};
use crate::output::{Manifest, ManifestEntry};

use super::calls::Calls;
use super::place::Home;
use super::tree;

const MAGIC: &[u8; 16] = b"podleaf stamps 1";

/// A source that changed this recently could change again without a new time.
const FRESH_SECONDS: u64 = 3;

/// How a file is seen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Stamp {
    pub(super) inode: u64,
    modified: u64,
    changed: u64,
    /// How the file that it was copied from was seen; 0 for what was not copied.
    pub(super) source: u64,
}

impl Stamp {
    pub(super) fn of(stat: &Statx) -> Self {
        let time = |time: rustix::fs::StatxTimestamp| {
            time.tv_sec.cast_unsigned().wrapping_mul(1_000_000_000).wrapping_add(u64::from(time.tv_nsec))
        };
        Self { inode: stat.stx_ino, modified: time(stat.stx_mtime), changed: time(stat.stx_ctime), source: 0 }
    }

    /// With how the file that it was copied from was seen.
    pub(super) fn copied_from(self, source: u64) -> Self {
        Self { source, ..self }
    }

    /// Whether a further name is all that came to a file.
    pub(super) fn is_linked_as(&self, other: &Self) -> bool {
        (self.inode, self.modified) == (other.inode, other.modified)
    }

    fn sees(&self, other: &Self) -> bool {
        Self { source: 0, ..*self } == Self { source: 0, ..*other }
    }
}

/// How a source of a copy is seen; 0 where that could stay the same while it changes.
pub(super) fn source_stamp(file: &File) -> u64 {
    let Some(stat) = opened(file) else { return 0 };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_secs());
    if u64::try_from(stat.stx_ctime.tv_sec).is_ok_and(|changed| changed + FRESH_SECONDS > now) {
        return 0;
    }
    let stamp = Stamp::of(&stat);
    let device = u64::from(stat.stx_dev_major) << 32 | u64::from(stat.stx_dev_minor);
    let numbers = [device, stamp.inode, stat.stx_size, stamp.modified, stamp.changed];
    let mut hasher = Hasher::new();
    numbers.iter().for_each(|number| _ = hasher.part(&number.to_le_bytes()));
    u64::from_le_bytes(hasher.finish().bytes()[..8].try_into().unwrap_or_default())
}

/// The stamps of a tree, in the order of its manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stamps {
    /// The hash of the manifest's bytes.
    pub(super) manifest: ContentHash,
    pub(super) files: Vec<Stamp>,
    /// Inode and time of modification: nothing came into a folder, went or took another's place while they stay.
    pub(super) folders: Vec<(u64, u64)>,
}

impl Stamps {
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(64 + self.files.len() * 32 + self.folders.len() * 16);
        out.extend(MAGIC);
        out.extend(self.manifest.bytes());
        let files = self.files.iter().flat_map(|file| [file.inode, file.modified, file.changed, file.source]);
        let folders = self.folders.iter().flat_map(|(inode, modified)| [*inode, *modified]);
        let numbers = std::iter::once(self.files.len() as u64).chain(files).chain(folders);
        numbers.for_each(|number| out.extend(number.to_le_bytes()));
        let hash = ContentHash::of(&out);
        out.extend(hash.bytes());
        out
    }

    /// `None` where they are torn or of another version.
    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let (bytes, hash) = bytes.split_last_chunk::<16>()?;
        let rest = bytes.strip_prefix(MAGIC).filter(|_| ContentHash::of(bytes).bytes() == *hash)?;
        let (manifest, rest) = rest.split_first_chunk::<16>()?;
        let manifest = ContentHash::from_hex(&format!("{:032x}", u128::from_be_bytes(*manifest)))?;
        let (words, []) = rest.as_chunks::<8>() else { return None };
        let numbers: Vec<u64> = words.iter().map(|word| u64::from_le_bytes(*word)).collect();
        let (count, numbers) = numbers.split_first()?;
        let (files, folders) = numbers.split_at_checked(usize::try_from(*count).ok()?.checked_mul(4)?)?;
        let file = |row: &[u64; 4]| Stamp { inode: row[0], modified: row[1], changed: row[2], source: row[3] };
        let (folders, []) = folders.as_chunks::<2>() else { return None };
        let files = files.as_chunks::<4>().0.iter().map(file).collect();
        Some(Self { manifest, files, folders: folders.iter().map(|row| (row[0], row[1])).collect() })
    }

    /// The stamps of a tree whose folders are as they are now and whose files were stamped before.
    pub(super) fn new(tree: &OwnedFd, manifest: &Manifest, hash: ContentHash, files: Vec<Stamp>) -> Self {
        let folders = manifest.folders();
        let stamp = |folder: &&str| folder_stamp(tree, folder).unwrap_or_default();
        Self { manifest: hash, files, folders: folders.par_iter().map(stamp).collect() }
    }

    /// The stamps of a tree which was another that is known: only the folders that were `touched` are looked at.
    pub(super) fn after(
        tree: &OwnedFd,
        manifest: &Manifest,
        hash: ContentHash,
        before: (&Manifest, &Self),
        touched: &BTreeSet<&str>,
        files: Vec<Stamp>,
    ) -> Self {
        let known: HashMap<&str, (u64, u64)> =
            before.0.folders().into_iter().zip(before.1.folders.iter().copied()).collect();
        let untouched = |folder: &str| known.get(folder).copied().filter(|_| !touched.contains(folder));
        let stamp = |folder: &str| untouched(folder).or_else(|| folder_stamp(tree, folder)).unwrap_or_default();
        Self { manifest: hash, files, folders: manifest.folders().into_iter().map(stamp).collect() }
    }

    /// Whether the folders of a tree hold what they held: nothing foreign has come into it.
    pub(super) fn hold(&self, tree: &OwnedFd, manifest: &Manifest) -> bool {
        let folders = manifest.folders();
        folders.len() == self.folders.len()
            && folders.par_iter().zip(&self.folders).all(|(folder, stamp)| folder_stamp(tree, folder) == Some(*stamp))
    }
}

/// What is known of the two trees.
#[derive(Debug, Clone, Default)]
pub(super) struct Known {
    pub(super) live: Option<Stamps>,
    pub(super) previous: Option<Stamps>,
}

impl Known {
    /// `None` where nothing was written or it cannot be read.
    pub(super) fn read(home: &Home) -> Option<Self> {
        let bytes = fs::read(home.place("stamps")).ok()?;
        let (len, rest) = bytes.split_first_chunk::<8>()?;
        let (live, previous) = rest.split_at_checked(usize::try_from(u64::from_le_bytes(*len)).ok()?)?;
        Some(Self { live: Stamps::decode(live), previous: Stamps::decode(previous) })
    }

    /// Needs no care for a death half-way: torn stamps are none.
    pub(super) fn write(&self, calls: &Calls, home: &Home, folder: &OwnedFd) -> io::Result<()> {
        let [live, previous] = [&self.live, &self.previous].map(|s| s.as_ref().map_or_else(Vec::new, Stamps::encode));
        let mut bytes = (live.len() as u64).to_le_bytes().to_vec();
        bytes.extend(live);
        bytes.extend(previous);
        calls.unlink(folder, home.name("stamps"))?;
        calls.put(folder, home.name("stamps"), &bytes)?;
        Ok(())
    }
}

fn folder_stamp(tree: &OwnedFd, folder: &str) -> Option<(u64, u64)> {
    let stat = stat(tree, if folder.is_empty() { "." } else { folder })?;
    let stamp = Stamp::of(&stat);
    is(&stat, FileType::Directory).then_some((stamp.inode, stamp.modified))
}

fn stat(tree: &OwnedFd, path: &str) -> Option<Statx> {
    rustix::fs::statx(tree, path, AtFlags::SYMLINK_NOFOLLOW, StatxFlags::BASIC_STATS).ok()
}

fn opened(file: &File) -> Option<Statx> {
    rustix::fs::statx(file, "", AtFlags::EMPTY_PATH, StatxFlags::BASIC_STATS).ok()
}

fn is(stat: &Statx, kind: FileType) -> bool {
    FileType::from_raw_mode(stat.stx_mode.into()) == kind
}

/// How a file outside of a tree is seen.
pub(super) fn stamp_of(path: &Path) -> Option<Stamp> {
    let stat = rustix::fs::statx(CWD, path, AtFlags::SYMLINK_NOFOLLOW, StatxFlags::BASIC_STATS);
    stat.ok().map(|stat| Stamp::of(&stat))
}

/// The stamps of these files of a tree; a default one for a file that is not there.
pub(super) fn stamped(tree: &OwnedFd, files: &[&str]) -> Vec<Stamp> {
    files.par_iter().map(|file| stat(tree, file).map_or_else(Stamp::default, |stat| Stamp::of(&stat))).collect()
}

/// Whether all files of a tree are seen as they were noted. Nothing is read.
pub(super) fn are_as_noted(tree: &OwnedFd, manifest: &Manifest, stamps: &Stamps) -> bool {
    let is_as_noted = |(entry, noted): (&ManifestEntry, &Stamp)| {
        let seen = stat(tree, &entry.file).filter(|stat| stat.stx_size == entry.size);
        seen.is_some_and(|stat| noted.sees(&Stamp::of(&stat)))
    };
    manifest.files.len() == stamps.files.len() && manifest.files.par_iter().zip(&stamps.files).all(is_as_noted)
}

/// The stamps of the files of a tree that have the bytes that its manifest says, `None` for the others.
pub(super) fn verified(tree: &OwnedFd, manifest: &Manifest, stamps: Option<&Stamps>) -> Vec<Option<Stamp>> {
    let known = stamps.map(|stamps| &stamps.files).filter(|files| files.len() == manifest.files.len());
    let verify = |idx: usize| {
        let entry = &manifest.files[idx];
        let stat = stat(tree, &entry.file)?;
        let known = known.and_then(|known| known.get(idx));
        if !is(&stat, FileType::RegularFile) || stat.stx_size != entry.size {
            return None;
        }
        if let Some(known) = known.filter(|known| known.sees(&Stamp::of(&stat))) {
            return Some(*known);
        }
        let mut file = tree::open(tree, &entry.file).ok()?;
        let stamp = Stamp::of(&opened(&file)?);
        let (hash, _) = tree::hash_through(&mut file, |_| Ok(())).ok()?;
        (hash == entry.hash).then_some(stamp.copied_from(known.map_or(0, |known| known.source)))
    };
    (0..manifest.files.len()).into_par_iter().map(verify).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_read_what_they_wrote_and_nothing_torn() {
        let file = |n| Stamp { inode: n, modified: n + 1, changed: n + 2, source: n + 3 };
        let stamps = Stamps { manifest: ContentHash::of(b"m"), files: vec![file(1), file(9)], folders: vec![(3, 4)] };
        let bytes = stamps.encode();
        assert_eq!(Stamps::decode(&bytes), Some(stamps));
        for len in 0..bytes.len() {
            assert_eq!(Stamps::decode(&bytes[..len]), None, "{len}");
        }
        for idx in 0..bytes.len() {
            let mut bytes = bytes.clone();
            bytes[idx] ^= 1;
            assert_eq!(Stamps::decode(&bytes), None, "{idx}");
        }
    }
}
