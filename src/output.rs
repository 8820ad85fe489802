//! Output: the bytes of one route, and what a whole site's output was made of.

use serde::{Deserialize, Serialize};

use crate::hash::ContentHash;
use crate::path::SitePath;

/// What is published at a route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// These bytes.
    Bytes(Vec<u8>),
    /// The bytes of a source file as they are, however many.
    Copy(SitePath),
}

/// One thing made, with the key of all that it was made from: same key, same body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// What is published.
    pub body: Body,
    /// The hash of its sources, its context, the templates and the program.
    pub key: ContentHash,
}

/// A line of the manifest that an output folder holds: one published file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ManifestEntry {
    /// The file, relative to the output folder.
    pub file: String,
    /// The hash of its bytes.
    pub hash: ContentHash,
    /// Its length in bytes.
    pub size: u64,
}

/// The files that Podleaf made in an output folder, sorted: the only authority for deletions.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// All published files.
    pub files: Vec<ManifestEntry>,
}
