//! SubRip (podcast-namespace, `docs/examples/transcripts/transcripts.md`).

use std::borrow::Cow;

use crate::export::speaker_names;
use crate::export::transcript::Episode;
use crate::export::transcript::captions::Caption;
use crate::export::transcript::vtt::push_timing;
use crate::export::transcript::wrap::{Measure, wrapped};

const MEASURE: Measure = Measure { wide: 32, narrow: 32 };

/// The captions of an episode, with the name of a speaker where another one begins to speak.
pub fn srt(episode: &Episode<'_>, captions: &[Caption]) -> String {
    let names = speaker_names(episode.archive, episode.entry);
    let mut out = String::with_capacity(episode.read.file.text.len() * 2);
    let mut speaks = None;
    for (idx, caption) in captions.iter().enumerate() {
        out.extend([if idx > 0 { "\n" } else { "" }, itoa::Buffer::new().format(idx + 1), "\n"]);
        push_timing(&mut out, caption.start, caption.end, ',');
        for voice in &caption.voices {
            let name = voice.speaker.filter(|speaker| speaks != Some(*speaker)).and_then(|speaker| names.get(speaker));
            speaks = voice.speaker;
            for (idx, words) in voice.paragraphs.iter().enumerate() {
                let name = name.filter(|name| idx == 0 && !name.is_empty());
                let line = name.map_or(Cow::Borrowed(words), |name| Cow::Owned(format!("{name}: {words}")));
                for line in wrapped(&line, MEASURE) {
                    out.extend([&*plain(line), "\n"]);
                }
            }
        }
    }
    out
}

/// A line in which nothing is markup. The format has no escapes: `<` is `‹` where it would begin a tag, `-->` is `→`, and
/// `{\` is `{ \`.
fn plain(line: &str) -> Cow<'_, str> {
    if memchr::memchr3(b'<', b'>', b'{', line.as_bytes()).is_none() {
        return Cow::Borrowed(line);
    }
    let mut out = String::with_capacity(line.len() + 8);
    let line = line.replace("-->", "→").replace("{\\", "{ \\");
    for (at, c) in line.char_indices() {
        let is_tag = c == '<' && line[at + 1..].starts_with(|next: char| next.is_ascii_alphabetic() || next == '/');
        out.push(if is_tag { '‹' } else { c });
    }
    Cow::Owned(out)
}
