//! The manifest of a published site: a small file at the target that says what a deploy left there.

use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde::{Deserialize, Serialize};

use crate::content_type::content_type;
use crate::hash::ContentHash;
use crate::output::{Manifest, ManifestEntry};
use crate::path::SitePath;

/// The name of the manifest at a target. It is no part of the site, and nothing refers to it.
pub const SITE_MANIFEST: &str = ".podleaf-site.json.gz";

const VERSION: u32 = 1;
/// A million files have 150 MiB; what is longer is not ours.
const MAX_BYTES: u64 = 1 << 30;

/// For files whose address changes with their bytes.
pub const IMMUTABLE: &str = "public, max-age=31536000, immutable";
/// For audio, video and pictures, which change seldom.
const A_DAY: &str = "public, max-age=86400";
/// For pages, feeds and all else that is read.
const A_MINUTE: &str = "public, max-age=60";

/// One file of a published site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteFile {
    /// Its path below the site's root, which is its address.
    pub file: String,
    /// Its length in bytes.
    pub size: u64,
    /// The hash of its bytes.
    pub hash: ContentHash,
    /// Its `Content-Type`.
    pub kind: String,
    /// Its `Cache-Control`.
    pub cache: String,
    /// The digest of what readers and apps hold on to in it: see [`Promises`](super::promises::Promises).
    pub promises: Option<ContentHash>,
}

impl SiteFile {
    /// A file as it is served: type and caching follow from its path.
    pub fn new(file: String, size: u64, hash: ContentHash) -> Self {
        let kind = content_type(&file).to_owned();
        let cache = if is_fingerprinted(&file) {
            IMMUTABLE
        } else if ["audio/", "video/", "image/"].iter().any(|prefix| kind.starts_with(prefix)) {
            A_DAY
        } else {
            A_MINUTE
        };
        Self { file, size, hash, kind, cache: cache.to_owned(), promises: None }
    }

    /// Whether its address changes with its bytes.
    pub fn is_immutable(&self) -> bool {
        self.cache == IMMUTABLE
    }

    /// Whether it is served as the other one is.
    pub fn is_same_as(&self, other: &Self) -> bool {
        self.hash == other.hash && self.size == other.size && self.kind == other.kind && self.cache == other.cache
    }
}

/// Whether a file's address is named for what is in it: the theme's assets, `assets/HASH/…`, and the search index,
/// `search/index/HASH.bin`.
fn is_fingerprinted(file: &str) -> bool {
    let is_hash = |text: &str, n_letters| {
        text.len() == n_letters && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    let assets = file.strip_prefix("assets/").and_then(|rest| rest.split_once('/'));
    let index = file.strip_prefix("search/index/").and_then(|name| name.strip_suffix(".bin"));
    assets.is_some_and(|(hash, _)| is_hash(hash, 10)) || index.is_some_and(|hash| is_hash(hash, 8))
}

/// What a deploy left at a target. The only authority for deletions there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SiteManifest {
    /// The files of the site, in the order of their paths.
    pub files: Vec<SiteFile>,
    /// Fingerprinted files of the deploy before, which pages in caches still name; likewise in order.
    pub kept: Vec<SiteFile>,
    /// Files that a deploy began to delete or to add, and may not have finished with; likewise in order.
    pub leftover: Vec<String>,
    /// The deploy that wrote it: 32 hexadecimal digits.
    pub deploy: String,
}

/// A file as the manifest has it: path, size, hash, type, caching, promises.
type Row<'t> = (String, u64, &'t str, String, String, Option<&'t str>);
type WrittenRow<'m> = (&'m str, u64, String, &'m str, &'m str, Option<String>);

#[derive(Deserialize)]
struct Wire<'t> {
    podleaf_site: u32,
    #[serde(borrow)]
    files: Vec<Row<'t>>,
    #[serde(borrow)]
    kept: Vec<Row<'t>>,
    leftover: Vec<String>,
    deploy: String,
}

#[derive(Serialize)]
struct Written<'m> {
    podleaf_site: u32,
    files: Vec<WrittenRow<'m>>,
    kept: Vec<WrittenRow<'m>>,
    leftover: &'m [String],
    deploy: &'m str,
}

impl SiteManifest {
    /// The manifest of an output folder as it will be served. What the files promise is not in it yet.
    pub fn of(output: &Manifest) -> Self {
        let file = |entry: &ManifestEntry| SiteFile::new(entry.file.clone(), entry.size, entry.hash);
        Self { files: output.files.iter().map(file).collect(), ..Self::default() }
    }

    /// Reads what [`SiteManifest::to_bytes`] wrote.
    ///
    /// `None` where it is torn, of another version, unsorted, or names a path that leaves the site: such a manifest is no
    /// authority for anything.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let mut json = Vec::new();
        GzDecoder::new(bytes).take(MAX_BYTES).read_to_end(&mut json).ok()?;
        let wire: Wire<'_> =
            serde_json::from_slice(&json).ok().filter(|wire: &Wire<'_>| wire.podleaf_site == VERSION)?;
        let leftover: Option<Vec<_>> = wire.leftover.into_iter().map(path).collect();
        Some(Self { files: rows(wire.files)?, kept: rows(wire.kept)?, leftover: leftover?, deploy: wire.deploy })
    }

