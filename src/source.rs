//! Source text: one file as it was read, places in it, and the world that files come from.

use std::fmt;
use std::io::{Read, Seek};

use serde::{Deserialize, Serialize};

use crate::hash::ContentHash;
use crate::path::SitePath;

/// A stretch of a source file, in bytes of its decoded text.
///
/// It is kept as its start and its length, which is the shorter number: records hold a million of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(from = "(u32, u32)", into = "(u32, u32)")]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The span from `start` to `end`. Files are limited to 4 GiB, so that the numbers fit.
    pub fn new(start: usize, end: usize) -> Self {
        Self { start: start as u32, end: end as u32 }
    }

    /// The span that begins so many bytes later; past the last number it goes on from 0.
    pub fn moved(self, by: u32) -> Self {
        Self { start: self.start.wrapping_add(by), end: self.end.wrapping_add(by) }
    }

    /// The text that the span covers; empty where it lies outside the text.
    pub fn of<'t>(&self, text: &'t str) -> &'t str {
        text.get(self.start as usize..self.end as usize).unwrap_or_default()
    }
}

impl From<(u32, u32)> for Span {
    fn from((start, len): (u32, u32)) -> Self {
        Self { start, end: start.wrapping_add(len) }
    }
}

impl From<Span> for (u32, u32) {
    fn from(span: Span) -> Self {
        (span.start, span.end.wrapping_sub(span.start))
    }
}

/// A value and where it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Where it stands in its file.
    pub span: Span,
}

/// A file's decoded text with the hash of its bytes.
#[derive(Debug, Clone)]
pub struct SourceFile {
    /// The file's name.
    pub path: SitePath,
    /// The text: UTF-8, LF line ends, no byte order mark, no control characters but tab.
    pub text: String,
    /// The hash of the bytes on disk.
    pub hash: ContentHash,
}

impl SourceFile {
    /// Whether the file is Markdown by its name.
    pub fn is_markdown(&self) -> bool {
        matches!(self.path.extension(), "md" | "markdown")
    }

    /// The line and column (both from 1, the column in characters) of a byte offset.
    pub fn line_column(&self, offset: u32) -> (u32, u32) {
        let mut end = (offset as usize).min(self.text.len());
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        let before = &self.text[..end];
        let line_start = before.rfind('\n').map_or(0, |idx| idx + 1);
        let line = memchr::memchr_iter(b'\n', before.as_bytes()).count() as u32 + 1;
        (line, before[line_start..].chars().count() as u32 + 1)
    }
}

/// What the file system says of a file without reading it. Two equal stamps are a hint that a file is the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Stamp {
    /// Its length in bytes.
    pub size: u64,
    /// When its bytes were last written, in nanoseconds since 1970.
    pub modified: i64,
    /// When it or what the system keeps of it was last changed, in nanoseconds since 1970.
    pub changed: i64,
    /// Its number on its file system.
    pub inode: u64,
}

impl Stamp {
    /// The coarsest clock of a file system in use ticks every two seconds.
    const COARSEST: i64 = 2_000_000_000;

    /// Whether the file was left alone for long enough before a moment (nanoseconds since 1970) that a later change
    /// would show in its stamp.
    pub fn is_settled(&self, moment: i64) -> bool {
        self.modified.max(self.changed) < moment.saturating_sub(Self::COARSEST)
    }
}

/// A file that a [`World`] offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileEntry {
    /// Its name.
    pub path: SitePath,
    /// Its stamp when it was listed.
    pub stamp: Stamp,
}

/// Why a file could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadFault {
    /// The reason in the words of the system, such as `permission denied`.
    pub reason: String,
}

impl fmt::Display for ReadFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

/// A file that is read here and there.
pub trait ReadSeek: Read + Seek + Send {}

impl<T: Read + Seek + Send> ReadSeek for T {}

/// All that the pure part of the program knows of the outside: a list of files, and one file's bytes on request.
pub trait World: Sync {
    /// The folder below the root that holds episodes: `content`, or `""` where the site is a bare folder.
    fn content_root(&self) -> &str;

    /// All files of the site, sorted by path: content, templates, static files, config.
    fn files(&self) -> &[FileEntry];

    /// When the list was made, in nanoseconds since 1970.
    fn listed_at(&self) -> i64;

    /// The bytes of one file of the list.
    ///
    /// # Errors
    /// The file is gone, not readable, or not in the list.
    fn read(&self, path: &SitePath) -> Result<Vec<u8>, ReadFault>;

    /// One file of the list, to be read in parts: media may be longer than the memory.
    ///
    /// # Errors
    /// As for [`World::read`].
    fn open(&self, path: &SitePath) -> Result<Box<dyn ReadSeek>, ReadFault>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters() {
        let file = SourceFile {
            path: SitePath::new("a.md").unwrap(),
            text: "一\n二三x".to_owned(),
            hash: ContentHash::of(b""),
        };
        assert_eq!(file.line_column(0), (1, 1));
        assert_eq!(file.line_column(4), (2, 1));
        assert_eq!(file.line_column(10), (2, 3));
        assert_eq!(file.line_column(99), (2, 4));
    }
}
