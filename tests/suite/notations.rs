//! Notations: what is read of a small text in each, and that every word of it is kept.
//!
//! `tests/notations/NAME.EXT` is a sample, `NAME.EXT.snap` beside it its structure: who says what when, what was said of
//! it, and the role of each line. After a change: `INSTA_UPDATE=always cargo test --test suite notations`, then read the
//! difference.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use podleaf::hash::ContentHash;
use podleaf::model::time::MediaTime;
use podleaf::parse::decode::decode;
use podleaf::parse::episode::{EpisodeSources, Inherited, episode_record};
use podleaf::parse::read::read_transcript;
use podleaf::parse::words::Words;
use podleaf::path::SitePath;
use podleaf::source::SourceFile;
use proptest::prelude::*;

use crate::conservation::lost;
use crate::golden;

fn file(path: &Path) -> SourceFile {
    let name = SitePath::new(path.file_name().unwrap().to_str().unwrap()).unwrap();
    decode(&name, fs::read(path).unwrap()).0.unwrap()
}

#[test]
fn each_notation_is_read_and_keeps_every_word() {
    let (words, names) = (Words::new(&[]), BTreeSet::new());
    let inherited = Inherited { words: &words, names: &names, language: None, timezone: "UTC", mend_punctuation: None };
    golden::settings("notations").bind(|| {
        for path in golden::samples("notations") {
            let name = path.file_name().unwrap().to_str().unwrap();
            let read = read_transcript(file(&path), &[], true, &inherited);
            let lost = lost(&read.file.text, &read.transcript);
            assert!(lost.is_empty(), "{name}: {lost:#?}");
            let (_, diagnostics) = episode_record(EpisodeSources::of(file(&path)), &inherited);
            let structure = golden::structure(&read.file.text, &read.transcript);
            let parts = [structure, golden::said(&diagnostics), golden::roles(&read.transcript)];
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
