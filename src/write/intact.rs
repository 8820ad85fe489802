//! Whether what a build wrote is still there, without reading it.

use std::fs;
use std::path::Path;

use crate::hash::ContentHash;
use crate::output::{MANIFEST, Manifest};

/// The hash of the manifest of an output folder, if there is one.
pub fn manifest_hash(output: &Path) -> Option<ContentHash> {
    fs::read(output.join(MANIFEST)).ok().map(|bytes| ContentHash::of(&bytes))
}

/// Whether an output folder has the manifest with this hash, and every file that it lists, each with its length.
pub fn is_intact(output: &Path, manifest: ContentHash) -> bool {
    let Ok(bytes) = fs::read(output.join(MANIFEST)) else { return false };
    let listed = (ContentHash::of(&bytes) == manifest).then(|| Manifest::parse(&bytes)).flatten();
    let is_there = |file: &str, size: u64| {
        fs::symlink_metadata(output.join(file)).is_ok_and(|found| found.is_file() && found.len() == size)
    };
    listed.is_some_and(|listed| listed.files.iter().all(|entry| is_there(&entry.file, entry.size)))
}
