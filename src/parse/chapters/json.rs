//! Chapters in JSON: JSON chapters 1.2 (Podcasting 2.0) and Podlove Simple Chapters.

use serde::Deserialize;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::markup::one_spaced;
use crate::model::chapter::Chapter;
use crate::model::time::MediaTime;
use crate::parse::chapters::Found;
use crate::parse::timed::json::bad_json;
use crate::parse::timed::place;
use crate::parse::timed::value::{Raw, Unit, list, string, time};
use crate::source::SourceFile;

const SHAPES: &str = "known are JSON chapters 1.2 (`chapters` with `startTime` and `title`) and Podlove Simple Chapters \
                      (a list, or `chapters`, with `start` and `title`)";

/// The top of a file.
#[derive(Debug, Deserialize)]
#[serde(bound(deserialize = "'de: 'j"))]
struct Root<'j> {
    #[serde(borrow)]
    chapters: Raw<'j>,
    segments: Raw<'j>,
}

/// One chapter, with the keys of both shapes.
#[derive(Debug, Deserialize)]
#[serde(bound(deserialize = "'de: 'j"))]
struct Entry<'j> {
    #[serde(borrow, rename = "startTime")]
    start_time: Raw<'j>,
    start: Raw<'j>,
    title: Raw<'j>,
    toc: Raw<'j>,
}

/// Whether JSON holds chapters and no transcript.
pub(super) fn are_chapters(text: &str) -> bool {
    let root = || serde_json::from_str::<Root<'_>>(text).ok();
    text.contains("\"chapters\"") && root().is_some_and(|root| root.chapters.is_some() && root.segments.is_none())
}

/// Reads both shapes. A chapter that is not to be listed (`"toc": false`) is none.
pub(super) fn parse(file: &SourceFile, diagnostics: &mut Diagnostics) -> Found {
    let text = file.text.as_str();
    let root = if text.trim_start().starts_with('[') {
        serde_json::from_str(text).map(|chapters| Root { chapters: Some(chapters), segments: None })
    } else {
        serde_json::from_str::<Root<'_>>(text)
    };
    let entries = match root {
        Ok(root) => root.chapters.and_then(list),
        Err(error) if error.is_data() => None,
        Err(error) => {
            diagnostics.push(bad_json(file, &error));
            return Found::default();
        }
    };
    let Some(entries) = entries else {
        let error = Diagnostic::error("unknown-json", "this JSON holds no chapters of a known shape");
        diagnostics.push(error.in_file(&file.path).help(SHAPES));
        return Found::default();
    };
    let mut found = Found::default();
    for raw in entries {
        let at = place(text, raw.get());
        let entry = serde_json::from_str::<Entry<'_>>(raw.get()).ok().filter(|_| raw.get().starts_with('{'));
        let is_silent = entry.as_ref().and_then(|entry| entry.toc).is_some_and(|toc| toc.get() == "false");
        match entry.as_ref().and_then(read) {
            _ if is_silent => {}
            Some((start, title)) => found.chapters.push(Chapter { start, title, at }),
            None => found.bad.push(at),
        }
    }
    found
}

fn read(entry: &Entry<'_>) -> Option<(MediaTime, String)> {
    let start = time(entry.start_time.or(entry.start)?, Unit::Seconds)?.ok()?;
    let title = one_spaced(&string(entry.title?)?);
    (!title.is_empty()).then_some((start, title))
}
