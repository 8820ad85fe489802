//! Facts of whole, torn and hostile files.

use std::io::Cursor;

use image::{ImageFormat, RgbImage, RgbaImage};
use lofty::config::WriteOptions;
use lofty::file::AudioFile;
use lofty::id3::v2::{ChapterFrame, Frame, FrameId, FrameList, Id3v2Tag, TextInformationFrame};
use lofty::mpeg::MpegFile;
use lofty::tag::Accessor;
use proptest::prelude::*;

use super::*;
use crate::model::media::{Picture, PictureFormat, Recording};

const MP3: &[u8] = include_bytes!("../../content/lost-property/014-a-piano-nobody-owns.mp3");

fn of(name: &str, bytes: &[u8]) -> Facts {
    facts(kind(name).unwrap(), name.rsplit('.').next().unwrap(), Box::new(Cursor::new(bytes.to_vec())))
}

fn recording(name: &str, bytes: &[u8]) -> Recording {
    match of(name, bytes) {
        Facts::Recording(recording) => recording,
        other => panic!("{other:?}"),
    }
}

/// One second of silence.
fn wav() -> Vec<u8> {
    let mut wav = b"RIFF".to_vec();
    wav.extend((36 + 8000_u32).to_le_bytes());
    wav.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    wav.extend(8000_u32.to_le_bytes());
    wav.extend(8000_u32.to_le_bytes());
    wav.extend(b"\x01\0\x08\0data");
    wav.extend(8000_u32.to_le_bytes());
    wav.extend([128; 8000]);
    wav
}

/// An MP3 file with these chapters.
fn with_chapters(title: &str, chapters: &[(u32, &str)]) -> Vec<u8> {
    let mut tag = Id3v2Tag::new();
    tag.set_title(title.into());
    for (idx, (start, title)) in chapters.iter().enumerate() {
        let mut children = FrameList::new();
        let id = FrameId::new("TIT2").unwrap();
        children.insert(Frame::Text(TextInformationFrame::new(id, lofty::TextEncoding::UTF8, (*title).to_owned())));
        tag.insert(Frame::Chapter(ChapterFrame::new(format!("c{idx}"), *start..*start, u32::MAX..u32::MAX, children)));
    }
    let mut file = Cursor::new(MP3.to_vec());
    let mut mpeg = MpegFile::read_from(&mut file, lofty::config::ParseOptions::new()).unwrap();
    mpeg.set_id3v2(tag);
    let mut out = Cursor::new(MP3.to_vec());
    mpeg.save_to(&mut out, WriteOptions::default()).unwrap();
    out.into_inner()
}

fn png(has_alpha: bool) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    if has_alpha {
        RgbaImage::new(3, 2).write_to(&mut out, ImageFormat::Png).unwrap();
    } else {
        RgbImage::new(3, 2).write_to(&mut out, ImageFormat::Png).unwrap();
    }
    out.into_inner()
}

#[test]
fn a_recording_says_how_long_it_lasts() {
    let wav = recording("a.wav", &wav());
    assert_eq!(wav, Recording { duration: Some(crate::model::time::MediaTime(1000)), ..Recording::default() });
    let mp3 = recording("a.mp3", MP3);
    assert!((11_800..12_000).contains(&mp3.duration.unwrap().0), "{mp3:?}");
    // The bytes decide, not the name.
    assert_eq!(recording("a.m4a", MP3), mp3);
}

#[test]
fn chapters_are_in_order_whatever_the_order_and_the_ends_of_the_tag() {
    let bytes = with_chapters(
        " The\u{1b}Title\n",
        &[(5000, "Third"), (0, "First"), (2000, "二"), (2000, "Again"), (3000, " "), (99_000, "Behind the end")],
    );
    let recording = recording("a.mp3", &bytes);
    assert_eq!(recording.title.as_deref(), Some("The Title"));
    let chapters: Vec<_> = recording.chapters.iter().map(|c| (c.start.0, c.title.as_str())).collect();
    assert_eq!(chapters, [(0, "First"), (2000, "二"), (5000, "Third")]);
}

