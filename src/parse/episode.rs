//! An episode's record from its files: everything that the rest of the site needs to know, without the text.

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::markup;
use crate::markup::typography;
use crate::model::chapter::Chapter;
use crate::model::episode::{Bar, Episode, EpisodeMeta, KeyPoint, SectionOutline, SpeakerOutline, TitleSource};
use crate::model::language::Language;
use crate::model::packed::Packed;
use crate::model::slug;
use crate::model::time::MediaTime;
use crate::model::transcript::{DoubtKind, Item, Paragraph, Section, SectionKind, Title, Transcript, Turn};
use crate::parse::chapters::sections::is_list;
use crate::parse::chapters::{ChapterFile, is_chapters, parse_chapters};
use crate::parse::front_matter::{front_matter_end, parse_front_matter};
use crate::parse::language::detect;
use crate::parse::measure::{Length, length};
use crate::parse::sibling::{take_chapters, take_times};
use crate::parse::timed::group::grouped;
use crate::parse::timed::{is_captions, is_timed_name, parse_timed};
use crate::parse::timeline;
use crate::parse::times::report_times;
use crate::parse::transcript::ids::{section_ids, turn_ids};
use crate::parse::transcript::{Hints, parse_transcript};
use crate::parse::words::Words;
use crate::source::{SourceFile, Span};

/// Bars of a ribbon at most; neighbours are merged past it.
const MAX_BARS: usize = 300;
const QUOTE_CHARS: usize = 90;
const DESCRIPTION_CHARS: usize = 200;
/// Bytes that a finding shows of a line behind its label.
const LINE_HEAD: usize = 40;

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

/// A transcript with the file that it was read from, and how its text is to be shown.
#[derive(Debug)]
pub struct ReadTranscript {
    /// The file. Of a timed transcript its text is the words alone.
    pub file: SourceFile,
    /// The file as it is written, where its text is not: labels of speakers and roles of lines have their places here.
    pub written: Option<SourceFile>,
    /// Where the text begins, past the front matter.
    pub body: usize,
    /// Its structure.
    pub transcript: Transcript,
    /// How its text becomes HTML.
    pub style: TextStyle,
    /// The language that a timed transcript declares.
    pub language: Option<Language>,
}

impl ReadTranscript {
    /// The file as it is written.
    pub fn source(&self) -> &SourceFile {
        self.written.as_ref().unwrap_or(&self.file)
    }

    /// The paragraphs of the background. A list of chapters that are sections by now is none.
    pub fn background(&self, has_chapters: bool) -> impl Iterator<Item = &Paragraph> {
        let (text, chapters) = (&self.file.text, &self.transcript.chapters);
        let is_list = move |paragraph: &&Paragraph| has_chapters && is_list(paragraph.span, text, chapters);
        self.transcript.background.iter().filter(move |paragraph| !is_list(paragraph))
    }

    /// The words of a title, without markup.
    fn plain_title(&self, title: &Title) -> String {
        match title {
            Title::Written(span) => self.style.plain(span.of(&self.file.text)),
            Title::Chapter(title) => title.clone(),
        }
    }
}

/// How the text of a file becomes words on a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextStyle {
    /// Inline Markdown, in `.md` files only.
    pub markdown: bool,
    /// Half-width punctuation beside Han is mended.
    pub mend: bool,
}

impl TextStyle {
    /// The text as HTML of the sanitiser.
    pub fn html(self, text: &str) -> String {
        let mut out = String::with_capacity(text.len() + text.len() / 16);
        self.push_html(text, &mut out);
        out
    }

    /// Appends the text as HTML of the sanitiser; returns the number of links in it.
    pub fn push_html(self, text: &str, out: &mut String) -> usize {
        let text = self.mended(text);
        if self.markdown {
            return markup::inline_html(&text, out);
        }
        markup::escape_plain(&text, out);
        0
    }

    /// The words of the text, without markup; soft line breaks are joined.
    pub fn plain(self, text: &str) -> String {
        let text = self.mended(text);
        if self.markdown { markup::plain_text(&text) } else { markup::joined(&text) }
    }

    fn mended(self, text: &str) -> Cow<'_, str> {
        if self.mend { typography::mend(text) } else { Cow::Borrowed(text) }
    }
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
}

impl EpisodeSources {
    /// An episode of one file.
    pub fn of(main: SourceFile) -> Self {
        Self { main, notes: Vec::new(), timed: Vec::new(), chapters: Vec::new() }
    }
}

