//! Files beside a transcript: what timed files and chapters give it, and that no word is lost, doubled or moved by it.
//!
//! `tests/notations/beside` holds episodes of several files, `NAME.snap` the structure of each as its record has it,
//! what was said of it, and the role of each line of what lies beside its transcript. After a change:
//! `INSTA_UPDATE=always cargo test --test suite beside`, then read the difference.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use podleaf::diagnostic::Diagnostics;
use podleaf::graph::files::{EpisodeFiles, content_files};
use podleaf::memo::Memo;
use podleaf::model::chapter::Chapter;
use podleaf::model::episode::EpisodeMeta;
use podleaf::model::transcript::{Item, LineRole, Transcript};
use podleaf::parse::chapters::is_chapters;
use podleaf::parse::chapters::sections::is_list;
use podleaf::parse::decode::decode;
use podleaf::parse::episode::{EpisodeSources, Inherited, episode_record};
use podleaf::parse::read::{ReadTranscript, read_notes, read_timed, read_transcript, recorded_transcript};
use podleaf::parse::words::Words;
use podleaf::path::{Route, SitePath};
use podleaf::site::{Edited, Request, Site};
use podleaf::source::{SourceFile, Span};
use proptest::prelude::*;

use crate::built::Built;
use crate::golden;
use crate::world::{Files, Remembered};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/notations/beside")
}

/// A sample; the show that it is of is not on the disk.
fn file(path: &SitePath) -> SourceFile {
    let name = path.as_str().strip_prefix("show/").unwrap();
    decode(path, fs::read(folder().join(name)).unwrap()).0.unwrap()
}

fn episodes() -> Vec<EpisodeFiles> {
    let mut paths: Vec<SitePath> = Vec::new();
    for entry in walkdir::WalkDir::new(folder()).sort_by_file_name() {
        let entry = entry.unwrap();
        let name = entry.path().strip_prefix(folder()).unwrap().to_str().unwrap();
        if entry.file_type().is_file() && !name.ends_with(".snap") {
            paths.push(SitePath::new(format!("show/{name}")).unwrap());
        }
    }
    let (found, diagnostics) = content_files("", paths.iter());
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    found.episodes
}

/// What is said, in order, but for a list of chapters.
fn spoken(text: &str, transcript: &Transcript, chapters: &[Chapter]) -> Vec<Span> {
    let of = |item: &Item| match item {
        Item::Turn(turn) => turn.paragraphs.iter().map(|paragraph| paragraph.span).collect(),
        Item::Cue(cue) => vec![cue.label],
        Item::Text(paragraph) => vec![paragraph.span],
    };
    let all = transcript.sections.iter().flat_map(|section| &section.items).flat_map(of);
    all.filter(|span| !is_list(*span, text, chapters)).collect()
}

fn read(file: SourceFile, inherited: &Inherited<'_>, is_main: bool) -> ReadTranscript {
    if !is_main && is_chapters(&file) {
        return read_notes(file, inherited);
    }
    match read_timed(file, &EpisodeMeta::default(), inherited).0 {
        Ok(read) => read,
        Err(file) => read_transcript(file, &[], is_main, inherited),
    }
}

#[test]
fn each_file_gives_what_it_has_and_keeps_every_word() {
    let (words, names) = (Words::new(&[]), BTreeSet::new());
    let inherited = Inherited { words: &words, names: &names, language: None, timezone: "UTC", mend_punctuation: None };
    golden::settings("notations/beside").bind(|| {
        for files in episodes() {
            let all = |paths: &[SitePath]| paths.iter().map(file).collect::<Vec<_>>();
            let sources = EpisodeSources {
                main: file(&files.main),
                notes: all(&files.notes),
                timed: all(&files.timed),
                chapters: all(&files.chapters),
                media: Vec::new(),
            };
            let (episode, diagnostics) = episode_record(sources, &inherited);
            let episode = episode.unwrap();
            let main = file(episode.transcript.as_ref().unwrap());
            let recorded = recorded_transcript(main.clone(), &episode).unwrap();
            let alone = read(main, &inherited, true);
            let spoken = |transcript: &Transcript| spoken(&alone.file.text, transcript, &alone.transcript.chapters);
            assert_eq!(spoken(&recorded.transcript), spoken(&alone.transcript), "{}", files.stem);
            let times = recorded.transcript.turns().filter_map(|turn| turn.start);
            assert!(times.is_sorted(), "{}", files.stem);
            let mut parts =
                vec![golden::structure(&recorded.file.text, &recorded.transcript), golden::said(&diagnostics)];
            for path in files.notes.iter().chain(&files.chapters).chain([&files.main]) {
                let read = read(file(path), &inherited, *path == files.main);
                let lines = &read.transcript.lines;
                assert_eq!(lines.len(), read.source().text.lines().count(), "{path}: every line has a role");
                let has_chapters = lines.iter().any(|line| line.role == LineRole::Chapter);
                parts.extend((has_chapters || *path != files.main).then(|| golden::roles(&read.transcript)));
            }
            insta::assert_snapshot!(files.stem, parts.join("\n---\n"));
        }
    });
}