#[test]
fn a_picture_says_its_format_its_size_and_whether_it_is_transparent() {
    for has_alpha in [false, true] {
        let expected = Picture { format: PictureFormat::Png, width: 3, height: 2, has_alpha };
        assert_eq!(of("a.jpg", &png(has_alpha)), Facts::Picture(expected));
    }
    assert_eq!(of("a.avif", b"\0\0\0\x20ftypavif\0\0\0\0avifmif1"), Facts::Closed);
}

#[test]
fn what_is_no_media_has_a_reason() {
    for name in ["a.mp3", "a.mp4", "a.webp"] {
        assert_eq!(of(name, b""), Facts::Broken("it is empty".to_owned()));
        for text in ["<!doctype html><title>404</title>", "version https://git-lfs.github.com/spec/v1\noid sha256:0\n"]
        {
            assert!(matches!(of(name, text.as_bytes()), Facts::Broken(_)), "{name}");
        }
    }
    assert!(matches!(of("a.mp3", &png(true)), Facts::Broken(_)));
    assert!(matches!(of("a.png", MP3), Facts::Broken(_)));
}

#[test]
fn a_torn_file_is_read_or_has_a_reason() {
    let mp3 = with_chapters("Title", &[(0, "One"), (1000, "Two")]);
    let check = |name: &str, bytes: &[u8]| {
        for len in 0..bytes.len().min(6000) {
            of(name, &bytes[..len]);
        }
    };
    check("a.mp3", &mp3);
    check("a.wav", &wav()[..200]);
    check("a.png", &png(true));
}

#[test]
fn a_long_file_without_headers_is_not_read_to_its_end() {
    /// As many zeros as asked for.
    struct Zeros {
        at: u64,
        read: u64,
    }
    const LEN: u64 = 5 << 30;
    impl std::io::Read for Zeros {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let len = buffer.len().min(usize::try_from(LEN.saturating_sub(self.at)).unwrap());
            buffer[..len].fill(0);
            self.at += len as u64;
            self.read += len as u64;
            assert!(self.read < 80 << 20);
            Ok(len)
        }
    }
    impl std::io::Seek for Zeros {
        fn seek(&mut self, to: std::io::SeekFrom) -> std::io::Result<u64> {
            self.at = match to {
                std::io::SeekFrom::Start(at) => at,
                std::io::SeekFrom::End(by) => LEN.saturating_add_signed(by),
                std::io::SeekFrom::Current(by) => self.at.saturating_add_signed(by),
            };
            Ok(self.at)
        }
    }
    for extension in ["mp3", "m4a", "ogg"] {
        let zeros = Box::new(Zeros { at: 0, read: 0 });
        assert!(matches!(facts(MediaKind::Audio, extension, zeros), Facts::Broken(_)));
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_have_a_reason(
        head in prop::sample::select(vec![
            &b""[..], b"ID3\x04\0\0", b"\xff\xfb\x90\x64", b"OggS\0\x02", b"fLaC", b"RIFF\0\0\0\0WAVE", b"\0\0\0\x20ftypM4A ",
            b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"GIF89a", b"RIFF\0\0\0\0WEBPVP8 ",
        ]),
        tail in prop::collection::vec(any::<u8>(), 0..400),
    ) {
        let bytes = [head, &tail].concat();
        of("a.mp3", &bytes);
        of("a.png", &bytes);
    }

    #[test]
    fn a_file_with_changed_bytes_is_read_or_has_a_reason(changes in prop::collection::vec((0..3000_usize, any::<u8>()), 1..9)) {
        let mut bytes = with_chapters("Title", &[(0, "One"), (1000, "Two")]);
        let mut sound = wav();
        for (at, byte) in changes {
            bytes[at] = byte;
            sound[at % 60] = byte;
        }
        of("a.mp3", &bytes);
        of("a.wav", &sound);
    }
}
