//! An episode's record from its files: everything that the rest of the site needs to know, without the text.

use std::collections::BTreeSet;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::episode::{Episode, EpisodeMeta, recording};
use crate::model::language::Language;
use crate::model::media::MediaFile;
use crate::model::transcript::DoubtKind;
use crate::parse::about::{description, key_points, title};
use crate::parse::chapters::is_chapters;
use crate::parse::digest::{Digest, has_times};
use crate::parse::front_matter::parse_front_matter;
use crate::parse::language::detect;
use crate::parse::media::report_media;
use crate::parse::read::{ReadTranscript, read_chapters, read_notes, read_timed, read_transcript};
use crate::parse::sibling::{take_chapters, take_times};
use crate::parse::telling::telling_terms;
use crate::parse::timed::{is_captions, is_timed_name};
use crate::parse::times::report_times;
use crate::parse::transcript::ids::turn_ids;
use crate::parse::words::Words;
use crate::source::SourceFile;

/// What an episode inherits from its site and show.
#[derive(Debug)]
pub struct Inherited<'i> {
    /// Heading words and so on.
    pub words: &'i Words,
    /// Names, aliases and ids of `people.toml` and of the show's hosts.
    pub names: &'i BTreeSet<String>,
    /// The show's language, if it is declared.
    pub language: Option<&'i Language>,
    /// The site's time zone, an IANA name that the config has checked.
    pub timezone: &'i str,
    /// Whether half-width punctuation is mended; `None` lets the file decide.
    pub mend_punctuation: Option<bool>,
}

/// The files of an episode.
#[derive(Debug)]
pub struct EpisodeSources {
    /// The file that the episode is named for.
    pub main: SourceFile,
    /// Notes beside it.
    pub notes: Vec<SourceFile>,
    /// Further files that may be timed transcripts, in the order in which they are tried.
    pub timed: Vec<SourceFile>,
    /// Files of chapters.
    pub chapters: Vec<SourceFile>,
    /// Audio, video and pictures.
    pub media: Vec<MediaFile>,
}

impl EpisodeSources {
    /// An episode of one file.
    pub fn of(main: SourceFile) -> Self {
        Self { main, notes: Vec::new(), timed: Vec::new(), chapters: Vec::new(), media: Vec::new() }
    }
}

