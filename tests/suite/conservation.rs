//! Conservation: no word of a source is lost, doubled or moved.
//!
//! Reads the sample archive, or the folder that `PODLEAF_TRANSCRIPTS` names.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use podleaf::model::transcript::{Item, LineRole, Section, Title, Transcript};
use podleaf::parse::decode::decode;
use podleaf::parse::front_matter::front_matter_end;
use podleaf::parse::transcript::{Hints, parse_transcript};
use podleaf::parse::words::Words;
use podleaf::path::SitePath;
use podleaf::source::Span;

fn texts(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(texts(&path));
        } else if path.extension().is_some_and(|extension| extension == "md" || extension == "txt") {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn written(section: &Section) -> Option<Span> {
    match section.title {
        Some(Title::Written(span)) => Some(span),
        Some(Title::Chapter(_)) | None => None,
    }
}

/// Every span that a page shows, the labels of turns, and what is a time.
fn spans(transcript: &Transcript) -> Vec<Span> {
    let mut spans: Vec<Span> = transcript.title.into_iter().collect();
    let blocks = [&transcript.listen, &transcript.key_points, &transcript.background, &transcript.foot];
    spans.extend(blocks.into_iter().flatten().map(|paragraph| paragraph.span));
    spans.extend(&transcript.clocks);
    for section in &transcript.sections {
        spans.extend(written(section));
        for item in &section.items {
            match item {
                Item::Turn(turn) => {
                    spans.push(turn.label);
                    spans.extend(turn.paragraphs.iter().map(|paragraph| paragraph.span));
                }
                Item::Cue(cue) => spans.extend([Some(cue.label), cue.text].into_iter().flatten()),
                Item::Text(paragraph) => spans.push(paragraph.span),
            }
        }
    }
    spans
}

/// Words that no span covers, but for numbers of sections and lists, heading words, and lines named as dropped.
pub(crate) fn lost(text: &str, transcript: &Transcript) -> Vec<String> {
    let mut spans = spans(transcript);
    spans.sort();
    for pair in spans.windows(2) {
        assert!(pair[0].end <= pair[1].start, "doubled: {:?}", pair[1].of(text));
    }
    let mut lost = Vec::new();
    for (idx, line) in transcript.lines.iter().enumerate() {
        let end = transcript.lines.get(idx + 1).map_or(text.len(), |next| next.start as usize);
        let named = line.role.is_dropped()
            || matches!(
                line.role,
                LineRole::FrontMatter
                    | LineRole::KeyPointsHeading
                    | LineRole::BackgroundHeading
                    | LineRole::ChaptersHeading
                    | LineRole::TranscriptHeading
            );
        if named {
            continue;
        }
        let is_numbered = matches!(line.role, LineRole::SectionHeading | LineRole::KeyPoint);
        let mut at = line.start as usize;
        let after = spans.partition_point(|span| (span.end as usize) <= at);
        let mut gaps = String::new();
        for span in spans[after..].iter().take_while(|span| (span.start as usize) < end) {
            gaps.push_str(&text[at..(span.start as usize).max(at)]);
            at = (span.end as usize).min(end).max(at);
        }
        gaps.push_str(&text[at..end]);
        let is_number = |c: char| c.is_ascii_digit() || "第一二三四五六七八九十章节部分Part".contains(c);
        if gaps.chars().any(|c| c.is_alphanumeric() && !(is_numbered && is_number(c))) {
            lost.push(format!("line {}: {gaps:?} of {:?}", idx + 1, &text[line.start as usize..end]));
        }
    }
    lost
}

#[test]
fn every_word_is_kept_in_order() {
    let dir = std::env::var_os("PODLEAF_TRANSCRIPTS").map_or_else(|| PathBuf::from("content"), PathBuf::from);
    let files = texts(&dir);
    assert!(!files.is_empty());
    let (words, names) = (Words::new(&[]), BTreeSet::new());
    let mut n_turns = 0;
    for path in files {
        let name = SitePath::new(format!("x/{}", path.file_name().unwrap().to_str().unwrap())).unwrap();
        let file = decode(&name, fs::read(&path).unwrap()).0.unwrap();
        let body = front_matter_end(&file);
        let transcript = parse_transcript(&file, body, &Hints { words: &words, names: &names, labels: true });
        let lost = lost(&file.text, &transcript);
        assert!(lost.is_empty(), "{}: {lost:#?}", path.display());
        n_turns += transcript.turns().count();
    }
    assert!(n_turns > 300, "{n_turns}");
}
