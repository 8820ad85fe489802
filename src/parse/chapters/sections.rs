//! Sections from chapters: each begins where the first thing is heard that is not before it.

use crate::model::chapter::Chapter;
use crate::model::time::MediaTime;
use crate::model::transcript::{Item, Paragraph, Section, SectionKind, Title, Transcript};
use crate::source::Span;

/// What became of chapters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placed {
    /// They are sections, all but so many that begin behind the last thing that has a time.
    Sections(usize),
    /// The transcript has sections of its own.
    HasSections,
    /// Nothing in the transcript has a time.
    HasNoTimes,
}

/// Makes chapters the sections of a transcript that has times and no titled sections. What stands before the first
/// chapter stays in a section without a title. A list of chapters in the text, `text`, is left out: the sections say it.
pub fn give_sections(transcript: &mut Transcript, text: &str, chapters: &[Chapter]) -> Placed {
    if transcript.sections.iter().any(|section| section.title.is_some()) {
        return Placed::HasSections;
    }
    let items = || transcript.sections.iter().flat_map(|section| &section.items);
    if items().all(|item| item.start(&transcript.marks).is_none()) {
        return Placed::HasNoTimes;
    }
    let listed = std::mem::take(&mut transcript.chapters);
    let is_list = |span: Span| is_list(span, text, &listed);
    transcript.background.retain(|paragraph| !is_list(paragraph.span));
    let mut sections = vec![section(None, None)];
    let mut chapters = chapters.iter().peekable();
    for item in std::mem::take(&mut transcript.sections).into_iter().flat_map(|section| section.items) {
        let is_speech = !matches!(item, Item::Text(_));
        let time = item.start(&transcript.marks);
        // Nothing is before the start of a recording, so that what is heard first needs no time to be behind it.
        let begins = |chapter: &&Chapter| match time {
            Some(time) => time >= chapter.start,
            None => is_speech && chapter.start == MediaTime(0),
        };
        while let Some(chapter) = chapters.next_if(begins) {
            sections.push(section(Some(Title::Chapter(chapter.title.clone())), Some(chapter.start)));
        }
        let is_list = matches!(item, Item::Text(Paragraph { span }) if is_list(span));
        if let Some(open) = sections.last_mut().filter(|_| !is_list) {
            open.items.push(item);
        }
    }
    sections.retain(|section| section.title.is_some() || !section.items.is_empty());
    transcript.sections = sections;
    transcript.chapters = listed;
    Placed::Sections(chapters.count())
}

/// Whether a paragraph is a list of chapters and nothing else.
pub fn is_list(span: Span, text: &str, chapters: &[Chapter]) -> bool {
    let index = |byte: u32| chapters.partition_point(|chapter| chapter.at.start < byte);
    let n_within = index(span.end) - index(span.start);
    n_within > 0 && n_within == span.of(text).lines().count()
}

fn section(title: Option<Title>, start: Option<MediaTime>) -> Section {
    Section { kind: SectionKind::Plain, number: None, title, start, items: Vec::new() }
}
