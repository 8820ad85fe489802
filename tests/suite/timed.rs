//! Timed notations: what is read of a small file in each and of each quirk, and that no word is lost, doubled or moved.
//!
//! `tests/notations/timed/NAME.EXT` is a sample, `NAME.EXT.words` beside it what is said in it, written by hand,
//! `NAME.EXT.snap` its structure: who says what when, what was said of it, and the role of each line. A sample without
//! words is no transcript. After a change: `INSTA_UPDATE=always cargo test --test suite timed`, then read the difference.

use std::collections::BTreeSet;
use std::fs;

use podleaf::diagnostic::Diagnostics;
use podleaf::hash::ContentHash;
use podleaf::model::episode::EpisodeMeta;
use podleaf::model::transcript::{Item, Transcript};
use podleaf::parse::decode::decode;
use podleaf::parse::episode::Inherited;
use podleaf::parse::read::{ReadTranscript, read_timed};
use podleaf::parse::timed::group::grouped;
use podleaf::parse::timed::{TimedText, parse_timed};
use podleaf::parse::transcript::is_wide;
use podleaf::parse::words::Words;
use podleaf::path::SitePath;
use podleaf::source::{SourceFile, Span};
use proptest::prelude::*;

use crate::built::Built;
use crate::golden;

fn file(name: &str, bytes: impl Into<Vec<u8>>) -> Option<SourceFile> {
    decode(&SitePath::new(name).unwrap(), bytes.into()).0
}

fn read(file: SourceFile) -> (Option<ReadTranscript>, Diagnostics) {
    let (words, names) = (Words::new(&[]), BTreeSet::new());
    let inherited = Inherited { words: &words, names: &names, language: None, timezone: "UTC", mend_punctuation: None };
    let (read, diagnostics) = read_timed(file, &EpisodeMeta::default(), &inherited);
    (read.ok(), diagnostics)
}

/// Every stretch that is said, in order.
fn spans(transcript: &Transcript) -> Vec<Span> {
    let of = |item: &Item| match item {
        Item::Turn(turn) => turn.paragraphs.iter().map(|paragraph| paragraph.span).collect(),
        Item::Cue(cue) => vec![cue.label],
        Item::Text(paragraph) => vec![paragraph.span],
    };
    transcript.sections.iter().flat_map(|section| &section.items).flat_map(of).collect()
}

/// Words between white space; a wide character is a word.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    for word in text.split_whitespace() {
        let mut narrow = String::new();
        for c in word.chars() {
            if is_wide(c) {
                words.extend((!narrow.is_empty()).then(|| std::mem::take(&mut narrow)));
                words.push(c.to_string());
            } else {
                narrow.push(c);
            }
        }
        words.extend((!narrow.is_empty()).then_some(narrow));
    }
    words
}

fn spoken(read: &ReadTranscript) -> Vec<String> {
    spans(&read.transcript).iter().flat_map(|span| words(span.of(&read.file.text))).collect()
}

/// The words with times of their own.
fn timed_words(file: &SourceFile) -> String {
    let timed = parse_timed(file).0.unwrap();
    let word = |word: &podleaf::parse::timed::TimedWord| {
        format!("{}{}", golden::at(Some(word.start)), word.text.of(&timed.text))
    };
    timed.words.iter().map(word).collect::<Vec<_>>().join("\n")
}

#[test]
fn each_notation_is_read_and_keeps_every_word() {
    golden::settings("notations/timed").bind(|| {
        for path in golden::samples("notations/timed") {
            let name = path.file_name().unwrap().to_str().unwrap();
            let file = file(name, fs::read(&path).unwrap()).unwrap();
            let expected = fs::read_to_string(path.with_file_name(format!("{name}.words"))).ok();
            let n_lines = file.text.lines().count();
            let (read, diagnostics) = read(file);
            assert_eq!(read.is_some(), expected.is_some(), "{name} is a transcript");
            let mut parts = Vec::new();
            if let (Some(read), Some(expected)) = (&read, expected) {
                assert_eq!(spoken(read), words(&expected), "{name}");
                assert_eq!(read.transcript.lines.len(), n_lines, "{name}: every line has a role");
                let mut structure = golden::structure(&read.file.text, &read.transcript);
                structure.extend(read.language.iter().map(|language| format!("\nin {language}")));
                parts.extend([structure, timed_words(read.source()), golden::roles(&read.transcript)]);
            }
            parts.insert(parts.len().min(2), golden::said(&diagnostics));
            insta::assert_snapshot!(name, parts.join("\n---\n"));
        }
    });
}

