//! From bytes to text: encodings, line ends, control characters.

use std::string::FromUtf8Error;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, GB18030, GBK, UTF_16BE, UTF_16LE};

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::hash::ContentHash;
use crate::path::SitePath;
use crate::source::{SourceFile, Span};

/// Reads a file's bytes as text: UTF-8, UTF-16, GB18030, Big5, Shift-JIS or another encoding that can be recognised.
///
/// CR LF, CR, U+0085, U+2028 and U+2029 become LF. Control characters but tab are reported and removed. `None` where the
/// bytes are no text. Clean UTF-8 is checked in one scan and not copied.
pub fn decode(path: &SitePath, bytes: Vec<u8>) -> (Option<SourceFile>, Diagnostics) {
    let hash = ContentHash::of(&bytes);
    match text_of(bytes) {
        Ok((text, encoding)) => {
            let (file, mut diagnostics) = cleaned(path, text, hash);
            if let Some(encoding) = encoding {
                diagnostics.push(encoding_note(path, encoding));
            }
            (Some(file), diagnostics)
        }
        Err(fault) => (None, Diagnostics::from_iter([not_text(path, fault)])),
    }
}

/// Reads the bytes of a file of settings, which must be UTF-8 (a byte order mark is allowed).
pub fn decode_settings(path: &SitePath, bytes: Vec<u8>) -> (Option<SourceFile>, Diagnostics) {
    let hash = ContentHash::of(&bytes);
    match String::from_utf8(bytes) {
        Ok(text) => {
            let (file, diagnostics) = cleaned(path, text, hash);
            (Some(file), diagnostics)
        }
        Err(error) => (None, Diagnostics::from_iter([not_text(path, NotText::of(&error))])),
    }
}

/// The first byte that is no text.
struct NotText {
    offset: usize,
    /// The text before it and the line that it is on; empty where all of the file is something else.
    text: String,
}

impl NotText {
    fn of(error: &FromUtf8Error) -> Self {
        let (bytes, offset) = (error.as_bytes(), error.utf8_error().valid_up_to());
        let end = memchr::memchr(b'\n', &bytes[offset..]).map_or(bytes.len(), |idx| offset + idx);
        Self { offset, text: String::from_utf8_lossy(&bytes[..end]).into_owned() }
    }

    fn binary(offset: usize) -> Self {
        Self { offset, text: String::new() }
    }
}

/// The text and, where it was not UTF-8, its encoding; or the first byte that is no text.
fn text_of(bytes: Vec<u8>) -> Result<(String, Option<&'static Encoding>), NotText> {
    if u32::try_from(bytes.len()).is_err() {
        return Err(NotText::binary(u32::MAX as usize));
    }
    if let Some(encoding) = utf_16(&bytes) {
        let (text, had_errors) = encoding.decode_with_bom_removal(&bytes);
        return if had_errors { Err(NotText::binary(0)) } else { Ok((text.into_owned(), Some(encoding))) };
    }
    if let Some(offset) = binary_nul(&bytes) {
        return Err(NotText::binary(offset));
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok((text, None)),
        Err(error) => {
            let converted = legacy(error.as_bytes()).map(|(text, encoding)| (text, Some(encoding)));
            converted.ok_or_else(|| NotText::of(&error))
        }
    }
}

/// UTF-16 by its mark, or by NULs that are at every other byte only.
fn utf_16(bytes: &[u8]) -> Option<&'static Encoding> {
    match bytes {
        [0xFF, 0xFE, ..] => return Some(UTF_16LE),
        [0xFE, 0xFF, ..] => return Some(UTF_16BE),
        _ => {}
    }
    let first = memchr::memchr(0, bytes)?;
    let sample = &bytes[..bytes.len().min(65_536) & !1];
    let n_nuls = |odd: usize| sample.iter().skip(odd).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd) = (n_nuls(0), n_nuls(1));
    let n_nuls = even + odd;
    let enough = n_nuls > 2 && (n_nuls * 4 >= sample.len() || std::str::from_utf8(bytes).is_err());
    if !enough || !bytes.len().is_multiple_of(2) {
        return None;
    }
    let encoding = if first % 2 == 1 { UTF_16LE } else { UTF_16BE };
    let pure = if first % 2 == 1 { even * 20 <= odd } else { odd * 20 <= even };
    (pure && !encoding.decode_without_bom_handling(sample).1).then_some(encoding)
}

/// The first NUL of a file that has too many to be a text with a fault.
fn binary_nul(bytes: &[u8]) -> Option<usize> {
    let first = memchr::memchr(0, bytes)?;
    let n_nuls = memchr::memchr_iter(0, bytes).count();
    (n_nuls > 4 && n_nuls * 200 > bytes.len()).then_some(first)
}

