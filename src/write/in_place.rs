//! Publishing into the output folder itself, where folders cannot be exchanged.
//!
//! The new files are written aside and synced; then a journal says where each goes. From that moment on the new site
//! is on its way: each file is whole, old or new, and who finds the journal completes it.

use std::fs;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

use crate::output::{MANIFEST, Manifest};

use super::calls::Calls;
use super::tree::{self, Change};

const JOURNAL: &str = "journal";
const UNFINISHED_JOURNAL: &str = "journal-unfinished";
const NEW_MANIFEST: &str = "manifest";

/// What a publication in place does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Journal {
    /// New files by their name in the folder of new files, and where they go.
    pub(super) moves: Vec<(String, String)>,
    /// What is published in the end.
    pub(super) manifest: Manifest,
}

impl Journal {
    /// The journal in a folder of new files, if there is a whole one.
    pub(super) fn read(folder: &Path) -> Option<Self> {
        let path = folder.join(JOURNAL);
        let is_file = fs::symlink_metadata(folder).is_ok_and(|found| found.is_dir())
            && fs::symlink_metadata(&path).is_ok_and(|found| found.is_file());
        Self::decode(&is_file.then(|| fs::read(path).ok())??)
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let split = bytes.iter().position(|byte| *byte == b'\n')?;
        let moves: Vec<(String, String)> = serde_json::from_slice(&bytes[..split]).ok()?;
        let manifest = Manifest::parse(&bytes[split + 1..])?;
        let is_number = |name: &str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit());
        moves.iter().all(|(name, file)| is_number(name) && manifest.lists(file)).then_some(Self { moves, manifest })
    }

    fn encode(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec(&self.moves).unwrap_or_default();
        bytes.push(b'\n');
        bytes.extend(self.manifest.to_json());
        bytes
    }

    /// Writes the journal, after all that it needs is on the disk.
    pub(super) fn write(&self, calls: &Calls, folder: &OwnedFd) -> io::Result<()> {
        calls.sync_all(folder.as_fd())?;
        let file = calls.put(folder, UNFINISHED_JOURNAL, &self.encode())?;
        calls.sync(&file)?;
        calls.rename(folder, UNFINISHED_JOURNAL, folder, JOURNAL)?;
        Ok(calls.sync(folder)?)
    }

    /// Does what the journal says, or the rest of it, and deletes it. `old` is what may be deleted.
    pub(super) fn complete(
        &self,
        calls: &Calls,
        folder: &OwnedFd,
        output: &OwnedFd,
        old: &Manifest,
        is_again: bool,
    ) -> Result<(), (String, io::Error)> {
        let (new, moves) = (&self.manifest, &self.moves);
        tree::change(calls, output, &Change { old, new, moves, from: folder, links: &[], linked: None, is_again })?;
        self.put_manifest(calls, folder, output).map_err(|error| (MANIFEST.to_owned(), error))
    }

    fn put_manifest(&self, calls: &Calls, folder: &OwnedFd, output: &OwnedFd) -> io::Result<()> {
        calls.unlink(folder, NEW_MANIFEST)?;
        let mut file = calls.create(folder, NEW_MANIFEST)?;
        calls.write_manifest(&mut file, &self.manifest)?;
        calls.sync(&file)?;
        calls.sync_all(output.as_fd())?;
        calls.rename(folder, NEW_MANIFEST, output, MANIFEST)?;
        calls.sync(output)?;
        Ok(calls.unlink(folder, JOURNAL)?)
    }
}
