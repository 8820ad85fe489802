//! Facts of audio and video, from their headers and tags.

use std::collections::BTreeMap;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use lofty::config::{ParseOptions, ParsingMode};
use lofty::file::{AudioFile, FileType, TaggedFileExt};
use lofty::id3::v2::{Frame, Id3v2Tag};
use lofty::mpeg::MpegFile;
use lofty::probe::Probe;
use lofty::tag::Accessor;

use super::EMPTY;
use crate::model::chapter::Chapter;
use crate::model::media::{Facts, Recording};
use crate::model::time::MediaTime;
use crate::source::{ReadSeek, Span};

/// No more of a file is read, in bytes: headers and tags are far shorter, and a file without any is not searched to
/// its end.
const MAX_READ: u64 = 64 << 20;
const MAX_TITLE: usize = 500;

pub(super) fn facts(extension: &str, mut file: Box<dyn ReadSeek>) -> Facts {
    match file.seek(SeekFrom::End(0)).and_then(|len| file.rewind().map(|()| len)) {
        Ok(0) => return Facts::Broken(EMPTY.to_owned()),
        Err(error) => return Facts::Broken(error.to_string()),
        Ok(_) => {}
    }
    let reader = BufReader::new(Limited { file, left: MAX_READ });
    // The reader of tags is not ours. It is known to return errors; a panic of it must not end a build.
    match catch_unwind(AssertUnwindSafe(|| read(extension, reader))) {
        Ok(Ok(recording)) => Facts::Recording(recording),
        Ok(Err(reason)) => Facts::Broken(reason),
        Err(_) => Facts::Broken("its headers cannot be understood".to_owned()),
    }
}

fn read(extension: &str, reader: BufReader<Limited>) -> Result<Recording, String> {
    let options = ParseOptions::new().parsing_mode(ParsingMode::Relaxed);
    let probe = Probe::new(reader).options(options).guess_file_type().map_err(|error| error.to_string())?;
    let Some(file_type) = probe.file_type() else {
        // No reader for it, which does not make it a broken one.
        return if extension.eq_ignore_ascii_case("webm") {
            Ok(Recording::default())
        } else {
            Err("no audio was found in it".to_owned())
        };
    };
    let failed = |error: &dyn std::fmt::Display| format!("it is broken ({error})");
    if file_type == FileType::Mpeg {
        let mut reader = probe.into_inner();
        let mpeg = MpegFile::read_from(&mut reader, options).map_err(|error| failed(&error))?;
        let mut recording = Recording {
            duration: duration(mpeg.properties().duration())?,
            ..mpeg.id3v2().map(of_tag).unwrap_or_default()
        };
        // Whatever lies behind the end is not heard.
        recording.chapters.retain(|chapter| recording.duration.is_none_or(|end| chapter.start < end));
        return Ok(recording);
    }
    let file = probe.read().map_err(|error| failed(&error))?;
    let tag = file.primary_tag().or_else(|| file.first_tag());
    Ok(Recording {
        duration: duration(file.properties().duration())?,
        title: tag.and_then(|tag| plain(&tag.title()?)),
        has_picture: file.tags().iter().any(|tag| !tag.pictures().is_empty()),
        chapters: Vec::new(),
    })
}

fn duration(duration: Duration) -> Result<Option<MediaTime>, String> {
    match u64::try_from(duration.as_millis()) {
        Ok(0) | Err(_) => Err("nothing is heard in it".to_owned()),
        Ok(length) => Ok(Some(MediaTime(length))),
    }
}

/// What an ID3v2 tag says. Chapters are listed in any order, and often end where they start: only starts are used.
fn of_tag(tag: &Id3v2Tag) -> Recording {
    let mut chapters = BTreeMap::new();
    for frame in tag {
        if let Frame::Chapter(chapter) = frame
            && let Some(title) = chapter.title().and_then(plain)
        {
            chapters.entry(chapter.times.start).or_insert(title);
        }
    }
    let chapter = |(start, title)| Chapter { start: MediaTime(u64::from(start)), title, at: Span::default() };
    Recording {
        duration: None,
        title: tag.title().and_then(|title| plain(&title)),
        has_picture: tag.into_iter().any(|frame| matches!(frame, Frame::Picture(_))),
        chapters: chapters.into_iter().map(chapter).collect(),
    }
}

/// A title in one line, without control characters.
fn plain(title: &str) -> Option<String> {
    let words: String = title.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MAX_TITLE).collect();
    let title = words.split_whitespace().collect::<Vec<_>>().join(" ");
    (!title.is_empty()).then_some(title)
}

/// A file of which only so much is read.
struct Limited {
    file: Box<dyn ReadSeek>,
    left: u64,
}

impl Read for Limited {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        self.left = self.left.checked_sub(read as u64).ok_or_else(|| io::Error::other("no end of its headers"))?;
        Ok(read)
    }
}

impl Seek for Limited {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}