/// Text in one of the encodings before Unicode. `None` for binary data, and for UTF-8 with a damaged byte:
/// to read that as another encoding would garble all of it.
fn legacy(bytes: &[u8]) -> Option<(String, &'static Encoding)> {
    let (mut n_wide, mut n_bad) = (0, 0);
    for chunk in bytes.utf8_chunks() {
        n_wide += chunk.valid().bytes().filter(|byte| *byte >= 0xC0).count();
        n_bad += usize::from(!chunk.invalid().is_empty());
    }
    if n_bad * 10 < n_wide {
        return None;
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    let guess = detector.guess(None, Utf8Detection::Allow);
    let encoding = if guess == GBK { GB18030 } else { guess };
    let (text, had_errors) = encoding.decode_without_bom_handling(bytes);
    let n_controls = text.chars().filter(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')).count();
    let is_text = !had_errors && n_controls * 200 <= text.len() && !text.contains('\u{FFFD}');
    is_text.then(|| (text.into_owned(), encoding))
}

fn cleaned(path: &SitePath, mut text: String, hash: ContentHash) -> (SourceFile, Diagnostics) {
    if text.starts_with('\u{FEFF}') {
        text.drain(..'\u{FEFF}'.len_utf8());
    }
    let mut removed = Vec::new();
    if needs_cleaning(text.as_bytes()) {
        (text, removed) = without_controls(&text);
    }
    let file = SourceFile { path: path.clone(), text, hash };
    let diagnostics = removed_controls(&file, &removed).into_iter().collect();
    (file, diagnostics)
}

/// Whether any character has to be replaced or removed. Written so that the compiler can use vector instructions; most
/// blocks are plain ASCII, which is told faster.
fn needs_cleaning(bytes: &[u8]) -> bool {
    const BLOCK: usize = 1024;
    let is_clean = |(at, block): (usize, &[u8])| {
        block.iter().fold(true, |clean, byte| clean & is_plain(*byte)) || !has_unclean(bytes, at * BLOCK, block.len())
    };
    !bytes.chunks(BLOCK).enumerate().all(is_clean)
}

fn is_plain(byte: u8) -> bool {
    ((byte >= 0x20) & (byte < 0x7F)) | (byte == b'\n') | (byte == b'\t')
}

/// Whether a character to clean begins in `bytes[at..at + len]`.
fn has_unclean(bytes: &[u8], at: usize, len: usize) -> bool {
    let n_full = len.min(bytes.len().saturating_sub(at + 2));
    let from = |start: usize| bytes.get(start..).unwrap_or_default();
    let triples = bytes[at..at + n_full].iter().zip(from(at + 1)).zip(from(at + 2));
    triples.fold(false, |found, ((a, b), c)| found | is_unclean(*a, *b, *c))
        || (at + n_full..at + len).any(|idx| is_unclean(bytes[idx], bytes.get(idx + 1).copied().unwrap_or(0xA0), 0))
}

/// Whether a character to clean begins with these bytes: C0 and C1 controls, U+2028, U+2029, U+FEFF, U+FFFE, U+FFFF.
fn is_unclean(a: u8, b: u8, c: u8) -> bool {
    ((a < 0x20) & (a != b'\t') & (a != b'\n'))
        | (a == 0x7F)
        | ((a == 0xC2) & (b < 0xA0))
        | ((a == 0xE2) & (b == 0x80) & (c | 1 == 0xA9))
        | ((a == 0xEF) & (b == 0xBB) & (c == 0xBF))
        | ((a == 0xEF) & (b == 0xBF) & (c >= 0xBE))
}

/// The text with LF line ends and without control characters, and what was removed, by its place in the new text.
fn without_controls(text: &str) -> (String, Vec<(usize, char)>) {
    let mut out = String::with_capacity(text.len());
    let mut removed = Vec::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\t' | '\n' => out.push(c),
            '\r' => {
                chars.next_if_eq(&'\n');
                out.push('\n');
            }
            '\u{85}' | '\u{2028}' | '\u{2029}' => out.push('\n'),
            '\u{FEFF}' | '\u{FFFE}' | '\u{FFFF}' => removed.push((out.len(), c)),
            _ if c.is_control() => removed.push((out.len(), c)),
            _ => out.push(c),
        }
    }
    (out, removed)
}

fn removed_controls(file: &SourceFile, removed: &[(usize, char)]) -> Option<Diagnostic> {
    const SHOWN: usize = 5;
    let &(first, _) = removed.first()?;
    let places: Vec<String> = removed
        .iter()
        .take(SHOWN)
        .map(|&(offset, c)| format!("U+{:04X} on line {}", u32::from(c), file.line_column(offset as u32).0))
        .collect();
    let more = if removed.len() > SHOWN { ", …" } else { "" };
    let message = match removed.len() {
        1 => "a control character was left out".to_owned(),
        n => format!("{n} control characters were left out"),
    };
    let span = Span::new(first, first);
    let warning = Diagnostic::warning("control-character", message).at(file, span, "it stood here");
    Some(warning.help(format!("{}{more}", places.join(", "))).help("delete them from the file"))
}

fn encoding_note(path: &SitePath, encoding: &'static Encoding) -> Diagnostic {
    let name = if encoding == GB18030 { "GB18030" } else { encoding.name() };
    Diagnostic::note("encoding", format!("the file was read as {name}"))
        .in_file(path)
        .help("save it as UTF-8 if any text looks wrong")
}

