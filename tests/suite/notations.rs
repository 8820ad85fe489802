//! Notations: what is read of a small text in each, and that every word of it is kept.
//!
//! `tests/notations/NAME.EXT` is a sample, `NAME.EXT.snap` beside it its structure: who says what when, what was said of
//! it, and the role of each line. After a change: `INSTA_UPDATE=always cargo test --test suite notations`, then read the
//! difference.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use podleaf::diagnostic::Diagnostics;
use podleaf::model::time::MediaTime;
use podleaf::model::transcript::{Item, LineRole, Paragraph, Transcript};
use podleaf::parse::decode::decode;
use podleaf::parse::episode::{Inherited, episode_record, read_transcript};
use podleaf::parse::words::Words;
use podleaf::path::SitePath;
use podleaf::source::SourceFile;

use crate::conservation::lost;

fn samples() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/notations");
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut samples: Vec<PathBuf> = paths.filter(|path| path.extension().is_some_and(|e| e != "snap")).collect();
    samples.sort();
    samples
}

fn file(path: &Path) -> SourceFile {
    let name = SitePath::new(path.file_name().unwrap().to_str().unwrap()).unwrap();
    decode(&name, fs::read(path).unwrap()).0.unwrap()
}

fn at(time: Option<MediaTime>) -> String {
    time.map(|time| format!("{}.{:03} ", time.clock(), time.0 % 1000)).unwrap_or_default()
}

/// One line for each block, turn, cue and paragraph, with its time.
fn structure(text: &str, transcript: &Transcript) -> String {
    let words = |paragraph: &Paragraph| paragraph.span.of(text).replace('\n', " / ");
    let mut out: Vec<String> = transcript.title.map(|title| format!("= {}", title.of(text))).into_iter().collect();
    let blocks =
        [("listen", &transcript.listen), ("*", &transcript.key_points), ("background", &transcript.background)];
    for (mark, paragraphs) in blocks {
        out.extend(paragraphs.iter().map(|paragraph| format!("{mark} {}", words(paragraph))));
    }
    let mark = |paragraph: &Paragraph| transcript.marks.iter().find(|mark| mark.at == paragraph.span.start);
    for section in &transcript.sections {
        out.extend(section.title.map(|title| format!("# {}{}", at(section.start), title.of(text))));
        for item in &section.items {
            match item {
                Item::Turn(turn) => {
                    out.push(format!("{}{}:", at(turn.start), transcript.speakers[turn.speaker as usize].label));
                    let said = |p: &Paragraph| format!("    {}{}", at(mark(p).map(|mark| mark.start)), words(p));
                    out.extend(turn.paragraphs.iter().map(said));
                }
                Item::Cue(cue) => {
                    let rest = cue.text.map(|span| format!(" {}", span.of(text))).unwrap_or_default();
                    out.push(format!("({}{}{rest})", at(cue.start), cue.label.of(text)));
                }
                Item::Text(paragraph) => out.push(format!("? {}", words(paragraph))),
            }
        }
    }
    out.extend(transcript.foot.iter().map(|paragraph| format!("! {}", words(paragraph))));
    out.join("\n")
}

fn said(diagnostics: &Diagnostics) -> String {
    let line = |diagnostic: &podleaf::diagnostic::Diagnostic| {
        let place = diagnostic.place.as_ref().map(|place| format!("line {}: ", place.line)).unwrap_or_default();
        format!("{}{}[{}]\n", place, diagnostic.message, diagnostic.code)
    };
    diagnostics.iter().map(line).collect()
}

fn roles(transcript: &Transcript) -> String {
    let lines = transcript.lines.iter().enumerate().filter(|(_, line)| line.role != LineRole::Blank);
    lines.map(|(idx, line)| format!("{} {}\n", idx + 1, line.role.name())).collect()
}

#[test]
fn each_notation_is_read_and_keeps_every_word() {
    let (words, names) = (Words::new(&[]), BTreeSet::new());
    let inherited = Inherited { words: &words, names: &names, language: None, timezone: "UTC", mend_punctuation: None };
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../notations");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        for path in samples() {
            let name = path.file_name().unwrap().to_str().unwrap();
            let read = read_transcript(file(&path), &[], true, &inherited);
            let lost = lost(&read.file.text, &read.transcript);
            assert!(lost.is_empty(), "{name}: {lost:#?}");
            let (_, diagnostics) = episode_record(file(&path), Vec::new(), &inherited);
            let structure = structure(&read.file.text, &read.transcript);
            let parts = [structure, said(&diagnostics), roles(&read.transcript)];
            insta::assert_snapshot!(name, parts.join("\n---\n"));
        }
    });
}