/// Reads the transcript of a file, with the names that its own front matter adds.
pub fn read_transcript(file: SourceFile, people: &[String], labels: bool, inherited: &Inherited<'_>) -> ReadTranscript {
    let body = front_matter_end(&file);
    let own: BTreeSet<String>;
    let names = if people.is_empty() {
        inherited.names
    } else {
        own = inherited.names.iter().cloned().chain(people.iter().cloned()).collect();
        &own
    };
    let transcript = parse_transcript(&file, body, &Hints { words: inherited.words, names, labels });
    let mend = inherited.mend_punctuation.unwrap_or_else(|| typography::needs_mending(&file.text[body..]));
    let style = TextStyle { markdown: file.is_markdown(), mend };
    ReadTranscript { body, transcript, style, file, written: None, language: None }
}

/// Reads the transcript of a timed file, with what is odd in it. The file itself where it is none.
///
/// The front matter of the notes beside it says what its speakers are called, and when the recording ends.
pub fn read_timed(
    file: SourceFile,
    meta: &EpisodeMeta,
    inherited: &Inherited<'_>,
) -> (Result<ReadTranscript, SourceFile>, Diagnostics) {
    let (timed, mut diagnostics) = parse_timed(&file);
    let Some(mut timed) = timed else { return (Err(file), diagnostics) };
    if let Some(end) = meta.duration {
        diagnostics.append(timed.cut_at(end, &file));
    }
    let name_of = |label: &str| {
        let is_label = |known: &str| known.eq_ignore_ascii_case(label);
        meta.speaker_names.iter().find(|(known, _)| is_label(known)).map(|(_, name)| name.as_str())
    };
    let transcript = grouped(&timed, inherited.words, name_of);
    let mend = inherited.mend_punctuation.unwrap_or_else(|| typography::needs_mending(&timed.text));
    let style = TextStyle { markdown: false, mend };
    let words = SourceFile { path: file.path.clone(), text: timed.text, hash: file.hash };
    let read =
        ReadTranscript { body: 0, transcript, style, file: words, written: Some(file), language: timed.language };
    (Ok(read), diagnostics)
}

/// Reads notes beside a transcript: no labels are looked for. Chapters that have no place in it are notes too.
pub fn read_notes(file: SourceFile, inherited: &Inherited<'_>) -> ReadTranscript {
    if is_chapters(&file) { read_chapters(file) } else { read_transcript(file, &[], false, inherited) }
}

/// A file of chapters as a background with a line for each.
fn read_chapters(file: SourceFile) -> ReadTranscript {
    let ChapterFile { chapters, lines } = parse_chapters(&file).0;
    let mut transcript = Transcript { lines, ..Transcript::default() };
    let mut text = String::new();
    for chapter in chapters {
        let start = text.len();
        chapter.start.push_clock(&mut text);
        text.extend([" ", &chapter.title]);
        let at = Span::new(start, text.len());
        text.push('\n');
        transcript.background.push(Paragraph { span: at });
        transcript.chapters.push(Chapter { at, ..chapter });
    }
    let style = TextStyle { markdown: false, mend: false };
    let words = SourceFile { path: file.path.clone(), text, hash: file.hash };
    ReadTranscript { body: 0, transcript, style, file: words, written: Some(file), language: None }
}

