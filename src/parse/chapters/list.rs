//! Chapters as lines of text: `00:00 Title`, in a file of their own or in a description.

use crate::model::chapter::Chapter;
use crate::model::time::MediaTime;
use crate::model::transcript::{LineRole, Transcript};
use crate::parse::chapters::Found;
use crate::parse::transcript::clock::clock_at_head;
use crate::source::Span;

/// Chapters that a list in a description has at least; YouTube's rule.
const FEWEST: usize = 3;

/// Whether the first line of a file is a chapter: it may begin with a bracket, as JSON does.
pub(super) fn is_list(text: &str) -> bool {
    text.trim_start().lines().next().is_some_and(|line| chapter_line(line).is_some())
}

/// Reads a file with a chapter on each line.
pub(super) fn parse(text: &str) -> Found {
    let mut found = Found::default();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let words = line.trim();
        let start = at + (line.len() - line.trim_start().len());
        let span = Span::new(start, start + words.len());
        at += line.len();
        match chapter_line(words) {
            Some((start, title)) => found.chapters.push(Chapter { start, title: title.to_owned(), at: span }),
            None if words.is_empty() => {}
            None => found.bad.push(span),
        }
    }
    found
}

/// Notes the chapters that a list in a text names, and that their lines are chapters. The list stands where nobody
/// speaks; it begins at 00:00, rises, and has three lines or more (YouTube's rule for descriptions).
pub(in crate::parse) fn note_list(text: &str, transcript: &mut Transcript) {
    let lines = &transcript.lines;
    let mut row: Vec<(usize, Chapter)> = Vec::new();
    for (idx, line) in lines.iter().enumerate() {
        let may_be = matches!(line.role, LineRole::Background | LineRole::Unattributed);
        let end = lines.get(idx + 1).map_or(text.len(), |next| next.start as usize);
        let written = &text[line.start as usize..end];
        let found = if may_be { chapter_line(written.trim()) } else { None };
        match found {
            Some((start, title)) => {
                let from = line.start as usize + (written.len() - written.trim_start().len());
                let at = Span::new(from, from + written.trim().len());
                row.push((idx, Chapter { start, title: title.to_owned(), at }));
            }
            None if line.role == LineRole::Blank => {}
            None if is_chapter_list(&row) => break,
            None => row.clear(),
        }
    }
    if is_chapter_list(&row) {
        row.iter().for_each(|(idx, _)| transcript.lines[*idx].role = LineRole::Chapter);
        transcript.chapters = row.into_iter().map(|(_, chapter)| chapter).collect();
    }
}

fn is_chapter_list(row: &[(usize, Chapter)]) -> bool {
    let starts = || row.iter().map(|(_, chapter)| chapter.start);
    row.len() >= FEWEST && starts().next() == Some(MediaTime(0)) && starts().is_sorted_by(|one, next| one < next)
}

/// Reads `00:00 Title`, `(1:02:03) Title`, `- 00:00 – Title`, `**00:00** Title`, `[00:00](address) Title`.
fn chapter_line(line: &str) -> Option<(MediaTime, &str)> {
    let is_mark =
        |c: char| matches!(c, '-' | '*' | '•' | '·' | '–' | '\\' | '(' | '[' | '（' | '【') || c.is_whitespace();
    let (start, rest) = clock_at_head(line.trim_start_matches(is_mark))?;
    let rest = rest.trim_start_matches(['\\', '*']).trim_start_matches([')', ']', '）', '】']);
    let rest = rest.strip_prefix('(').and_then(|link| link.split_once(')')).map_or(rest, |(_, rest)| rest);
    let is_separator = |c: char| c.is_whitespace() || matches!(c, '-' | '–' | '—' | ':' | '：' | '|' | '·');
    let is_apart = !rest.starts_with(|c: char| c.is_ascii_alphanumeric());
    let title = rest.trim_start_matches(is_separator);
    // Some write where a chapter ends, too.
    let title = clock_at_head(title).map_or(title, |(_, rest)| rest.trim_start_matches(is_separator)).trim_end();
    // All of a line may be bold.
    let title = title.strip_suffix("**").filter(|title| !title.contains("**")).unwrap_or(title);
    (is_apart && title.contains(char::is_alphanumeric)).then_some((start, title))
}
