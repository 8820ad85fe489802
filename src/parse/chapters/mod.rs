//! Chapters from files beside an episode and from lists in a text, and the sections that they make.
//!
//! A file of chapters is told by its name, JSON beside an episode by its content too. An entry that cannot be read
//! costs itself alone and is reported with its line; starts that go back are left out with as few as can be.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::chapter::Chapter;
use crate::model::time::MediaTime;
use crate::model::transcript::{Line, LineRole};
use crate::parse::timed::lines::{lines_of, set_role};
use crate::parse::transcript::{LONGEST, longest_row};
use crate::path::SitePath;
use crate::source::{SourceFile, Span};

mod json;
pub(super) mod list;
pub mod sections;
mod xml;

/// Extensions of files of chapters.
const EXTENSIONS: [&str; 4] = ["json", "xml", "psc", "txt"];

/// What a file of chapters says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChapterFile {
    /// Its chapters; their starts rise.
    pub chapters: Vec<Chapter>,
    /// The role of each line.
    pub lines: Vec<Line>,
}

/// What a parser of one notation finds.
#[derive(Debug, Default)]
struct Found {
    chapters: Vec<Chapter>,
    /// Entries without a time or a title that can be read.
    bad: Vec<Span>,
}

/// Whether a file has the name of a file of chapters: `042.chapters.json`, `042.psc`, `chapters.txt`.
///
/// ```
/// use podleaf::{parse::chapters::is_chapters_name, path::SitePath};
///
/// let is_one = |name| is_chapters_name(&SitePath::new(name).unwrap());
/// assert!(is_one("a/042.chapters.json") && is_one("a/042/chapters.txt") && is_one("a/042.psc"));
/// assert!(!is_one("a/042.json") && !is_one("a/042.chapters.md"));
/// ```
pub fn is_chapters_name(path: &SitePath) -> bool {
    let is = |extension: &str| path.extension().eq_ignore_ascii_case(extension);
    let named = path.stem() == "chapters" || path.stem().ends_with(".chapters");
    is("psc") || named && EXTENSIONS.into_iter().any(is)
}

/// Whether a file holds chapters: by its name, or because it is JSON of that shape and no transcript.
pub fn is_chapters(file: &SourceFile) -> bool {
    is_chapters_name(&file.path) || file.path.extension().eq_ignore_ascii_case("json") && json::are_chapters(&file.text)
}

/// Reads a file of chapters: JSON chapters 1.2, Podlove Simple Chapters in XML or JSON, or a line `00:00 Title` for
/// each.
///
/// ```
/// use podleaf::{hash::ContentHash, parse::chapters::parse_chapters, path::SitePath, source::SourceFile};
///
/// let text = "00:00 Tea\n12:30 Salt\n".to_owned();
/// let file = SourceFile { path: SitePath::new("a.chapters.txt").unwrap(), text, hash: ContentHash::of(b"") };
/// let (found, diagnostics) = parse_chapters(&file);
/// assert_eq!((found.chapters[1].title.as_str(), found.chapters[1].start.0), ("Salt", 750_000));
/// assert!(diagnostics.is_empty());
/// ```
pub fn parse_chapters(file: &SourceFile) -> (ChapterFile, Diagnostics) {
    let mut diagnostics = Diagnostics::new();
    let found = match file.text.trim_start().as_bytes().first() {
        Some(b'{' | b'[') if !list::is_list(&file.text) => json::parse(file, &mut diagnostics),
        Some(b'<') => xml::parse(file, &mut diagnostics),
        Some(_) => list::parse(&file.text),
        None => Found::default(),
    };
    let Found { chapters, bad } = found;
    let (chapters, back) = in_order(chapters);
    report(file, &bad, "has no time or no title that can be read", &mut diagnostics);
    report(file, &back, "has a time that goes back, or is past 24 hours", &mut diagnostics);
    let mut lines = lines_of(&file.text, chapters.iter().map(|chapter| chapter.at), LineRole::Chapter);
    bad.iter().chain(&back).for_each(|at| set_role(&mut lines, *at, LineRole::BadChapter));
    if chapters.is_empty() && diagnostics.is_empty() {
        let warning = Diagnostic::warning("no-chapters", "the file has no chapters").in_file(&file.path);
        diagnostics.push(warning.help("write a line `00:00 Title` for each, or delete the file"));
    }
    (ChapterFile { chapters, lines }, diagnostics)
}

/// The chapters that can be those of one recording, and where the others are written.
fn in_order(chapters: Vec<Chapter>) -> (Vec<Chapter>, Vec<Span>) {
    let possible = chapters.iter().enumerate().filter(|(_, chapter)| chapter.start <= LONGEST);
    let starts: Vec<(usize, MediaTime)> = possible.map(|(idx, chapter)| (idx, chapter.start)).collect();
    let mut row = longest_row(&starts).into_iter().peekable();
    let (mut kept, mut back) = (Vec::with_capacity(starts.len()), Vec::new());
    for (idx, chapter) in chapters.into_iter().enumerate() {
        match row.next_if_eq(&idx) {
            Some(_) => kept.push(chapter),
            None => back.push(chapter.at),
        }
    }
    (kept, back)
}

/// Entries that are left out, said once with the first place.
fn report(file: &SourceFile, entries: &[Span], why: &str, diagnostics: &mut Diagnostics) {
    let Some(first) = entries.first() else { return };
    let (message, label) = match entries.len() {
        1 => (format!("a chapter {why}: it is left out"), String::new()),
        n => (format!("a chapter {why}: it and {} more are left out", n - 1), format!("the first of {n}")),
    };
    let help = "give each a title and a start as `12:34` or `1:02:03`, in the order of the recording";
    diagnostics.push(Diagnostic::warning("bad-chapter", message).at(file, *first, label).help(help));
}

#[cfg(test)]
mod tests;