const TEXT: &str = "**Ann Li:** The ferry leaves at nine.\n\n**Bo Ek:** It never does, not once.\n\n**Ann Li:** It did in the spring.\n";

/// Captions of the text, so many seconds later.
fn captions(later: u32) -> String {
    let cue = |(n, words): (u32, &str)| {
        format!("00:{:02}.000 --> 00:{:02}.000\n{words}\n\n", later + n * 5, later + n * 5 + 4)
    };
    let said = ["The ferry leaves at nine.", "It never does, not once.", "It did in the spring."];
    format!("WEBVTT\n\n{}", (0..).zip(said).map(cue).collect::<String>())
}

fn page(site: &Built) -> String {
    fs::read_to_string(site.root().join("public/show/1/index.html")).unwrap()
}

#[test]
fn a_page_has_the_times_of_the_captions_beside_its_text() {
    let site = Built::of(&[("show/1.md", TEXT), ("show/1.vtt", &captions(10))]);
    site.publish();
    let page = page(&site);
    for iso in ["PT10S", "PT15S", "PT20S"] {
        assert!(page.contains(&format!("<time datetime=\"{iso}\">")), "{iso}: {page}");
    }
    assert!(page.contains("The ferry leaves at nine."), "{page}");
}

#[test]
fn an_edit_of_the_captions_makes_the_page_again() {
    let site = Built::of(&[("show/1.md", TEXT), ("show/1.vtt", &captions(10))]);
    site.publish();
    site.put("show/1.vtt", captions(30));
    site.publish();
    let again = page(&site);
    assert!(again.contains("PT30S") && again.contains("PT40S") && !again.contains("PT10S"), "{again}");
    fs::remove_file(site.root().join("show/1.vtt")).unwrap();
    site.publish();
    assert!(!page(&site).contains("<time datetime=\"PT"), "times go with their file");
    let clean = Built::of(&[("show/1.md", TEXT)]);
    clean.publish();
    assert_eq!(page(&site), page(&clean));
}

#[test]
fn chapters_are_the_sections_of_the_page() {
    let chapters = "00:00 Nine & <b>late</b>\n00:15 Never\n";
    let site = Built::of(&[("show/1.md", TEXT), ("show/1.vtt", &captions(10)), ("show/1.chapters.txt", chapters)]);
    site.publish();
    let first = page(&site);
    assert!(
        first.contains("Nine &amp; &lt;b&gt;late&lt;/b&gt;")
            && first.matches("<section class=\"sect\" id=\"s-").count() == 2,
        "{first}"
    );
    site.put("show/1.chapters.txt", "00:00 Nine\n00:15 Never\n00:20 Spring\n");
    site.publish();
    assert_eq!(page(&site).matches("<section class=\"sect\" id=\"s-").count(), 3);
}

#[test]
fn chapters_without_a_place_are_notes() {
    let site = Built::of(&[("show/1.md", TEXT), ("show/1.chapters.txt", "0:00 *Nine*\n0:15 Never\n")]);
    let said = site.publish().said;
    assert!(said.contains("chapters-unused"), "{said}");
    let first = page(&site);
    assert!(first.contains("<p>0:00 *Nine*</p>") && first.contains("<p>0:15 Never</p>"), "{first}");
    site.put("show/1.chapters.txt", "0:00 Ten\n");
    site.publish();
    let again = page(&site);
    assert!(again.contains("<p>0:00 Ten</p>") && !again.contains("Never"), "{again}");
}