    /// The manifest as JSON, packed by gzip: the same manifest is the same bytes.
    ///
    /// # Panics
    /// Never: lists of text and numbers serialise, and memory takes what is written to it.
    pub fn to_bytes(&self) -> Vec<u8> {
        let written = Written {
            podleaf_site: VERSION,
            files: self.files.iter().map(written).collect(),
            kept: self.kept.iter().map(written).collect(),
            leftover: &self.leftover,
            deploy: &self.deploy,
        };
        let json = serde_json::to_vec(&written).expect("lists of text and numbers serialise");
        let mut packed = GzEncoder::new(Vec::new(), Compression::default());
        packed.write_all(&json).and_then(|()| packed.finish()).expect("memory takes what is written to it")
    }

    /// What the manifest says of a file.
    pub fn entry(&self, file: &str) -> Option<&SiteFile> {
        let idx = self.files.binary_search_by(|entry| entry.file.as_str().cmp(file)).ok()?;
        self.files.get(idx)
    }
}

fn written(file: &SiteFile) -> WrittenRow<'_> {
    let promises = file.promises.map(|promises| promises.to_string());
    (&file.file, file.size, file.hash.to_string(), &file.kind, &file.cache, promises)
}

/// The files of rows, if all are good and in order.
fn rows(rows: Vec<Row<'_>>) -> Option<Vec<SiteFile>> {
    let file = |(file, size, hash, kind, cache, promises): Row<'_>| {
        let promises = promises.map_or(Some(None), |digest| ContentHash::from_hex(digest).map(Some))?;
        Some(SiteFile { file: path(file)?, size, hash: ContentHash::from_hex(hash)?, kind, cache, promises })
    };
    let files: Option<Vec<_>> = rows.into_iter().map(file).collect();
    files.filter(|files| files.is_sorted_by(|one, next| one.file < next.file))
}

fn path(text: String) -> Option<String> {
    Some(SitePath::new(text)?.as_str().to_owned())
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Manifests of few paths, so that two of them have much in common.
    pub(crate) fn any_manifest() -> impl Strategy<Value = SiteManifest> {
        const PATHS: [&str; 12] = [
            "index.html",
            "a/index.html",
            "a/feed.xml",
            "a/1/index.html",
            "a/1/turns.json",
            "a/1/talk.mp3",
            "assets/abcdefghij/x.css",
            "assets/bcdefghijk/x.css",
            "sitemap.xml",
            "search/index/0",
            "一/index.html",
            "robots.txt",
        ];
        let row = (0..PATHS.len(), 0_u8..3, any::<bool>());
        proptest::collection::vec(row, 0..12).prop_map(|rows| {
            let mut files: Vec<SiteFile> = rows
                .into_iter()
                .map(|(path, version, promises)| {
                    let mut file = SiteFile::new(PATHS[path].to_owned(), 1, ContentHash::of(&[version]));
                    file.promises = promises.then(|| ContentHash::of(b"p"));
                    file
                })
                .collect();
            files.sort_by(|one, other| one.file.cmp(&other.file));
            files.dedup_by(|one, other| one.file == other.file);
            SiteManifest { files, ..SiteManifest::default() }
        })
    }

    proptest! {
        #[test]
        fn a_manifest_reads_what_it_wrote(site in any_manifest(), before in any_manifest()) {
            let leftover = vec!["gone/一.html".to_owned()];
            let manifest = SiteManifest { kept: before.files, leftover, ..site };
            prop_assert_eq!(SiteManifest::parse(&manifest.to_bytes()), Some(manifest));
        }

        #[test]
        fn no_bytes_are_too_odd(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
            packed.write_all(&bytes).unwrap();
            prop_assert_eq!(SiteManifest::parse(&packed.finish().unwrap()), None);
            prop_assert_eq!(SiteManifest::parse(&bytes), None);
        }
    }

    #[test]
    fn a_manifest_that_is_torn_or_leaves_the_site_is_none() {
        let site = |file: &str| SiteManifest {
            files: vec![SiteFile::new(file.to_owned(), 0, ContentHash::of(b""))],
            ..SiteManifest::default()
        };
        let good = site("a").to_bytes();
        assert!(SiteManifest::parse(&good).is_some());
        for len in 0..good.len() {
            assert_eq!(SiteManifest::parse(&good[..len]), None, "{len}");
        }
        for bad in ["../a", "/etc/passwd", "a/../b", ""] {
            assert_eq!(SiteManifest::parse(&site(bad).to_bytes()), None, "{bad}");
            let leftover = SiteManifest { leftover: vec![bad.to_owned()], ..SiteManifest::default() };
            assert_eq!(SiteManifest::parse(&leftover.to_bytes()), None, "{bad}");
        }
        let mut twice = site("a");
        twice.files.push(twice.files[0].clone());
        assert_eq!(SiteManifest::parse(&twice.to_bytes()), None);
    }

    #[test]
    fn files_are_cached_by_what_they_are() {
        let file = |name: &str| SiteFile::new(name.to_owned(), 0, ContentHash::of(b""));
        assert!(file("assets/jxm3xu0juz/js/main.js").is_immutable());
        assert!(file("search/index/wu1gumi6.bin").is_immutable());
        for other in [
            "search/index/directory.bin",
            "assets/logo.svg",
            "assets/Jxm3xu0juz/x.js",
            "assetsx/jxm3xu0juz/a",
            "index.html",
        ] {
            assert!(!file(other).is_immutable(), "{other}");
        }
        assert_eq!((file("a/talk.mp3").cache.as_str(), file("a/talk.mp3").kind.as_str()), (A_DAY, "audio/mpeg"));
        assert_eq!((file("a/feed.xml").cache.as_str(), file("a/index.html").cache.as_str()), (A_MINUTE, A_MINUTE));
    }
}