/// The transcript among the files of an episode, the notes beside it, and the timed files that are left.
///
/// A written text is the transcript, but for Markdown without turns beside a timed transcript: that is its notes.
/// `None` where a timed file was hoped for, and none is one.
fn chosen(
    sources: EpisodeSources,
    meta: &EpisodeMeta,
    inherited: &Inherited<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<(ReadTranscript, Vec<SourceFile>, Vec<SourceFile>)> {
    let EpisodeSources { main, mut notes, mut timed, .. } = sources;
    let people: Vec<String> = meta.people.iter().map(|credit| credit.name.value.clone()).collect();
    let mut written = None;
    if is_timed_name(main.path.extension()) || is_captions(&main.text) {
        timed.insert(0, main);
    } else if main.is_markdown() && !timed.is_empty() {
        let read = read_transcript(main, &people, true, inherited);
        if read.transcript.turns().next().is_some() {
            return Some((read, notes, timed));
        }
        written = Some(read);
    } else {
        return Some((read_transcript(main, &people, true, inherited), notes, timed));
    }
    let mut others = Vec::new();
    let mut files = timed.into_iter();
    while let Some(file) = files.next() {
        let (read, found) = read_timed(file, meta, inherited);
        diagnostics.append(found);
        match read {
            Ok(read) => {
                others.extend(files);
                notes.splice(0..0, written.map(|written| written.file));
                return Some((read, notes, others));
            }
            Err(file) => others.push(file),
        }
    }
    written.map(|written| (written, notes, others))
}

/// The record of an episode from its files, with what is wrong in them.
///
/// What the main file's front matter leaves open, the notes fill; key points and background likewise. `None` where no
/// file is a transcript: data that lies among the texts.
pub fn episode_record(sources: EpisodeSources, inherited: &Inherited<'_>) -> (Option<Episode>, Diagnostics) {
    let mut diagnostics = Diagnostics::new();
    let mut meta = EpisodeMeta::default();
    let source = sources.main.path.clone();
    let mut sources = sources;
    let mut chapters = std::mem::take(&mut sources.chapters);
    chapters.extend(sources.timed.extract_if(.., |file| is_chapters(file)));
    let media = std::mem::take(&mut sources.media);
    let mut fronts = Vec::new();
    for file in std::iter::once(&sources.main).chain(&sources.notes) {
        if !is_timed_name(file.path.extension()) {
            let (own, _, found) = parse_front_matter(file, inherited.timezone);
            diagnostics.append(found);
            fronts.push((file, (own.audio_length.clone(), own.duration.clone())));
            fill(&mut meta, own);
        }
    }
    report_media(&media, recording(&meta, &media), &fronts, &mut diagnostics);
    let Some((mut main, notes, siblings)) = chosen(sources, &meta, inherited, &mut diagnostics) else {
        return (None, diagnostics);
    };
    let hashed = |file: &SourceFile| (file.path.clone(), file.hash);
    let mut read: Vec<_> = std::iter::once(&main.file).chain(&notes).map(hashed).collect();
    let mut notes: Vec<ReadTranscript> = notes.into_iter().map(|file| read_notes(file, inherited)).collect();
    let language = language(&main, &meta, inherited);
    let duration = meta.duration.as_ref().map(|duration| duration.value);
    if main.written.is_none() {
        report_times(&main.file, &main.transcript, duration, &mut diagnostics);
        take_times(&mut main, &siblings, (&meta, &language), inherited.words, &mut diagnostics);
    }
    if let Some(unplaced) = take_chapters(&mut main, &chapters, &notes, recording(&meta, &media), &mut diagnostics) {
        let file = chapters.remove(unplaced);
        read.push(hashed(&file));
        notes.push(read_chapters(file));
    }
    let beside = siblings.iter().chain(&chapters).map(hashed).collect();
    report(&main, &mut diagnostics);
    let digest = Digest::of(&main, duration);
    let (title, title_from) = title(&meta, &main, &notes, &language);
    let description = meta.description.clone().unwrap_or_else(|| description(&main, &notes));
    let key_points = std::iter::once(&main).chain(&notes).flat_map(key_points).collect();
    let text = &main.file.text;
    let has_chapters = main.transcript.has_chapters();
    let episode = Episode {
        source,
        transcript: Some(main.file.path.clone()),
        read,
        siblings: beside,
        media,
        title,
        title_from,
        language,
        description,
        mends_punctuation: main.style.mend,
        key_points,
        sections: digest.sections(text, &main),
        bars: digest.ribbon(),
        speakers: digest.speakers,
        structure: main.transcript.packed(),
        turn_ids: turn_ids(text, &main.transcript),
        telling_terms: telling_terms(&main),
        timed: digest.timed,
        has_times: has_times(&main.transcript),
        has_background: std::iter::once(&main).chain(&notes).any(|read| read.background(has_chapters).next().is_some()),
        links_to_files: std::iter::once(&main).chain(&notes).any(|read| links_to_files(&read.file)),
        has_listen: !main.transcript.listen.is_empty(),
        n_words: digest.total.words,
        n_han: digest.total.wide,
        meta,
    };
    (Some(episode), diagnostics)
}

/// The language of an episode: declared, of its timed file, of its show, or detected. A recogniser that says `zh` does
/// not say in which script it writes.
fn language(main: &ReadTranscript, meta: &EpisodeMeta, inherited: &Inherited<'_>) -> Language {
    let declared = meta.language.as_ref().or(main.language.as_ref()).or(inherited.language);
    let detected = || detect(&main.file.text[main.body..]);
    match declared {
        Some(language) if meta.language.is_none() && main.language.is_some() => {
            let detected = detected();
            if detected.primary() == language.primary() { detected } else { language.clone() }
        }
        Some(language) => language.clone(),
        None => detected(),
    }
}

/// Whether Markdown has a link that is no address of the web and no place in its own page.
fn links_to_files(file: &SourceFile) -> bool {
    let text = file.text.as_bytes();
    let is_link = |at: usize| {
        let target = match text.get(at + 1) {
            Some(b'(' | b':') => text[at + 2..].trim_ascii_start(),
            _ => return false,
        };
        let target = target.strip_prefix(b"<").unwrap_or(target);
        !(target.starts_with(b"http:") || target.starts_with(b"https:") || target.starts_with(b"#"))
    };
    file.is_markdown() && memchr::memchr_iter(b']', text).any(is_link)
}

fn report(main: &ReadTranscript, diagnostics: &mut Diagnostics) {
    report_doubts(main, diagnostics);
    let has_text = main.transcript.sections.iter().any(|section| !section.items.is_empty());
    let path = &main.file.path;
    if !has_text && main.transcript.key_points.is_empty() {
        diagnostics.push(
            Diagnostic::warning("no-text", "the file has no text")
                .in_file(path)
                .help("write the transcript into it, or delete it"),
        );
    } else if main.transcript.speakers.is_empty() {
        let note = Diagnostic::note("no-speakers", "no speaker labels were found: the text is shown as nobody's");
        let help = match main.written {
            Some(_) => "`<v Name>` in WebVTT, `Name: text` in SRT and `speaker` in JSON name who speaks",
            None => "a name alone on its line, `Name: text` or `**Name:** text` is a label, if it occurs twice",
        };
        diagnostics.push(note.in_file(path).help(help));
    }
}

/// Labels that are not written as labels are; one that has nothing but times is said once.
fn report_doubts(main: &ReadTranscript, diagnostics: &mut Diagnostics) {
    let mut timed = BTreeSet::new();
    for doubt in &main.transcript.doubts {
        let (written, name) = (doubt.written.of(&main.file.text).trim(), doubt.name.of(&main.file.text));
        let (message, label, help) = match doubt.kind {
            DoubtKind::Bold => (
                format!("the label `{written}` is read as `{name}`"),
                "more is bold than a name and its colon",
                format!("write `**{name}:**`, or the whole name where this is a part of it"),
            ),
            DoubtKind::Unmarked => (
                format!("`{name}` is read as a label, though it is not written as the others are"),
                "not bold, in italics, or without a colon",
                format!("write `**{name}:**`"),
            ),
            DoubtKind::Times if !timed.insert(name) => continue,
            DoubtKind::Times => (
                format!("`{name}` is read as a sound, since nothing but times follows it"),
                "no words follow",
                "if it is a person, write what they say, or name them in `guests` or people.toml".to_owned(),
            ),
            DoubtKind::Unread => (
                format!("`{name}` looks like a label and is not bold: it is kept as words of the turn before"),
                "the labels of this file are bold",
                format!("if these are words of {name}, write `**{name}:**`"),
            ),
        };
        let note = Diagnostic::note("doubtful-label", message);
        diagnostics.push(note.at(&main.file, doubt.written, label).help(help));
    }
}

fn fill(meta: &mut EpisodeMeta, own: EpisodeMeta) {
    let first = std::mem::replace(meta, own);
    let own = meta;
    macro_rules! prefer_first {
        ($($field:ident)*) => { $( if first.$field.is_some() { own.$field = first.$field; } )* };
    }
    prefer_first!(title date updated slug description season episode episode_type audio audio_length audio_type duration);
    prefer_first!(image explicit language original guid listen_url);
    macro_rules! prefer_first_list {
        ($($field:ident)*) => { $( if !first.$field.is_empty() { own.$field = first.$field; } )* };
    }
    prefer_first_list!(tags series people speaker_names aliases);
    own.draft |= first.draft;
}
