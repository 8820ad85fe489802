//! What is fuzzed: each parser, with what must hold of whatever it makes of any bytes.

use std::collections::BTreeSet;

use podleaf::model::episode::EpisodeMeta;
use podleaf::model::transcript::{Item, Transcript};
use podleaf::parse::chapters::parse_chapters;
use podleaf::parse::decode::decode;
use podleaf::parse::episode::{EpisodeSources, Inherited, episode_record};
use podleaf::parse::front_matter::parse_front_matter;
use podleaf::parse::read::{read_timed, read_transcript, recorded_transcript};
use podleaf::parse::words::Words;
use podleaf::path::SitePath;
use podleaf::source::{SourceFile, Span};

/// A parser: its name, the endings of samples that are its own, and the check.
pub(crate) struct Target {
    pub(crate) name: &'static str,
    pub(crate) samples: &'static [&'static str],
    pub(crate) check: fn(&[u8]),
}

/// Parts the two files of an input for `align`.
pub(crate) const BESIDE: &str = "\n=====\n";

/// All targets.
pub(crate) const TARGETS: [Target; 9] = [
    Target { name: "front-matter", samples: &["md"], check: front_matter },
    Target { name: "markdown", samples: &["md", "txt"], check: |bytes| written("a.md", bytes) },
    Target { name: "text", samples: &["txt", "md"], check: |bytes| written("a.txt", bytes) },
    Target { name: "vtt", samples: &["vtt", "srt"], check: |bytes| timed("a.vtt", bytes) },
    Target { name: "srt", samples: &["srt", "vtt"], check: |bytes| timed("a.srt", bytes) },
    Target { name: "json", samples: &["json"], check: |bytes| timed("a.json", bytes) },
    Target { name: "html", samples: &["html"], check: |bytes| timed("a.html", bytes) },
    Target { name: "chapters", samples: &["chapters.json", "chapters.txt", "chapters.xml"], check: chapters },
    Target { name: "align", samples: &[], check: align },
];

fn file(name: &str, bytes: &[u8]) -> Option<SourceFile> {
    decode(&SitePath::new(name)?, bytes.to_vec()).0
}

fn with_inherited(check: impl FnOnce(&Inherited<'_>)) {
    thread_local! {
        static WORDS: Words = Words::new(&[]);
    }
    WORDS.with(|words| {
        let names = BTreeSet::new();
        check(&Inherited { words, names: &names, language: None, timezone: "UTC", mend_punctuation: None });
    });
}

/// Any text is front matter: what has no fences gets some.
fn front_matter(bytes: &[u8]) {
    let fenced = |fence: &[u8]| [fence, b"\n", bytes, b"\n", fence, b"\nwords"].concat();
    for bytes in [bytes.to_vec(), fenced(b"+++"), fenced(b"---")] {
        let Some(file) = file("a.md", &bytes) else { continue };
        let (_, body, _) = parse_front_matter(&file, "UTC");
        assert!(file.text.is_char_boundary(body), "the text begins with a character");
    }
}

fn written(name: &str, bytes: &[u8]) {
    let Some(file) = file(name, bytes) else { return };
    with_inherited(|inherited| {
        let read = read_transcript(file.clone(), &[], true, inherited);
        check_lines(&read.file.text, &read.transcript);
        record(EpisodeSources::of(file), inherited);
    });
}

fn timed(name: &str, bytes: &[u8]) {
    let Some(file) = file(name, bytes) else { return };
    with_inherited(|inherited| {
        if let (Ok(read), _) = read_timed(file.clone(), &EpisodeMeta::default(), inherited) {
            check_lines(&read.source().text, &read.transcript);
        }
        record(EpisodeSources::of(file), inherited);
    });
}

fn chapters(bytes: &[u8]) {
    const TALK: &[u8] = b"WEBVTT\n\n00:01.000 --> 00:02.000\n<v Ann>One.\n\n01:00.000 --> 01:02.000\n<v Bo>Two.\n";
    for name in ["a.chapters.json", "a.chapters.xml", "a.chapters.txt"] {
        let (Some(file), Some(talk)) = (file(name, bytes), self::file("a.vtt", TALK)) else { continue };
        let (found, _) = parse_chapters(&file);
        assert!(found.chapters.is_sorted_by_key(|chapter| chapter.start), "chapters rise");
        assert!(found.chapters.iter().all(|chapter| !chapter.title.trim().is_empty()), "a chapter has a title");
        assert_eq!(found.lines.len(), file.text.lines().count(), "every line has a role");
        let sources = EpisodeSources { chapters: vec![file], ..EpisodeSources::of(talk) };
        with_inherited(|inherited| record(sources, inherited));
    }
}

/// A written text, [`BESIDE`], and a timed file; its first byte says of which kind.
fn align(bytes: &[u8]) {
    let at = memchr::memmem::find(bytes, BESIDE.as_bytes()).unwrap_or(bytes.len());
    let (text, captions) = (&bytes[..at], bytes.get(at + BESIDE.len()..).unwrap_or_default());
    let name = match captions.trim_ascii_start().first() {
        Some(b'{' | b'[') => "a.json",
        Some(b'<') => "a.html",
        _ => "a.vtt",
    };
    let (Some(main), Some(captions)) = (file("a.md", text), file(name, captions)) else { return };
    let sources = EpisodeSources { timed: vec![captions], ..EpisodeSources::of(main) };
    with_inherited(|inherited| record(sources, inherited));
}

/// Makes the record of an episode, and from it the transcript that a page has: nothing of it is out of order.
fn record(sources: EpisodeSources, inherited: &Inherited<'_>) {
    let mut files = vec![sources.main.clone()];
    files.extend(sources.timed.iter().cloned());
    let (Some(episode), _) = episode_record(sources, inherited) else { return };
    let main = files.into_iter().find(|file| Some(&file.path) == episode.transcript.as_ref());
    let read = main.and_then(|main| recorded_transcript(main, &episode)).expect("a record has its transcript");
    let spans = spans(&read.transcript);
    assert!(spans.is_sorted_by(|one, next| one.end <= next.start), "no word is doubled or moved: {spans:?}");
    let is_whole = |span: &Span| read.file.text.get(span.start as usize..span.end as usize).is_some();
    assert!(spans.iter().all(is_whole), "spans are of the text");
    assert!(read.transcript.turns().filter_map(|turn| turn.start).is_sorted(), "times do not go back");
    assert_eq!(read.transcript.turns().count(), episode.turn_ids.len());
    assert_eq!(read.transcript.sections.len(), episode.sections.len());
}

fn check_lines(text: &str, transcript: &Transcript) {
    assert_eq!(transcript.lines.len(), text.lines().count(), "every line has a role");
    assert!(transcript.lines.is_sorted_by_key(|line| line.start), "lines are in order");
}

/// Every stretch that is said, in order.
fn spans(transcript: &Transcript) -> Vec<Span> {
    let of = |item: &Item| match item {
        Item::Turn(turn) => turn.paragraphs.iter().map(|paragraph| paragraph.span).collect(),
        Item::Cue(cue) => [Some(cue.label), cue.text].into_iter().flatten().collect(),
        Item::Text(paragraph) => vec![paragraph.span],
    };
    transcript.sections.iter().flat_map(|section| &section.items).flat_map(of).collect()
}
