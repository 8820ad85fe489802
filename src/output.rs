//! Output: the bytes of one route, and what a whole site's output was made of.

use std::io;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::hash::ContentHash;
use crate::path::SitePath;

/// The file of an output folder that lists what Podleaf made there. It is written last, and never published.
pub const MANIFEST: &str = ".podleaf-manifest.json";

const VERSION: u32 = 2;

/// Version 1 had no keys.
const VERSION_WITHOUT_KEYS: u32 = 1;

/// What is published at a route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// These bytes.
    Bytes(Vec<u8>),
    /// The bytes of a source file as they are, however many.
    Copy(SitePath),
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
    /// The key of the page it holds, where it was made with one: the hash of its sources, its context, the templates and the
    /// program.
    pub key: Option<ContentHash>,
}

/// The files that Podleaf made in an output folder, sorted: the only authority for deletions.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// All published files.
    pub files: Vec<ManifestEntry>,
}

#[derive(Deserialize)]
struct Wire<'t> {
    podleaf: u32,
    #[serde(borrow)]
    files: Vec<(String, &'t str, u64, Option<&'t str>)>,
}

#[derive(Deserialize)]
struct WireWithoutKeys<'t> {
    podleaf: u32,
    #[serde(borrow)]
    files: Vec<(String, &'t str, u64)>,
}

#[derive(Serialize)]
struct Written<'m> {
    podleaf: u32,
    #[serde(serialize_with = "rows")]
    files: &'m [ManifestEntry],
}

/// The rows one after another: a large site has more of them than should be in memory twice.
fn rows<S: serde::Serializer>(files: &[ManifestEntry], to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(files.iter().map(|entry| (&entry.file, Hex(entry.hash), entry.size, entry.key.map(Hex))))
}

/// A hash as its hexadecimal digits.
struct Hex(ContentHash);

impl Serialize for Hex {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl Manifest {
    /// The manifest of these files, in the order of their names.
    pub fn new(mut files: Vec<ManifestEntry>) -> Self {
        files.sort_unstable_by(|one, other| one.file.cmp(&other.file));
        Self { files }
    }

    /// Reads the manifest of an output folder, of this version or of one that had no keys yet.
    ///
    /// `None` where the text is torn, of another version, unsorted, or names a path that leaves the folder:
    /// such a manifest is no authority for anything.
    pub fn parse(text: &[u8]) -> Option<Self> {
        let (version, expected, rows) = match serde_json::from_slice::<Wire<'_>>(text) {
            Ok(wire) => (wire.podleaf, VERSION, wire.files),
            Err(_) => {
                let wire: WireWithoutKeys<'_> = serde_json::from_slice(text).ok()?;
                let rows = wire.files.into_iter().map(|(file, hash, size)| (file, hash, size, None));
                (wire.podleaf, VERSION_WITHOUT_KEYS, rows.collect())
            }
        };
        let entry = |(file, hash, size, key): (String, &str, u64, Option<&str>)| {
            let key = key.map_or(Some(None), |key| ContentHash::from_hex(key).map(Some))?;
            let file = SitePath::new(file)?.as_str().to_owned();
            Some(ManifestEntry { file, hash: ContentHash::from_hex(hash)?, size, key })
        };
        let files: Option<Vec<_>> = rows.into_par_iter().map(entry).collect();
        let files = files.filter(|files| files.is_sorted_by(|one, next| one.file < next.file))?;
        (version == expected).then_some(Self { files })
    }

    /// Writes the manifest as [`Manifest::parse`] reads it: `{"podleaf":2,"files":[[file, hash, size, key], ...]}`.
    ///
    /// # Errors
    /// The writer fails.
    pub fn write_json(&self, to: impl io::Write) -> io::Result<()> {
        Ok(serde_json::to_writer(to, &Written { podleaf: VERSION, files: &self.files })?)
    }

    /// What [`Manifest::write_json`] writes.
    ///
    /// # Panics
    /// Never: lists of text and numbers serialise, and memory takes all.
    pub fn to_json(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write_json(&mut out).expect("lists of text and numbers serialise");
        out
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

    /// All folders that hold a file or a folder, parents first; the output folder itself is `""`.
    pub fn folders(&self) -> Vec<&str> {
        let mut folders = vec![""];
        let mut before = "";
        for entry in &self.files {
            let file = entry.file.as_str();
            // The files below a folder follow each other, so that one which the file before shares is there already.
            let is_new = |folder: &&str| !before.strip_prefix(*folder).is_some_and(|rest| rest.starts_with('/'));
            folders.extend(file.match_indices('/').map(|(end, _)| &file[..end]).filter(is_new));
            before = file;
        }
        folders
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(files: &[&str]) -> Manifest {
        let entry = |file: &&str| ManifestEntry {
            file: (*file).to_owned(),
            hash: ContentHash::of(b""),
            size: 0,
            key: file.ends_with('l').then(|| ContentHash::of(b"key")),
        };
        Manifest::new(files.iter().map(entry).collect())
    }

    #[test]
    fn a_manifest_reads_what_it_wrote() {
        let written = manifest(&["b/index.html", "a.txt", "一/index.html"]);
        assert_eq!(Manifest::parse(&written.to_json()), Some(written));
    }

    #[test]
    fn a_manifest_of_the_version_without_keys_is_read_and_one_of_the_future_is_none() {
        let text = |version: u32, key: &str| {
            let hash = ContentHash::of(b"");
            format!(r#"{{"podleaf":{version},"files":[["a","{hash}",0{key}]]}}"#)
        };
        assert_eq!(Manifest::parse(text(1, "").as_bytes()), Some(manifest(&["a"])));
        for (version, key) in [(0, ""), (2, ""), (3, ""), (1, ",null"), (3, ",null"), (2, r#","x""#)] {
            assert_eq!(Manifest::parse(text(version, key).as_bytes()), None, "{version} {key}");
        }
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
        assert_eq!(manifest.folders(), ["", "a-b", "a", "a/b"]);
    }
}