/// The transcript of a record: as it was read for the record, but for the roles of lines.
pub fn recorded_transcript(file: SourceFile, episode: &Episode) -> Option<ReadTranscript> {
    let transcript = Transcript::unpacked(&episode.structure)?;
    let (body, markdown) = (front_matter_end(&file), file.is_markdown());
    let (body, file, markdown) = match parse_timed(&file).0 {
        Some(timed) => (0, SourceFile { text: timed.text, ..file }, false),
        None => (body, file, markdown),
    };
    let style = TextStyle { markdown, mend: episode.mends_punctuation };
    Some(ReadTranscript { body, transcript, style, file, written: None, language: None })
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
    for file in std::iter::once(&sources.main).chain(&sources.notes) {
        if !is_timed_name(file.path.extension()) {
            let (own, _, found) = parse_front_matter(file, inherited.timezone);
            diagnostics.append(found);
            fill(&mut meta, own);
        }
    }
    let Some((mut main, notes, siblings)) = chosen(sources, &meta, inherited, &mut diagnostics) else {
        return (None, diagnostics);
    };
    let hashed = |file: &SourceFile| (file.path.clone(), file.hash);
    let mut read: Vec<_> = std::iter::once(&main.file).chain(&notes).map(hashed).collect();
    let mut notes: Vec<ReadTranscript> = notes.into_iter().map(|file| read_notes(file, inherited)).collect();
    let language = language(&main, &meta, inherited);
    if main.written.is_none() {
        report_times(&main.file, &main.transcript, meta.duration, &mut diagnostics);
        take_times(&mut main, &siblings, (&meta, &language), &mut diagnostics);
    }
    if let Some(unplaced) = take_chapters(&mut main, &chapters, &notes, &mut diagnostics) {
        let file = chapters.remove(unplaced);
        read.push(hashed(&file));
        notes.push(read_chapters(file));
    }
    let beside = siblings.iter().chain(&chapters).map(hashed).collect();
    report(&main, &mut diagnostics);
    let digest = Digest::of(&main, meta.duration);
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
        media: Vec::new(),
        title,
        title_from,
        language,
        description,
        mends_punctuation: main.style.mend,
        key_points,
        sections: digest.sections(text, &main),
        speakers: digest.speakers,
        structure: main.transcript.packed(),
        turn_ids: turn_ids(text, &main.transcript),
        bars: Packed::pack(&merged(&digest.bars, MAX_BARS).into_owned()),
        timed: digest.timed,
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

/// Title of an episode: declared, a heading, the words of the file's name, else speakers and first section.
fn title(
    meta: &EpisodeMeta,
    main: &ReadTranscript,
    notes: &[ReadTranscript],
    language: &Language,
) -> (String, TitleSource) {
    if let Some(title) = &meta.title {
        return (title.clone(), TitleSource::FrontMatter);
    }
    let heading = std::iter::once(main).chain(notes).find_map(|read| Some((read, read.transcript.title?)));
    if let Some((read, span)) = heading {
        return (read.style.plain(span.of(&read.file.text)), TitleSource::Heading);
    }
    let path = &main.file.path;
    let stem = if path.stem() == "index" { path.parent().rsplit('/').next().unwrap_or_default() } else { path.stem() };
    let stem = slug::without_language(stem).filter(|_| main.written.is_some()).unwrap_or(stem);
    if let Some(title) = slug::title_from_stem(stem) {
        return (title, TitleSource::FileName);
    }
    let (list, colon) = if language.is_unspaced() { ("、", "：") } else { (", ", ": ") };
    let names: Vec<&str> = main.transcript.speakers.iter().take(3).map(|speaker| speaker.label.as_str()).collect();
    let names = names.join(list);
    let section = main.transcript.sections.iter().find_map(|section| section.title.as_ref());
    let section = section.map(|title| main.plain_title(title)).unwrap_or_default();
    let title = match (names.is_empty(), section.is_empty()) {
        (false, false) => format!("{names}{colon}{section}"),
        (false, true) => names,
        (true, false) => section,
        (true, true) => stem.to_owned(),
    };
    (title, TitleSource::SpeakersAndSection)
}

fn description(main: &ReadTranscript, notes: &[ReadTranscript]) -> String {
    let background = std::iter::once(main).chain(notes).find_map(|read| Some((read, *read.background(true).next()?)));
    let first_words = || {
        let items = main.transcript.sections.iter().flat_map(|section| &section.items);
        let paragraph = items.filter_map(|item| match item {
            Item::Turn(turn) => turn.paragraphs.first(),
            Item::Text(paragraph) => Some(paragraph),
            Item::Cue(_) => None,
        });
        let is_list = |paragraph: &&Paragraph| is_list(paragraph.span, &main.file.text, &main.transcript.chapters);
        let mut paragraph = paragraph.filter(|paragraph| !is_list(paragraph));
        paragraph.next().map(|paragraph| (main, *paragraph))
    };
    let found = background.or_else(first_words);
    found
        .map(|(read, paragraph)| first_sentence(&read.style.plain(head(paragraph.span.of(&read.file.text), 1200))))
        .unwrap_or_default()
}

/// The first sentence, cut at a word where it is too long.
fn first_sentence(text: &str) -> String {
    let mut n_chars = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((idx, c)) = chars.next() {
        n_chars += 1;
        let end = idx + c.len_utf8();
        let closes = match c {
            '。' | '！' | '？' => true,
            '.' | '!' | '?' => chars.peek().is_none_or(|(_, next)| next.is_whitespace()) && n_chars > 20,
            _ => false,
        };
        if closes {
            return text[..end].to_owned();
        }
        if n_chars >= DESCRIPTION_CHARS {
            break;
        }
    }
    shortened(text, DESCRIPTION_CHARS)
}

/// At most `max` characters, with an ellipsis where something is left out.
pub fn shortened(text: &str, max: usize) -> String {
    let Some((cut, _)) = text.char_indices().nth(max) else { return text.trim().to_owned() };
    let head = &text[..cut];
    let head = match head.rfind(char::is_whitespace) {
        Some(space) if space * 2 > cut => &head[..space],
        _ => head,
    };
    format!("{}…", head.trim_end_matches(|c: char| c.is_whitespace() || ",;:，；：、".contains(c)))
}

fn head(text: &str, max: usize) -> &str {
    let mut end = max.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

fn key_points(read: &ReadTranscript) -> Vec<KeyPoint> {
    let html = |paragraph: &Paragraph| read.style.html(paragraph.span.of(&read.file.text));
    read.transcript.key_points.iter().map(|paragraph| with_lead(html(paragraph))).collect()
}

/// Splits a bold opening off the rest of a key point.
fn with_lead(html: String) -> KeyPoint {
    let parts = html.strip_prefix("<strong>").and_then(|rest| rest.split_once("</strong>"));
    match parts {
        Some((lead, rest)) if !lead.contains('<') => {
            KeyPoint { lead: Some(lead.to_owned()), text: rest.trim_start().to_owned() }
        }
        _ => KeyPoint { lead: None, text: html },
    }
}

/// Lengths of an episode's speakers, sections and turns, from one walk over its text.
struct Digest {
    total: Length,
    speakers: Vec<SpeakerOutline>,
    /// First turn, length and number of turns of each section.
    sections: Vec<(usize, u32, u32)>,
    bars: Vec<Bar>,
    /// Whether the bars are by time.
    timed: bool,
}

impl Digest {
    fn of(read: &ReadTranscript, duration: Option<MediaTime>) -> Self {
        let transcript = &read.transcript;
        let (total, speakers) = (Length::default(), outlines(read));
        let mut digest = Self { total, speakers, sections: Vec::new(), bars: Vec::new(), timed: false };
        for (section_idx, section) in transcript.sections.iter().enumerate() {
            let (first, mut spoken, mut n_turns) = (digest.bars.len(), 0, 0);
            for item in &section.items {
                match item {
                    Item::Turn(turn) => {
                        spoken += digest.turn(read, turn, section_idx as u32);
                        n_turns += 1;
                    }
                    Item::Text(paragraph) => {
                        let length = length(paragraph.span.of(&read.file.text));
                        spoken += length.chars;
                        digest.total += length;
                    }
                    Item::Cue(_) => {}
                }
            }
            digest.sections.push((first, spoken, n_turns));
        }
        digest.time(transcript, duration);
        for bar in &digest.bars {
            digest.speakers[usize::from(bar.speaker)].on_ribbon += u64::from(bar.length);
        }
        digest
    }

    /// Makes the bars as long as their turns take, where most turns have a time.
    fn time(&mut self, transcript: &Transcript, duration: Option<MediaTime>) {
        if transcript.turns().all(|turn| turn.start.is_none()) {
            return;
        }
        let turns: Vec<_> = transcript.turns().zip(&self.bars).map(|(turn, bar)| (turn.start, bar.length)).collect();
        let Some(lengths) = timeline::lengths(&turns, duration) else { return };
        self.bars.iter_mut().zip(lengths).for_each(|(bar, length)| bar.length = length);
        self.timed = true;
    }

    fn turn(&mut self, read: &ReadTranscript, turn: &Turn, section: u32) -> u32 {
        let text = &read.file.text;
        let mut spoken = Length::default();
        turn.paragraphs.iter().for_each(|paragraph| spoken += length(paragraph.span.of(text)));
        self.total += spoken;
        let outline = &mut self.speakers[turn.speaker as usize];
        outline.n_turns += 1;
        outline.length += spoken.chars;
        let is_first = outline.n_turns == 1;
        let wanted = is_first || (spoken.chars >= 30 && outline.first_words.chars().take(30).count() < 30);
        if let Some(paragraph) = turn.paragraphs.first().filter(|_| wanted) {
            outline.first_words = shortened(&read.style.plain(head(paragraph.span.of(text), 600)), QUOTE_CHARS);
            outline.first_turn = self.bars.len() as u32;
            outline.first_section = section;
        }
        let (speaker, length) = (turn.speaker.min(u32::from(u16::MAX)) as u16, spoken.chars.max(1));
        self.bars.push(Bar { speaker, length, turn: self.bars.len() as u32 });
        spoken.chars
    }

    fn sections(&self, text: &str, read: &ReadTranscript) -> Vec<SectionOutline> {
        let ids = section_ids(text, &read.transcript.sections);
        let outlines = read.transcript.sections.iter().zip(ids).zip(&self.sections);
        let (mut start, mut n_before) = (0, 0);
        let mut start_of = |first: usize| {
            start += self.bars[n_before..first].iter().map(|bar| u64::from(bar.length)).sum::<u64>();
            n_before = first;
            start
        };
        outlines
            .map(|((section, id), &(first, length, n_turns))| SectionOutline {
                id,
                number: section.number,
                title: section.title.as_ref().map(|title| read.plain_title(title)),
                closing: section.kind == SectionKind::Closing,
                start: start_of(first),
                time: section.start.or_else(|| first_time(section)),
                length,
                n_turns,
            })
            .collect()
    }
}

/// The time of the first turn or cue of a section.
fn first_time(section: &Section) -> Option<MediaTime> {
    let mut times = section.items.iter().filter_map(|item| match item {
        Item::Turn(turn) => Some(turn.start),
        Item::Cue(cue) => Some(cue.start),
        Item::Text(_) => None,
    });
    times.next().flatten()
}

fn outlines(read: &ReadTranscript) -> Vec<SpeakerOutline> {
    let mut line = 1;
    let mut at = 0;
    let source = &read.source().text;
    let text = source.as_bytes();
    let outline = |speaker: &crate::model::transcript::Speaker| {
        let start = speaker.span.start as usize;
        if start > at {
            line += memchr::memchr_iter(b'\n', &text[at..start]).count() as u32;
            at = start;
        }
        let from = source[..start].rfind('\n').map_or(0, |idx| idx + 1);
        let to = memchr::memchr(b'\n', &text[start..]).map_or(text.len(), |idx| start + idx);
        let line_head = head(source[from..to].trim_end(), speaker.span.end as usize - from + LINE_HEAD);
        SpeakerOutline {
            label: speaker.label.clone(),
            line,
            line_head: line_head.to_owned(),
            line_at: (start - from) as u32,
            n_turns: 0,
            length: 0,
            on_ribbon: 0,
            first_words: String::new(),
            first_turn: 0,
            first_section: 0,
        }
    };
    read.transcript.speakers.iter().map(outline).collect()
}

/// At most `max` bars: short neighbours become one, which keeps the longest one's speaker.
pub fn merged(bars: &[Bar], max: usize) -> Cow<'_, [Bar]> {
    if bars.len() <= max {
        return Cow::Borrowed(bars);
    }
    let total: u64 = bars.iter().map(|bar| u64::from(bar.length)).sum();
    let step = total.div_ceil(max as u64).max(1);
    let mut out: Vec<Bar> = Vec::with_capacity(max);
    let (mut open, mut done) = (0, 0_u64);
    for (idx, bar) in bars.iter().enumerate() {
        done += u64::from(bar.length);
        if done >= (out.len() as u64 + 1) * step {
            out.push(longest(&bars[open..=idx]));
            open = idx + 1;
        }
    }
    if open < bars.len() {
        out.push(longest(&bars[open..]));
    }
    Cow::Owned(out)
}

/// Neighbours as one bar, which is its longest one's. There is at least one.
fn longest(bars: &[Bar]) -> Bar {
    let mut longest = bars[0];
    let mut length = 0_u32;
    for bar in bars {
        length = length.saturating_add(bar.length);
        if bar.length > longest.length {
            longest = *bar;
        }
    }
    Bar { speaker: longest.speaker, length, turn: bars[0].turn }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_merge_without_losing_length() {
        let bar = |n: u32| Bar { speaker: (n % 3) as u16, length: 1 + n % 90, turn: n };
        let bars: Vec<Bar> = (0..1286).map(bar).collect();
        let total: u32 = bars.iter().map(|bar| bar.length).sum();
        let merged = merged(&bars, 300);
        assert!(merged.len() <= 300 && merged.len() > 200, "{}", merged.len());
        assert_eq!(merged.iter().map(|bar| bar.length).sum::<u32>(), total);
        assert!(merged.is_sorted_by(|one, next| one.turn < next.turn));
    }

    #[test]
    fn sentences_end_where_they_end() {
        assert_eq!(first_sentence("海是蓝的。天也是。"), "海是蓝的。");
        assert_eq!(
            first_sentence("Dr. Li measured 3.5 metres of tide. Then more."),
            "Dr. Li measured 3.5 metres of tide."
        );
        let long = "word ".repeat(100);
        assert!(first_sentence(&long).ends_with("word…"));
    }
}
