//! Publishing: the output folder is the old site or the new one, at every moment.
//!
//! A site is written into a hidden folder beside the output folder, synced, and put in its place by one exchange of
//! names. Afterwards the old folder is taken apart, file by file along its manifest: what the manifest does not list
//! is never deleted, and links are never followed. Only a folder that is missing, empty or wholly ours is replaced.
//!
//! ```text
//! Target::check ──▶ Staging::begin ──▶ write, copy (any thread) ──▶ publish
//!  refuses           lock, leftovers     one new file per route       manifest, sync, exchange, clean up
//! ```

use crate::diagnostic::Diagnostics;
use crate::output::Manifest;

pub mod intact;
mod lock;
mod place;
mod staging;
mod swap;
mod tree;

pub use place::{Places, Target};
pub use staging::Staging;

/// What a publication changed, in files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Published {
    /// Files that were not there before.
    pub added: usize,
    /// Files with other bytes than before.
    pub changed: usize,
    /// Files that are no longer there.
    pub removed: usize,
    /// Files with the same bytes as before.
    pub unchanged: usize,
    /// What went wrong after the new site was in its place; never errors.
    pub warnings: Diagnostics,
}

impl Published {
    fn between(old: &Manifest, new: &Manifest) -> Self {
        let mut published = Self::default();
        for entry in &new.files {
            match old.entry(&entry.file) {
                None => published.added += 1,
                Some(before) if before.hash == entry.hash => published.unchanged += 1,
                Some(_) => published.changed += 1,
            }
        }
        published.removed = old.files.len() - published.changed - published.unchanged;
        published
    }
}