#[test]
fn every_line_of_a_file_of_chapters_is_explained() {
    let mut files = Files::default();
    files.put("show/1.md", TEXT);
    files.put("show/1.vtt", captions(10));
    files.put("show/1.chapters.txt", "00:00 Nine\nlater\n00:15 Never\n");
    let (site, diagnostics) = Site::open(&files, &Request::default(), Memo::default());
    let site = site.unwrap();
    let path = SitePath::new("show/1.chapters.txt").unwrap();
    let said = site.explain(&files, &path).unwrap();
    assert!(said.contains("    1  chapter  ") && said.contains("    2  chapter, dropped"), "{said}");
    let warning = diagnostics.iter().find(|one| one.code == "bad-chapter").unwrap();
    assert_eq!(warning.place.as_ref().unwrap().line, 2);
    let captions = site.explain(&files, &SitePath::new("show/1.vtt").unwrap()).unwrap();
    assert!(captions.contains("    1  caption header"), "{captions}");
}

/// A file of the episode as it may be at any time; `None` where it is not there.
fn variant(file: usize, variant: usize) -> (&'static str, Option<String>) {
    let notes = |text: &str| Some(format!("## Background\n\n{text}"));
    let (name, bodies) = match file {
        0 => {
            let (timed, titled) = (TEXT.replace(":** ", ":** [0:10] "), format!("# T\n\n{TEXT}"));
            ("show/1.md", [Some(TEXT.to_owned()), Some(timed), Some(titled)])
        }
        1 => ("show/1.vtt", [Some(captions(10)), Some(captions(30)), None]),
        2 => {
            let (good, bad) = ("0:00 Nine\n0:15 Never\n".to_owned(), "0:00 Nine\nlater\n".to_owned());
            ("show/1.chapters.txt", [Some(good), Some(bad), None])
        }
        _ => {
            let list = notes("00:00 Nine\n00:30 Never\n00:35 Spring\n");
            ("show/1.summary.md", [list, notes("Words.\n"), None])
        }
    };
    (name, bodies[variant].clone())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(20) })]

    /// Whatever is edited beside a text: a build that remembers, and a preview, show what a clean build shows.
    #[test]
    fn edits_beside_a_text_show_what_a_clean_build_shows(
        edits in proptest::collection::vec((0..4_usize, 0..3_usize, any::<bool>()), 1..9),
    ) {
        let (mut files, mut remembered) = (Files::default(), Remembered::default());
        files.put("show/1.md", TEXT);
        let mut preview = Site::open(&files, &Request::default(), Memo::default()).0.unwrap();
        for (file, which, waits) in edits {
            let (name, body) = variant(file, which);
            match body {
                Some(body) => files.put(name, body),
                None if files.has(name) => _ = files.remove(name),
                None => continue,
            }
            if waits {
                files.wait();
            }
            let open = |memo| Site::open(&files, &Request::default(), memo);
            let (site, found) = open(remembered.memo());
            let (clean, clean_found) = open(Memo::default());
            let (site, clean) = (site.unwrap(), clean.unwrap());
            prop_assert_eq!(files.page(&site, "/show/1/"), files.page(&clean, "/show/1/"));
            prop_assert_eq!(sorted(&found), sorted(&clean_found));
            let route = Route::new("/show/1/").unwrap();
            prop_assert_eq!(site.key(&files, &route), clean.key(&files, &route));
            remembered.renew(&site);
            preview = match preview.edited(&files, &Request::default(), &[SitePath::new(name).unwrap()]) {
                Some(Edited::Same(next) | Edited::Other(next)) => next,
                None => Site::open(&files, &Request::default(), Memo::default()).0.unwrap(),
            };
            prop_assert_eq!(files.page(&preview, "/show/1/"), files.page(&clean, "/show/1/"));
        }
    }
}

fn sorted(found: &Diagnostics) -> Vec<String> {
    let mut found: Vec<String> = found.iter().map(|one| format!("{one:?}")).collect();
    found.sort();
    found
}

#[test]
fn the_key_of_a_page_has_the_files_beside_its_text() {
    let mut files = Files::default();
    files.put("show/1.md", TEXT);
    files.put("show/1.vtt", captions(10));
    let route = Route::new("/show/1/").unwrap();
    let key = |files: &Files| {
        let (site, _) = Site::open(files, &Request::default(), Memo::default());
        site.unwrap().key(files, &route).unwrap()
    };
    let before = key(&files);
    files.put("show/1.vtt", captions(11));
    assert_ne!(key(&files), before);
}
