//! Notations: what is read of a small text in each, and that every word of it is kept.
//!
//! `tests/notations/NAME.EXT` is a sample, `NAME.EXT.snap` beside it its structure: who says what when, what was said of
//! it, and the role of each line. After a change: `INSTA_UPDATE=always cargo test --test suite notations`, then read the
//! difference.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use podleaf::diagnostic::Diagnostics;
use podleaf::hash::ContentHash;
use podleaf::model::time::MediaTime;
use podleaf::model::transcript::{Item, LineRole, Paragraph, Transcript};
use podleaf::parse::decode::decode;
use podleaf::parse::episode::{EpisodeSources, Inherited, episode_record, read_transcript};
use podleaf::parse::words::Words;
use podleaf::path::SitePath;
use podleaf::source::SourceFile;
use proptest::prelude::*;

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
            let (_, diagnostics) =
                episode_record(EpisodeSources { main: file(&path), notes: Vec::new(), timed: Vec::new() }, &inherited);
            let structure = structure(&read.file.text, &read.transcript);
            let parts = [structure, said(&diagnostics), roles(&read.transcript)];
            insta::assert_snapshot!(name, parts.join("\n---\n"));
        }
    });
}

/// One turn in each notation: who, when and what.
const WRITTEN: [fn(&str, &str, &str) -> String; 9] = [
    |name, time, words| format!("[{time}] **{name}**: {words}\n\n"),
    |name, time, words| format!("**{name}:** \\[{time}\\] {words}\n\n"),
    |name, time, words| format!("[{time}] {name}: {words}\n"),
    |name, time, words| format!("{name}: {time}\n\n{words}\n\n"),
    |name, time, words| format!("{name}\n({time})\n{words}\n\n"),
    |name, time, words| format!("{name} ({time})\n{words}\n\n"),
    |name, time, words| format!("{time}  {name}\n{words}\n\n"),
    |name, time, words| format!("{name}  {time}\n{words}\n\n"),
    |name, time, words| format!("{name} ({time}):\n{words}\n"),
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// What is written in a notation is read from it: the same names, times and words.
    #[test]
    fn turns_with_times_are_read_as_they_were_written(
        turns in proptest::collection::vec((0..3_usize, 1..900_u64, "[A-Z][a-z]{2,9}( [a-z]{1,9}){0,12}[.?]"), 6..30),
        notation in 0..WRITTEN.len(),
        is_markdown: bool,
    ) {
        let mut now = 0;
        let mut expected = Vec::new();
        let mut text = String::new();
        for (n, (who, pause, words)) in turns.iter().enumerate() {
            // Each speaks twice at least.
            let name = ["Odile Marsh", "谭格", "Speaker 1"][if n < 6 { n % 3 } else { *who }];
            now += pause;
            let time = MediaTime(now * 1000);
            text.push_str(&WRITTEN[notation](name, &time.clock(), words));
            expected.push((name.to_owned(), Some(time), words.clone()));
        }
        let path = SitePath::new(if is_markdown { "a.md" } else { "a.txt" }).unwrap();
        let (words, names) = (Words::new(&[]), BTreeSet::new());
        let inherited =
            Inherited { words: &words, names: &names, language: None, timezone: "UTC", mend_punctuation: None };
        let file = SourceFile { path, text, hash: ContentHash::of(b"") };
        let read = read_transcript(file, &[], true, &inherited);
        let text = &read.file.text;
        let found = read.transcript.turns().map(|turn| {
            let said: Vec<&str> = turn.paragraphs.iter().map(|paragraph| paragraph.span.of(text)).collect();
            (read.transcript.speakers[turn.speaker as usize].label.clone(), turn.start, said.join(" "))
        });
        prop_assert_eq!(found.collect::<Vec<_>>(), expected, "{}", text);
        prop_assert!(lost(text, &read.transcript).is_empty());
    }
}
