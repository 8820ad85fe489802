//! Output: the bytes of one route, and what a whole site's output was made of.

use serde::{Deserialize, Serialize};

use crate::hash::ContentHash;
use crate::path::SitePath;

/// The file of an output folder that lists what Podleaf made there. It is written last, and never published.
pub const MANIFEST: &str = ".podleaf-manifest.json";

const VERSION: u32 = 1;

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

#[derive(Serialize, Deserialize)]
struct Wire {
    podleaf: u32,
    files: Vec<(String, String, u64)>,
}

impl Manifest {
    /// The manifest of these files, in the order of their names.
    pub fn new(mut files: Vec<ManifestEntry>) -> Self {
        files.sort_unstable_by(|one, other| one.file.cmp(&other.file));
        Self { files }
    }

    /// Reads the manifest of an output folder.
    ///
    /// `None` where the text is torn, of another version, unsorted, or names a path that leaves the folder:
    /// such a manifest is no authority for anything.
    pub fn parse(text: &[u8]) -> Option<Self> {
        let wire: Wire = serde_json::from_slice(text).ok()?;
        let entry = |(file, hash, size): (String, String, u64)| {
            SitePath::new(file.as_str())?;
            Some(ManifestEntry { file, hash: ContentHash::from_hex(&hash)?, size })
        };
        let files: Option<Vec<_>> = wire.files.into_iter().map(entry).collect();
        let files = files.filter(|files| files.is_sorted_by(|one, next| one.file < next.file))?;
        (wire.podleaf == VERSION).then_some(Self { files })
    }

    /// The manifest as [`Manifest::parse`] reads it: `{"podleaf":1,"files":[[file, hash, size], ...]}`.
    ///
    /// # Panics
    /// Never: lists of text and numbers serialise.
    pub fn to_json(&self) -> Vec<u8> {
        let row = |entry: &ManifestEntry| (entry.file.clone(), entry.hash.to_string(), entry.size);
        let wire = Wire { podleaf: VERSION, files: self.files.iter().map(row).collect() };
        serde_json::to_vec(&wire).expect("lists of text and numbers serialise")
    }

    /// What the manifest says of a file.
    pub fn entry(&self, file: &str) -> Option<&ManifestEntry> {
        let idx = self.files.binary_search_by(|entry| entry.file.as_str().cmp(file)).ok()?;
        self.files.get(idx)
    }

    /// Whether the manifest lists this file.
    pub fn lists(&self, file: &str) -> bool {
        self.entry(file).is_some()
    }

    /// Whether a listed file lies below this folder, which is given without a closing slash.
    pub fn reaches(&self, folder: &str) -> bool {
        let prefix = format!("{folder}/");
        let first = self.files.partition_point(|entry| entry.file < prefix);
        self.files.get(first).is_some_and(|entry| entry.file.starts_with(&prefix))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(files: &[&str]) -> Manifest {
        let entry = |file: &&str| ManifestEntry { file: (*file).to_owned(), hash: ContentHash::of(b""), size: 0 };
        Manifest::new(files.iter().map(entry).collect())
    }

    #[test]
    fn a_manifest_reads_what_it_wrote() {
        let written = manifest(&["b/index.html", "a.txt", "一/index.html"]);
        assert_eq!(Manifest::parse(&written.to_json()), Some(written));
    }

    #[test]
    fn a_manifest_that_is_torn_or_leaves_the_folder_is_none() {
        let good = manifest(&["a", "b"]).to_json();
        for len in 0..good.len() {
            assert_eq!(Manifest::parse(&good[..len]), None, "{len}");
        }
        for bad in ["../a", "/etc/passwd", "a/../b", ""] {
            assert_eq!(Manifest::parse(&manifest(&[bad]).to_json()), None, "{bad}");
        }
    }

    #[test]
    fn folders_are_known_by_their_files() {
        let manifest = manifest(&["a-b/x", "a.txt", "a/b/c", "d"]);
        assert!(manifest.reaches("a") && manifest.reaches("a/b") && manifest.reaches("a-b"));
        assert!(!manifest.reaches("d") && !manifest.reaches("a/b/c") && !manifest.reaches("e"));
        assert!(manifest.lists("d") && !manifest.lists("a"));
    }
}
