//! Publishing: the output folder is the old site or the new one, at every moment, and costs what changed.
//!
//! There are two trees, the live one and, hidden beside it, the previous one; what is the same in both is one file with
//! two names. New files are written aside. Then the previous tree is brought up to date, synced, and exchanged with the
//! live one. What a manifest does not list is never deleted, and links are never followed.
//!
//! ```text
//! Target::check ──▶ Staging::begin ──▶ keep, write, copy (any thread) ──▶ publish
//!  refuses           lock, leftovers,   one new file for what changed      previous tree, sync, exchange, stamps
//!                    what is published
//! ```
//!
//! Where folders cannot be exchanged, the output folder is changed in place along a journal: see `in_place`.

use crate::diagnostic::Diagnostics;
use crate::output::Manifest;

mod calls;
#[cfg(test)]
mod faults;
mod in_place;
mod lock;
mod place;
mod staging;
mod stamps;
mod tree;
mod two_trees;

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
    /// What there is to say of it: what went wrong after the new site was in its place. Never errors.
    pub warnings: Diagnostics,
}

impl Published {
    /// The difference of a site of `n_files` to a published one: what does not `move` to its place is kept.
    fn between(old: &Manifest, n_files: usize, moves: &[(String, String)]) -> Self {
        let unchanged = n_files - moves.len();
        let changed = moves.iter().filter(|(_, file)| old.lists(file)).count();
        let removed = old.files.len() - changed - unchanged;
        Self { added: moves.len() - changed, changed, removed, unchanged, warnings: Diagnostics::default() }
    }
}