/// What must hold of any file: stretches follow each other, and times do not go back.
fn check(file: &SourceFile) {
    let (Some(timed), _) = parse_timed(file) else { return };
    let TimedText { text, cues, words, lines, .. } = &timed;
    let mut end = 0;
    for cue in cues {
        assert!(cue.text.start >= end && cue.text.start < cue.text.end, "{cue:?}");
        assert!(!cue.text.of(text).trim().is_empty());
        assert!(cue.at.end as usize <= file.text.len());
        assert!(cue.end.is_none() || cue.start.is_none() || cue.start <= cue.end);
        end = cue.text.end;
    }
    assert_eq!(end as usize, text.len());
    assert!(cues.iter().filter_map(|cue| cue.start).is_sorted());
    assert!(words.is_sorted_by_key(|word| word.text.start));
    assert!(words.iter().all(|word| !word.text.of(text).trim().is_empty()));
    assert!(lines.is_sorted_by_key(|line| line.start));
    assert_eq!(lines.len(), file.text.lines().count());
    let transcript = grouped(&timed, &Words::new(&[]), |_| None);
    let said: String = spans(&transcript).iter().map(|span| span.of(text)).collect();
    let without_space = |text: &str| text.split_whitespace().collect::<String>();
    assert_eq!(without_space(&said), without_space(text));
}

const NAMES: [&str; 6] = ["a.vtt", "a.srt", "a.json", "a.html", "a.htm", "a.txt"];

/// Pieces that mean something in one notation or another.
const PIECES: [&str; 64] = [
    "WEBVTT",
    "\n",
    "\n\n",
    "\r\n",
    "00:01.000",
    "00:00:02,500",
    "-1:00",
    " --> ",
    "-->",
    "1",
    "12\n",
    "NOTE x",
    "STYLE",
    "<v Ann>",
    "<v",
    "</v>",
    "<c>",
    "<00:00:03.000>",
    ">",
    ">>",
    "&gt;&gt;",
    "- ",
    "Ann: ",
    "Bo Ek: ",
    "主持人：",
    "{\\an8}",
    "{",
    "}",
    "[",
    "]",
    "[Music]",
    "♪",
    "(",
    ")",
    "&amp;",
    "&#",
    ";",
    "海",
    "。",
    "word",
    " ",
    "\t",
    "\u{2028}",
    "\u{0}",
    "\"",
    "\\",
    "\\u0000",
    "\"segments\":",
    "\"start\":",
    "\"end\":",
    "\"text\":",
    "\"speaker\":",
    "\"words\":",
    "\"transcription\":",
    "\"results\":",
    ",",
    ":",
    "1e400",
    "-5",
    "null",
    "<p>",
    "<cite>",
    "<time>",
    "</time>",
];

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn any_bytes_are_read(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        NAMES.iter().filter_map(|name| file(name, bytes.clone())).for_each(|file| check(&file));
    }

    #[test]
    fn any_pieces_are_read(pieces in proptest::collection::vec(proptest::sample::select(&PIECES[..]), 0..120)) {
        let text = pieces.concat();
        for head in ["", "WEBVTT\n\n", "{\"segments\":[", "1\n00:01.000 --> 00:02.000\n", "<cite>A</cite><p>"] {
            NAMES.iter().filter_map(|name| file(name, format!("{head}{text}"))).for_each(|file| check(&file));
        }
    }

    #[test]
    fn a_talk_is_the_same_in_each_notation(talk in talks()) {
        let expected: Vec<String> = talk.iter().flat_map(|(_, text)| words(text)).collect();
        for (name, text) in notations(&talk) {
            let (read, diagnostics) = read(file(name, text.as_str()).unwrap());
            let read = read.unwrap_or_else(|| panic!("{name}: {diagnostics:?}\n{text}"));
            prop_assert_eq!(&spoken(&read), &expected, "{}\n{}", name, text);
        }
    }
}

