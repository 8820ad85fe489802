//! Podlove Simple Chapters: `<psc:chapter start="00:00:00.000" title="…"/>`, in a file or cut out of a feed.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::markup::one_spaced;
use crate::model::chapter::Chapter;
use crate::model::time::MediaTime;
use crate::parse::chapters::Found;
use crate::parse::timed::entity::push_decoded;
use crate::parse::timed::times::timestamp;
use crate::source::{SourceFile, Span};

/// Reads the chapters of an XML file, whatever stands around them. Only their own attributes are looked at.
pub(super) fn parse(file: &SourceFile, diagnostics: &mut Diagnostics) -> Found {
    let text = file.text.as_str();
    let mut found = Found::default();
    let mut at = 0;
    while let Some(open) = memchr::memchr(b'<', &text.as_bytes()[at..]).map(|idx| at + idx) {
        if text[open..].starts_with("<!--") {
            at = text[open..].find("-->").map_or(text.len(), |end| open + end);
            continue;
        }
        let inner = inside(&text[open + 1..]);
        at = open + 1 + inner.len();
        let (name, attributes) = inner.split_at(inner.find(char::is_whitespace).unwrap_or(inner.len()));
        if name.starts_with('/') || name.rsplit(':').next() != Some("chapter") {
            continue;
        }
        let span = Span::new(open, (at + 1).min(text.len()));
        match read(attributes) {
            Some((start, title)) => found.chapters.push(Chapter { start, title, at: span }),
            None => found.bad.push(span),
        }
    }
    if found.chapters.is_empty() && found.bad.is_empty() {
        let error = Diagnostic::error("unknown-chapters", "this XML holds no chapters");
        let help = "known are Podlove Simple Chapters: `<psc:chapter start=\"00:00:00\" title=\"…\"/>`";
        diagnostics.push(error.in_file(&file.path).help(help));
    }
    found
}

/// What stands between a `<` and its `>`; a `>` between quotes is none. To the next `<` where nothing closes it.
fn inside(text: &str) -> &str {
    let mut quote = None;
    for (idx, byte) in text.bytes().enumerate() {
        match (quote, byte) {
            (Some(open), _) if open == byte => quote = None,
            (None, b'"' | b'\'') => quote = Some(byte),
            (None, b'>') => return &text[..idx],
            (_, b'<') => return &text[..idx],
            _ => {}
        }
    }
    text
}

fn read(attributes: &str) -> Option<(MediaTime, String)> {
    let start = value(attributes, "start")?;
    let seconds = || Some(MediaTime(u64::from(start.parse::<u32>().ok()?) * 1000));
    let start = timestamp(start.trim()).ok().or_else(seconds)?;
    let mut title = String::new();
    push_decoded(value(attributes, "title")?, &mut title);
    let title = one_spaced(&title);
    (!title.is_empty()).then_some((start, title))
}

/// The value of an attribute, as it is written.
fn value<'x>(attributes: &'x str, wanted: &str) -> Option<&'x str> {
    let mut rest = attributes.trim_start();
    loop {
        let (name, after) = rest.split_once('=')?;
        let after = after.trim_start();
        let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        let (value, next) = after[1..].split_once(quote)?;
        if name.trim() == wanted {
            return Some(value);
        }
        rest = next.trim_start();
    }
}
