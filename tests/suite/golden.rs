//! Transcripts and findings as text, for files that say what is expected.

use std::fs;
use std::path::{Path, PathBuf};

use podleaf::diagnostic::{Diagnostic, Diagnostics, Severity};
use podleaf::model::time::MediaTime;
use podleaf::model::transcript::{Item, LineRole, Transcript};
use podleaf::source::Span;

/// The samples of a folder below `tests`: all files but what is expected of them.
pub(crate) fn samples(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(folder);
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let is_sample = |path: &PathBuf| path.extension().is_some_and(|e| e != "snap" && e != "words");
    let mut samples: Vec<PathBuf> = paths.filter(is_sample).collect();
    samples.sort();
    samples
}

/// Snapshots lie beside their samples, and are named for them.
pub(crate) fn settings(folder: &str) -> insta::Settings {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(Path::new("..").join(folder));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings
}

pub(crate) fn at(time: Option<MediaTime>) -> String {
    time.map(|time| format!("{}.{:03} ", time.clock(), time.0 % 1000)).unwrap_or_default()
}

/// One line for each block, turn, cue and paragraph, with its time.
pub(crate) fn structure(text: &str, transcript: &Transcript) -> String {
    let mark = |span: Span| transcript.marks.iter().find(|mark| mark.at == span.start).map(|mark| mark.start);
    let words = |span: Span| span.of(text).replace('\n', " / ");
    let mut out: Vec<String> = transcript.title.map(|title| format!("= {}", title.of(text))).into_iter().collect();
    let blocks =
        [("listen", &transcript.listen), ("*", &transcript.key_points), ("background", &transcript.background)];
    for (mark, paragraphs) in blocks {
        out.extend(paragraphs.iter().map(|paragraph| format!("{mark} {}", words(paragraph.span))));
    }
    for section in &transcript.sections {
        out.extend(section.title.as_ref().map(|title| format!("# {}{}", at(section.start), title.of(text))));
        for item in &section.items {
            match item {
                Item::Turn(turn) => {
                    out.push(format!("{}{}:", at(turn.start), transcript.speakers[turn.speaker as usize].label));
                    let spans = turn.paragraphs.iter().map(|paragraph| paragraph.span);
                    out.extend(spans.map(|span| format!("    {}{}", at(mark(span)), words(span))));
                }
                Item::Cue(cue) => {
                    let rest = cue.text.map(|span| format!(" {}", words(span))).unwrap_or_default();
                    out.push(format!("({}{}{rest})", at(cue.start), words(cue.label)));
                }
                Item::Text(paragraph) => {
                    out.push(format!("? {}{}", at(mark(paragraph.span)), words(paragraph.span)));
                }
            }
        }
    }
    out.extend(transcript.foot.iter().map(|paragraph| format!("! {}", words(paragraph.span))));
    out.join("\n")
}

/// One line for each finding.
pub(crate) fn said(diagnostics: &Diagnostics) -> String {
    let line = |diagnostic: &Diagnostic| {
        let place = diagnostic.place.as_ref().map(|place| format!("line {}: ", place.line)).unwrap_or_default();
        let severity = match diagnostic.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        };
        format!("{place}{severity}[{}] {}", diagnostic.code, diagnostic.message)
    };
    diagnostics.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// The role of each line that is not blank.
pub(crate) fn roles(transcript: &Transcript) -> String {
    let lines = transcript.lines.iter().enumerate().filter(|(_, line)| line.role != LineRole::Blank);
    lines.map(|(idx, line)| format!("{} {}", idx + 1, line.role.name())).collect::<Vec<_>>().join("\n")
}