const SPEAKERS: [&str; 3] = ["Mara Quill", "Ivo Penn", "何夏"];

/// Who says what: each of the speakers twice, then anything.
fn talks() -> impl Strategy<Value = Vec<(usize, String)>> {
    const SAID: [&str; 14] =
        ["tide", "don't", "5", "3.5", "A&B", "<3", "no,", "No.", "Why?", "海", "盐。", "所以，", "one-two", "it's:"];
    let text = proptest::collection::vec(proptest::sample::select(&SAID[..]), 1..9).prop_map(|words| words.join(" "));
    proptest::collection::vec((0..SPEAKERS.len(), text), 1..12).prop_map(|rest| {
        let first = (0..6).map(|n| (n % 3, format!("word{n} and")));
        first.chain(rest).collect()
    })
}

fn clock(seconds: usize, mark: char) -> String {
    format!("{:02}:{:02}:{:02}{mark}000", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// One talk in all notations, a second for each cue.
fn notations(talk: &[(usize, String)]) -> Vec<(&'static str, String)> {
    let cues: Vec<(usize, &str, &str)> =
        talk.iter().enumerate().map(|(n, (who, text))| (n, SPEAKERS[*who], text.as_str())).collect();
    let each = |line: &dyn Fn(&(usize, &str, &str)) -> String| cues.iter().map(line).collect::<String>();
    let list = |item: &dyn Fn(usize, &str, &str) -> serde_json::Value| {
        serde_json::Value::Array(cues.iter().map(|(n, who, text)| item(*n, who, text)).collect())
    };
    let vtt =
        each(&|(n, who, text)| format!("{} --> {}\n<v {who}>{}\n\n", clock(*n, '.'), clock(n + 1, '.'), escaped(text)));
    let srt = each(&|(n, who, text)| {
        format!("{}\r\n{} --> {}\r\n{who}: {text}\r\n\r\n", n + 1, clock(*n, ','), clock(n + 1, ','))
    });
    let html = each(&|(n, who, text)| {
        format!("<cite>{who}:</cite>\n<time>{}</time>\n<p>{}</p>\n", clock(*n, '.'), escaped(text))
    });
    let rolling = each(&|(n, _, text)| {
        let old = n.checked_sub(1).map_or(" ", |before| cues[before].2);
        let new: Vec<String> = text.split(' ').map(escaped).collect();
        let new = new.join(&format!("<{}> ", clock(*n, '.')));
        let (from, to) = (clock(*n, '.'), clock(n + 1, '.'));
        format!("{from} --> {to}\n{}\n{new}\n\n{to} --> {to}\n{}\n \n\n", escaped(old), escaped(text))
    });
    let podcast =
        list(&|n, who, text| serde_json::json!({"speaker": who, "startTime": n, "endTime": n + 1, "body": text}));
    let whisper =
        list(&|n, _, text| serde_json::json!({"id": n, "start": n, "end": n + 1, "text": format!(" {text}")}));
    let whisperx = list(&|n, who, text| {
        let words = text.split(' ').map(|word| serde_json::json!({"word": word, "start": n}));
        serde_json::json!({"start": n, "end": n + 1, "text": text, "speaker": who, "words": words.collect::<Vec<_>>()})
    });
    let cpp = list(
        &|n, _, text| serde_json::json!({"offsets": {"from": n * 1000, "to": n * 1000 + 1000}, "text": format!(" {text}")}),
    );
    let deepgram =
        list(&|n, who, text| serde_json::json!({"start": n, "end": n + 1, "transcript": text, "speaker": who}));
    let assembly = list(
        &|n, who, text| serde_json::json!({"start": n * 1000, "end": n * 1000 + 1000, "text": text, "speaker": who}),
    );
    vec![
        ("a.vtt", format!("WEBVTT\n\n{vtt}")),
        ("a.srt", srt),
        ("a.html", html),
        ("rolling.vtt", format!("WEBVTT\nKind: captions\n\n{rolling}")),
        ("podcast.json", serde_json::json!({"version": "1.0.0", "segments": podcast}).to_string()),
        ("whisper.json", serde_json::json!({"text": "", "segments": whisper, "language": "en"}).to_string()),
        ("whisperx.json", serde_json::json!({"segments": whisperx}).to_string()),
        ("cpp.json", serde_json::json!({"transcription": cpp}).to_string()),
        ("deepgram.json", serde_json::json!({"results": {"utterances": deepgram}}).to_string()),
        ("assembly.json", serde_json::json!({"utterances": assembly}).to_string()),
    ]
}

const TALK: &str =
    "WEBVTT\n\n00:01.000 --> 00:02.000\n<v SPEAKER_00>Good morning.\n\n00:02.000 --> 00:03.000\n<v SPEAKER_01>Is it?\n";

fn page(site: &Built, route: &str) -> String {
    fs::read_to_string(site.root().join("public").join(route).join("index.html")).unwrap_or_default()
}

#[test]
fn a_folder_with_captions_is_a_site() {
    let site = Built::of(&[("show/001-the-tide.vtt", TALK)]);
    site.publish();
    let page = page(&site, "show/001-the-tide");
    assert!(page.contains("<p>Good morning.</p>") && page.contains(">SPEAKER_01</"), "{page}");
    assert!(page.contains("<h1><span>The tide</span></h1>"), "{page}");
}

#[test]
fn words_of_nobody_have_their_time_on_the_page() {
    let text = "1\n00:01:05,000 --> 00:01:07,000\nThe ferry left.\n\n2\n00:01:12,000 --> 00:01:14,000\nThe fog came.\n";
    let site = Built::of(&[("show/1.srt", text)]);
    site.publish();
    let page = page(&site, "show/1");
    for (seconds, iso, clock, words) in
        [(65, "PT1M5S", "1:05", "The ferry left."), (72, "PT1M12S", "1:12", "The fog came.")]
    {
        let link = format!("<a class=\"time\" href=\"#t={seconds}\"><time datetime=\"{iso}\">{clock}</time></a>");
        assert!(page.contains(&format!("{link}\n<p class=\"unattributed\">{words}</p>")), "{page}");
    }
}

#[test]
fn notes_name_the_speakers_of_captions() {
    let notes = "+++\ntitle = \"Mornings\"\nspeakers = { SPEAKER_00 = \"Mara Quill\", speaker_01 = \"Ivo Penn\" }\n+++\n\n## Key points\n\n- It was morning.\n";
    let site = Built::of(&[("show/1.vtt", TALK), ("show/1.md", notes)]);
    site.publish();
    let page = page(&site, "show/1");
    assert!(page.contains(">Mara Quill</") && page.contains(">Ivo Penn</") && !page.contains("SPEAKER"), "{page}");
    assert!(
        page.contains("It was morning.")
            && page.contains("<p>Is it?</p>")
            && page.contains("<span>Mornings</span></h1>")
    );
}

#[test]
fn people_name_the_speakers_of_captions() {
    let people = "[mara]\nname = \"Mara Quill\"\naliases = [\"SPEAKER_00\"]\n";
    let site = Built::of(&[("show/1.vtt", TALK), ("people.toml", people)]);
    site.publish();
    assert!(page(&site, "show/1").contains(">Mara Quill</"));
}

#[test]
fn a_timed_file_beside_a_written_text_is_no_second_episode() {
    let text = "**Ann Li:** Good morning, all.\n\n**Bo Ek:** Is it?\n\n**Ann Li:** Yes.\n";
    let site = Built::of(&[
        ("show/1.md", text),
        ("show/1.vtt", TALK),
        ("show/1.en.srt", "1\n00:00:01,000 --> 00:00:02,000\nHi.\n"),
    ]);
    let said = site.publish().said;
    assert!(said.contains("1 episode"), "{said}");
    let page = page(&site, "show/1");
    assert!(page.contains("Good morning, all.") && !page.contains("SPEAKER"), "{page}");
}

#[test]
fn a23_data_among_the_texts_is_passed_over() {
    let site = Built::good();
    site.put("content/a/good.json", "{\"version\": \"1.2.0\", \"chapters\": []}");
    site.put("content/a/package.json", "{\"name\": \"x\"}");
    site.put("content/a/garden.html", "<p>A garden.</p>");
    let said = site.publish().said;
    assert!(said.contains("1 episode"), "{said}");
    assert!(said.contains("no transcript"), "{said}");
}

#[test]
fn a23_json_of_an_unknown_shape_is_an_error_that_names_the_known_ones() {
    let site = Built::of(&[("show/1.json", "{\"monologues\": []}")]);
    let run = site.build();
    assert_eq!(run.code, Some(1), "{}", run.said);
    for shape in ["unknown-json", "Podcasting 2.0", "whisper.cpp", "WhisperX", "Deepgram", "AssemblyAI"] {
        assert!(run.said.contains(shape), "{}", run.said);
    }
}

#[test]
fn a23_bad_cues_keep_neither_the_rest_nor_the_site_back() {
    let bad = "WEBVTT\n\n99:99:99.000 --> 00:02.000\n<v Ann Li>Kept.\n\n00:05.000 --> 00:06.000\n<v Bo Ek>Also kept.\n";
    let site = Built::of(&[("show/1.vtt", bad), ("show/2.srt", "")]);
    let said = site.publish().said;
    assert!(said.contains("show/1.vtt:3") || said.contains("show/1.vtt:4"), "{said}");
    assert!(said.contains("show/2.srt"), "{said}");
    let page = page(&site, "show/1");
    assert!(page.contains("<p>Kept.</p>") && page.contains("<p>Also kept.</p>"), "{page}");
}

#[test]
fn a23_cues_after_the_end_have_no_time() {
    let late = "WEBVTT\n\n00:01.000 --> 00:02.000\n<v Ann Li>In time.\n\n09:00.000 --> 09:01.000\n<v Bo Ek>Late.\n";
    let site = Built::of(&[("show/1.vtt", late), ("show/1.md", "+++\nduration = \"1:00\"\n+++\n")]);
    let said = site.publish().said;
    assert!(said.contains("after the recording ends") && said.contains("show/1.vtt:7"), "{said}");
    assert!(page(&site, "show/1").contains("<p>Late.</p>"));
}

#[test]
fn words_of_captions_are_no_markup() {
    let bad = "WEBVTT\n\n00:01.000 --> 00:02.000\n<v <b>Eve>&lt;script>alert(1)&lt;/script> *x* [a](javascript:b)\n";
    let html = "<cite>&lt;img src=x onerror=alert(1)></cite><p>&lt;svg onload=alert(1)></p>";
    let site = Built::of(&[("show/1.vtt", bad), ("show/2.html", html)]);
    site.publish();
    for route in ["show/1", "show/2"] {
        let page = page(&site, route);
        let inside = page.split("<article").nth(1).unwrap_or(&page);
        assert!(
            !inside.contains("alert(1)>") && !page.contains("<svg onload") && !page.contains("<img src=x"),
            "{page}"
        );
        assert!(!page.contains("<script>alert") && !page.contains("href=\"javascript:"), "{page}");
    }
}

/// A million cues, some 60 MB: seconds in a debug build, and a bounded amount of memory.
#[test]
fn a23_a_million_cues_are_read() {
    let mut text = String::from("WEBVTT\n\n");
    for n in 0..1_000_000_usize {
        let (from, to) = (clock(n / 10, '.'), clock(n / 10 + 1, '.'));
        text.push_str(&format!("{from} --> {to}\n<v Ann>Word {n}\n\n"));
    }
    let path = SitePath::new("a.vtt").unwrap();
    let (timed, _) = parse_timed(&SourceFile { path, hash: ContentHash::of(b""), text });
    assert_eq!(timed.unwrap().cues.len(), 1_000_000);
}

/// Two megabytes of one thing over and over: minutes, where the work grows with the square of the file.
#[test]
fn the_work_grows_with_the_file() {
    const REPEATED: [&str; 8] = ["{", "{\\", "&", "<v A> ", "<00:01.000> ", "<br>", "a. >> ", "A: b\n"];
    for part in REPEATED {
        let text = format!("WEBVTT\n\n00:01.000 --> 00:02.000\n{}\n", part.repeat(2_000_000 / part.len()));
        check(&file("a.vtt", text).unwrap());
    }
}