fn not_text(path: &SitePath, NotText { offset, text }: NotText) -> Diagnostic {
    let message = format!("the file cannot be read as text: byte {offset} fits no known encoding");
    let error = Diagnostic::error("not-text", message).help("save it as UTF-8, or move it out of the site's content");
    if text.is_empty() {
        return error.in_file(path);
    }
    let file = SourceFile { path: path.clone(), text, hash: ContentHash::of(b"") };
    error.at(&file, Span::new(offset, offset + '\u{FFFD}'.len_utf8()), "not UTF-8")
}

#[cfg(test)]
mod tests {
    use encoding_rs::{BIG5, SHIFT_JIS};

    use super::*;

    fn decoded(bytes: &[u8]) -> (Option<String>, Vec<&'static str>) {
        let (file, diagnostics) = decode(&SitePath::new("a.txt").unwrap(), bytes.to_vec());
        (file.map(|file| file.text), diagnostics.iter().map(|d| d.code).collect())
    }

    #[test]
    fn clean_text_keeps_its_buffer() {
        let bytes = "一 two\tthree\n“…”".repeat(3000).into_bytes();
        let address = bytes.as_ptr();
        let (file, diagnostics) = decode(&SitePath::new("a.txt").unwrap(), bytes);
        assert_eq!(file.unwrap().text.as_ptr(), address);
        assert!(diagnostics.is_empty());
    }

    #[test]
    fn line_ends_become_line_feeds() {
        assert_eq!(decoded(b"a\r\nb\rc\n\r\r\n").0.unwrap(), "a\nb\nc\n\n\n");
        assert_eq!(decoded("a\u{2028}b\u{85}c\u{2029}".as_bytes()).0.unwrap(), "a\nb\nc\n");
        assert_eq!(decoded(b"\r").0.unwrap(), "\n");
        assert_eq!(decoded(b"").0.unwrap(), "");
        assert_eq!(decoded("\u{FEFF}".as_bytes()).0.unwrap(), "");
    }

    #[test]
    fn control_characters_are_named_by_line() {
        let (file, diagnostics) = decode(&SitePath::new("a.txt").unwrap(), b"one\ntw\0o\x1b[0m\x7f\n".to_vec());
        assert_eq!(file.unwrap().text, "one\ntwo[0m\n");
        let diagnostic = diagnostics.iter().next().unwrap();
        assert_eq!(diagnostic.code, "control-character");
        assert_eq!(diagnostic.help[0], "U+0000 on line 2, U+001B on line 2, U+007F on line 2");
        assert_eq!(decoded("a\u{FEFF}b\u{FFFF}c\u{9B}".as_bytes()), (Some("abc".into()), vec!["control-character"]));
        for tail in ["\u{9f}", "\u{FFFF}", "\x01", "\u{2029}", "\u{FEFF}"] {
            assert!(!decoded(format!("abcdef{tail}").as_bytes()).0.unwrap().ends_with(tail), "{tail:?}");
        }
    }

    #[test]
    fn encodings_are_recognised_and_named() {
        let text = "达里奥：我们来谈谈人工智能，以及它对社会的影响。\n今天的节目就到这里，谢谢大家收听。\n";
        for encoding in [GB18030, BIG5] {
            let text = if encoding == BIG5 {
                "歡迎收聽本期節目，今天我們來談談人工智慧。\n"
            } else {
                text
            };
            let (bytes, _, _) = encoding.encode(text);
            assert_eq!(decoded(&bytes), (Some(text.to_owned()), vec!["encoding"]), "{}", encoding.name());
        }
        let japanese = "こんにちは、今日のゲストは山田さんです。\n";
        assert_eq!(decoded(&SHIFT_JIS.encode(japanese).0), (Some(japanese.to_owned()), vec!["encoding"]));
    }

    #[test]
    fn utf_16_needs_no_mark() {
        let utf_16 = |text: &str, little: bool| -> Vec<u8> {
            text.encode_utf16().flat_map(|unit| if little { unit.to_le_bytes() } else { unit.to_be_bytes() }).collect()
        };
        for little in [true, false] {
            for mark in ["\u{FEFF}", ""] {
                let bytes = utf_16(&format!("{mark}Hello there, 你好\r\nbye"), little);
                assert_eq!(decoded(&bytes), (Some("Hello there, 你好\nbye".into()), vec!["encoding"]));
            }
        }
    }

    #[test]
    fn binary_data_is_refused() {
        let png: Vec<u8> =
            [&b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x02\0"[..], &[0x91, 0, 7, 0xFF, 0].repeat(40)].concat();
        assert_eq!(decoded(&png), (None, vec!["not-text"]));
        let damaged = [&"中文的文字，一句又一句。".repeat(20).into_bytes()[..], b"\xFF\xFE", "好".as_bytes()].concat();
        let (file, diagnostics) = decode(&SitePath::new("a.txt").unwrap(), damaged);
        assert!(file.is_none());
        assert!(diagnostics.iter().next().unwrap().message.contains("byte 720"));
        let (file, _) = decode_settings(&SitePath::new("a.toml").unwrap(), b"a = '\xE9'".to_vec());
        assert!(file.is_none());
    }
}
